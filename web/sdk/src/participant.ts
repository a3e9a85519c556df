import type { ConnectionState, Participant as WireParticipant, Role, Source } from './protocol.js'
import type { TrackPublication } from './publication.js'

/** A member of the room. The object stays the same through that member's reconnects. */
export class Participant {
  readonly isLocal: boolean
  readonly #publications = new Map<Source, TrackPublication>()
  #id: string
  #name: string
  #picture: string | null
  #role: Role
  #connection: ConnectionState
  #level = 0
  #isSpeaking = false

  /** @internal */
  constructor(wire: Omit<WireParticipant, 'tracks'>, isLocal: boolean = false) {
    this.isLocal = isLocal
    this.#id = wire.id
    this.#name = wire.name
    this.#picture = wire.picture
    this.#role = wire.role
    this.#connection = wire.connection
  }

  get id(): string {
    return this.#id
  }

  get name(): string {
    return this.#name
  }

  /** Where the picture is of somebody who is signed in and shows one to everybody. */
  get picture(): string | null {
    return this.#picture
  }

  get role(): Role {
    return this.#role
  }

  /** Whether the participant's connection is up, as far as the server can tell. */
  get connection(): ConnectionState {
    return this.#connection
  }

  get isSpeaking(): boolean {
    return this.#isSpeaking
  }

  /** Loudness, 0 to 1. */
  get level(): number {
    return this.#level
  }

  get publications(): ReadonlyMap<Source, TrackPublication> {
    return this.#publications
  }

  publication(source: Source): TrackPublication | undefined {
    return this.#publications.get(source)
  }

  /** @internal Whether that changed anything. */
  update(wire: Partial<Omit<WireParticipant, 'tracks'>>): boolean {
    const before = [this.#id, this.#name, this.#picture, this.#role, this.#connection].join()
    this.#id = wire.id ?? this.#id
    this.#name = wire.name ?? this.#name
    if (wire.picture !== undefined) this.#picture = wire.picture
    this.#role = wire.role ?? this.#role
    this.#connection = wire.connection ?? this.#connection
    return before !== [this.#id, this.#name, this.#picture, this.#role, this.#connection].join()
  }

  /** @internal `level` is null of somebody who does not speak. */
  setLevel(level: number | null): void {
    this.#isSpeaking = level !== null
    this.#level = level ?? 0
  }

  /** @internal */
  add(publication: TrackPublication): void {
    this.#publications.set(publication.source, publication)
  }

  /** @internal */
  take(source: Source): void {
    this.#publications.delete(source)
  }
}
