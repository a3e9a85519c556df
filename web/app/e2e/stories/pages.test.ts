// The front door, by clicks and keys only: making a meeting, inviting, joining, and every page where that goes wrong.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { seriousFindings } from '../support/axe.ts'
import { Chromium, type ChromiumTab } from '../support/browsers.ts'
import { fits } from '../support/fits.ts'
import { Participant } from '../support/participant.ts'
import { Server } from '../support/server.ts'
import { until } from '../support/wait.ts'
import { end } from '../support/world.ts'

const small = 'e2e&width=320&height=180&fps=15'

let server: Server
let chromium: Chromium
let ann: Participant
let bob: Participant
let tab: ChromiumTab
let link: string

beforeAll(async () => {
  server = await Server.start()
  chromium = await Chromium.launch()
  tab = await chromium.tab({ permissions: ['camera', 'microphone', 'clipboard-read', 'clipboard-write'] })
  ann = new Participant('Ann', tab)
})

afterAll(async () => {
  // A browser reports the answer for a room that is not there, which is what its page is about.
  await end([server], [chromium], [/status of 404 .*\/api\/v1\/rooms\/[0-9a-z-]+$/])
})

test('a meeting is made and entered with a few clicks, and its link can be copied', async () => {
  await tab.goto(`${server.url}/?${small}`)
  await tab.fill('room-name', 'Thursday')
  await tab.click('create-room')
  await tab.page.waitForURL(/\/r\/([0-9a-z]{4}-){3}[0-9a-z]{4}/)
  link = new URL(tab.page.url()).origin + new URL(tab.page.url()).pathname
  await ann.reads('You host this meeting')
  await ann.reads('Nobody is here yet.')
  await tab.click('copy-link')
  await ann.reads('Link copied')
  expect(await tab.page.evaluate(() => navigator.clipboard.readText())).toBe(link)
  await tab.click('lobby-join')
  await ann.reads('Please enter a name.')
  await tab.fill('lobby-name', 'Ann')
  await tab.click('lobby-join')
  await until('Ann is in', () => ann.room((room) => room.state === 'connected'))
  await ann.reads('You are the only one here')
})

test('somebody else joins by typing the id, sees who is inside, and enters with Enter', async () => {
  bob = new Participant('Bob', await chromium.tab())
  await bob.tab.goto(`${server.url}/?${small}`)
  await bob.tab.fill('join-input', 'not an id')
  await bob.tab.press('join-input', 'Enter')
  await bob.reads('That is neither a meeting id nor a link.')
  await bob.tab.fill('join-input', new URL(link).pathname.split('/')[2]!.toUpperCase())
  await bob.tab.press('join-input', 'Enter')
  await bob.reads('Thursday')
  await bob.reads('In the meeting: Ann')
  await bob.tab.fill('lobby-name', 'Bob')
  await bob.tab.press('lobby-name', 'Enter')
  await Promise.all([ann.sees(['Bob']), bob.sees(['Ann'])])
})

test('whoever presses Enter before the camera is open has it on when it is', async () => {
  const hasty = new Participant('Eve', await chromium.tab())
  await (hasty.tab as ChromiumTab).page.addInitScript(() => {
    const { mediaDevices } = navigator
    const open = mediaDevices.getUserMedia.bind(mediaDevices)
    const clicked = new Promise<void>((done) => Object.assign(window, { openCamera: done }))
    mediaDevices.getUserMedia = async (wish) => clicked.then(() => open(wish))
  })
  await hasty.join(link)
  expect(await hasty.room((room) => room.local.cameraOn)).toBe(false)
  await hasty.tab.evaluate(() => (window as unknown as { openCamera(): void }).openCamera(), null)
  await bob.sees(['Eve'])
  expect(await hasty.negotiations()).toBe(1)
  await hasty.tab.close()
  await until('Eve is gone', async () => !(await bob.others()).includes('Eve'))
})

