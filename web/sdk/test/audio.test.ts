import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { connected, pass, useFakes } from './support.js'

const fakes = useFakes()
/** What `play` does, and how loud the microphone is. */
const browser = { blocked: false, amplitude: 0, elements: [] as { srcObject: unknown; sink?: string }[] }

function audioElement(): object {
  const element = {
    srcObject: null,
    play: async () => {
      if (browser.blocked) throw new DOMException('no click yet', 'NotAllowedError')
    },
    setSinkId: async (id: string) => void ((element as { sink?: string }).sink = id),
  }
  browser.elements.push(element)
  return element
}

class FakeAudioContext {
  state = 'running'
  createAnalyser() {
    return { fftSize: 0, getFloatTimeDomainData: (samples: Float32Array) => samples.fill(browser.amplitude) }
  }
  createMediaStreamSource() {
    return { connect() {}, disconnect() {} }
  }
}

beforeEach(() => {
  Object.assign(browser, { blocked: false, amplitude: 0, elements: [] })
  class HTMLMediaElement {
    setSinkId(): void {}
  }
  vi.stubGlobal('HTMLMediaElement', HTMLMediaElement)
  vi.stubGlobal('AudioContext', FakeAudioContext)
  const createElement = (name: string): object => (name === 'audio' ? audioElement() : { append() {}, remove() {} })
  vi.stubGlobal('document', { createElement, body: { append() {} } })
})
afterEach(() => vi.unstubAllGlobals())

const slots = (slot: number) => ({
  type: 'slots' as const,
  slots: [{ slot, video: null, audio: 'ann-microphone' }],
  audio_slots: [],
})

test('each slot has one element for good, and all of them the chosen speaker', async () => {
  const { server, room } = await connected(fakes)
  for (const slot of [0, 1, 0, 1]) server.send(slots(slot))
  expect(browser.elements).toHaveLength(2)
  await room.setSpeaker('usb')
  server.send(slots(2))
  expect(browser.elements.map(({ sink }) => sink)).toEqual(['usb', 'usb', 'usb'])
})

test('elements outlive the peer connection', async () => {
  const { server } = await connected(fakes)
  server.send(slots(0))
  const before = browser.elements[0]?.srcObject
  server.resumes = false
  server.socket.drop()
  await pass()
  server.send(slots(0))
  expect(browser.elements).toHaveLength(1)
  expect(browser.elements[0]?.srcObject).not.toBe(before)
})

test('blocked sound is told once, and a click unblocks it', async () => {
  const { server, room, log } = await connected(fakes)
  browser.blocked = true
  server.send(slots(0))
  server.send(slots(1))
  await pass()
  expect(log.filter((line) => line === 'audioBlocked')).toHaveLength(1)
  expect(room.canPlayAudio).toBe(false)
  browser.blocked = false
  await room.startAudio()
  expect(room.canPlayAudio).toBe(true)
})

test('who speaks while muted is told, at most every 10 s', async () => {
  const { room, log } = await connected(fakes)
  const told = (): number => log.filter((line) => line === 'mutedSpeech').length
  browser.amplitude = 0.1
  await room.local.setMicrophone(true)
  await pass(2000)
  expect([told(), room.local.microphoneLevel > 0.5]).toEqual([0, true])
  await room.local.setMicrophone(false)
  await pass(9000)
  expect(told()).toBe(1)
  await pass(3000)
  expect(told()).toBe(2)
  browser.amplitude = 0.001
  await pass(20_000)
  expect(told()).toBe(2)
})
