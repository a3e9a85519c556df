/** A `MediaStreamTrack` without a device. */
export class FakeTrack extends EventTarget {
  readonly kind: 'audio' | 'video'
  readonly id: string = crypto.randomUUID()
  label: string
  enabled = true
  contentHint = ''
  readyState: 'live' | 'ended' = 'live'
  onended: ((event: Event) => unknown) | null = null
  readonly #deviceId: string

  constructor(kind: 'audio' | 'video', deviceId: string = 'default') {
    super()
    this.kind = kind
    this.label = `${kind} ${deviceId}`
    this.#deviceId = deviceId
  }

  getSettings(): MediaTrackSettings {
    return { deviceId: this.#deviceId }
  }

  clone(): FakeTrack {
    return new FakeTrack(this.kind, this.#deviceId)
  }

  stop(): void {
    this.readyState = 'ended'
  }

  /** The device is unplugged, or the user stops sharing. */
  end(): void {
    this.readyState = 'ended'
    const event = new Event('ended')
    this.onended?.(event)
    this.dispatchEvent(event)
  }
}

export class FakeStream {
  readonly id: string = crypto.randomUUID()
  readonly #tracks: FakeTrack[]

  constructor(tracks: FakeTrack[] = []) {
    this.#tracks = [...tracks]
  }

  getTracks(): FakeTrack[] {
    return this.#tracks
  }
}

/** `navigator.mediaDevices`: gives what is asked for, or fails with `failure`. */
export class FakeMediaDevices extends EventTarget {
  /** Every track that was handed out, oldest first. */
  readonly tracks: FakeTrack[] = []
  /** The next calls fail with a `DOMException` of this name. */
  failure: string | null = null
  /** Asking for one of these fails as if there were none. */
  missing: ('audio' | 'video')[] = []
  /** How often the user was asked. */
  questions = 0
  screenHasSound = true
  /** What the user takes to answer. */
  asking: Promise<void> = Promise.resolve()
  devices: Partial<MediaDeviceInfo>[] = []

  async getUserMedia(constraints: MediaStreamConstraints): Promise<FakeStream> {
    this.#check()
    await this.asking
    const kinds = (['audio', 'video'] as const).filter((kind) => constraints[kind])
    if (kinds.some((kind) => this.missing.includes(kind))) throw new DOMException('none here', 'NotFoundError')
    return this.#give(kinds.map((kind) => new FakeTrack(kind, wanted(constraints[kind]))))
  }

  async getDisplayMedia(): Promise<FakeStream> {
    this.#check()
    const sound = this.screenHasSound ? [new FakeTrack('audio', 'screen')] : []
    return this.#give([new FakeTrack('video', 'screen'), ...sound])
  }

  async enumerateDevices(): Promise<Partial<MediaDeviceInfo>[]> {
    return this.devices
  }

  #check(): void {
    this.questions++
    if (this.failure) throw new DOMException('as the test wants it', this.failure)
  }

  #give(tracks: FakeTrack[]): FakeStream {
    this.tracks.push(...tracks)
    return new FakeStream(tracks)
  }
}

function wanted(constraint: boolean | MediaTrackConstraints | undefined): string {
  const id =
    typeof constraint === 'object' ? (constraint.deviceId as ConstrainDOMStringParameters | undefined) : undefined
  return String(id?.exact ?? 'default')
}

/** Puts the fakes where the SDK looks for the browser's own; returns what takes them away again. */
export function installFakeMedia(devices: FakeMediaDevices = new FakeMediaDevices()): () => void {
  const globals: Record<string, unknown> = { MediaStream: FakeStream, navigator: { mediaDevices: devices } }
  const before = Object.keys(globals).map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const)
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true })
  }
  return () => {
    for (const [name, descriptor] of before) {
      if (descriptor) Object.defineProperty(globalThis, name, descriptor)
      else Reflect.deleteProperty(globalThis, name)
    }
  }
}
