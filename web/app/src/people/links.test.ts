import { expect, it } from 'vitest'
import { hostOf, MAX_URL, safeHref, toLink } from './links'

it.each([
  ['Notes', 'https://ada.example/n', { title: 'Notes', url: 'https://ada.example/n' }],
  ['  Notes ', ' ada.example ', { title: 'Notes', url: 'https://ada.example/' }],
  ['', 'www.ada.example/n', { title: 'ada.example', url: 'https://www.ada.example/n' }],
  ['Port', 'ada.example:8080/x', { title: 'Port', url: 'https://ada.example:8080/x' }],
  ['Local', 'http://localhost:3000', { title: 'Local', url: 'http://localhost:3000/' }],
])('makes of %j and %j a link', (title, address, link) => {
  expect(toLink(title, address)).toEqual(link)
})

it.each([
  '',
  '   ',
  'javascript:alert(1)',
  'data:text/html,x',
  'mailto:ada@ada.example',
  'ftp://ada.example',
  'https://ada@evil.example',
  'https://',
  `https://ada.example/${'x'.repeat(MAX_URL)}`,
])('refuses %j', (address) => {
  expect(toLink('x', address)).toBeNull()
})

it('makes only links to sites clickable', () => {
  expect(safeHref('https://ada.example')).toBe('https://ada.example/')
  expect(safeHref('javascript:alert(1)')).toBeUndefined()
  expect(safeHref('/relative')).toBeUndefined()
})

it('tells where a link leads', () => {
  expect(hostOf('https://www.ada.example/notes?x=1')).toBe('ada.example')
  expect(hostOf('nonsense')).toBe('')
})
