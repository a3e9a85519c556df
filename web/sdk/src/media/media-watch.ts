export interface MediaWatchHooks {
  /** Whether offers can be sent at all; without a connection, restoring that comes first. */
  canNegotiate(): boolean
  restartIce(): Promise<void>
  /** Nothing else helped: a new participant with a new peer connection. */
  rebuild(): void
  /** Media is being restored, or is back. */
  changed(): void
  /** Not even new peer connections get through. */
  hopeless(): void
}

/** A short dip heals by itself; browsers say `disconnected` after some seconds of silence already. */
const PATIENCE_MS = 2000
const RESTART_WITHIN_MS = 8000
/** From the first offer. Generous: a slow network needs several rounds of DTLS. */
const FIRST_WITHIN_MS = 15_000
const REBUILDS = 3

type Phase = 'starting' | 'up' | 'shaky' | 'restarting' | 'waiting' | 'stopped'

/** Watches the peer connection and gets it going again: first by an ICE restart, then by starting over. */
export class MediaWatch {
  readonly #hooks: MediaWatchHooks
  #timer: ReturnType<typeof setTimeout> | undefined
  #state: Phase = 'stopped'
  /** In a row, with no media in between. */
  #rebuilds = 0

  constructor(hooks: MediaWatchHooks) {
    this.#hooks = hooks
  }

  /** Media was there and is gone, and something is being done about it. */
  get isRecovering(): boolean {
    return this.#state === 'restarting' || this.#state === 'waiting'
  }

  /** A new peer connection makes its first offer. */
  started(): void {
    this.#enter('starting', FIRST_WITHIN_MS, () => this.#rebuild())
  }

  stopped(): void {
    this.#enter('stopped')
  }

  peerChanged(state: RTCPeerConnectionState): void {
    if (this.#state === 'stopped') return
    if (state === 'connected') {
      this.#rebuilds = 0
      this.#enter('up')
    } else if (state === 'disconnected' && this.#state === 'up') {
      this.#enter('shaky', PATIENCE_MS, () => this.#restart())
    } else if (state === 'failed' && !this.isRecovering) {
      this.#restart()
    }
  }

  /** Signalling is back, or the network changed: `state` is the peer's present one. */
  signallingBack(state: RTCPeerConnectionState): void {
    const healthy = state === 'connected' || this.#state === 'starting'
    if (this.#state === 'waiting' || (!healthy && this.#state !== 'stopped')) this.#restart()
  }

  #restart(): void {
    if (!this.#hooks.canNegotiate()) return this.#enter('waiting')
    this.#enter('restarting', RESTART_WITHIN_MS, () => this.#rebuild())
    // A refusal needs no waiting: the server has given the peer up.
    this.#hooks.restartIce().catch(() => {
      if (this.#state === 'restarting') this.#rebuild()
    })
  }

  #rebuild(): void {
    if (!this.#hooks.canNegotiate()) return this.#enter('waiting')
    this.#enter('stopped')
    if (++this.#rebuilds > REBUILDS) this.#hooks.hopeless()
    else this.#hooks.rebuild()
  }

  #enter(state: Phase, ms?: number, then?: () => void): void {
    clearTimeout(this.#timer)
    this.#timer = ms === undefined || !then ? undefined : setTimeout(then, ms)
    this.#state = state
    this.#hooks.changed()
  }
}
