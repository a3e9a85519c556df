// A network that lets no UDP through: media goes over TCP, in Chromium and in Firefox.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Chromium, Firefox } from '../support/browsers.ts'
import { UdpHole } from '../support/network.ts'
import { Participant } from '../support/participant.ts'
import { Server } from '../support/server.ts'
import { end } from '../support/world.ts'

let server: Server
let hole: UdpHole
let chromium: Chromium
let firefox: Firefox

beforeAll(async () => {
  hole = new UdpHole()
  server = await Server.start()
  ;[chromium, firefox] = await Promise.all([Chromium.launch(), Firefox.launch()])
})

afterAll(async () => {
  await end([server, hole], [chromium, firefox])
})

test('two people see and hear each other within 8 s where no UDP gets through', async () => {
  hole.dig()
  const link = `${server.url}/r/${(await server.createRoom()).id}`
  const ann = new Participant('Ann', await chromium.tab())
  const fox = new Participant('Fox', await firefox.tab())
  await ann.join(link)
  const clicked = performance.now()
  await fox.join(link)
  await Promise.all([ann.sees(['Fox']), fox.sees(['Ann'])])
  const took = Math.round(performance.now() - clicked)
  await Promise.all([ann.hears(['Fox']), fox.hears(['Ann'])])
  console.log(`seen over TCP after ${took} ms`)
  expect(took).toBeLessThan(8000)
})

test('a call that loses UDP goes on over TCP', async () => {
  hole.fill()
  const link = `${server.url}/r/${(await server.createRoom()).id}`
  const ben = new Participant('Ben', await chromium.tab())
  const eve = new Participant('Eve', await firefox.tab())
  for (const person of [ben, eve]) await person.join(link)
  await Promise.all([ben.sees(['Eve']), eve.sees(['Ben'])])
  hole.dig()
  // By then no datagram is on its way any more, and nothing more is decoded until there is another path.
  await new Promise((done) => setTimeout(done, 2000))
  const cut = performance.now()
  await Promise.all([ben.sees(['Eve'], 'camera', 40_000), eve.sees(['Ben'], 'camera', 40_000)])
  console.log(`moved to TCP ${Math.round(performance.now() - cut) + 2000} ms after UDP was gone`)
})
