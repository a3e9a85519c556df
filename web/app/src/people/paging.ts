/** What `load` answers: a page, and where the next one begins, if there is one. */
export interface PageOf<T> {
  items: T[]
  next: string | null
}

export interface Listing<T> {
  readonly items: readonly T[]
  /** `ready`: there is more. `complete`: that was all. */
  readonly phase: 'loading' | 'ready' | 'failed' | 'complete'
  /** The code of the failure. */
  readonly failure: string | null
}

interface Options<T> {
  load: (after: string | null) => Promise<PageOf<T>>
  codeOf: (error: unknown) => string
  changed: (listing: Listing<T>) => void
}

/**
 * A list that grows at its end, page by page, and changes above only where it is told to: nothing that one reads moves.
 * Pages are found by keys and not by numbers, so what is added or removed meanwhile makes neither gaps nor repetitions.
 */
export class PagedList<T extends { id: string }> {
  readonly #options: Options<T>
  #listing: Listing<T> = { items: [], phase: 'ready', failure: null }
  #next: string | null = null
  #pages = 0
  /** Counts new beginnings, so that a page of before is not added to what came after. */
  #epoch = 0
  /** Whether it was to be renewed before it was there. */
  #isStale = false

  constructor(options: Options<T>) {
    this.#options = options
  }

  get listing(): Listing<T> {
    return this.#listing
  }

  /** Fetches the next page, or again the one that failed. Does nothing while one is on its way and at the end. */
  async more(): Promise<void> {
    const { phase } = this.#listing
    if (phase === 'loading' || phase === 'complete') return
    const epoch = this.#epoch
    this.#set({ phase: 'loading', failure: null })
    try {
      const { items, next } = await this.#options.load(this.#next)
      if (epoch !== this.#epoch) return
      // A page that leads to itself would be asked for without end.
      const more = next !== null && next !== this.#next
      this.#next = next
      this.#pages++
      this.#set({ items: distinct([...this.#listing.items, ...items]), phase: more ? 'ready' : 'complete' })
      if (this.#isStale) {
        this.#isStale = false
        await this.renew()
      }
    } catch (error) {
      if (epoch === this.#epoch) this.#set({ phase: 'failed', failure: this.#options.codeOf(error) })
    }
  }

  /**
   * Asks anew for what may have changed. A list that fits on one page becomes the new one; in a longer one only those that
   * are there are brought up to date, so that nothing moves under the reader. What fails changes nothing.
   */
  async refresh(): Promise<void> {
    if (this.#pages === 0 || this.#listing.phase === 'loading') return
    const before = this.#listing
    const answer = await this.#options.load(null).catch(() => null)
    // Meanwhile more may have come, and that is newer.
    if (!answer || this.#listing !== before) return
    if (this.#pages === 1) return this.restart(answer)
    const fresh = new Map(answer.items.map((item) => [item.id, item]))
    this.#set({ items: before.items.map((item) => fresh.get(item.id) ?? item) })
  }

  /**
   * Asks anew for the beginning of a list that is sorted by ids, the last first: what is new stands above, what has gone is
   * gone, and what is further down stays. What fails changes nothing.
   */
  async renew(): Promise<void> {
    // The first page is on its way, and may be older than what this was called for.
    if (this.#pages === 0) return void (this.#isStale = this.#listing.phase === 'loading')
    const epoch = this.#epoch
    const answer = await this.#options.load(null).catch(() => null)
    if (!answer || epoch !== this.#epoch) return
    if (this.#pages === 1 && this.#listing.phase !== 'loading') return this.restart(answer)
    const last = answer.next === null ? '' : (answer.items.at(-1)?.id ?? '')
    this.#set({ items: distinct([...answer.items, ...this.#listing.items.filter(({ id }) => id < last)]) })
  }

  /** Puts items before all others; those that were further down move up. */
  prepend(items: readonly T[]): void {
    this.#set({ items: distinct([...items, ...this.#listing.items]) })
  }

  /** Puts items behind all others that are there by now. */
  append(items: readonly T[]): void {
    this.#set({ items: distinct([...this.#listing.items, ...items]) })
  }

  /** Puts other items into the place of one; none removes it. */
  replace(id: string, ...items: T[]): void {
    this.#set({ items: distinct(this.#listing.items.flatMap((item) => (item.id === id ? items : [item]))) })
  }

  /** Forgets everything and begins with this page. */
  restart({ items, next }: PageOf<T>): void {
    this.#epoch++
    this.#pages = 1
    this.#next = next
    this.#set({ items: distinct(items), phase: next === null ? 'complete' : 'ready', failure: null })
  }

  #set(change: Partial<Listing<T>>): void {
    this.#listing = { ...this.#listing, ...change }
    this.#options.changed(this.#listing)
  }
}

/** The first one of each id. */
function distinct<T extends { id: string }>(items: readonly T[]): T[] {
  const known = new Set<string>()
  return items.filter(({ id }) => !known.has(id) && known.add(id))
}
