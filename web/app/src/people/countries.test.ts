import { expect, it } from 'vitest'
import { countries, countryName } from './countries'

it('knows the names in the language of the reader', () => {
  expect(countryName('AT', 'en')).toBe('Austria')
  expect(countryName('AT', 'de')).toBe('Österreich')
})

it.each(['', 'x', 'not a code'])('shows %j as it is', (code) => {
  expect(countryName(code, 'en')).toBe(code)
})

it('lists each once, with a name, in alphabetical order', () => {
  const list = countries('de')
  expect(list).toHaveLength(249)
  expect(new Set(list.map(({ code }) => code)).size).toBe(249)
  for (const { code, name } of list) expect(name).not.toBe(code)
  const names = list.map(({ name }) => name)
  // By code points Ö would come after Z.
  expect(names.indexOf('Österreich')).toBeLessThan(names.indexOf('Polen'))
  expect(names).toEqual(names.toSorted(new Intl.Collator('de').compare))
})
