import type { EventStream } from './social-events.js'

/** Others show for 5 s that one types. */
const TYPING_EVERY_MS = 3000
const DELIVERED_EVERY_MS = 250
/** A server that is told too much at once hangs up. */
const DELIVERED_AT_ONCE = 5

/** Tells the server who types and what has arrived: no more often than somebody wants to know. */
export class ChatSignals {
  readonly #stream: () => Pick<EventStream, 'typing' | 'delivered'> | null
  /** When it was last said that one types, by conversation. */
  readonly #typed: Map<string, number> = new Map()
  /** What has arrived and was not said yet. */
  readonly #arrived: Map<string, number> = new Map()
  #timer: ReturnType<typeof setTimeout> | undefined

  /** `stream`: the one that is open now. */
  constructor(stream: () => Pick<EventStream, 'typing' | 'delivered'> | null) {
    this.#stream = stream
  }

  /** To be called with each key. */
  typing(conversation: string): void {
    const last = this.#typed.get(conversation)
    const now = Date.now()
    if (last !== undefined && now - last < TYPING_EVERY_MS) return
    this.#typed.set(conversation, now)
    this.#stream()?.typing(conversation)
  }

  /** The message was sent: the next key is said at once. */
  sent(conversation: string): void {
    this.#typed.delete(conversation)
  }

  /** A message is there; what is before it is, too. */
  delivered(conversation: string, seq: number): void {
    this.#arrived.set(conversation, Math.max(seq, this.#arrived.get(conversation) ?? 0))
    this.#timer ??= setTimeout(() => this.#tell(), DELIVERED_EVERY_MS)
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#arrived.clear()
    this.#typed.clear()
  }

  #tell(): void {
    const stream = this.#stream()
    for (const [conversation, seq] of [...this.#arrived].slice(0, DELIVERED_AT_ONCE)) {
      this.#arrived.delete(conversation)
      stream?.delivered(conversation, seq)
    }
    this.#timer = this.#arrived.size > 0 ? setTimeout(() => this.#tell(), DELIVERED_EVERY_MS) : undefined
  }
}
