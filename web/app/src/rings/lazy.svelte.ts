import type { Component } from 'svelte'
import { loadMoreTexts } from '../i18n/i18n.svelte'

let sheets = $state.raw<Component | null>(null)
let begun = false

/** Who is signed out cannot be rung, and the others not before the first paint. */
export const lazyRings = {
  /** What shows calls over whatever page is open, when it is there. */
  get Sheets(): Component | null {
    return sheets
  },

  /** From now on one can be rung. Where the code cannot be fetched, not before the next load. */
  async start(): Promise<void> {
    if (begun) return
    begun = true
    const loaded = await Promise.all([import('./Sheets.svelte'), loadMoreTexts()]).catch(() => null)
    if (loaded) sheets = loaded[0].default
  },
}
