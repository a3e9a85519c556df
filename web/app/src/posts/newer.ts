import type { PageOf, PagedList } from '../people/paging'

interface Ports<T extends { id: string }> {
  list: PagedList<T>
  /** How many items of others are newer than this one. */
  count: (since: string) => Promise<number>
  first: () => Promise<PageOf<T>>
  changed: (count: number) => void
}

/** Older than every id: ids are UUIDs that sort by time. */
const OLDEST = '00000000-0000-0000-0000-000000000000'

/**
 * What is new above a list, and only counted until one wants to see it: nothing that one reads moves. What one has posted
 * oneself lies above the list, too, but says nothing about what others have posted before it.
 */
export class Newer<T extends { id: string }> {
  readonly #ports: Ports<T>
  #since = OLDEST
  #count = 0
  #asking = false
  #askAgain = false

  constructor(ports: Ports<T>) {
    this.#ports = ports
  }

  /** A first page was loaded, with these items. */
  loaded(items: readonly T[]): void {
    this.#since = items[0]?.id ?? OLDEST
    this.#set(0)
  }

  /** Asks how many there are. Told to while it asks, it asks once more: the answer may be from before. */
  async look(): Promise<void> {
    if (this.#asking) {
      this.#askAgain = true
      return
    }
    this.#asking = true
    do {
      this.#askAgain = false
      const since = this.#since
      // A count is no reason for a complaint: the next news, or the next look, asks again.
      const count = await this.#ports.count(since).catch(() => this.#count)
      if (since === this.#since) this.#set(count)
    } while (this.#askAgain)
    this.#asking = false
  }

  /** Puts what is new above the rest; where that is more than a page, the list begins anew. */
  async show(): Promise<void> {
    const { list } = this.#ports
    const page = await this.#ports.first()
    const last = page.items.at(-1)
    const leavesNoGap = page.next === null || (last !== undefined && last.id <= this.#since)
    if (leavesNoGap && list.listing.items.length > 0) list.prepend(page.items)
    else list.restart(page)
    this.loaded(page.items)
  }

  #set(count: number): void {
    if (count === this.#count) return
    this.#count = count
    this.#ports.changed(count)
  }
}
