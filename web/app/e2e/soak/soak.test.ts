// One person sends, four look on, for SOAK_MINUTES (10 unless said): nothing freezes, nothing fails to decrypt, and the
// server's memory does not grow. To be run alone on a machine: `make soak`.
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Chromium, Firefox } from '../support/browsers.ts'
import { Participant } from '../support/participant.ts'
import { Server } from '../support/server.ts'
import { until } from '../support/wait.ts'
import { end } from '../support/world.ts'

const minutes = Number(process.env.SOAK_MINUTES ?? 10)
/** What the server may grow by after the first minute, in KiB: buffers that a rare burst needs. */
const MOST_GROWTH = 1024

let server: Server
let chromium: Chromium
let firefox: Firefox

beforeAll(async () => {
  server = await Server.start()
  ;[chromium, firefox] = await Promise.all([Chromium.launch(), Firefox.launch()])
})

afterAll(async () => {
  await end([server], [chromium, firefox])
})

const resident = (): number => {
  const status = readFileSync(`/proc/${server.pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1])
}

interface Seen {
  freezes: number
  frames: number
}

const camera = (viewer: Participant): Promise<Seen> =>
  viewer.tab.evaluate(async () => {
    const { inbound } = await window.__confab!.room.stats()
    const pictures = inbound.filter(({ source }) => source === 'camera')
    return {
      freezes: pictures.reduce((sum, { freezeCount }) => sum + freezeCount, 0),
      frames: pictures.reduce((sum, { framesDecoded }) => sum + framesDecoded, 0),
    }
  }, null)

test(`${minutes} minutes of one sender and four viewers`, { timeout: (minutes + 3) * 60_000 }, async () => {
  const link = `${server.url}/r/${(await server.createRoom()).id}`
  const sender = new Participant('Ann', await chromium.tab())
  await sender.join(link, 'width=640&height=360&fps=15')
  const tabs = [await chromium.tab(), await chromium.tab(), await firefox.tab(), await firefox.tab()]
  const viewers = tabs.map((tab, place) => new Participant(`Viewer ${place}`, tab))
  for (const viewer of viewers) {
    await viewer.join(link)
    await viewer.tab.click('toggle-camera')
    await viewer.tab.click('toggle-mic')
  }
  for (const viewer of viewers) await viewer.sees(['Ann'])
  // The first minute is for estimates, layers and buffers to settle.
  await new Promise((resolve) => setTimeout(resolve, 60_000))
  const before = await Promise.all(viewers.map(camera))
  const memory = [resident()]
  for (let minute = 1; minute <= minutes; minute++) {
    await new Promise((resolve) => setTimeout(resolve, 60_000))
    memory.push(resident())
    const seen = await Promise.all(viewers.map(camera))
    const freezes = seen.map(({ freezes }, place) => freezes - before[place]!.freezes)
    const frames = seen.map(({ frames }, place) => frames - before[place]!.frames)
    console.log(`minute ${minute}: ${memory.at(-1)} KiB resident, freezes ${freezes}, frames ${frames}`)
  }
  const after = await Promise.all(viewers.map(camera))
  for (const [place, seen] of after.entries()) {
    expect(seen.freezes - before[place]!.freezes).toBe(0)
    expect(seen.frames - before[place]!.frames).toBeGreaterThan(minutes * 60 * 13)
  }
  expect(await server.metric('confab_sfu_packets_dropped_total{reason="authentication"}')).toBe(0)
  expect(Math.max(...memory) - memory[0]!).toBeLessThan(MOST_GROWTH)
  await until('everybody is still there', async () => (await sender.others()).length === 4)
})
