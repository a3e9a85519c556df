import { loadMoreTexts } from '../i18n/i18n.svelte'

type Parts = typeof import('./signedInParts')

let parts = $state.raw<Parts | null>(null)
let fetching = false

/** What the header has only for those who are signed in: guests of a meeting do without its code. */
export const signedInParts = {
  get loaded(): Parts | null {
    return parts
  },

  /** Fetches it, once; after a failure again with the next page. */
  async fetch(): Promise<void> {
    if (parts || fetching) return
    fetching = true
    // What is new is said in words that are not in the first load.
    const loaded = await Promise.all([import('./signedInParts'), loadMoreTexts()]).catch(() => null)
    parts = loaded && loaded[0]
    fetching = false
  },
}
