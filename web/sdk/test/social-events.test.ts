import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { EventStream, type EventSocket } from '../src/social-events.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

class FakeSocket implements EventSocket {
  onopen: WebSocket['onopen'] = null
  onmessage: WebSocket['onmessage'] = null
  onclose: WebSocket['onclose'] = null
  closed = false
  readonly sent: unknown[] = []
  readonly url: string
  constructor(url: string) {
    this.url = url
  }
  send(data: unknown): void {
    this.sent.push(JSON.parse(String(data)))
  }
  say(...messages: object[]): void {
    for (const message of messages) this.tell(JSON.stringify(message))
  }
  open(): void {
    this.onopen?.call(this as never, new Event('open'))
  }
  tell(data: string): void {
    this.onmessage?.call(this as never, { data } as MessageEvent)
  }
  drop(code = 1006): void {
    this.onclose?.call(this as never, { code } as CloseEvent)
  }
  close(): void {
    if (this.closed) return
    this.closed = true
    this.drop(1000)
  }
}

async function listen(isSignedIn: () => Promise<boolean> = async () => true) {
  const sockets: FakeSocket[] = []
  const log: string[] = []
  const stream = new EventStream({
    url: 'wss://a.test/api/v1/events',
    isSignedIn,
    random: () => 1,
    socket: (url) => {
      sockets.push(new FakeSocket(url))
      return sockets.at(-1)!
    },
  })
  stream.on('opened', () => log.push('opened'))
  stream.on('signedOut', () => log.push('signedOut'))
  stream.on('gap', () => log.push('gap'))
  await vi.advanceTimersByTimeAsync(0)
  return { sockets, log, stream }
}

test('a lost socket is followed by another, later and later while the server is away', async () => {
  const { sockets, log } = await listen()
  sockets[0]!.open()
  sockets[0]!.drop()
  await vi.advanceTimersByTimeAsync(499)
  expect(sockets).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(1)
  expect(sockets).toHaveLength(2)
  sockets[1]!.drop()
  await vi.advanceTimersByTimeAsync(999)
  expect(sockets).toHaveLength(2)
  await vi.advanceTimersByTimeAsync(1)
  sockets[2]!.open()
  expect(log).toEqual(['opened', 'opened'])
})

test.each([
  ['a message', (socket: FakeSocket) => socket.tell('{"type":"signed_out"}')],
  ['the close code 4401', (socket: FakeSocket) => socket.drop(4401)],
])('%s ends it for good, at once', async (_, end) => {
  const { sockets, log } = await listen()
  sockets[0]!.open()
  end(sockets[0]!)
  await vi.advanceTimersByTimeAsync(0)
  expect(log).toEqual(['opened', 'signedOut'])
  await vi.advanceTimersByTimeAsync(120_000)
  expect(sockets).toHaveLength(1)
})

test('a refused socket means signed out only if the server says so', async () => {
  const away = await listen(async () => true)
  away.sockets[0]!.drop()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(away.log).toEqual([])
  expect(away.sockets.length).toBeGreaterThan(1)

  const over = await listen(async () => false)
  over.sockets[0]!.drop()
  await vi.advanceTimersByTimeAsync(0)
  expect(over.log).toEqual(['signedOut'])
})

test('when the network changes, the socket is replaced without the full wait', async () => {
  const { sockets, stream } = await listen()
  for (let failures = 0; failures < 6; failures++) {
    sockets.at(-1)!.drop()
    await vi.advanceTimersByTimeAsync(failures < 5 ? 30_000 : 0)
  }
  const before = sockets.length
  stream.networkChanged()
  await vi.advanceTimersByTimeAsync(0)
  expect(sockets).toHaveLength(before + 1)
  sockets.at(-1)!.open()
  stream.networkChanged()
  await vi.advanceTimersByTimeAsync(500)
  expect(sockets).toHaveLength(before + 2)
})

test('closed means silent', async () => {
  const { sockets, log, stream } = await listen()
  sockets[0]!.open()
  stream.close()
  expect(sockets[0]!.closed).toBe(true)
  await vi.advanceTimersByTimeAsync(120_000)
  expect(sockets).toHaveLength(1)
  expect(log).toEqual(['opened'])
})

test('what is no message is left out', async () => {
  const { sockets, log, stream } = await listen()
  const heard: unknown[] = []
  stream.on('message', (message) => heard.push(message))
  sockets[0]!.open()
  for (const text of ['', 'x', 'null', '[]', '{}', '{"type":"later"}']) sockets[0]!.tell(text)
  expect(heard).toEqual([{ type: 'later' }])
  expect(log).toEqual(['opened'])
})

const hello = (seq: number) => ({ type: 'hello', seq, unread: 0 })
const event = (seq: number) => ({ type: 'notifications_changed', seq, unread: 0 })

