import { ApiError } from './api-error.js'
import type { ConversationsApi } from './conversations-api.js'
import type { Attachment, Message, SocialEvent } from './social-types.js'
import { Nap } from './wait.js'

/** A message that was written here and is not known to have arrived. */
export interface Outgoing {
  client_id: string
  text: string
  /** Uploads that are complete. */
  attachments: readonly Attachment[]
  reply_to: string | null
  /** When it was written, in milliseconds since 1970. */
  at: number
  state: 'sending' | 'failed'
  /** Why it failed: an `ApiErrorCode`. */
  failure: string | null
}

/** What an event tells of one change. */
export type MessageEvent = Extract<SocialEvent, { type: 'message' }>

export interface MessageLogOptions {
  api: Pick<ConversationsApi, 'messages' | 'changes' | 'send'>
  /** The conversation's id. */
  conversation: string
  /** The account's id of whoever reads and writes. */
  me: string
  /** Called whenever something else is to be shown. */
  changed: () => void
  /** What was not sent yet when the page was left. */
  outgoing?: readonly Outgoing[]
  now?: () => number
  random?: () => number
  newId?: () => string
}

/** How far the history is there. `gone`: one is not in the conversation any more. */
export type LogPhase = 'loading' | 'ready' | 'failed' | 'gone'

const PAGE_SIZE = 50
/** As many as the server gives. */
const MAX_PAGE_SIZE = 100
const BACK_OFF_MS = [500, 1000, 2000, 5000, 10_000, 30_000] as const
/** After these it may have arrived, or may be sent later: nothing that was written after it is sent before it. */
const UNDECIDED: readonly string[] = [
  'connection_failed', 'timeout', 'cancelled', 'busy', 'internal', 'rate_limited', 'not_signed_in',
] // prettier-ignore

/**
 * The messages of one conversation, each once and at its place, whatever gets lost or comes twice.
 *
 * The server numbers a conversation's changes without gaps. The log knows up to which number it has all of them: what it hears
 * again it leaves out, and where a number is missing it asks for the changes behind the last one, one question at a time.
 * A message takes the state with the highest number, so that it does not matter which of an answer, an event and a page of the
 * history comes first. What is written here shows at once; sent again it keeps its `client_id`, by which the server writes it
 * once and the log knows it when it comes back.
 */
export class MessageLog {
  readonly #options: MessageLogOptions
  /** All that was told, by id; also what is older than what is shown. */
  readonly #known: Map<string, Message> = new Map()
  #outgoing: Outgoing[]
  /** All changes up to this number are known. */
  #last = 0
  /** The highest number of which was heard. */
  #heard = 0
  /** The place from which on the history is there. */
  #from = Infinity
  #next: string | null = null
  #phase: LogPhase = 'loading'
  #failure: string | null = null
  #older: 'ready' | 'loading' | 'failed' = 'ready'
  #isLoading = false
  #isAsking = false
  #wantsChanges = false
  #isSending = false
  readonly #nap: Nap = new Nap()
  #closed = false
  /** The messages in their order, until something changes. */
  #shown: readonly Message[] | null = null

  constructor(options: MessageLogOptions) {
    this.#options = options
    this.#outgoing = (options.outgoing ?? []).map((one) => ({ ...one, state: 'failed', failure: 'connection_failed' }))
  }

  /** By their places, from the oldest that is there. */
  get messages(): readonly Message[] {
    this.#shown ??= [...this.#known.values()].filter(({ seq }) => seq >= this.#from).sort((a, b) => a.seq - b.seq)
    return this.#shown
  }
  /** In the order in which they were written. */
  get outgoing(): readonly Outgoing[] {
    return this.#outgoing
  }
  get phase(): LogPhase {
    return this.#phase
  }
  /** Why the beginning, or an older page, could not be had. */
  get failure(): string | null {
    return this.#failure
  }
  /** How it stands with what is older than the first message; null where there is nothing. */
  get older(): 'ready' | 'loading' | 'failed' | null {
    return this.#phase === 'ready' && this.#next !== null ? this.#older : null
  }
  /** All changes up to this number are known. */
  get last(): number {
    return this.#last
  }

  /** A message that was told, whether or not it is shown. */
  find(id: string): Message | undefined {
    return this.#known.get(id)
  }

