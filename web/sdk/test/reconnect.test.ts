import { expect, test } from 'vitest'
import { MediaError, Room } from '../src/index.js'
import { FakeServer } from '../src/testing.js'
import { connected, pass, useFakes } from './support.js'

const fakes = useFakes()
const credentials = (server: FakeServer): string[] => server.sockets.map((socket) => socket.credential)

test('a lost socket resumes the same participant and keeps the peer connection', async () => {
  const { server, room, log } = await connected(fakes)
  server.socket.drop()
  expect(room.state).toBe('reconnecting')
  await pass()
  expect(room.state).toBe('connected')
  expect(credentials(server)).toEqual(['ticket.first', 'resume.token-1'])
  expect(server.peers).toHaveLength(1)
  expect(room.negotiations).toBe(1)
  expect(log.filter((line) => line.startsWith('participant'))).toEqual([])
})

test('each resume uses the newest token', async () => {
  const { server } = await connected(fakes)
  for (let i = 0; i < 2; i++) {
    server.socket.drop()
    await pass()
  }
  expect(credentials(server)).toEqual(['ticket.first', 'resume.token-1', 'resume.token-2'])
})

test('a server that is away for a while is asked again and again', async () => {
  const { server, room } = await connected(fakes)
  server.up = false
  server.socket.drop()
  await pass(5000)
  expect(room.state).toBe('reconnecting')
  server.up = true
  await pass(2000)
  expect(room.state).toBe('connected')
  expect(new Set(credentials(server).slice(1))).toEqual(new Set(['resume.token-1']))
})

test('a server that restarted is joined anew within 10 s, with a new peer connection and the same tracks', async () => {
  const { server, room, devices } = await connected(fakes)
  await room.local.setMicrophone(true)
  server.up = false
  server.resumes = false
  server.socket.drop()
  await pass(3000)
  server.up = true
  const restarted = performance.now()
  while (room.state !== 'connected') await pass(100)
  expect(performance.now() - restarted).toBeLessThan(3000)
  expect(credentials(server).at(-1)).toBe('ticket.fresh')
  await pass()
  expect(server.peers).toHaveLength(2)
  expect(server.peer.getTransceivers()[0]?.sender.track).toBe(devices.tracks[0])
  expect(devices.tracks).toHaveLength(1)
  expect(server.socket.received.map((message) => message.type)).toEqual(['hello', 'offer', 'publish'])
  expect(room.negotiations).toBe(2)
  expect(room.local.id).toBe('you-2')
})

test('one refusal may be chance: it takes two to give the participant up', async () => {
  const { server, room } = await connected(fakes)
  server.resumes = false
  server.socket.drop()
  await pass()
  expect(room.state).toBe('connected')
  expect(credentials(server)).toEqual(['ticket.first', 'resume.token-1', 'resume.token-1', 'ticket.fresh'])
})

test('a stopping server is not asked to resume', async () => {
  const { server, room } = await connected(fakes)
  server.send({ type: 'closed', reason: 'server_stopping' })
  await pass()
  expect(room.state).toBe('connected')
  expect(credentials(server)).toEqual(['ticket.first', 'ticket.fresh'])
})

test('without a way to rejoin, a refused resume is the end', async () => {
  const { server, room, log } = await connected(fakes)
  room.rejoin = null
  server.resumes = false
  server.socket.drop()
  await pass()
  expect([room.state, room.closedReason]).toEqual(['closed', 'failed'])
  expect(log.slice(-2)).toEqual(['error not_allowed', 'stateChanged closed'])
})

test('after 60 s it gives up', async () => {
  const { server, room } = await connected(fakes)
  server.up = false
  server.socket.drop()
  await pass(59_000)
  expect(room.state).toBe('reconnecting')
  await pass(4000)
  expect([room.state, room.closedReason]).toEqual(['closed', 'failed'])
})

test.each([
  ['room_not_found', 'room_ended'],
  ['room_locked', 'failed'],
] as const)('a rejoin that is refused with %s is the end: %s', async (code, reason) => {
  const { server, room } = await connected(fakes)
  server.resumes = false
  room.rejoin = () => Promise.reject(new MediaError(code))
  server.socket.drop()
  await pass()
  expect(room.closedReason).toBe(reason)
})

test.each(['removed', 'room_ended', 'replaced'] as const)('the server ends it: %s', async (reason) => {
  const { server, room } = await connected(fakes)
  server.send({ type: 'closed', reason })
  await pass(5000)
  expect([room.state, room.closedReason]).toEqual(['closed', reason])
  expect(server.sockets).toHaveLength(1)
  expect(server.peer.connectionState).toBe('closed')
})

