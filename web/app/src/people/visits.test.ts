import { expect, it } from 'vitest'
import { type HistoryEntry, Visits } from './visits'

function entry(): HistoryEntry {
  let state: unknown
  return { read: () => state, write: (visit) => (state = visit) }
}

function counted() {
  let made = 0
  return () => `list ${++made}`
}

it('gives back the list and the position to whoever comes back', () => {
  const visits = new Visits<string>(1)
  const make = counted()
  const people = entry()
  expect(visits.enter(people, 'ada', make)).toMatchObject({ list: 'list 1', scroll: 0 })
  visits.scrolled(1200)
  expect(visits.enter(people, 'ada', make)).toMatchObject({ list: 'list 1', scroll: 1200 })
})

it('begins anew where one comes by a link', () => {
  const visits = new Visits<string>(1)
  const make = counted()
  const before = entry()
  visits.enter(before, 'ada', make)
  visits.scrolled(1200)
  expect(visits.enter(entry(), 'ada', make)).toMatchObject({ list: 'list 2', scroll: 0 })
  // Only the last one is kept.
  expect(visits.enter(before, 'ada', make)).toMatchObject({ list: 'list 3', scroll: 0 })
})

it('shows nobody what somebody else was shown', () => {
  const visits = new Visits<string>(1)
  const make = counted()
  const people = entry()
  visits.enter(people, 'ada', make)
  expect(visits.enter(people, 'bob', make).list).toBe('list 2')
})

it('knows nothing of visits before the page was loaded anew', () => {
  const people = entry()
  new Visits<string>(1000).enter(people, 'ada', () => 'old')
  const visits = new Visits<string>(2000)
  visits.enter(entry(), 'ada', () => 'other')
  expect(visits.enter(people, 'ada', () => 'new').list).toBe('new')
})
