import type { ListenOptions } from './emitter.js'
import { Emitter } from './emitter.js'
import type { SocialEvent, SocialRequest } from './social-types.js'
import { Nap } from './wait.js'
import { Watches, type Watch } from './watches.js'

export interface StreamEvents {
  /** Connected, at first and after each loss: hints, which have no numbers, may have been missed meanwhile. */
  opened: []
  /** Each numbered event once, and in order; the others as they come. */
  message: [SocialEvent]
  /** Numbered events were missed: all that is shown has to be asked for again. */
  gap: []
  /** The session is revoked or over. Nothing follows. */
  signedOut: []
}

/** The part of `WebSocket` that an `EventStream` uses. */
export type EventSocket = Pick<WebSocket, 'onopen' | 'onmessage' | 'onclose' | 'send' | 'close'>

export interface EventStreamOptions {
  url: string
  /** Asked when the server lets no socket in: a browser does not tell a refused upgrade from a dead server. */
  isSignedIn: () => Promise<boolean>
  socket?: (url: string) => EventSocket
  random?: () => number
}

/** How a socket ended. */
interface End {
  opened: boolean
  sessionOver: boolean
}

/** The server's close code for a session that is revoked or over. */
const SESSION_OVER = 4401
const BACK_OFF_MS = [0, 500, 1000, 2000, 5000, 10_000, 30_000] as const

/**
 * One socket after another, for as long as the session lasts. The account's events are numbered: a socket begins after the
 * last number that the one before it has told, so that a lost connection loses nothing.
 */
export class EventStream {
  readonly #options: EventStreamOptions
  readonly #emitter: Emitter<StreamEvents> = new Emitter()
  readonly #nap: Nap = new Nap()
  readonly #closing: AbortController = new AbortController()
  readonly #watches: Watches = new Watches((posts) => this.#send({ type: 'watch', posts }))
  #socket: EventSocket | null = null
  /** Leaves the socket, whether or not it is able to say goodbye. */
  #leave: () => void = () => {}
  /** The number of the last event; none before the first socket has told it. */
  #last: number | null = null
  #unread = 0

  constructor(options: EventStreamOptions) {
    this.#options = options
    if (typeof addEventListener === 'function') {
      addEventListener('online', () => this.networkChanged(), { signal: this.#closing.signal })
    }
    void this.#run()
  }

  on<K extends keyof StreamEvents>(
    event: K,
    listener: (...args: StreamEvents[K]) => void,
    options?: ListenOptions,
  ): () => void {
    return this.#emitter.on(event, listener, options)
  }

  /** What the first message said, as it has become since: for those who listen later. None before that message. */
  get state(): { seq: number; unread: number } | null {
    return this.#last === null ? null : { seq: this.#last, unread: this.#unread }
  }

  /**
   * Asks for `post_changed` and `post_gone` of these posts, beside those that others watch. The server takes 100 in all:
   * beyond that, those that were named longest ago are left out.
   */
  watch(posts: readonly string[] = []): Watch {
    return this.#watches.add(posts)
  }

  /** Somebody types in a conversation; see `ChatSignals`. */
  typing(conversation: string): void {
    this.#send({ type: 'typing', conversation })
  }

  /** Messages have reached this tab, up to the one at this place; see `ChatSignals`. */
  delivered(conversation: string, seq: number): void {
    this.#send({ type: 'delivered', conversation, seq })
  }

  /** The old socket may be dead without knowing it, so it is replaced. */
  networkChanged(): void {
    this.#leave()
    this.#nap.wake()
  }

  close(): void {
    this.#closing.abort()
    this.#watches.disconnected()
    this.#leave()
    this.#nap.wake()
  }

  async #run(): Promise<void> {
    for (let failures = 0; !this.#closed; failures++) {
      await this.#nap.sleep(this.#backOff(failures))
      if (this.#closed) return
      const end = await this.#connect()
      if (this.#closed) return
      if (end.sessionOver || (!end.opened && !(await this.#options.isSignedIn()))) return this.#signOut()
      if (end.opened) failures = 0
    }
  }

  /** Resolves when the socket has ended. */
  #connect(): Promise<End> {
    return new Promise((resolve) => {
      let opened = false
      const socket = (this.#options.socket ?? ((url) => new WebSocket(url)))(this.#address())
      const end = (sessionOver: boolean): void => {
        if (this.#socket === socket) this.#socket = null
        socket.onopen = socket.onmessage = socket.onclose = null
        this.#watches.disconnected()
        resolve({ opened, sessionOver })
      }
      this.#leave = () => {
        end(false)
        socket.close()
      }
      socket.onopen = () => {
        opened = true
        this.#socket = socket
        this.#emitter.emit('opened')
        this.#watches.connected()
      }
      socket.onmessage = ({ data }) => {
        const message = parsed(data)
        if (!message || this.#closed) return
        if (message.type !== 'signed_out') return this.#hear(message)
        end(true)
        socket.close()
      }
      socket.onclose = ({ code }) => end(code === SESSION_OVER)
    })
  }

  #address(): string {
    return this.#last === null ? this.#options.url : `${this.#options.url}?after=${this.#last}`
  }

  #hear(message: SocialEvent): void {
    if (!('seq' in message)) return this.#emitter.emit('message', message)
    const { seq } = message
    const last = this.#last
    if (message.type === 'hello') {
      this.#last = last ?? seq
      // Smaller than what was told before: the server has begun to count anew.
      if (seq < this.#last) this.#miss(seq)
    } else if (message.type === 'gap') {
      this.#miss(seq)
    } else {
      // It came live and once more as what was missed.
      if (last !== null && seq <= last) return
      if (last !== null && seq > last + 1) this.#miss(seq)
      this.#last = seq
    }
    this.#unread = message.unread
    this.#emitter.emit('message', message)
  }

  #miss(seq: number): void {
    this.#last = seq
    this.#emitter.emit('gap')
  }

  #send(request: SocialRequest): void {
    this.#socket?.send(JSON.stringify(request))
  }

  #signOut(): void {
    if (this.#closed) return
    this.close()
    this.#emitter.emit('signedOut')
  }

  get #closed(): boolean {
    return this.#closing.signal.aborted
  }

  /** With jitter, or all tabs would knock at the same moment when a server is back. */
  #backOff(failures: number): number {
    const ms = BACK_OFF_MS[Math.min(failures, BACK_OFF_MS.length - 1)] ?? 0
    return ms * (0.5 + (this.#options.random ?? Math.random)() / 2)
  }
}

function parsed(data: unknown): SocialEvent | null {
  try {
    const message: unknown = JSON.parse(String(data))
    return typeof message === 'object' && message !== null && 'type' in message ? (message as SocialEvent) : null
  } catch {
    return null
  }
}
