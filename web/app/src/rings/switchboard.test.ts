import type { Author, Conversation, Ring, RungState } from '@confab/sdk/api'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { mayRing, merged, outcomeOf } from './ring'
import { Switchboard, type SwitchboardPorts } from './switchboard'

const DAY = 86_400_000
const person = (id: string): Author => ({ id, username: id, first_name: id, last_name: '', picture: null })

/** Rung by Ann; the states of those who are rung, by their names. */
function ring(states: Record<string, RungState>, more: Partial<Ring> = {}): Ring {
  const people = Object.entries(states).map(([id, state]) => ({ person: person(id), state }))
  const state = people.some((rung) => rung.state === 'ringing') ? 'ringing' : 'over'
  // A server whose clock is a day behind.
  const started_at = Date.now() - DAY
  return { id: 'r', conversation: 'c', title: null, caller: person('ann'), media: 'video', room: 'room', state, people, started_at, ends_at: started_at + 30_000, ...more } // prettier-ignore
}

function board(me: string, ports: Partial<SwitchboardPorts> = {}) {
  const connected = vi.fn<(ring: Ring) => void>()
  const all = { me, list: async () => [], get: async () => Promise.reject(new Error('gone')), changed: vi.fn(), connected, ...ports } // prettier-ignore
  return { board: new Switchboard(all), connected, changed: all.changed }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('rings at who is rung until they answer in any tab', () => {
  const [{ board: one }, { board: two }] = [board('ben'), board('ben')]
  for (const tab of [one, two]) tab.hear(ring({ ben: 'ringing' }))
  expect([one.incoming?.id, one.sound, two.sound]).toEqual(['r', 'incoming', 'incoming'])
  one.answered(one.incoming!, false)
  expect([one.incoming, one.sound]).toEqual([null, null])
  two.hear(ring({ ben: 'declined' }))
  expect([two.incoming, two.sound]).toEqual([null, null])
})

it('stops for one of a group who has answered, and rings on for the others', () => {
  const [{ board: ben }, { board: cleo }] = [board('ben'), board('cleo')]
  for (const tab of [ben, cleo]) tab.hear(ring({ ben: 'declined', cleo: 'ringing' }))
  expect([ben.incoming, cleo.incoming?.id]).toEqual([null, 'r'])
})

it('shows the first of two that ring, and then the other', () => {
  const { board: ben } = board('ben')
  ben.hear(ring({ ben: 'ringing' }))
  ben.hear(ring({ ben: 'ringing' }, { id: 's' }))
  expect(ben.incoming?.id).toBe('r')
  ben.answered(ben.incoming!, false)
  expect(ben.incoming?.id).toBe('s')
})

it('ends by itself after its time, whatever the server’s clock says', () => {
  const [{ board: ann }, { board: ben }] = [board('ann'), board('ben')]
  ann.began(ring({ ben: 'ringing' }))
  ben.hear(ring({ ben: 'ringing' }))
  vi.advanceTimersByTime(31_999)
  expect([ann.calling?.outcome, ann.sound, ben.sound]).toEqual(['ringing', 'calling', 'incoming'])
  vi.advanceTimersByTime(1)
  expect([ann.calling?.outcome, ann.sound, ben.sound]).toEqual(['missed', null, null])
  // An answer from before is late.
  ben.hear(ring({ ben: 'ringing' }))
  expect(ben.incoming).toBeNull()
})

it('tells the caller once that somebody has accepted, in the tab that rings', () => {
  const [{ board: tab, connected }, { board: other, connected: elsewhere }] = [board('ann'), board('ann')]
  tab.began(ring({ ben: 'ringing', cleo: 'ringing' }))
  other.hear(ring({ ben: 'ringing', cleo: 'ringing' }))
  expect([tab.sound, other.sound, other.calling]).toEqual(['calling', null, null])
  for (const each of [tab, other]) {
    each.hear(ring({ ben: 'accepted', cleo: 'ringing' }))
    each.hear(ring({ ben: 'accepted', cleo: 'accepted' }))
  }
  expect(connected.mock.calls.map(([{ room }]) => room)).toEqual(['room'])
  expect(elsewhere).not.toHaveBeenCalled()
  expect([tab.calling, tab.sound]).toEqual([null, null])
})

it('connects at once who calls people that somebody else calls already', () => {
  const { board: ben, connected } = board('ben')
  ben.began(ring({ ben: 'accepted', cleo: 'ringing' }))
  expect(connected).toHaveBeenCalledOnce()
  expect([ben.calling, ben.incoming]).toEqual([null, null])
})

it('says what has become of it until one looks away', () => {
  const { board: ann, connected } = board('ann')
  ann.began(ring({ ben: 'ringing' }))
  ann.hear(ring({ ben: 'busy' }))
  expect([ann.calling?.outcome, ann.sound]).toEqual(['busy', null])
  ann.dismiss()
  expect(ann.calling).toBeNull()
  expect(connected).not.toHaveBeenCalled()
})

it.each([
  [{ ben: 'ringing', cleo: 'declined' }, 'ringing'],
  [{ ben: 'accepted', cleo: 'ringing' }, 'accepted'],
  [{ ben: 'declined' }, 'declined'],
  [{ ben: 'missed', cleo: 'missed' }, 'missed'],
  [{ ben: 'busy', cleo: 'missed' }, 'nobody'],
] as const)('of %o makes %s', (states, outcome) => {
  expect(outcomeOf(ring(states))).toBe(outcome)
})

it('makes the same of messages in any order', () => {
  const told = [ring({ ben: 'ringing', cleo: 'ringing' }), ring({ ben: 'missed', cleo: 'ringing' }), ring({ ben: 'missed', cleo: 'accepted' })] // prettier-ignore
  const orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] // prettier-ignore
  for (const order of orders) {
    const { state, people } = order.map((index) => told[index]!).reduce(merged)
    expect([state, ...people.map((rung) => rung.state)]).toEqual(['over', 'missed', 'accepted'])
  }
})

