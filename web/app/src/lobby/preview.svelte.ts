import { type DeviceList, devices, LocalPreview, type MediaErrorCode } from '@confab/sdk'
import { errorCode, isAbort } from '../api/client'
import { testOptions } from '../api/e2e'
import { readStored, store } from '../ui/storage'

export type DeviceKind = 'camera' | 'microphone' | 'speaker'

interface Choices {
  cameraOn: boolean
  microphoneOn: boolean
  camera: string
  microphone: string
  speaker: string
}

const DEFAULTS: Choices = { cameraOn: true, microphoneOn: true, camera: '', microphone: '', speaker: '' }

export const storedChoices = (): Choices => ({ ...DEFAULTS, ...readStored<Partial<Choices>>('devices', {}) })
export const storeChoices = (change: Partial<Choices>): void => store('devices', { ...storedChoices(), ...change })

/** The lobby's camera and microphone, mirrored from the SDK's preview into `$state`. */
export class Preview {
  readonly sdk: LocalPreview
  choices = $state.raw(storedChoices())
  devices = $state.raw<DeviceList>({ cameras: [], microphones: [], speakers: [] })
  videoTrack = $state.raw<MediaStreamTrack | null>(null)
  audioTrack = $state.raw<MediaStreamTrack | null>(null)
  cameraError = $state<MediaErrorCode | null>(null)
  microphoneError = $state<MediaErrorCode | null>(null)
  starting = $state(false)

  /** Set when a call takes the tracks over: then they go on, and those that the browser still opens arrive there. */
  handedOver = false
  #closing = new AbortController()
  #starting = new AbortController()

  /** `choices`: for this time other than what was chosen last. */
  constructor(choices: Partial<Choices> = {}) {
    this.choices = { ...this.choices, ...choices }
    const videoConstraints = testOptions()?.videoConstraints
    this.sdk = new LocalPreview(videoConstraints ? { videoConstraints } : {})
  }

  async start(): Promise<void> {
    devices.on('change', () => void this.#listDevices(), { signal: this.#closing.signal })
    this.starting = true
    const { cameraOn, microphoneOn, camera, microphone } = this.choices
    try {
      const { videoError, audioError } = await this.sdk.start({
        video: cameraOn && wish(camera),
        audio: microphoneOn && wish(microphone),
        signal: this.#starting.signal,
      })
      this.cameraError = videoError?.code ?? null
      this.microphoneError = audioError?.code ?? null
      // A remembered device that is not there any more: take the usual one.
      if (this.cameraError === 'device_not_found' && camera) await this.pick('camera', '')
      if (this.microphoneError === 'device_not_found' && microphone) await this.pick('microphone', '')
    } catch (error) {
      if (isAbort(error)) return
      this.cameraError = this.microphoneError = errorCode(error) as MediaErrorCode
    } finally {
      this.starting = false
    }
    this.#mirror()
    await this.#listDevices()
  }

  async setCamera(on: boolean): Promise<void> {
    this.#choose({ cameraOn: on })
    this.starting = on
    this.cameraError = await attempt(() => this.sdk.setCamera(on, device(this.choices.camera)))
    this.starting = false
    this.#mirror()
    await this.#listDevices()
  }

  async setMicrophone(on: boolean): Promise<void> {
    this.#choose({ microphoneOn: on })
    this.microphoneError = await attempt(() => this.sdk.setMicrophone(on, device(this.choices.microphone)))
    this.#mirror()
    await this.#listDevices()
  }

  async pick(kind: DeviceKind, id: string): Promise<void> {
    this.#choose({ [kind]: id })
    if (kind === 'camera' && this.choices.cameraOn) await this.setCamera(true)
    if (kind === 'microphone' && this.choices.microphoneOn) await this.setMicrophone(true)
  }

  /** Tries again what did not work. */
  async retry(): Promise<void> {
    if (this.cameraError) await this.setCamera(true)
    if (this.microphoneError) await this.setMicrophone(true)
  }

  close(): void {
    this.#closing.abort()
    if (this.handedOver) return
    this.#starting.abort()
    this.sdk.stop()
  }

  #choose(change: Partial<Choices>): void {
    this.choices = { ...this.choices, ...change }
    storeChoices(change)
  }

  #mirror(): void {
    this.videoTrack = this.sdk.videoTrack
    this.audioTrack = this.sdk.audioTrack
  }

  async #listDevices(): Promise<void> {
    this.devices = await devices.list().catch(() => this.devices)
  }
}

const wish = (id: string) => (id ? { deviceId: id } : true)
const device = (id: string) => (id ? { deviceId: id } : {})

async function attempt(action: () => Promise<void>): Promise<MediaErrorCode | null> {
  try {
    await action()
    return null
  } catch (error) {
    return errorCode(error) as MediaErrorCode
  }
}
