import { expect, it } from 'vitest'
import { PagedList } from '../people/paging'
import { Newer } from './newer'

interface Item {
  id: string
}

const page = (letters: string, next: string | null = null) => ({ items: [...letters].map((id) => ({ id })), next })

/** A feed, newest first: its letters fall. */
async function opened(letters: string) {
  const server = { first: page(letters, 'more'), counts: [] as ((count: number) => void)[], asked: [] as string[] }
  const counts: number[] = []
  const list = new PagedList<Item>({ load: async () => server.first, codeOf: String, changed: () => undefined })
  const newer = new Newer<Item>({
    list,
    count: (since) => {
      server.asked.push(since)
      return new Promise((resolve) => server.counts.push(resolve))
    },
    first: async () => server.first,
    changed: (count) => counts.push(count),
  })
  await list.more()
  newer.loaded(list.listing.items)
  const ids = () => list.listing.items.map(({ id }) => id).join('')
  const answer = async (count: number) => {
    server.counts.shift()?.(count)
    await Promise.resolve()
    await Promise.resolve()
  }
  return { server, counts, list, newer, ids, answer }
}

it('counts what is new and moves nothing', async () => {
  const { server, counts, newer, ids, answer } = await opened('cba')
  void newer.look()
  await answer(2)
  expect([server.asked, counts, ids()]).toEqual([['c'], [2], 'cba'])
})

it('puts what is new above, once', async () => {
  const { server, counts, newer, ids, answer } = await opened('cba')
  void newer.look()
  await answer(2)
  server.first = page('edcb', 'more')
  await newer.show()
  expect([ids(), counts]).toEqual(['edcba', [2, 0]])
  void newer.look()
  expect(server.asked).toEqual(['c', 'e'])
})

it('counts what others have posted before one’s own post', async () => {
  const { server, list, newer, ids, answer } = await opened('cba')
  list.prepend([{ id: 'e' }])
  void newer.look()
  await answer(1)
  expect(server.asked).toEqual(['c'])
  server.first = page('edcb', 'more')
  await newer.show()
  expect(ids()).toBe('edcba')
})

it('begins anew where a page would leave a gap', async () => {
  const { server, list, newer, ids } = await opened('cba')
  list.prepend([{ id: 'x' }])
  server.first = page('zyxw', 'w')
  await newer.show()
  expect([ids(), list.listing.phase]).toEqual(['zyxw', 'ready'])
})

it('asks again if told to while it asks', async () => {
  const { server, counts, newer, answer } = await opened('a')
  void newer.look()
  void newer.look()
  void newer.look()
  await answer(1)
  await answer(3)
  expect([server.asked, counts]).toEqual([
    ['a', 'a'],
    [1, 3],
  ])
})

it('fills an empty feed', async () => {
  const { server, newer, ids } = await opened('')
  void newer.look()
  expect(server.asked).toEqual(['00000000-0000-0000-0000-000000000000'])
  server.first = page('a')
  await newer.show()
  expect(ids()).toBe('a')
})
