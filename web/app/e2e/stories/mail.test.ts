// Two people write to each other by letter: what arrives is counted and shown without a reload, is answered, and is deleted by
// each for themselves; a draft is there again after a reload, and what fails loses nothing.
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ApiClient, arrives, isSignedIn, newAccount, signIn } from '../support/account.ts'
import { seriousFindings } from '../support/axe.ts'
import { Chromium } from '../support/browsers.ts'
import { Server } from '../support/server.ts'
import { until } from '../support/wait.ts'
import { end } from '../support/world.ts'

let server: Server
let chromium: Chromium
const annAccount = newAccount('Ann', 'Archer')
const benAccount = newAccount('Ben', 'Baker')
let annApi: ApiClient
let benApi: ApiClient
let ann: Page
let ben: Page
/** Another tab of Ben's, on another page. */
let other: Page

beforeAll(async () => {
  server = await Server.start('--dev')
  const register = async (): Promise<void> => {
    annApi = await ApiClient.register(server, annAccount)
    benApi = await ApiClient.register(server, benAccount)
  }
  ;[chromium] = await Promise.all([Chromium.launch('none'), register()])
  const enter = async (account: typeof annAccount, path: string): Promise<Page> => {
    const { page } = await chromium.tab({ bypassCSP: true })
    await page.goto(`${server.url}/sign-in?next=${encodeURIComponent(path)}`)
    await signIn(page, account)
    await isSignedIn(page, account)
    await arrives(page, path)
    return page
  }
  ann = await enter(annAccount, `/@${benAccount.username}`)
  ben = await enter(benAccount, '/mail')
  other = await ben.context().newPage()
  await other.goto(`${server.url}/people`)
  for (const page of [ben, other]) await page.getByTestId('bell').waitFor()
})

afterAll(async () => {
  // Names that nobody has, letters that were deleted, and the call that a test cuts off.
  await end([server], [chromium], [/status of 404/, /status of 400/, /ERR_FAILED/])
})

const nav = (page: Page): Locator => page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: /^Mail/ })
const letters = (page: Page): Locator => page.getByTestId('letter')
const about = (page: Page, subject: string): Locator => letters(page).filter({ hasText: subject })
const field = (page: Page, name: string): Locator => page.getByTestId(`letter-${name}`)
const heading = (page: Page, name: string): Locator => page.getByRole('heading', { name, exact: true })
const toast = (page: Page, text: string): Locator => page.getByTestId('toast').filter({ hasText: text })

/** Waits until the entry of the navigation has this number. */
const counts = (page: Page, unread: number): Promise<unknown> =>
  until(`${unread} are unread`, async () => {
    const text = await nav(page).innerText()
    if (Number(/\d+/.exec(text)?.[0] ?? 0) !== unread) throw new Error(`${new URL(page.url()).pathname} has ${text}`)
    return true
  })

const send = (from: ApiClient, to: string, subject: string): Promise<{ id: string }> =>
  from.call('POST', '/api/v1/letters', { client_id: crypto.randomUUID(), to, subject, text: `${subject}, at length` })

test('a letter is written from a profile, and a draft of it survives a reload', async () => {
  await ann.getByTestId('send-mail').click()
  await arrives(ann, `/mail/new?to=${benAccount.username}`)
  await ann.getByRole('paragraph').filter({ hasText: 'Ben Baker' }).waitFor()
  // One begins with what is empty.
  await until('the focus is on the subject', () =>
    field(ann, 'subject').evaluate((element) => element === document.activeElement),
  )
  await ann.keyboard.type('The trip on Saturday')
  await field(ann, 'text').fill('Dear Ben,\n\nthe train leaves at nine: https://example.org/trains.\n\nAnn')
  await ann.reload()
  await until('the draft is there', async () => (await field(ann, 'subject').inputValue()) === 'The trip on Saturday')
  expect(await field(ann, 'text').inputValue()).toContain('leaves at nine')
  expect(await field(ann, 'to').inputValue()).toBe(benAccount.username)
})

