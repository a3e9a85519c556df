import type { Emitter } from '../emitter.js'
import type { Environment } from '../environment.js'
import type { MediaError } from '../errors.js'
import { mediaError } from '../errors.js'
import type { RoomEvents } from '../events.js'
import type { ClientMessage, IceServer, ServerMessage, Source, VideoCodec } from '../protocol.js'
import type { TrackPublication } from '../publication.js'
import type { Roster } from '../roster.js'
import type { Carried, RoomStats } from '../stats.js'
import { StatsReader } from '../stats.js'
import type { TrackHooks } from '../track.js'
import type { AudioOutput } from './audio-output.js'
import type { FirstFrame } from './first-frame.js'
import { MediaWatch } from './media-watch.js'
import { Peer } from './peer.js'
import type { Publisher } from './publisher.js'
import { Receiver } from './receiver.js'
import { Wants } from './wants.js'

export interface MediaHooks {
  changed(): void
  startOver(): void
  hopeless(): void
  canNegotiate(): boolean
}

/** The parts of the call that media works with. */
export interface MediaParts {
  readonly events: Emitter<RoomEvents>
  readonly roster: Roster
  readonly publisher: Publisher
  readonly audio: AudioOutput
  readonly firstFrame: FirstFrame
  send(message: ClientMessage): boolean
}

/** Everything around the peer connection: makes it, keeps it going, replaces it, and reads what it does. */
export class Media {
  readonly #environment: Environment
  readonly #parts: MediaParts
  readonly #receiver: Receiver
  readonly #wants: Wants
  readonly #watch: MediaWatch
  #stats = new StatsReader()
  #peer: Peer | null = null
  /** Exchanges of the peer connections before this one. */
  #earlier = 0

  constructor(environment: Environment, parts: MediaParts, hooks: MediaHooks) {
    this.#environment = environment
    this.#parts = parts
    this.#receiver = new Receiver(parts.roster, parts.events, parts.audio)
    this.#wants = new Wants(parts.roster, {
      send: (message) => parts.send(message),
      grown: (error) => this.#report(error),
    })
    this.#watch = new MediaWatch({
      canNegotiate: hooks.canNegotiate,
      restartIce: () => this.restartIce(),
      rebuild: hooks.startOver,
      changed: hooks.changed,
      hopeless: hooks.hopeless,
    })
  }

  get pc(): RTCPeerConnection | null {
    return this.#peer?.pc ?? null
  }

  get negotiations(): number {
    return this.#earlier + (this.#peer?.negotiations ?? 0)
  }

  get isRecovering(): boolean {
    return this.#watch.isRecovering
  }

  /** New addresses for the present peer connection; it happens by itself when media is gone. */
  async restartIce(): Promise<void> {
    await this.#peer?.restartIce()
  }

  /** A new participant: a new peer connection, with the same local tracks. */
  restart(iceServers: readonly IceServer[], codec: VideoCodec): void {
    this.#discard()
    const peer = new Peer(this.#environment, iceServers, codec, {
      send: (message) => this.#parts.send(message),
      offered: () => this.#parts.publisher.announce(),
      stateChanged: (state) => this.#watch.peerChanged(state),
    })
    this.#peer = peer
    this.#receiver.setPeer(peer)
    this.#wants.setPeer(peer)
    this.#watch.started()
    void this.#start(peer)
  }

  /** The same participant again: the peer connection has lived on, or ICE gets it going. */
  resumed(): void {
    const peer = this.#peer
    if (!peer) return
    peer.resendPending()
    this.#wants.resend()
    this.#watch.signallingBack(peer.state)
  }

  networkChanged(): void {
    if (this.#peer) this.#watch.signallingBack(this.#peer.state)
  }

  rosterChanged(): void {
    this.#receiver.rebind()
    this.#wants.changed('now')
  }

  slots(message: Extract<ServerMessage, { type: 'slots' }>): void {
    this.#receiver.slots(message)
  }

  wishes({ source, encodings }: Extract<ServerMessage, { type: 'publication_wishes' }>): void {
    void this.#peer?.setNeeded(source, encodings)
  }

  answered(request: number, sdp: string): void {
    this.#peer?.answered(request, sdp)
  }

  refused(request: number, error: MediaError): void {
    this.#peer?.refused(request, error)
  }

  trackHooks(source: Source): TrackHooks | null {
    if (source === 'microphone' || source === 'screen_audio') return this.#hooks
    return { ...this.#hooks, attached: (element) => this.#parts.firstFrame.watch(element) }
  }

  readonly #hooks: TrackHooks = {
    demandChanged: (urgency) => this.#wants.changed(urgency),
    attached: () => {},
  }

  subscribed(publication: TrackPublication): void {
    if (publication.track?.kind !== 'video') return
    this.#wants.subscribed(publication)
    this.#parts.firstFrame.poll(() => this.#framesDecoded())
  }

  close(): void {
    this.#watch.stopped()
    this.#wants.close()
    this.#discard()
    this.#receiver.setPeer(null)
  }

  async stats(): Promise<RoomStats> {
    const report = (await this.#peer?.pc.getStats()) ?? new Map<string, unknown>()
    return this.#stats.read(report as unknown as Iterable<[string, unknown]>, this.#carried())
  }

  async #start(peer: Peer): Promise<void> {
    try {
      await this.#parts.publisher.setPeer(peer)
      await peer.start()
      if (peer === this.#peer) this.#wants.changed('now')
    } catch (cause) {
      if (peer === this.#peer) this.#report(cause)
    }
  }

  #discard(): void {
    this.#earlier = this.negotiations
    this.#peer?.close()
    this.#peer = null
    this.#stats = new StatsReader()
  }

  #report(cause: unknown): void {
    if (cause === null) return
    const error = mediaError(cause, 'negotiation_failed')
    if (error.code !== 'cancelled') this.#parts.events.emit('error', error)
  }

  #carried(): Map<string, Carried> {
    const carried = new Map<string, Carried>()
    for (const [mid, { source, participant }] of this.#receiver.byMid()) {
      carried.set(mid, { participant: participant.id, source, audioLevel: this.#audioLevel(mid) })
    }
    for (const [source, { mid, sender }] of this.#peer?.publishing ?? []) {
      if (mid !== null && sender.track)
        carried.set(mid, { participant: this.#parts.roster.local.id, source, audioLevel: 0 })
    }
    return carried
  }

  /** Unlike the statistics', this level is right for elements that are muted too. */
  #audioLevel(mid: string): number {
    const transceiver = this.pc?.getTransceivers().find((each) => each.mid === mid)
    return transceiver?.receiver.getSynchronizationSources?.()[0]?.audioLevel ?? 0
  }

  /** Not by `stats`, whose rates are from one call to the next. */
  async #framesDecoded(): Promise<number> {
    let frames = 0
    const report = await this.pc?.getStats()
    report?.forEach((entry: { framesDecoded?: number }) => (frames += entry.framesDecoded ?? 0))
    return frames
  }
}
