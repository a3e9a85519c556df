/** For how long one can take back a removal, in milliseconds. */
export const UNDO_MS = 6000

export interface Undoable {
  /** Does it for good. */
  commit: () => void
  /** Shows again what was hidden. */
  restore: () => void
}

/** Calls `run` after `ms`; what it returns prevents that. */
export type Timer = (ms: number, run: () => void) => () => void

const browserTimer: Timer = (ms, run) => {
  const timer = setTimeout(run, ms)
  return () => clearTimeout(timer)
}

/** What is to be removed, and is only hidden until one cannot change one's mind any more. */
export class UndoQueue {
  readonly #timer: Timer
  readonly #waiting = new Map<string, { item: Undoable; stop: () => void }>()

  constructor(timer: Timer = browserTimer) {
    this.#timer = timer
  }

  add(id: string, item: Undoable): void {
    if (this.#waiting.has(id)) return
    this.#waiting.set(id, { item, stop: this.#timer(UNDO_MS, () => this.#commit(id)) })
  }

  /** Whether it could still be taken back. */
  undo(id: string): boolean {
    const waiting = this.#waiting.get(id)
    if (!waiting) return false
    waiting.stop()
    this.#waiting.delete(id)
    waiting.item.restore()
    return true
  }

  /** When the page goes: nobody can take anything back any more. */
  leave(): void {
    for (const id of [...this.#waiting.keys()]) this.#commit(id)
  }

  #commit(id: string): void {
    const waiting = this.#waiting.get(id)
    if (!waiting) return
    waiting.stop()
    this.#waiting.delete(id)
    waiting.item.commit()
  }
}
