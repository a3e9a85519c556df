import { expect, it } from 'vitest'
import { type Listing, PagedList, type PageOf } from './paging'

interface Item {
  id: string
}

/** A server whose answers the test gives, one at a time. */
function served() {
  const asked: (string | null)[] = []
  const seen: Listing<Item>[] = []
  const waiting: { resolve: (page: PageOf<Item>) => void; reject: (error: unknown) => void }[] = []
  const list = new PagedList<Item>({
    load: (after) => {
      asked.push(after)
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }))
    },
    codeOf: (error) => String(error),
    changed: (listing) => seen.push(listing),
  })
  const ids = () => list.listing.items.map(({ id }) => id).join('')
  const answer = async (letters: string, next: string | null) => {
    waiting.shift()?.resolve({ items: [...letters].map((id) => ({ id })), next })
    await Promise.resolve()
  }
  return { list, asked, seen, waiting, ids, answer }
}

it('goes on where the page before ended, up to the end', async () => {
  const { list, asked, ids, answer } = served()
  const first = list.more()
  expect(list.listing.phase).toBe('loading')
  await answer('ab', 'b')
  await first
  expect([list.listing.phase, ids()]).toEqual(['ready', 'ab'])
  const second = list.more()
  await answer('cd', null)
  await second
  expect([list.listing.phase, ids()]).toEqual(['complete', 'abcd'])
  await list.more()
  expect(asked).toEqual([null, 'b'])
})

it('asks once, however often it is told to', async () => {
  const { list, asked, answer } = served()
  const first = list.more()
  await list.more()
  await answer('a', 'a')
  await first
  expect(asked).toEqual([null])
})

it('keeps what it has when a page fails, and tries that page again', async () => {
  const { list, asked, waiting, ids, answer } = served()
  const first = list.more()
  await answer('ab', 'b')
  await first
  const second = list.more()
  waiting.shift()?.reject('busy')
  await second
  expect(list.listing).toMatchObject({ phase: 'failed', failure: 'busy' })
  expect(ids()).toBe('ab')
  const third = list.more()
  expect(list.listing).toMatchObject({ phase: 'loading', failure: null })
  await answer('c', null)
  await third
  expect([asked, ids()]).toEqual([[null, 'b', 'b'], 'abc'])
})

it('shows nobody twice', async () => {
  const { list, ids, answer } = served()
  const first = list.more()
  await answer('abb', 'b')
  await first
  const second = list.more()
  await answer('bc', null)
  await second
  expect(ids()).toBe('abc')
})

it('ends at a page that leads to itself', async () => {
  const { list, answer } = served()
  for (const _ of [1, 2]) {
    const page = list.more()
    await answer('', 'x')
    await page
  }
  expect(list.listing.phase).toBe('complete')
})

it('tells each change with a new value', async () => {
  const { list, seen, answer } = served()
  const first = list.more()
  await answer('a', null)
  await first
  expect(seen.map(({ phase }) => phase)).toEqual(['loading', 'complete'])
  expect(new Set(seen).size).toBe(2)
})

it('takes in what it is told of, each once', async () => {
  const { list, ids, answer } = served()
  const first = list.more()
  await answer('bc', 'c')
  await first
  list.prepend([{ id: 'a' }, { id: 'c' }])
  expect(ids()).toBe('acb')
  list.replace('b', { id: 'x' }, { id: 'y' })
  list.replace('c')
  expect(ids()).toBe('axy')
})

it('begins anew without the page that was on its way', async () => {
  const { list, ids, answer } = served()
  const first = list.more()
  list.restart({ items: [{ id: 'm' }], next: null })
  await answer('ab', 'b')
  await first
  expect([ids(), list.listing.phase]).toEqual(['m', 'complete'])
})

it('is brought up to date in its whole while it fits on one page', async () => {
  const { list, ids, answer } = served()
  const first = list.more()
  await answer('ab', null)
  await first
  const second = list.refresh()
  await answer('cb', null)
  await second
  expect([list.listing.phase, ids()]).toEqual(['complete', 'cb'])
})

it('moves nothing of a longer list when it is brought up to date', async () => {
  const { list, waiting, ids, answer } = served()
  for (const letters of ['ab', 'cd']) {
    const page = list.more()
    await answer(letters, letters)
    await page
  }
  const before = list.listing.items
  const refreshed = list.refresh()
  await answer('xb', 'b')
  await refreshed
  expect(ids()).toBe('abcd')
  expect(list.listing.items.map((item, index) => item === before[index])).toEqual([true, false, true, true])
  const failed = list.refresh()
  waiting.shift()?.reject('busy')
  await failed
  expect([list.listing.phase, ids()]).toEqual(['ready', 'abcd'])
})

it('keeps what has come while it was to be brought up to date', async () => {
  const { list, asked, ids, answer } = served()
  await list.refresh()
  const first = list.more()
  await list.refresh()
  await answer('ab', 'b')
  await first
  const refreshed = list.refresh()
  list.replace('a')
  await answer('ab', 'b')
  await refreshed
  expect([asked.length, ids()]).toEqual([2, 'b'])
})

it('is renewed at its beginning, and stays as it is further down', async () => {
  const { list, asked, ids, answer } = served()
  void list.more()
  await answer('hgf', 'f')
  void list.more()
  await answer('edc', 'c')
  expect(ids()).toBe('hgfedc')
  // Two are new, one of those at the beginning has gone.
  const renewed = list.renew()
  await answer('jihf', 'f')
  await renewed
  expect([ids(), list.listing.phase]).toEqual(['jihfedc', 'ready'])
  void list.more()
  await answer('ba', null)
  const complete = list.renew()
  await answer('j', null)
  await complete
  expect([ids(), asked]).toEqual(['j', [null, 'f', null, 'c', null]])
})

it('is renewed as a whole where it fits on one page', async () => {
  const { list, ids, answer } = served()
  void list.more()
  await answer('cb', null)
  const renewed = list.renew()
  await answer('dc', null)
  await renewed
  expect([ids(), list.listing.phase]).toEqual(['dc', 'complete'])
})

it('is renewed after its first page, if that was on its way', async () => {
  const { list, asked, ids, waiting, answer } = served()
  await list.renew()
  expect(asked).toEqual([])
  const first = list.more()
  await list.renew()
  await answer('b', null)
  expect(waiting.length).toBe(1)
  await answer('cb', null)
  await first
  expect([ids(), asked]).toEqual(['cb', [null, null]])
})

it('stays as it is where it could not be renewed', async () => {
  const { list, ids, waiting, answer } = served()
  void list.more()
  await answer('b', null)
  const renewed = list.renew()
  waiting.shift()?.reject(new Error('away'))
  await renewed
  expect([ids(), list.listing.phase]).toEqual(['b', 'complete'])
})
