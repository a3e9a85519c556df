import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Track } from '../src/index.js'
import { FakeStream } from '../src/testing.js'
import type { World } from './support.js'
import { connected, pass, useFakes } from './support.js'

const fakes = useFakes()
const PUBLISHING = 4

/** Just enough of a page for elements to be watched. */
class Observer {
  static all: Observer[] = []
  readonly callback: (entries: object[]) => void
  constructor(callback: (entries: object[]) => void) {
    this.callback = callback
    Observer.all.push(this)
  }
  observe(): void {}
  unobserve(): void {}
}

function element(width: number, height: number): HTMLVideoElement {
  const fake = { srcObject: null, play: async () => {}, getBoundingClientRect: () => ({ width, height }) }
  return fake as unknown as HTMLVideoElement
}

function scroll(target: HTMLVideoElement, isIntersecting: boolean): void {
  Observer.all[1]?.callback([{ target, isIntersecting }])
}

beforeEach(() => {
  vi.stubGlobal('ResizeObserver', Observer)
  vi.stubGlobal('IntersectionObserver', Observer)
  const audio = () => ({ play: async () => {}, srcObject: null })
  vi.stubGlobal('document', {
    addEventListener() {},
    pictureInPictureElement: null,
    body: { append() {} },
    createElement: (name: string) => (name === 'audio' ? audio() : { append() {}, remove() {} }),
  })
})
afterEach(() => vi.unstubAllGlobals())

function crowd({ server }: World, count: number): string[] {
  const names = Array.from({ length: count }, (_, index) => `p${index}`)
  for (const id of names) {
    const tracks = (['camera', 'microphone'] as const).map((source) => ({
      id: `${id}-${source}`,
      source,
      muted: false,
    }))
    server.join({ id, tracks })
  }
  return names
}

const wants = ({ server }: World) => server.received('wants').at(-1)?.wants ?? []
const trackOf = ({ room }: World, id: string): Track => room.participants.get(id)!.publication('camera')!.track!
const bind = ({ server }: World, slot: number, id: string): void =>
  server.send({
    type: 'slots',
    slots: [{ slot, video: `${id}-camera`, audio: `${id}-microphone` }],
    audio_slots: [],
  })

test('the offer names what each section is for, in the order of the protocol', async () => {
  const { server } = await connected(fakes)
  const { sections, request } = server.received('offer')[0]!
  const slots = Array.from({ length: 8 }, (_, i) => ({ video: String(4 + 2 * i), audio: String(5 + 2 * i) }))
  expect(request).toBe(1)
  expect(sections).toEqual({
    publish: ['microphone', 'camera', 'screen', 'screen_audio'].map((source, mid) => ({ source, mid: String(mid) })),
    slots,
    audio_slots: ['20', '21', '22'],
  })
  const camera = server.peer.getTransceivers()[1]
  expect(camera?.encodings.map(({ rid, scaleResolutionDownBy }) => [rid, scaleResolutionDownBy])).toEqual([
    ['l', 4],
    ['m', 2],
    ['h', 1],
  ])
})

test('others’ joins and leaves cost no negotiation, and a storm of them few messages', async () => {
  const world = await connected(fakes)
  for (const id of crowd(world, 30)) {
    world.server.send({ type: 'participant_left', participant: id, reason: 'left' })
    await pass(1)
  }
  await pass(1000)
  expect(world.room.negotiations).toBe(1)
  expect(world.server.received('wants').length).toBeLessThan(6)
})

test('everybody is heard while there are slots, and what nobody attaches is paused', async () => {
  const world = await connected(fakes)
  crowd(world, 3)
  await pass(100)
  expect(wants(world).map(({ audio, width }) => [audio, width])).toEqual([
    ['p0-microphone', 320],
    ['p1-microphone', 320],
    ['p2-microphone', 320],
  ])
  bind(world, 0, 'p0')
  await pass(2200)
  expect(wants(world).map(({ width }) => width)).toEqual([0, 320, 320])
})

test('an attached element asks for its size, and a hidden one for nothing but sound', async () => {
  const world = await connected(fakes)
  crowd(world, 1)
  const video = element(200, 100)
  trackOf(world, 'p0').attach(video)
  await pass(100)
  expect(wants(world)[0]).toMatchObject({ video: 'p0-camera', width: 208, height: 112 })
  scroll(video, false)
  await pass(100)
  expect(wants(world)[0]).toMatchObject({ video: 'p0-camera', audio: 'p0-microphone', width: 0, height: 0 })
})

