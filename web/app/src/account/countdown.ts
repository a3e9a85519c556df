/** Whole seconds until then, the last one included; 0 when it has come. */
export const secondsLeft = (until: number, now: number): number => Math.max(0, Math.ceil((until - now) / 1000))

/** `0:42`, `12:00`. */
export const clockText = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`

export interface CountdownPorts {
  now(): number
  /** Calls back every second until what it returns is called. */
  everySecond(tick: () => void): () => void
  changed(seconds: number): void
}

/** Tells each second how many are left. By the clock and not by its ticks, which a tab in the background gets rarely. */
export class CountdownTimer {
  readonly #ports: CountdownPorts
  #until = 0
  #stop: (() => void) | null = null

  constructor(ports: CountdownPorts) {
    this.#ports = ports
  }

  /** In epoch milliseconds; a later call replaces an earlier one. */
  runUntil(until: number): void {
    this.#until = until
    this.stop()
    if (secondsLeft(until, this.#ports.now()) > 0) this.#stop = this.#ports.everySecond(() => this.#tick())
    this.#tick()
  }

  stop(): void {
    this.#stop?.()
    this.#stop = null
  }

  #tick(): void {
    const seconds = secondsLeft(this.#until, this.#ports.now())
    this.#ports.changed(seconds)
    if (seconds === 0) this.stop()
  }
}
