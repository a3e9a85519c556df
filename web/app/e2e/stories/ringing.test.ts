// People call each other from a conversation or a profile: it rings in all tabs, and who accepts is in the call at once.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Account, ApiClient, isSignedIn, newAccount, signIn } from '../support/account.ts'
import { seriousFindings } from '../support/axe.ts'
import { Chromium, type ChromiumTab } from '../support/browsers.ts'
import { fits } from '../support/fits.ts'
import { Participant } from '../support/participant.ts'
import { Server } from '../support/server.ts'
import { until } from '../support/wait.ts'
import { end } from '../support/world.ts'

/** How long one rings whom nobody answers, and as long again for a busy machine. */
const RINGS_OUT_MS = 60_000
const camera = 'e2e&width=320&height=180&fps=15'
const annAccount = newAccount('Ann', 'Archer')
const benAccount = newAccount('Ben', 'Baker')
const cleoAccount = newAccount('Cleo', 'Cook')

let server: Server
let chromium: Chromium
let annApi: ApiClient
let benApi: ApiClient
let cleoApi: ApiClient
let ann: Person
let ben: Person
let cleo: Person
/** Of Ann and Ben, and of all three. */
let chat: string
let group: string

/** Somebody who is signed in, in one tab or two. */
class Person extends Participant {
  readonly page: Page

  constructor(account: Account, tab: ChromiumTab) {
    super(`${account.first_name} ${account.last_name}`, tab)
    this.page = tab.page
  }

  static async enter(account: Account): Promise<Person> {
    // axe's script is not the page's own.
    const tab = await chromium.tab({ bypassCSP: true })
    await tab.page.context().addInitScript(countNotes)
    await tab.goto(`${server.url}/sign-in?next=/people`)
    await signIn(tab.page, account)
    await isSignedIn(tab.page, account)
    return new Person(account, tab)
  }

  open = (path: string): Promise<void> => openIn(this.page, path)
}

/** Opens a page as tests do, and waits until it can ring there. */
async function openIn(page: Page, path: string): Promise<void> {
  await page.goto(`${server.url}${path}?${camera}`)
  await page.getByTestId('bell').or(page.getByTestId('lobby-join')).first().waitFor()
}

/** Runs in the page, before it: what is heard of its tones. */
function countNotes(): void {
  const start = OscillatorNode.prototype.start
  Object.assign(window, { notes: 0 })
  OscillatorNode.prototype.start = function (when?: number) {
    ;(window as unknown as { notes: number }).notes++
    start.call(this, when)
  }
}
const notes = (page: Page): Promise<number> => page.evaluate(() => (window as unknown as { notes: number }).notes)

const incoming = (page: Page) => page.getByTestId('incoming-call')
const outcome = (page: Page, of: string) => page.locator(`[data-testid=call-outcome][data-outcome=${of}]`)
const isGone = (page: Page) => incoming(page).waitFor({ state: 'detached' })
/** The room that a page is in. */
const roomOf = (page: Page): string => new URL(page.url()).pathname.slice('/r/'.length)
/** Waits until nobody is in a call any more: who is in one is busy. */
const isEmpty = (room: string): Promise<unknown> =>
  until('nobody is in the call', async () => {
    const { participant_count } = await annApi.call<{ participant_count: number }>('GET', `/api/v1/rooms/${room}`)
    return participant_count === 0
  })
const missed = (page: Page) => page.locator('[popover] [data-kind=missed_call]')

beforeAll(async () => {
  server = await Server.start('--dev')
  chromium = await Chromium.launch()
  annApi = await ApiClient.register(server, annAccount)
  benApi = await ApiClient.register(server, benAccount)
  cleoApi = await ApiClient.register(server, cleoAccount)
  const all = [annApi, benApi, cleoApi]
  for (const api of all) {
    const others = all.filter((other) => other !== api)
    for (const { account } of others) await api.call('PUT', `/api/v1/people/${account.username}/follow`)
  }
  chat = await begun('PUT', `/api/v1/people/${benAccount.username}/conversation`)
  const people = [benAccount.username, cleoAccount.username]
  group = await begun('POST', '/api/v1/conversations', { title: 'The crew', people })
  for (const api of [benApi, cleoApi]) await api.call('PUT', `/api/v1/conversations/${group}/membership`)
  for (const api of all) await api.call('PUT', '/api/v1/notifications/read')
  ;[ann, ben, cleo] = [await Person.enter(annAccount), await Person.enter(benAccount), await Person.enter(cleoAccount)]
})

