import { expect, it } from 'vitest'
import { byDay, daysBetween } from './days'

const at = (text: string) => new Date(text).getTime()
const entry = (text: string) => ({ at: at(text) })

it('cuts where the day changes', () => {
  const days = byDay([entry('2026-11-20T00:00'), entry('2026-11-19T23:59'), entry('2026-11-19T00:01'), entry('2026-11-01T12:00')]) // prettier-ignore
  expect(days.map(({ items }) => items.length)).toEqual([1, 2, 1])
  expect(days[1]?.at).toBe(at('2026-11-19T23:59'))
})

it('has no days without entries', () => {
  expect(byDay([])).toEqual([])
})

it.each([
  ['2026-11-20T00:00', '2026-11-20T23:59', 0],
  ['2026-11-19T23:59', '2026-11-20T00:00', 1],
  ['2026-03-28T12:00', '2026-03-30T12:00', 2],
  ['2026-10-24T12:00', '2026-10-26T12:00', 2],
  ['2025-12-31T12:00', '2026-01-01T12:00', 1],
])('from %s to %s: %d', (earlier, later, days) => {
  expect(daysBetween(at(earlier), at(later))).toBe(days)
})
