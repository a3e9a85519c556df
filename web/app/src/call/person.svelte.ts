import type { Participant, Source, TrackPublication } from '@confab/sdk'
import type { Role } from '@confab/sdk'

/** What a tile needs to know of a publication. */
export interface Media {
  publication: TrackPublication
  muted: boolean
  /** Whether a picture arrives: the tile is covered while it does not. */
  live: boolean
}

/** One participant, mirrored. Setting an equal value wakes nobody, so `sync` may be called at every event. */
export class Person {
  readonly participant: Participant
  readonly isLocal: boolean
  id = $state('')
  name = $state('')
  picture = $state<string | null>(null)
  role = $state<Role>('guest')
  reconnecting = $state(false)
  speaking = $state(false)
  microphoneMuted = $state(true)
  camera = $state.raw<Media | null>(null)
  screen = $state.raw<Media | null>(null)

  constructor(participant: Participant) {
    this.participant = participant
    this.isLocal = participant.isLocal
    this.sync()
  }

  sync(): void {
    const { participant } = this
    this.id = participant.id
    this.name = participant.name
    this.picture = participant.picture
    this.role = participant.role
    this.reconnecting = participant.connection === 'reconnecting'
    this.microphoneMuted = participant.publication('microphone')?.muted ?? true
    this.camera = this.#media('camera', this.camera)
    this.screen = this.#media('screen', this.screen)
  }

  #media(source: Source, before: Media | null): Media | null {
    const publication = this.participant.publication(source)
    if (!publication) return null
    const live = publication.track !== null && (this.isLocal || publication.subscribed)
    const unchanged = before?.publication === publication && before.muted === publication.muted && before.live === live
    return unchanged ? before : { publication, muted: publication.muted, live }
  }
}
