import type { CaptureOptions } from './media/capture.js'
import { Participant } from './participant.js'
import type { Cancel } from './wait.js'

/** What the local participant's switches do; the room wires it up. */
export interface LocalControls {
  setMicrophone(on: boolean, options: CaptureOptions): Promise<void>
  setCamera(on: boolean, options: CaptureOptions): Promise<void>
  setScreenShare(on: boolean, options: Cancel): Promise<void>
  isOn(source: 'microphone' | 'camera' | 'screen'): boolean
  readonly microphoneLevel: number
}

/** Oneself. The switches work before `connect` too: what is on then is published with the first offer. */
export class LocalParticipant extends Participant {
  #controls: LocalControls

  /** @internal */
  constructor(controls: LocalControls) {
    super({ id: '', name: '', picture: null, role: 'guest', connection: 'connected' }, true)
    this.#controls = controls
  }

  /** Off keeps the device, silenced, so that unmuting is instant. Another `deviceId` switches over. */
  setMicrophone(on: boolean, options: CaptureOptions = {}): Promise<void> {
    return this.#controls.setMicrophone(on, options)
  }

  /** Off stops the device: its light goes out. */
  setCamera(on: boolean, options: CaptureOptions = {}): Promise<void> {
    return this.#controls.setCamera(on, options)
  }

  /** On asks the user what to share; the browser's own "stop sharing" turns it off again. */
  setScreenShare(on: boolean, options: Cancel = {}): Promise<void> {
    return this.#controls.setScreenShare(on, options)
  }

  get microphoneOn(): boolean {
    return this.#controls.isOn('microphone')
  }

  get cameraOn(): boolean {
    return this.#controls.isOn('camera')
  }

  get screenOn(): boolean {
    return this.#controls.isOn('screen')
  }

  /** Loudness at the own microphone, 0 to 1, even while it is muted. */
  get microphoneLevel(): number {
    return this.#controls.microphoneLevel
  }
}
