// A stand-in for @confab/sdk in `--mode demo`: a room with drawn participants. No server, no camera, never in production.
import { demo, lineAt, nameAt, ROOM_NAME } from './demo'
import { LocalParticipant, Participant, type Track, type TrackPublication } from './fakePeople'
import { drawnTrack } from './fakeVideo'
import { readStored } from '../ui/storage'

export type { LocalParticipant, Participant, Track, TrackPublication }
export type Source = 'microphone' | 'camera' | 'screen' | 'screen_audio'
export type Role = 'host' | 'guest'
export type RoomState = 'idle' | 'connecting' | 'connected' | 'reconnecting' | 'closed'
export type ClosedReason = 'left' | 'removed' | 'room_ended' | 'signed_out' | 'replaced' | 'failed'
export type LeaveReason = 'left' | 'lost' | 'removed'
export type MediaErrorCode = string
export interface Device {
  id: string
  label: string
}
export interface DeviceList {
  readonly cameras: readonly Device[]
  readonly microphones: readonly Device[]
  readonly speakers: readonly Device[]
}
export interface RoomOptions {
  preview?: LocalPreview
  hostKey?: string
  joinClickedAt?: number
  videoConstraints?: MediaTrackConstraints
}
export interface ChatLine {
  id: string
  from: string
  name: string
  text: string
  at: number
  isOwn: boolean
  state: 'sending' | 'sent' | 'failed'
}
export type RoomStats = Awaited<ReturnType<Room['stats']>>

export class MediaError extends Error {
  readonly code: MediaErrorCode
  constructor(code: MediaErrorCode) {
    super(code)
    this.code = code
  }
}

export const devices = {
  list: async (): Promise<DeviceList> =>
    demo.devices
      ? { cameras: [], microphones: [], speakers: [] }
      : {
          cameras: [{ id: 'c1', label: 'FaceTime HD Camera (built in)' }],
          microphones: [{ id: 'm1', label: 'USB microphone' }],
          speakers: [{ id: 's1', label: 'Headphones' }],
        },
  on: (_event: 'change', _listener: () => void, _options?: { signal?: AbortSignal }) => () => undefined,
}

export class LocalPreview {
  videoTrack: MediaStreamTrack | null = null
  audioTrack: MediaStreamTrack | null = null

  constructor(_options: { videoConstraints?: MediaTrackConstraints } = {}) {}

  get level(): number {
    return 0.35 + 0.3 * Math.sin(performance.now() / 180)
  }

  async start(wish: { video: unknown; audio: unknown; signal?: AbortSignal }) {
    if (demo.devices) {
      const error = new MediaError(demo.devices)
      return { videoError: wish.video ? error : null, audioError: wish.audio ? error : null }
    }
    if (wish.video) await this.setCamera(true)
    if (wish.audio) await this.setMicrophone(true)
    return { videoError: null, audioError: null }
  }

  async setCamera(on: boolean, _options?: unknown): Promise<void> {
    if (on && demo.devices) throw new MediaError(demo.devices)
    this.videoTrack = on ? drawnTrack('p-me', 'person') : null
  }

  async setMicrophone(on: boolean, _options?: unknown): Promise<void> {
    if (on && demo.devices) throw new MediaError(demo.devices)
    this.audioTrack = on ? new AudioContext().createMediaStreamDestination().stream.getAudioTracks()[0]! : null
  }

  stop(): void {
    this.videoTrack?.stop()
    this.audioTrack?.stop()
  }
}

interface RoomEvents {
  stateChanged: [RoomState]
  participantJoined: [Participant]
  participantLeft: [Participant, LeaveReason]
  participantChanged: [Participant]
  trackPublished: [TrackPublication, Participant]
  trackUnpublished: [TrackPublication, Participant]
  trackSubscribed: [Track, TrackPublication, Participant]
  trackUnsubscribed: [Track, TrackPublication, Participant]
  trackMuted: [TrackPublication, Participant, boolean]
  activeSpeakers: [readonly Participant[]]
  chat: [ChatLine]
  lockedChanged: [boolean]
  audioBlocked: []
  mutedSpeech: []
  deviceChanged: [{ kind: 'microphone' | 'camera'; label: string }]
  error: [MediaError]
}

export class Room {
  state: RoomState = 'idle'
  closedReason: ClosedReason | null = null
  readonly name = ROOM_NAME as string | null
  readonly id = 'demo'
  locked = false
  readonly role: Role = demo.host ? 'host' : 'guest'
  readonly local: LocalParticipant
  readonly participants = new Map<string, Participant>()
  activeSpeakers: readonly Participant[] = []
  canPlayAudio = !demo.blocked
  rejoin: unknown = null
  readonly chat: { lines: ChatLine[]; send: (text: string) => void; retry: (id: string) => void }
  readonly moderation = {
    mute: (person: Participant, source: Source) => {
      const publication = person.publication(source)
      if (!publication) return
      publication.muted = true
      this.#emit('trackMuted', publication, person, true)
    },
    remove: (person: Participant) => {
      this.participants.delete(person.id)
      this.#emit('participantLeft', person, 'removed')
    },
    lock: (locked: boolean) => {
      this.locked = locked
      this.#emit('lockedChanged', locked)
    },
    end: () => this.#close('room_ended'),
  }
  readonly #options: RoomOptions
  readonly #listeners = new Map<string, Set<(...args: never[]) => void>>()
  #timers: ReturnType<typeof setInterval>[] = []

