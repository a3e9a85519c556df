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
/**
 * Browsers send the checks of one restart ever more rarely (Firefox gives up after some), so that a network that comes
 * back would find them asleep: each restart begins them anew.
 */
const RESTART_EVERY_MS = 3000
/** What restarts cannot mend for so long is not the network. */
const RESTART_FOR_MS = 20_000
/** From the first offer. Generous: a slow network needs several rounds of DTLS. */
const FIRST_WITHIN_MS = 15_000
const REBUILDS = 3

type Phase = 'starting' | 'up' | 'shaky' | 'restarting' | 'waiting' | 'stopped'

/** Watches the peer connection and gets it going again: first by an ICE restart, then by starting over. */
export class MediaWatch {
  readonly #hooks: MediaWatchHooks
  #timer: ReturnType<typeof setTimeout> | undefined
  #state: Phase = 'stopped'
  /** Counts phases, so that what was begun in one does not act in another. */
  #round = 0
  /** In a row, with no media in between. */
  #rebuilds = 0

  constructor(hooks: MediaWatchHooks) {
    this.#hooks = hooks
  }

  /** Media was there and is gone. */
  get isRecovering(): boolean {
    return this.#state === 'shaky' || this.#state === 'restarting' || this.#state === 'waiting'
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
    } else if (state === 'failed' && this.#state !== 'restarting' && this.#state !== 'waiting') {
      this.#restart()
    }
  }

  /** Signalling is back, or the network changed: `state` is the peer's present one. */
  signallingBack(state: RTCPeerConnectionState): void {
    const healthy = state === 'connected' || this.#state === 'starting'
    if (this.#state === 'waiting' || (!healthy && this.#state !== 'stopped')) this.#restart()
  }

  #restart(since: number = performance.now()): void {
    if (!this.#hooks.canNegotiate()) return this.#enter('waiting')
    if (performance.now() - since >= RESTART_FOR_MS) return this.#rebuild()
    this.#enter('restarting')
    const round = this.#round
    this.#hooks.restartIce().then(
      () => round === this.#round && this.#enter('restarting', RESTART_EVERY_MS, () => this.#restart(since)),
      // A refusal needs no waiting: the server has given the peer up.
      () => round === this.#round && this.#rebuild(),
    )
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
    this.#round++
    this.#hooks.changed()
  }
}
