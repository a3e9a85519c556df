import { expect, it } from 'vitest'
import { matchRoute, peopleListPath, profilePath, roomPath, searchPath, settingsPath } from './match'

const ID = 'k3vq-8c2m-x0tz-9hdr'
const CHAT = '01a0b0c0-0000-7000-8000-0123456789ab'

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
  ['/people/requests', { page: 'requests' }],
  ['/@ann/followers', { page: 'people_list', username: 'ann', list: 'followers' }],
  ['/@ann/following/', { page: 'people_list', username: 'ann', list: 'following' }],
  ['/@ann/friends', { page: 'people_list', username: 'ann', list: 'friends' }],
  ['/@-ann/friends', { page: 'not_found' }],
  ['/mail', { page: 'mail', at: '', to: '' }],
  ['/mail/sent/', { page: 'mail', at: 'sent', to: '' }],
  ['/mail/new?to=ann', { page: 'mail', at: 'new', to: 'ann' }],
  ['/mail/new/more', { page: 'not_found' }],
  ['/search', { page: 'search', query: '', tab: 'people' }],
  ['/search?q=%C3%BC+a%26b&tab=posts', { page: 'search', query: 'ü a&b', tab: 'posts' }],
  ['/search?q=x&tab=constructor', { page: 'search', query: 'x', tab: 'people' }],
  ['/@Ann.Petrova-1', { page: 'profile', username: 'Ann.Petrova-1' }],
  ['/@ann/', { page: 'profile', username: 'ann' }],
  ['/%40ann', { page: 'profile', username: 'ann' }],
  ['/@an', { page: 'not_found' }],
  ['/@-ann', { page: 'not_found' }],
  ['/@ann%2Fx', { page: 'not_found' }],
  ['/@ann/posts', { page: 'not_found' }],
  ['/messages', { page: 'messages', tab: 'chats', id: null, to: null, room: null }],
  ['/messages/requests', { page: 'messages', tab: 'requests', id: null, to: null, room: null }],
  ['/messages/new?to=ann', { page: 'messages', tab: 'chats', id: null, to: 'ann', room: null }],
  [`/messages/${CHAT.toUpperCase()}`, { page: 'messages', tab: 'chats', id: CHAT, to: null, room: null }],
  ['/rooms', { page: 'messages', tab: 'rooms', id: null, to: null, room: null }],
  [`/rooms/${CHAT.toUpperCase()}`, { page: 'messages', tab: 'rooms', id: null, to: null, room: CHAT }],
  ['/rooms/abc', { page: 'not_found' }],
  ['/messages/abc', { page: 'not_found' }],
  [`/messages/${CHAT}/more`, { page: 'not_found' }],
  ['/notifications', { page: 'notifications' }],
  ['/settings/notifications', { page: 'settings', section: 'notifications' }],
  ['/settings', { page: 'settings', section: 'account' }],
  ['/settings/privacy', { page: 'settings', section: 'privacy' }],
  ['/settings/blocks', { page: 'settings', section: 'blocks' }],
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
  expect(matchRoute(peopleListPath('ann', 'friends'))).toEqual({
    page: 'people_list',
    username: 'ann',
    list: 'friends',
  })
  expect(matchRoute(searchPath('ü &#?'))).toEqual({ page: 'search', query: 'ü &#?', tab: 'people' })
  expect(matchRoute(searchPath('李', 'rooms'))).toEqual({ page: 'search', query: '李', tab: 'rooms' })
  expect(matchRoute(settingsPath('data'))).toEqual({ page: 'settings', section: 'data' })
})
