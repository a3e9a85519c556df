import type { Participant } from './participant.js'
import type { Source } from './protocol.js'
import type { Demand, TrackHooks } from './track.js'
import { Track } from './track.js'

/** What one wants of a track, beyond what its elements tell. Sizes are in device pixels. */
export interface Preference {
  width?: number
  height?: number
  /** The most frames per second that are of use. */
  fps?: number
  /** First when bandwidth is short, and never without a slot. */
  pinned?: boolean
}

/** A participant's camera, microphone or screen, as it is announced to the room. */
export class TrackPublication {
  readonly source: Source
  readonly participant: Participant
  /** There from the start, so that it can be attached at once; `subscribed` tells whether it carries media. */
  readonly track: Track | null
  readonly #demandChanged: () => void
  #id: string
  #muted: boolean
  #preference: Preference | null = null

  /** @internal */
  constructor(
    participant: Participant,
    wire: { id: string; source: Source; muted: boolean },
    hooks: TrackHooks | null,
  ) {
    this.participant = participant
    this.source = wire.source
    this.#id = wire.id
    this.#muted = wire.muted
    this.track = new Track(wire.source, hooks)
    this.#demandChanged = () => hooks?.demandChanged('now')
  }

  /** The server's id of the track; empty for a track of one's own that the server has not confirmed yet. */
  get id(): string {
    return this.#id
  }

  get muted(): boolean {
    return this.#muted
  }

  /**
   * Whether media of this track arrives now. While it does not, cover its elements: they show nothing. Always true of
   * one's own tracks while their device is on.
   */
  get subscribed(): boolean {
    return this.track?.hasMedia ?? false
  }

  /** Overrides what the attached elements tell; null leaves it to them again. */
  setPreference(preference: Preference | null): void {
    this.#preference = preference
    this.#demandChanged()
  }

  /** @internal */
  get preference(): Preference {
    return this.#preference ?? {}
  }

  /** @internal */
  get demand(): Demand | null {
    return this.track?.demand ?? null
  }

  /** @internal Whether that changed anything. */
  setMuted(muted: boolean): boolean {
    const changed = muted !== this.#muted
    this.#muted = muted
    return changed
  }

  /** @internal The server gives an id to what was published ahead of its answer. */
  setId(id: string): void {
    this.#id = id
  }
}
