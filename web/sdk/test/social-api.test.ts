import { afterEach, expect, test, vi } from 'vitest'
import { Api, ApiError, SocialApi } from '../src/api.js'
import { mediaError } from '../src/errors.js'

afterEach(() => vi.unstubAllGlobals())

type Sent = { method: string; url: string; headers: Record<string, string>; body: unknown }

/** A server that always answers the same, and the requests that it got. */
function server(status: number, body: unknown = '', headers: Record<string, string> = {}): Sent[] {
  const sent: Sent[] = []
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    const text = init.body as string | undefined
    const requestHeaders = init.headers as Record<string, string>
    sent.push({
      method: init.method!,
      url,
      headers: requestHeaders,
      body: text === undefined ? null : JSON.parse(text),
    })
    const answer = typeof body === 'string' ? body : JSON.stringify(body)
    return new Response(status === 204 ? null : answer, { status, headers })
  })
  return sent
}

const refused = (code: string, more: object = {}): object => ({ error: { code, message: 'for people', ...more } })
const failure = (promise: Promise<unknown>): Promise<ApiError> =>
  promise.then(
    () => expect.unreachable(),
    (error: unknown) => error as ApiError,
  )

test('every unsafe call carries the header that no other site can send, and no other does', async () => {
  const sent = server(200, { items: [], url: '/ws' })
  const [api, social] = [new Api(), new SocialApi()]
  await api.createRoom()
  await api.join('x', { name: 'Ann' })
  await social.login({ identifier: 'ann', password: 'p' })
  await social.logout()
  await social.changeProfile({ bio: null })
  await social.removePicture()
  await social.removeCover()
  await social.revokeSession('1')
  await social.revokeOtherSessions()
  await social.exportData('p')
  await social.requestDeletion('p')
  expect(sent.map(({ headers }) => headers['x-confab'])).toEqual(sent.map(() => '1'))
  sent.length = 0
  await api.room('x')
  await social.me()
  await social.people()
  expect(sent.map(({ headers }) => headers['x-confab'])).toEqual([undefined, undefined, undefined])
})

