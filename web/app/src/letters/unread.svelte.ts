import { session } from '../account/session.svelte'
import { social } from '../api/social'
import { UnreadCount } from './unreadCount'

let unread = $state(0)

/** For as long as the page is open: each stream that begins is of somebody else, and so are their letters. */
$effect.root(() => {
  $effect(() => {
    unread = 0
    const { events } = session
    if (!events) return
    const leave = new AbortController()
    const count = new UnreadCount({
      load: () => social.letters.unread({ signal: leave.signal }),
      changed: (number) => (unread = number),
    })
    events.on('gap', () => void count.look(), leave)
    events.on('message', (message) => count.hear(message), leave)
    // This code may have come after the first message.
    if (events.state) void count.look()
    return () => leave.abort()
  })
})

/** How many letters nobody has read yet. Reactive where it is read in a component. */
export const unreadLetters = {
  get count(): number {
    return unread
  },
}