test('it arrives without a reload, and is counted in both tabs within a second', async () => {
  await ben.getByText('No letters yet').waitFor()
  await field(ann, 'text').focus()
  const started = performance.now()
  await ann.keyboard.press('Control+Enter')
  await Promise.all([counts(ben, 1), counts(other, 1), about(ben, 'The trip on Saturday').waitFor()])
  const took = performance.now() - started
  console.log(`sent, listed and counted in both tabs after ${Math.round(took)} ms`)
  expect(took).toBeLessThan(1000)
  await toast(ann, 'Letter sent').waitFor()
  await heading(ann, 'The trip on Saturday').waitFor()
  const row = about(ben, 'The trip on Saturday')
  expect(await row.innerText()).toContain('Ann Archer')
  expect(await row.innerText()).toContain('Dear Ben, the train leaves at nine')
  // What was sent is no draft any more.
  await ann.goto(`${server.url}/mail/new?to=${benAccount.username}`)
  await ann.getByRole('paragraph').filter({ hasText: 'Ben Baker' }).waitFor()
  expect(await field(ann, 'subject').inputValue()).toBe('')
})

test('the notification of it leads to it, and reading it clears both in every tab', async () => {
  await other.getByTestId('bell').click()
  const told = other.getByTestId('notification').filter({ hasText: 'Ann Archer sent you a letter', visible: true })
  await told.getByRole('link').click()
  await heading(other, 'The trip on Saturday').waitFor()
  await other.getByRole('link', { name: 'https://example.org/trains' }).waitFor()
  await Promise.all([counts(ben, 0), counts(other, 0)])
  await until('nothing is unread', async () => (await ben.getByTestId('bell-count').count()) === 0)
  await until('the row is read', async () => (await letters(ben).getByText('Unread:').count()) === 0)
})

test('it is opened with the keyboard, answered, and the answer shows what was before', async () => {
  await letters(ben).getByRole('link').first().focus()
  await ben.keyboard.press('Enter')
  await heading(ben, 'The trip on Saturday').waitFor()
  await ann.goto(`${server.url}/mail`)
  await ann.getByText('No letters yet').waitFor()
  await ben.getByTestId('reply').click()
  expect(await field(ben, 'subject').inputValue()).toBe('Re: The trip on Saturday')
  await ben.keyboard.type('I will be there.')
  // A begun answer is there again, too.
  await ben.reload()
  await until('the answer is there', async () => (await field(ben, 'text').inputValue()) === 'I will be there.')
  await field(ben, 'send').click()
  await heading(ben, 'Re: The trip on Saturday').waitFor()
  await ben.getByTestId('earlier').getByText('The trip on Saturday').waitFor()
  await about(ann, 'Re: The trip on Saturday').getByRole('link').click()
  await heading(ann, 'Re: The trip on Saturday').waitFor()
  await ann.getByTestId('earlier').getByRole('link').click()
  await ann.getByText('Dear Ben,').waitFor()
})

test('what was sent is listed, and is deleted for oneself only, after time to change one’s mind', async () => {
  await ben.goto(`${server.url}/mail/sent`)
  const sent = about(ben, 'Re: The trip on Saturday')
  expect(await sent.innerText()).toContain('To Ann Archer')
  await sent.getByTestId('remove').click()
  await ben.getByText('Nothing sent yet').waitFor()
  await ben.getByRole('button', { name: 'Undo' }).click()
  await sent.waitFor()
  // From its page: one is back in the list, and it stays away.
  await sent.getByRole('link').click()
  await ben.getByTestId('delete').click()
  await arrives(ben, '/mail/sent')
  await ben.getByText('Nothing sent yet').waitFor()
  await until('it is gone', async () => {
    const { items } = await benApi.call<{ items: unknown[] }>('GET', '/api/v1/letters/sent')
    return items.length === 0
  })
  await ann.goto(`${server.url}/mail`)
  await about(ann, 'Re: The trip on Saturday').waitFor()
})

test('what was deleted in another tab is gone here, and says so', async () => {
  const { id } = await send(annApi, benAccount.username, 'Short-lived')
  await ben.goto(`${server.url}/mail/${id}`)
  await heading(ben, 'Short-lived').waitFor()
  await benApi.call('DELETE', `/api/v1/letters/${id}`)
  await heading(ben, 'This letter is not here').waitFor()
  await ben.getByRole('link', { name: 'To the inbox' }).click()
  await about(ben, 'The trip on Saturday').waitFor()
})

