/** Reads what is new to screen readers, without talking all the time. */
export class Announcer<T> {
  readonly #options: { pauseMs: number; say: (news: readonly T[]) => void }
  #waiting: T[] = []
  #timer: ReturnType<typeof setTimeout> | null = null

  constructor(options: { /** At least so long between two. */ pauseMs: number; say: (news: readonly T[]) => void }) {
    this.#options = options
  }

  /** Says it at once, or with what else comes in the pause. */
  hear(item: T): void {
    this.#waiting.push(item)
    if (this.#timer === null) this.#say()
  }

  #say(): void {
    this.#timer = null
    if (this.#waiting.length === 0) return
    this.#options.say(this.#waiting.splice(0))
    this.#timer = setTimeout(() => this.#say(), this.#options.pauseMs)
  }
}
