import type { Feed, Post } from '@confab/sdk/api'
import { social } from '../api/social'
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

/** Where one was in a list when the page was reloaded. */
export interface Place {
  /** Which visit that was, as the entry of the browser's history has it. */
  visit: unknown
  /** How many posts were loaded. */
  count: number
  /** The first post in sight, and how far below the window's edge it began, in pixels. */
  post: string
  top: number
}

const PLACE = 'confab.place'

export function enterFeed(feed: Feed, owner: string): { state: FeedState; scroll: number; place: Place | null } {
  const noted = notedPlace()
  let place: Place | null = null
  const { list: state, scroll } = visits[feed].enter(currentEntry, owner, () => {
    place = noted
    return new FeedState(feed, Math.min(Math.max(noted?.count ?? 0, PAGE_SIZE), MAX_PAGE_SIZE))
  })
  return { state, scroll, place }
}

export const feedScrolled = (feed: Feed): void => visits[feed].scrolled(scrollY)

/** Before the page goes: notes what stands at the top of the window. */
export function notePlace(count: number): void {
  const first = [...document.querySelectorAll<HTMLElement>('[data-post]')].find(
    (element) => element.getBoundingClientRect().bottom > 0,
  )
  const place = first && { visit: currentEntry.read(), count, post: first.dataset.post, top: first.getBoundingClientRect().top } // prettier-ignore
  try {
    if (place && scrollY > 0) sessionStorage.setItem(PLACE, JSON.stringify(place))
    else sessionStorage.removeItem(PLACE)
  } catch {
    // Full or forbidden: one begins at the top.
  }
}

/** Goes back to it, if the post is still there. */
export function returnTo({ post, top }: Place): void {
  const element = document.querySelector(`[data-post="${CSS.escape(post)}"]`)
  if (element) scrollBy(0, element.getBoundingClientRect().top - top)
}

/** What was noted of the visit that one is on. */
function notedPlace(): Place | null {
  try {
    const place = JSON.parse(sessionStorage.getItem(PLACE) ?? 'null') as Place | null
    return place && place.visit === currentEntry.read() ? place : null
  } catch {
    return null
  }
}
