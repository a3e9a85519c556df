import { afterEach, expect, test, vi } from 'vitest'
import { type LettersApi, SocialApi } from '../src/api.js'

afterEach(() => vi.unstubAllGlobals())

const DRAFT = { client_id: 'c', to: 'ben', subject: 'Trip', text: 'See you', reply_to: 'l' }

test.each<[string, (letters: LettersApi) => Promise<unknown>, string, string, unknown]>([
  ['send', (l) => l.send(DRAFT), 'POST', '', DRAFT],
  ['inbox', (l) => l.inbox({ after: 'a', limit: 20 }), 'GET', '/inbox?after=a&limit=20', undefined],
  ['unread ones', (l) => l.inbox({ unread: true }), 'GET', '/inbox?unread=true', undefined],
  ['sent', (l) => l.sent({ after: null }), 'GET', '/sent', undefined],
  ['get', (l) => l.get('a/b'), 'GET', '/a%2Fb', undefined],
  ['read', (l) => l.read('l'), 'PUT', '/l/read', undefined],
  ['remove', (l) => l.remove('l'), 'DELETE', '/l', undefined],
  ['unread', (l) => l.unread(), 'GET', '/unread', undefined],
])('%s', async (_, call, method, path, body) => {
  const fetched = vi.fn(async (_url: string, _init: RequestInit) => Response.json({ items: [], unread: 3 }))
  vi.stubGlobal('fetch', fetched)
  await call(new SocialApi().letters)
  const [[url, init] = []] = fetched.mock.calls
  expect([init?.method, url]).toEqual([method, `/api/v1/letters${path}`])
  expect(init?.body === undefined ? undefined : JSON.parse(String(init.body))).toEqual(body)
})

test('how many are unread', async () => {
  vi.stubGlobal('fetch', async () => Response.json({ unread: 3 }))
  expect(await new SocialApi().letters.unread()).toBe(3)
})
