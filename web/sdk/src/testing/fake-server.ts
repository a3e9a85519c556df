import type { Environment, SignallingSocket } from '../environment.js'
import type { ChatLine, ClientMessage, ServerMessage, VideoCodec, Participant as WireParticipant } from '../protocol.js'
import { FakePeerConnection } from './fake-peer.js'

/** The far end of one WebSocket. */
export class FakeSocket implements SignallingSocket {
  onopen: ((event: Event) => unknown) | null = null
  onmessage: ((event: MessageEvent) => unknown) | null = null
  onclose: ((event: CloseEvent) => unknown) | null = null
  onerror: ((event: Event) => unknown) | null = null
  readonly url: string
  /** `ticket.<JWT>` or `resume.<token>`. */
  readonly credential: string
  /** What the client sent here. */
  readonly received: ClientMessage[] = []
  /** The code with which the client closed it. */
  closedWith: number | undefined | null = null
  readonly #receive: (message: ClientMessage) => void

  constructor(url: string, credential: string, receive: (message: ClientMessage) => void) {
    this.url = url
    this.credential = credential
    this.#receive = receive
  }

  send(text: string): void {
    const message = JSON.parse(text) as ClientMessage
    this.received.push(message)
    this.#receive(message)
  }

  close(code?: number): void {
    this.closedWith = code
  }

  deliver(message: ServerMessage): void {
    this.onmessage?.({ data: JSON.stringify(message) } as MessageEvent)
  }

  /** The network or the server ends it. */
  drop(code: number = 1006): void {
    this.onclose?.({ code, reason: '' } as CloseEvent)
  }
}

type Welcome = Extract<ServerMessage, { type: 'welcome' }>

/**
 * Signalling without a network: lets clients in, answers their offers, and says whatever a test wants said. Give its
 * `environment` to `new Room({ environment })`, and call `installFakeMedia` where there is no browser.
 */
export class FakeServer {
  /** Whether it can be reached at all. */
  up = true
  /** Whether a resume finds its participant. */
  resumes = true
  /** Whether offers are answered. */
  answers = true
  readonly sockets: FakeSocket[] = []
  readonly peers: FakePeerConnection[] = []
  /** Everybody but the client. */
  others: WireParticipant[] = []
  chat: ChatLine[] = []
  /** The room's. */
  codec: VideoCodec = 'vp8'
  /** The client, as it is told of itself. */
  you: WireParticipant = { id: 'you-1', name: 'You', picture: null, role: 'host', connection: 'connected', tracks: [] }
  readonly environment: Environment = {
    socket: (url, protocols) => this.#accept(url, protocols[1] ?? ''),
    peerConnection: (configuration) => {
      const peer = new FakePeerConnection(configuration)
      this.peers.push(peer)
      return peer as unknown as RTCPeerConnection
    },
    serverIsUp: async () => this.up,
  }
  #joins = 0
  #welcomes = 0

  /** The latest connection. */
  get socket(): FakeSocket {
    return last(this.sockets)
  }

  /** The latest peer connection. */
  get peer(): FakePeerConnection {
    return last(this.peers)
  }

  /** What the client sent, over all connections, of one type or of all. */
  received<T extends ClientMessage['type']>(type: T): Extract<ClientMessage, { type: T }>[] {
    const all = this.sockets.flatMap((socket) => socket.received)
    return all.filter((message): message is Extract<ClientMessage, { type: T }> => message.type === type)
  }

  send(message: ServerMessage): void {
    this.socket.deliver(message)
  }

  /** Somebody joins, with these tracks. */
  join(participant: Partial<WireParticipant> & { id: string }): void {
    const whole: WireParticipant = {
      name: participant.id,
      picture: null,
      role: 'guest',
      connection: 'connected',
      tracks: [],
      ...participant,
    }
    this.others.push(whole)
    this.send({ type: 'participant_joined', participant: whole })
  }

  #accept(url: string, credential: string): FakeSocket {
    const socket: FakeSocket = new FakeSocket(url, credential, (message) => this.#receive(socket, message))
    this.sockets.push(socket)
    const resume = credential.startsWith('resume.')
    queueMicrotask(() => {
      if (!this.up || (resume && !this.resumes)) return socket.drop()
      if (!resume) this.#newParticipant()
      socket.onopen?.(new Event('open'))
    })
    return socket
  }

  #newParticipant(): void {
    this.#joins++
    this.you = { ...this.you, id: `you-${this.#joins}`, tracks: [] }
  }

  #receive(socket: FakeSocket, message: ClientMessage): void {
    if (message.type === 'hello') queueMicrotask(() => socket.deliver(this.#welcome(socket)))
    if (message.type === 'ping') queueMicrotask(() => socket.deliver({ type: 'pong', nonce: message.nonce }))
    if (message.type === 'offer' && this.answers) {
      const { request } = message
      queueMicrotask(() => socket.deliver({ type: 'answer', request, sdp: `answer ${request}` }))
    }
    if (message.type === 'publish') this.#published(socket, message)
    if (message.type === 'mute') this.#muted(message)
    if (message.type === 'unpublish') {
      this.you.tracks = this.you.tracks.filter((track) => track.source !== message.source)
    }
  }

  #published(socket: FakeSocket, { source, muted }: Extract<ClientMessage, { type: 'publish' }>): void {
    const track = { id: `${this.you.id}-${source}`, source, muted }
    this.you.tracks = [...this.you.tracks, track]
    const participant = this.you.id
    queueMicrotask(() => socket.deliver({ type: 'track_published', participant, track }))
  }

  #muted({ source, muted }: Extract<ClientMessage, { type: 'mute' }>): void {
    this.you.tracks = this.you.tracks.map((track) => (track.source === source ? { ...track, muted } : track))
  }

  #welcome(socket: FakeSocket): Welcome {
    return {
      type: 'welcome',
      version: 1,
      resumed: socket.credential.startsWith('resume.'),
      resume_token: `token-${++this.#welcomes}`,
      you: this.you.id,
      role: this.you.role,
      room: { id: 'room', name: 'A room', locked: false, codec: this.codec },
      participants: [this.you, ...this.others],
      chat: this.chat,
      ice_servers: [],
    }
  }
}

function last<T>(list: readonly T[]): T {
  const item = list.at(-1)
  if (item === undefined) throw new Error('the client has not connected yet')
  return item
}
