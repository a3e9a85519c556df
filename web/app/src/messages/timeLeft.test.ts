import { expect, it } from 'vitest'
import { timeLeft } from './timeLeft'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

it.each([
  [7 * DAY, 'days', 7],
  [7 * DAY - MINUTE, 'days', 7],
  [2.6 * DAY, 'days', 3],
  [2.4 * DAY, 'days', 2],
  [DAY + MINUTE, 'days', 1],
  [DAY, 'days', 1],
  [DAY - 1, 'hours', 23],
  [2 * HOUR, 'hours', 2],
  [2 * HOUR - 1, 'hours', 1],
  [HOUR, 'hours', 1],
  [HOUR - 1, 'less', 0],
  [1, 'less', 0],
  [0, 'now', 0],
  [-DAY, 'now', 0],
])('says of %d ms: %s %d', (left, unit, count) => {
  expect(timeLeft(1_000_000 + left, 1_000_000)).toMatchObject({ unit, count })
})

it('warns in the last day', () => {
  expect([DAY + 1, DAY, HOUR, 0].map((left) => timeLeft(left, 0).isShort)).toEqual([false, true, true, true])
})
