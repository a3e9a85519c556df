/** How long something lasts yet, in the largest unit that says enough. */
export interface TimeLeft {
  unit: 'days' | 'hours' | 'less' | 'now'
  /** In that unit; 0 where there is none. */
  count: number
  /** Whether it ends within a day. */
  isShort: boolean
}

const HOUR = 3_600_000
const DAY = 24 * HOUR

/** The times in milliseconds since 1970. Days are rounded, hours are full ones. */
export function timeLeft(end: number, now: number): TimeLeft {
  const left = end - now
  const isShort = left <= DAY
  if (left <= 0) return { unit: 'now', count: 0, isShort }
  if (left < HOUR) return { unit: 'less', count: 0, isShort }
  if (left < DAY) return { unit: 'hours', count: Math.floor(left / HOUR), isShort }
  return { unit: 'days', count: Math.round(left / DAY), isShort }
}
