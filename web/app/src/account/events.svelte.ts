import type { StreamEvents } from '@confab/sdk/api'
import { session } from './session.svelte'

type Listeners = { [Name in keyof StreamEvents]?: (...args: StreamEvents[Name]) => void }

/**
 * Hears of the tab's events for as long as a component is there, whoever is signed in meanwhile. What has a number is never
 * missed without a `gap`; what has none may be, between two `opened`.
 */
export function onEvents({ opened, message, gap }: Omit<Listeners, 'signedOut'>): void {
  $effect(() => {
    const { events } = session
    if (!events) return
    const leave = new AbortController()
    if (opened) events.on('opened', opened, leave)
    if (message) events.on('message', message, leave)
    if (gap) events.on('gap', gap, leave)
    return () => leave.abort()
  })
}

/** Asks for `post_changed` and `post_gone` of these posts, the most important first, while a component is there. */
export function watchPosts(posts: () => readonly string[]): void {
  $effect(() => {
    const watch = session.events?.watch()
    if (!watch) return
    $effect(() => watch.set(posts()))
    return () => watch.close()
  })
}
