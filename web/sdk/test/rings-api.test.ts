import { afterEach, expect, test, vi } from 'vitest'
import { type RingsApi, SocialApi } from '../src/api.js'

afterEach(() => vi.unstubAllGlobals())

test.each<[string, (rings: RingsApi) => Promise<unknown>, string, string, unknown]>([
  ['start', (r) => r.start('a/b', 'audio'), 'POST', '/conversations/a%2Fb/rings', { media: 'audio' }],
  ['list', (r) => r.list(), 'GET', '/rings', undefined],
  ['get', (r) => r.get('a/b'), 'GET', '/rings/a%2Fb', undefined],
  ['accept', (r) => r.answer('r', true), 'PUT', '/rings/r/answer', { accept: true }],
  ['decline', (r) => r.answer('r', false), 'PUT', '/rings/r/answer', { accept: false }],
  ['stop', (r) => r.stop('r'), 'DELETE', '/rings/r', undefined],
])('%s', async (_, call, method, path, body) => {
  const fetched = vi.fn(async (_url: string, _init: RequestInit) => Response.json([]))
  vi.stubGlobal('fetch', fetched)
  await call(new SocialApi().rings)
  const [[url, init] = []] = fetched.mock.calls
  expect([init?.method, url]).toEqual([method, `/api/v1${path}`])
  expect(init?.body === undefined ? undefined : JSON.parse(String(init.body))).toEqual(body)
})
