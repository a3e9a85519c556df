import { afterEach, expect, test, vi } from 'vitest'
import { type PostsApi, SocialApi } from '../src/api.js'

afterEach(() => vi.unstubAllGlobals())

const DRAFT = { client_id: 'c', text: 'Hello', audience: 'public', images: [{ id: 'i', alt: 'A cat' }] } as const

test.each<[string, (posts: PostsApi) => Promise<unknown>, string, string, unknown]>([
  ['home', (p) => p.feed('home', { after: 'a', limit: 20 }), 'GET', '/feed/home?after=a&limit=20', undefined],
  ['discover', (p) => p.feed('discover'), 'GET', '/feed/discover', undefined],
  ['new posts', (p) => p.countNew('home', 'p'), 'GET', '/feed/home/new?since=p', undefined],
  ['of a person', (p) => p.ofPerson('ann?', { after: null }), 'GET', '/people/ann%3F/posts', undefined],
  ['create', (p) => p.create({ ...DRAFT, images: [...DRAFT.images] }), 'POST', '/posts', DRAFT],
  ['get', (p) => p.get('a/b'), 'GET', '/posts/a%2Fb', undefined],
  ['change', (p) => p.change('p', { audience: 'friends' }), 'PATCH', '/posts/p', { audience: 'friends' }],
  ['remove', (p) => p.remove('p'), 'DELETE', '/posts/p', undefined],
  ['history', (p) => p.history('p'), 'GET', '/posts/p/history', undefined],
  ['like', (p) => p.setLiked('p', true), 'PUT', '/posts/p/like', undefined],
  ['unlike', (p) => p.setLiked('p', false), 'DELETE', '/posts/p/like', undefined],
  ['likes', (p) => p.likes('p', { after: 'x' }), 'GET', '/posts/p/likes?after=x', undefined],
  ['discard an image', (p) => p.discardImage('i'), 'DELETE', '/me/post-images/i', undefined],
  ['comments', (p) => p.comments('p'), 'GET', '/posts/p/comments', undefined],
  ['write a comment', (p) => p.writeComment('p', { client_id: 'c', text: 'Hi' }), 'POST', '/posts/p/comments', { client_id: 'c', text: 'Hi' }],
  ['comment', (p) => p.comment('c'), 'GET', '/comments/c', undefined],
  ['replies', (p) => p.replies('c', { limit: 5 }), 'GET', '/comments/c/replies?limit=5', undefined],
  ['change a comment', (p) => p.changeComment('c', 'Ho'), 'PATCH', '/comments/c', { text: 'Ho' }],
  ['remove a comment', (p) => p.removeComment('c'), 'DELETE', '/comments/c', undefined],
  ['like a comment', (p) => p.setCommentLiked('c', true), 'PUT', '/comments/c/like', undefined],
  ['unlike a comment', (p) => p.setCommentLiked('c', false), 'DELETE', '/comments/c/like', undefined],
  ['likes of a comment', (p) => p.commentLikes('c'), 'GET', '/comments/c/likes', undefined],
])('%s', async (_, call, method, path, body) => {
  const fetched = vi.fn(async (_url: string, _init: RequestInit) => Response.json({ items: [], count: 3 }))
  vi.stubGlobal('fetch', fetched)
  await call(new SocialApi().posts)
  const [[url, init] = []] = fetched.mock.calls
  expect([init?.method, url]).toEqual([method, `/api/v1${path}`])
  expect(init?.body === undefined ? undefined : JSON.parse(String(init.body))).toEqual(body)
}) // prettier-ignore

test('a removal may outlive the page', async () => {
  const fetched = vi.fn(async (_url: string, _init: RequestInit) => new Response(null, { status: 204 }))
  vi.stubGlobal('fetch', fetched)
  const { posts } = new SocialApi()
  await posts.remove('p')
  await posts.removeComment('c')
  expect(fetched.mock.calls.map(([, { keepalive }]) => keepalive)).toEqual([true, true])
})
