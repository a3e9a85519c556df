/** What a visit to a list leaves behind. */
interface Kept<T> {
  visit: number
  owner: string
  list: T
  scroll: number
}

/** Where a visit is noted: the entry of the browser's history that one is on. */
export interface HistoryEntry {
  read(): unknown
  write(visit: number): void
}

/**
 * Remembers a list and the position in it for whoever comes back to it (Back, Forward). A new visit by a link begins anew:
 * each has its own number, noted in its entry of the history.
 */
export class Visits<T> {
  #kept: Kept<T> | null = null
  #next: number

  /** `first` must differ between loads of the page, so that entries of an earlier load match nothing. */
  constructor(first: number) {
    this.#next = first
  }

  /** The list of the visit that this entry belongs to, or a new one. `owner`: whose eyes see it. */
  enter(entry: HistoryEntry, owner: string, make: () => T): { list: T; scroll: number } {
    const kept = this.#kept
    if (kept && kept.owner === owner && entry.read() === kept.visit) return kept
    const visit = this.#next++
    entry.write(visit)
    this.#kept = { visit, owner, list: make(), scroll: 0 }
    return this.#kept
  }

  scrolled(to: number): void {
    if (this.#kept) this.#kept.scroll = to
  }
}

export const currentEntry: HistoryEntry = {
  read: () => (history.state as { visit?: unknown } | null)?.visit,
  write: (visit) => history.replaceState({ ...(history.state as object | null), visit }, ''),
}
