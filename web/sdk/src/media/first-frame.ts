const LOOK_EVERY_MS = 200
const LOOK_FOR_MS = 30_000
const LONGEST_MS = 60_000

/** Measures how long it took from the click on Join to the first picture of somebody else. */
export class FirstFrame {
  #since = 0
  readonly #report: (milliseconds: number) => void
  #milliseconds: number | null = null
  #timer: ReturnType<typeof setInterval> | undefined

  constructor(report: (milliseconds: number) => void) {
    this.#report = report
  }

  /** When the user clicked on Join, by `performance.now()`. */
  start(since: number): void {
    this.#since = since
  }

  get milliseconds(): number | null {
    return this.#milliseconds
  }

  /** An element was given a remote picture. It knows best when a frame is on the screen. */
  watch(element: HTMLVideoElement): void {
    if (this.#milliseconds !== null || typeof element.requestVideoFrameCallback !== 'function') return
    element.requestVideoFrameCallback(() => this.#seen())
  }

  /** For pictures that are in no such element: asks the statistics whether one was decoded. */
  poll(framesDecoded: () => Promise<number>): void {
    if (this.#milliseconds !== null || this.#timer !== undefined) return
    const until = performance.now() + LOOK_FOR_MS
    this.#timer = setInterval(() => {
      if (performance.now() > until) return this.stop()
      void framesDecoded().then(
        (frames) => frames > 0 && this.#seen(),
        () => this.stop(),
      )
    }, LOOK_EVERY_MS)
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #seen(): void {
    this.stop()
    if (this.#milliseconds !== null) return
    this.#milliseconds = Math.round(performance.now() - this.#since)
    this.#report(Math.min(Math.max(this.#milliseconds, 0), LONGEST_MS))
  }
}
