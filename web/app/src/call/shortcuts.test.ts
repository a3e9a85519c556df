import { describe, expect, it } from 'vitest'
import { type FocusKind, type KeyPress, shortcutFor } from './shortcuts'

const press = (key: string, more: Partial<KeyPress> = {}): KeyPress => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  repeat: false,
  ...more,
})

describe('shortcutFor', () => {
  it.each<[KeyPress, FocusKind, string | null]>([
    [press('d', { ctrlKey: true }), 'page', 'mic'],
    [press('D', { metaKey: true }), 'control', 'mic'],
    [press('e', { ctrlKey: true }), 'page', 'camera'],
    [press(' '), 'page', 'talk'],
    [press('?', { shiftKey: true }), 'page', 'help'],
    [press('t'), 'control', 'toolbar'],
    [press(' '), 'control', null],
    [press('d'), 'page', null],
    [press('d', { ctrlKey: true, shiftKey: true }), 'page', null],
    [press('d', { ctrlKey: true, metaKey: true }), 'page', null],
    [press('d', { ctrlKey: true, repeat: true }), 'page', null],
    [press(' ', { repeat: true }), 'page', null],
    [press('e', { altKey: true }), 'page', null],
  ])('%j on the %s', (key, focus, action) => {
    expect(shortcutFor(key, focus)).toBe(action)
  })

  it.each([press('?'), press(' '), press('t'), press('d', { ctrlKey: true }), press('e', { metaKey: true })])(
    'is silent while one types',
    (key) => {
      expect(shortcutFor(key, 'typing')).toBeNull()
    },
  )
})
