import { Chat } from './chat.js'
import { Emitter } from './emitter.js'
import type { Environment } from './environment.js'
import { MediaError, mediaError } from './errors.js'
import type { ClosedReason, RoomEvents, RoomState } from './events.js'
import { LocalParticipant } from './local-participant.js'
import { AudioOutput } from './media/audio-output.js'
import { FirstFrame } from './media/first-frame.js'
import { Media } from './media/media.js'
import { Publisher } from './media/publisher.js'
import type { ClientMessage, Role, RoomInfo, ServerMessage } from './protocol.js'
import { Roster } from './roster.js'
import type { Welcome } from './signalling/connection.js'
import type { Ticket } from './signalling/signalling.js'
import { Signalling } from './signalling/signalling.js'

export interface CallOptions {
  environment: Environment
  videoConstraints: MediaTrackConstraints
  /** Asked anew each time, for the application may set it late. */
  rejoin(): (() => Promise<Ticket>) | null
}

type Handlers = { [T in ServerMessage['type']]?: (message: Extract<ServerMessage, { type: T }>) => void }

/** The works behind `Room`: wires the parts of a meeting together and hands each message to the part that it is for. */
export class Call {
  readonly events: Emitter<RoomEvents> = new Emitter()
  readonly local: LocalParticipant
  readonly roster: Roster
  readonly publisher: Publisher
  readonly chat: Chat
  readonly audio: AudioOutput
  readonly media: Media
  readonly firstFrame: FirstFrame
  readonly signalling: Signalling
  state: RoomState = 'idle'
  closedReason: ClosedReason | null = null
  info: RoomInfo = { id: '', name: null, locked: false, codec: 'vp8' }
  role: Role = 'guest'
  #applying = false
  readonly #page = new AbortController()

  constructor(options: CallOptions) {
    const { environment, videoConstraints } = options
    const send = (message: ClientMessage): boolean => this.send(message)
    this.publisher = new Publisher(this.events, { send, videoConstraints })
    this.local = new LocalParticipant(this.publisher)
    this.publisher.bind(this.local)
    this.audio = new AudioOutput(() => this.events.emit('audioBlocked'))
    this.firstFrame = new FirstFrame((milliseconds) => send({ type: 'first_frame', milliseconds }))
    this.roster = new Roster(this.local, this.events, {
      changed: () => this.media.rosterChanged(),
      track: (source) => this.media.trackHooks(source),
    })
    this.chat = new Chat({
      send,
      me: () => ({ id: this.local.id, name: this.local.name }),
      changed: (line) => this.events.emit('chat', line),
    })
    this.signalling = new Signalling(environment, {
      welcome: (welcome) => this.#welcome(welcome),
      message: (message) => this.#dispatch(message),
      down: () => this.#down(),
      ended: (reason, error) => this.end(reason, error),
      rejoin: () => options.rejoin()?.() ?? null,
    })
    this.media = new Media(environment, this, {
      changed: () => this.#updateState(),
      startOver: () => this.signalling.startOver(),
      hopeless: () => this.end('failed', new MediaError('connection_failed', 'no media gets through')),
      canNegotiate: () => this.signalling.isUp,
    })
    this.events.on('trackSubscribed', (_track, publication) => this.media.subscribed(publication))
  }

  async connect(ticket: Ticket, joinClickedAt: number, signal?: AbortSignal): Promise<void> {
    if (this.state !== 'idle') throw new MediaError('invalid_state', 'a room connects once; make a new one')
    this.firstFrame.start(joinClickedAt)
    this.#setState('connecting')
    try {
      await this.signalling.connect(ticket, signal)
      if (this.closedReason) throw new MediaError('unsupported', 'this browser has no WebRTC')
    } catch (cause) {
      const error = mediaError(cause, 'connection_failed')
      this.end('failed', null)
      throw error
    }
  }

  send(message: ClientMessage): boolean {
    return this.signalling.send(message)
  }

  /** The end, for whatever reason; nothing comes after it. */
  end(reason: ClosedReason, error: MediaError | null): void {
    if (this.closedReason) return
    this.closedReason = reason
    if (reason === 'left') this.send({ type: 'leave' })
    this.#page.abort()
    this.signalling.close()
    this.media.close()
    this.publisher.stop()
    this.audio.close()
    this.chat.close()
    this.firstFrame.stop()
    if (error) this.events.emit('error', error)
    this.#setState('closed')
  }

