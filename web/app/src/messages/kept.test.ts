import type { Outgoing } from '@confab/sdk/api'
import { expect, it } from 'vitest'
import { KeptStore } from './kept'

const stored = new Map<string, unknown>()
const storage = {
  read: (key: string) => stored.get(key) ?? null,
  write: (key: string, value: unknown) => void stored.set(key, value),
  forget: (key: string) => void stored.delete(key),
}
const file = { id: 'f', kind: 'file', name: 'a.txt', size: 1, url: '/media/f' }
const one = {
  client_id: 'x',
  text: 'Hi',
  attachments: [file],
  reply_to: null,
  at: 1,
  state: 'failed',
  failure: 'busy',
} as unknown as Outgoing

it('keeps what was begun and what has not arrived, by account and conversation', () => {
  const ann = new KeptStore(storage, 'ann')
  ann.write('c', { draft: 'Dear', outgoing: [one] })
  expect(new KeptStore(storage, 'ann').read('c')).toEqual({ draft: 'Dear', outgoing: [one] })
  expect(ann.read('d')).toEqual({ draft: '', outgoing: [] })
  expect(new KeptStore(storage, 'ben').read('c')).toEqual({ draft: '', outgoing: [] })
  ann.write('c', { draft: ' ', outgoing: [] })
  expect(stored.size).toBe(0)
})

it('takes nothing that it cannot read', () => {
  for (const broken of [
    'x',
    3,
    [],
    { draft: 7, outgoing: 'x' },
    { outgoing: [null, 3, {}, { ...one, text: 1 }, { ...one, attachments: [{ ...file, url: 1 }] }] },
  ]) {
    stored.set('chat.ann.c', broken)
    expect(new KeptStore(storage, 'ann').read('c')).toEqual({ draft: '', outgoing: [] })
  }
})
