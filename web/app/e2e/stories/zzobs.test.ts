import { afterAll, beforeAll, test } from 'vitest'
import { Chromium, Firefox } from '../support/browsers.ts'
import { Participant } from '../support/participant.ts'
import { Server } from '../support/server.ts'

let server: Server
let chromium: Chromium
let firefox: Firefox
beforeAll(async () => {
  server = await Server.start()
  ;[chromium, firefox] = await Promise.all([Chromium.launch(), Firefox.launch()])
})
afterAll(async () => {
  await Promise.all([chromium?.close(), firefox?.close()])
  await server?.stop()
})
test.each(['vp8', 'vp9', 'av1'])('see each other in %s', async (codec) => {
  const room = `${server.url}/r/${(await server.createRoom(undefined, codec)).id}`
  const ann = new Participant('Ann', await chromium.tab({ viewport: { width: 2000, height: 1100 } }))
  const fox = new Participant('Fox', await firefox.tab())
  await ann.join(room, 'width=960&height=540&fps=15')
  await fox.join(room, 'width=960&height=540&fps=15')
  await fox.sees(['Ann'])
  await ann.sees(['Fox'])
  await new Promise((done) => setTimeout(done, 6000))
  for (const who of [ann, fox]) console.log(codec, who.name, JSON.stringify((await who.tab.evaluate(async () => (await window.__confab!.room.stats()).outbound, null))))
  await ann.tab.close()
  await fox.tab.close()
})
