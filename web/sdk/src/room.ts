import { Call } from './call.js'
import type { Chat } from './chat.js'
import type { ListenOptions } from './emitter.js'
import type { Environment } from './environment.js'
import { browser } from './environment.js'
import type { ClosedReason, RoomEvents, RoomState } from './events.js'
import type { LocalParticipant } from './local-participant.js'
import type { LocalPreview } from './media/preview.js'
import type { Participant } from './participant.js'
import type { ClientMessage, Role, Source } from './protocol.js'
import type { Ticket } from './signalling/signalling.js'
import type { RoomStats } from './stats.js'
import type { Cancel } from './wait.js'

export interface RoomOptions {
  /** Its camera and microphone are published with the first offer, and are the room's from then on. */
  preview?: LocalPreview
  /** Not used by the room itself, which is given tickets; a place to keep it for `rejoin`. */
  hostKey?: string
  /** `performance.now()` of the click on Join, for `firstFrameMs`; without it, the call of `connect` counts. */
  joinClickedAt?: number
  /** Beyond 720p at 30 frames per second, for the camera. */
  videoConstraints?: MediaTrackConstraints
  /** Replaces the outside world: `@confab/sdk/testing` has one for tests. */
  environment?: Partial<Environment>
}

/** A host's tools. The server checks the role; a guest's calls end in an `error` event. */
export class Moderation {
  readonly #send: (message: ClientMessage) => unknown

  /** @internal */
  constructor(send: (message: ClientMessage) => unknown) {
    this.#send = send
  }

  /** Only the participant can unmute it again. */
  mute(participant: Participant, source: Source): void {
    this.#send({ type: 'mute_participant', participant: participant.id, source })
  }

  remove(participant: Participant): void {
    this.#send({ type: 'remove_participant', participant: participant.id })
  }

  /** Nobody new may join while a room is locked. */
  lock(locked: boolean): void {
    this.#send({ type: 'lock_room', locked })
  }

  /** Ends the meeting for everybody. */
  end(): void {
    this.#send({ type: 'end_room' })
  }
}

/** A meeting, from `connect` to `leave`. It keeps itself connected in between; `state` and `error` tell how it fares. */
export class Room {
  readonly #options: RoomOptions
  readonly #call: Call
  readonly moderation: Moderation
  /**
   * Gets a fresh ticket when the server no longer knows us, because it restarted or we were away for too long. Without
   * it, such a loss is final.
   */
  rejoin: (() => Promise<Ticket>) | null = null
  /** For what the SDK does not do. It may change without notice. */
  readonly unstable: { readonly pc: RTCPeerConnection | null; restartIce(): Promise<void> }

  constructor(options: RoomOptions = {}) {
    this.#options = options
    const call = new Call({
      environment: { ...browser, ...options.environment },
      videoConstraints: options.videoConstraints ?? {},
      rejoin: () => this.rejoin,
    })
    this.#call = call
    this.moderation = new Moderation((message) => call.send(message))
    this.unstable = {
      get pc(): RTCPeerConnection | null {
        return call.media.pc
      },
      restartIce: () => call.media.restartIce(),
    }
  }

  get state(): RoomState {
    return this.#call.state
  }

  /** Null until `state` is `closed`. */
  get closedReason(): ClosedReason | null {
    return this.#call.closedReason
  }

  /** Empty before `connect`. */
  get id(): string {
    return this.#call.info.id
  }

  get name(): string | null {
    return this.#call.info.name
  }

  get locked(): boolean {
    return this.#call.info.locked
  }

  /** One's own role. */
  get role(): Role {
    return this.#call.role
  }

  get local(): LocalParticipant {
    return this.#call.local
  }

  /** The others by id, in the order in which they joined. */
  get participants(): ReadonlyMap<string, Participant> {
    return this.#call.roster.others
  }

  /** Who speaks, loudest first; oneself among them. */
  get activeSpeakers(): readonly Participant[] {
    return this.#call.roster.speakers
  }

  get chat(): Chat {
    return this.#call.chat
  }

  /** SDP exchanges so far. Others' joins and leaves cost none. */
  get negotiations(): number {
    return this.#call.media.negotiations
  }

  /** Milliseconds from the click on Join to the first decoded picture of somebody else; null before it. */
  get firstFrameMs(): number | null {
    return this.#call.firstFrame.milliseconds
  }

  /** False while the browser waits for a click before it plays sound. */
  get canPlayAudio(): boolean {
    return this.#call.audio.canPlay
  }

  /** Returns what unsubscribes. */
  on<K extends keyof RoomEvents>(
    event: K,
    listener: (...args: RoomEvents[K]) => void,
    options: ListenOptions = {},
  ): () => void {
    return this.#call.events.on(event, listener, options)
  }

  /** Resolves once one is in the room; media follows by itself. A room connects once. */
  async connect(url: string, ticket: string, options: Cancel = {}): Promise<void> {
    const { preview, joinClickedAt = performance.now() } = this.#options
    if (preview && this.state === 'idle') await this.#call.publisher.adopt(preview)
    await this.#call.connect({ url, ticket }, joinClickedAt, options.signal)
  }

  /** Leaves for good and turns off camera, microphone and screen. */
  async leave(): Promise<void> {
    this.#call.end('left', null)
  }

  /** Call it within a click when `audioBlocked` was told. */
  startAudio(): Promise<void> {
    return this.#call.audio.start()
  }

  /** Plays the meeting on another device; an empty id is the default one. */
  setSpeaker(deviceId: string): Promise<void> {
    return this.#call.audio.setSpeaker(deviceId)
  }

  stats(): Promise<RoomStats> {
    return this.#call.media.stats()
  }

  /** `await using room = new Room()` leaves at the end of the block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.leave()
  }
}