  #welcome(welcome: Welcome): void {
    const first = this.state === 'connecting'
    // The state is told last: whoever hears `connected` finds everything in its place.
    this.#applying = true
    // Who and what is there already is state to be read after `connect`, not news.
    try {
      if (first) this.events.quietly(() => this.#apply(welcome))
      else this.#apply(welcome)
    } catch (cause) {
      return this.end('failed', mediaError(cause, 'unsupported')) // a browser without WebRTC, or with it switched off
    } finally {
      this.#applying = false
    }
    if (first) this.#watchPage()
    this.#updateState()
  }

  #apply({ room, role, you, participants, resumed, ice_servers, chat }: Welcome): void {
    const { locked } = this.info
    this.info = room
    this.role = role
    // A rejoin gives a new id; everything below compares with it.
    if (this.local.update({ id: you, role })) this.events.emit('participantChanged', this.local)
    if (resumed) this.media.resumed()
    else this.media.restart(ice_servers, room.codec)
    this.roster.apply(you, participants)
    this.publisher.welcome(participants.find((each) => each.id === you)?.tracks ?? [])
    this.chat.welcome(you, chat)
    if (locked !== room.locked) this.events.emit('lockedChanged', room.locked)
  }

  #down(): void {
    this.chat.connectionLost()
    this.roster.speaking([])
    this.#updateState()
  }

  /** By the state of the parts. Only `connect` and `end` go elsewhere. */
  #updateState(): void {
    if (this.#applying || this.state === 'idle' || this.closedReason) return
    if (this.state === 'connecting' && !this.signalling.isUp) return
    this.#setState(this.signalling.isUp && !this.media.isRecovering ? 'connected' : 'reconnecting')
  }

  #setState(state: RoomState): void {
    if (state === this.state) return
    this.state = state
    this.events.emit('stateChanged', state)
  }

  #dispatch(message: ServerMessage): void {
    const handler = this.#handlers[message.type] as ((message: ServerMessage) => void) | undefined
    handler?.(message)
  }

  readonly #handlers: Handlers = {
    answer: ({ request, sdp }) => this.media.answered(request, sdp),
    participant_joined: ({ participant }) => this.roster.joined(participant),
    participant_left: ({ participant, reason }) => this.roster.left(participant, reason),
    participant_connection: ({ participant, connection }) => this.roster.connection(participant, connection),
    track_published: ({ participant, track }) => {
      if (participant === this.local.id) this.publisher.confirmed(track)
      else this.roster.published(participant, track)
    },
    track_unpublished: ({ participant, track }) => this.roster.unpublished(participant, track),
    track_muted: (message) => this.#trackMuted(message),
    slots: (message) => this.media.slots(message),
    publication_wishes: (message) => this.media.wishes(message),
    speakers: ({ speakers }) => this.roster.speaking(speakers),
    chat: ({ line, client_id }) => this.chat.receive(line, client_id),
    room_locked: ({ locked }) => {
      this.info = { ...this.info, locked }
      this.events.emit('lockedChanged', locked)
    },
    error: ({ code, message, request }) => {
      const error = new MediaError(code, message)
      if (request === null) this.events.emit('error', error)
      else this.media.refused(request, error)
    },
  }

  /** One's own tracks were switched here already; news is only what a host did. */
  #trackMuted({ participant, track, muted, by_host }: Extract<ServerMessage, { type: 'track_muted' }>): void {
    if (participant !== this.local.id) return this.roster.muted(participant, track, muted, by_host)
    if (!by_host || !muted) return
    const own = [...this.local.publications.values()].find((each) => each.id === track)
    if (own) this.publisher.mutedByHost(own.source)
  }

  #watchPage(): void {
    if (typeof window === 'undefined') return
    const { signal } = this.#page
    // A closed tab leaves at once, instead of staying in everybody's roster until the server misses it.
    window.addEventListener('pagehide', () => this.end('left', null), { signal })
    window.addEventListener('online', () => this.#networkChanged(), { signal })
  }

  #networkChanged(): void {
    this.signalling.networkChanged()
    this.media.networkChanged()
  }
}
