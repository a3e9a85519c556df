import { expect, it } from 'vitest'
import { isSearchKey } from './shortcut'

const plain = { key: '/', ctrlKey: false, metaKey: false, altKey: false, defaultPrevented: false }

it.each([
  [{}, true],
  [{ key: 'k' }, false],
  [{ key: 'k', ctrlKey: true }, true],
  [{ key: 'K', metaKey: true }, true],
  [{ key: 'k', ctrlKey: true, metaKey: true }, false],
  [{ key: 'k', ctrlKey: true, altKey: true }, false],
  [{ ctrlKey: true }, false],
  [{ key: 'd', ctrlKey: true }, false],
  [{ defaultPrevented: true }, false],
])('%o', (change, expected) => {
  expect(isSearchKey({ ...plain, ...change }, false)).toBe(expected)
  expect(isSearchKey({ ...plain, ...change }, true)).toBe(false)
})
