import { MediaError } from '../errors.js'
import { wakeAudioContext } from './level-meter.js'

interface Sinkable {
  setSinkId?(id: string): Promise<void>
}

/**
 * Plays all remote sound through a few elements, one a slot, which are made once and kept: Safari leaves elements that
 * appear while its tab is in the background silent. Lip-sync does not suffer, for browsers pair sound and picture by the
 * stream id in the answer, not by element.
 */
export class AudioOutput {
  readonly #elements = new Map<string, HTMLAudioElement>()
  readonly #blocked: () => void
  #container: HTMLElement | null = null
  #canPlay = true
  #speaker = ''

  constructor(blocked: () => void) {
    this.#blocked = blocked
  }

  get canPlay(): boolean {
    return this.#canPlay
  }

  /** Plays `track` in the place called `key`; whatever was there before stops. */
  play(key: string, track: MediaStreamTrack): void {
    if (typeof document === 'undefined') return
    const element = this.#elements.get(key) ?? this.#make(key)
    const stream = element.srcObject as MediaStream | null
    if (stream?.getTracks()[0] === track) return
    element.srcObject = new MediaStream([track])
    void this.#start(element)
  }

  /** Within a click, for that is what browsers wait for. */
  async start(): Promise<void> {
    this.#canPlay = true
    void wakeAudioContext() // outside a click it would wait for ever
    await Promise.all([...this.#elements.values()].map((element) => this.#start(element)))
    if (!this.#canPlay) throw new MediaError('permission_denied', 'the browser does not let this page play sound yet')
  }

  async setSpeaker(deviceId: string): Promise<void> {
    const supported = typeof HTMLMediaElement !== 'undefined' && 'setSinkId' in HTMLMediaElement.prototype
    if (!supported) throw new MediaError('unsupported', 'this browser does not let pages choose the speaker')
    this.#speaker = deviceId
    try {
      await Promise.all([...this.#elements.values()].map((element) => (element as Sinkable).setSinkId?.(deviceId)))
    } catch (cause) {
      throw new MediaError('device_not_found', 'the speaker cannot be used', { cause })
    }
  }

  close(): void {
    for (const element of this.#elements.values()) element.srcObject = null
    this.#container?.remove()
    this.#elements.clear()
    this.#container = null
  }

  #make(key: string): HTMLAudioElement {
    if (!this.#container) {
      this.#container = document.createElement('div')
      this.#container.hidden = true
      document.body.append(this.#container)
    }
    const element = document.createElement('audio')
    element.autoplay = true
    if (this.#speaker) void (element as Sinkable).setSinkId?.(this.#speaker).catch(() => {})
    this.#container.append(element)
    this.#elements.set(key, element)
    return element
  }

  async #start(element: HTMLAudioElement): Promise<void> {
    try {
      await element.play()
    } catch (cause) {
      if ((cause as Error).name !== 'NotAllowedError') return // overtaken by the next assignment
      if (this.#canPlay) this.#blocked()
      this.#canPlay = false
    }
  }
}
