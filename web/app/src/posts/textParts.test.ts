import { describe, expect, it } from 'vitest'
import { lengthOf, textParts } from './textParts'

const mentions = (text: string) => textParts(text).flatMap(({ href, isMention }) => (isMention ? [href] : []))

describe('textParts', () => {
  it('links people and addresses, and keeps every character', () => {
    const text = 'Thanks @Ann.Archer, see https://a.example/@bob (and @bob_2).'
    expect(
      textParts(text)
        .map((part) => part.text)
        .join(''),
    ).toBe(text)
    expect(mentions(text)).toEqual(['/@Ann.Archer', '/@bob_2'])
    expect(textParts(text).filter(({ href }) => href).length).toBe(3)
  })

  it('leaves the end of a sentence out of a name', () => {
    expect(mentions('It was @ann. And @ben-! And @cy-d?')).toEqual(['/@ann', '/@ben', '/@cy-d'])
  })

  it.each(['ann@example.org', 'a@@ann', '@an', '@_ann', `@${'a'.repeat(31)}`, 'ü@ann', '/@ann', '@annü'])(
    'finds nobody in %s',
    (text) => {
      expect(mentions(text)).toEqual([])
    },
  )

  it('makes nothing of markup', () => {
    expect(textParts('<img src=x onerror=alert(1)>')).toEqual([{ text: '<img src=x onerror=alert(1)>' }])
    expect(textParts('')).toEqual([])
  })
})

it('counts characters as the server does', () => {
  expect(lengthOf('a🙂é')).toBe(3)
})
