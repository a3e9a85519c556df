import { ApiError, type Notification, type SocialEvent } from '@confab/sdk/api'
import { expect, it } from 'vitest'
import { Inbox, type InboxState } from './inbox'

function notification(id: string, at: number, more: Partial<Notification> = {}): Notification {
  const person = { id: 'b', username: 'ben', first_name: 'Ben', last_name: 'Ray', picture: null }
  return { id, at, kind: 'post_liked', is_read: false, actors: [person], others: 0, post: 'p', comment: null, letter: null, conversation: null, excerpt: null, ...more } // prettier-ignore
}

/** The server, and all tabs of one account. */
class World {
  items: Notification[] = []
  tabs: Tab[] = []
  #seq = 0
  /** Awaited before each answer, so that a test can hold them back. */
  hold: Promise<unknown> = Promise.resolve()
  isAway = false
  calls: string[] = []

  open(): Tab {
    const tab = new Tab(this)
    this.tabs.push(tab)
    tab.inbox.hear({ type: 'hello', seq: this.#seq, unread: this.unread })
    return tab
  }

  get unread(): number {
    return this.items.filter(({ is_read }) => !is_read).length
  }

  happens(fresh: Notification): void {
    this.items = [fresh, ...this.items.filter(({ id }) => id !== fresh.id)]
    this.tell({ type: 'notification', seq: ++this.#seq, unread: this.unread, notification: fresh })
  }

  change(items: Notification[]): void {
    this.items = items
    this.tell({ type: 'notifications_changed', seq: ++this.#seq, unread: this.unread })
  }

  tell(event: SocialEvent): void {
    for (const { inbox } of this.tabs) inbox.hear(event)
  }

  async call<T>(name: string, answer: () => T): Promise<T> {
    this.calls.push(name)
    await null
    // What an answer says is of the moment in which the server made it.
    const value = this.isAway ? null : answer()
    await this.hold
    if (this.isAway) throw new ApiError('connection_failed')
    return value as T
  }
}

class Tab {
  state!: InboxState
  readonly announced: string[] = []
  readonly inbox: Inbox

  constructor(world: World) {
    const set = (is: (item: Notification) => boolean) =>
      world.change(world.items.map((item) => (is(item) ? { ...item, is_read: true } : item)))
    this.inbox = new Inbox({
      api: {
        list: ({ after, limit = 20, unread } = {}) =>
          world.call(`list ${unread ? 'unread' : 'all'}`, () => {
            const all = world.items.filter(({ is_read }) => !unread || !is_read)
            const start = after ? all.findIndex(({ id }) => id === after) + 1 : 0
            const items = all.slice(start, start + limit)
            return { items, next: start + limit < all.length ? items.at(-1)!.id : null }
          }),
        read: (id) => world.call(`read ${id}`, () => set((item) => item.id === id)),
        readAll: () => world.call('read all', () => set(() => true)),
        remove: (id) => world.call(`remove ${id}`, () => world.change(world.items.filter((item) => item.id !== id))),
        removeAll: () => world.call('remove all', () => world.change([])),
      },
      codeOf: (error) => (error as ApiError).code,
      changed: (state) => (this.state = state),
      arrived: ({ id }) => this.announced.push(id),
    })
    this.state = this.inbox.state
  }

  get ids(): string {
    return this.state.lists.all.items.map(({ id, is_read }) => (is_read ? id : id.toUpperCase())).join(' ')
  }

  get unreadIds(): string {
    return this.state.lists.unread.items.map(({ id }) => id).join(' ')
  }
}

const settle = () => new Promise((resolve) => setTimeout(resolve))

async function twoTabs(items: Notification[]) {
  const world = new World()
  world.items = items
  const [one, two] = [world.open(), world.open()]
  for (const { inbox } of [one, two]) {
    inbox.more('all')
    inbox.more('unread')
  }
  await settle()
  world.calls = []
  return { world, one, two }
}

const three = () => [notification('c', 3), notification('b', 2, { is_read: true }), notification('a', 1)]

it('counts what the server tells, in lists that nobody has opened too', () => {
  const world = new World()
  world.items = three()
  const tab = world.open()
  expect([tab.state.unread, tab.ids, world.calls]).toEqual([2, '', []])
  world.happens(notification('d', 4))
  expect([tab.state.unread, tab.announced, world.calls]).toEqual([3, ['d'], []])
})

it('puts a new one on top, and moves one up that has grown', async () => {
  const { world, one, two } = await twoTabs(three())
  world.happens(notification('d', 4))
  world.happens(notification('a', 5, { others: 1 }))
  for (const tab of [one, two]) {
    expect([tab.ids, tab.unreadIds, tab.state.unread]).toEqual(['A D C b', 'a d c', 3])
    expect(tab.announced).toEqual(['d', 'a'])
  }
  expect(one.state.lists.all.items[0]).toMatchObject({ others: 1 })
})

it('takes nothing twice for news', async () => {
  const { world, one } = await twoTabs(three())
  world.happens(notification('c', 3))
  expect([one.ids, one.announced]).toEqual(['C b A', []])
})

it('marks as read at once, in all tabs', async () => {
  const { world, one, two } = await twoTabs(three())
  void one.inbox.read('c')
  expect([one.ids, one.unreadIds, one.state.unread]).toEqual(['c b A', 'a', 1])
  await settle()
  for (const tab of [one, two]) expect([tab.ids, tab.unreadIds, tab.state.unread]).toEqual(['c b A', 'a', 1])
  expect(world.calls.filter((call) => call.startsWith('read'))).toEqual(['read c'])
  await one.inbox.read('c')
  expect(world.calls.filter((call) => call.startsWith('read'))).toEqual(['read c'])
})

it('marks all as read, and takes it back if that fails', async () => {
  const { world, one, two } = await twoTabs(three())
  world.isAway = true
  await expect(one.inbox.readAll()).rejects.toMatchObject({ code: 'connection_failed' })
  expect([one.ids, one.unreadIds, one.state.unread]).toEqual(['C b A', 'c a', 2])
  world.isAway = false
  await one.inbox.readAll()
  await settle()
  for (const tab of [one, two]) expect([tab.ids, tab.unreadIds, tab.state.unread]).toEqual(['c b a', '', 0])
})

it('counts neither back nor forth while several are marked', async () => {
  const { world, one } = await twoTabs(three())
  let answer = (): void => undefined
  world.hold = new Promise<void>((resolve) => (answer = resolve))
  const counts: number[] = []
  const tell = world.tell.bind(world)
  world.tell = (event) => (tell(event), counts.push(one.state.unread))
  void one.inbox.read('c')
  void one.inbox.read('a')
  await settle()
  answer()
  await settle()
  expect([counts, one.state.unread]).toEqual([[0, 0], 0])
  expect(one.ids).toEqual('c b a')
})

it('hides one, of which all tabs count that it was read, until it is removed for good', async () => {
  const { world, one, two } = await twoTabs(three())
  one.inbox.hide('c')
  expect([one.ids, one.state.unread]).toEqual(['b A', 1])
  await settle()
  expect([two.ids, two.state.unread]).toEqual(['c b A', 1])
  one.inbox.restore('c')
  expect([one.ids, world.items.length]).toEqual(['c b A', 3])
  one.inbox.hide('c')
  await one.inbox.remove('c')
  await settle()
  for (const tab of [one, two]) expect([tab.ids, tab.state.unread]).toEqual(['b A', 1])
})

it('brings back what could not be removed', async () => {
  const { world, one } = await twoTabs(three())
  one.inbox.hide('b')
  world.isAway = true
  await expect(one.inbox.remove('b')).rejects.toMatchObject({ code: 'connection_failed' })
  expect([one.ids, one.state.unread]).toEqual(['C b A', 2])
})

it('removes all, in all tabs', async () => {
  const { one, two } = await twoTabs(three())
  await one.inbox.removeAll()
  await settle()
  for (const tab of [one, two]) {
    expect([tab.ids, tab.state.unread, tab.state.lists.all.phase]).toEqual(['', 0, 'complete'])
  }
})

it('lets no answer that is older than what has come bring back the past', async () => {
  const { world, one } = await twoTabs(three())
  let answer = (): void => undefined
  world.hold = new Promise<void>((resolve) => (answer = resolve))
  one.inbox.refresh()
  await settle()
  world.happens(notification('d', 4))
  void one.inbox.read('a')
  answer()
  await settle()
  expect([one.ids, one.unreadIds]).toEqual(['D C b a', 'd c'])
})

it('asks again for all that was there after a gap, and shows the old until then', async () => {
  const many = Array.from({ length: 50 }, (_, index) => notification(`n${index}`, 100 - index))
  const { world, one } = await twoTabs(many)
  one.inbox.more('all')
  await settle()
  expect(one.state.lists.all.items).toHaveLength(40)
  world.items = [notification('new', 200), ...many.slice(1)]
  one.inbox.refresh()
  expect(one.state.lists.all).toMatchObject({ phase: 'ready' })
  await settle()
  expect(one.state.lists.all.items.map(({ id }) => id).slice(0, 3)).toEqual(['new', 'n1', 'n2'])
  expect(one.state.lists.all.items).toHaveLength(40)
  one.inbox.more('all')
  await settle()
  expect(one.state.lists.all).toMatchObject({ phase: 'complete' })
  expect(new Set(one.state.lists.all.items.map(({ id }) => id)).size).toBe(50)
})

it('asks again for what was fetched before the stream began, and only for that', async () => {
  const world = new World()
  world.items = three()
  const tab = new Tab(world)
  tab.inbox.more('all')
  await settle()
  world.items = [notification('d', 4), ...world.items]
  tab.inbox.hear({ type: 'hello', seq: 9, unread: 3 })
  await settle()
  expect([tab.ids, world.calls]).toEqual(['D C b A', ['list all', 'list all']])
  tab.inbox.hear({ type: 'hello', seq: 9, unread: 3 })
  await settle()
  expect(world.calls).toHaveLength(2)
})

it('shows why a list is not there, and tries again', async () => {
  const world = new World()
  world.items = three()
  const tab = world.open()
  world.isAway = true
  tab.inbox.more('all')
  await settle()
  expect(tab.state.lists.all).toMatchObject({ phase: 'failed', failure: 'connection_failed' })
  world.isAway = false
  tab.inbox.refresh()
  await settle()
  expect([tab.ids, tab.state.lists.all.phase]).toEqual(['C b A', 'complete'])
})
