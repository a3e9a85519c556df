import type { Notification } from '@confab/sdk/api'
import { session } from '../account/session.svelte'
import { errorCode } from '../api/client'
import { social } from '../api/social'
import '../messages/counter.svelte'
import { formatNumber, locale, t } from '../i18n/i18n.svelte'
import { refusalText } from '../people/refusals'
import { navigate, router } from '../router.svelte'
import { UndoQueue } from '../posts/undo'
import { announce, dismiss, toast } from '../ui/notices.svelte'
import { Announcer } from './announcer'
import { TabBadge } from './badge'
import type { FeedListing } from './feed'
import { type Filter, Inbox, type InboxState } from './inbox'
import { lineOf } from './texts'

const ANNOUNCE_PAUSE_MS = 10_000

let inbox = makeInbox()
let state = $state.raw<InboxState>(inbox.state)

const announcer = new Announcer<Notification>({ pauseMs: ANNOUNCE_PAUSE_MS, say: announceNews })

const removals = new UndoQueue()

function makeInbox(): Inbox {
  const fresh: Inbox = new Inbox({
    api: social.notifications,
    codeOf: errorCode,
    // An inbox of somebody who is signed out may still hear an answer.
    changed: (next) => {
      if (inbox === fresh) state = next
    },
    arrived: (notification) => {
      if (!isInFront(notification)) announcer.hear(notification)
    },
  })
  return fresh
}

/** Whoever clicks a notification of the system goes on in this tab, see `push.js`. */
function hearWorker(): void {
  const worker = navigator.serviceWorker as ServiceWorkerContainer | undefined
  worker?.addEventListener('message', ({ data }: MessageEvent<{ open?: unknown }>) => {
    if (typeof data?.open === 'string') navigate(data.open)
  })
  worker?.startMessages()
}

/** Whoever looks at a conversation hears what is written there from its page. */
function isInFront({ conversation }: Notification): boolean {
  const { route } = router
  return conversation !== null && route.page === 'messages' && route.id === conversation
}

function announceNews(news: readonly Notification[]): void {
  // Nobody is interrupted in a meeting.
  if (router.route.page === 'room') return
  const [first] = news
  const texts = t().notifications
  if (first) announce(news.length === 1 ? lineOf(first, texts, locale()) : texts.several(formatNumber(news.length)))
}

/** For as long as the page is open: each stream that begins is of somebody else, and so is their inbox. */
$effect.root(() => {
  const badge = new TabBadge()
  addEventListener('pagehide', () => removals.leave())
  hearWorker()
  $effect(() => {
    const { events } = session
    inbox = makeInbox()
    state = inbox.state
    if (!events) return
    const current = inbox
    const leave = new AbortController()
    // This code may have come after the first message.
    if (events.state) current.hear({ type: 'hello', ...events.state })
    events.on('message', (message) => current.hear(message), leave)
    events.on('gap', () => current.refresh(), leave)
    return () => leave.abort()
  })
  // What is written to one is among the notifications.
  $effect(() => badge.show(state.unread))
})

/** A list of the inbox, as components want it. */
class InboxList {
  readonly #filter: Filter

  constructor(filter: Filter) {
    this.#filter = filter
  }

  get items(): readonly Notification[] {
    return state.lists[this.#filter].items
  }
  get phase(): FeedListing['phase'] {
    return state.lists[this.#filter].phase
  }
  get failure(): string | null {
    return state.lists[this.#filter].failure
  }
  more = (): void => inbox.more(this.#filter)
}

/** The notifications of whoever is signed in. Reactive where it is read in a component. */
export const notifications = {
  get unread(): number {
    return state.unread
  },
  lists: { all: new InboxList('all'), unread: new InboxList('unread') },

  /** Opened, or seen to. */
  read: (id: string): Promise<void> => attempt(() => inbox.read(id)),
  readAll: (): Promise<void> => attempt(() => inbox.readAll(), t().notifications.allRead),
  removeAll: (): Promise<void> => attempt(() => inbox.removeAll(), t().notifications.allRemoved),

  /** Hides it now, and deletes it when it is too late to take that back. */
  remove(id: string): void {
    const current = inbox
    current.hide(id)
    const action = { label: t().notifications.undo, run: () => void removals.undo(id) }
    const notice = toast(t().notifications.removed, { stays: true, action })
    removals.add(id, {
      commit: () => {
        dismiss(notice)
        void attempt(() => current.remove(id))
      },
      restore: () => current.restore(id),
    })
  },
}

/** Does it, or says why not and offers to do it again. */
async function attempt(action: () => Promise<void>, done?: string): Promise<void> {
  try {
    await action()
    if (done) toast(done)
  } catch (error) {
    const code = errorCode(error)
    // What another tab has removed meanwhile is not there any more.
    if (code === 'not_found' || code === 'not_signed_in') return
    toast(t().notifications.notDone(refusalText(code)), {
      action: { label: t().app.retry, run: () => void attempt(action, done) },
    })
  }
}
