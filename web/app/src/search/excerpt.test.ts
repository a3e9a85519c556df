import { expect, it } from 'vitest'
import { excerpt } from './excerpt'

const filler = 'word '.repeat(200)

it('leaves a short text as it is', () => {
  expect(excerpt('Hello\nAnn', 'ann')).toBe('Hello\nAnn')
})

it('shows the beginning where the hit is in it, or nowhere', () => {
  for (const query of ['hello', 'nowhere']) {
    const shown = excerpt(`Hello ${filler}`, query)
    expect(shown.startsWith('Hello word')).toBe(true)
    expect(shown.endsWith('…')).toBe(true)
    expect(shown.length).toBeLessThanOrEqual(281)
  }
})

it('shows what is around a hit further down', () => {
  const shown = excerpt(`${filler}Zoë ${filler}`, 'zoe')
  expect(shown).toMatch(/^….{50,60}Zoë .*…$/)
  expect(excerpt(`${filler}Zoë`, 'zoe')).toMatch(/^….*Zoë$/)
})

it('cuts no letter in two', () => {
  const shown = excerpt('😀'.repeat(1000), 'x')
  expect(shown).toBe(`${'😀'.repeat(280)}…`)
})
