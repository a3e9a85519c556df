// Every page of the app over the people of the demo: whoever reads it, in whatever theme and language, on however narrow a
// phone.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { FIXED_ROUTES, matchRoute, PEOPLE_LISTS, SEARCH_TABS, SETTINGS_SECTIONS } from '../../src/routes/match.ts'
import { arrives, newAccount, signIn } from '../support/account.ts'
import { seriousFindings } from '../support/axe.ts'
import { Chromium, type ChromiumTabOptions } from '../support/browsers.ts'
import { fits } from '../support/fits.ts'
import { Server } from '../support/server.ts'
import { type Places, type Stop, stopsOf } from '../support/stops.ts'
import { end } from '../support/world.ts'

/** About fifty pages twice: half a minute of work, or several minutes where others work too. */
const SLOWEST_MS = 400_000
const NARROW = { width: 320, height: 640 }
/** What a theme can have wrong that the other has right. */
const COLOURS = ['color-contrast', 'link-in-text-block']
const demo = { ...newAccount('Robin', 'Lindqvist'), username: 'demo', password: 'confab-demo' }

let server: Server
let chromium: Chromium
let places: Places
let session: NonNullable<ChromiumTabOptions['storageState']>

beforeAll(async () => {
  ;[server, chromium] = await Promise.all([Server.startDemo('--dev'), Chromium.launch()])
  const { page, close } = await chromium.tab()
  await page.goto(`${server.url}/sign-in?next=%2Ffeed%2Fdiscover`)
  await signIn(page, demo)
  await arrives(page, '/feed/discover')
  // A post with comments, which everybody may read.
  const link = page.locator('main a[data-testid=comment-count]:has(span)').first()
  const post = new URL((await link.getAttribute('href'))!, server.url).pathname.slice('/p/'.length)
  const first = await write(page, 'yusuf')
  session = await page.context().storageState()
  await close()
  const letter = await answer(first)
  places = { post, room: (await server.createRoom('Crew meeting')).id, letter }
})

/** Sends a letter as whoever is signed in on a page; its id. */
const write = (page: Page, to: string, reply_to?: string): Promise<string> =>
  page.evaluate(
    async ([to, reply_to]) => {
      const text = 'Shall we meet at the harbour?\n\nhttps://example.org/harbour'
      const body = JSON.stringify({ client_id: crypto.randomUUID(), to, subject: 'The harbour', text, reply_to })
      const headers = { 'content-type': 'application/json', 'x-confab': '1' }
      const answer = await fetch('/api/v1/letters', { method: 'POST', headers, body })
      return ((await answer.json()) as { id: string }).id
    },
    [to, reply_to] as const,
  )

/** Answers the demo's letter as the one for whom it is. */
async function answer(letter: string): Promise<string> {
  const { page, close } = await chromium.tab()
  await page.goto(`${server.url}/sign-in?next=%2Fmail`)
  await signIn(page, { ...demo, username: 'yusuf' })
  await arrives(page, '/mail')
  const id = await write(page, 'demo', letter)
  await close()
  return id
}

// A link that was spent, and a post, a letter and a person that are not there, are among what is looked at.
afterAll(() =>
  end(
    [server],
    [chromium],
    [
      /status of 404 .*\/api\/v1\/(posts|people|letters|conversations|chat-rooms)\/(0{8}-|nobody)/,
      /status of 4\d\d .*\/auth\/verify$/,
    ],
  ),
)

type Reader = 'guest' | 'demo'
const READERS = ['guest', 'demo'] as const

const stopsFor = (reader: Reader): Stop[] => Object.values(stopsOf(places)).flatMap((stops) => stops[reader] ?? [])

/** Shows a reader all pages, one after the other. */
async function walk(
  reader: Reader,
  options: ChromiumTabOptions,
  look: (page: Page, stop: Stop) => Promise<void>,
): Promise<void> {
  // What moves is between two looks, and axe would measure that.
  const still: ChromiumTabOptions = { reducedMotion: 'reduce', permissions: ['camera', 'microphone'] }
  const { page, close } = await chromium.tab({
    ...still,
    ...(reader === 'demo' && { storageState: session }),
    ...options,
  })
  for (const stop of stopsFor(reader)) {
    await page.goto(server.url + stop.path, { waitUntil: 'commit' })
    await page.locator(stop.shows).filter({ visible: true }).first().waitFor()
    await stop.then?.(page)
    await look(page, stop)
  }
  await close()
}

test('no page of the route table is left out', () => {
  const visited = READERS.flatMap(stopsFor).map(({ path }) => path)
  for (const [page, { guest = [], demo = [] }] of Object.entries(stopsOf(places))) {
    expect(new Set([...guest, ...demo].map(({ path }) => matchRoute(path).page)), page).toContain(page)
  }
  const paths = visited.map((path) => path.replace(/[?#].*/, ''))
  expect(paths).toEqual(expect.arrayContaining(Object.keys(FIXED_ROUTES)))
  expect(paths).toEqual(expect.arrayContaining(SETTINGS_SECTIONS.map((section) => `/settings/${section}`)))
  expect(paths).toEqual(expect.arrayContaining(PEOPLE_LISTS.map((list) => `/@demo/${list}`)))
  expect(visited).toEqual(expect.arrayContaining(SEARCH_TABS.map((tab) => expect.stringContaining(`&tab=${tab}`))))
})

test(
  'nothing serious for axe to find, in both themes',
  async () => {
    const walks = READERS.map((reader) =>
      walk(reader, { bypassCSP: true, colorScheme: 'light' }, async (page, { path }) => {
        expect(await seriousFindings(page), `${path}, light, as ${reader}`).toEqual([])
        await page.emulateMedia({ colorScheme: 'dark' })
        expect(await seriousFindings(page, COLOURS), `${path}, dark, as ${reader}`).toEqual([])
        await page.emulateMedia({ colorScheme: 'light' })
      }),
    )
    await Promise.all(walks)
  },
  SLOWEST_MS,
)

test.each(['en', 'de'] as const)('nothing is wider than a screen of 320 pixels, in the language %s', async (locale) => {
  const walks = READERS.map((reader) =>
    walk(reader, { viewport: NARROW, locale }, async (page) => {
      expect(await page.evaluate(() => document.documentElement.lang)).toBe(locale)
      await fits(page)
    }),
  )
  await Promise.all(walks)
})

test('a tooltip beside the edge stays in the window', async () => {
  const { page, close } = await chromium.tab({ storageState: session, viewport: NARROW })
  await page.goto(`${server.url}/feed`)
  await page.getByTestId('post').first().waitFor()
  for (const button of await page.locator('header [data-tip]').all()) {
    await button.hover()
    await fits(page)
    const [left, right] = await button.evaluate((element) => {
      const { left, right } = getComputedStyle(element, '::after')
      return [parseFloat(left), parseFloat(right)]
    })
    expect(Math.min(left!, right!)).toBeGreaterThanOrEqual(0)
  }
  await close()
})

test('a window that becomes narrow fits at once, before the page hears of it', async () => {
  const { page, close } = await chromium.tab({ storageState: session })
  await page.addInitScript(() => (MediaQueryList.prototype.addEventListener = () => undefined))
  await page.goto(`${server.url}/feed`)
  await page.getByTestId('search-box').waitFor()
  await page.setViewportSize(NARROW)
  await fits(page)
  await close()
})
