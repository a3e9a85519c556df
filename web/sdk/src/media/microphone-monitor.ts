import { LevelMeter } from './level-meter.js'

const LOOK_EVERY_MS = 200
/** Louder than a keyboard and a fan, for 600 ms on end: that is somebody who talks. */
const SPEECH_LEVEL = 0.45
const LOOKS_IN_A_ROW = 3
const TELL_AT_MOST_EVERY_MS = 10_000

/** Listens to one's own microphone: for the level, and for speech while it is muted. */
export class MicrophoneMonitor {
  readonly #tell: () => void
  #meter: LevelMeter | null = null
  #timer: ReturnType<typeof setInterval> | undefined
  #loudLooks = 0
  #toldAt = -Infinity

  constructor(mutedSpeech: () => void) {
    this.#tell = mutedSpeech
  }

  get level(): number {
    return this.#meter?.level ?? 0
  }

  setTrack(track: MediaStreamTrack | null): void {
    this.#meter?.stop()
    this.#meter = track ? new LevelMeter(track) : null
  }

  /** Watches for speech only while muted. */
  setMuted(muted: boolean): void {
    clearInterval(this.#timer)
    this.#loudLooks = 0
    if (muted && this.#meter) this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS)
  }

  stop(): void {
    clearInterval(this.#timer)
    this.setTrack(null)
  }

  #look(): void {
    this.#loudLooks = this.level >= SPEECH_LEVEL ? this.#loudLooks + 1 : 0
    if (this.#loudLooks < LOOKS_IN_A_ROW) return
    this.#loudLooks = 0
    const now = performance.now()
    if (now - this.#toldAt < TELL_AT_MOST_EVERY_MS) return
    this.#toldAt = now
    this.#tell()
  }
}
