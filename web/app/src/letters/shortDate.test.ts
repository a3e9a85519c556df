import { expect, it } from 'vitest'
import { shortDate } from './shortDate'

const now = new Date(2026, 10, 21, 9, 30).getTime()

it.each([
  [new Date(2026, 10, 21, 0, 5), '00:05', '00:05'],
  [new Date(2026, 10, 20, 23, 59), '20 Nov', '20. Nov.'],
  [new Date(2026, 0, 1), '1 Jan', '1. Jan.'],
  [new Date(2025, 11, 31), '31 Dec 2025', '31. Dez. 2025'],
])('%s', (at, english, german) => {
  expect(shortDate(at.getTime(), now, 'en-GB')).toBe(english)
  expect(shortDate(at.getTime(), now, 'de')).toBe(german)
})
