import { expect, it } from 'vitest'
import { UnreadCount } from './unreadCount'

function counted() {
  const shown: number[] = []
  const waiting: { resolve: (unread: number) => void; reject: (error: Error) => void }[] = []
  const count = new UnreadCount({
    load: () => new Promise((resolve, reject) => waiting.push({ resolve, reject })),
    changed: (unread) => shown.push(unread),
  })
  return { count, shown, waiting }
}

const told = (unread_letters: number) => ({ type: 'letters_changed', seq: 1, unread: 9, unread_letters }) as const

it('is asked for, and told from then on', async () => {
  const { count, shown, waiting } = counted()
  const look = count.look()
  waiting[0]?.resolve(3)
  await look
  count.hear(told(4))
  count.hear({ type: 'notifications_changed', seq: 2, unread: 1 })
  expect([shown, waiting.length]).toEqual([[3, 4], 1])
})

it('is not undone by an older answer', async () => {
  const { count, shown, waiting } = counted()
  const [first, second] = [count.look(), count.look()]
  waiting[1]?.resolve(2)
  await second
  waiting[0]?.resolve(7)
  await first
  const third = count.look()
  count.hear(told(1))
  waiting[2]?.resolve(8)
  await third
  expect(shown).toEqual([2, 1])
})

it('is asked for again after a block, and stays where there is no answer', async () => {
  const { count, shown, waiting } = counted()
  count.hear(told(5))
  count.hear({ type: 'connections_changed', seq: 3, unread: 0 })
  waiting[0]?.reject(new Error('away'))
  await Promise.resolve()
  expect([shown, waiting.length]).toEqual([[5], 1])
})

it('is asked for at the beginning of each connection', async () => {
  const { count, shown, waiting } = counted()
  count.hear({ type: 'hello', seq: 1, unread: 0 })
  waiting[0]?.resolve(1)
  await new Promise((resolve) => setImmediate(resolve))
  count.hear({ type: 'hello', seq: 2, unread: 0 })
  waiting[1]?.resolve(2)
  await new Promise((resolve) => setImmediate(resolve))
  expect(shown).toEqual([1, 2])
})
