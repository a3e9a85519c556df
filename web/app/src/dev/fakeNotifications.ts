import type { NotificationsApi, NotificationWish, PushInfo } from '../../../sdk/src/api'
import { ApiError, type ApiErrorCode } from '../../../sdk/src/api-error'
import type { StreamEvents } from '../../../sdk/src/social-events'
import type * as Types from '../../../sdk/src/social-types'
import { Emitter } from '../../../sdk/src/emitter'
import { demo, lineAt } from './demo'
import { chatId } from './fakeChats'
import { letterId } from './fakeLetters'
import { PEOPLE } from './fakeSocialPeople'

const MINUTE = 60_000
const KINDS = [
  'friend_request',
  'post_liked',
  'comment',
  'follow',
  'reply',
  'friend_accepted',
  'comment_liked',
  'mention',
  'letter',
  'missed_call',
  'message',
  'group_invitation',
] as const
/** How many people did it; the first ones are by one, so that each kind of text is seen. */
const PEOPLE_OF = [1, 6, 1, 2, 1, 1, 3, 1, 1, 1, 2, 14]
const ABOUT_A_POST: ReadonlySet<Types.NotificationKind> = new Set(['post_liked', 'comment', 'reply', 'comment_liked', 'mention']) // prettier-ignore
const ABOUT_A_CONVERSATION: ReadonlySet<Types.NotificationKind> = new Set(['message', 'group_invitation', 'missed_call']) // prettier-ignore
const ABOUT_A_COMMENT: ReadonlySet<Types.NotificationKind> = new Set(['comment', 'reply', 'comment_liked'])

function author(index: number): Types.Author {
  const { id, username, first_name, last_name, picture } = PEOPLE[index % PEOPLE.length]!
  return { id, username, first_name, last_name, picture: picture?.small_url ?? null }
}

function notification(index: number): Types.Notification {
  const kind = KINDS[index % KINDS.length]!
  const people = kind === 'friend_request' || kind === 'letter' ? 1 : PEOPLE_OF[index % PEOPLE_OF.length]!
  const actors = Array.from({ length: Math.min(people, 3) }, (_, actor) => author(index * 3 + actor))
  const post = ABOUT_A_POST.has(kind) ? `01a0b0c0-0000-7000-8000-${String(index).padStart(12, '0')}` : null
  return {
    id: `n${index}`,
    kind,
    at: Date.now() - MINUTE - index ** 2 * 17 * MINUTE,
    is_read: index >= demo.unread,
    actors,
    others: people - actors.length,
    post,
    comment: ABOUT_A_COMMENT.has(kind) ? `c${index}` : null,
    letter: kind === 'letter' ? letterId(index) : null,
    conversation: ABOUT_A_CONVERSATION.has(kind) ? chatId(0) : null,
    excerpt: post || kind === 'letter' ? lineAt(index) : null,
  }
}

let items = Array.from({ length: demo.nobody ? 0 : 45 }, (_, index) => notification(index))
let muted: Types.NotificationKind[] = ['follow']
let seq = 1

const emitter = new Emitter<StreamEvents>()
const unread = (): number => items.filter(({ is_read }) => !is_read).length

/** The demo's event stream. With `busy` somebody does something every few seconds. */
export function fakeEvents() {
  const close = (): void => clearInterval(timer)
  setTimeout(() => {
    emitter.emit('opened')
    tell({ type: 'hello', seq, unread: unread() })
  }, 50)
  const timer = setInterval(() => {
    if (!demo.busy) return
    const fresh = { ...notification(seq), id: `live ${seq}`, at: Date.now(), is_read: false }
    items = [fresh, ...items]
    tell({ type: 'feed_changed' })
    tell({ type: 'notification', seq: ++seq, unread: unread(), notification: fresh })
  }, 5000)
  return {
    on: emitter.on.bind(emitter),
    typing: () => undefined,
    delivered: () => undefined,
    watch: () => ({ set: () => undefined, close: () => undefined }),
    networkChanged: () => undefined,
    get state() {
      return { seq, unread: unread() }
    },
    close,
  }
}

/** Tells all that listen, as the server would. */
export const tell = (message: Types.SocialEvent): void => emitter.emit('message', message)

const changed = (): void => emitter.emit('message', { type: 'notifications_changed', seq: ++seq, unread: unread() })

export class FakeNotifications implements Pick<NotificationsApi, keyof NotificationsApi> {
  async list({ after, limit = 20, unread }: NotificationWish = {}): Promise<Types.Page<Types.Notification>> {
    await answer()
    const all = items.filter(({ is_read }) => !unread || !is_read)
    const start = after ? all.findIndex(({ id }) => id === after) + 1 : 0
    const page = all.slice(start, start + limit)
    return { items: page, next: start + limit < all.length ? page.at(-1)!.id : null }
  }

  async unread(): Promise<number> {
    await answer()
    return unread()
  }

  async read(id: string): Promise<void> {
    await answer()
    items = items.map((item) => (item.id === id ? { ...item, is_read: true } : item))
    changed()
  }

  async readAll(): Promise<void> {
    await answer()
    items = items.map((item) => ({ ...item, is_read: true }))
    changed()
  }

  async remove(id: string): Promise<void> {
    await answer()
    items = items.filter((item) => item.id !== id)
    changed()
  }

  async removeAll(): Promise<void> {
    await answer()
    items = []
    changed()
  }

  async settings(): Promise<Types.NotificationSettings> {
    await answer()
    return { muted }
  }

  async changeSettings(settings: Types.NotificationSettings): Promise<Types.NotificationSettings> {
    await answer()
    if (demo.readonly) throw new ApiError('connection_failed')
    muted = settings.muted
    return settings
  }

  async push(): Promise<PushInfo> {
    await answer()
    return { public_key: '', subscribed: 0 }
  }

  async subscribe(_endpoint: string): Promise<void> {
    await answer()
  }

  async unsubscribe(_endpoint: string): Promise<void> {
    await answer()
  }
}

/** Takes its time, and fails if the address says so. */
async function answer(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, demo.slow ? 3000 : 120))
  if (demo.refuse) throw new ApiError(demo.refuse as ApiErrorCode)
}
