import type { Notification, Page } from '@confab/sdk/api'

export interface FeedListing {
  readonly items: readonly Notification[]
  /** `ready`: there is more. `complete`: that was all. */
  readonly phase: 'loading' | 'ready' | 'failed' | 'complete'
  /** The code of the failure. */
  readonly failure: string | null
}

/** Something that happened to the list. Done to what is shown, and again to answers that may be older. */
export type Change = (items: readonly Notification[]) => readonly Notification[]

interface Options {
  load: (after: string | null, limit: number) => Promise<Page<Notification>>
  /** Leaves read ones out. */
  onlyUnread: boolean
  codeOf: (error: unknown) => string
  changed: (listing: FeedListing) => void
}

const PAGE_SIZE = 20
/** The most that the server gives at once. */
const MAX_PAGE = 100

/**
 * Notifications, the one that has grown last first. Grows at its end, page by page, and changes above: one that grows
 * moves up and never stands there twice.
 */
export class Feed {
  readonly #options: Options
  #listing: FeedListing = { items: [], phase: 'ready', failure: null }
  #next: string | null = null
  /** Whether anything was ever asked for. */
  #begun = false
  /** What is shown is older than what is known to have happened. */
  #stale = false
  /** The calls that are on their way, one after the other. */
  #loading: Promise<void> | null = null
  /** What answers may not know yet. */
  readonly #overlay: Set<Change> = new Set()

  constructor(options: Options) {
    this.#options = options
  }

  get listing(): FeedListing {
    return this.#listing
  }

  /** Fetches the next page; what is stale or has failed is fetched again. Does nothing while loading and at the end. */
  async more(): Promise<void> {
    const { phase } = this.#listing
    if (!this.#stale && (phase === 'loading' || phase === 'complete')) return
    this.#set({ phase: 'loading', failure: null })
    await this.#after(async () => {
      if (this.#stale) return this.#loadAgain()
      this.#begun = true
      const page = await this.#options.load(this.#next, PAGE_SIZE)
      const known = new Set(this.#listing.items.map(({ id }) => id))
      this.#take([...this.#listing.items, ...page.items.filter(({ id }) => !known.has(id))], page.next)
    })
  }

  /** Fetches again as much as there was; until that is there, what was there is shown. Does nothing before the first page. */
  async refresh(): Promise<void> {
    const isPlanned = this.#stale && this.#listing.phase !== 'failed'
    if (!this.#begun || isPlanned) return
    this.#stale = true
    await this.#after(() => this.#loadAgain())
  }

  /** `settled`: when the server knows of the change as well. */
  apply(change: Change, settled: Promise<unknown> = Promise.resolve()): void {
    this.#set({ items: change(this.#listing.items) })
    this.#overlay.add(change)
    const forget = (): void => void this.#overlay.delete(change)
    const wait = (): Promise<void> | null => this.#loading
    // An answer that is on its way by then may still be older.
    void settled.then(wait, wait).then(forget)
  }

  /** A notification that is new, or has changed: it stands where its time belongs, once. */
  put(notification: Notification): void {
    this.apply((items) => {
      const others = items.filter(({ id }) => id !== notification.id)
      if (this.#options.onlyUnread && notification.is_read) return others
      const place = others.findIndex((other) => isNewer(notification, other))
      if (place >= 0) return others.toSpliced(place, 0, notification)
      // Below the last one of a list that goes on it belongs to a later page.
      return this.#begun && this.#next === null ? [...others, notification] : others
    })
  }

  /** All of the list, as after `more` and `refresh`, without what the overlay says. */
  async #loadAgain(): Promise<void> {
    this.#stale = false
    const wanted = Math.max(this.#listing.items.length, PAGE_SIZE)
    let items: Notification[] = []
    let next: string | null = null
    try {
      do {
        const page: Page<Notification> = await this.#options.load(next, Math.min(wanted - items.length, MAX_PAGE))
        items = [...items, ...page.items]
        // A page that leads to itself would be asked for without end.
        next = page.next === next ? null : page.next
      } while (next !== null && items.length < wanted)
    } catch (error) {
      this.#stale = true
      throw error
    }
    this.#take(items, next)
  }

  #take(items: readonly Notification[], next: string | null): void {
    this.#next = next
    for (const change of this.#overlay) items = change(items)
    this.#set({ items, phase: next === null ? 'complete' : 'ready', failure: null })
  }

  /** Runs a call when those before it have ended; shows how it fails. */
  #after(job: () => Promise<void>): Promise<void> {
    const run = (this.#loading ?? Promise.resolve()).then(job).catch((error: unknown) => {
      this.#set({ phase: 'failed', failure: this.#options.codeOf(error) })
    })
    this.#loading = run
    void run.then(() => {
      if (this.#loading === run) this.#loading = null
    })
    return run
  }

  #set(change: Partial<FeedListing>): void {
    this.#listing = { ...this.#listing, ...change }
    this.#options.changed(this.#listing)
  }
}

const isNewer = (one: Notification, other: Notification): boolean =>
  one.at > other.at || (one.at === other.at && one.id > other.id)