test.each<[string, (social: SocialApi) => Promise<unknown>, string, string, unknown]>([
  ['server', (s) => s.server(), 'GET', '/api/v1/server', null],
  ['resend', (s) => s.resend('a@b.c'), 'POST', '/api/v1/auth/resend', { email: 'a@b.c' }],
  ['verify', (s) => s.verify('t'), 'POST', '/api/v1/auth/verify', { token: 't' }],
  ['forgot', (s) => s.forgot('a@b.c'), 'POST', '/api/v1/auth/forgot', { email: 'a@b.c' }],
  ['reset', (s) => s.reset('t', 'p'), 'POST', '/api/v1/auth/reset', { token: 't', password: 'p' }],
  ['restore', (s) => s.restore({ identifier: 'a', password: 'p' }), 'POST', '/api/v1/auth/restore', { identifier: 'a', password: 'p' }],
  ['logout', (s) => s.logout(), 'POST', '/api/v1/auth/logout', {}],
  ['profile', (s) => s.profile(), 'GET', '/api/v1/me/profile', null],
  ['change', (s) => s.changeProfile({ bio: null }), 'PATCH', '/api/v1/me/profile', { bio: null }],
  ['password', (s) => s.changePassword('a', 'b'), 'POST', '/api/v1/me/password', { current: 'a', new: 'b' }],
  ['sessions', (s) => s.sessions(), 'GET', '/api/v1/me/sessions', null],
  ['revoke', (s) => s.revokeSession('a/b'), 'DELETE', '/api/v1/me/sessions/a%2Fb', null],
  ['logins', (s) => s.logins({ after: 'x y' }), 'GET', '/api/v1/me/logins?after=x+y', null],
  ['activity', (s) => s.activity({ after: null }), 'GET', '/api/v1/me/activity', null],
  ['people', (s) => s.people({ after: 'c', limit: 24 }), 'GET', '/api/v1/people?after=c&limit=24', null],
  ['person', (s) => s.person('ann?x'), 'GET', '/api/v1/people/ann%3Fx', null],
  ['follow', (s) => s.network.follow('ann?x'), 'PUT', '/api/v1/people/ann%3Fx/follow', null],
  ['unfollow', (s) => s.network.unfollow('ann'), 'DELETE', '/api/v1/people/ann/follow', null],
  ['befriend', (s) => s.network.befriend('ann'), 'PUT', '/api/v1/people/ann/friend', null],
  ['unfriend', (s) => s.network.unfriend('ann'), 'DELETE', '/api/v1/people/ann/friend', null],
  ['block', (s) => s.network.block('ann'), 'PUT', '/api/v1/people/ann/block', null],
  ['unblock', (s) => s.network.unblock('ann'), 'DELETE', '/api/v1/people/ann/block', null],
  ['followers', (s) => s.network.followers('ann', { after: 'c' }), 'GET', '/api/v1/people/ann/followers?after=c', null],
  ['following', (s) => s.network.following('ann'), 'GET', '/api/v1/people/ann/following', null],
  ['friends', (s) => s.network.friends('ann', { limit: 5 }), 'GET', '/api/v1/people/ann/friends?limit=5', null],
  ['received', (s) => s.network.receivedRequests(), 'GET', '/api/v1/me/friend-requests/received', null],
  ['sent', (s) => s.network.sentRequests(), 'GET', '/api/v1/me/friend-requests/sent', null],
  ['blocks', (s) => s.network.blocks(), 'GET', '/api/v1/me/blocks', null],
  ['suggestions', (s) => s.network.suggestions(), 'GET', '/api/v1/me/suggestions', null],
  ['search', (s) => s.search.all('a&b ü'), 'GET', '/api/v1/search?q=a%26b+%C3%BC', null],
  ['search people', (s) => s.search.people('a', { after: 'c' }), 'GET', '/api/v1/search/people?q=a&after=c', null],
  ['search posts', (s) => s.search.posts('a'), 'GET', '/api/v1/search/posts?q=a', null],
  ['outbox', (s) => s.outbox(), 'GET', '/api/v1/outbox', null],
  ['document', (s) => s.document(), 'GET', '/api/openapi.json', null],
])('%s', async (_, call, method, url, body) => {
  const sent = server(200, { items: [] })
  await call(new SocialApi())
  expect(sent).toMatchObject([{ method, url, body }])
}) // prettier-ignore

test('a call without an answer’s body resolves', async () => {
  server(204)
  await expect(new SocialApi().changePassword('a', 'b')).resolves.toBeUndefined()
  server(202, '{}')
  await expect(new SocialApi().forgot('a@b.c')).resolves.toBeUndefined()
})

test('a refusal tells its field, how long to wait, and when the account will be gone', async () => {
  const social = new SocialApi()
  server(409, refused('username_taken', { field: 'username' }))
  const registration = { email: '', first_name: '', last_name: '', username: '', password: '' }
  expect(await failure(social.register(registration))).toMatchObject({
    name: 'ApiError', code: 'username_taken', message: 'for people', field: 'username', status: 409, retryAfterMs: null,
  }) // prettier-ignore
  server(429, refused('rate_limited'), { 'retry-after': '30' })
  expect(await failure(social.resend(''))).toMatchObject({ code: 'rate_limited', field: null, retryAfterMs: 30_000 })
  server(503, refused('busy'), { 'retry-after': 'Fri, 20 Nov 2026 17:00:00 GMT' })
  expect(await failure(social.resend(''))).toMatchObject({ code: 'busy', retryAfterMs: null })
  server(403, refused('deletion_pending', { deletion_at: 17 }))
  expect(await failure(social.login({ identifier: '', password: '' }))).toMatchObject({ deletionAt: 17 })
})

test('another’s page in the server’s place is no answer', async () => {
  server(200, '<html>Sign in to the hotel’s network')
  expect(await failure(new SocialApi().me())).toMatchObject({ code: 'connection_failed' })
})

