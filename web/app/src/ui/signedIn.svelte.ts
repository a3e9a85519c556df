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
    parts = await import('./signedInParts').catch(() => null)
    fetching = false
  },
}
