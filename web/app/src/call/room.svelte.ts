import {
  type ChatLine,
  type DeviceList,
  devices,
  type LeaveReason,
  type MediaError,
  type Participant,
  Room,
  type RoomOptions,
  type RoomState,
  type RoomStats,
  type Source,
} from '@confab/sdk'
import { isAbort } from '../api/client'
import { Person } from './person.svelte'
import { StickySpeaker } from './speaker'
import type { TileRef } from './layout'

/** Things to tell the person in the call; `CallPage` puts them into words. */
export type CallNotice =
  | { kind: 'joined'; name: string }
  | { kind: 'left'; name: string; reason: LeaveReason }
  | { kind: 'sharing'; name: string }
  | { kind: 'mutedByHost' }
  | { kind: 'locked'; locked: boolean }
  | { kind: 'deviceChanged'; label: string }
  | { kind: 'message'; line: ChatLine }
  | { kind: 'back' }
  | { kind: 'failed'; what: 'screen' | 'other'; error: MediaError | null }

export interface Tile extends TileRef {
  person: Person
}

/** The call: the only file of the app that wraps the SDK's Room. It mirrors its events into `$state`; nothing else knows WebRTC. */
export class CallRoom {
  readonly sdk: Room
  state = $state<RoomState>('idle')
  name = $state<string | null>(null)
  locked = $state(false)
  isHost = $state(false)
  me = $state.raw<Person | null>(null)
  others = $state.raw<readonly Person[]>([])
  lines = $state.raw<readonly ChatLine[]>([])
  micOn = $state(false)
  cameraOn = $state(false)
  screenOn = $state(false)
  audioBlocked = $state(false)
  speakingWhileMuted = $state(false)
  speaker = $state<string | null>(null)

  readonly people = $derived(this.me ? [this.me, ...this.others] : this.others)
  /** Every tile there could be: one a person and one a shared screen, in the order in which they joined. */
  readonly tiles = $derived(this.people.flatMap(tilesOf))

  readonly #notify: (notice: CallNotice) => void
  readonly #sticky = new StickySpeaker()
  readonly #stopping = new AbortController()
  #speakerTimer: ReturnType<typeof setTimeout> | undefined
  #mutedTimer: ReturnType<typeof setTimeout> | undefined

  constructor(options: RoomOptions, notify: (notice: CallNotice) => void) {
    this.sdk = new Room(options)
    this.#notify = notify
    this.#listen()
  }

