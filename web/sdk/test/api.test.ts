import { afterEach, expect, test, vi } from 'vitest'
import { Api } from '../src/api.js'

afterEach(() => vi.unstubAllGlobals())

function answer(status: number, body: unknown): ReturnType<typeof vi.fn> {
  const fetch = vi.fn(async () => new Response(typeof body === 'string' ? body : JSON.stringify(body), { status }))
  vi.stubGlobal('fetch', fetch)
  return fetch
}

test('joins with a name and gets an absolute socket URL', async () => {
  const fetch = answer(200, { ticket: 't', url: '/api/v1/ws' })
  const api = new Api({ baseUrl: 'https://meet.test/' })
  expect(await api.join('ab/cd', { name: 'Ann', host_key: 'k' })).toEqual({
    ticket: 't',
    url: 'wss://meet.test/api/v1/ws',
  })
  const [url, init] = fetch.mock.calls[0] as [string, RequestInit]
  expect(url).toBe('https://meet.test/api/v1/rooms/ab%2Fcd/join')
  expect(JSON.parse(init.body as string)).toEqual({ name: 'Ann', host_key: 'k' })
})

test('creates a room, with and without a name', async () => {
  const fetch = answer(201, { id: 'x', url: 'u', host_key: 'k' })
  await new Api().createRoom()
  await new Api().createRoom({ name: 'Stand-up' })
  expect(fetch.mock.calls.map(([, init]) => (init as RequestInit).body)).toEqual(['{}', '{"name":"Stand-up"}'])
})

test.each([
  [404, { error: { code: 'room_not_found', message: 'no such room' } }, 'room_not_found'],
  [500, 'oops', 'internal'],
  [502, '<html>', 'connection_failed'],
] as const)('status %s is an error with a code', async (status, body, code) => {
  answer(status, body)
  await expect(new Api().room('x')).rejects.toMatchObject({ name: 'ApiError', code, status })
})

test('no network, and no patience', async () => {
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('fetch failed')))
  await expect(new Api().room('x')).rejects.toMatchObject({ code: 'connection_failed' })
  await expect(new Api().room('x', { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' })
})