  /** Fetches the last messages; again where that failed. `limit`: as many, at most 100. */
  async load(limit: number = PAGE_SIZE): Promise<void> {
    if (this.#isLoading || this.#phase === 'ready') return
    this.#isLoading = true
    this.#phase = 'loading'
    this.#tell()
    try {
      const { items, next } = await this.#options.api.messages(this.#options.conversation, { limit })
      this.#next = next
      // The page was read at one moment: all changes up to its highest number are in it, or older than it is.
      this.#last = items.reduce((last, { changed }) => Math.max(last, changed), 0)
      this.#from = next === null ? 0 : Math.min(...items.map(({ seq }) => seq))
      for (const message of items) this.#put(message)
      this.#phase = 'ready'
      this.#failure = null
    } catch (error) {
      this.#fail(error)
    }
    this.#isLoading = false
    this.#tell()
    if (this.#phase !== 'ready') return
    if (this.#heard > this.#last) this.#ask()
    this.retry()
  }

  /** Fetches what is older than the first message, if there is anything. */
  async loadOlder(limit: number = PAGE_SIZE): Promise<void> {
    const after = this.#next
    if (this.#phase !== 'ready' || this.#older === 'loading' || after === null) return
    this.#older = 'loading'
    this.#tell()
    try {
      const { items, next } = await this.#options.api.messages(this.#options.conversation, { after, limit })
      // Deleted meanwhile: the history begins later now.
      if (this.#next === after) {
        this.#next = next === after ? null : next
        this.#from = this.#next === null ? 0 : items.reduce((from, { seq }) => Math.min(from, seq), this.#from)
        for (const message of items) this.#put(message)
      }
      this.#older = 'ready'
    } catch (error) {
      this.#older = 'failed'
      this.#failure = codeOf(error)
      if (this.#failure === 'not_found') this.#phase = 'gone'
    }
    this.#tell()
  }

  /** What an event has told. */
  hear({ change, message }: Pick<MessageEvent, 'change' | 'message'>): void {
    this.#heard = Math.max(this.#heard, change)
    if (this.#phase !== 'ready' || change <= this.#last) return
    if (change > this.#last + 1) return this.#ask()
    this.#last = change
    if (message) this.#put(message)
    this.#tell()
  }

  /** There is a change with this number, perhaps without an event. */
  heardOf(change: number): void {
    this.#heard = Math.max(this.#heard, change)
    if (this.#phase === 'ready' && change > this.#last) this.#ask()
  }

  /** Connected, at first or again; or events were lost: what was missed is asked for, and what was not sent is sent. */
  opened(): void {
    this.#nap.wake()
    if (this.#phase === 'failed') void this.load()
    if (this.#phase !== 'ready') return
    this.#ask()
    this.retry()
  }

  /** An answer of the server's that is newer, perhaps, than what is shown. */
  learn(message: Message): void {
    this.#put(message)
    this.#tell()
  }

  /** What was deleted for oneself, here or elsewhere, goes: the last messages are asked for again. */
  async refresh(): Promise<void> {
    const known = this.#last
    const answer = await this.#options.api
      .messages(this.#options.conversation, { limit: MAX_PAGE_SIZE })
      .catch(() => null)
    if (!answer || this.#phase !== 'ready') return
    const from = answer.next === null ? 0 : Math.min(...answer.items.map(({ seq }) => seq))
    const there = new Set(answer.items.map(({ id }) => id))
    for (const { id, seq, changed } of this.#known.values()) {
      // What has come since the question is not in the answer either.
      if (seq >= from && changed <= known && !there.has(id)) this.#known.delete(id)
    }
    if (from === 0) [this.#next, this.#from] = [null, 0]
    for (const message of answer.items) this.#put(message)
    this.#tell()
  }

  /** Shows a message no more, without waiting for the server; what takes that back. */
  drop(id: string): () => void {
    const message = this.#known.get(id)
    this.#known.delete(id)
    this.#tell()
    return () => {
      if (message) this.learn(message)
    }
  }

  /** Shows another state of a message, without waiting for the server; what takes that back. */
  assume(id: string, change: Partial<Message>): () => void {
    const before = this.#known.get(id)
    if (!before) return () => {}
    const assumed = { ...before, ...change }
    this.#known.set(id, assumed)
    this.#tell()
    return () => {
      if (this.#known.get(id) !== assumed) return
      this.#known.set(id, before)
      this.#tell()
    }
  }

  /** Writes a message, which shows at once. */
  send(text: string, reply_to: string | null = null, attachments: readonly Attachment[] = []): Outgoing {
    const { now = Date.now, newId = () => crypto.randomUUID() } = this.#options
    const one: Outgoing = {
      client_id: newId(),
      text,
      attachments,
      reply_to,
      at: now(),
      state: 'sending',
      failure: null,
    }
    this.#outgoing = [...this.#outgoing, one]
    // What failed for want of a connection goes first, so that all stay in their order.
    if (this.#outgoing.some(isUndecided)) this.retry()
    else this.#tell()
    void this.#sendAll()
    return one
  }

  /** Sends again what failed without an answer; with a `client_id`, also that one, whatever the answer was. */
  retry(client_id?: string): void {
    if (!this.#outgoing.some((one) => isUndecided(one) || one.client_id === client_id)) return
    this.#outgoing = this.#outgoing.map((one) =>
      isUndecided(one) || one.client_id === client_id ? { ...one, state: 'sending', failure: null } : one,
    )
    this.#tell()
    void this.#sendAll()
  }

  /** Forgets a message that failed. */
  discard(client_id: string): void {
    this.#outgoing = this.#outgoing.filter((one) => one.client_id !== client_id || one.state === 'sending')
    this.#tell()
  }

  /** Asks and sends nothing any more. */
  close(): void {
    this.#closed = true
    this.#nap.wake()
  }

  #put(message: Message): void {
    const { author, client_id } = message
    if (author?.id === this.#options.me && this.#outgoing.length > 0) {
      this.#outgoing = this.#outgoing.filter((one) => one.client_id !== client_id)
    }
    const known = this.#known.get(message.id)
    if (!known || known.changed <= message.changed) this.#known.set(message.id, message)
  }

  /** Asks for changes until there are no more, one question at a time. */
  #ask(): void {
    this.#wantsChanges = true
    if (!this.#isAsking) void this.#askAll()
  }

  async #askAll(): Promise<void> {
    this.#isAsking = true
    for (let failures = 0; this.#wantsChanges && !this.#closed && this.#phase === 'ready';) {
      this.#wantsChanges = false
      const heard = this.#heard
      try {
        const { items, seq, more } = await this.#options.api.changes(this.#options.conversation, this.#last)
        for (const message of items) this.#put(message)
        this.#last = Math.max(this.#last, seq)
        // What was heard of before the question and is not in its last answer is not there.
        if (!more && this.#heard === heard) this.#heard = this.#last
        this.#wantsChanges ||= more || this.#heard > this.#last
        failures = 0
      } catch (error) {
        this.#wantsChanges = codeOf(error) !== 'not_found'
        if (this.#wantsChanges) await this.#nap.sleep(this.#backOff(failures++))
        else this.#phase = 'gone'
      }
      this.#tell()
    }
    this.#isAsking = false
  }

  async #sendAll(): Promise<void> {
    if (this.#isSending) return
    this.#isSending = true
    for (;;) {
      const one = this.#outgoing.find(({ state }) => state === 'sending')
      if (!one || this.#closed) break
      await this.#sendOne(one)
    }
    this.#isSending = false
  }

  async #sendOne({ client_id, text, attachments, reply_to }: Outgoing): Promise<void> {
    try {
      const draft = {
        client_id,
        text,
        ...(attachments.length > 0 && { attachments: attachments.map(({ id }) => id) }),
        ...(reply_to !== null && { reply_to }),
      }
      const message = await this.#options.api.send(this.#options.conversation, draft)
      this.#put(message)
      // Whatever the answer is, this one has been written.
      this.#outgoing = this.#outgoing.filter((one) => one.client_id !== client_id)
    } catch (error) {
      const failure = codeOf(error)
      const waits = UNDECIDED.includes(failure)
      this.#outgoing = this.#outgoing.map((one) =>
        one.client_id === client_id || (waits && one.state === 'sending') ? { ...one, state: 'failed', failure } : one,
      )
    }
    this.#tell()
  }

  #fail(error: unknown): void {
    this.#failure = codeOf(error)
    this.#phase = this.#failure === 'not_found' ? 'gone' : 'failed'
  }

  #backOff(failures: number): number {
    const ms = BACK_OFF_MS[Math.min(failures, BACK_OFF_MS.length - 1)] ?? 0
    return ms * (0.5 + (this.#options.random ?? Math.random)() / 2)
  }

  #tell(): void {
    this.#shown = null
    this.#options.changed()
  }
}

const isUndecided = ({ state, failure }: Outgoing): boolean =>
  state === 'failed' && failure !== null && UNDECIDED.includes(failure)

const codeOf = (error: unknown): string => (error instanceof ApiError ? error.code : 'connection_failed')
