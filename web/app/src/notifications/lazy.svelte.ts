import type { Component } from 'svelte'
import { loadMoreTexts } from '../i18n/i18n.svelte'

let bell = $state.raw<Component | null>(null)
let begun = false

/** Who is signed out needs none of it, and the others not before the first paint. */
export const lazyNotifications = {
  /** The bell, when it is there. */
  get Bell(): Component | null {
    return bell
  },

  /** From now on notifications are counted. Where the code cannot be fetched there are none until the next load. */
  async start(): Promise<void> {
    if (begun) return
    begun = true
    const loaded = await Promise.all([import('./Bell.svelte'), loadMoreTexts()]).catch(() => null)
    if (loaded) bell = loaded[0].default
  },
}
