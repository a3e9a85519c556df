/** How to listen: with a `signal`, aborting it unsubscribes. */
export interface ListenOptions {
  signal?: AbortSignal
}

type Listener<Arguments extends unknown[]> = (...args: Arguments) => void

/** Typed events: `Events` maps each name to its listeners' arguments. */
export class Emitter<Events extends { [K in keyof Events]: unknown[] }> {
  #quiet = false
  readonly #listeners: { [K in keyof Events]?: Set<Listener<Events[K]>> } = {}

  /** Returns what unsubscribes. */
  on<K extends keyof Events>(event: K, listener: Listener<Events[K]>, options: ListenOptions = {}): () => void {
    const { signal } = options
    if (signal?.aborted) return () => {}
    const listeners = (this.#listeners[event] ??= new Set())
    // A wrapper, so that the same function may be subscribed twice and each subscription ends by itself.
    const entry: Listener<Events[K]> = (...args) => listener(...args)
    const off = (): void => {
      listeners.delete(entry)
      signal?.removeEventListener('abort', off)
    }
    listeners.add(entry)
    signal?.addEventListener('abort', off)
    return off
  }

  /** Runs `job` without telling anybody what it does. */
  quietly(job: () => void): void {
    this.#quiet = true
    try {
      job()
    } finally {
      this.#quiet = false
    }
  }

  /** A listener that throws spoils neither the others nor the SDK; its error is reported as uncaught. */
  emit<K extends keyof Events>(event: K, ...args: Events[K]): void {
    if (this.#quiet) return
    for (const listener of [...(this.#listeners[event] ?? [])]) {
      try {
        listener(...args)
      } catch (error) {
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }
}
