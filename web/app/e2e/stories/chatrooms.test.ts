// Rooms that are gone after a week: found and joined, asked for and answered, warned of, and gone.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Account, ApiClient, isSignedIn, newAccount, signIn } from '../support/account.ts'
import { seriousFindings } from '../support/axe.ts'
import { Chromium } from '../support/browsers.ts'
import { fits } from '../support/fits.ts'
import { Server } from '../support/server.ts'
import { until } from '../support/wait.ts'
import { end } from '../support/world.ts'

const annAccount = newAccount('Ann', 'Archer')
const benAccount = newAccount('Ben', 'Baker')
const eveAccount = newAccount('Eve', 'Elm')
const MINUTE = 60_000
const HOUR = 60 * MINUTE

let server: Server
/** One for each: nothing is shared but the server. */
let browsers: Chromium[]
let ann: Page
let ben: Page
let eve: Page

async function enter(account: Account, browser: Chromium): Promise<Page> {
  const { page } = await browser.tab({ bypassCSP: true })
  await page.goto(`${server.url}/sign-in?next=/rooms`)
  await signIn(page, account)
  await isSignedIn(page, account)
  return page
}

beforeAll(async () => {
  server = await Server.start('--dev')
  const accounts = [annAccount, benAccount, eveAccount]
  browsers = await Promise.all(accounts.map(() => Chromium.launch('none')))
  for (const account of accounts) await ApiClient.register(server, account)
  ann = await enter(annAccount, browsers[0]!)
  ben = await enter(benAccount, browsers[1]!)
  eve = await enter(eveAccount, browsers[2]!)
})

afterAll(async () => {
  // A server that is away, and what one may not see, is what some of this is about.
  const expected = /WebSocket connection|ERR_CONNECTION|ERR_EMPTY_RESPONSE|ERR_FAILED|status of (403|404)/
  await end([server], browsers, [expected])
})

const saying = (page: Page, text: string): Locator => page.getByTestId('message').filter({ hasText: text })
const roomRow = (page: Page, title: string): Locator => page.getByTestId('room-row').filter({ hasText: title })
const chatRow = (page: Page, title: string): Locator => page.getByTestId('chat-row').filter({ hasText: title })
const members = (page: Page): Locator => page.locator('section.chat header p')

async function write(page: Page, text: string): Promise<void> {
  await page.getByTestId('message-text').fill(text)
  await page.getByTestId('message-text').press('Enter')
}

async function make(page: Page, title: string, access: 'Public' | 'Private'): Promise<void> {
  await page.getByTestId('begin').click()
  await page.getByTestId('new-room').click()
  const dialog = page.getByRole('dialog', { name: 'New room' })
  await page.keyboard.type(title)
  await dialog.getByRole('button', { name: access }).click()
  const before = page.url()
  await dialog.getByTestId('create-group').click()
  await page.waitForURL((url) => url.href !== before && /^\/messages\/[0-9a-f-]{36}$/.test(url.pathname))
}

/** The link that somebody who looks after the open room gives to others. */
const linkOf = (page: Page): string => page.url().replace('/messages/', '/rooms/')

/** On a phone, and to who does not see. */
async function isInOrder(page: Page): Promise<void> {
  const size = page.viewportSize()!
  await page.setViewportSize({ width: 320, height: 640 })
  await fits(page)
  await page.setViewportSize(size)
  expect(await seriousFindings(page)).toEqual([])
}

/** While the server is away, the rooms with these names get another end, in milliseconds from now. */
async function whileAway(ends: Readonly<Record<string, number>>): Promise<void> {
  await server.kill()
  const lines = Object.entries(ends).map(
    ([title, left]) => `UPDATE conversations SET expires_at = ${Date.now() + left} WHERE title = '${title}';`,
  )
  execFileSync('sqlite3', [join(server.data, 'confab.db'), lines.join('\n')])
  await server.run()
}

