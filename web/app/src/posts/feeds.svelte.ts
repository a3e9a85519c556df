import type { Feed, Post } from '@confab/sdk/api'
import { social } from '../api/client'
import { ListState } from '../people/listState.svelte'
import { currentEntry, Visits } from '../people/visits'
import { Newer } from './newer'
import { posts } from './posts.svelte'

/** About four screens; images are loaded only as they come near. */
const PAGE_SIZE = 20
/** The most that the server gives at once. */
const MAX_PAGE_SIZE = 100

/** A feed as long as it is read: what is loaded, and how much is new above it. */
export class FeedState {
  readonly list: ListState<Post>
  readonly newer: Newer<Post>
  fresh = $state(0)

  /** `size`: of the first page. */
  constructor(feed: Feed, size: number) {
    const load = async (after: string | null) =>
      posts.learn(await social.posts.feed(feed, { after, limit: after === null ? size : PAGE_SIZE }))
    this.list = new ListState(async (after) => {
      const page = await load(after)
      if (after === null) this.newer.loaded(page.items)
      return page
    })
    this.newer = new Newer({
      list: this.list.list,
      count: (since) => social.posts.countNew(feed, since),
      first: () => load(null),
      changed: (count) => (this.fresh = count),
    })
  }
}

/** Outlive the page, so that Back leads to where one was. Their visits are told apart by their numbers. */
const visits = { home: new Visits<FeedState>(Date.now()), discover: new Visits<FeedState>(-Date.now()) }

/** Where one was in a list when the page was reloaded: kept in the entry of the browser's history. */
export interface Place {
  /** How many posts were loaded. */
  count: number
  /** The first post in sight, and how far below the window's edge it began, in pixels. */
  post: string
  top: number
}

export function enterFeed(feed: Feed, owner: string): { state: FeedState; scroll: number; place: Place | null } {
  let place: Place | null = null
  const { list: state, scroll } = visits[feed].enter(currentEntry, owner, () => {
    place = placeOf(history.state)
    return new FeedState(feed, Math.min(Math.max(place?.count ?? 0, PAGE_SIZE), MAX_PAGE_SIZE))
  })
  return { state, scroll, place }
}

export const feedScrolled = (feed: Feed): void => visits[feed].scrolled(scrollY)

/** Before the page goes: notes what stands at the top of the window. */
export function notePlace(count: number): void {
  const first = [...document.querySelectorAll<HTMLElement>('[data-post]')].find(
    (element) => element.getBoundingClientRect().bottom > 0,
  )
  const place = first && { count, post: first.dataset.post, top: first.getBoundingClientRect().top }
  history.replaceState({ ...(history.state as object | null), place: scrollY > 0 ? place : undefined }, '')
}

/** Goes back to it, if the post is still there. */
export function returnTo({ post, top }: Place): void {
  const element = document.querySelector(`[data-post="${CSS.escape(post)}"]`)
  if (element) scrollBy(0, element.getBoundingClientRect().top - top)
}

function placeOf(state: unknown): Place | null {
  const place = (state as { place?: Partial<Place> } | null)?.place
  return typeof place?.count === 'number' && typeof place.post === 'string' && typeof place.top === 'number'
    ? (place as Place)
    : null
}