  constructor(options: RoomOptions = {}) {
    this.#options = options
    this.local = new LocalParticipant(readStored('name', 'Sam'), () => this.#emit('participantChanged', this.local))
    this.chat = { lines: [], send: (text) => this.#say(this.local, text), retry: (id) => this.#retry(id) }
  }

  on<K extends keyof RoomEvents>(
    event: K,
    listener: (...args: RoomEvents[K]) => void,
    options?: { signal?: AbortSignal },
  ) {
    const set = this.#listeners.get(event) ?? new Set()
    this.#listeners.set(event, set.add(listener as (...args: never[]) => void))
    const off = () => void set.delete(listener as (...args: never[]) => void)
    options?.signal?.addEventListener('abort', off)
    return off
  }

  async connect(_url: string, _ticket: string, _options?: unknown): Promise<void> {
    this.#setState('connecting')
    await this.local.setMicrophone(Boolean(this.#options.preview?.audioTrack))
    await this.local.setCamera(Boolean(this.#options.preview?.videoTrack))
    this.local.role = this.role
    for (let index = 0; index < demo.people - 1; index++) this.#add(index)
    if (demo.chat) for (let index = 0; index < 8; index++) this.#say(this.#any(index), lineAt(index))
    this.#setState('connected')
    this.#emit('activeSpeakers', this.#speak(0))
    this.#timers.push(setInterval(() => this.#emit('activeSpeakers', this.#speak(performance.now() / 2500)), 2500))
    if (demo.busy) this.#timers.push(setInterval(() => this.#comeAndGo(), 3000))
    if (demo.mutedspeech) this.#timers.push(setInterval(() => this.#emit('mutedSpeech'), 1000))
    if (demo.state === 'reconnecting') setTimeout(() => this.#setState('reconnecting'), 300)
    if (demo.closed) setTimeout(() => this.#close(demo.closed as ClosedReason), 300)
  }

  async leave(): Promise<void> {
    this.#close('left')
  }

  async startAudio(): Promise<void> {
    this.canPlayAudio = true
  }

  async setSpeaker(_deviceId: string): Promise<void> {}

  async stats() {
    const inbound = [...this.participants.values()].slice(0, 6).map(({ id }, index) => ({
      participant: id, source: 'camera' as Source, width: 640, height: 360, fps: 24 + (index % 6), codec: 'VP8', bitrate: 480_000 + index * 9000,
    })) // prettier-ignore
    const outbound = ['h', 'm', 'l'].map((rid, index) => ({
      source: 'camera' as Source, rid: rid as string | null, width: 1280 >> index, height: 720 >> index, fps: 30, bitrate: 1_400_000 >> (index * 2), codec: 'VP8', limitedBy: 'none',
    })) // prettier-ignore
    const quality = 'good' as 'good' | 'fair' | 'poor'
    return {
      rttMs: 38 as number | null,
      loss: 0.004,
      receiveBitrate: 3_120_000,
      sendBitrate: 1_840_000,
      quality,
      inbound,
      outbound,
    }
  }

  #add(index: number): Participant {
    const person = new Participant(`p-${index}`, nameAt(index))
    if (index === 0 && !demo.host) person.role = 'host'
    person.publish('microphone', null, index % 3 === 1)
    const cameraOff = index % 4 === 2
    person.publish('camera', cameraOff ? null : drawnTrack(person.id, 'person'), cameraOff)
    if (index < demo.screens) person.publish('screen', drawnTrack(person.id, 'screen'))
    if (index === 4) person.connection = 'reconnecting'
    this.participants.set(person.id, person)
    return person
  }

  #comeAndGo(): void {
    const last = [...this.participants.values()].at(-1)
    if (last && this.participants.size > 2) {
      this.participants.delete(last.id)
      this.#emit('participantLeft', last, 'left')
    } else this.#emit('participantJoined', this.#add(this.participants.size))
    this.#say(this.#any(1), lineAt(this.chat.lines.length))
  }

  #speak(turn: number): readonly Participant[] {
    const talkers = [...this.participants.values()].filter((person) => !person.publication('microphone')?.muted)
    const talker = talkers[Math.floor(turn) % Math.max(1, talkers.length)]
    this.activeSpeakers = talker ? [talker] : []
    return this.activeSpeakers
  }

  #any(index: number): Participant {
    const people = [...this.participants.values(), this.local]
    return people[index % Math.min(4, people.length)]!
  }

  #say(from: Participant, text: string): void {
    const id = String(this.chat.lines.length + 1)
    const state = text.includes('fail') ? 'failed' : 'sent'
    const at = Date.now() - (demo.chat && this.state !== 'connected' ? (8 - Number(id)) * 70_000 : 0)
    const line: ChatLine = { id, from: from.id, name: from.name, text, at, isOwn: from.isLocal, state }
    this.chat.lines = [...this.chat.lines, line]
    this.#emit('chat', line)
  }

  #retry(id: string): void {
    this.chat.lines = this.chat.lines.map((line) => (line.id === id ? { ...line, state: 'sent' as const } : line))
    const line = this.chat.lines.find((line) => line.id === id)
    if (line) this.#emit('chat', line)
  }

  #close(reason: ClosedReason): void {
    if (this.state === 'closed') return
    this.#timers.forEach(clearInterval)
    this.closedReason = reason
    this.#setState('closed')
  }

  #setState(state: RoomState): void {
    this.state = state
    this.#emit('stateChanged', state)
  }

  #emit<K extends keyof RoomEvents>(event: K, ...args: RoomEvents[K]): void {
    for (const listener of this.#listeners.get(event) ?? []) (listener as (...args: RoomEvents[K]) => void)(...args)
  }
}