it('asks what it has missed: what rings, and what has become of what rang', async () => {
  const accepted = ring({ ben: 'accepted' })
  const { board: ann, connected } = board('ann', { get: async () => accepted })
  ann.began(ring({ ben: 'ringing' }))
  await ann.refresh()
  expect(connected).toHaveBeenCalledWith(accepted)
  const { board: ben } = board('ben', { list: async () => [ring({ ben: 'ringing' }, { id: 's' })] })
  ben.hear(ring({ ben: 'ringing' }))
  await ben.refresh()
  expect(ben.incoming?.id).toBe('s')
})

it('keeps what came while it asked, and rings on where nobody answers', async () => {
  let answer: (rings: Ring[]) => void = () => {}
  const { board: ben } = board('ben', { list: () => new Promise((resolve) => (answer = resolve)) })
  const asked = ben.refresh()
  ben.hear(ring({ ben: 'ringing' }))
  answer([])
  await asked
  expect(ben.incoming?.id).toBe('r')
  const { board: alone } = board('ben', { list: () => Promise.reject(new Error('offline')) })
  alone.hear(ring({ ben: 'ringing' }))
  await alone.refresh()
  expect(alone.incoming?.id).toBe('r')
})

it('is silent when it is closed, and waits for nothing', () => {
  const { board: ben } = board('ben')
  ben.hear(ring({ ben: 'ringing' }))
  ben.close()
  ben.hear(ring({ ben: 'ringing' }))
  expect([ben.incoming, ben.sound, vi.getTimerCount()]).toEqual([null, null, 0])
})

it.each<[Partial<Conversation>, boolean]>([
  [{ kind: 'direct', other: person('ben') }, true],
  [{ kind: 'direct', other: null }, false],
  [{ kind: 'direct', other: person('ben'), state: 'requested' }, false],
  [{ kind: 'group', members: 50 }, true],
  [{ kind: 'group', members: 51 }, false],
  [{ kind: 'group', members: 1 }, false],
  [{ kind: 'group', members: 7, state: 'invited' }, false],
])('lets %o be rung: %s', (conversation, may) => {
  expect(mayRing({ state: 'joined', members: 2, other: null, ...conversation } as Conversation)).toBe(may)
})
