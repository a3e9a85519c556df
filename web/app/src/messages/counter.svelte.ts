import { ChatSignals, type EventStream, type SocialEvent } from '@confab/sdk/api'
import { session } from '../account/session.svelte'
import { social } from '../api/social'
import { chatCount } from './count.svelte'

const CHANGES_COUNT: readonly SocialEvent['type'][] = [
  'message', 'conversation_changed', 'messages_cleared', 'messages_gap', 'connections_changed',
] // prettier-ignore
/** However much is written, the server is not asked more often. */
const COUNT_EVERY_MS = 250

/** What this tab tells the server of conversations. */
export const signals = new ChatSignals(() => session.events)

/** Counts for as long as a stream is there, and says what has reached this tab, whatever page is open. */
class Counter {
  readonly #me: string
  #isCounting = false
  #isStale = false
  #closed = false

  constructor(me: string) {
    this.#me = me
  }

  hear(event: SocialEvent): void {
    if (event.type === 'message' && event.message && event.message.author?.id !== this.#me) {
      signals.delivered(event.conversation, event.message.seq)
    }
    if (CHANGES_COUNT.includes(event.type)) void this.count()
  }

  /** What was written while nobody was here arrives now. */
  async opened(): Promise<void> {
    await this.count()
    if (chatCount.all === 0) return
    const pages = [social.conversations.list({ limit: 30 }), social.conversations.requests({ limit: 30 })]
    for (const page of await Promise.all(pages).catch(() => [])) {
      for (const { id, unread, last } of page.items) if (unread > 0 && last) signals.delivered(id, last.seq)
    }
  }

  async count(): Promise<void> {
    this.#isStale = true
    if (this.#isCounting) return
    this.#isCounting = true
    while (this.#isStale && !this.#closed) {
      this.#isStale = false
      const count = await social.conversations.unread().catch(() => null)
      if (count && !this.#closed) chatCount.set(count)
      await new Promise((resolve) => setTimeout(resolve, COUNT_EVERY_MS))
    }
    this.#isCounting = false
  }

  close(): void {
    this.#closed = true
    signals.close()
    chatCount.set({ unread: 0, requests: 0 })
  }
}

function listen(events: EventStream, me: string): () => void {
  const counter = new Counter(me)
  const leave = new AbortController()
  events.on('message', (event) => counter.hear(event), leave)
  events.on('opened', () => void counter.opened(), leave)
  // This code may have come after the socket had opened.
  void counter.opened()
  return () => {
    leave.abort()
    counter.close()
  }
}

/** For as long as the page is open: each stream that begins is of somebody else. */
$effect.root(() => {
  const me = $derived(session.me?.id)
  $effect(() => (session.events && me ? listen(session.events, me) : undefined))
})
