const HOLD = 2000

/** The one who has the stage in speaker layout: somebody new takes it only after two seconds, so that a cough moves nothing. */
export class StickySpeaker {
  current: string | null = null
  #candidate: string | null = null
  #since = 0

  /** Takes the speakers, loudest first. Returns when to call again although nothing has changed, or null. */
  update(speakers: readonly string[], now: number): number | null {
    if (this.current && speakers.includes(this.current)) this.#candidate = null
    else if (speakers.length === 0) this.#candidate = null
    else {
      const loudest = speakers[0] ?? null
      if (this.current === null) this.current = loudest
      else if (this.#candidate === null || !speakers.includes(this.#candidate)) {
        this.#candidate = loudest
        this.#since = now
      }
      if (this.#candidate && now - this.#since >= HOLD) {
        this.current = this.#candidate
        this.#candidate = null
      }
    }
    return this.#candidate ? this.#since + HOLD : null
  }

  forget(id: string): void {
    if (this.current === id) this.current = null
    if (this.#candidate === id) this.#candidate = null
  }
}