/** The id of a conversation that Ann begins. */
const begun = async (method: string, path: string, body?: object): Promise<string> =>
  (await annApi.call<{ id: string }>(method, path, body)).id

// What is refused, and left, is what some of this is about.
afterAll(() => end([server], [chromium], [/status of (403|404|409)/]))

test('a call rings in all tabs of who is called; whoever accepts in one is in the call, and the others are still', async () => {
  await ann.open(`/messages/${chat}`)
  await ben.open('/feed')
  const second = await ben.page.context().newPage()
  await openIn(second, '/people')
  await ann.page.getByTestId('video-call').click()
  await outcome(ann.page, 'ringing').waitFor()
  for (const page of [ben.page, second]) {
    await incoming(page).getByText('Ann Archer is calling').waitFor()
    expect(await incoming(page).innerText()).toContain('Video call')
    await until('the title says it', async () => (await page.title()).includes('Ann Archer is calling'))
  }
  // One tab is loud enough; what the caller hears is another tone.
  await until('it is heard', async () => (await notes(ben.page)) + (await notes(second)) > 0)
  expect(Math.min(await notes(ben.page), await notes(second))).toBe(0)
  await until('Ann hears that it rings', async () => (await notes(ann.page)) > 0)
  await ben.page.getByTestId('accept-call').click()
  await isGone(second)
  await until('the title is the page’s own', async () => !(await second.title()).includes('calling'))
  await Promise.all([ann.arrive(), ben.arrive()])
  await Promise.all([ann.sees(['Ben Baker']), ben.sees(['Ann Archer']), ann.hears(['Ben Baker'])])
  expect(await ann.page.getByTestId('lobby-join').count()).toBe(0)
  expect([await ann.page.title(), await ben.page.title()]).toEqual(['Ben Baker · Confab', 'Ann Archer · Confab'])
  await second.close()
})

test('who is in a call is busy', async () => {
  await cleo.open(`/@${benAccount.username}`)
  await cleo.page.getByTestId('profile-menu').click()
  await cleo.page.getByTestId('call-audio').click()
  await outcome(cleo.page, 'busy').waitFor()
  expect(await outcome(cleo.page, 'busy').innerText()).toBe('Busy right now.')
  expect(await incoming(ben.page).count()).toBe(0)
  await cleo.page.getByTestId('close-outcome').click()
  await cleo.page.getByTestId('calling').waitFor({ state: 'detached' })
})

test('it disturbs nobody who writes: no key answers it, and the key Tab leads to it', async () => {
  const room = roomOf(ann.page)
  await ann.open(`/messages/${chat}`)
  await ben.open(`/messages/${chat}`)
  await isEmpty(room)
  const field = ben.page.getByTestId('message-text')
  await field.click()
  await ben.page.keyboard.type('I am ')
  await ann.page.getByTestId('video-call').click()
  await incoming(ben.page).waitFor()
  await ben.page.keyboard.type('here')
  await ben.page.keyboard.press('Enter')
  await ben.page.keyboard.press('Escape')
  await ben.page.getByTestId('message').filter({ hasText: 'I am here' }).waitFor()
  await outcome(ann.page, 'ringing').waitFor()
  for (const { page } of [ann, ben]) expect(await seriousFindings(page)).toEqual([])
  await ben.page.setViewportSize({ width: 320, height: 640 })
  await fits(ben.page)
  await ben.page.setViewportSize({ width: 1280, height: 800 })
  await ben.page.keyboard.press('Tab')
  const focused = ben.page.locator(':focus')
  await until('the focus is on the call', async () => (await incoming(ben.page).locator(':focus').count()) === 1)
  expect(await focused.getAttribute('data-testid')).toBe('accept-call')
  await ben.page.keyboard.press('Tab')
  await ben.page.keyboard.press('Enter')
  await isGone(ben.page)
  expect(await field.evaluate((one) => one === document.activeElement)).toBe(true)
  await outcome(ann.page, 'declined').waitFor()
  expect(await outcome(ann.page, 'declined').innerText()).toBe('Your call was declined.')
})

