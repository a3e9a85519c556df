import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { EventStream, type EventSocket } from '../src/social-events.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

class FakeSocket implements EventSocket {
  onopen: WebSocket['onopen'] = null
  onmessage: WebSocket['onmessage'] = null
  onclose: WebSocket['onclose'] = null
  closed = false
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
    socket: () => {
      sockets.push(new FakeSocket())
      return sockets.at(-1)!
    },
  })
  stream.on('opened', () => log.push('opened'))
  stream.on('signedOut', () => log.push('signedOut'))
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