test('a public room is found and joined, and both write and read without a reload', async () => {
  await ben.getByText('No rooms yet').waitFor()
  await isInOrder(ben)
  await make(ann, 'Chess tonight', 'Public')
  await ann.getByTestId('note').getByText('Ann Archer made this room').waitFor()
  expect(await ann.getByTestId('room-left').innerText()).toMatch(/Public room\s+7 days left/)
  await write(ann, 'Who plays?')
  await ben.getByRole('link', { name: 'Chats' }).click()
  await ben.getByRole('link', { name: 'Rooms', exact: true }).click()
  await roomRow(ben, 'Chess tonight').getByText('1 member').waitFor()
  await roomRow(ben, 'Chess tonight').getByText('7 days left').waitFor()
  await roomRow(ben, 'Chess tonight').click()
  await ben.getByTestId('room-door').getByText('Public room').waitFor()
  await isInOrder(ben)
  await ben.getByTestId('join-room').click()
  // Who comes reads all that was written.
  await saying(ben, 'Who plays?').waitFor()
  await roomRow(ben, 'Chess tonight').getByText('You are in it').waitFor()
  await until('Ann sees who came', async () => (await members(ann).innerText()) === '2 members')
  await write(ben, 'I do')
  await saying(ann, 'I do').waitFor()
  await write(ann, 'White or black?')
  await saying(ben, 'White or black?').waitFor()
  await isInOrder(ben)
})

test('into a private room one asks to be let in: one is, another is not', async () => {
  await make(ann, 'Surprise', 'Private')
  await write(ann, 'Cake?')
  for (const page of [ben, eve]) {
    await page.goto(linkOf(ann))
    await page.getByTestId('room-door').getByText('Private room').waitFor()
    expect(await roomRow(page, 'Surprise').count()).toBe(0)
    await page.getByTestId('join-room').click()
    await page.getByTestId('asked-banner').getByText('You asked to be let into “Surprise”').waitFor()
    expect(await saying(page, 'Cake?').count()).toBe(0)
  }
  await isInOrder(eve)
  await ann.getByTestId('room-asking').getByText('2 people ask to be let in').waitFor()
  await ann.getByTestId('answer-asking').click()
  const asker = (name: string): Locator => ann.getByTestId('asker').filter({ hasText: name })
  await asker('Eve Elm').waitFor()
  await isInOrder(ann)
  await asker('Ben Baker').getByTestId('admit').click()
  await saying(ben, 'Cake?').waitFor()
  await asker('Eve Elm').getByTestId('refuse').click()
  await eve.getByTestId('chat-gone').getByText('You were not let in').waitFor()
  await ann.keyboard.press('Escape')
  await until('nobody asks', async () => (await ann.getByTestId('room-asking').count()) === 0)
  await write(ben, 'With cherries')
  await saying(ann, 'With cherries').waitFor()
  // A no holds.
  await eve.goto(linkOf(ann))
  await eve.getByTestId('join-room').click()
  await eve.getByText('You were removed or not let in.').waitFor()
})

test('who leaves is out, and comes again to what is public', async () => {
  await ben.getByRole('link', { name: 'Chats' }).click()
  await chatRow(ben, 'Chess tonight').click()
  await ben.getByTestId('chat-menu').click()
  await ben.getByTestId('details').click()
  await ben.getByTestId('leave-group').click()
  await ben.getByTestId('leave-sure').click()
  await until('it is not in the list', async () => (await chatRow(ben, 'Chess tonight').count()) === 0)
  await ben.getByRole('link', { name: 'Rooms', exact: true }).click()
  await roomRow(ben, 'Chess tonight').click()
  await ben.getByTestId('join-room').click()
  await saying(ben, 'White or black?').waitFor()
})

test('a room warns in its last day and is gone at its end, also where the server was away', async () => {
  await ann.getByRole('link', { name: 'Chats' }).click()
  await chatRow(ann, 'Chess tonight').click()
  await ben.getByRole('link', { name: 'Chats' }).click()
  await chatRow(ben, 'Surprise').click()
  await saying(ben, 'Cake?').waitFor()
  await whileAway({ 'Chess tonight': 23.5 * HOUR, Surprise: 30 * MINUTE })
  await ann.getByTestId('room-warning').getByText('23 hours left').waitFor()
  await ann.getByTestId('note').getByText('This room will be deleted within a day').waitFor()
  await ben.getByTestId('room-warning').getByText('Less than an hour left').waitFor()
  await chatRow(ben, 'Chess tonight').getByText('23 hours left').waitFor()
  await isInOrder(ann)
  await ben.clock.setFixedTime(Date.now() + 31 * MINUTE)
  await whileAway({ Surprise: -MINUTE })
  await ben.getByTestId('chat-gone').getByText('This room has ended').waitFor()
  for (const page of [ann, ben]) {
    await until('it is not in the list', async () => (await chatRow(page, 'Surprise').count()) === 0)
    expect(await chatRow(page, 'Chess tonight').count()).toBe(1)
  }
  await saying(ann, 'I do').waitFor()
})
