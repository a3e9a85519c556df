import type { Liked, Post, PostCounts } from '@confab/sdk/api'
import { untrack } from 'svelte'
import { SvelteMap, SvelteSet } from 'svelte/reactivity'
import { session } from '../account/session.svelte'
import { errorCode, isAbort } from '../api/client'
import { social } from '../api/social'
import { t } from '../i18n/i18n.svelte'
import { refusalText } from '../people/refusals'
import { dismiss, toast } from '../ui/notices.svelte'
import { Likes } from './likes'
import { UndoQueue } from './undo'

/** Posts as they are by now, by their ids: a list that was loaded before shows them so, too. */
const known = new SvelteMap<string, Post>()
/** Deleted, or about to be. */
const hidden = new SvelteSet<string>()
/** Long texts that one has opened: Back finds them open, so that all stands where it stood. */
const opened = new SvelteSet<string>()
/** Those that the server does not know yet. */
const sending = new SvelteSet<string>()
/** Through whose eyes. */
let viewer: string | undefined

const likes = new Likes({
  send: (id, liked) => social.posts.setLiked(id, liked),
  show: (id, { liked, likes }) => change(id, (post) => ({ ...post, liked, counts: { ...post.counts, likes } })),
  failed: (error, retry) => tellFailure(t().post.notLiked, error, retry),
})

const removals = new UndoQueue()
addEventListener('pagehide', () => removals.leave())

/** All posts that the app knows of, and what one does to them: shown at once, and taken back where it fails. */
export const posts = {
  /** What the server has just told. */
  learn<P extends { items: Post[] }>(page: P): P {
    const id = untrack(() => session.me?.id)
    if (id !== viewer) forget()
    viewer = id
    for (const post of page.items) learn(post)
    return page
  },
  learnOne: (post: Post): Post => posts.learn({ items: [post] }).items[0]!,

  /** A post as it is by now. Reactive where it is read in a component, as are the others. */
  now: (post: Post): Post => known.get(post.id) ?? post,
  isHidden: (post: { id: string }): boolean => hidden.has(post.id),
  isSending: (post: { id: string }): boolean => sending.has(post.id),
  isOpened: (id: string): boolean => opened.has(id),
  open: (id: string, open: boolean): void => void (open ? opened.add(id) : opened.delete(id)),
  setSending: (id: string, is: boolean): void => void (is ? sending.add(id) : sending.delete(id)),

  toggleLike: (post: Post): void => likes.toggle(post.id, likedOf(posts.now(post))),

  /** Whether nothing but the number of likes can have changed. */
  isOnlyLiked(id: string, { likes, comments }: PostCounts): boolean {
    const before = known.get(id)?.counts
    return before !== undefined && before.comments === comments && before.likes !== likes
  },

  /** The server tells of it to whoever watches. What one has just clicked oneself is answered separately. */
  counted(id: string, counts: PostCounts): void {
    change(id, (post) => ({
      ...post,
      counts: likes.isPending(id) ? { ...counts, likes: post.counts.likes } : counts,
    }))
  },
  /** One has written a comment oneself, or it was taken back. */
  countComment(id: string, by: number): void {
    change(id, (post) => ({ ...post, counts: { ...post.counts, comments: post.counts.comments + by } }))
  },
  gone: (id: string): void => void hidden.add(id),

  /** Hides it now, and deletes it when it is too late to take that back. */
  remove(id: string): void {
    hidden.add(id)
    const action = { label: t().post.undo, run: () => void removals.undo(id) }
    const notice = toast(t().post.deleted, { stays: true, action })
    removals.add(id, {
      commit: () => {
        dismiss(notice)
        void removeNow(id)
      },
      restore: () => hidden.delete(id),
    })
  },
}

/** Says that something was taken back, and offers to do it once more. */
export function tellFailure(text: (why: string) => string, error: unknown, retry: () => void): void {
  if (isAbort(error)) return
  const why = refusalText(errorCode(error), error instanceof Error ? error.message : '')
  toast(text(why), { action: { label: t().app.retry, run: retry } })
}

const likedOf = ({ liked, counts }: Post): Liked => ({ liked, likes: counts.likes })

function learn(post: Post): void {
  const before = known.get(post.id)
  // A list that was asked for before a click may be told after it.
  if (!before || !likes.isPending(post.id)) known.set(post.id, post)
  else known.set(post.id, { ...post, liked: before.liked, counts: { ...post.counts, likes: before.counts.likes } })
}

function change(id: string, to: (post: Post) => Post): void {
  const post = untrack(() => known.get(id))
  if (post) known.set(id, to(post))
}

async function removeNow(id: string): Promise<void> {
  hidden.add(id)
  try {
    await social.posts.remove(id)
  } catch (error) {
    if (errorCode(error) === 'not_found') return
    hidden.delete(id)
    tellFailure(t().post.notDeleted, error, () => void removeNow(id))
  }
}

function forget(): void {
  for (const one of [known, hidden, opened, sending]) one.clear()
}
