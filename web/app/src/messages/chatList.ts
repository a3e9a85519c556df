import type { Conversation, Message, Page, PageWish, SocialEvent } from '@confab/sdk/api'

/** Those in which one is, and those that wait for a yes. */
export type Box = 'joined' | 'waiting'

export interface BoxState {
  readonly items: readonly Conversation[]
  /** `ready`: there is more. `complete`: that was all. */
  readonly phase: 'loading' | 'ready' | 'failed' | 'complete'
  /** The code of the failure. */
  readonly failure: string | null
}

export interface ChatListPorts {
  list: (box: Box, wish: PageWish) => Promise<Page<Conversation>>
  get: (id: string) => Promise<Conversation>
  codeOf: (error: unknown) => string
  /** The account's id. */
  me: string
  changed: () => void
}

/** The most that the server counts. */
const MAX_UNREAD = 100

interface Loaded {
  next: string | null
  phase: BoxState['phase']
  failure: string | null
}

/**
 * One's conversations, the one with the last message first, kept up to date by what the server tells. What an event says is
 * put in at once; where it does not say enough, the conversation is asked for again.
 */
export class ChatList {
  readonly #ports: ChatListPorts
  readonly #all: Map<string, Conversation> = new Map()
  readonly #boxes: Record<Box, Loaded> = { joined: newBox(), waiting: newBox() }
  /** Asked for; true if it has to be asked for once more. */
  readonly #asking: Map<string, boolean> = new Map()
  #closed = false

  constructor(ports: ChatListPorts) {
    this.#ports = ports
  }

