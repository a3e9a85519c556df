import type { Emitter } from '../emitter.js'
import type { RoomEvents } from '../events.js'
import type { ServerMessage } from '../protocol.js'
import type { TrackPublication } from '../publication.js'
import type { Roster } from '../roster.js'
import type { AudioOutput } from './audio-output.js'
import type { Peer } from './peer.js'

type SlotsMessage = Extract<ServerMessage, { type: 'slots' }>

/** What carries a track now: the browser's track, and for a picture the slot's stream. */
interface Carrier {
  media: MediaStreamTrack
  picture: MediaStream | null
}

/**
 * Applies what the server says the slots carry. Nothing else tells: a slot that falls silent fires no `mute`, and its
 * element would go on showing the last picture of whoever was there before.
 */
export class Receiver {
  readonly #roster: Roster
  readonly #events: Emitter<RoomEvents>
  readonly #audio: AudioOutput
  readonly #subscribed = new Set<TrackPublication>()
  #peer: Peer | null = null
  #slots: SlotsMessage | null = null

  constructor(roster: Roster, events: Emitter<RoomEvents>, audio: AudioOutput) {
    this.#roster = roster
    this.#events = events
    this.#audio = audio
  }

  /** A new peer connection starts with empty slots. */
  setPeer(peer: Peer | null): void {
    this.#peer = peer
    this.#slots = null
    this.rebind()
  }

  slots(message: SlotsMessage): void {
    this.#slots = message
    this.rebind()
  }

  /** The roster may learn of a track after a slot carries it, so this runs when either changes. */
  rebind(): void {
    const carriers = this.#carriers()
    for (const publication of [...this.#subscribed]) {
      if (!carriers.has(publication)) this.#lose(publication)
    }
    for (const [publication, { media, picture }] of carriers) {
      publication.track?.setMedia(media, picture)
      if (!this.#subscribed.has(publication)) this.#gain(publication)
    }
  }

  /** Which transceivers carry publications now, for the statistics: publication by mid. */
  byMid(): Map<string, TrackPublication> {
    const mids = new Map<string, TrackPublication>()
    this.#each((track, transceiver) => {
      const publication = this.#roster.publication(track)
      if (publication && transceiver.mid !== null) mids.set(transceiver.mid, publication)
    })
    return mids
  }

  #carriers(): Map<TrackPublication, Carrier> {
    const carriers = new Map<TrackPublication, Carrier>()
    this.#each((track, transceiver, key, picture) => {
      const media = transceiver.receiver.track
      if (!picture) this.#audio.play(key, media)
      const publication = this.#roster.publication(track)
      if (publication && !carriers.has(publication)) carriers.set(publication, { media, picture })
    })
    return carriers
  }

  /** Slots before audio-only slots: where both carry a voice, the one beside the picture counts. */
  #each(
    visit: (track: string, transceiver: RTCRtpTransceiver, key: string, picture: MediaStream | null) => void,
  ): void {
    const peer = this.#peer
    if (!peer || !this.#slots) return
    for (const { slot, video, audio } of this.#slots.slots) {
      const pair = peer.slots[slot]
      if (pair && video !== null) visit(video, pair.video, `slot-${slot}`, pair.picture)
      if (pair && audio !== null) visit(audio, pair.audio, `slot-${slot}`, null)
    }
    for (const { slot, audio } of this.#slots.audio_slots) {
      const transceiver = peer.audioSlots[slot]
      if (transceiver) visit(audio, transceiver, `audio-${slot}`, null)
    }
  }

  #gain(publication: TrackPublication): void {
    this.#subscribed.add(publication)
    const { track, participant } = publication
    if (track) this.#events.emit('trackSubscribed', track, publication, participant)
  }

  #lose(publication: TrackPublication): void {
    this.#subscribed.delete(publication)
    const { track, participant } = publication
    if (!track?.hasMedia) return // it ended, and the roster has said so
    track.setMedia(null, null)
    this.#events.emit('trackUnsubscribed', track, publication, participant)
  }
}
