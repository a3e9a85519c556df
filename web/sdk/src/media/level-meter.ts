let context: AudioContext | null = null

/** One for the page: browsers allow few. Null where there is none. */
function audioContext(): AudioContext | null {
  if (typeof AudioContext === 'undefined') return null
  return (context ??= new AudioContext())
}

/** A context that was made before the user touched the page sleeps until it is woken within a click. */
export async function wakeAudioContext(): Promise<void> {
  if (context?.state === 'suspended') await context.resume().catch(() => {})
}

/** Speech at a normal distance is near -30 dBFS; this maps -60 dBFS to 0 and -10 dBFS to 1. */
const FLOOR_DB = -60
const CEILING_DB = -10

/** How loud a microphone is, muted or not. */
export class LevelMeter {
  readonly #track: MediaStreamTrack
  readonly #source: MediaStreamAudioSourceNode | null = null
  readonly #analyser: AnalyserNode | null = null
  readonly #samples = new Float32Array(1024)

  constructor(track: MediaStreamTrack) {
    // A clone, for muting disables the original, and then it would be silent here too.
    this.#track = track.clone()
    this.#track.enabled = true
    const audio = audioContext()
    if (!audio) return
    void wakeAudioContext()
    this.#analyser = audio.createAnalyser()
    this.#analyser.fftSize = this.#samples.length
    this.#source = audio.createMediaStreamSource(new MediaStream([this.#track]))
    this.#source.connect(this.#analyser)
  }

  /** 0 to 1, now. */
  get level(): number {
    if (!this.#analyser) return 0
    this.#analyser.getFloatTimeDomainData(this.#samples)
    let sum = 0
    for (const sample of this.#samples) sum += sample * sample
    const decibels = 10 * Math.log10(sum / this.#samples.length + 1e-12)
    return Math.min(Math.max((decibels - FLOOR_DB) / (CEILING_DB - FLOOR_DB), 0), 1)
  }

  stop(): void {
    this.#source?.disconnect()
    this.#track.stop()
  }
}
