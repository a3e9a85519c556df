import type { PostImage } from '@confab/sdk/api'
import { describe, expect, it } from 'vitest'
import { attemptOf, type Draft, DraftStore } from './drafts'

const image: PostImage = { id: 'i', url: '/media/i', small_url: '/media/s', width: 4, height: 3, alt: 'A cat' }
const draft: Draft = { text: 'Hello', audience: 'friends', images: [image] }

function browser() {
  const kept = new Map<string, string>()
  const storage = {
    read: (key: string): unknown => JSON.parse(kept.get(key) ?? 'null'),
    write: (key: string, value: unknown) => void kept.set(key, JSON.stringify(value)),
    forget: (key: string) => void kept.delete(key),
  }
  return { kept, storage }
}

describe('DraftStore', () => {
  it('gives back what was written, to the same account only', () => {
    const { storage } = browser()
    new DraftStore(storage, 'ann').write(draft, { client_id: 'c', content: 'x' })
    expect(new DraftStore(storage, 'ann').read()).toEqual({ ...draft, attempt: { client_id: 'c', content: 'x' } })
    expect(new DraftStore(storage, 'ben').read()).toBeNull()
  })

  it('forgets images with the server, and keeps the text', () => {
    const { storage } = browser()
    let now = 0
    const store = new DraftStore(storage, 'ann', () => now)
    store.write(draft, null)
    now = 24 * 3_600_000
    expect(store.read()).toMatchObject({ text: 'Hello', images: [] })
    store.write({ ...draft, text: '' }, null)
    now *= 2
    expect(store.read()).toBeNull()
  })

  it('keeps nothing of an empty one', () => {
    const { kept, storage } = browser()
    const store = new DraftStore(storage, 'ann')
    store.write(draft, null)
    store.write({ text: ' \n', audience: 'public', images: [] }, null)
    expect(kept.size).toBe(0)
  })

  it.each([[{ text: 3, images: [] }], [{ text: 'a' }], ['a'], [7]])('reads nothing out of %j', (value) => {
    const { storage } = browser()
    storage.write('draft.ann', value)
    expect(new DraftStore(storage, 'ann').read()).toBeNull()
  })

  it('takes no audience that it does not know', () => {
    const { storage } = browser()
    storage.write('draft.ann', { ...draft, audience: 'enemies', saved_at: Date.now() })
    expect(new DraftStore(storage, 'ann').read()?.audience).toBe('public')
  })
})

describe('attemptOf', () => {
  let ids = 0
  const newId = () => `id${++ids}`

  it('is the same for what was sent already', () => {
    const first = attemptOf(draft, null, newId)
    expect(attemptOf({ ...draft, images: [{ ...image }] }, first, newId)).toBe(first)
  })

  it('is another for anything else', () => {
    const first = attemptOf(draft, null, newId)
    const others: Partial<Draft>[] = [{ text: 'Hi' }, { audience: 'public' }, { images: [] }, { images: [{ ...image, alt: '' }] }] // prettier-ignore
    for (const other of others) {
      expect(attemptOf({ ...draft, ...other }, first, newId).client_id).not.toBe(first.client_id)
    }
  })
})
