import type { SearchResult } from '@confab/sdk/api'
import { errorCode } from '../api/client'
import { social } from '../api/social'
import { network } from '../people/network.svelte'
import { type Found, LiveSearch } from './liveSearch'

/** Typing pauses that long before the server is asked, in milliseconds. */
export const DELAY = 150
/** As the server takes it. */
export const MAX_QUERY = 100

/** A search for components: `LiveSearch` as a state. */
export class SearchState {
  readonly #search: LiveSearch<SearchResult>
  #found: Found<SearchResult>

  constructor() {
    this.#search = new LiveSearch<SearchResult>({
      load: async (query, signal) => {
        const result = await social.search.all(query, { signal })
        for (const person of result.people) network.learn(person)
        return result
      },
      codeOf: errorCode,
      changed: (found) => (this.#found = found),
      delay: DELAY,
    })
    this.#found = $state.raw(this.#search.found)
  }

  get found(): Found<SearchResult> {
    return this.#found
  }
  type = (text: string): void => this.#search.type(text)
  now = (): void => this.#search.now()
  close = (): void => this.#search.close()
}