test('the caller calls again, and gives up', async () => {
  await ann.page.getByTestId('call-again').click()
  await incoming(ben.page).waitFor()
  await ann.page.getByTestId('give-up').click()
  await isGone(ben.page)
  await ann.page.getByTestId('calling').waitFor({ state: 'detached' })
  await ann.page.getByTestId('video-call').click()
  await incoming(ben.page).waitFor()
  // Closing the tab, or leaving the app, is giving up too.
  await ann.page.goto('about:blank')
  await isGone(ben.page)
})

test('nobody answers: the caller is told, and who missed it finds a notification that leads to the conversation', async () => {
  await ann.open(`/messages/${chat}`)
  await ben.open('/feed')
  await ann.page.getByTestId('audio-call').click()
  await incoming(ben.page).getByText('Audio call').waitFor()
  expect(await ben.page.getByTestId('accept-audio').count()).toBe(0)
  await outcome(ann.page, 'missed').waitFor({ timeout: RINGS_OUT_MS })
  expect(await outcome(ann.page, 'missed').innerText()).toBe('No answer.')
  await isGone(ben.page)
  await ben.page.getByTestId('bell').click()
  await missed(ben.page).first().getByText('Ann Archer tried to call you').waitFor()
  await missed(ben.page).first().getByRole('link').click()
  await ben.page.waitForURL((url) => url.pathname === `/messages/${chat}`)
  await ann.page.getByTestId('write-instead').click()
  await ann.page.getByTestId('calling').waitFor({ state: 'detached' })
})

test('a group rings, and all who accept are in one call: whoever accepts without a camera, too', async () => {
  await ann.open(`/messages/${group}`)
  await ben.open('/feed')
  await cleo.open('/people')
  await ann.page.getByTestId('video-call').click()
  for (const { page } of [ben, cleo]) await incoming(page).getByText('“The crew”').waitFor()
  await ben.page.getByTestId('accept-call').click()
  await Promise.all([ann.arrive(), ben.arrive()])
  // It rings on for who has not answered.
  await cleo.page.getByTestId('accept-audio').click()
  await cleo.arrive()
  await Promise.all([
    ann.sees(['Ben Baker']),
    ben.sees(['Ann Archer']),
    cleo.sees(['Ann Archer', 'Ben Baker']),
    ann.hears(['Cleo Cook']),
  ])
  expect(await cleo.room((room) => [room.local.cameraOn, room.local.microphoneOn])).toEqual([false, true])
})

test('who takes a call while in a meeting leaves the meeting for it', async () => {
  const { id } = await server.createRoom('Weekly')
  const room = roomOf(ann.page)
  await ann.open(`/messages/${chat}`)
  await cleo.open('/people')
  await ben.open(`/r/${id}`)
  await isEmpty(room)
  await ann.page.getByTestId('video-call').click()
  // It came in the lobby.
  await incoming(ben.page).waitFor()
  await ben.enterSignedIn()
  await incoming(ben.page).getByText('you leave the meeting').waitFor()
  await ben.page.getByTestId('accept-call').click()
  await ann.arrive()
  await ben.page.waitForURL((url) => url.pathname.startsWith('/r/') && !url.pathname.endsWith(id))
  await ben.arrive()
  await Promise.all([ann.sees(['Ben Baker']), ben.sees(['Ann Archer'])])
})

test('who is blocked cannot call', async () => {
  await benApi.call('PUT', `/api/v1/people/${annAccount.username}/block`)
  await ann.open(`/messages/${chat}`)
  await ann.page.getByText('This conversation is not here').waitFor()
  expect(await ann.page.getByTestId('video-call').count()).toBe(0)
  const call = annApi.call('POST', `/api/v1/conversations/${chat}/rings`, { media: 'video' })
  await expect(call).rejects.toThrow(/: 404 /)
})