test('what is missing or wrong is said, and what fails loses nothing', async () => {
  await ann.goto(`${server.url}/mail/new`)
  await field(ann, 'send').click()
  for (const text of ['Say for whom it is.', 'Say what it is about.', 'The letter is still empty.'])
    await ann.getByText(text).waitFor()
  await field(ann, 'to').fill('nobody.here')
  await field(ann, 'subject').fill('Second')
  await ann.getByText('Nobody with this username can be written to.').waitFor()
  await field(ann, 'to').fill(annAccount.username)
  await field(ann, 'subject').focus()
  await ann.getByText('This is you. Letters go to others.').waitFor()
  // A person's whole name is enough, once the browser has heard of them.
  await field(ann, 'to').fill('Ben Baker')
  await ann.locator('datalist option').first().waitFor({ state: 'attached' })
  await field(ann, 'text').fill('Once is enough')
  await until('the name is found', async () => (await field(ann, 'to').inputValue()) === benAccount.username)
  // The letter arrives, its answer does not: sent again, it is there once.
  await ann.route('**/api/v1/letters', async (route) => {
    await route.fetch()
    await route.abort()
  })
  await field(ann, 'send').click()
  await ann.getByTestId('letter-failure').waitFor()
  await ann.unroute('**/api/v1/letters')
  await ann.reload()
  await until('the draft is there', async () => (await field(ann, 'text').inputValue()) === 'Once is enough')
  await field(ann, 'send').click()
  await heading(ann, 'Second').waitFor()
  const { items } = await benApi.call<{ items: { subject: string }[] }>('GET', '/api/v1/letters/inbox')
  expect(items.filter(({ subject }) => subject === 'Second').length).toBe(1)
})

test('new ones come above what one reads in a long list, and Back finds the place', async () => {
  for (let number = 1; number <= 30; number++) await send(annApi, benAccount.username, `Number ${number}`)
  await ben.goto(`${server.url}/mail`)
  await about(ben, 'Number 30').waitFor()
  await ben.evaluate(() => scrollTo(0, document.body.scrollHeight))
  const first = about(ben, 'The trip on Saturday')
  await first.waitFor()
  await first.scrollIntoViewIfNeeded()
  await send(annApi, benAccount.username, 'Newest')
  await about(ben, 'Newest').waitFor({ state: 'attached' })
  expect(await letters(ben).first().innerText()).toContain('Newest')
  expect(await letters(ben).count()).toBe(33)
  await first.getByRole('link').click()
  await heading(ben, 'The trip on Saturday').waitFor()
  await ben.getByTestId('back').click()
  await first.waitFor()
  await until('the place is in sight', () =>
    first.evaluate((row) => {
      const { top, bottom } = row.getBoundingClientRect()
      return top >= 0 && bottom <= innerHeight
    }),
  )
})

test('a block hides the letters of both at once', async () => {
  await ann.goto(`${server.url}/mail`)
  await about(ann, 'Re: The trip on Saturday').waitFor()
  await annApi.call('PUT', `/api/v1/people/${benAccount.username}/block`)
  await ann.getByText('No letters yet').waitFor()
  await annApi.call('DELETE', `/api/v1/people/${benAccount.username}/block`)
  await about(ann, 'Re: The trip on Saturday').waitFor()
})

test('its pages have no serious faults, fit a narrow phone, and speak German', async () => {
  const { items } = await benApi.call<{ items: { id: string; subject: string }[] }>('GET', '/api/v1/letters/inbox')
  const long = await send(annApi, benAccount.username, `A very long subject ${'that-does-not-end'.repeat(10)}`)
  for (const width of [320, 1280]) {
    await ben.setViewportSize({ width, height: 700 })
    for (const path of [
      '/mail',
      '/mail/sent',
      '/mail/new?to=ann.archer',
      `/mail/${items[0]!.id}`,
      `/mail/${long.id}`,
    ]) {
      await ben.goto(server.url + path)
      await ben.getByRole('heading', { level: 1 }).waitFor()
      await ben.getByTestId('bell').waitFor()
      await nav(ben).waitFor()
      if (path === '/mail') await about(ben, 'Newest').waitFor()
      expect(await ben.evaluate(() => document.documentElement.scrollWidth - innerWidth), path).toBeLessThanOrEqual(0)
      expect(await seriousFindings(ben), `${path} at ${width}`).toEqual([])
    }
  }
  await ben.getByTestId('reply').click()
  expect(await seriousFindings(ben)).toEqual([])
  await ben.getByRole('button', { name: 'Language' }).click()
  await ben.getByText('Deutsch').click()
  await ben.getByText('Antwort an Ann Archer').first().waitFor()
  await ben.goto(`${server.url}/mail`)
  await ben.getByRole('link', { name: 'Posteingang' }).waitFor()
})