test('a silent socket is dead after 12 s, and pings keep a quiet one alive', async () => {
  const { server, room } = await connected(fakes)
  await pass(30_000)
  expect(room.state).toBe('connected')
  expect(server.received('ping')).toHaveLength(6)
  const { socket } = server
  socket.onmessage = null
  await pass(12_100)
  expect(server.sockets).toHaveLength(2)
  expect(room.state).toBe('connected')
})

test('a first connection that is refused says why', async () => {
  const server = new FakeServer()
  const refusing = { ...server.environment, serverIsUp: async () => server.up }
  const attempt = async (): Promise<unknown> => {
    const room = new Room({ environment: refusing })
    const failed = room.connect('wss://confab.test/ws', 'x').catch((error: unknown) => error)
    server.socket.onopen = null
    server.socket.drop()
    await pass()
    expect([room.state, room.closedReason]).toEqual(['closed', 'failed'])
    return failed
  }
  await expect(attempt()).resolves.toMatchObject({ code: 'invalid_ticket' })
  server.up = false
  await expect(attempt()).resolves.toMatchObject({ code: 'connection_failed' })
})

test('connecting can be cancelled', async () => {
  const server = new FakeServer()
  const room = new Room({ environment: server.environment })
  const failed = room.connect('wss://confab.test/ws', 'x', { signal: AbortSignal.abort() })
  await expect(failed).rejects.toMatchObject({ code: 'cancelled' })
  expect(room.state).toBe('closed')
})

test('media that is gone for 2 s restarts ICE on the same peer connection', async () => {
  const { server, room } = await connected(fakes)
  server.peer.become('disconnected')
  await pass(1900)
  expect(server.peer.offers).toHaveLength(1)
  await pass(200)
  expect(server.peer.offers).toEqual([{}, { iceRestart: true }])
  expect(room.state).toBe('reconnecting')
  server.peer.become('connected')
  expect(room.state).toBe('connected')
  expect(server.peers).toHaveLength(1)
})

test('while media is away, ICE is restarted every 3 s, as the same participant', async () => {
  const { server, room } = await connected(fakes)
  server.peer.become('failed')
  await pass(9100)
  expect(server.received('offer')).toHaveLength(1 + 4)
  server.peer.become('connected')
  await pass(30_000)
  expect([server.received('offer').length, server.peers.length, room.state]).toEqual([5, 1, 'connected'])
})

test('media that does not come back within 20 s of restarts is built anew', async () => {
  const { server, room } = await connected(fakes)
  server.peer.become('failed')
  await pass(21_100)
  expect(server.received('leave')).toHaveLength(1)
  expect(credentials(server)).toEqual(['ticket.first', 'ticket.fresh'])
  expect(server.peers).toHaveLength(2)
  server.peer.become('connected')
  expect(room.state).toBe('connected')
})

test('media that fails while signalling is away waits for it', async () => {
  const { server } = await connected(fakes)
  server.up = false
  server.socket.drop()
  await pass(100)
  server.peer.become('failed')
  await pass(3000)
  expect(server.peer.offers).toHaveLength(1)
  server.up = true
  await pass(2000)
  expect(server.peer.offers).toEqual([{}, { iceRestart: true }])
})

test('an offer whose answer was lost with the socket is sent again after the resume', async () => {
  const server = new FakeServer()
  server.answers = false
  const room = new Room({ environment: server.environment })
  void room.connect('wss://confab.test/ws', 'first')
  await pass()
  server.answers = true
  server.socket.drop()
  await pass()
  expect(server.received('offer').map((offer) => offer.request)).toEqual([1, 1])
  expect(room.negotiations).toBe(1)
})

test('leaving says so, closes with code 1000 and turns the devices off', async () => {
  const { server, room, devices } = await connected(fakes)
  await room.local.setMicrophone(true)
  await room.leave()
  expect(server.received('leave')).toHaveLength(1)
  expect(server.socket.closedWith).toBe(1000)
  expect(devices.tracks[0]?.readyState).toBe('ended')
  expect([room.state, room.closedReason]).toEqual(['closed', 'left'])
  await pass(60_000)
  expect(server.sockets).toHaveLength(1)
})

test('a browser without WebRTC is told so', async () => {
  const server = new FakeServer()
  const peerConnection = (): never => {
    throw new ReferenceError('RTCPeerConnection is not defined')
  }
  const room = new Room({ environment: { ...server.environment, peerConnection } })
  const failed = room.connect('wss://confab.test/ws', 'x').catch((error: unknown) => error)
  await pass()
  expect(await failed).toMatchObject({ code: 'unsupported' })
  expect(room.state).toBe('closed')
})
