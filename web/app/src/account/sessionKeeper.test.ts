import { ApiError, type Me } from '@confab/sdk/api'
import { expect, it } from 'vitest'
import { type Hint, SessionKeeper, type SessionState, type TabMessage } from './sessionKeeper'

const ann = { id: '1', username: 'ann', first_name: 'Ann', last_name: 'Lee', picture: null } as Me
const bob = { id: '2', username: 'bob', first_name: 'Bob', last_name: 'Ray', picture: { small_url: '/media/b' } } as Me
const HINT: Hint = { username: 'ann', first_name: 'Ann', last_name: 'Lee', picture: null }

const refusal = (code: 'not_signed_in' | 'connection_failed' | 'route_not_found', status: number) =>
  new ApiError(code, code, { status })
const signedOut = () => refusal('not_signed_in', 401)

/** All tabs of one browser, and the server. */
class World {
  hint: Hint | null = null
  tabs: Tab[] = []
  /** What the server answers; awaited, so that a test can hold it back. */
  me: () => Promise<Me> = async () => Promise.reject(signedOut())
  logout: () => Promise<void> = async () => undefined
  asked = 0

  open(): Tab {
    const tab = new Tab(this)
    this.tabs.push(tab)
    return tab
  }
}

class Tab {
  readonly states: SessionState['status'][] = []
  readonly ended: boolean[] = []
  streams: { open: boolean; signOut: () => void }[] = []
  /** What the rest of the app listens to. */
  shared: unknown = null
  retry: () => void = () => undefined
  hear: (message: TabMessage) => void = () => undefined
  readonly keeper: SessionKeeper

  constructor(world: World) {
    this.keeper = new SessionKeeper({
      api: {
        me: () => (world.asked++, world.me()),
        logout: () => world.logout(),
        events: () => this.#stream() as never,
      },
      hint: { read: () => world.hint, write: (hint) => (world.hint = hint) },
      channel: {
        post: (message) => world.tabs.filter((tab) => tab !== this).forEach((tab) => tab.hear(message)),
        onmessage: (listener) => (this.hear = listener),
      },
      listening: (events) => (this.shared = events),
      changed: (state) => this.states.push(state.status),
      ended: (justNow) => this.ended.push(justNow),
      pause: () => new Promise((resolve) => (this.retry = resolve)),
    })
  }

  get status(): SessionState['status'] {
    return this.keeper.state.status
  }

  get listening(): number {
    return this.streams.filter(({ open }) => open).length
  }

  #stream() {
    const stream = { open: true, signOut: () => undefined as void }
    this.streams.push(stream)
    return {
      number: this.streams.length,
      on: (_event: string, listener: () => void) => (stream.signOut = listener),
      close: () => (stream.open = false),
    }
  }
}

const settle = () => new Promise((resolve) => setTimeout(resolve))

it('asks nothing for a guest', async () => {
  const world = new World()
  const tab = world.open()
  await tab.keeper.start()
  await tab.keeper.settled()
  expect([tab.status, world.asked, tab.states]).toEqual(['nobody', 0, []])
})

it('is drawn by the hint until the server has answered, and listens from then on', async () => {
  const world = new World()
  world.hint = HINT
  world.me = async () => bob
  const tab = world.open()
  expect(tab.keeper.state).toEqual({ status: 'loading', hint: HINT, failed: false })
  const settled = tab.keeper.settled()
  await tab.keeper.start()
  await settled
  expect(tab.keeper.state).toEqual({ status: 'me', me: bob })
  expect(world.hint).toMatchObject({ username: 'bob', picture: '/media/b' })
  expect(tab.listening).toBe(1)
})

it('takes an old session that is over for what it is, without throwing anybody out', async () => {
  const world = new World()
  world.hint = HINT
  const tab = world.open()
  await tab.keeper.start()
  expect([tab.status, world.hint, tab.ended]).toEqual(['nobody', null, [false]])
})

it('asks again when the server does not answer, and lets nobody wait for that', async () => {
  const world = new World()
  world.hint = HINT
  world.me = async () => Promise.reject(refusal('connection_failed', 0))
  const tab = world.open()
  const started = tab.keeper.start()
  await tab.keeper.settled()
  expect(tab.keeper.state).toEqual({ status: 'loading', hint: HINT, failed: true })
  expect(world.hint).toEqual(HINT)
  world.me = async () => ann
  tab.retry()
  await started
  expect([tab.status, world.asked]).toEqual(['me', 2])
})

it('has nobody on a server without accounts', async () => {
  const world = new World()
  world.hint = HINT
  world.me = async () => Promise.reject(refusal('route_not_found', 404))
  const tab = world.open()
  await tab.keeper.start()
  expect([tab.status, tab.ended]).toEqual(['nobody', []])
})

it('signs in and out in all tabs at once', async () => {
  const world = new World()
  const [one, two] = [world.open(), world.open()]
  world.me = async () => ann
  one.keeper.signedIn(ann)
  await settle()
  expect([one.status, two.status]).toEqual(['me', 'me'])
  await two.keeper.signOut()
  expect([one.status, two.status, world.hint]).toEqual(['nobody', 'nobody', null])
  expect([one.listening, two.listening]).toEqual([0, 0])
  expect([one.shared, two.shared]).toEqual([null, null])
  expect([one.ended, two.ended]).toEqual([[], []])
})

it('stays signed in when signing out does not reach the server', async () => {
  const world = new World()
  const tab = world.open()
  tab.keeper.signedIn(ann)
  world.logout = async () => Promise.reject(refusal('connection_failed', 0))
  await expect(tab.keeper.signOut()).rejects.toMatchObject({ code: 'connection_failed' })
  expect(tab.status).toBe('me')
  world.logout = async () => Promise.reject(signedOut())
  await tab.keeper.signOut()
  expect(tab.status).toBe('nobody')
})

it('is thrown out once, whether the socket or a refused call tells it first', () => {
  const tab = new World().open()
  tab.keeper.signedIn(ann)
  tab.streams[0]!.signOut()
  tab.keeper.ended()
  expect([tab.status, tab.ended, tab.listening]).toEqual(['nobody', [true], 0])
})

it('takes no late answer for news', async () => {
  const world = new World()
  world.hint = HINT
  let answer: (me: Me) => void = () => undefined
  world.me = () => new Promise((resolve) => (answer = resolve))
  const tab = world.open()
  const started = tab.keeper.start()
  await tab.keeper.signOut()
  answer(ann)
  await started
  expect([tab.status, world.hint, tab.listening]).toEqual(['nobody', null, 0])
})

it('shows a changed name in all tabs, on the same socket', async () => {
  const world = new World()
  const [one, two] = [world.open(), world.open()]
  world.me = async () => ann
  one.keeper.signedIn(ann)
  await settle()
  world.me = async () => ({ ...ann, first_name: 'Anna' })
  await one.keeper.refresh()
  await settle()
  for (const tab of [one, two]) {
    expect(tab.keeper.state).toMatchObject({ me: { first_name: 'Anna' } })
    expect([tab.streams.length, tab.listening]).toEqual([1, 1])
  }
})

it('listens anew when another person signs in in another tab', async () => {
  const world = new World()
  const [one, two] = [world.open(), world.open()]
  one.keeper.signedIn(ann)
  world.me = async () => bob
  two.keeper.signedIn(bob)
  await settle()
  expect(one.keeper.state).toEqual({ status: 'me', me: bob })
  expect([one.streams.length, one.listening]).toEqual([2, 1])
  expect(one.shared).toMatchObject({ number: 2 })
})
