// Rooms with other codecs than the usual one: who can decode them sees them in every size, who cannot is left in peace.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Chromium, Firefox } from '../support/browsers.ts'
import { Participant } from '../support/participant.ts'
import { Server } from '../support/server.ts'
import { until } from '../support/wait.ts'

const large = { width: 2000, height: 1100 }
const keyframes = 'confab_sfu_keyframes_requested_total'

let server: Server
let chromium: Chromium
let firefox: Firefox

beforeAll(async () => {
  server = await Server.start()
  ;[chromium, firefox] = await Promise.all([Chromium.launch(), Firefox.launch()])
  // A browser's first camera takes seconds on a busy machine, and who joins before it is there joins without it.
  const tab = await chromium.tab()
  await tab.goto(server.url)
  await tab.evaluate(async () => {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true })
    for (const track of stream.getTracks()) track.stop()
  }, null)
  await tab.close()
})

afterAll(async () => {
  await Promise.all([chromium?.close(), firefox?.close()])
  await server?.stop()
})

const link = async (codec: string): Promise<string> =>
  `${server.url}/r/${(await server.createRoom(undefined, codec)).id}`

/** The codec in which somebody else's camera arrives. */
const codecOf = async (viewer: Participant, name: string): Promise<string | undefined> =>
  (await viewer.received()).find((track) => track.source === 'camera' && track.name === name)?.codec

/** The codec in which somebody else's voice arrives. */
const soundOf = async (viewer: Participant, name: string): Promise<string | undefined> =>
  (await viewer.received()).find((track) => track.source === 'microphone' && track.name === name)?.codec

/** The codec in which somebody's voice is sent. */
const soundSent = (sender: Participant): Promise<string | undefined> =>
  sender.tab.evaluate(async () => {
    const { outbound } = await window.__confab!.room.stats()
    return outbound.find(({ source }) => source === 'microphone')?.codec
  }, null)

/** What somebody's camera sends now: the codec, and the widths of the encodings that flow. */
async function sent(sender: Participant): Promise<{ codec: string; width: number; rid: string | null }[]> {
  const outbound = await sender.tab.evaluate(async () => (await window.__confab!.room.stats()).outbound, null)
  const camera = outbound.filter((encoding) => encoding.source === 'camera' && encoding.fps > 0)
  return camera.map(({ codec, width, rid }) => ({ codec, width, rid }))
}

async function leave(...people: Participant[]): Promise<void> {
  for (const person of people) await person.tab.close()
}

describe.each([
  ['vp9', 'VP9'],
  ['h264', 'H264'],
  ['av1', 'AV1'],
])('two in Chromium in a room with %s', (codec, name) => {
  let ann: Participant
  let bob: Participant

  beforeAll(async () => {
    const room = await link(codec)
    ann = new Participant('Ann', await chromium.tab())
    bob = new Participant('Bob', await chromium.tab({ viewport: large }))
    await ann.join(room, 'width=960&height=540&fps=15')
    await bob.join(room)
  })

  afterAll(() => leave(ann, bob))

  const width = async (): Promise<number | undefined> =>
    (await bob.received()).find((track) => track.source === 'camera')?.width

  async function resize(to: { width: number; height: number }, expected: number): Promise<number> {
    const started = performance.now()
    await bob.tab.setViewport(to.width, to.height)
    await until(`a picture ${expected} wide`, async () => (await width()) === expected, 10_000)
    return Math.round(performance.now() - started)
  }

  test('they see each other move', async () => {
    await ann.sees(['Bob'])
    await bob.sees(['Ann'])
    expect([await codecOf(ann, 'Bob'), await codecOf(bob, 'Ann')]).toEqual([name, name])
    await bob.hears(['Ann'])
    console.log(`sound: Ann sends ${await soundSent(ann)}, Bob gets ${await soundOf(bob, 'Ann')}`)
  })

  test('a resize switches between sizes without a gap over 500 ms', async () => {
    // Of VP9 one stream has three layers.
    const rids = async (): Promise<(string | null)[]> => (await sent(ann)).map(({ rid }) => rid)
    if (codec === 'vp9') expect(await rids()).toEqual([null])
    await until('the large picture', async () => (await width()) === 960, 20_000)
    await bob.watchGaps('Ann')
    const toSmall = await resize({ width: 360, height: 400 }, 240)
    const toLarge = await resize(large, 960)
    await until('pictures of both sizes', async () => (await bob.largestGap()).frames > 15)
    const { largest } = await bob.largestGap()
    console.log(`${codec}: to small ${toSmall} ms, to large ${toLarge} ms, largest gap ${Math.round(largest)} ms`)
    expect(largest).toBeLessThan(500)
  })
})

test.each([
  ['vp9', 'VP9'],
  ['av1', 'AV1'],
])('Firefox sees Chromium in a room with %s, and is seen', async (codec, name) => {
  const room = await link(codec)
  const ann = new Participant('Ann', await chromium.tab())
  const fox = new Participant('Fox', await firefox.tab())
  await ann.join(room)
  await fox.join(room)
  await fox.sees(['Ann'])
  await ann.sees(['Fox'])
  expect(await codecOf(fox, 'Ann')).toBe(name)
  // Chromium sends sound with redundancy; Firefox takes and sends it without.
  await fox.hears(['Ann'])
  await ann.hears(['Fox'])
  expect(await soundOf(ann, 'Fox')).toBe('opus')
  console.log(`sound: Ann sends ${await soundSent(ann)}, Fox gets ${await soundOf(fox, 'Ann')}`)
  console.log(`Firefox in a room with ${codec} sends ${JSON.stringify(await sent(fox))}`)
  await leave(ann, fox)
})

test('Firefox without H.264 is seen in VP8, and is sent nothing that it would ask keyframes of for ever', async () => {
  const room = await link('h264')
  const ann = new Participant('Ann', await chromium.tab())
  const bob = new Participant('Bob', await chromium.tab())
  const fox = new Participant('Fox', await firefox.tab())
  for (const person of [ann, bob, fox]) await person.join(room)
  await ann.sees(['Bob', 'Fox'])
  await bob.sees(['Ann', 'Fox'])
  expect([await codecOf(ann, 'Fox'), await codecOf(ann, 'Bob')]).toEqual(['VP8', 'H264'])
  await fox.hears(['Ann', 'Bob'])

  const before = { requests: await server.metric(keyframes), frames: await frames(ann, 'Bob') }
  await until('five more seconds of moving pictures', async () => (await frames(ann, 'Bob')) > before.frames + 75)
  const requests = (await server.metric(keyframes)) - before.requests
  console.log(`keyframes asked of three publishers meanwhile: ${requests}`)
  expect(requests).toBeLessThan(3)
  const pictures = (await fox.received()).filter((track) => track.source === 'camera' && track.framesDecoded > 0)
  expect(pictures).toEqual([])
  const subscribed = await fox.room((room) =>
    [...room.participants.values()].map((person) => person.publication('camera')?.subscribed),
  )
  expect(subscribed).toEqual([false, false])
  await leave(ann, bob, fox)
})

async function frames(viewer: Participant, name: string): Promise<number> {
  const track = (await viewer.received()).find((track) => track.source === 'camera' && track.name === name)
  return track?.framesDecoded ?? 0
}
