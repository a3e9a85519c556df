import type { Environment } from '../environment.js'
import { MediaError, mediaError } from '../errors.js'
import type { ClientMessage, IceServer, Source, VideoCodec } from '../protocol.js'
import { Queue } from '../wait.js'
import type { Slot } from './sections.js'
import { Sections } from './sections.js'
import { fitEncodings } from './simulcast.js'

export interface PeerHooks {
  send(message: ClientMessage): boolean
  /** An offer is on its way: what follows it on the connection may refer to its sections. */
  offered(): void
  /** ICE and DTLS came up or went down. */
  stateChanged(state: RTCPeerConnectionState): void
}

const FIRST_SLOTS = 8
const GROWTH = 8
const MOST_SLOTS = 49
const ANSWER_WITHIN_MS = 10_000

interface Pending {
  message: Extract<ClientMessage, { type: 'offer' }>
  resolve(sdp: string): void
  reject(error: MediaError): void
  timer?: ReturnType<typeof setTimeout>
}

/** The one RTCPeerConnection of a participant. It always offers; nobody else's coming or going makes it offer again. */
export class Peer {
  readonly pc: RTCPeerConnection
  readonly #sections: Sections
  readonly #hooks: PeerHooks
  readonly #queue = new Queue()
  /** A sender's parameters are read, changed and set by one at a time. */
  readonly #senders = new Queue()
  readonly #needed = new Map<Source, readonly boolean[]>()
  #pending: Pending | null = null
  #request = 0
  #negotiations = 0
  #negotiatedSlots = 0
  #most = MOST_SLOTS
  #closed = false

  constructor(environment: Environment, iceServers: readonly IceServer[], codec: VideoCodec, hooks: PeerHooks) {
    this.#hooks = hooks
    this.pc = environment.peerConnection({ bundlePolicy: 'max-bundle', iceServers: iceServers.map(rtcIceServer) })
    this.#sections = new Sections(this.pc, FIRST_SLOTS, codec)
    this.pc.onconnectionstatechange = () => {
      if (!this.#closed) hooks.stateChanged(this.pc.connectionState)
    }
  }

  get state(): RTCPeerConnectionState {
    return this.pc.connectionState
  }

  /** Completed exchanges. */
  get negotiations(): number {
    return this.#negotiations
  }

  /** The slots that the server knows of. */
  get slots(): readonly Slot[] {
    return this.#sections.slots.slice(0, this.#negotiatedSlots)
  }

  get audioSlots(): readonly RTCRtpTransceiver[] {
    return this.#sections.audioSlots
  }

  get publishing(): ReadonlyMap<Source, RTCRtpTransceiver> {
    return this.#sections.publish
  }

  get canGrow(): boolean {
    return this.#negotiatedSlots > 0 && this.#negotiatedSlots < this.#most
  }

  /** What a source sends from now on; null sends nothing. Costs no negotiation. */
  setTrack(source: Source, track: MediaStreamTrack | null): Promise<void> {
    return this.#senders.run(async () => {
      const sender = this.#sections.publish.get(source)?.sender
      if (this.#closed || !sender || sender.track === track) return
      try {
        if (track?.kind === 'video') await this.#fit(source, sender, track)
        await sender.replaceTrack(track)
      } catch (cause) {
        if (!this.#closed) throw new MediaError('unsupported', 'the track cannot be sent', { cause })
      }
    })
  }

  /** Which encodings of a source anybody needs: the others pause, which costs no negotiation. Null means all of them. */
  setNeeded(source: Source, encodings: readonly boolean[] | null): Promise<void> {
    if (encodings) this.#needed.set(source, encodings)
    else if (!this.#needed.delete(source)) return Promise.resolve()
    return this.#senders.run(async () => {
      const sender = this.#sections.publish.get(source)?.sender
      if (!this.#closed && sender?.track) await this.#fit(source, sender, sender.track)
    })
  }

  /** A browser that cannot change encodings sends those that were asked for first. */
  async #fit(source: Source, sender: RTCRtpSender, track: MediaStreamTrack): Promise<void> {
    await fitEncodings(sender, track, this.#needed.get(source) ?? null).catch(() => {})
  }

  /** The first offer. Tracks that are set before it start to flow with it. */
  start(): Promise<void> {
    return this.#negotiate({})
  }

  /** New addresses on the same peer connection: keeps every track and every slot. */
  restartIce(): Promise<void> {
    return this.#negotiate({ iceRestart: true })
  }

  /** Makes more slots. Where the server refuses them, the present ones have to do. */
  async grow(): Promise<void> {
    try {
      await this.#negotiate({}, () => {
        this.#sections.addSlots(Math.min(GROWTH, this.#most - this.#sections.slots.length))
      })
    } catch (cause) {
      this.#most = this.#negotiatedSlots
      throw cause
    }
  }

  answered(request: number, sdp: string): void {
    if (this.#pending?.message.request === request) this.#settle().resolve(sdp)
  }

  refused(request: number, error: MediaError): void {
    if (this.#pending?.message.request === request) this.#settle().reject(error)
  }

  /** After a resume: an offer whose answer was lost with the old connection. */
  resendPending(): void {
    if (this.#pending) this.#transmit(this.#pending)
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.pc.onconnectionstatechange = null
    this.pc.close()
    if (this.#pending) this.#settle().reject(new MediaError('cancelled', 'the peer connection was closed'))
  }

  #negotiate(options: RTCOfferOptions, prepare?: () => void): Promise<void> {
    return this.#queue.run(async () => {
      if (this.#closed) throw new MediaError('cancelled', 'the peer connection was closed')
      prepare?.()
      try {
        await this.#offer(options)
      } catch (cause) {
        await this.#rollBack()
        throw mediaError(cause, 'negotiation_failed')
      }
    })
  }

  async #offer(options: RTCOfferOptions): Promise<void> {
    const offer = await this.pc.createOffer(options)
    await this.pc.setLocalDescription(offer)
    const sections = this.#sections.describe()
    const sdp = await this.#exchange({ type: 'offer', request: ++this.#request, sdp: offer.sdp ?? '', sections })
    await this.pc.setRemoteDescription({ type: 'answer', sdp })
    this.#negotiations++
    this.#negotiatedSlots = sections.slots.length
  }

  #exchange(message: Pending['message']): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#pending = { message, resolve, reject }
      this.#transmit(this.#pending)
    })
  }

  /** Without a connection the offer waits: `resendPending` comes, or `close`. */
  #transmit(pending: Pending): void {
    clearTimeout(pending.timer)
    if (!this.#hooks.send(pending.message)) return
    this.#hooks.offered()
    const late = new MediaError('negotiation_failed', 'the server did not answer the offer')
    pending.timer = setTimeout(() => this.refused(pending.message.request, late), ANSWER_WITHIN_MS)
  }

  #settle(): Pending {
    const pending = this.#pending as Pending
    clearTimeout(pending.timer)
    this.#pending = null
    return pending
  }

  /** Back to what the server knows, so that the next offer is not refused for the same reason. */
  async #rollBack(): Promise<void> {
    if (this.#closed) return
    if (this.pc.signalingState === 'have-local-offer') {
      await this.pc.setLocalDescription({ type: 'rollback' }).catch(() => {})
    }
    if (this.#negotiatedSlots > 0) this.#sections.dropSlots(this.#negotiatedSlots)
  }
}

function rtcIceServer({ urls, username, credential }: IceServer): RTCIceServer {
  return { urls, ...(username !== null && { username }), ...(credential !== null && { credential }) }
}
