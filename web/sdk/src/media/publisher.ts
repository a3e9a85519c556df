import type { Emitter } from '../emitter.js'
import { mediaError } from '../errors.js'
import type { RoomEvents } from '../events.js'
import type { LocalControls, LocalParticipant } from '../local-participant.js'
import type { ClientMessage, Source, Track as WireTrack } from '../protocol.js'
import { TrackPublication } from '../publication.js'
import type { Cancel } from '../wait.js'
import { Queue } from '../wait.js'
import type { CaptureOptions } from './capture.js'
import { captureCamera, captureMicrophone, captureScreen } from './capture.js'
import { LocalSource } from './local-source.js'
import { MicrophoneMonitor } from './microphone-monitor.js'
import type { Peer } from './peer.js'
import type { LocalPreview } from './preview.js'
import { SOURCES } from './sections.js'

export interface PublisherHooks {
  send(message: ClientMessage): boolean
  readonly videoConstraints: MediaTrackConstraints
}

type Device = 'microphone' | 'camera'

/** What the local participant sends: devices, the peer's senders, and what the server is told of them. */
export class Publisher implements LocalControls {
  readonly #events: Emitter<RoomEvents>
  readonly #hooks: PublisherHooks
  readonly #monitor: MicrophoneMonitor
  readonly #sources: Record<Source, LocalSource>
  readonly #queues: Record<Device | 'screen', Queue> = {
    microphone: new Queue(),
    camera: new Queue(),
    screen: new Queue(),
  }
  #local: LocalParticipant | null = null
  #peer: Peer | null = null
  /** Whether the server has the offer whose sections the tracks go into: it has nowhere to put them before. */
  #offered = false
  #stopped = false
  /** Until one is in the room, for a failed attempt gives the tracks back. */
  #preview: LocalPreview | null = null

  constructor(events: Emitter<RoomEvents>, hooks: PublisherHooks) {
    this.#events = events
    this.#hooks = hooks
    this.#monitor = new MicrophoneMonitor(() => events.emit('mutedSpeech'))
    const [microphone, camera, screen, screen_audio] = SOURCES.map((source) => new LocalSource(source)) as [
      LocalSource,
      LocalSource,
      LocalSource,
      LocalSource,
    ]
    this.#sources = { microphone, camera, screen, screen_audio }
  }

  /** The participant and the publisher need each other; this closes the circle. */
  bind(local: LocalParticipant): void {
    this.#local = local
  }

  get microphoneLevel(): number {
    return this.#monitor.level
  }

  isOn(source: Source): boolean {
    return this.#sources[source].on
  }

  async adopt(preview: LocalPreview): Promise<void> {
    this.#preview = preview
    const tracks = preview.take((device, track) => {
      this.#background(this.#queues[device].run(() => this.#adoptLate(device, track)))
    })
    for (const device of ['microphone', 'camera'] as const) {
      const track = tracks[device]
      if (track) await this.#queues[device].run(() => this.#turnOn(device, track))
    }
  }

  /** What the user turned on in the meantime counts more. */
  async #adoptLate(device: Device, track: MediaStreamTrack): Promise<void> {
    if (this.#sources[device].on) release(track)
    else await this.#turnOn(device, track)
  }

  setMicrophone(on: boolean, options: CaptureOptions): Promise<void> {
    return this.#queues.microphone.run(async () => {
      const { track } = this.#sources.microphone
      if (!on) return this.#muteMicrophone()
      const fits = track?.readyState === 'live' && (!options.deviceId || deviceOf(track) === options.deviceId)
      await this.#turnOn('microphone', fits ? track : await captureMicrophone(options))
    })
  }

  setCamera(on: boolean, options: CaptureOptions): Promise<void> {
    return this.#queues.camera.run(async () => {
      const { track } = this.#sources.camera
      if (!on) return this.#turnOffCamera()
      const fits = track?.readyState === 'live' && (!options.deviceId || deviceOf(track) === options.deviceId)
      await this.#turnOn('camera', fits ? track : await captureCamera(options, this.#hooks.videoConstraints))
    })
  }

  setScreenShare(on: boolean, options: Cancel): Promise<void> {
    return this.#queues.screen.run(async () => {
      if (!on) return this.#stopScreen()
      if (this.#sources.screen.on) return
      const tracks = await captureScreen(options)
      for (const track of tracks) await this.#share(track)
    })
  }

  /** A new peer connection: the same tracks go into its senders, before its first offer. */
  async setPeer(peer: Peer | null): Promise<void> {
    this.#peer = peer
    this.#offered = false
    for (const { source, track } of Object.values(this.#sources)) await peer?.setTrack(source, track)
  }

  /** A welcome: the server's view of what we publish, which may be older or newer than ours. */
  welcome(tracks: readonly WireTrack[]): void {
    this.#preview = null
    for (const source of Object.values(this.#sources)) {
      const known = tracks.find((track) => track.source === source.source)
      if (known) this.confirmed(known)
      if (source.reconcile(known ? (known.muted ? 'muted' : 'unmuted') : 'nothing')) this.mutedByHost(source.source)
      this.#announce(source)
    }
  }

  /** The offer is out: tells of everything that waited for it. */
  announce(): void {
    this.#offered = true
    for (const local of Object.values(this.#sources)) this.#announce(local)
  }

  /** The server gave a track of ours its id. */
  confirmed(track: WireTrack): void {
    this.#local?.publication(track.source)?.setId(track.id)
  }

  mutedByHost(source: Source): void {
    const local = this.#sources[source]
    local.announced = 'muted'
    if (!local.on) return
    local.on = false
    if (source === 'microphone' && local.track) local.track.enabled = false
    if (source === 'microphone') this.#monitor.setMuted(true)
    if (source === 'camera') this.#background(this.#queues.camera.run(() => this.#replace(local, null)))
    this.#showState(local, true)
  }

  stop(): void {
    this.#stopped = true
    this.#peer = null
    this.#monitor.stop()
    const borrowed = [this.#preview?.videoTrack, this.#preview?.audioTrack]
    for (const local of Object.values(this.#sources)) {
      if (local.track && borrowed.includes(local.track)) local.track.onended = null
      else release(local.track)
      local.track = null
      local.on = false
    }
    this.#preview?.takeBack()
    this.#preview = null
  }

  async #turnOn(device: Device, track: MediaStreamTrack | null): Promise<void> {
    const local = this.#sources[device]
    if (this.#stopped || !track) return release(track)
    track.enabled = true
    await this.#replace(local, track)
    if (device === 'microphone') this.#monitor.setMuted(false)
    this.#turn(local, true)
  }

  /** Keeps the device, silenced: unmuting must not cost the first word. */
  #muteMicrophone(): void {
    const { microphone } = this.#sources
    if (microphone.track) microphone.track.enabled = false
    this.#monitor.setMuted(true)
    this.#turn(microphone, false)
  }

  async #turnOffCamera(): Promise<void> {
    const { camera } = this.#sources
    this.#turn(camera, false)
    await this.#replace(camera, null)
  }

  async #share(track: MediaStreamTrack): Promise<void> {
    const local = this.#sources[track.kind === 'video' ? 'screen' : 'screen_audio']
    if (this.#stopped) return release(track)
    await this.#replace(local, track)
    this.#turn(local, true)
  }

  async #stopScreen(): Promise<void> {
    for (const source of ['screen', 'screen_audio'] as const) {
      this.#turn(this.#sources[source], false)
      await this.#replace(this.#sources[source], null)
    }
  }

  #turn(local: LocalSource, on: boolean): void {
    const changed = local.on !== on
    local.on = on
    this.#announce(local)
    if (changed) this.#showState(local, false)
  }

  /** Without a connection nothing is lost: the next welcome compares. */
  #announce(local: LocalSource): void {
    const message = this.#offered ? local.announcement() : null
    if (!message || !this.#hooks.send(message)) return
    local.announced = local.wanted
    // What was told of the track before does not hold for a new one.
    if (message.type === 'publish') void this.#peer?.setNeeded(local.source, null)
  }

  /** The own participant's publications follow the switches at once, not the server's echo. */
  #showState(local: LocalSource, byHost: boolean): void {
    const participant = this.#local
    if (!participant) return
    const { source, on } = local
    const publication = participant.publication(source)
    if (!publication && on) {
      const made = new TrackPublication(participant, { id: '', source, muted: false }, null)
      this.#showTrack(made, local)
      participant.add(made)
      this.#events.emit('trackPublished', made, participant)
    } else if (publication && !on && (source === 'screen' || source === 'screen_audio')) {
      participant.take(source)
      publication.track?.detach()
      this.#events.emit('trackUnpublished', publication, participant)
    } else if (publication?.setMuted(!on)) {
      this.#events.emit('trackMuted', publication, participant, byHost)
    }
  }

  #showTrack(publication: TrackPublication | undefined, { track }: LocalSource): void {
    publication?.track?.setMedia(track, track && typeof MediaStream !== 'undefined' ? new MediaStream([track]) : null)
  }

  async #replace(local: LocalSource, track: MediaStreamTrack | null): Promise<void> {
    if (local.track === track) return
    release(local.track)
    local.track = track
    if (track) track.onended = () => this.#ended(local, track)
    if (local.source === 'microphone') this.#monitor.setTrack(track)
    this.#showTrack(this.#local?.publication(local.source), local)
    await this.#peer?.setTrack(local.source, track)
  }

  /** The device is gone, or the user pressed the browser's own "stop sharing". */
  #ended(local: LocalSource, track: MediaStreamTrack): void {
    if (local.track !== track || this.#stopped) return
    if (local.source === 'screen') this.#background(this.setScreenShare(false, {}))
    else if (local.source === 'screen_audio') this.#background(this.#queues.screen.run(() => this.#endScreenAudio()))
    else this.#background(this.#replaceDevice(local.source, local))
  }

  async #endScreenAudio(): Promise<void> {
    this.#turn(this.#sources.screen_audio, false)
    await this.#replace(this.#sources.screen_audio, null)
  }

  /** Work that nobody waits for, so its failure is an event. */
  #background(work: Promise<void>): void {
    work.catch((cause: unknown) => this.#events.emit('error', mediaError(cause, 'device_busy')))
  }

  /** Goes on with the default device, or off where there is none. */
  async #replaceDevice(kind: Device, local: LocalSource): Promise<void> {
    const set = (on: boolean): Promise<void> =>
      kind === 'microphone' ? this.setMicrophone(on, {}) : this.setCamera(on, {})
    try {
      if (!local.on) return await this.#queues[kind].run(() => this.#replace(local, null))
      await set(true)
      this.#events.emit('deviceChanged', { kind, label: local.track?.label ?? '' })
    } catch (cause) {
      await set(false)
      this.#events.emit('error', mediaError(cause, 'device_not_found'))
    }
  }
}

function deviceOf(track: MediaStreamTrack): string | undefined {
  return track.getSettings().deviceId
}

function release(track: MediaStreamTrack | null): void {
  if (!track) return
  track.onended = null
  track.stop()
}
