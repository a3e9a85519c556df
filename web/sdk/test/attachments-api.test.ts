import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { UploadState } from '../src/api.js'
import { ApiError, SocialApi } from '../src/api.js'

const MIB = 1024 * 1024
const ID = '01970000-0000-7000-8000-000000000001'
const PATH = `/api/v1/attachments/${ID}`

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

/** What goes wrong with a call: before it reaches the server, on the way back, or by a refusal. */
type Trouble = 'lost' | 'unheard' | { status: number; code: string; retryAfter?: string }

/** A server that keeps one upload. */
class FakeServer {
  readonly calls: string[] = []
  parts: Blob[] = []
  size = 0
  name = ''
  clientIds: string[] = []
  /** For the calls to come, in order; null lets one pass. */
  troubles: (Trouble | null)[] = []
  /** How long a chunk takes. */
  chunkMs = 0
  /** Chunks are not answered until somebody gives up. */
  hangs = false

  constructor() {
    vi.stubGlobal('fetch', (url: string, init: RequestInit) => this.#fetch(url, init))
  }

  get received(): number {
    return this.parts.reduce((sum, part) => sum + part.size, 0)
  }

  get chunks(): string[] {
    return this.calls.filter((call) => call.startsWith('PATCH')).map((call) => call.split('offset=')[1] ?? '')
  }

  async #fetch(url: string, { method = 'GET', body, signal, headers }: RequestInit): Promise<Response> {
    this.calls.push(`${method} ${url}`)
    if (this.hangs && method === 'PATCH') {
      await new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new Error('aborted'))))
    }
    const trouble = this.troubles.shift() ?? null
    if (trouble === 'lost') throw new TypeError('network')
    if (trouble !== null && trouble !== 'unheard') {
      // A proxy that finds no server has no code.
      if (!trouble.code) return new Response('<html>', { status: trouble.status })
      const answer = { error: { code: trouble.code, message: '' } }
      const retry: Record<string, string> = trouble.retryAfter ? { 'retry-after': trouble.retryAfter } : {}
      return Response.json(answer, { status: trouble.status, headers: retry })
    }
    const answer = await this.#answer(method, url, body, headers)
    if (trouble === 'unheard') throw new TypeError('network')
    return answer
  }

  async #answer(method: string, url: string, body: unknown, headers: unknown): Promise<Response> {
    if (method === 'DELETE') return new Response(null, { status: 204 })
    if (method === 'POST') {
      const wish = JSON.parse(String(body)) as { client_id: string; name: string; size: number }
      this.clientIds.push(wish.client_id)
      if (this.size === 0) Object.assign(this, { size: wish.size, name: wish.name })
    }
    if (method === 'PATCH') {
      expect(headers).toMatchObject({ 'content-type': 'application/octet-stream', 'x-confab': '1' })
      const offset = Number(new URL(url, 'http://a.test').searchParams.get('offset'))
      const { received } = this
      if (offset !== received && received < this.size) {
        return Response.json({ error: { code: 'wrong_offset', message: '', received } }, { status: 409 })
      }
      await new Promise((resolve) => setTimeout(resolve, this.chunkMs))
      if (offset === received) this.parts.push(body as Blob)
    }
    return Response.json(this.#state())
  }

  #state(): UploadState {
    const { received } = this
    const whole = { id: ID, kind: 'file' as const, name: this.name, media_type: 'text/plain', size: this.size }
    const attachment = { ...whole, width: null, height: null, url: `/media/attachments/${ID}`, preview_url: null }
    return { id: ID, size: this.size, received, attachment: received === this.size ? attachment : null }
  }
}

function file(size: number, name = 'a.bin'): File {
  const pattern = 'a pattern whose length divides no chunk'
  return new File([pattern.repeat(size / pattern.length + 1).slice(0, size)], name)
}

/** Lets all time pass that it takes. */
async function settled<T>(promise: Promise<T>): Promise<T> {
  const done = promise.then(
    () => true,
    () => true,
  )
  while (!(await Promise.race([done, vi.advanceTimersByTimeAsync(100).then(() => false)]))) continue
  return promise
}

const failure = (promise: Promise<unknown>): Promise<ApiError> =>
  promise.then(
    () => expect.fail('it went well'),
    (error: unknown) => error as ApiError,
  )

async function expectWhole(server: FakeServer, sent: File): Promise<void> {
  // Whether it is so, and not where it differs: that takes seconds.
  expect((await new Blob(server.parts).text()) === (await sent.text())).toBe(true)
}

test('a file is sent in chunks that grow on a quick network, and tells how far it is', async () => {
  const server = new FakeServer()
  const sent = file(10 * MIB)
  const progress: number[] = []
  const onProgress = (fraction: number): void => void progress.push(fraction)
  const onBegun = vi.fn()
  const made = await settled(new SocialApi().attachments.upload(sent, { onProgress, onBegun }))
  expect(onBegun.mock.calls).toEqual([[ID]])
  expect(made).toMatchObject({ id: ID, name: 'a.bin', size: 10 * MIB })
  await expectWhole(server, sent)
  expect(server.chunks.map(Number)).toEqual([0, 0.5 * MIB, 1.5 * MIB, 3.5 * MIB, 7.5 * MIB])
  expect(progress).toEqual([0, 0.05, 0.15, 0.35, 0.75, 1])
})