test('whoever made the client hears of all failures but those that are wanted', async () => {
  const heard: string[] = []
  const social = new SocialApi({ onError: (error) => heard.push(error.code) })
  server(401, refused('not_signed_in'))
  await failure(social.me())
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('failed')))
  await failure(social.me())
  expect(await failure(social.me({ signal: AbortSignal.abort() }))).toMatchObject({ code: 'cancelled' })
  expect(heard).toEqual(['not_signed_in', 'connection_failed'])
})

test('a room keeps the code of a refused ticket', () => {
  const cause = new ApiError('room_locked', 'locked')
  expect(mediaError(cause, 'connection_failed')).toMatchObject({ name: 'MediaError', code: 'room_locked', cause })
})

/** Stands in for XMLHttpRequest; the test plays the network. */
class FakeRequest {
  static last: FakeRequest
  readonly headers: Record<string, string> = {}
  readonly upload: { onprogress?: (event: { loaded: number; total: number }) => void } = {}
  opened: string[] = []
  sent: unknown
  status = 0
  responseText = ''
  onload?: () => void
  onerror?: () => void
  onabort?: () => void
  constructor() {
    FakeRequest.last = this
  }
  open(...opened: string[]): void {
    this.opened = opened
  }
  setRequestHeader(name: string, value: string): void {
    this.headers[name] = value
  }
  getResponseHeader(): null {
    return null
  }
  send(sent: unknown): void {
    this.sent = sent
  }
  abort(): void {
    this.onabort?.()
  }
  answer(status: number, body: unknown): void {
    Object.assign(this, { status, responseText: JSON.stringify(body) })
    this.onload?.()
  }
}

test('an upload tells how far it is, and crops in whole pixels', async () => {
  vi.stubGlobal('XMLHttpRequest', FakeRequest)
  const progress: number[] = []
  const bytes = new Blob(['x'])
  const crop = { x: 1.6, y: 0, width: 99.5, height: 100 }
  const upload = new SocialApi({ baseUrl: 'https://a.test/' }).setPicture(bytes, {
    crop,
    onProgress: (fraction) => progress.push(fraction),
  })
  const request = FakeRequest.last
  expect(request.opened).toEqual(['PUT', 'https://a.test/api/v1/me/picture?x=2&y=0&width=100&height=100'])
  expect(request.headers).toEqual({ 'x-confab': '1' })
  expect(request.sent).toBe(bytes)
  request.upload.onprogress?.({ loaded: 1, total: 4 })
  request.upload.onprogress?.({ loaded: 4, total: 4 })
  request.answer(200, { url: '/media/a' })
  expect(await upload).toEqual({ url: '/media/a' })
  expect(progress).toEqual([0.25, 1])
})

test('a group’s picture is sent like one’s own', async () => {
  vi.stubGlobal('XMLHttpRequest', FakeRequest)
  const crop = { x: 0, y: 0, width: 9, height: 9 }
  const upload = new SocialApi().conversations.setPicture('a/b', new Blob(['x']), { crop })
  const request = FakeRequest.last
  expect(request.opened).toEqual(['PUT', '/api/v1/conversations/a%2Fb/picture?x=0&y=0&width=9&height=9'])
  request.answer(200, { id: 'a/b' })
  expect(await upload).toEqual({ id: 'a/b' })
})

test('an upload can be cancelled, refused and cut off', async () => {
  vi.stubGlobal('XMLHttpRequest', FakeRequest)
  const social = new SocialApi()
  const cancelling = new AbortController()
  const cancelled = failure(social.setCover(new Blob(), { signal: cancelling.signal }))
  cancelling.abort()
  expect(await cancelled).toMatchObject({ code: 'cancelled' })
  const before = FakeRequest.last
  expect(await failure(social.setCover(new Blob(), { signal: cancelling.signal }))).toMatchObject({ code: 'cancelled' })
  expect(FakeRequest.last).toBe(before)

  const tooLarge = failure(social.setPicture(new Blob()))
  FakeRequest.last.answer(413, refused('too_large'))
  expect(await tooLarge).toMatchObject({ code: 'too_large', status: 413 })

  const cutOff = failure(social.setPicture(new Blob()))
  FakeRequest.last.onerror?.()
  expect(await cutOff).toMatchObject({ code: 'connection_failed' })
})
