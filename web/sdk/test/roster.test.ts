import { expect, test } from 'vitest'
import { Room } from '../src/index.js'
import { FakeServer } from '../src/testing.js'
import { connected, pass, record, useFakes } from './support.js'

const fakes = useFakes()
const camera = (id: string, muted = false) => ({ id: `${id}-camera`, source: 'camera' as const, muted })

test('people and their tracks come and go', async () => {
  const { server, room, log } = await connected(fakes)
  log.length = 0
  server.join({ id: 'ann', tracks: [camera('ann')] })
  server.send({ type: 'track_muted', participant: 'ann', track: 'ann-camera', muted: true, by_host: false })
  server.send({ type: 'track_muted', participant: 'ann', track: 'ann-camera', muted: true, by_host: false })
  server.send({ type: 'participant_connection', participant: 'ann', connection: 'reconnecting' })
  server.send({ type: 'track_unpublished', participant: 'ann', track: 'ann-camera' })
  server.send({ type: 'track_published', participant: 'ann', track: { ...camera('ann'), id: 'second' } })
  expect(room.participants.get('ann')?.publication('camera')?.id).toBe('second')
  server.send({ type: 'participant_left', participant: 'ann', reason: 'lost' })
  expect(log).toEqual([
    'participantJoined ann',
    'trackPublished ann camera',
    'trackMuted ann camera true',
    'participantChanged ann',
    'trackUnpublished ann camera',
    'trackPublished ann camera',
    'trackUnpublished ann camera',
    'participantLeft ann lost',
  ])
  expect(room.participants.size).toBe(0)
})

test('a resume tells the difference, and nothing of what stayed', async () => {
  const { server, room, log } = await connected(fakes)
  server.join({ id: 'ann', tracks: [camera('ann')] })
  server.join({ id: 'bob', tracks: [camera('bob')] })
  server.join({ id: 'cem' })
  const ann = room.participants.get('ann')
  log.length = 0
  const [first, second] = server.others
  server.others = [
    { ...first!, tracks: [camera('ann', true)] },
    { ...second!, tracks: [], connection: 'reconnecting' },
    { id: 'dot', name: 'Dot', picture: null, role: 'guest', connection: 'connected', tracks: [camera('dot')] },
  ]
  server.socket.drop()
  await pass()
  expect(log).toEqual([
    'stateChanged reconnecting',
    'participantLeft cem lost',
    'trackMuted ann camera true',
    'participantChanged bob',
    'trackUnpublished bob camera',
    'participantJoined dot',
    'trackPublished dot camera',
    'stateChanged connected',
  ])
  expect(room.participants.get('ann')).toBe(ann)
})

test('speakers have a level, and lose it', async () => {
  const { server, room } = await connected(fakes)
  server.join({ id: 'ann' })
  server.send({ type: 'speakers', speakers: [{ participant: 'ann', level: 127 }] })
  expect(room.participants.get('ann')).toMatchObject({ isSpeaking: true, level: 1 })
  expect(room.activeSpeakers.map((each) => each.id)).toEqual(['ann'])
  server.send({ type: 'speakers', speakers: [] })
  expect(room.participants.get('ann')).toMatchObject({ isSpeaking: false, level: 0 })
})

test('who and what is there already is no news', async () => {
  const server = new FakeServer()
  server.others = [
    { id: 'ann', name: 'Ann', picture: null, role: 'guest', connection: 'connected', tracks: [camera('ann')] },
  ]
  server.chat = [{ id: 1, from: 'ann', name: 'Ann', text: 'hello', at: 1 }]
  const room = new Room({ environment: server.environment })
  const log = record(room)
  void room.connect('wss://confab.test/ws', 'first')
  await pass()
  expect(log).toEqual(['stateChanged connecting', 'stateChanged connected'])
  expect(room.participants.get('ann')?.publication('camera')?.id).toBe('ann-camera')
  expect(room.chat.lines).toHaveLength(1)
})

test('a rejoin is a new participant among new ones', async () => {
  const { server, room, log } = await connected(fakes)
  server.join({ id: 'ann', tracks: [camera('ann')] })
  log.length = 0
  server.resumes = false
  server.others = []
  server.socket.drop()
  await pass()
  server.join({ id: 'ann-2', name: 'ann' })
  expect(log).toEqual([
    'stateChanged reconnecting',
    'participantChanged you-2',
    'trackUnpublished ann camera',
    'participantLeft ann lost',
    'stateChanged connected',
    'participantJoined ann-2',
  ])
  expect(room.local.id).toBe('you-2')
})
