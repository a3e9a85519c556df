import { expect, test } from 'vitest'
import { LocalPreview, Room } from '../src/index.js'
import { FakeServer } from '../src/testing.js'
import type { World } from './support.js'
import { connected, pass, useFakes } from './support.js'

const fakes = useFakes()
const told = ({ server }: World): object[] =>
  server.sockets.flatMap((socket) => socket.received).filter(({ type }) => /publish|mute/.test(type))
const senders = ({ server }: World) =>
  server.peer
    .getTransceivers()
    .slice(0, 4)
    .map((each) => each.sender.track)

test('a microphone is published once, then muted and unmuted with the device kept', async () => {
  const world = await connected(fakes)
  const { room, devices } = world
  await room.local.setMicrophone(true)
  await room.local.setMicrophone(false)
  expect(devices.tracks[0]).toMatchObject({ enabled: false, readyState: 'live' })
  await room.local.setMicrophone(true)
  expect(devices.tracks).toHaveLength(1)
  expect(devices.tracks[0]?.enabled).toBe(true)
  expect(told(world)).toEqual([
    { type: 'publish', source: 'microphone', muted: false },
    { type: 'mute', source: 'microphone', muted: true },
    { type: 'mute', source: 'microphone', muted: false },
  ])
  await pass()
  expect(room.local.publication('microphone')).toMatchObject({ id: 'you-1-microphone', muted: false })
})

test('a camera that is off is a stopped device', async () => {
  const world = await connected(fakes)
  const { room, devices } = world
  await room.local.setCamera(true)
  await room.local.setCamera(false)
  expect(devices.tracks[0]?.readyState).toBe('ended')
  expect(senders(world)[1]).toBeNull()
  expect(room.local.cameraOn).toBe(false)
  await room.local.setCamera(true)
  expect(senders(world)[1]).toBe(devices.tracks[1])
  expect(room.negotiations).toBe(1)
})

test('another device replaces the track without a word to the server', async () => {
  const world = await connected(fakes)
  await world.room.local.setCamera(true)
  await world.room.local.setCamera(true, { deviceId: 'usb' })
  expect(world.devices.tracks.map((track) => track.readyState)).toEqual(['ended', 'live'])
  expect(senders(world)[1]).toBe(world.devices.tracks[1])
  expect(told(world)).toHaveLength(1)
})

test('quick clicks take effect in their order', async () => {
  const world = await connected(fakes)
  const { local } = world.room
  await Promise.all([local.setCamera(true), local.setCamera(false), local.setCamera(true)])
  expect(told(world).map((message) => ('muted' in message ? message.muted : null))).toEqual([false, true, false])
})

test('a shared screen ends with its sound when the browser says so', async () => {
  const world = await connected(fakes)
  const { room, devices, log } = world
  await room.local.setScreenShare(true)
  expect(devices.tracks[0]?.contentHint).toBe('detail')
  expect([...room.local.publications.keys()]).toEqual(['screen', 'screen_audio'])
  devices.tracks[0]?.end()
  await pass()
  expect(room.local.screenOn).toBe(false)
  expect(told(world).slice(2)).toEqual([
    { type: 'unpublish', source: 'screen' },
    { type: 'unpublish', source: 'screen_audio' },
  ])
  expect(devices.tracks[1]?.readyState).toBe('ended')
  expect(log.filter((line) => line.startsWith('trackUnpublished'))).toHaveLength(2)
})

test('the preview’s tracks go into the first offer, and nobody is asked twice', async () => {
  const preview = new LocalPreview()
  expect(await preview.start({ video: true, audio: true })).toEqual({ videoError: null, audioError: null })
  const server = new FakeServer()
  const room = new Room({ environment: server.environment, preview })
  void room.connect('wss://confab.test/ws', 'first')
  await pass()
  expect(fakes.devices.tracks).toHaveLength(2)
  expect(server.socket.received.map((message) => message.type)).toEqual(['hello', 'offer', 'publish', 'publish'])
  expect(server.peer.getTransceivers()[1]?.sender.track).toBe(preview.videoTrack)
  preview.stop()
  expect(preview.videoTrack?.readyState).toBe('live')
  expect([room.local.microphoneOn, room.local.cameraOn]).toEqual([true, true])
})

test('a host mutes for good: only one’s own click undoes it', async () => {
  const world = await connected(fakes)
  const { server, room, devices, log } = world
  await room.local.setMicrophone(true)
  await pass()
  const track = 'you-1-microphone'
  server.send({ type: 'track_muted', participant: 'you-1', track, muted: true, by_host: true })
  expect(room.local.microphoneOn).toBe(false)
  expect(devices.tracks[0]?.enabled).toBe(false)
  expect(log.at(-1)).toBe('trackMuted you-1 microphone true by host')
  await room.local.setMicrophone(true)
  expect(told(world).at(-1)).toEqual({ type: 'mute', source: 'microphone', muted: false })
})

test('what was switched during an outage is told after it', async () => {
  const world = await connected(fakes)
  const { server, room } = world
  await room.local.setMicrophone(true)
  server.up = false
  server.socket.drop()
  await room.local.setMicrophone(false)
  await room.local.setCamera(true)
  server.up = true
  await pass(1000)
  expect(server.socket.received.filter(({ type }) => type === 'mute' || type === 'publish')).toEqual([
    { type: 'mute', source: 'microphone', muted: true },
    { type: 'publish', source: 'camera', muted: false },
  ])
})

test('a host’s mute during an outage holds', async () => {
  const { server, room } = await connected(fakes)
  await room.local.setMicrophone(true)
  server.you.tracks = server.you.tracks.map((track) => ({ ...track, muted: true }))
  server.socket.drop()
  await pass()
  expect(room.local.microphoneOn).toBe(false)
  expect(server.socket.received.filter(({ type }) => type === 'mute')).toEqual([])
})

test('an unplugged microphone gives way to the default one', async () => {
  const world = await connected(fakes)
  const { room, devices, log } = world
  await room.local.setMicrophone(true, { deviceId: 'usb' })
  devices.tracks[0]?.end()
  await pass()
  expect(log.at(-1)).toBe('deviceChanged microphone audio default')
  expect(senders(world)[0]).toBe(devices.tracks[1])
  devices.failure = 'NotFoundError'
  devices.tracks[1]?.end()
  await pass()
  expect(room.local.microphoneOn).toBe(false)
  expect(log.at(-1)).toBe('error device_not_found')
})

test.each([
  ['NotAllowedError', 'permission_denied'],
  ['NotFoundError', 'device_not_found'],
  ['OverconstrainedError', 'device_not_found'],
  ['NotReadableError', 'device_busy'],
  ['AbortError', 'device_busy'],
])('%s is %s', async (name, code) => {
  const { room, devices } = await connected(fakes)
  devices.failure = name
  await expect(room.local.setCamera(true)).rejects.toMatchObject({ code })
  expect(room.local.cameraOn).toBe(false)
})

test('an insecure page has a code of its own', async () => {
  const { room } = await connected(fakes)
  Object.defineProperty(globalThis, 'navigator', { value: {}, configurable: true })
  Object.defineProperty(globalThis, 'isSecureContext', { value: false, configurable: true })
  await expect(room.local.setCamera(true)).rejects.toMatchObject({ code: 'insecure_context' })
  Reflect.deleteProperty(globalThis, 'isSecureContext')
})
