import type { Connection, Counts } from '@confab/sdk/api'
import { expect, it } from 'vitest'
import { after, ConnectionStore, type NetworkAction } from './connections'

const strangers: Connection = { following: false, follows_me: false, friendship: 'none' }
const asked: Connection = { ...strangers, friendship: 'received' }
const counts: Counts = { followers: 10, following: 5, friends: 2, posts: 7 }

/** A store, and a server whose answers the test gives. */
function world() {
  const sent: { action: NetworkAction; answer: (connection: Connection) => void; refuse: () => void }[] = []
  const failed: NetworkAction[] = []
  const store = new ConnectionStore({
    send: (action) =>
      new Promise((resolve, reject) => sent.push({ action, answer: resolve, refuse: () => reject(new Error('no')) })),
    changed: () => undefined,
    failed: (action) => failed.push(action),
  })
  return { store, sent, failed, actions: () => sent.map(({ action }) => action) }
}

/** Lets what was answered arrive. */
const arrived = () => new Promise((resolve) => setImmediate(resolve))

it('shows a click at once, and the count with it', async () => {
  const { store, sent } = world()
  store.learn('ann', strangers, counts)
  store.act('follow', 'Ann')
  expect(store.of('ANN')).toEqual({
    connection: { ...strangers, following: true },
    counts: { ...counts, followers: 11 },
  })
  sent[0]!.answer({ ...strangers, following: true })
  await arrived()
  expect(store.of('ann')!.counts!.followers).toBe(11)
})

it('goes back to what it was when the server refuses', async () => {
  const { store, sent, failed } = world()
  store.learn('ann', strangers, counts)
  store.act('follow', 'ann')
  sent[0]!.refuse()
  await arrived()
  expect(store.of('ann')).toEqual({ connection: strangers, counts })
  expect(failed).toEqual(['follow'])
})

it('sends one click after another, and only the last one of those that wait', async () => {
  const { store, sent, actions } = world()
  store.learn('ann', strangers)
  store.act('follow', 'ann')
  store.act('unfollow', 'ann')
  store.act('befriend', 'ann')
  store.act('follow', 'ann')
  expect(store.of('ann')!.connection).toEqual({ ...strangers, following: true, friendship: 'sent' })
  expect(actions()).toEqual(['follow'])
  sent[0]!.answer({ ...strangers, following: true })
  await arrived()
  expect(actions()).toEqual(['follow', 'befriend'])
  sent[1]!.answer({ ...strangers, following: true, friendship: 'sent' })
  await arrived()
  expect(actions()).toEqual(['follow', 'befriend', 'follow'])
})

it('keeps what follows a click that failed', async () => {
  const { store, sent } = world()
  store.learn('ann', strangers, counts)
  store.act('follow', 'ann')
  store.act('befriend', 'ann')
  sent[0]!.refuse()
  await arrived()
  expect(store.of('ann')).toEqual({ connection: { ...strangers, friendship: 'sent' }, counts })
})

it('makes friends follow each other when a request is accepted', () => {
  const { store } = world()
  store.learn('ann', asked, counts)
  store.act('befriend', 'ann')
  expect(store.of('ann')).toEqual({
    connection: { following: true, follows_me: true, friendship: 'friends' },
    counts: { followers: 11, following: 6, friends: 3, posts: 7 },
  })
})

it('does not lose a click to an answer that was asked for before it', () => {
  const { store } = world()
  store.learn('ann', strangers, counts)
  store.act('follow', 'ann')
  store.learn('ann', strangers)
  expect(store.of('ann')).toMatchObject({ connection: { following: true }, counts: { followers: 11 } })
})

it('takes the server’s word over its own guess', async () => {
  const { store, sent } = world()
  store.learn('ann', strangers, counts)
  store.act('befriend', 'ann')
  // The other had asked meanwhile.
  sent[0]!.answer({ following: true, follows_me: true, friendship: 'friends' })
  await arrived()
  expect(store.of('ann')).toMatchObject({
    connection: { friendship: 'friends' },
    counts: { followers: 11, friends: 3 },
  })
})

it('knows nobody of whom it was not told, and nobody after it was cleared', () => {
  const { store, sent } = world()
  store.act('follow', 'ann')
  expect([store.of('ann'), sent.length]).toEqual([null, 0])
  store.learn('ann', strangers)
  store.clear()
  expect(store.of('ann')).toBeNull()
})

it.each<[NetworkAction, Partial<Connection>, Partial<Connection>]>([
  ['befriend', { friendship: 'sent' }, { friendship: 'sent' }],
  ['befriend', { friendship: 'friends' }, { friendship: 'friends' }],
  ['unfriend', { friendship: 'received' }, { friendship: 'none' }],
  ['unfriend', { friendship: 'friends', following: true }, { friendship: 'none', following: true }],
  ['unfollow', { following: true, friendship: 'friends' }, { following: false, friendship: 'friends' }],
])('%s %o', (action, before, then) => {
  expect(after(action, { ...strangers, ...before })).toEqual({ ...strangers, ...then })
})
