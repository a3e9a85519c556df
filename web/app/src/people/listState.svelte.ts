import { errorCode } from '../api/client'
import { type Listing, PagedList, type PageOf } from './paging'

/** A list for components: `PagedList` as a state. */
export class ListState<T extends { id: string }> {
  /** For what is told of the list from elsewhere. */
  readonly list: PagedList<T>
  #listing: Listing<T>

  constructor(load: (after: string | null) => Promise<PageOf<T>>) {
    this.list = new PagedList<T>({ load, codeOf: errorCode, changed: (listing) => (this.#listing = listing) })
    this.#listing = $state.raw(this.list.listing)
  }

  get items(): readonly T[] {
    return this.#listing.items
  }
  get phase(): Listing<T>['phase'] {
    return this.#listing.phase
  }
  get failure(): string | null {
    return this.#listing.failure
  }
  more = (): void => void this.list.more()
  /** Resolves when what may have changed is there, or could not be had. */
  refresh = (): Promise<void> => this.list.refresh()
  /** The same for a list that is sorted by ids, the last first: what is new comes at its beginning. */
  renew = (): Promise<void> => this.list.renew()
}
