export interface Day<T> {
  /** When the newest of them was, which tells the day. */
  at: number
  items: T[]
}

/** Cuts a list, newest first, where a day of the reader's calendar ends. */
export function byDay<T extends { at: number }>(items: readonly T[]): Day<T>[] {
  const days: Day<T>[] = []
  for (const item of items) {
    const day = days.at(-1)
    if (day && daysBetween(item.at, day.at) === 0) day.items.push(item)
    else days.push({ at: item.at, items: [item] })
  }
  return days
}

/** How many midnights lie between two times, in the reader's time zone. */
export function daysBetween(earlier: number, later: number): number {
  // Days are 23 to 25 hours long where clocks change.
  return Math.round((midnight(later) - midnight(earlier)) / 86_400_000)
}

const midnight = (at: number): number => new Date(at).setHours(0, 0, 0, 0)
