import type { SocialEvent } from '@confab/sdk/api'

/** Hears of the tab's events for as long as a component is there. */
export function onEvents(_listeners: { opened?: () => void; message?: (event: SocialEvent) => void }): void {}

/** Asks for `post_changed` and `post_gone` of these posts while a component is there. */
export function watchPosts(_posts: () => readonly string[]): void {}
