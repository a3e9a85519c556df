// What a host can do and a guest cannot: mute, remove, lock, end for all.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Chromium, type ChromiumTab } from '../support/browsers.ts'
import { Participant } from '../support/participant.ts'
import { Server } from '../support/server.ts'
import { until } from '../support/wait.ts'
import { end } from '../support/world.ts'

let server: Server
let chromium: Chromium
let link: string
let ann: Participant
let bob: Participant
let eve: Participant
/** What the server answers to the guest. */
const frames: string[] = []

beforeAll(async () => {
  server = await Server.start()
  chromium = await Chromium.launch()
  ann = new Participant('Ann', await chromium.tab())
  link = await ann.host(server.url, 'Board')
  const guest = await chromium.tab()
  guest.page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => frames.push(String(payload))))
  await guest.page.addInitScript(keepSockets)
  bob = new Participant('Bob', guest)
  eve = new Participant('Eve', await chromium.tab())
  for (const person of [bob, eve]) await person.join(link)
  await bob.sees(['Ann', 'Eve'])
})

afterAll(async () => {
  // Browsers report what the locked room answers.
  await end([server], [chromium], [/status of 403 .*\/join$/])
})

/** Runs in the page, before it: lets the test speak through the app's own WebSocket. */
function keepSockets(): void {
  const sockets: WebSocket[] = []
  Object.assign(window, { sockets })
  window.WebSocket = class extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols)
      sockets.push(this)
    }
  }
}

const page = (person: Participant): ChromiumTab['page'] => (person.tab as ChromiumTab).page

const micMuted = (viewer: Participant, name: string): Promise<boolean | undefined> =>
  viewer.tab.evaluate(
    (name) =>
      [...window.__confab!.room.participants.values()].find((each) => each.name === name)?.publication('microphone')
        ?.muted,
    name,
  )

/** Opens the host's menu for somebody and clicks on an entry of it. */
async function actOn(name: string, entry: string): Promise<void> {
  await page(ann)
    .getByRole('button', { name: `Actions for ${name}` })
    .click()
  await page(ann).getByRole('button', { name: entry, exact: true }).filter({ visible: true }).click()
}

test('a guest has no host’s buttons, and forged messages change nothing', async () => {
  await bob.tab.click('toggle-people')
  await bob.reads('3 in the meeting')
  expect(
    await page(bob)
      .getByRole('button', { name: /Actions for|End for all/ })
      .count(),
  ).toBe(0)
  expect(await page(bob).getByTestId('lock-room').count()).toBe(0)
  const target = await bob.idOf('Eve')
  frames.length = 0
  await bob.tab.evaluate((participant) => {
    const { sockets } = window as unknown as { sockets: WebSocket[] }
    for (const message of [
      { type: 'mute_participant', participant, source: 'microphone' },
      { type: 'remove_participant', participant },
      { type: 'lock_room', locked: true },
      { type: 'end_room' },
    ]) {
      sockets.at(-1)!.send(JSON.stringify(message))
    }
  }, target)
  const refusals = (): string[] => frames.filter((frame) => frame.includes('"not_allowed"'))
  await until('all four are refused', () => refusals().length === 4)
  expect(await eve.room((room) => [room.state, room.locked, room.local.microphoneOn])).toEqual([
    'connected',
    false,
    true,
  ])
  expect(await ann.others()).toEqual(['Bob', 'Eve'])
  await bob.tab.click('toggle-people')
})

test('the host mutes a guest, who is told and can unmute', async () => {
  await ann.tab.click('toggle-people')
  await actOn('Eve', 'Mute')
  await eve.isTold('The host muted you')
  expect(await eve.room((room) => room.local.microphoneOn)).toBe(false)
  await until('Bob sees it', () => micMuted(bob, 'Eve'))
  await eve.tab.click('toggle-mic')
  await until('Bob sees it end', async () => (await micMuted(bob, 'Eve')) === false)
  await bob.hears(['Eve'])
})

test('a locked room says so, and lets people in once it is unlocked', async () => {
  await ann.tab.click('lock-room')
  await bob.isTold('The meeting is locked')
  const dan = new Participant('Dan', await chromium.tab())
  await dan.tab.goto(`${link}?e2e&width=160&height=90&fps=5`)
  await dan.reads('The host lets nobody new in at the moment.')
  expect(await page(dan).getByTestId('lobby-join').isDisabled()).toBe(true)
  // Not only the button: the server refuses too.
  const join = await fetch(`${server.url}/api/v1/rooms/${link.split('/').at(-1)}/join`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Dan' }),
  })
  expect([join.status, ((await join.json()) as { error: { code: string } }).error.code]).toEqual([403, 'room_locked'])
  await ann.tab.click('lock-room')
  await page(dan).getByRole('button', { name: 'Try again' }).click()
  await until('the button works', () => page(dan).getByTestId('lobby-join').isEnabled())
  await dan.tab.fill('lobby-name', 'Dan')
  await dan.tab.press('lobby-name', 'Enter')
  await until('Dan is in', async () => (await ann.others()).includes('Dan'))
  await dan.tab.close()
  await until('Dan is gone', async () => !(await ann.others()).includes('Dan'))
})

test('the host removes a guest, who cannot act any more', async () => {
  await actOn('Eve', 'Remove from the meeting')
  await ann.reads('Remove Eve from the meeting?')
  await ann.tab.click('remove-confirm')
  await eve.reads('You were removed')
  expect(await page(eve).getByTestId('rejoin').count()).toBe(0)
  expect(await page(eve).locator('video').count()).toBe(0)
  await bob.isTold('Eve was removed')
  for (const person of [ann, bob]) expect(await person.others()).not.toContain('Eve')
})

test('ending for all takes one question, sends everybody out and ends the link', async () => {
  await page(ann).getByRole('button', { name: 'End for all' }).click()
  expect(await bob.room((room) => room.state)).toBe('connected')
  await ann.tab.click('end-for-all')
  for (const person of [ann, bob]) await person.reads('The meeting is over')
  const again = new Participant('Again', await chromium.tab())
  await again.tab.goto(link)
  await again.reads('This meeting does not exist')
  chromium.errors.splice(0, Infinity, ...chromium.errors.filter((error) => !/status of 404/.test(error)))
  // The start page does not offer what is gone.
  await page(ann).getByRole('link', { name: 'Start page', exact: true }).click()
  await ann.reads('Meetings you open in this browser will be listed here.')
})
