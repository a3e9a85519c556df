// Whatever is lost comes back: the server, the WebSocket, the network.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Chromium } from '../support/browsers.ts'
import { Participant } from '../support/participant.ts'
import { Proxy } from '../support/proxy.ts'
import { Server } from '../support/server.ts'
import { until } from '../support/wait.ts'
import { end } from '../support/world.ts'

let server: Server
let proxy: Proxy
let chromium: Chromium
let ann: Participant
let bob: Participant

beforeAll(async () => {
  server = await Server.start()
  proxy = await Proxy.start(server.port)
  chromium = await Chromium.launch()
  const { id } = await server.createRoom()
  ann = new Participant('Ann', await chromium.tab())
  bob = new Participant('Bob', await chromium.tab())
  await ann.join(`${proxy.url}/r/${id}`)
  await bob.join(`${server.url}/r/${id}`)
  await ann.sees(['Bob'])
  await bob.sees(['Ann'])
})

afterAll(async () => {
  await end(
    [proxy, server],
    [chromium],
    [/WebSocket connection .* failed/, /ERR_(CONNECTION_|EMPTY_RESPONSE|SOCKET_NOT_CONNECTED)/],
  )
})

test('a lost WebSocket resumes the same participant, and nobody sees a leave', async () => {
  const before = await bob.idOf('Ann')
  await ann.losesAndRegains(() => proxy.cut())
  await bob.sees(['Ann'])
  expect(await bob.idOf('Ann')).toBe(before)
  expect((await bob.recorded()).left).toEqual([])
  expect(await ann.negotiations()).toBe(1)
})

test('after kill -9 and a restart, open pages are back in the same room within 10 seconds', async () => {
  await server.kill()
  await until('Ann notices', () => ann.room((room) => room.state === 'reconnecting'))
  const started = performance.now()
  await server.run()
  await Promise.all([ann.sees(['Bob'], 'camera', 10_000), bob.sees(['Ann'], 'camera', 10_000)])
  const took = Math.round(performance.now() - started)
  console.log(`back after ${took} ms`)
  expect(took).toBeLessThan(10_000)
})
