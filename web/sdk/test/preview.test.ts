import { expect, test } from 'vitest'
import { LocalPreview, Room, devices } from '../src/index.js'
import { FakeServer } from '../src/testing.js'
import { connected, pass, useFakes } from './support.js'

const fakes = useFakes()

test('camera and microphone cost the user one question', async () => {
  const preview = new LocalPreview()
  expect(await preview.start({ video: { deviceId: 'usb' }, audio: true })).toEqual({
    videoError: null,
    audioError: null,
  })
  expect(fakes.devices.questions).toBe(1)
  expect(preview.videoTrack?.getSettings().deviceId).toBe('usb')
})

test('a missing camera does not cost the microphone', async () => {
  fakes.devices.missing = ['video']
  const preview = new LocalPreview()
  const { videoError, audioError } = await preview.start({ video: true, audio: true })
  expect([videoError?.code, audioError]).toEqual(['device_not_found', null])
  expect([preview.videoTrack, preview.audioTrack?.kind]).toEqual([null, 'audio'])
})

test('a user who says no is not asked again', async () => {
  fakes.devices.failure = 'NotAllowedError'
  const { videoError, audioError } = await new LocalPreview().start({ video: true, audio: true })
  expect([videoError?.code, audioError?.code]).toEqual(['permission_denied', 'permission_denied'])
  expect(fakes.devices.questions).toBe(1)
})

test('off is a stopped device, and so is a device that was changed', async () => {
  const preview = new LocalPreview()
  await preview.setCamera(true)
  await preview.setCamera(true, { deviceId: 'usb' })
  await preview.setCamera(false)
  expect(fakes.devices.tracks.map((track) => track.readyState)).toEqual(['ended', 'ended'])
  expect(preview.videoTrack).toBeNull()
})

test('a room that cannot be entered gives the tracks back', async () => {
  const preview = new LocalPreview()
  await preview.start({ video: true, audio: true })
  const server = new FakeServer()
  server.up = false
  const room = new Room({ environment: server.environment, preview })
  const failed = room.connect('wss://confab.test/ws', 'x').catch((error: unknown) => error)
  await pass()
  expect(await failed).toMatchObject({ code: 'connection_failed' })
  expect(preview.videoTrack?.readyState).toBe('live')
  await preview.setCamera(false)
  expect(preview.videoTrack).toBeNull()
})

test('devices that are still being opened at the click on Join are published when they are there', async () => {
  const preview = new LocalPreview()
  let grant = (): void => {}
  fakes.devices.asking = new Promise((resolve) => (grant = resolve))
  const starting = preview.start({ video: true, audio: true })
  const { server, room } = await connected(fakes, { preview })
  expect([room.local.cameraOn, room.local.microphoneOn]).toEqual([false, false])
  grant()
  await starting
  await pass()
  expect([room.local.cameraOn, room.local.microphoneOn]).toEqual([true, true])
  expect(server.received('publish').map((message) => message.source)).toEqual(['microphone', 'camera'])
  expect(server.received('offer')).toHaveLength(1)
})

test('devices that are granted after leaving are released', async () => {
  const preview = new LocalPreview()
  let grant = (): void => {}
  fakes.devices.asking = new Promise((resolve) => (grant = resolve))
  const starting = preview.start({ video: true, audio: true })
  const { room } = await connected(fakes, { preview })
  await room.leave()
  grant()
  await starting
  await pass()
  expect(fakes.devices.tracks.map((track) => track.readyState)).toEqual(['ended', 'ended'])
})

test('devices are listed by kind, without those that have no id yet', async () => {
  fakes.devices.devices = [
    { kind: 'videoinput', deviceId: 'c', label: 'Camera' },
    { kind: 'audioinput', deviceId: '', label: '' },
    { kind: 'audiooutput', deviceId: 's', label: 'Speaker' },
  ]
  expect(await devices.list()).toEqual({
    cameras: [{ id: 'c', label: 'Camera' }],
    microphones: [],
    speakers: [{ id: 's', label: 'Speaker' }],
  })
})

test('plugging is told', () => {
  let changes = 0
  const off = devices.on('change', () => changes++)
  fakes.devices.dispatchEvent(new Event('devicechange'))
  off()
  fakes.devices.dispatchEvent(new Event('devicechange'))
  expect(changes).toBe(1)
})
