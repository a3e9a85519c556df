import type { Comment, Liked, Me } from '@confab/sdk/api'
import { SvelteMap, SvelteSet } from 'svelte/reactivity'
import { errorCode } from '../api/client'
import { social } from '../api/social'
import { t } from '../i18n/i18n.svelte'
import { ListState } from '../people/listState.svelte'
import { dismiss, toast } from '../ui/notices.svelte'
import { Likes } from './likes'
import { posts, tellFailure } from './posts.svelte'
import { UndoQueue } from './undo'

export const MAX_COMMENT = 2000
const PAGE_SIZE = 20
/** The most that the server gives at once. */
const MAX_PAGE_SIZE = 100

/** The comments on a post, or the replies to a comment: those that were loaded, and behind them those that came later. */
export class CommentList {
  readonly list: ListState<Comment>
  readonly #late = new SvelteMap<string, Comment>()

  constructor(load: (after: string | null) => Promise<{ items: Comment[]; next: string | null }>) {
    this.list = new ListState(load)
  }

  get late(): Comment[] {
    const listed = new Set(this.list.items.map(({ id }) => id))
    return [...this.#late.values()].filter(({ id }) => !listed.has(id))
  }

  add(comment: Comment): void {
    this.#late.set(comment.id, comment)
  }

  drop(id: string): void {
    this.#late.delete(id)
  }
}

/** Under one comment, or under the post itself where there is no parent. */
type Place = string | null

interface Writing {
  client_id: string
  text: string
  place: Place
  me: Me
}

const removals = new UndoQueue()
addEventListener('pagehide', () => removals.leave())

/** The comments on one post, and what one does to them: shown at once, and taken back where it fails. */
export class Comments {
  readonly #post: string
  readonly top: CommentList
  readonly #replies = new Map<string, CommentList>()
  /** As they are by now. */
  readonly #known = new SvelteMap<string, Comment>()
  readonly #hidden = new SvelteSet<string>()
  readonly #sending = new SvelteSet<string>()
  /** What is being written in each place. */
  readonly #drafts = new SvelteMap<Place, string>()
  readonly #last = new Map<Place, Writing>()
  readonly #likes: Likes
  #refreshing = false
  #refreshAgain = false

