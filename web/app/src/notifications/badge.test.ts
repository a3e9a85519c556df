import { expect, it } from 'vitest'
import { shortCount, withCount } from './badge'

it.each([
  ['Feed · Confab', 3, '(3) Feed · Confab'],
  ['(3) Feed · Confab', 4, '(4) Feed · Confab'],
  ['(99+) Feed · Confab', 0, 'Feed · Confab'],
  ['Feed · Confab', 0, 'Feed · Confab'],
  ['(2) Feed · Confab', 100, '(99+) Feed · Confab'],
  ['(three) things', 1, '(1) (three) things'],
])('puts the number before the title: %s, %i', (title, unread, expected) => {
  expect(withCount(title, unread)).toBe(expected)
})

it('shows large numbers shortly, and none not at all', () => {
  expect([0, 1, 99, 100, 12_345].map(shortCount)).toEqual(['', '1', '99', '99+', '99+'])
})