test('the lobby is there within two seconds of a cold start', async () => {
  const cold = await chromium.tab()
  const started = performance.now()
  await cold.goto(link)
  await cold.page.waitForSelector('[data-testid="lobby-join"]')
  const took = Math.round(performance.now() - started)
  const paint = await cold.page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime)
  console.log(`cold link to lobby: ${took} ms, first paint ${Math.round(paint ?? NaN)} ms`)
  expect(took).toBeLessThan(2000)
  await cold.close()
})

test('what is not there has a page of its own', async () => {
  const lost = new Participant('Lost', await chromium.tab())
  const page = (lost.tab as ChromiumTab).page
  await lost.tab.goto(`${server.url}/nowhere/at/all`)
  await lost.reads('There is nothing here')
  await page.getByRole('link', { name: 'Go to the start page' }).click()
  await lost.reads('Have an invitation?')
  await lost.tab.goto(`${server.url}/r/aaaa-bbbb-cccc-dddd`)
  await lost.reads('This meeting does not exist')
  expect(await page.evaluate(() => document.querySelector('video'))).toBeNull()
  await lost.tab.close()
})

test('the policy of the page lets no foreign and no inline script in', async () => {
  for (const path of ['/', new URL(link).pathname, '/nowhere']) {
    const policy = (await fetch(server.url + path)).headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'self'")
    expect(policy).toContain("object-src 'none'")
    expect(policy).not.toMatch(/unsafe-|https?:|\*/)
  }
  const refused = await tab.page.evaluate(() => {
    const script = Object.assign(document.createElement('script'), { textContent: 'window.inline = true' })
    document.body.append(script)
    script.remove()
    return !('inline' in window)
  })
  expect(refused).toBe(true)
  // By the browser, and by the page's own listener.
  let violations = 0
  await until('the violation is reported', () => (violations += takeViolations()) === 2)
})

/** Takes away what the test above makes, so that the story's end finds only others. */
function takeViolations(): number {
  const made = chromium.errors.filter((error) => /content security policy/i.test(error))
  for (const error of made) chromium.errors.splice(chromium.errors.indexOf(error), 1)
  return made.length
}

test.each(['light', 'dark'] as const)('nothing serious for axe to find in the %s theme', async (colorScheme) => {
  const checked = await chromium.tab({ colorScheme, bypassCSP: true })
  const reader = new Participant('Axe', checked)
  const check = async (what: string): Promise<void> => expect(await seriousFindings(checked.page), what).toEqual([])
  await checked.goto(`${server.url}/?${small}`)
  await reader.reads('Have an invitation?')
  await check('start page')
  await checked.goto(`${link}?${small}`)
  await reader.reads('In the meeting')
  await check('lobby')
  await checked.fill('lobby-name', 'Axe')
  await checked.press('lobby-name', 'Enter')
  await reader.sees(['Ann', 'Bob'])
  await check('call')
  await checked.click('toggle-chat')
  await check('chat')
  await checked.click('toggle-people')
  await check('people')
  await checked.close()
})

test('nothing is wider than a screen of 320 pixels', async () => {
  const { page, ...tab } = await chromium.tab({ viewport: { width: 320, height: 568 } })
  const narrow = new Participant('Nan', tab)
  await narrow.tab.goto(`${server.url}/?${small}`)
  await narrow.reads('Have an invitation?')
  await fits(page)
  await narrow.tab.goto(`${server.url}/nowhere`)
  await narrow.reads('There is nothing here')
  await fits(page)
  await narrow.tab.goto(`${link}?${small}`)
  await narrow.reads('In the meeting')
  await fits(page)
  await narrow.join(link)
  await narrow.sees(['Ann'])
  await fits(page)
  await narrow.tab.click('toggle-chat')
  await fits(page)
  await narrow.tab.close()
})

test('leaving shows the way back in, and rejoining works', async () => {
  await bob.tab.click('leave')
  await bob.reads('You left the meeting')
  await until('Ann is alone', async () => (await ann.others()).length === 0)
  await bob.tab.click('rejoin')
  await until('Ann is not alone', async () => (await ann.others()).includes('Bob'))
  await ann.sees(['Bob'])
})