  async connect(url: string, ticket: string, rejoin: () => Promise<{ url: string; ticket: string }>): Promise<void> {
    this.sdk.rejoin = rejoin
    await this.sdk.connect(url, ticket, { signal: this.#stopping.signal })
  }

  /** Leaves, and forgets everything: for when the page goes away too. */
  close(): void {
    this.#stopping.abort()
    clearTimeout(this.#speakerTimer)
    clearTimeout(this.#mutedTimer)
    void this.sdk.leave().catch(() => undefined)
  }

  leave = (): Promise<void> => this.sdk.leave()
  endForAll = (): void => this.sdk.moderation.end()
  setLocked = (locked: boolean): void => this.sdk.moderation.lock(locked)
  mute = (person: Person): void => this.sdk.moderation.mute(person.participant, 'microphone')
  remove = (person: Person): void => this.sdk.moderation.remove(person.participant)
  send = (text: string): void => this.sdk.chat.send(text)
  resend = (id: string): void => this.sdk.chat.retry(id)
  stats = (): Promise<RoomStats> => this.sdk.stats()
  listDevices = (): Promise<DeviceList> => devices.list()
  onDevicesChange = (listener: () => void): (() => void) => devices.on('change', listener)
  setSpeaker = (deviceId: string): Promise<void> => this.#try('other', () => this.sdk.setSpeaker(deviceId))

  setMicrophone = (on: boolean, deviceId = ''): Promise<void> =>
    this.#try('other', () => this.sdk.local.setMicrophone(on, deviceId ? { deviceId } : {}))

  setCamera = (on: boolean, deviceId = ''): Promise<void> =>
    this.#try('other', () => this.sdk.local.setCamera(on, deviceId ? { deviceId } : {}))

  setScreenShare = (on: boolean): Promise<void> => this.#try('screen', () => this.sdk.local.setScreenShare(on))

  startAudio = (): Promise<void> =>
    this.#try('other', async () => {
      await this.sdk.startAudio()
      this.audioBlocked = !this.sdk.canPlayAudio
    })

  async #try(what: 'screen' | 'other', action: () => Promise<void>): Promise<void> {
    try {
      await action()
    } catch (error) {
      // Whoever closes the browser's own screen picker has changed their mind.
      const changedMind = isAbort(error) || (what === 'screen' && (error as MediaError).code === 'permission_denied')
      if (!changedMind) this.#notify({ kind: 'failed', what, error: error as MediaError })
    }
    this.#syncOwn()
  }

  #listen(): void {
    const { sdk } = this
    const at = { signal: this.#stopping.signal }
    sdk.on('stateChanged', (state) => this.#stateChanged(state), at)
    sdk.on('participantJoined', (participant) => this.#joined(participant), at)
    sdk.on('participantLeft', (participant, reason) => this.#leftRoom(participant, reason), at)
    sdk.on('participantChanged', (participant) => this.#sync(participant), at)
    sdk.on('trackPublished', (publication, participant) => this.#published(publication.source, participant), at)
    sdk.on('trackUnpublished', (_publication, participant) => this.#sync(participant), at)
    sdk.on('trackSubscribed', (_track, _publication, participant) => this.#sync(participant), at)
    sdk.on('trackUnsubscribed', (_track, _publication, participant) => this.#sync(participant), at)
    sdk.on('trackMuted', (publication, participant, byHost) => {
      this.#sync(participant)
      if (byHost && participant.isLocal && publication.muted) this.#notify({ kind: 'mutedByHost' })
    }, at) // prettier-ignore
    sdk.on('activeSpeakers', (speakers) => this.#speakers(speakers), at)
    sdk.on('chat', (line) => this.#chat(line), at)
    sdk.on('lockedChanged', (locked) => {
      this.locked = locked
      this.#notify({ kind: 'locked', locked })
    }, at) // prettier-ignore
    sdk.on('audioBlocked', () => (this.audioBlocked = true), at)
    sdk.on('mutedSpeech', () => this.#mutedSpeech(), at)
    sdk.on('deviceChanged', ({ label }) => this.#notify({ kind: 'deviceChanged', label }), at)
    sdk.on('error', (error) => !isAbort(error) && this.#notify({ kind: 'failed', what: 'other', error }), at)
  }

  #stateChanged(state: RoomState): void {
    const back = this.state === 'reconnecting' && state === 'connected'
    this.state = state
    if (state === 'connected') this.#resync()
    if (back) this.#notify({ kind: 'back' })
  }

  /** After (re)connecting everything may have changed. */
  #resync(): void {
    const { sdk } = this
    this.name = sdk.name
    this.locked = sdk.locked
    this.isHost = sdk.role === 'host'
    this.lines = [...sdk.chat.lines]
    this.audioBlocked = !sdk.canPlayAudio
    if (this.me?.participant !== sdk.local) this.me = new Person(sdk.local)
    const known = new Map(this.others.map((person) => [person.participant, person]))
    this.others = [...sdk.participants.values()].map((participant) => known.get(participant) ?? new Person(participant))
    for (const person of this.people) person.sync()
    this.#syncOwn()
  }

  #joined(participant: Participant): void {
    if (this.#person(participant)) return
    this.others = [...this.others, new Person(participant)]
    this.#notify({ kind: 'joined', name: participant.name })
  }

  #leftRoom(participant: Participant, reason: LeaveReason): void {
    this.others = this.others.filter((person) => person.participant !== participant)
    this.#sticky.forget(participant.id)
    this.speaker = this.#sticky.current
    this.#notify({ kind: 'left', name: participant.name, reason })
  }

  #published(source: Source, participant: Participant): void {
    this.#sync(participant)
    if (source === 'screen' && !participant.isLocal) this.#notify({ kind: 'sharing', name: participant.name })
  }

  #speakers(speakers: readonly Participant[]): void {
    for (const person of this.people) person.speaking = speakers.includes(person.participant)
    this.#followSpeakers()
  }

  /** The stage changes with two seconds of hysteresis, which needs a second look when they are over. */
  #followSpeakers(): void {
    clearTimeout(this.#speakerTimer)
    const ids = this.sdk.activeSpeakers.filter((speaker) => !speaker.isLocal).map((speaker) => speaker.id)
    const again = this.#sticky.update(ids, performance.now())
    this.speaker = this.#sticky.current
    if (again !== null) this.#speakerTimer = setTimeout(() => this.#followSpeakers(), again - performance.now() + 5)
  }

  #chat(line: ChatLine): void {
    const isNew = this.lines.every((known) => known.id !== line.id)
    this.lines = [...this.sdk.chat.lines]
    if (isNew && !line.isOwn) this.#notify({ kind: 'message', line })
  }

  #mutedSpeech(): void {
    this.speakingWhileMuted = true
    clearTimeout(this.#mutedTimer)
    this.#mutedTimer = setTimeout(() => (this.speakingWhileMuted = false), 4000)
  }

  #sync(participant: Participant): void {
    this.#person(participant)?.sync()
    if (participant.isLocal) this.#syncOwn()
  }

  #syncOwn(): void {
    const { local } = this.sdk
    this.me?.sync()
    this.micOn = local.microphoneOn
    this.cameraOn = local.cameraOn
    this.screenOn = local.screenOn
    this.isHost = this.sdk.role === 'host'
    if (this.micOn) this.speakingWhileMuted = false
  }

  #person(participant: Participant): Person | undefined {
    return this.people.find((person) => person.participant === participant)
  }
}

function tilesOf(person: Person): Tile[] {
  const tile = (source: 'camera' | 'screen'): Tile => ({
    key: `${person.id}:${source}`,
    screen: source === 'screen',
    local: person.isLocal,
    person,
  })
  return person.screen ? [tile('camera'), tile('screen')] : [tile('camera')]
}
