import { expect, it } from 'vitest'
import { matchRoute, profilePath, roomPath, settingsPath } from './match'

const ID = 'k3vq-8c2m-x0tz-9hdr'

it.each([
  ['/', { page: 'start' }],
  [`/r/${ID}`, { page: 'room', id: ID }],
  [`/r/${ID}/`, { page: 'room', id: ID }],
  [`/r/${ID}?e2e#x`, { page: 'room', id: ID }],
  [`/r/${ID.toUpperCase()}`, { page: 'room', id: ID }],
  ['/r/abc', { page: 'not_found' }],
  ['/r/', { page: 'not_found' }],
  [`/r/${ID}/more`, { page: 'not_found' }],
  ['/r/%E0%A4%A', { page: 'not_found' }],
  ['/sign-in', { page: 'sign_in', next: null, username: '' }],
  ['/sign-in?next=%2Fpeople%3Fa%3Db&username=ann', { page: 'sign_in', next: '/people?a=b', username: 'ann' }],
  ['/register/', { page: 'register', next: null }],
  ['/register?next=%2Fpeople', { page: 'register', next: '/people' }],
  ['/check-mail', { page: 'check_mail' }],
  ['/verify#abc-_1', { page: 'verify', token: 'abc-_1' }],
  ['/verify?token=abc', { page: 'verify', token: '' }],
  ['/reset#abc', { page: 'reset', token: 'abc' }],
  ['/forgot', { page: 'forgot' }],
  ['/restore', { page: 'restore' }],
  ['/people', { page: 'people' }],
  ['/people/ann', { page: 'not_found' }],
  ['/@Ann.Petrova-1', { page: 'profile', username: 'Ann.Petrova-1' }],
  ['/@ann/', { page: 'profile', username: 'ann' }],
  ['/%40ann', { page: 'profile', username: 'ann' }],
  ['/@an', { page: 'not_found' }],
  ['/@-ann', { page: 'not_found' }],
  ['/@ann%2Fx', { page: 'not_found' }],
  ['/@ann/posts', { page: 'not_found' }],
  ['/notifications', { page: 'notifications' }],
  ['/settings/notifications', { page: 'settings', section: 'notifications' }],
  ['/settings', { page: 'settings', section: 'account' }],
  ['/settings/privacy', { page: 'settings', section: 'privacy' }],
  ['/settings/constructor', { page: 'not_found' }],
  ['/constructor', { page: 'not_found' }],
  ['/outbox', { page: 'outbox' }],
  ['/api-docs', { page: 'api_docs' }],
  ['//evil.example/', { page: 'not_found' }],
  ['', { page: 'not_found' }],
])('%s', (path, route) => {
  expect(matchRoute(path)).toEqual(route)
})

it('writes the paths that it reads', () => {
  expect(matchRoute(roomPath(ID))).toEqual({ page: 'room', id: ID })
  expect(matchRoute(profilePath('ann'))).toEqual({ page: 'profile', username: 'ann' })
  expect(matchRoute(settingsPath('data'))).toEqual({ page: 'settings', section: 'data' })
})
