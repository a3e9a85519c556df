import type { Environment } from '../environment.js'
import { socketUrl } from '../environment.js'
import { MediaError, mediaError } from '../errors.js'
import type { ClientMessage, ServerMessage } from '../protocol.js'
import { SUBPROTOCOL } from '../protocol.js'
import { Nap, within } from '../wait.js'
import { Connection } from './connection.js'
import type { Loss, Welcome } from './connection.js'

/** Where to connect, and the ticket that lets one in. */
export interface Ticket {
  url: string
  ticket: string
}

export type EndReason = 'removed' | 'room_ended' | 'signed_out' | 'replaced' | 'failed'

export interface SignallingHooks {
  /** Every welcome: the first, after a resume, and as a new participant. */
  welcome(welcome: Welcome): void
  message(message: ServerMessage): void
  /** The connection is gone and is being restored. */
  down(): void
  /** It is over. */
  ended(reason: EndReason, error: MediaError | null): void
  /** Gets a fresh ticket; null where the application gave no way to. */
  rejoin(): Promise<Ticket> | null
}

/** The server keeps a lost participant for 30 s; after that a resume cannot succeed. */
const RESUME_FOR_MS = 30_000
const GIVE_UP_AFTER_MS = 60_000
const REJOIN_TIMEOUT_MS = 10_000
const BACK_OFF_MS = [0, 250, 500, 1000, 2000] as const
/** A refused upgrade looks like a dead server, so it must be refused twice while the server answers. */
const REFUSALS = 2

/** Errors that another try cannot mend. Others (full, rate-limited, a server that starts up) may pass. */
const FINAL: Readonly<Partial<Record<string, EndReason>>> = {
  room_not_found: 'room_ended',
  room_locked: 'failed',
  origin_not_allowed: 'failed',
  unsupported_version: 'failed',
  not_allowed: 'failed',
}

/** Keeps one participant connected: connects, resumes after a loss, joins anew when a resume is refused. */
export class Signalling {
  readonly #environment: Environment
  readonly #hooks: SignallingHooks
  readonly #nap = new Nap()
  #connection: Connection | null = null
  #opening: Connection | null = null
  #url = ''
  #resumeToken = ''
  #over = false
  /** Counts recoveries, so that one which was overtaken stops by itself. */
  #round = 0

  constructor(environment: Environment, hooks: SignallingHooks) {
    this.#environment = environment
    this.#hooks = hooks
  }

  get isUp(): boolean {
    return this.#connection !== null
  }

  /** The first connection. Its failures are the caller's; only later ones are mended here. */
  async connect({ url, ticket }: Ticket, signal?: AbortSignal): Promise<void> {
    try {
      await within(this.#open(url, `ticket.${ticket}`), signal)
    } catch (cause) {
      this.close()
      const refused = await this.#isRefusal(url, cause)
      throw refused ? new MediaError('invalid_ticket', 'the server refused the ticket', { cause }) : cause
    }
  }

  /** False when there is no connection: whoever sends state sends it again after the next welcome. */
  send(message: ClientMessage): boolean {
    return this.#connection?.send(message) ?? false
  }

  /** The browser says that the network is back or has changed. */
  networkChanged(): void {
    this.#nap.wake()
    this.#connection?.probe()
  }

  /** Gives the present participant up and comes back as a new one: the way out when media is beyond repair. */
  startOver(): void {
    if (this.#over) return
    this.send({ type: 'leave' })
    this.#drop()
    this.#hooks.down()
    void this.#recover(false)
  }

  close(): void {
    this.#over = true
    this.#drop()
    this.#nap.wake()
  }

  #drop(): void {
    this.#connection?.close()
    this.#opening?.close()
    this.#connection = this.#opening = null
  }

  #open(url: string, credential: string): Promise<void> {
    const absolute = socketUrl(url)
    return new Promise((resolve, reject) => {
      const socket = this.#environment.socket(absolute, [SUBPROTOCOL, credential])
      const connection = new Connection(socket, {
        welcome: (welcome) => {
          this.#url = url
          this.#resumeToken = welcome.resume_token
          this.#connection = connection
          this.#opening = null
          this.#hooks.welcome(welcome)
          resolve()
        },
        message: (message) => this.#receive(message),
        lost: (loss) => (connection === this.#connection ? this.#lost() : reject(new OpenFailure(loss))),
      })
      this.#opening = connection
    })
  }

  #receive(message: ServerMessage): void {
    if (message.type !== 'closed') return this.#hooks.message(message)
    this.#drop()
    if (message.reason !== 'server_stopping') return this.#end(message.reason, null)
    // Its memory of us goes with it, so there is nothing to resume.
    this.#hooks.down()
    void this.#recover(false)
  }

  #lost(): void {
    this.#connection = null
    this.#hooks.down()
    void this.#recover(true)
  }

  async #recover(resume: boolean): Promise<void> {
    const round = ++this.#round
    const started = performance.now()
    let refusals = resume ? 0 : REFUSALS
    for (let attempt = 0; ; attempt++) {
      await this.#nap.sleep(backOff(attempt))
      if (this.#over || round !== this.#round) return
      const elapsed = performance.now() - started
      if (elapsed >= GIVE_UP_AFTER_MS) return this.#end('failed', new MediaError('connection_failed'))
      const resuming = refusals < REFUSALS && elapsed < RESUME_FOR_MS
      try {
        await (resuming ? this.#open(this.#url, `resume.${this.#resumeToken}`) : this.#rejoin())
        return
      } catch (cause) {
        if (this.#over || round !== this.#round) return
        if (!resuming && this.#isFinal(cause)) return
        if (resuming && (await this.#isRefusal(this.#url, cause))) {
          refusals++
          attempt = -1 // the server is there: ask again at once
        }
      }
    }
  }

  async #rejoin(): Promise<void> {
    const ticket = this.#hooks.rejoin()
    if (!ticket) throw new MediaError('not_allowed', 'the participant is gone and the room has no `rejoin`')
    const { url, ticket: fresh } = await within(ticket, undefined, REJOIN_TIMEOUT_MS)
    if (!this.#over) await this.#open(url, `ticket.${fresh}`)
  }

  #isFinal(cause: unknown): boolean {
    const error = mediaError(cause, 'connection_failed')
    const reason = FINAL[error.code]
    if (reason) this.#end(reason, error)
    return reason !== undefined
  }

  async #isRefusal(url: string, cause: unknown): Promise<boolean> {
    if (!(cause instanceof OpenFailure)) return false
    if (cause.code !== 'connection_failed') return cause.code === 'invalid_ticket'
    return !cause.opened && (await this.#environment.serverIsUp(socketUrl(url)))
  }

  #end(reason: EndReason, error: MediaError | null): void {
    if (this.#over) return
    this.close()
    this.#hooks.ended(reason, error)
  }
}

/** A connection that never got to its welcome. */
class OpenFailure extends MediaError {
  readonly opened: boolean

  constructor({ error, opened }: Loss) {
    super(error.code, error.message, { cause: error })
    this.opened = opened
  }
}

/** With jitter, or all clients of a restarted server would knock at the same moment. */
function backOff(attempt: number): number {
  const ms = BACK_OFF_MS[Math.min(attempt, BACK_OFF_MS.length - 1)] ?? 0
  return ms * (0.75 + Math.random() / 4)
}