test('an element shows the slot only while the slot carries its track', async () => {
  const world = await connected(fakes)
  crowd(world, 2)
  const [one, two] = [element(200, 100), element(200, 100)]
  trackOf(world, 'p0').attach(one)
  trackOf(world, 'p1').attach(two)
  expect(one.srcObject).toBeNull()
  bind(world, 3, 'p0')
  const slot = world.server.peer.getTransceivers()[PUBLISHING + 6]
  expect((one.srcObject as unknown as FakeStream).getTracks()).toEqual([slot?.receiver.track])
  expect(trackOf(world, 'p0').mediaStreamTrack).toBe(slot?.receiver.track)
  bind(world, 3, 'p1')
  expect(one.srcObject).toBeNull()
  expect(two.srcObject).not.toBeNull()
  expect(world.log.filter((line) => /ubscribed/.test(line))).toEqual([
    'trackSubscribed p0 camera',
    'trackSubscribed p0 microphone',
    'trackUnsubscribed p0 camera',
    'trackUnsubscribed p0 microphone',
    'trackSubscribed p1 camera',
    'trackSubscribed p1 microphone',
  ])
})

test('a slot that is announced before its track is known shows it once it is', async () => {
  const world = await connected(fakes)
  bind(world, 0, 'p0')
  crowd(world, 1)
  expect(world.room.participants.get('p0')?.publication('camera')?.subscribed).toBe(true)
})

test('loud people without a slot are heard through the audio-only ones', async () => {
  const world = await connected(fakes)
  crowd(world, 1)
  world.server.send({ type: 'slots', slots: [], audio_slots: [{ slot: 2, audio: 'p0-microphone' }] })
  expect(world.log.at(-1)).toBe('trackSubscribed p0 microphone')
})

test('more tiles than slots make 8 more, once, and never above 49', async () => {
  const world = await connected(fakes)
  for (const id of crowd(world, 60)) trackOf(world, id).attach(element(160, 90))
  await pass(2000)
  expect(wants(world)).toHaveLength(49)
  expect(world.room.negotiations).toBe(7)
  const { sections } = world.server.received('offer').at(-1)!
  expect(sections.slots).toHaveLength(49)
  expect(sections.audio_slots).toEqual(['20', '21', '22'])
})

test('slots that the server refuses are not asked for again', async () => {
  const world = await connected(fakes)
  world.server.answers = false
  for (const id of crowd(world, 10)) trackOf(world, id).attach(element(160, 90))
  await pass(200)
  const { request } = world.server.received('offer').at(-1)!
  world.server.send({ type: 'error', code: 'offer_rejected', message: 'too many', request })
  await pass(1000)
  expect(world.log).toContain('error offer_rejected')
  expect(wants(world)).toHaveLength(8)
  expect(world.server.received('offer')).toHaveLength(2)
  expect(world.server.peer.getTransceivers().filter((each) => each.stopped)).toHaveLength(16)
})

test('wants are told again after a resume', async () => {
  const world = await connected(fakes)
  crowd(world, 1)
  await pass(200)
  const before = world.server.received('wants').length
  world.server.others = [...world.server.others]
  world.server.socket.drop()
  await pass(200)
  expect(world.server.received('wants').length).toBe(before + 1)
})

test('pins and preferences go along', async () => {
  const world = await connected(fakes)
  crowd(world, 1)
  world.room.participants
    .get('p0')
    ?.publication('camera')
    ?.setPreference({ width: 1280, height: 720, fps: 15, pinned: true })
  await pass(200)
  expect(wants(world)[0]).toMatchObject({ width: 1280, height: 720, fps: 15, pinned: true })
})

test('the first frame is reported once', async () => {
  const world = await connected(fakes)
  crowd(world, 1)
  world.server.peer.stats = new Map([['v', { type: 'inbound-rtp', framesDecoded: 1 }]])
  bind(world, 0, 'p0')
  await pass(1000)
  bind(world, 1, 'p0')
  await pass(1000)
  expect(world.server.received('first_frame')).toHaveLength(1)
  expect(world.room.firstFrameMs).toBe(world.server.received('first_frame')[0]?.milliseconds)
})
