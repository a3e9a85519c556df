import { type Conversation, type Message, MessageLog, type Outgoing } from '@confab/sdk/api'
import { errorCode } from '../api/client'
import { social } from '../api/social'
import { type ChatList, isOutside } from './chatList'
import { signals } from './counter.svelte'
import type { KeptStore } from './kept'
import { isByOthers, keyOf, type Row, timeline } from './timeline'
import { Tray } from './tray.svelte'

/** Older messages, when somebody is on the way to a certain one. */
const LONG_PAGE = 100
const FIRST_PAGE = 50

interface ChatOptions {
  id: string
  me: string
  list: ChatList
  /** As the lists have it. Reactive. */
  conversation: () => Conversation | undefined
  kept: KeptStore
}

/** What one is about to write: a new message, or another text for one of one's own. */
export type Writing = { kind: 'new'; replyTo: Message | null } | { kind: 'edit'; message: Message; text: string }

/** One conversation for components: its messages as a state, and what one does in it. */
export class Chat {
  readonly id: string
  readonly #options: ChatOptions
  readonly log: MessageLog
  #version = $state(0)
  #draft = $state('')
  #outgoing: readonly Outgoing[]
  /** Why the conversation itself could not be had. */
  failure = $state<string | null>(null)
  writing = $state.raw<Writing>({ kind: 'new', replyTo: null })
  /** What goes with the next message. */
  readonly tray = new Tray(() => this.#uploaded())
  /** Whether that goes off by itself, as soon as all files are up. */
  isQueued = $state(false)
  /** The id of the picture that is before everything else. */
  viewing = $state<string | null>(null)
  /** All up to this place was read when a new message came; null where nothing is new. */
  newAfter = $state<number | null>(null)
  /** The message to be shown; another object each time. */
  target = $state.raw<{ key: string } | null>(null)
  isSeeking = $state(false)
  /** Whether the last message is before somebody's eyes. */
  isWatched = false
  #readTo = 0

  constructor(options: ChatOptions) {
    this.#options = options
    this.id = options.id
    const { draft, outgoing } = options.kept.read(options.id)
    this.#draft = draft
    this.#outgoing = outgoing
    this.log = new MessageLog({
      api: social.conversations,
      conversation: options.id,
      me: options.me,
      changed: () => this.#changed(),
      outgoing,
    })
  }

  get conversation(): Conversation | undefined {
    return this.#options.conversation()
  }
  get me(): string {
    return this.#options.me
  }
  get phase(): MessageLog['phase'] {
    void this.#version
    return this.log.phase
  }
  get older(): MessageLog['older'] {
    void this.#version
    return this.log.older
  }
  get messages(): readonly Message[] {
    void this.#version
    return this.log.messages
  }
  get outgoing(): readonly Outgoing[] {
    void this.#version
    return this.log.outgoing
  }
  get draft(): string {
    return this.#draft
  }
  set draft(text: string) {
    this.#draft = text
    this.isQueued = false
    this.#keep()
  }

  /** To be kept by who shows it: a `$derived` of this object would end with the page on which it was opened first. */
  get rows(): readonly Row[] {
    void this.#version
    const { conversation } = this
    const { messages, outgoing } = this.log
    const progress = conversation?.kind === 'direct' ? conversation : null
    return timeline({ messages, outgoing, me: this.me, newAfter: this.newAfter, progress })
  }

  find(id: string): Message | undefined {
    void this.#version
    return this.log.find(id)
  }

  /** Fetches what is not there yet; again after a failure. */
  async open(): Promise<void> {
    const known = this.#options.list.find(this.id)
    if (!known) {
      const failure = await this.#options.list.fetch(this.id)
      this.failure = failure
      if (failure !== null) return
    }
    const conversation = this.#options.list.find(this.id)
    if (!conversation || isOutside(conversation)) return
    const { unread, read_to, seq } = conversation
    this.#readTo = Math.max(this.#readTo, read_to)
    this.newAfter = unread > 0 ? read_to : null
    if (this.log.phase === 'ready') return this.log.heardOf(seq)
    await this.log.load(Math.min(LONG_PAGE, Math.max(FIRST_PAGE, unread + 10)))
    this.log.heardOf(seq)
  }

  /** Everything up to the last message is before somebody's eyes. */
  async read(): Promise<void> {
    const { conversation, log } = this
    const last = log.messages.at(-1)
    if (!last || !conversation || last.seq <= this.#readTo || last.seq <= conversation.read_to) return
    this.#readTo = last.seq
    this.#options.list.assume(this.id, { read_to: last.seq, unread: 0 })
    // Once more with the next message.
    await social.conversations.read(this.id, last.seq).catch(() => (this.#readTo = 0))
  }

  /** Sends what was written and attached: at once, or when all of it is up. */
  submit(): void {
    const { writing, tray } = this
    this.isQueued = tray.isBusy && !tray.hasFailed
    if (this.isQueued || tray.hasFailed) return
    this.newAfter = null
    const replyTo = writing.kind === 'new' ? (writing.replyTo?.id ?? null) : null
    if (writing.kind === 'new') this.writing = { kind: 'new', replyTo: null }
    this.log.send(this.#draft.trim(), replyTo, tray.take())
    this.draft = ''
    signals.sent(this.id)
  }

  async edit(message: Message, text: string): Promise<void> {
    const back = this.log.assume(message.id, { text, edited_at: Date.now() })
    try {
      this.log.learn(await social.conversations.edit(message.id, text))
    } catch (error) {
      back()
      throw error
    }
  }

  /** For all, or for oneself alone. */
  async remove(message: Message, forAll: boolean): Promise<void> {
    const back = forAll
      ? this.log.assume(message.id, { text: '', attachments: [], is_deleted: true })
      : this.log.drop(message.id)
    try {
      await (forAll ? social.conversations.remove(message.id) : social.conversations.hide(message.id))
    } catch (error) {
      // It is gone already.
      if (errorCode(error) === 'not_found') return this.log.opened()
      back()
      throw error
    }
  }

  /** Shows a message, however far back it is; whether it is there. */
  async seek(id: string, seq: number | null = this.log.find(id)?.seq ?? null): Promise<boolean> {
    this.isSeeking = true
    const isThere = (): boolean => this.log.messages.some((message) => message.id === id)
    const isBefore = (): boolean => seq === null || seq < (this.log.messages[0]?.seq ?? Infinity)
    while (!isThere() && isBefore() && this.log.older === 'ready') await this.log.loadOlder(LONG_PAGE)
    this.isSeeking = false
    const message = this.log.messages.find((message) => message.id === id)
    if (message) this.target = { key: keyOf(message, this.me) }
    return message !== undefined
  }

  close(): void {
    this.log.close()
    this.tray.clear()
  }

  #changed(): void {
    this.#version++
    if (this.log.outgoing !== this.#outgoing) {
      this.#outgoing = this.log.outgoing
      this.#keep()
    }
    const last = this.log.messages.at(-1)
    // Who looks away finds a line above what has come meanwhile.
    if (!last || this.isWatched || this.log.phase !== 'ready' || last.seq <= this.#readTo) return
    if (isByOthers(last, this.me) && (this.newAfter ?? -1) < this.#readTo) this.newAfter = this.#readTo
  }

  #uploaded(): void {
    // Whoever has removed all of it does not want to send nothing.
    const isEmpty = this.tray.isEmpty && this.#draft.trim() === ''
    if (isEmpty) this.isQueued = false
    if (this.isQueued) this.submit()
  }

  #keep(): void {
    this.#options.kept.write(this.id, { draft: this.#draft, outgoing: this.#outgoing })
  }
}
