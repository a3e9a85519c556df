import type { SignallingSocket } from '../environment.js'
import { MediaError } from '../errors.js'
import type { ClientMessage, ServerMessage } from '../protocol.js'
import { VERSION } from '../protocol.js'

export type Welcome = Extract<ServerMessage, { type: 'welcome' }>

/** How a connection ended. */
export interface Loss {
  /** Whether the WebSocket was ever open: a refused upgrade and a dead server both say no. */
  opened: boolean
  error: MediaError
}

export interface ConnectionHooks {
  welcome(welcome: Welcome): void
  message(message: ServerMessage): void
  lost(loss: Loss): void
}

const WELCOME_TIMEOUT_MS = 5000
/** Sent whatever else flows, for the server watches us as we watch it. */
const PING_EVERY_MS = 5000
/** Two pings and a bit: one may be late, two are not. */
const SILENCE_MS = 12_000
const PROBE_WITHIN_MS = 3000

/** One WebSocket, from the upgrade to its end: says hello, watches that it lives, turns text into messages. */
export class Connection {
  readonly #socket: SignallingSocket
  readonly #hooks: ConnectionHooks
  #opened = false
  #welcomed = false
  #over = false
  #nonce = 0
  #timer: ReturnType<typeof setTimeout>
  #pings: ReturnType<typeof setInterval> | undefined
  /** What the server said last before it welcomed us: why it did not. */
  #refusal: MediaError | null = null

  constructor(socket: SignallingSocket, hooks: ConnectionHooks) {
    this.#socket = socket
    this.#hooks = hooks
    this.#timer = setTimeout(() => this.#lose('no welcome came'), WELCOME_TIMEOUT_MS)
    socket.onopen = () => {
      this.#opened = true
      this.send({ type: 'hello', version: VERSION })
    }
    socket.onmessage = (event) => this.#receive(event.data)
    socket.onclose = (event) => this.#lose(`closed with code ${event.code}`)
    socket.onerror = null // `close` always follows
  }

  send(message: ClientMessage): boolean {
    if (this.#over || !this.#opened) return false
    try {
      this.#socket.send(JSON.stringify(message))
      return true
    } catch {
      return false // it is closing: `close` is on its way
    }
  }

  /** Finds out within 3 s whether the connection lives: the network may have changed under it without a sign. */
  probe(): void {
    if (!this.#welcomed || this.#over) return
    this.#ping()
    this.#expectTraffic(PROBE_WITHIN_MS)
  }

  close(code = 1000): void {
    if (this.#over) return
    this.#end()
    this.#socket.close(code)
  }

  #receive(data: unknown): void {
    if (this.#over || typeof data !== 'string') return
    const message = parse(data)
    if (this.#welcomed) this.#expectTraffic(SILENCE_MS)
    if (!message) return
    if (message.type === 'welcome') {
      this.#welcomed = true
      this.#expectTraffic(SILENCE_MS)
      this.#pings = setInterval(() => this.#ping(), PING_EVERY_MS)
      this.#hooks.welcome(message)
    } else if (this.#welcomed) {
      if (message.type !== 'pong') this.#hooks.message(message)
    } else if (message.type === 'error') {
      this.#refusal = new MediaError(message.code, message.message)
    }
  }

  #expectTraffic(ms: number): void {
    clearTimeout(this.#timer)
    if (!this.#over) this.#timer = setTimeout(() => this.#lose('no traffic'), ms)
  }

  #ping(): void {
    this.#nonce = (this.#nonce + 1) % 2 ** 32
    this.send({ type: 'ping', nonce: this.#nonce })
  }

  #lose(why: string): void {
    if (this.#over) return
    this.#end()
    this.#socket.close()
    const error = this.#refusal ?? new MediaError('connection_failed', `the connection was lost: ${why}`)
    this.#hooks.lost({ opened: this.#opened, error })
  }

  #end(): void {
    this.#over = true
    clearTimeout(this.#timer)
    clearInterval(this.#pings)
    this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null
  }
}

function parse(text: string): ServerMessage | null {
  try {
    return JSON.parse(text) as ServerMessage
  } catch {
    return null
  }
}
