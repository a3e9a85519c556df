import { afterEach, expect, test, vi } from 'vitest'
import { type ConversationsApi, SocialApi } from '../src/api.js'

afterEach(() => vi.unstubAllGlobals())

const DRAFT = { client_id: 'c', text: 'Hello', reply_to: 'm' }

test.each<[string, (conversations: ConversationsApi) => Promise<unknown>, string, string, unknown]>([
  ['list', (c) => c.list({ after: 'a', limit: 20 }), 'GET', '/conversations?after=a&limit=20', undefined],
  ['requests', (c) => c.requests(), 'GET', '/conversations?requests=true', undefined],
  ['begin with somebody', (c) => c.create({ username: 'a/n' }), 'PUT', '/people/a%2Fn/conversation', undefined],
  ['begin a group', (c) => c.create({ title: 'A', people: ['b'] }), 'POST', '/conversations', { title: 'A', people: ['b'] }],
  ['unread', (c) => c.unread(), 'GET', '/conversations/unread', undefined],
  ['get', (c) => c.get('a/b'), 'GET', '/conversations/a%2Fb', undefined],
  ['change', (c) => c.change('c', { is_muted: true }), 'PATCH', '/conversations/c', { is_muted: true }],
  ['remove the picture', (c) => c.removePicture('c'), 'DELETE', '/conversations/c/picture', undefined],
  ['members', (c) => c.members('c', { limit: 100 }), 'GET', '/conversations/c/members?limit=100', undefined],
  ['invite', (c) => c.invite('c', 'ann'), 'PUT', '/conversations/c/members/ann', undefined],
  ['remove a member', (c) => c.removeMember('c', 'a?'), 'DELETE', '/conversations/c/members/a%3F', undefined],
  ['set a role', (c) => c.setRole('c', 'ann', 'owner'), 'PATCH', '/conversations/c/members/ann', { role: 'owner' }],
  ['accept', (c) => c.accept('c'), 'PUT', '/conversations/c/membership', undefined],
  ['leave', (c) => c.leave('c'), 'DELETE', '/conversations/c/membership', undefined],
  ['messages', (c) => c.messages('c', { after: 'x' }), 'GET', '/conversations/c/messages?after=x', undefined],
  ['changes', (c) => c.changes('c', 7), 'GET', '/conversations/c/changes?after=7', undefined],
  ['search', (c) => c.search('c', 'a&b', { limit: 5 }), 'GET', '/conversations/c/search?q=a%26b&limit=5', undefined],
  ['send', (c) => c.send('c', DRAFT), 'POST', '/conversations/c/messages', DRAFT],
  ['edit', (c) => c.edit('m', 'Ho'), 'PATCH', '/messages/m', { text: 'Ho' }],
  ['remove', (c) => c.remove('m'), 'DELETE', '/messages/m', undefined],
  ['hide', (c) => c.hide('m'), 'DELETE', '/messages/m/copy', undefined],
  ['clear', (c) => c.clear('c'), 'DELETE', '/conversations/c/messages', undefined],
  ['read', (c) => c.read('c', 9), 'PUT', '/conversations/c/read', { seq: 9 }],
])('%s', async (_, call, method, path, body) => {
  const fetched = vi.fn(async (_url: string, _init: RequestInit) => Response.json({ items: [] }))
  vi.stubGlobal('fetch', fetched)
  await call(new SocialApi().conversations)
  const [[url, init] = []] = fetched.mock.calls
  expect([init?.method, url]).toEqual([method, `/api/v1${path}`])
  expect(init?.body === undefined ? undefined : JSON.parse(String(init.body))).toEqual(body)
}) // prettier-ignore
