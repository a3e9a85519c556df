import { clockText, CountdownTimer } from './countdown'

/** A countdown for a page; `stop` it with the page. */
export class Countdown {
  seconds = $state(0)
  readonly #timer = new CountdownTimer({
    now: () => Date.now(),
    everySecond: (tick) => {
      const timer = setInterval(tick, 1000)
      return () => clearInterval(timer)
    },
    changed: (seconds) => (this.seconds = seconds),
  })

  get running(): boolean {
    return this.seconds > 0
  }

  get text(): string {
    return clockText(this.seconds)
  }

  runUntil(until: number): void {
    this.#timer.runUntil(until)
  }

  stop(): void {
    this.#timer.stop()
  }
}
