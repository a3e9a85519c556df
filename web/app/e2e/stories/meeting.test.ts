// Three people in Chromium and one in Firefox meet by link; a fifth comes later.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Chromium, Firefox } from '../support/browsers.ts'
import { Participant } from '../support/participant.ts'
import { Server } from '../support/server.ts'
import { until } from '../support/wait.ts'
import { end } from '../support/world.ts'

let server: Server
let chromium: Chromium
let doomed: Chromium
let firefox: Firefox
let link: string
const people: Record<string, Participant> = {}

beforeAll(async () => {
  server = await Server.start()
  ;[chromium, doomed, firefox] = await Promise.all([Chromium.launch(), Chromium.launch(), Firefox.launch()])
  link = `${server.url}/r/${(await server.createRoom('Monday')).id}`
})

afterAll(async () => {
  await end([server], [chromium, doomed, firefox])
})

const others = (name: string): string[] => Object.keys(people).filter((other) => other !== name)

test('everybody sees moving pictures of everybody, in the right size', async () => {
  for (const name of ['Ann', 'Bob', 'Cem', 'Fox']) {
    const browser = { Cem: doomed, Fox: firefox }[name] ?? chromium
    people[name] = new Participant(name, await browser.tab())
    await people[name].join(link)
  }
  for (const person of Object.values(people)) await person.sees(others(person.name))
  for (const person of Object.values(people)) {
    for (const track of await person.received()) {
      if (track.source === 'camera') expect(track.width / track.height).toBeCloseTo(16 / 9, 1)
    }
    expect((await person.tiles()).filter((tile) => tile.source === 'camera').length).toBe(4)
  }
})

test('everybody hears everybody', async () => {
  for (const person of Object.values(people)) await person.hears(others(person.name))
})

test('mute and unmute are seen by all', async () => {
  const { Ann, Bob, Fox } = people as Record<string, Participant>
  await Ann!.tab.click('toggle-mic')
  for (const viewer of [Bob!, Fox!]) {
    const ann = await viewer.idOf('Ann')
    const muted = async (): Promise<boolean> =>
      (await viewer.tiles()).some((tile) => tile.participant === ann && tile.muted)
    await until(`${viewer.name} sees that Ann is muted`, muted)
  }
  await Ann!.tab.click('toggle-mic')
  const ann = await Bob!.idOf('Ann')
  await until('Bob sees that Ann is not muted', async () =>
    (await Bob!.tiles()).some((tile) => tile.participant === ann && !tile.muted),
  )
  await Bob!.hears(['Ann'])
})

test('a camera that is switched off becomes an avatar, and comes back', async () => {
  const { Ann, Bob } = people as Record<string, Participant>
  await Bob!.tab.click('toggle-camera')
  const gone = async (): Promise<boolean> =>
    !(await Ann!.room((room) =>
      [...room.participants.values()].some((p) => p.name === 'Bob' && p.publication('camera')?.muted === false),
    ))
  await until('Ann sees that the camera of Bob is off', gone)
  await Bob!.tab.click('toggle-camera')
  await Ann!.sees(['Bob'])
})

test('a shared screen appears for all and goes again', async () => {
  const { Ann, Bob, Cem, Fox } = people as Record<string, Participant>
  await Cem!.tab.click('toggle-screen')
  for (const viewer of [Ann!, Bob!, Fox!]) await viewer.sees(['Cem'], 'screen')
  expect((await Ann!.received()).find((track) => track.source === 'screen')?.width).toBeGreaterThan(600)
  await Cem!.tab.click('toggle-screen')
  for (const viewer of [Ann!, Bob!, Fox!]) {
    await until(`${viewer.name} sees no screen any more`, async () =>
      (await viewer.tiles()).every((tile) => tile.source !== 'screen'),
    )
  }
})

test('a chat line reaches all, once', async () => {
  const { Ann, Bob, Cem, Fox } = people as Record<string, Participant>
  for (const person of [Ann!, Bob!, Cem!, Fox!]) await person.tab.click('toggle-chat')
  await Bob!.tab.fill('chat-input', 'Hello from Bob')
  await Bob!.tab.press('chat-input', 'Enter')
  for (const person of [Ann!, Bob!, Cem!, Fox!]) {
    await until(
      `${person.name} reads it`,
      async () => (await person.chat()).filter((line) => line.includes('Hello from Bob')).length === 1,
    )
  }
  for (const person of [Ann!, Bob!, Cem!, Fox!]) await person.tab.click('toggle-chat')
})

test('who vanishes is off the roster within 15 seconds, and nobody negotiates for it', async () => {
  delete people.Cem
  const before = await counts()
  const started = performance.now()
  await doomed.kill()
  for (const person of Object.values(people)) {
    await until(`${person.name} sees Cem go`, async () => !(await person.others()).includes('Cem'), 15_000)
  }
  console.log(`vanished after ${Math.round(performance.now() - started)} ms`)
  expect(performance.now() - started).toBeLessThan(15_000)
  expect(await counts()).toEqual(before)
})

test('a late comer sees everybody, and nobody else negotiates for it', async () => {
  const before = await counts()
  people.Eve = new Participant('Eve', await chromium.tab())
  await people.Eve.join(link)
  await people.Eve.sees(others('Eve'))
  for (const person of Object.values(people)) if (person.name !== 'Eve') await person.sees(['Eve'])
  const { Eve, ...rest } = await counts()
  expect(rest).toEqual(before)
  expect(Eve).toBe(1)
  const milliseconds = await people.Eve.room((room) => room.firstFrameMs)
  console.log(`join click to first decoded frame: ${Math.round(milliseconds ?? NaN)} ms`)
  expect(milliseconds).toBeLessThan(3000)
  expect(await server.metric('confab_first_frame_seconds_count')).toBeGreaterThan(0)
})

test('the engine never tried to send media of its own', async () => {
  expect(await server.metric('confab_sfu_packets_dropped_total{reason="engine_media"}')).toBe(0)
  expect(await server.metric('confab_sfu_peer_panics_total')).toBe(0)
  expect(await server.metric('confab_sfu_packets_forwarded_total')).toBeGreaterThan(1000)
})

async function counts(): Promise<Record<string, number>> {
  const entries = Object.values(people).map(async (person) => [person.name, await person.negotiations()] as const)
  return Object.fromEntries(await Promise.all(entries))
}
