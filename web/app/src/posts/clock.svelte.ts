import { formatAgo, formatDate, locale, t } from '../i18n/i18n.svelte'

const TICK_MS = 30_000
const MINUTE = 60_000
const WEEK = 7 * 24 * 60 * MINUTE

let now = $state(Date.now())
// Seen by nobody while the page is hidden; the first look after that should be right.
setInterval(() => (now = Date.now()), TICK_MS)
document.addEventListener('visibilitychange', () => (now = Date.now()))

/** How long ago something was; after a week, the day. Goes with the time where it is read in a component. */
export function ago(at: number): string {
  const present = Math.max(now, at)
  if (present - at < MINUTE) return t().post.now
  return present - at < WEEK ? formatAgo(at, present) : formatDate(at)
}

/** The day and the minute, such as `20 November 2026 at 17:05`. */
export const exactly = (at: number): string =>
  new Intl.DateTimeFormat(locale(), { dateStyle: 'long', timeStyle: 'short' }).format(at)
