// Who is here, who was, who does not show it, and who may write to whom.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Account, ApiClient, isSignedIn, newAccount, signIn } from '../support/account.ts'
import { seriousFindings } from '../support/axe.ts'
import { Chromium, type ChromiumTab } from '../support/browsers.ts'
import { Server } from '../support/server.ts'
import { until } from '../support/wait.ts'
import { end } from '../support/world.ts'

const annAccount = newAccount('Ann', 'Archer')
const benAccount = newAccount('Ben', 'Baker')
const eveAccount = newAccount('Eve', 'Elm')

let server: Server
let chromium: Chromium
let ann: Page

async function enter(account: Account, path: string): Promise<ChromiumTab> {
  const tab = await chromium.tab()
  await tab.goto(`${server.url}/sign-in?next=${encodeURIComponent(path)}`)
  await signIn(tab.page, account)
  await isSignedIn(tab.page, account)
  return tab
}

const presence = (page: Page): Promise<string | null> =>
  page.evaluate(() => document.querySelector('[data-testid="presence"]')?.textContent ?? null)

async function says(page: Page, what: RegExp, seconds: number): Promise<void> {
  await until(`the other one is ${what}`, async () => what.test((await presence(page)) ?? 'hidden'), seconds * 1000)
}

beforeAll(async () => {
  server = await Server.start('--dev')
  chromium = await Chromium.launch('none')
  const [annApi, benApi] = [await ApiClient.register(server, annAccount), await ApiClient.register(server, benAccount)]
  await ApiClient.register(server, eveAccount)
  await annApi.call('PUT', `/api/v1/people/${benAccount.username}/follow`)
  await benApi.call('PUT', `/api/v1/people/${annAccount.username}/follow`)
  await annApi.call('PUT', `/api/v1/people/${benAccount.username}/conversation`)
  ann = (await enter(annAccount, `/messages/new?to=${benAccount.username}`)).page
})

afterAll(() => end([server], [chromium]))

test('one sees who comes and goes, and each may hide it', async () => {
  await ann.getByTestId('message-text').waitFor()
  expect(await presence(ann)).toBeNull()
  const benTab = await enter(benAccount, '/settings/privacy')
  const ben = benTab.page
  await says(ann, /^Online$/, 5)
  expect(await seriousFindings(ann)).toEqual([])

  const shows = ben.getByTestId('shows_presence')
  await shows.uncheck()
  await says(ann, /^hidden$/, 5)
  await ben.reload()
  await shows.waitFor()
  expect(await shows.isChecked()).toBe(false)
  expect(await presence(ann)).toBeNull()
  await shows.check()
  await says(ann, /^Online$/, 5)

  // The last tab has gone for longer than a reload takes.
  await benTab.close()
  await says(ann, /^Last seen (just )?now$/i, 30)
})

test('somebody who hears only from whom they know is not written to', async () => {
  const ben = (await enter(benAccount, '/settings/privacy')).page
  const eve = (await enter(eveAccount, `/@${benAccount.username}`)).page
  await eve.getByTestId('write').waitFor()
  const answer = ben.waitForResponse((response) => response.request().method() === 'PATCH')
  await ben.getByTestId('messages-from').selectOption('known')
  expect((await answer).status()).toBe(200)
  expect(await seriousFindings(ben)).toEqual([])
  await eve.reload()
  await eve.getByTestId('profile-menu').waitFor()
  expect(await eve.getByTestId('write').count()).toBe(0)
  await ann.goto(`${server.url}/@${benAccount.username}`)
  await ann.getByTestId('write').waitFor()
})
