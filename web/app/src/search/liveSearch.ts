/** What is shown of a search. */
export interface Found<R> {
  /** What was searched for; empty where nothing is. */
  readonly query: string
  /** The answer to `query`, or while that is awaited the one before. */
  readonly result: R | null
  readonly phase: 'idle' | 'waiting' | 'done' | 'failed'
  /** The code of the failure. */
  readonly failure: string
}

interface Options<R> {
  load: (query: string, signal: AbortSignal) => Promise<R>
  codeOf: (error: unknown) => string
  changed: (found: Found<R>) => void
  /** Milliseconds without a key before the server is asked. */
  delay: number
}

/** Searches while somebody types. Answers to what is no longer asked are not shown, whenever they come. */
export class LiveSearch<R> {
  readonly #options: Options<R>
  #found: Found<R> = { query: '', result: null, phase: 'idle', failure: '' }
  #timer: ReturnType<typeof setTimeout> | undefined
  #asking: AbortController | null = null

  constructor(options: Options<R>) {
    this.#options = options
  }

  get found(): Found<R> {
    return this.#found
  }

  /** Another query, after a moment; spaces around it do not count. */
  type(text: string): void {
    const query = text.trim()
    if (query === this.#found.query) return
    this.#stop()
    if (query === '') return this.#set({ query, result: null, phase: 'idle', failure: '' })
    this.#set({ query, phase: 'waiting', failure: '' })
    this.#timer = setTimeout(() => void this.#ask(query), this.#options.delay)
  }

  /** Asks now: for the first time, again after a failure, or for what may have changed. */
  now(): void {
    this.#stop()
    if (this.#found.query !== '') void this.#ask(this.#found.query)
  }

  close(): void {
    this.#stop()
  }

  async #ask(query: string): Promise<void> {
    const asking = (this.#asking = new AbortController())
    this.#set({ phase: 'waiting', failure: '' })
    try {
      const result = await this.#options.load(query, asking.signal)
      if (!asking.signal.aborted) this.#set({ result, phase: 'done' })
    } catch (error) {
      if (!asking.signal.aborted) this.#set({ result: null, phase: 'failed', failure: this.#options.codeOf(error) })
    }
  }

  #stop(): void {
    clearTimeout(this.#timer)
    this.#asking?.abort()
  }

  #set(change: Partial<Found<R>>): void {
    this.#found = { ...this.#found, ...change }
    this.#options.changed(this.#found)
  }
}
