import { afterEach, expect, test, vi } from 'vitest'
import { type ChatRoomsApi, SocialApi } from '../src/api.js'

afterEach(() => vi.unstubAllGlobals())

const ROOM = { title: 'Chess', is_public: false, people: ['ben'] }

test.each<[string, (rooms: ChatRoomsApi) => Promise<unknown>, string, string, unknown]>([
  ['list', (r) => r.list({ after: 'a', limit: 20 }), 'GET', '/chat-rooms?after=a&limit=20', undefined],
  ['get', (r) => r.get('a/b'), 'GET', '/chat-rooms/a%2Fb', undefined],
  ['create', (r) => r.create(ROOM), 'POST', '/chat-rooms', ROOM],
  ['join', (r) => r.join('r'), 'PUT', '/chat-rooms/r/membership', undefined],
  ['asking', (r) => r.asking('r', { limit: 9 }), 'GET', '/conversations/r/members?asking=true&limit=9', undefined],
  ['admit', (r) => r.admit('r', 'ann?'), 'PUT', '/conversations/r/members/ann%3F', undefined],
  ['refuse', (r) => r.refuse('r', 'ann'), 'DELETE', '/conversations/r/members/ann', undefined],
])('%s', async (_, call, method, path, body) => {
  const fetched = vi.fn(async (_url: string, _init: RequestInit) => Response.json({ items: [] }))
  vi.stubGlobal('fetch', fetched)
  await call(new SocialApi().chatRooms)
  const [[url, init] = []] = fetched.mock.calls
  expect([init?.method, url]).toEqual([method, `/api/v1${path}`])
  expect(init?.body === undefined ? undefined : JSON.parse(String(init.body))).toEqual(body)
})
