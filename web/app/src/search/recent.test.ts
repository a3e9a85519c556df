import { expect, it } from 'vitest'
import { forgotten, readRecent, remembered } from './recent'

it('remembers the newest first, each once, whatever its case and accents', () => {
  expect(remembered(['bob', 'ann'], ' Zoë ')).toEqual(['Zoë', 'bob', 'ann'])
  expect(remembered(['bob', 'zoe'], 'Zoë')).toEqual(['Zoë', 'bob'])
  expect(remembered(['bob'], '  ')).toEqual(['bob'])
})

it('forgets the oldest of more than eight', () => {
  const all = 'abcdefghij'.split('').reduce<string[]>((recent, query) => remembered(recent, query), [])
  expect(all).toEqual([...'jihgfedc'])
})

it('forgets one', () => {
  expect(forgotten(['bob', 'ann'], 'Bob')).toEqual(['ann'])
})

it.each([
  [null, []],
  ['ann', []],
  [{ 0: 'ann' }, []],
  [
    ['ann', 7, '', 'bob'],
    ['ann', 'bob'],
  ],
])('reads %j', (stored, expected) => expect(readRecent(stored)).toEqual(expected))
