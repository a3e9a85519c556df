import type { Emitter } from './emitter.js'
import type { RoomEvents } from './events.js'
import type { LocalParticipant } from './local-participant.js'
import { Participant } from './participant.js'
import type { LeaveReason, Participant as WireParticipant, Source, Speaker, Track as WireTrack } from './protocol.js'
import { TrackPublication } from './publication.js'
import type { TrackHooks } from './track.js'

/** What the roster tells the rest of the room. */
export interface RosterHooks {
  /** People or tracks came or went. */
  changed(): void
  /** For the tracks of others. */
  readonly track: (source: Source) => TrackHooks | null
}

const LOUDEST = 127

/** Who is in the room and what they publish: applies the server's messages and says what changed. */
export class Roster {
  readonly local: LocalParticipant
  readonly #others = new Map<string, Participant>()
  readonly #events: Emitter<RoomEvents>
  readonly #hooks: RosterHooks
  #speakers: readonly Participant[] = []

  constructor(local: LocalParticipant, events: Emitter<RoomEvents>, hooks: RosterHooks) {
    this.local = local
    this.#events = events
    this.#hooks = hooks
  }

  get others(): ReadonlyMap<string, Participant> {
    return this.#others
  }

  get speakers(): readonly Participant[] {
    return this.#speakers
  }

  find(id: string): Participant | undefined {
    return id === this.local.id ? this.local : this.#others.get(id)
  }

  /** The publication of somebody else with this track id. */
  publication(track: string): TrackPublication | undefined {
    for (const participant of this.#others.values()) {
      for (const publication of participant.publications.values()) if (publication.id === track) return publication
    }
    return undefined
  }

  /** A welcome replaces all that was known; what is told is the difference. */
  apply(you: string, everybody: readonly WireParticipant[]): void {
    const present = new Set(everybody.map((each) => each.id))
    for (const id of [...this.#others.keys()]) if (id === you || !present.has(id)) this.left(id, 'lost')
    for (const each of everybody) {
      if (each.id === you) this.#updateLocal(each)
      else if (this.#others.has(each.id)) this.#update(each)
      else this.joined(each)
    }
    this.#hooks.changed()
  }

  joined(wire: WireParticipant): void {
    if (wire.id === this.local.id) return
    if (this.#others.has(wire.id)) return this.#update(wire)
    const participant = new Participant(wire)
    this.#others.set(wire.id, participant)
    // Complete before it is announced: whoever hears of it sees the tracks too.
    const publications = wire.tracks.map((track) => this.#make(participant, track))
    this.#events.emit('participantJoined', participant)
    for (const each of publications) this.#events.emit('trackPublished', each, participant)
    this.#hooks.changed()
  }

  left(id: string, reason: LeaveReason): void {
    const participant = this.#others.get(id)
    if (!participant) return
    for (const source of [...participant.publications.keys()]) this.#end(participant, source)
    this.#others.delete(id)
    if (this.#speakers.includes(participant)) this.#setSpeakers(this.#speakers.filter((each) => each !== participant))
    this.#events.emit('participantLeft', participant, reason)
    this.#hooks.changed()
  }

  connection(id: string, connection: WireParticipant['connection']): void {
    const participant = this.find(id)
    if (participant?.update({ connection })) this.#events.emit('participantChanged', participant)
  }

  /** Only others' tracks: one's own are announced where they are made. */
  published(id: string, track: WireTrack): void {
    const participant = this.#others.get(id)
    if (!participant) return
    const known = participant.publication(track.source)
    if (known?.id === track.id) return this.muted(id, track.id, track.muted, false)
    if (known) this.#end(participant, track.source)
    this.#events.emit('trackPublished', this.#make(participant, track), participant)
    this.#hooks.changed()
  }

  unpublished(id: string, track: string): void {
    const publication = this.#others.get(id) && this.publication(track)
    if (!publication) return
    this.#end(publication.participant, publication.source)
    this.#hooks.changed()
  }

  muted(id: string, track: string, muted: boolean, byHost: boolean): void {
    const publication = this.#others.get(id) && this.publication(track)
    if (!publication?.setMuted(muted)) return
    this.#events.emit('trackMuted', publication, publication.participant, byHost)
  }

  speaking(speakers: readonly Speaker[]): void {
    for (const each of this.#speakers) each.setLevel(null)
    const list: Participant[] = []
    for (const { participant: id, level } of speakers) {
      const participant = this.find(id)
      if (!participant) continue
      participant.setLevel(Math.min(level / LOUDEST, 1))
      list.push(participant)
    }
    this.#setSpeakers(list)
  }

  #setSpeakers(list: readonly Participant[]): void {
    if (list.length === 0 && this.#speakers.length === 0) return
    this.#speakers = list
    this.#events.emit('activeSpeakers', list)
  }

  #updateLocal({ tracks: _, ...wire }: WireParticipant): void {
    if (this.local.update(wire)) this.#events.emit('participantChanged', this.local)
  }

  #update({ tracks, ...wire }: WireParticipant): void {
    const participant = this.#others.get(wire.id)
    if (!participant) return
    if (participant.update(wire)) this.#events.emit('participantChanged', participant)
    const sources = new Set(tracks.map((track) => track.source))
    for (const source of [...participant.publications.keys()]) {
      if (!sources.has(source)) this.#end(participant, source)
    }
    for (const track of tracks) this.published(wire.id, track)
  }

  #make(participant: Participant, track: WireTrack): TrackPublication {
    const publication = new TrackPublication(participant, track, this.#hooks.track(track.source))
    participant.add(publication)
    return publication
  }

  #end(participant: Participant, source: Source): void {
    const publication = participant.publication(source)
    if (!publication) return
    participant.take(source)
    const { track } = publication
    if (track?.hasMedia) {
      track.setMedia(null, null)
      this.#events.emit('trackUnsubscribed', track, publication, participant)
    }
    track?.detach()
    this.#events.emit('trackUnpublished', publication, participant)
  }
}
