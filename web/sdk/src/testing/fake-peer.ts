import { FakeTrack } from './fake-media.js'

/** An `RTCRtpTransceiver` whose mid is assigned with the local description, as in browsers. */
export class FakeTransceiver {
  mid: string | null = null
  stopped = false
  readonly kind: 'audio' | 'video'
  readonly direction: RTCRtpTransceiverDirection
  readonly encodings: readonly RTCRtpEncodingParameters[]
  readonly receiver: { track: FakeTrack; getSynchronizationSources(): [] }
  readonly sender: { track: FakeTrack | null; replaceTrack(track: FakeTrack | null): Promise<void> }

  constructor(kind: 'audio' | 'video', init: RTCRtpTransceiverInit) {
    this.kind = kind
    this.direction = init.direction ?? 'sendrecv'
    this.encodings = init.sendEncodings ?? []
    this.receiver = { track: new FakeTrack(kind, 'remote'), getSynchronizationSources: () => [] }
    const sender: FakeTransceiver['sender'] = {
      track: null,
      replaceTrack: async (track) => {
        sender.track = track
      },
    }
    this.sender = sender
  }

  setCodecPreferences(): void {}

  stop(): void {
    this.stopped = true
  }
}

/** An `RTCPeerConnection` that negotiates and carries nothing. */
export class FakePeerConnection {
  connectionState: RTCPeerConnectionState = 'new'
  signalingState: RTCSignalingState = 'stable'
  onconnectionstatechange: ((event: Event) => unknown) | null = null
  /** The options of each offer. */
  readonly offers: RTCOfferOptions[] = []
  /** What `getStats` resolves to. */
  stats: Map<string, unknown> = new Map()
  readonly configuration: RTCConfiguration
  readonly #transceivers: FakeTransceiver[] = []

  constructor(configuration: RTCConfiguration) {
    this.configuration = configuration
  }

  addTransceiver(kind: 'audio' | 'video', init: RTCRtpTransceiverInit): FakeTransceiver {
    const transceiver = new FakeTransceiver(kind, init)
    this.#transceivers.push(transceiver)
    return transceiver
  }

  getTransceivers(): FakeTransceiver[] {
    return this.#transceivers
  }

  async createOffer(options: RTCOfferOptions = {}): Promise<RTCSessionDescriptionInit> {
    this.offers.push(options)
    return { type: 'offer', sdp: `offer ${this.offers.length}` }
  }

  async setLocalDescription({ type }: RTCSessionDescriptionInit): Promise<void> {
    this.signalingState = type === 'rollback' ? 'stable' : 'have-local-offer'
    if (type !== 'rollback') this.#transceivers.forEach((each, index) => (each.mid ??= String(index)))
  }

  async setRemoteDescription(): Promise<void> {
    this.signalingState = 'stable'
  }

  async getStats(): Promise<Map<string, unknown>> {
    return this.stats
  }

  /** What ICE and DTLS would do. */
  become(state: RTCPeerConnectionState): void {
    this.connectionState = state
    this.onconnectionstatechange?.(new Event('connectionstatechange'))
  }

  close(): void {
    this.connectionState = 'closed'
    this.signalingState = 'closed'
  }
}