/** A stream whose first socket is open, the numbers and types that it hears, and its next socket. */
async function talk() {
  const all = await listen()
  const heard: (number | string)[] = []
  all.stream.on('gap', () => heard.push('gap'))
  all.stream.on('message', (message) => heard.push('seq' in message ? message.seq : message.type))
  all.sockets[0]!.open()
  const next = async (): Promise<FakeSocket> => {
    all.sockets.at(-1)!.drop()
    await vi.advanceTimersByTimeAsync(500)
    const socket = all.sockets.at(-1)!
    socket.open()
    return socket
  }
  return { ...all, heard, next, first: all.sockets[0]! }
}

test('the next socket begins where the last one ended, and loses nothing', async () => {
  const { first, heard, next } = await talk()
  expect(first.url).toBe('wss://a.test/api/v1/events')
  first.say(hello(7), event(8), { type: 'feed_changed' }, event(9))
  const second = await next()
  expect(second.url).toBe('wss://a.test/api/v1/events?after=9')
  second.say(hello(11), event(10), event(11), event(12))
  expect(heard).toEqual([7, 8, 'feed_changed', 9, 11, 10, 11, 12])
  expect((await next()).url).toBe('wss://a.test/api/v1/events?after=12')
})

test('a socket that ends before its first word changes nothing', async () => {
  const { first, next } = await talk()
  first.say(hello(7))
  await next()
  expect((await next()).url).toBe('wss://a.test/api/v1/events?after=7')
})

test('who listens late learns how it stands', async () => {
  const { first, stream } = await talk()
  expect(stream.state).toBeNull()
  first.say({ ...hello(7), unread: 2 })
  expect(stream.state).toEqual({ seq: 7, unread: 2 })
  first.say({ ...event(8), unread: 3 }, { type: 'feed_changed' }, { ...event(8), unread: 9 })
  expect(stream.state).toEqual({ seq: 8, unread: 3 })
})

test('what comes both live and as missed is heard once', async () => {
  const { first, heard } = await talk()
  first.say(hello(7), event(7), event(8), event(8))
  expect(heard).toEqual([7, 8])
})

test.each([
  ['the server says so', [{ type: 'gap', seq: 40, unread: 2 }], ['gap', 40, 41], 41],
  ['a number is left out', [event(9)], ['gap', 9], 9],
  ['the server counts anew', [hello(3)], ['gap', 3], 3],
] as const)('there is a gap when %s', async (_, messages, expected, last) => {
  const { first, heard, next } = await talk()
  first.say(hello(7))
  const second = await next()
  second.say(...messages)
  if (messages[0].type === 'gap') second.say(event(41))
  expect(heard.slice(1)).toEqual(expected)
  expect((await next()).url).toBe(`wss://a.test/api/v1/events?after=${last}`)
})

test('what is told of conversations has no number, and who types is said only while there is a socket', async () => {
  const { first, heard, stream, next } = await talk()
  const event = { type: 'message', conversation: 'c', change: 3, message: null }
  first.say(hello(7), event, event, { type: 'seen', conversation: 'c', account: 'a', read_to: 1, delivered_to: 2 })
  first.say({ type: 'typing', conversation: 'c', account: 'a' }, { type: 'messages_gap' })
  expect(heard).toEqual([7, 'message', 'message', 'seen', 'typing', 'messages_gap'])
  stream.typing('c')
  stream.delivered('c', 3)
  expect(first.sent).toEqual([
    { type: 'typing', conversation: 'c' },
    { type: 'delivered', conversation: 'c', seq: 3 },
  ])
  first.drop()
  stream.typing('c')
  expect([first.sent.length, (await next()).sent]).toEqual([2, []])
})

test('posts are watched as one list, told once it rests and again to each socket', async () => {
  const { stream, first, next } = await talk()
  const feed = stream.watch(['a', 'b'])
  const page = stream.watch()
  page.set(['b', 'c'])
  expect(first.sent).toEqual([])
  await vi.advanceTimersByTimeAsync(200)
  expect(first.sent).toEqual([{ type: 'watch', posts: ['b', 'c', 'a'] }])
  page.set(['c', 'a', 'b'])
  await vi.advanceTimersByTimeAsync(200)
  expect(first.sent).toHaveLength(1)
  feed.close()
  const second = await next()
  expect(second.sent).toEqual([{ type: 'watch', posts: ['c', 'a', 'b'] }])
  page.close()
  await vi.advanceTimersByTimeAsync(200)
  expect(second.sent.slice(1)).toEqual([{ type: 'watch', posts: [] }])
  expect((await next()).sent).toEqual([])
})

test('no more posts are watched than the server takes; the latest wish comes first', async () => {
  const { stream, first } = await talk()
  const many = Array.from({ length: 100 }, (_, index) => `old ${index}`)
  stream.watch(many)
  stream.watch(['new'])
  await vi.advanceTimersByTimeAsync(200)
  expect(first.sent).toEqual([{ type: 'watch', posts: ['new', ...many.slice(0, 99)] }])
})

test('a socket that cannot say goodbye is left all the same', async () => {
  const { stream, sockets, first } = await talk()
  first.say(hello(7))
  first.close = () => {}
  stream.networkChanged()
  await vi.advanceTimersByTimeAsync(500)
  expect(sockets.map(({ url }) => url.split('?')[1])).toEqual([undefined, 'after=7'])
  expect(first.onmessage).toBeNull()
})
