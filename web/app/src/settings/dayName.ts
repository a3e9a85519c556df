import { formatDate, t } from '../i18n/i18n.svelte'
import { daysBetween } from './days'

/** How a list calls the day of a time, such as `Yesterday`. */
export function dayName(at: number, now: number): string {
  const ago = daysBetween(at, now)
  return ago === 0 ? t().settings.today : ago === 1 ? t().settings.yesterday : formatDate(at)
}
