import type { ListenOptions } from './emitter.js'
import { Emitter } from './emitter.js'
import type { SocialEvent } from './social-types.js'
import { Nap } from './wait.js'

export interface StreamEvents {
  /** Connected, at first and after each loss: what was missed meanwhile has to be asked for. */
  opened: []
  message: [SocialEvent]
  /** The session is revoked or over. Nothing follows. */
  signedOut: []
}

/** The part of `WebSocket` that an `EventStream` uses. */
export type EventSocket = Pick<WebSocket, 'onopen' | 'onmessage' | 'onclose' | 'close'>

export interface EventStreamOptions {
  url: string
  /** Asked when the server lets no socket in: a browser does not tell a refused upgrade from a dead server. */
  isSignedIn: () => Promise<boolean>
  socket?: (url: string) => EventSocket
  random?: () => number
}

/** The server's close code for a session that is revoked or over. */
const SESSION_OVER = 4401
const BACK_OFF_MS = [0, 500, 1000, 2000, 5000, 10_000, 30_000] as const

/** One socket after another, for as long as the session lasts. */
export class EventStream {
  readonly #options: EventStreamOptions
  readonly #emitter: Emitter<StreamEvents> = new Emitter()
  readonly #nap: Nap = new Nap()
  readonly #closing: AbortController = new AbortController()
  #socket: EventSocket | null = null

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

  /** The old socket may be dead without knowing it, so it is replaced. */
  networkChanged(): void {
    this.#socket?.close()
    this.#nap.wake()
  }

  close(): void {
    this.#closing.abort()
    this.#socket?.close()
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
  #connect(): Promise<{ opened: boolean; sessionOver: boolean }> {
    return new Promise((resolve) => {
      let opened = false
      const socket = (this.#options.socket ?? ((url) => new WebSocket(url)))(this.#options.url)
      const end = (sessionOver: boolean): void => {
        if (this.#socket === socket) this.#socket = null
        socket.onopen = socket.onmessage = socket.onclose = null
        resolve({ opened, sessionOver })
      }
      this.#socket = socket
      socket.onopen = () => {
        opened = true
        this.#emitter.emit('opened')
      }
      socket.onmessage = ({ data }) => {
        const message = parsed(data)
        if (!message || this.#closed) return
        if (message.type !== 'signed_out') return this.#emitter.emit('message', message)
        end(true)
        socket.close()
      }
      socket.onclose = ({ code }) => end(code === SESSION_OVER)
    })
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
