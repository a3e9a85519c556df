// Two people find each other, follow, become friends, and have enough of each other; what one does, the other sees.
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Account, ApiClient, arrives, isSignedIn, newAccount, signIn } from '../support/account.ts'
import { seriousFindings } from '../support/axe.ts'
import { Chromium, type ChromiumTab, type ChromiumTabOptions } from '../support/browsers.ts'
import { fits } from '../support/fits.ts'
import { Server } from '../support/server.ts'
import { end } from '../support/world.ts'

let server: Server
let chromium: Chromium
const annAccount = newAccount('Ann', 'Archer')
const benAccount = newAccount('Ben', 'Baker')
const zoeAccount: Account = { ...newAccount('Zoë', 'Jiménez'), username: 'zoe', email: 'zoe@example.org' }
const leeAccount: Account = { ...newAccount('小龍', '李'), username: 'lee', email: 'lee@example.org' }
let ben: ApiClient
let zoe: ApiClient
let annPage: Page
let benPage: Page

beforeAll(async () => {
  server = await Server.start('--dev')
  const register = async (): Promise<void> => {
    await ApiClient.register(server, annAccount)
    ben = await ApiClient.register(server, benAccount)
    zoe = await ApiClient.register(server, zoeAccount)
    await ApiClient.register(server, leeAccount)
  }
  ;[chromium] = await Promise.all([Chromium.launch(), register()])
  annPage = (await signedIn(annAccount)).page
  benPage = (await signedIn(benAccount)).page
})

