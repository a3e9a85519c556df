import { expect, it } from 'vitest'
import { attemptOf, LetterDrafts, replySubject } from './drafts'

const letter = { to: 'ben', subject: 'Trip', text: 'See you' }

function browser() {
  const kept = new Map<string, string>()
  const storage = {
    read: (key: string): unknown => JSON.parse(kept.get(key) ?? 'null'),
    write: (key: string, value: unknown) => void kept.set(key, JSON.stringify(value)),
    forget: (key: string) => void kept.delete(key),
  }
  return { kept, storage }
}

it('gives back what was written, to the same account and for the same letter only', () => {
  const { storage } = browser()
  const attempt = { client_id: 'c', content: 'x' }
  new LetterDrafts(storage, 'ann', 'new').write(letter, attempt)
  expect(new LetterDrafts(storage, 'ann', 'new').read()).toEqual({ ...letter, attempt })
  expect(new LetterDrafts(storage, 'ann', 'to ben').read()).toBeNull()
  expect(new LetterDrafts(storage, 'ben', 'new').read()).toBeNull()
})

it('keeps nothing of what was sent or discarded', () => {
  const { kept, storage } = browser()
  const drafts = new LetterDrafts(storage, 'ann', 'new')
  drafts.write(letter, null)
  drafts.clear()
  expect([drafts.read(), kept.size]).toEqual([null, 0])
})

it.each([[{}], [{ to: 1, subject: '', text: '' }], ['x'], [[]]])('is none where it cannot be read: %j', (junk) => {
  const { storage } = browser()
  storage.write('letter.ann.new', junk)
  expect(new LetterDrafts(storage, 'ann', 'new').read()).toBeNull()
})

it('sends the same letter by the same id, and another by another', () => {
  let ids = 0
  const newId = () => `id ${++ids}`
  const first = attemptOf(letter, null, newId)
  expect(attemptOf({ ...letter, to: ' Ben', text: 'See you\n' }, first, newId)).toBe(first)
  for (const other of [{ to: 'carl' }, { subject: 'Trips' }, { text: 'See you!' }])
    expect(attemptOf({ ...letter, ...other }, first, newId).client_id).not.toBe(first.client_id)
})

it('says once that it is an answer', () => {
  expect(replySubject('Trip')).toBe('Re: Trip')
  for (const subject of ['Re: Trip', 'RE : Trip', 'AW: Reise']) expect(replySubject(subject)).toBe(subject)
  expect(replySubject('Real estate')).toBe('Re: Real estate')
  expect([...replySubject('é'.repeat(200))].length).toBe(200)
})
