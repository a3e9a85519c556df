import type { ListenOptions } from '../emitter.js'
import { Emitter } from '../emitter.js'
import { mediaDevices } from './capture.js'

export interface Device {
  readonly id: string
  /** Empty until the user has allowed a device of that kind. */
  readonly label: string
}

export interface DeviceList {
  readonly cameras: readonly Device[]
  readonly microphones: readonly Device[]
  /** Empty where the browser does not let pages choose. */
  readonly speakers: readonly Device[]
}

/** The machine's cameras, microphones and speakers. */
export class Devices {
  readonly #events = new Emitter<{ change: [] }>()
  #listening = false

  async list(): Promise<DeviceList> {
    const all = await mediaDevices().enumerateDevices()
    const of = (kind: MediaDeviceKind): Device[] =>
      all
        .filter((device) => device.kind === kind && device.deviceId !== '')
        .map(({ deviceId, label }) => ({ id: deviceId, label }))
    return { cameras: of('videoinput'), microphones: of('audioinput'), speakers: of('audiooutput') }
  }

  /** Something was plugged in or out, or permission made the labels readable. */
  on(event: 'change', listener: () => void, options: ListenOptions = {}): () => void {
    this.#listen()
    return this.#events.on(event, listener, options)
  }

  /** @internal Browsers fire `devicechange` for plugs only; the labels that a permission brings are news too. */
  permissionGranted(): void {
    this.#events.emit('change')
  }

  #listen(): void {
    if (this.#listening || typeof navigator === 'undefined' || !navigator.mediaDevices) return
    this.#listening = true
    navigator.mediaDevices.addEventListener('devicechange', () => this.#events.emit('change'))
  }
}

export const devices: Devices = new Devices()