afterAll(async () => {
  // A browser reports the answers about somebody who is blocked, and the call that a test cuts off.
  await end([server], [chromium], [/status of 404 .*\/api\/v1\/people\//, /ERR_FAILED .*\/follow$/])
})

async function signedIn(account: Account, options: ChromiumTabOptions = {}): Promise<ChromiumTab> {
  const tab = await chromium.tab(options)
  await tab.goto(`${server.url}/sign-in`)
  await signIn(tab.page, account)
  await isSignedIn(tab.page, account)
  return tab
}

const open = (page: Page, path: string): Promise<unknown> => page.goto(server.url + path)
const button = (page: Page | Locator, name: string): Locator => page.getByRole('button', { name, exact: true })

/** Waits until a number beside the profile says so. */
const counts = (page: Page, list: string, number: number): Promise<void> =>
  page.getByTestId(`count-${list}`).getByText(String(number), { exact: true }).waitFor()

test('who is followed sees it at once on an open page, without a reload', async () => {
  await open(benPage, '/@ben.baker')
  await counts(benPage, 'followers', 0)
  await open(annPage, '/@ben.baker')
  await button(annPage, 'Follow Ben Baker').click()
  await button(annPage, 'Following Ben Baker. Unfollow').waitFor()
  await counts(annPage, 'followers', 1)
  await counts(benPage, 'followers', 1)
  await benPage.getByTestId('bell-count').getByText('1', { exact: true }).waitFor()
  await benPage.getByTestId('count-followers').click()
  await benPage.getByTestId('person').filter({ hasText: '@ann.archer' }).waitFor()
})

test('a click shows within 50 ms although the server takes its time, and goes back where it fails', async () => {
  let fail = (): void => undefined
  const clicked = new Promise<void>((resolve) => (fail = resolve))
  await annPage.route('**/follow', async (route) => {
    await clicked
    await route.abort()
  })
  const shown = await annPage.evaluate(async () => {
    const follow = document.querySelector<HTMLElement>('[data-testid=follow]')!
    const changed = new Promise((resolve) => {
      new MutationObserver(() => resolve(performance.now())).observe(follow, { attributeFilter: ['aria-label'] })
    })
    const from = performance.now()
    follow.click()
    return ((await changed) as number) - from
  })
  console.log(`a click showed after ${shown.toFixed(1)} ms`)
  expect(shown).toBeLessThan(50)
  await counts(annPage, 'followers', 0)
  fail()
  await annPage.getByTestId('toast').getByText('You still follow @ben.baker.').waitFor()
  await counts(annPage, 'followers', 1)
  await annPage.unroute('**/follow')
  await button(annPage, 'Try again').click()
  await counts(annPage, 'followers', 0)
  await open(annPage, '/@ben.baker')
  await counts(annPage, 'followers', 0)
})

test('a request is accepted in another browser, and both are friends without a reload', async () => {
  await open(benPage, '/people/requests')
  await benPage.getByText('No requests').waitFor()
  await button(annPage, 'Add friend Ben Baker').click()
  await button(annPage, 'Request sent to Ben Baker. Cancel request').waitFor()
  await benPage.getByRole('link', { name: 'Friend requests 1' }).waitFor()
  await button(benPage, 'Accept Ann Archer as a friend').click()
  await button(benPage, 'Friends with Ann Archer. Remove friend').waitFor()
  await button(annPage, 'Friends with Ben Baker. Remove friend').waitFor()
  await counts(annPage, 'friends', 1)
  await counts(annPage, 'followers', 1)
  await annPage.getByTestId('count-friends').click()
  await annPage.getByTestId('person').filter({ hasText: '@ann.archer' }).waitFor()
})

test('a friend can be removed, after a question', async () => {
  await open(annPage, '/@ben.baker')
  await button(annPage, 'Friends with Ben Baker. Remove friend').click()
  await annPage.getByRole('dialog', { name: 'Remove Ben Baker as a friend?' }).waitFor()
  await button(annPage, 'Remove friend').click()
  await button(annPage, 'Add friend Ben Baker').waitFor()
  await counts(annPage, 'friends', 0)
})

test('people are suggested whom those one follows follow', async () => {
  await ben.call('PUT', '/api/v1/people/zoe/follow')
  await open(annPage, '/people')
  const suggested = annPage.getByRole('region', { name: 'People you may know' }).getByTestId('person')
  await suggested.filter({ hasText: '@zoe' }).getByText('1 person you follow follows them').waitFor()
})

test('a block parts two people at once, and undoing it does not bring back what was', async () => {
  await open(benPage, '/@ann.archer')
  await benPage.getByRole('heading', { name: 'Ann Archer' }).waitFor()
  await open(annPage, '/people')
  await annPage.getByTestId('person').getByRole('link', { name: 'Ben Baker' }).last().click()
  await arrives(annPage, '/@ben.baker')
  await block(annPage, 'Ben Baker')
  await annPage.getByTestId('toast').getByText('You have blocked Ben Baker.').waitFor()
  await arrives(annPage, '/people')
  // The list is the one of before, where he stood.
  await annPage.getByTestId('person').filter({ hasText: '@zoe' }).last().waitFor()
  expect(await annPage.getByTestId('person').filter({ hasText: '@ben.baker' }).count()).toBe(0)
  await benPage.getByText('Nobody has this name').waitFor()
  await button(annPage, 'Undo').click()
  await annPage.getByTestId('toast').getByText('You have unblocked Ben Baker.').waitFor()
  await open(annPage, '/@ben.baker')
  await counts(annPage, 'followers', 0)
  await button(annPage, 'Follow Ben Baker').waitFor()
})

test('who is blocked is on a list, and is nowhere else for both of them', async () => {
  await block(annPage, 'Ben Baker')
  await arrives(annPage, '/people')
  for (const [page, other] of [[annPage, 'ben.baker'], [benPage, 'ann.archer']] as const) {
    await open(page, `/@${other}`)
    await page.getByText('Nobody has this name').waitFor()
    await open(page, `/search?q=${other}`)
    await page.getByText(`Nobody found for “${other}”`).waitFor()
  } // prettier-ignore
  await open(annPage, '/settings/blocks')
  const row = annPage.getByTestId('blocked')
  await row.getByText('@ben.baker').waitFor()
  await button(row, 'Unblock Ben Baker').click()
  await button(row, 'Block Ben Baker again').waitFor()
  await open(annPage, '/@ben.baker')
  await button(annPage, 'Follow Ben Baker').waitFor()
  await open(annPage, '/settings/blocks')
  await annPage.getByText('You have blocked nobody.').waitFor()
})

async function block(page: Page, name: string): Promise<void> {
  await button(page, `More about ${name}`).click()
  await button(page, `Block ${name}…`).click()
  await page
    .getByRole('dialog', { name: `Block ${name}?` })
    .getByText('is not told')
    .waitFor()
  await button(page, 'Block').click()
}

test('one searches with the keyboard alone, without accents and in any writing', async () => {
  await open(annPage, '/people')
  await zoe.call('POST', '/api/v1/posts', {
    client_id: crypto.randomUUID(),
    text: 'The crossing at the café is open again.',
    audience: 'public',
    images: [],
  })
  const box = annPage.getByTestId('search-box')
  await box.waitFor()
  await annPage.keyboard.press('/')
  await annPage.keyboard.type('zoe jim')
  const option = annPage.getByRole('option', { name: 'Zoë Jiménez @zoe' })
  await option.waitFor()
  expect(await option.locator('mark').allTextContents()).toEqual(['Zoë', 'Jim'])
  await annPage.keyboard.press('ArrowDown')
  expect(await option.getAttribute('aria-selected')).toBe('true')
  expect(await box.getAttribute('aria-activedescendant')).toBe(await option.getAttribute('id'))
  await annPage.keyboard.press('Enter')
  await arrives(annPage, '/@zoe')
  await annPage.getByRole('heading', { name: 'Zoë Jiménez' }).waitFor()

  await annPage.keyboard.press('Control+k')
  await annPage.getByRole('option', { name: 'zoe jim' }).waitFor()
  await annPage.keyboard.type('小龍')
  await annPage.getByRole('option', { name: '小龍 李 @lee' }).waitFor()
  await annPage.keyboard.press('Escape')
  expect(await annPage.getByRole('listbox').count()).toBe(0)
  await annPage.keyboard.press('Escape')
  expect(await box.inputValue()).toBe('')
  await annPage.keyboard.type('CAFE')
  await annPage.getByRole('option').filter({ hasText: 'The crossing at the café' }).waitFor()
  await annPage.keyboard.press('Enter')
  await arrives(annPage, '/search?q=CAFE')
  await annPage.getByRole('link', { name: 'Posts', exact: true }).click()
  await annPage.getByTestId('post-hit').locator('mark').getByText('café').waitFor()
})

test('what was searched for is remembered in this browser, until it is removed', async () => {
  await open(annPage, '/search')
  await annPage.getByRole('link', { name: 'CAFE' }).waitFor()
  await button(annPage, 'Remove the search CAFE').click()
  await annPage.getByRole('link', { name: 'CAFE' }).waitFor({ state: 'detached' })
  await open(annPage, '/search')
  await annPage.getByRole('link', { name: 'zoe jim' }).click()
  await annPage.getByTestId('person').filter({ hasText: '@zoe' }).waitFor()
})

test('somebody is found by their e-mail address if they want to be, and only by all of it', async () => {
  await zoe.call('PATCH', '/api/v1/me/profile', { findable_by_email: true })
  const box = annPage.getByTestId('search-input')
  await box.fill('zoe@example.or')
  await annPage.getByText('Nobody found for “zoe@example.or”').waitFor()
  await box.fill('zoe@example.org')
  await annPage.getByTestId('person').filter({ hasText: '@zoe' }).waitFor()
})

test('a slash is a slash to whoever is writing', async () => {
  await open(annPage, '/@ann.archer')
  await button(annPage, 'Add a bio').click()
  await annPage.keyboard.type('and/or')
  const field = annPage.getByLabel('Bio', { exact: true })
  expect(await field.inputValue()).toBe('and/or')
  await annPage.keyboard.press('Control+k')
  expect(await field.evaluate((element) => element === document.activeElement)).toBe(true)
})

const PAGES: readonly (readonly [path: string, shows: string])[] = [
  ['/people', 'Everybody with an account'],
  ['/people/requests', 'You have asked nobody'],
  ['/@zoe', 'Member since'],
  ['/@ann.archer', 'Member since'],
  ['/@zoe/followers', '@ben.baker'],
  ['/@zoe/friends', 'No friends yet'],
  ['/settings/blocks', 'You have blocked nobody.'],
  ['/search', 'Recent searches'],
  ['/search?q=zoe', '@zoe'],
  ['/search?q=cafe&tab=posts', 'The crossing'],
  ['/search?q=cafe&tab=rooms', 'None of your rooms'],
]

/** Opens a page up to what it is about; on a profile that is behind a tab. */
async function show(page: Page, path: string, text: string): Promise<void> {
  await open(page, path)
  const about = page.getByRole('tab', { name: 'About' })
  if (/^\/@[^/]+$/.test(path)) await about.click()
  await page.getByRole('main').getByText(text).first().waitFor()
}

test.each(['light', 'dark'] as const)('nothing serious for axe to find in the %s theme', async (colorScheme) => {
  const { page, close } = await signedIn(annAccount, { colorScheme, bypassCSP: true })
  await open(page, '/search?q=zoe')
  await button(page, 'Clear').waitFor()
  await page.getByTestId('search-input').press('Enter')
  for (const [path, text] of PAGES) {
    await show(page, path, text)
    expect(await seriousFindings(page), path).toEqual([])
  }
  await open(page, '/people')
  await page.getByTestId('search-box').fill('zoe')
  await page.getByRole('option', { name: 'Zoë Jiménez @zoe' }).waitFor()
  expect(await seriousFindings(page), 'the list below the search').toEqual([])
  await open(page, '/@zoe')
  await button(page, 'More about Zoë Jiménez').click()
  await button(page, 'Block Zoë Jiménez…').click()
  await page.getByRole('dialog').waitFor()
  expect(await seriousFindings(page), 'the question before blocking').toEqual([])
  await close()
})

test('nothing is wider than a screen of 320 pixels, where the main pages are at the bottom', async () => {
  const { page, close } = await signedIn(annAccount, { viewport: { width: 320, height: 568 } })
  await open(page, '/search?q=zoe')
  await page.getByTestId('search-input').press('Enter')
  for (const [path, text] of PAGES) {
    await show(page, path, text)
    await fits(page)
  }
  const nav = page.getByRole('navigation', { name: 'Main' })
  await nav.getByRole('link', { name: 'People' }).click()
  await arrives(page, '/people')
  await nav.getByRole('link', { name: 'Search' }).click()
  await arrives(page, '/search')
  expect(await page.getByTestId('search-input').evaluate((box) => box === document.activeElement)).toBe(true)
  await close()
})
