import { expect, it } from 'vitest'
import { hueOf, initials } from './identity'

it.each([
  ['Ann', 'A'],
  ['ann lee', 'AL'],
  ['  Ann   van  Lee ', 'AL'],
  ['李小龍', '李'],
  ['👩‍🚀 Sam', '👩‍🚀S'],
  ['', '?'],
])('initials of %j', (name, text) => {
  expect(initials(name)).toBe(text)
})

it('has a stable hue', () => {
  expect(hueOf('p1')).toBe(hueOf('p1'))
  expect(hueOf('p1')).toBeLessThan(360)
})
