import { describe, expect, it } from 'vitest'
import { linkify } from './linkify'

const links = (text: string) => linkify(text).flatMap((segment) => (segment.href ? [segment.text] : []))

describe('linkify', () => {
  it('leaves plain text whole', () => {
    expect(linkify('hello <b>you</b>')).toEqual([{ text: 'hello <b>you</b>' }])
    expect(linkify('')).toEqual([])
  })

  it('keeps every character', () => {
    const text = 'see https://a.example/x?y=1#z, (http://b.example/w_(x)) and https://c.example.'
    expect(
      linkify(text)
        .map((segment) => segment.text)
        .join(''),
    ).toBe(text)
    expect(links(text)).toEqual(['https://a.example/x?y=1#z', 'http://b.example/w_(x)', 'https://c.example'])
  })

  it.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'ftp://a.example',
    'www.a.example',
    'https://',
    'xhttps://a.example',
    'https://bank.example@evil.example/',
  ])('makes no link of %s', (text) => {
    expect(links(text)).toEqual([])
  })

  it('stops at quotes and angle brackets', () => {
    expect(links('<a href="https://a.example/">')).toEqual(['https://a.example/'])
  })
})
