import { MediaError } from './errors.js'
import type { ChatLine as WireLine, ClientMessage } from './protocol.js'

/** A line of the meeting's chat. Each change makes a new object, so that user interfaces can compare by identity. */
export interface ChatLine {
  /** Opaque, and the same from `sending` to `sent`: a key for lists. */
  readonly id: string
  /** The writer's participant id. */
  readonly from: string
  readonly name: string
  /** As written: not HTML. */
  readonly text: string
  /** Milliseconds since 1970. */
  readonly at: number
  readonly isOwn: boolean
  readonly state: 'sending' | 'sent' | 'failed'
}

/** What the chat needs of the room. */
export interface ChatHooks {
  send(message: ClientMessage): boolean
  me(): { id: string; name: string }
  changed(line: ChatLine): void
}

const LONGEST = 2000
/** What the server refuses: control characters, but for tabs and line breaks. They come along with pasted text. */
const CONTROL = /(?![\t\n\r])\p{Cc}/gu
const ECHO_WITHIN_MS = 10_000

interface Entry {
  line: ChatLine
  /** The server's number of the line, once it has one. */
  number: number | null
  clientId: number | null
  timer?: ReturnType<typeof setTimeout>
}

/** The meeting's chat. One's own lines are there at once and are confirmed by the server's echo. */
export class Chat {
  readonly #hooks: ChatHooks
  /** One's ids so far: a rejoin gives a new one. */
  readonly #mine = new Set<string>()
  #entries: Entry[] = []
  #lines: readonly ChatLine[] | null = null
  #clientId = 0
  /** Counts the server's histories: one that restarted numbers its lines from 1 again. */
  #epoch = 0

  /** @internal */
  constructor(hooks: ChatHooks) {
    this.#hooks = hooks
  }

  /** Oldest first; those that are still being sent come last. A new array whenever something changed. */
  get lines(): readonly ChatLine[] {
    return (this.#lines ??= this.#entries.map((entry) => entry.line))
  }

  /** 1 to 2000 characters; blanks around them are cut off, and a blank line is not sent. */
  send(text: string): void {
    const trimmed = text.replace(CONTROL, '').trim()
    if (trimmed === '') return
    if ([...trimmed].length > LONGEST) throw new MediaError('invalid_value', `a line has at most ${LONGEST} characters`)
    const clientId = ++this.#clientId
    const { id: from, name } = this.#hooks.me()
    const line: ChatLine = {
      id: `own-${clientId}`,
      from,
      name,
      text: trimmed,
      at: Date.now(),
      isOwn: true,
      state: 'sending',
    }
    const entry: Entry = { line, number: null, clientId }
    this.#entries.push(entry)
    this.#transmit(entry)
  }

  /** Sends a failed line again. */
  retry(id: string): void {
    const entry = this.#entries.find((each) => each.line.id === id)
    if (entry?.line.state === 'failed') this.#transmit(entry)
  }

  /** @internal A line from the server, one's own too. */
  receive(wire: WireLine, clientId: number | null): void {
    const own = clientId === null ? undefined : this.#entries.find((each) => each.clientId === clientId && !each.number)
    if (own) this.#confirm(own, wire)
    else if (!this.#entries.some((each) => each.number === wire.id)) this.#append(wire)
  }

  /** @internal The connection is gone: nobody knows whether what was under way arrived. */
  connectionLost(): void {
    for (const entry of this.#pending()) this.#setState(entry, 'failed')
  }

  /** @internal A welcome's history: merges it, and sends again what did not arrive. */
  welcome(you: string, history: readonly WireLine[]): void {
    this.#mine.add(you)
    if (this.#isNewHistory(history)) this.#startEpoch()
    for (const wire of history) {
      if (this.#entries.some((each) => each.number === wire.id)) continue
      const arrived = this.#mine.has(wire.from) && this.#pending().find((each) => each.line.text === wire.text)
      if (arrived) this.#confirm(arrived, wire)
      else this.#append(wire)
    }
    for (const entry of this.#pending()) this.#transmit(entry)
  }

  /** @internal */
  close(): void {
    this.connectionLost()
  }

  /** Lines without a confirmation, failed ones among them. */
  #pending(): Entry[] {
    return this.#entries.filter((each) => each.line.state !== 'sent')
  }

  #transmit(entry: Entry): void {
    const { text } = entry.line
    this.#setState(entry, 'sending')
    if (!this.#hooks.send({ type: 'chat', text, client_id: entry.clientId ?? 0 })) {
      this.#setState(entry, 'failed')
      return
    }
    entry.timer = setTimeout(() => this.#setState(entry, 'failed'), ECHO_WITHIN_MS)
  }

  #confirm(entry: Entry, wire: WireLine): void {
    entry.number = wire.id
    // To the end of what is confirmed: everybody sees the same order.
    this.#entries = this.#entries.filter((each) => each !== entry)
    this.#insert(entry)
    this.#set(entry, { from: wire.from, name: wire.name, text: wire.text, at: wire.at, state: 'sent' })
  }

  #append(wire: WireLine): void {
    const isOwn = this.#mine.has(wire.from)
    const { from, name, text, at } = wire
    const line: ChatLine = { id: `${this.#epoch}-${wire.id}`, from, name, text, at, isOwn, state: 'sent' }
    const entry: Entry = { line, number: wire.id, clientId: null }
    this.#insert(entry)
    this.#set(entry, {})
  }

  #insert(entry: Entry): void {
    const firstPending = this.#entries.findIndex((each) => each.line.state !== 'sent')
    this.#entries.splice(firstPending < 0 ? this.#entries.length : firstPending, 0, entry)
  }

  #setState(entry: Entry, state: ChatLine['state']): void {
    if (entry.line.state !== state || state === 'sending') this.#set(entry, { state })
  }

  #set(entry: Entry, change: Partial<ChatLine>): void {
    clearTimeout(entry.timer)
    entry.line = { ...entry.line, ...change }
    this.#lines = null
    this.#hooks.changed(entry.line)
  }

  /** A server that restarted has forgotten what was said; the people in the room have not. */
  #isNewHistory(history: readonly WireLine[]): boolean {
    const last = this.#entries.findLast((each) => each.number !== null)
    if (!last) return false
    const same = history.find((wire) => wire.id === last.number)
    return same?.at !== last.line.at || same.text !== last.line.text
  }

  #startEpoch(): void {
    this.#epoch++
    for (const entry of this.#entries) if (entry.number !== null) entry.number = -1
  }
}
