import type { Conversation, Ring, RungState } from '@confab/sdk/api'

/** What has become of a call, for whoever rings. `nobody`: it ended differently for each of several people. */
export type Outcome = RungState | 'nobody'

/** The most people of a group that is rung. */
const MAX_RUNG = 50

/** Whether the people of a conversation can be rung, as far as one knows: the other of two may not have accepted yet. */
export function mayRing({ kind, state, other, members }: Conversation): boolean {
  if (state !== 'joined') return false
  return kind === 'direct' ? other !== null : kind === 'group' && members > 1 && members <= MAX_RUNG
}

/** An answer is not taken back, although who declined or missed it may still join. */
const RANK: Record<RungState, number> = { ringing: 0, declined: 1, busy: 1, missed: 1, accepted: 2 }

/** What is known after two messages about one ring, which may come in any order: what has ended does not ring again. */
export function merged(one: Ring, other: Ring): Ring {
  const people = other.people.map((rung) => {
    const before = one.people.find(({ person }) => person.id === rung.person.id)
    return before && RANK[before.state] > RANK[rung.state] ? before : rung
  })
  const missing = one.people.filter(({ person }) => people.every((rung) => rung.person.id !== person.id))
  return { ...other, people: [...people, ...missing], state: one.state === 'over' ? 'over' : other.state }
}

/** As it is when its time is over. */
export const ended = (ring: Ring): Ring => ({
  ...ring,
  state: 'over',
  people: ring.people.map((rung) => (rung.state === 'ringing' ? { ...rung, state: 'missed' } : rung)),
})

/** As it is when one of those who are rung has answered. */
export const answered = (ring: Ring, account: string, accept: boolean): Ring => ({
  ...ring,
  people: ring.people.map((rung) =>
    rung.person.id === account ? { ...rung, state: accept ? 'accepted' : 'declined' } : rung,
  ),
})

export const isRinging = (ring: Ring, account: string): boolean =>
  ring.state === 'ringing' && ring.people.some(({ person, state }) => person.id === account && state === 'ringing')

export function outcomeOf({ state, people }: Ring): Outcome {
  const states = new Set(people.map((rung) => rung.state))
  if (states.has('accepted')) return 'accepted'
  if (state === 'ringing') return 'ringing'
  const [only = 'missed'] = states
  return states.size > 1 ? 'nobody' : only
}
