// Media is cut off while signalling lives, as by a dead radio link, and ICE is restarted: in Chromium and in Firefox.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { Chromium, Firefox } from '../support/browsers.ts'
import { UdpHole } from '../support/network.ts'
import { Participant } from '../support/participant.ts'
import { Server } from '../support/server.ts'
import { until } from '../support/wait.ts'
import { end } from '../support/world.ts'

let server: Server
let hole: UdpHole
let chromium: Chromium
let firefox: Firefox
let ann: Participant
let fox: Participant

beforeAll(async () => {
  hole = new UdpHole()
  server = await Server.start()
  ;[chromium, firefox] = await Promise.all([Chromium.launch(), Firefox.launch()])
  ann = new Participant('Ann', await chromium.tab())
  fox = new Participant('Fox', await firefox.tab())
})

// Each story has a call of its own: a blackout may leave the one before on TCP, which the next would not touch.
beforeEach(async () => {
  const link = `${server.url}/r/${(await server.createRoom()).id}`
  for (const person of [ann, fox]) await person.join(link)
  await Promise.all([ann.sees(['Fox']), fox.sees(['Ann'])])
})

afterAll(async () => {
  await end([server, hole], [chromium, firefox])
})

const framesOf = async (person: Participant): Promise<number> =>
  (await person.received()).find(({ source }) => source === 'camera')?.framesDecoded ?? 0

const ids = (): Promise<string[]> => Promise.all([fox.idOf('Ann'), ann.idOf('Fox')])

/** Cuts media off for that long, and returns how many ms each took to see pictures after it. */
async function blackout(seconds: number, during?: () => Promise<void>): Promise<number[]> {
  hole.dig()
  const over = new Promise((done) => setTimeout(done, seconds * 1000))
  let before: number[]
  try {
    await during?.()
    await over
    before = await Promise.all([ann, fox].map(framesOf))
  } finally {
    hole.fill()
  }
  const healed = performance.now()
  const back = [ann, fox].map(async (person, index) => {
    await until(`${person.name} sees pictures again`, async () => (await framesOf(person)) > before[index]! + 2)
    return Math.round(performance.now() - healed)
  })
  return Promise.all(back)
}

test('pictures are back within 2 s of a blackout of 5 s', async () => {
  const before = await ids()
  const [inChromium, inFirefox] = await blackout(5)
  console.log(`back after 5 s: Chromium in ${inChromium} ms, Firefox in ${inFirefox} ms`)
  expect(Math.max(inChromium!, inFirefox!)).toBeLessThan(2000)
  expect(await ids()).toEqual(before)
})

test('a blackout of 15 s is said, mended by ICE restarts within 3 s of its end, and costs nobody the seat', async () => {
  const before = await ids()
  const [inChromium, inFirefox] = await blackout(15, async () => {
    // Only for a moment, where media goes on over TCP.
    await Promise.all([ann, fox].map((person) => person.isTold('Connection lost')))
  })
  console.log(`back after 15 s: Chromium in ${inChromium} ms, Firefox in ${inFirefox} ms`)
  for (const person of [ann, fox]) {
    await until(`${person.name} is connected`, () => person.room((room) => room.state === 'connected'))
    await until('the banner goes', async () => (await person.texts('banner-reconnecting')).length === 0)
    expect((await person.recorded()).left).toEqual([])
    expect(await person.negotiations()).toBeGreaterThan(1)
  }
  expect(Math.max(inChromium!, inFirefox!)).toBeLessThan(3000)
  expect(await ids()).toEqual(before)
  await Promise.all([ann.hears(['Fox']), fox.sees(['Ann'])])
})

test('an ICE restart of a healthy connection costs no picture', async () => {
  for (const [person, other] of [
    [ann, fox],
    [fox, ann],
  ] as const) {
    const negotiations = await person.negotiations()
    await person.watchGaps(other.name)
    await other.watchGaps(person.name)
    await person.tab.evaluate(() => window.__confab!.room.unstable.restartIce(), null)
    expect(await person.negotiations()).toBe(negotiations + 1)
    await until('there are new pictures', async () => (await person.largestGap()).frames > 30)
    const [received, sent] = await Promise.all([person.largestGap(), other.largestGap()])
    console.log(
      `${person.name}: largest gap ${Math.round(received.largest)} ms, at the other ${Math.round(sent.largest)} ms`,
    )
    expect(Math.max(received.largest, sent.largest)).toBeLessThan(1000)
  }
  for (const person of [ann, fox]) expect((await person.recorded()).left).toEqual([])
})