test('chunks get smaller on a slow network', async () => {
  const server = new FakeServer()
  server.chunkMs = 6000
  await settled(new SocialApi().attachments.upload(file(MIB)))
  expect(server.chunks.map(Number)).toEqual([0, 0.5 * MIB, 0.75 * MIB])
})

test('a blob has a name as well', async () => {
  const server = new FakeServer()
  await settled(new SocialApi().attachments.upload(new Blob(['abc'])))
  expect(server.name).toBe('file')
  const other = new FakeServer()
  await settled(new SocialApi().attachments.upload(new Blob(['abc']), { name: 'voice.webm' }))
  expect(other.name).toBe('voice.webm')
})

test('it goes on by itself wherever the network was lost', async () => {
  const server = new FakeServer()
  // The beginning, its answer, a chunk, the answer to a chunk, a restart of the server behind its proxy.
  server.troubles = ['lost', 'unheard', null, 'lost', 'unheard', null, { status: 502, code: '' }, null, 'unheard']
  const sent = file(3 * MIB)
  const made = await settled(new SocialApi().attachments.upload(sent))
  expect(made.size).toBe(3 * MIB)
  await expectWhole(server, sent)
  expect(new Set(server.clientIds).size).toBe(1)
})

test('an answer that was lost at the very end is asked for again', async () => {
  const server = new FakeServer()
  server.troubles = [null, 'unheard']
  await settled(new SocialApi().attachments.upload(file(1000)))
  expect(server.chunks).toEqual(['0', '0'])
  expect(server.received).toBe(1000)
})

test('pauses grow, and end after eight failures in a row', async () => {
  const server = new FakeServer()
  const times: number[] = []
  const start = Date.now()
  vi.stubGlobal('fetch', async () => {
    times.push((Date.now() - start) / 1000)
    throw new TypeError('network')
  })
  expect(await failure(settled(new SocialApi().attachments.upload(file(10))))).toMatchObject({
    code: 'connection_failed',
  })
  expect(times).toEqual([0, 1, 3, 7, 15, 31, 61, 91])
  expect(server.calls).toEqual([])
})

test('a later call goes on where one has failed', async () => {
  const server = new FakeServer()
  const sent = file(2 * MIB)
  server.troubles = [null, null, ...Array.from({ length: 8 }, () => 'lost' as const)]
  const { attachments } = new SocialApi()
  await failure(settled(attachments.upload(sent, { clientId: 'c' })))
  expect(server.received).toBe(0.5 * MIB)
  await settled(attachments.upload(sent, { clientId: 'c' }))
  await expectWhole(server, sent)
  expect(server.clientIds).toEqual(['c', 'c'])
  // The same again is there already; another file under its name is a mistake.
  const before = server.chunks.length
  expect(await settled(attachments.upload(sent, { clientId: 'c' }))).toMatchObject({ id: ID })
  expect(server.chunks.length).toBe(before)
  server.parts = []
  expect(await failure(settled(attachments.upload(file(5), { clientId: 'c' })))).toMatchObject({ field: 'client_id' })
})

test('a busy server is asked again when it says', async () => {
  const server = new FakeServer()
  server.troubles = [
    null,
    { status: 429, code: 'rate_limited', retryAfter: '60' },
    { status: 503, code: 'busy', retryAfter: '2' },
  ]
  const start = Date.now()
  const reasons: string[] = []
  await settled(new SocialApi().attachments.upload(file(10), { onWait: ({ code }) => void reasons.push(code) }))
  expect(Math.floor((Date.now() - start) / 1000)).toBe(62)
  expect(reasons).toEqual(['rate_limited', 'busy'])
})

test.each([
  [422, 'bad_image'],
  [413, 'too_large'],
  [507, 'storage_full'],
  [401, 'not_signed_in'],
])('what will not be better is not tried again: %i %s', async (status, code) => {
  const server = new FakeServer()
  server.troubles = [null, { status, code }]
  expect(await failure(settled(new SocialApi().attachments.upload(file(10))))).toMatchObject({ status, code })
  expect(server.calls.length).toBe(2)
})

test.each([
  ['while it is sent', true],
  ['during a pause', false],
])('who aborts %s forgets the file', async (_, isHanging) => {
  const server = new FakeServer()
  server.hangs = isHanging
  server.troubles = isHanging ? [] : [null, 'lost']
  const aborting = new AbortController()
  const upload = failure(new SocialApi().attachments.upload(file(10), { signal: aborting.signal }))
  await vi.advanceTimersByTimeAsync(500)
  expect(server.chunks).toEqual(['0'])
  aborting.abort()
  expect(await upload).toMatchObject({ code: 'cancelled' })
  expect(server.calls.at(-1)).toBe(`DELETE ${PATH}`)
  expect(server.chunks).toEqual(['0'])
})

test('how far it is and forgetting it', async () => {
  const server = new FakeServer()
  const { attachments } = new SocialApi()
  await settled(attachments.state('a/b'))
  await settled(attachments.discard('a/b'))
  expect(server.calls).toEqual(['GET /api/v1/attachments/a%2Fb', 'DELETE /api/v1/attachments/a%2Fb'])
})
