// More people than the slots that a client negotiates at first: it makes more with one offer, and nobody freezes for it.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Chromium } from '../support/browsers.ts'
import { Crowd } from '../support/crowd.ts'
import { Participant } from '../support/participant.ts'
import { Server } from '../support/server.ts'
import { until } from '../support/wait.ts'
import { end } from '../support/world.ts'

/** A client starts with eight slots. */
const FIRST = 8
const names = Array.from({ length: FIRST }, (_, index) => `Guest ${index + 1}`)
const last = `Guest ${FIRST + 1}`

let server: Server
let chromium: Chromium
let ann: Participant
let crowd: Crowd

beforeAll(async () => {
  server = await Server.start()
  chromium = await Chromium.launch()
  const link = `${server.url}/r/${(await server.createRoom()).id}`
  ann = new Participant('Ann', await chromium.tab())
  await ann.join(link)
  crowd = await Crowd.join(
    await chromium.tab({ painted: true, viewport: { width: 320, height: 240 } }),
    link,
    names[0]!,
  )
  for (const name of names.slice(1)) await crowd.add(name)
  await crowd.add(last, { camera: false })
})

afterAll(async () => {
  await end([server], [chromium])
})

/** The longest gap in the pictures of the first eight, until each has had some. */
async function gap(): Promise<number> {
  await until('the pictures go on', async () => (await ann.largestGap()).frames > 20)
  return Math.round((await ann.largestGap()).largest)
}

test('the ninth other is seen after one more offer, without a freeze of the eight before', async () => {
  await ann.sees(names)
  await ann.idOf(last)
  expect(await ann.negotiations()).toBe(1)

  // How smooth it is when nothing happens depends on the machine.
  await ann.watchGaps(...names)
  const quiet = await gap()
  await ann.watchGaps(...names)
  await crowd.setCamera(last, true)
  await ann.sees([...names, last])
  const growing = await gap()
  console.log(`largest gap: ${quiet} ms before, ${growing} ms while slots are added`)
  expect(growing).toBeLessThan(Math.max(500, 2 * quiet))
  expect(await ann.negotiations()).toBe(2)
  expect((await ann.tiles()).filter((tile) => tile.video)).toHaveLength(FIRST + 2)
})
