import type { Role, Source } from './fakeSdk'
import { drawnTrack } from './fakeVideo'

export class Track {
  readonly kind: 'audio' | 'video'
  readonly source: Source
  readonly #media: MediaStreamTrack | null

  constructor(source: Source, media: MediaStreamTrack | null) {
    this.source = source
    this.kind = source === 'camera' || source === 'screen' ? 'video' : 'audio'
    this.#media = media
  }

  attach(element = document.createElement('video')): HTMLVideoElement {
    element.srcObject = this.#media && new MediaStream([this.#media])
    return element
  }

  detach(element?: HTMLVideoElement): void {
    if (element) element.srcObject = null
  }

  get mediaStreamTrack(): MediaStreamTrack {
    if (!this.#media) throw new Error('no media')
    return this.#media
  }
}

export class TrackPublication {
  readonly id: string
  readonly source: Source
  readonly participant: Participant
  readonly subscribed = true
  muted = false
  track: Track | null

  constructor(participant: Participant, source: Source, media: MediaStreamTrack | null) {
    this.id = `${participant.id}-${source}`
    this.participant = participant
    this.source = source
    this.track = new Track(source, media)
  }

  setPreference(_preference: unknown): void {}
}

export class Participant {
  readonly id: string
  readonly name: string
  readonly isLocal: boolean = false
  role: Role = 'guest'
  connection: 'connected' | 'reconnecting' = 'connected'
  isSpeaking = false
  level = 0
  readonly publications = new Map<Source, TrackPublication>()

  constructor(id: string, name: string) {
    this.id = id
    this.name = name
  }

  publication(source: Source): TrackPublication | undefined {
    return this.publications.get(source)
  }

  publish(source: Source, media: MediaStreamTrack | null, muted = false): TrackPublication {
    const publication = new TrackPublication(this, source, media)
    publication.muted = muted
    this.publications.set(source, publication)
    return publication
  }
}

export class LocalParticipant extends Participant {
  override readonly isLocal = true
  readonly microphoneLevel = 0.4
  readonly changed: (source: Source) => void

  constructor(name: string, changed: (source: Source) => void) {
    super('p-me', name)
    this.changed = changed
  }

  get microphoneOn(): boolean {
    return this.#on('microphone')
  }
  get cameraOn(): boolean {
    return this.#on('camera')
  }
  get screenOn(): boolean {
    return this.#on('screen')
  }

  async setMicrophone(on: boolean, _options?: { deviceId?: string }): Promise<void> {
    this.publish('microphone', null, !on)
    this.changed('microphone')
  }

  async setCamera(on: boolean, _options?: { deviceId?: string }): Promise<void> {
    this.publish('camera', on ? drawnTrack('p-me', 'person') : null, !on)
    this.changed('camera')
  }

  async setScreenShare(on: boolean): Promise<void> {
    if (on) this.publish('screen', drawnTrack('p-me', 'screen'))
    else this.publications.delete('screen')
    this.changed('screen')
  }

  #on(source: Source): boolean {
    const publication = this.publications.get(source)
    return publication !== undefined && !publication.muted
  }
}
