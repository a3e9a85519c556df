import { expect, it } from 'vitest'
import { matchRoute, roomPath } from './match'

const ID = 'k3vq-8c2m-x0tz-9hdr'

it.each([
  ['/', { page: 'start' }],
  [`/r/${ID}`, { page: 'room', id: ID }],
  [`/r/${ID}/`, { page: 'room', id: ID }],
  [`/r/${ID.toUpperCase()}`, { page: 'room', id: ID }],
  ['/r/abc', { page: 'not_found' }],
  ['/r/', { page: 'not_found' }],
  ['/r/%E0%A4%A', { page: 'not_found' }],
  ['/settings', { page: 'not_found' }],
])('%s', (path, route) => {
  expect(matchRoute(path)).toEqual(route)
})

it('writes the path that it reads', () => {
  expect(matchRoute(roomPath(ID))).toEqual({ page: 'room', id: ID })
})