  box(box: Box): BoxState {
    const items = [...this.#all.values()].filter((one) => boxOf(one) === box)
    items.sort((a, b) => b.last_at - a.last_at || (a.id < b.id ? 1 : -1))
    const { phase, failure } = this.#boxes[box]
    return { items, phase, failure }
  }

  find(id: string): Conversation | undefined {
    return this.#all.get(id)
  }

  /** Fetches the next page, or again the one that failed. */
  async more(box: Box): Promise<void> {
    const loaded = this.#boxes[box]
    if (loaded.phase === 'loading' || loaded.phase === 'complete') return
    Object.assign(loaded, { phase: 'loading', failure: null })
    this.#tell()
    try {
      const { items, next } = await this.#ports.list(box, { after: loaded.next, limit: 30 })
      for (const one of items) this.#put(one)
      Object.assign(loaded, { next, phase: next === null ? 'complete' : 'ready' })
    } catch (error) {
      Object.assign(loaded, { phase: 'failed', failure: this.#ports.codeOf(error) })
    }
    this.#tell()
  }

  /** Asks again for the beginning of each list that was asked for: events may have been missed. */
  async refresh(): Promise<void> {
    await Promise.all((['joined', 'waiting'] as const).map((box) => this.#refresh(box)))
  }

  async #refresh(box: Box): Promise<void> {
    const loaded = this.#boxes[box]
    if (loaded.phase === 'loading') return
    if (loaded.phase === 'failed') return this.more(box)
    const before = new Map(this.#all)
    const answer = await this.#ports.list(box, { limit: 100 }).catch(() => null)
    if (!answer) return
    const there = new Set(answer.items.map(({ id }) => id))
    const oldest = answer.next === null ? -Infinity : Math.min(...answer.items.map(({ last_at }) => last_at))
    for (const one of this.box(box).items) {
      // What has come or changed since the question may be missing in the answer for other reasons.
      if (!there.has(one.id) && one.last_at > oldest && before.get(one.id) === one) this.#all.delete(one.id)
    }
    for (const one of answer.items) this.#put(one)
    if (answer.next === null) Object.assign(loaded, { next: null, phase: 'complete' })
    this.#tell()
  }

  /** Asks for one conversation; it goes if one is not in it. The code of the failure, if it is another one. */
  async fetch(id: string): Promise<string | null> {
    if (this.#asking.has(id)) {
      this.#asking.set(id, true)
      return null
    }
    let failure: string | null = null
    do {
      this.#asking.set(id, false)
      try {
        this.#put(await this.#ports.get(id))
        failure = null
      } catch (error) {
        failure = this.#ports.codeOf(error)
        if (failure === 'not_found') this.#all.delete(id)
      }
      this.#tell()
    } while (this.#asking.get(id) && !this.#closed)
    this.#asking.delete(id)
    return failure
  }

  /** What is known of a conversation by an answer. */
  learn(conversation: Conversation): void {
    this.#put(conversation)
    this.#tell()
  }

  forget(id: string): void {
    this.#all.delete(id)
    this.#tell()
  }

  /** Shows a change of it without waiting for the server. */
  assume(id: string, change: Partial<Conversation>): void {
    const known = this.#all.get(id)
    if (known) this.#all.set(id, { ...known, ...change })
    this.#tell()
  }

  hear(event: SocialEvent): void {
    if (event.type === 'message') this.#hearMessage(event)
    else if (event.type === 'conversation_changed') void this.fetch(event.id)
    else if (event.type === 'messages_gap') void this.refresh()
    else if (event.type === 'seen') this.#hearSeen(event)
    else if (event.type === 'presence') this.#hearPresence(event)
  }

  close(): void {
    this.#closed = true
  }

  #hearMessage({ conversation, change, message }: Extract<SocialEvent, { type: 'message' }>): void {
    const known = this.#all.get(conversation)
    // What is on its way may or may not know of it.
    if (!known || this.#asking.has(conversation) || change > known.seq + 1) return void this.fetch(conversation)
    if (change <= known.seq) return
    const next = { ...known, seq: change, ...(message && after(known, message, this.#ports.me)) }
    this.#all.set(conversation, next)
    this.#tell()
    if (message && !saysAll(known, message, this.#ports.me)) void this.fetch(conversation)
  }

  #hearSeen({ conversation, account, read_to, delivered_to }: Extract<SocialEvent, { type: 'seen' }>): void {
    const known = this.#all.get(conversation)
    if (known?.other?.id !== account) return
    const [seen, delivered] = [Math.max(known.seen_to, read_to), Math.max(known.delivered_to, delivered_to)]
    this.assume(conversation, { seen_to: seen, delivered_to: delivered })
  }

  #hearPresence({ account, presence }: Extract<SocialEvent, { type: 'presence' }>): void {
    for (const { id, other } of this.#all.values()) {
      if (other?.id === account) return this.assume(id, { presence })
    }
  }

  #put(conversation: Conversation): void {
    const known = this.#all.get(conversation.id)
    // What the other one has seen is told by events, which may have overtaken an answer.
    const seen_to = Math.max(conversation.seen_to, known?.seen_to ?? 0)
    const delivered_to = Math.max(conversation.delivered_to, known?.delivered_to ?? 0)
    this.#all.set(conversation.id, { ...conversation, seen_to, delivered_to })
  }

  #tell(): void {
    if (!this.#closed) this.#ports.changed()
  }
}

const newBox = (): Loaded => ({ next: null, phase: 'ready', failure: null })

/** Whether one is not in it yet and reads nothing of it: one was invited, or asks to be let in. */
export const isOutside = ({ state }: Conversation): boolean => state === 'invited' || state === 'asking'

/** In which list a conversation stands, as the server sorts them; in none as long as nobody has said anything. */
export function boxOf({ kind, state, seq, last }: Conversation): Box | null {
  if (state === 'joined') return kind === 'direct' && seq === 0 ? null : 'joined'
  return kind === 'direct' && last === null ? null : 'waiting'
}

/** What a message changes. */
function after(known: Conversation, message: Message, me: string): Partial<Conversation> {
  const isMine = message.author?.id === me
  if (message.seq !== message.changed) return known.last?.id === message.id ? { last: message } : {}
  const told = { last: message, last_at: message.sent_at }
  if (isMine) return { ...told, read_to: message.seq, unread: 0 }
  const isUnread = message.kind === 'text' && message.seq > known.read_to
  return { ...told, unread: Math.min(known.unread + Number(isUnread), MAX_UNREAD) }
}

/** Whether a message says all that it changes: who joins or leaves changes more, and what is deleted counts no more. */
function saysAll(known: Conversation, message: Message, me: string): boolean {
  if (message.kind !== 'text') return false
  if (known.state !== 'joined') return message.author?.id !== me
  return !(message.is_deleted && message.seq > known.read_to)
}