  constructor(post: string) {
    this.#post = post
    this.top = new CommentList(async (after) =>
      this.#learn(await social.posts.comments(post, { after, limit: PAGE_SIZE })),
    )
    this.#likes = new Likes({
      send: (id, liked) => social.posts.setCommentLiked(id, liked),
      show: (id, liked) => this.#change(id, liked),
      failed: (error, retry) => tellFailure(t().post.notLiked, error, retry),
    })
  }

  now = (comment: Comment): Comment => this.#known.get(comment.id) ?? comment
  isHidden = (comment: Comment): boolean => this.#hidden.has(comment.id)
  isSending = (comment: Comment): boolean => this.#sending.has(comment.id)
  draft = (place: Place): string => this.#drafts.get(place) ?? ''
  setDraft = (place: Place, text: string): void => void this.#drafts.set(place, text)
  likedOf = ({ liked, likes }: Comment): Liked => ({ liked, likes })
  toggleLike = (comment: Comment): void => this.#likes.toggle(comment.id, this.likedOf(this.now(comment)))

  /** The replies to a comment, once somebody wants to see them. */
  replies(id: string): CommentList {
    const known = this.#replies.get(id)
    if (known) return known
    const list = new CommentList(async (after) =>
      this.#learn(await social.posts.replies(id, { after, limit: PAGE_SIZE })),
    )
    this.#replies.set(id, list)
    return list
  }

  /** Loads one comment that may be far down, and the one to which it replies. */
  async find(id: string): Promise<Comment> {
    const comment = await social.posts.comment(id)
    const parent = comment.parent ? await social.posts.comment(comment.parent) : null
    this.#learn({ items: parent ? [comment, parent] : [comment] })
    if (parent) this.replies(parent.id).add(comment)
    return parent ?? comment
  }

  /** Sends what was written in a place. */
  write(place: Place, me: Me): void {
    const text = this.draft(place).trim()
    if (!text) return
    const last = this.#last.get(place)
    // What may have arrived although no answer came is not written twice.
    const client_id = last?.text === text ? last.client_id : crypto.randomUUID()
    const writing = { client_id, text, place, me }
    this.#last.set(place, writing)
    this.#drafts.delete(place)
    void this.#send(writing)
  }

  async edit(comment: Comment, text: string): Promise<void> {
    this.#learn({ items: [await social.posts.changeComment(comment.id, text)] })
  }

  /** Hides it now, and deletes it when it is too late to take that back. */
  remove(comment: Comment): void {
    this.#hidden.add(comment.id)
    const action = { label: t().post.undo, run: () => void removals.undo(comment.id) }
    const notice = toast(t().comments.deleted, { stays: true, action })
    removals.add(comment.id, {
      commit: () => {
        dismiss(notice)
        void this.#removeNow(comment)
      },
      restore: () => this.#hidden.delete(comment.id),
    })
  }

  /** Asks again for what is shown, after something has changed. Told to while it asks, it asks once more. */
  async refresh(): Promise<void> {
    // What is on its way here would come as a second one, under its own id.
    if (this.#refreshing || this.#sending.size > 0) {
      this.#refreshAgain = true
      return
    }
    this.#refreshing = true
    do {
      this.#refreshAgain = false
      // What is shown stays true until the server says otherwise; the next change asks again.
      await this.#reload().catch(() => undefined)
    } while (this.#refreshAgain)
    this.#refreshing = false
  }

  async #reload(): Promise<void> {
    const post = this.#post
    await again(this.top, async (limit) => this.#learn(await social.posts.comments(post, { limit })))
    for (const [id, list] of this.#replies) {
      await again(list, async (limit) => this.#learn(await social.posts.replies(id, { limit })))
    }
  }

  async #send(writing: Writing): Promise<void> {
    const { client_id, text, place, me } = writing
    const list = place === null ? this.top : this.replies(place)
    list.add(asComment(writing, this.#post))
    this.#sending.add(client_id)
    this.#count(place, 1)
    try {
      const draft = { client_id, text, ...(place !== null && { parent: place }) }
      const comment = await social.posts.writeComment(this.#post, draft)
      this.#learn({ items: [comment] })
      list.drop(client_id)
      list.add(comment)
      if (this.#last.get(place) === writing) this.#last.delete(place)
    } catch (error) {
      list.drop(client_id)
      this.#count(place, -1)
      if (!this.draft(place)) this.setDraft(place, text)
      tellFailure(t().comments.notSent, error, () => {
        if (this.draft(place) === text) this.#drafts.delete(place)
        void this.#send({ client_id, text, place, me })
      })
    } finally {
      this.#sending.delete(client_id)
      if (this.#refreshAgain && !this.#refreshing) void this.refresh()
    }
  }

  async #removeNow(comment: Comment): Promise<void> {
    this.#hidden.add(comment.id)
    try {
      await social.posts.removeComment(comment.id)
      if (this.now(comment).replies > 0) {
        // Its replies stay, and with them its place.
        this.#change(comment.id, { author: null, text: '', is_mine: false })
        this.#hidden.delete(comment.id)
      }
      await this.refresh()
    } catch (error) {
      if (errorCode(error) === 'not_found') return
      this.#hidden.delete(comment.id)
      tellFailure(t().post.notDeleted, error, () => void this.#removeNow(comment))
    }
  }

  #learn<P extends { items: Comment[] }>(page: P): P {
    for (const comment of page.items) {
      const before = this.#known.get(comment.id)
      const keep = before && this.#likes.isPending(comment.id) ? this.likedOf(before) : {}
      this.#known.set(comment.id, { ...comment, ...keep })
    }
    return page
  }

  #change(id: string, change: Partial<Comment>): void {
    const comment = this.#known.get(id)
    if (comment) this.#known.set(id, { ...comment, ...change })
  }

  /** One more, or one fewer, below the post and in its thread. */
  #count(place: Place, by: number): void {
    posts.countComment(this.#post, by)
    const parent = place !== null && this.#known.get(place)
    if (parent) this.#change(parent.id, { replies: parent.replies + by })
  }
}

/** Loads a list again as far as it is shown: what is gone goes, what is new comes where the end is shown. */
async function again(
  { list }: CommentList,
  load: (limit: number) => Promise<{ items: Comment[]; next: string | null }>,
): Promise<void> {
  const shown = list.items.length
  const isWhole = list.phase === 'complete'
  if (!isWhole && list.phase !== 'ready') return
  const page = await load(Math.min(shown + (isWhole ? PAGE_SIZE : 0), MAX_PAGE_SIZE) || PAGE_SIZE)
  // Further down than a page reaches, what is shown stays as it is.
  if (page.items.length >= shown || page.next === null) list.list.restart(page)
}

/** As it will look, under an id of its own until the server has given it one. */
const asComment = ({ client_id, text, place, me }: Writing, post: string): Comment => ({
  id: client_id,
  post,
  parent: place,
  author: { ...me, picture: me.picture?.small_url ?? null },
  text,
  created_at: Date.now(),
  edited_at: null,
  likes: 0,
  replies: 0,
  liked: false,
  is_mine: true,
})
