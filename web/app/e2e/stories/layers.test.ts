// Temporal layers are left out of a picture and come back, and real decoders go on as if nothing had happened.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Chromium, Firefox } from '../support/browsers.ts'
import { Participant } from '../support/participant.ts'
import { Server } from '../support/server.ts'
import { until } from '../support/wait.ts'
import { end } from '../support/world.ts'

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

/** The pictures a second of somebody's camera that the viewer decodes, over one second. */
async function rate(viewer: Participant, name: string): Promise<number> {
  const frames = async (): Promise<number> =>
    (await viewer.received()).find((track) => track.source === 'camera' && track.name === name)?.framesDecoded ?? 0
  const [before, started] = [await frames(), performance.now()]
  await new Promise((resolve) => setTimeout(resolve, 1000))
  return ((await frames()) - before) / ((performance.now() - started) / 1000)
}

/** Asks for at most so many pictures a second of somebody's camera; 0 for no limit. */
async function limit(viewer: Participant, name: string, fps: number): Promise<void> {
  await viewer.tab.evaluate(
    ({ id, fps }) => window.__confab!.room.participants.get(id)!.publication('camera')!.setPreference({ fps }),
    { id: await viewer.idOf(name), fps },
  )
}

test.each(['vp8', 'vp9', 'av1'])('%s goes on in half and a quarter of the pictures, and back', async (codec) => {
  const link = `${server.url}/r/${(await server.createRoom(undefined, codec)).id}`
  const sender = new Participant('Ann', await chromium.tab())
  const viewers = [new Participant('Bob', await chromium.tab()), new Participant('Cem', await firefox.tab())]
  await sender.join(link, 'width=640&height=360&fps=30')
  for (const viewer of viewers) await viewer.join(link)
  for (const viewer of viewers) {
    await viewer.sees(['Ann'])
    await until('the full rate', async () => (await rate(viewer, 'Ann')) > 24, 20_000)
    await viewer.watchGaps('Ann')
    const seen: number[] = []
    for (const [fps, least, most] of [
      [15, 11, 19],
      [8, 5, 11],
      [15, 11, 19],
      [0, 24, 40],
    ] as const) {
      await limit(viewer, 'Ann', fps)
      const reached = await until(
        `between ${least} and ${most} pictures a second`,
        async () => {
          const now = await rate(viewer, 'Ann')
          return (now >= least && now <= most && now) || Promise.reject(new Error(`${now}`))
        },
        10_000,
      )
      seen.push(Math.round(reached))
    }
    const { largest } = await viewer.largestGap()
    console.log(
      `${codec} for ${viewer.name}: ${seen.join(', ')} pictures a second, largest gap ${Math.round(largest)} ms`,
    )
    expect(largest).toBeLessThan(500)
  }
  for (const person of [sender, ...viewers]) await person.tab.close()
})
