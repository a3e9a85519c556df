import { expect, test } from 'vitest'
import { connected, pass, useFakes } from './support.js'

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
    { id: 'dot', name: 'Dot', role: 'guest', connection: 'connected', tracks: [camera('dot')] },
  ]
  server.socket.drop()
  await pass()
  expect(log).toEqual([
    'activeSpeakers',
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
