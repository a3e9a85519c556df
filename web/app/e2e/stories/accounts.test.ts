// An account from its first to its last day, through the pages: registered, signed in, reset, revoked, deleted, purged.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type Account,
  ApiClient,
  arrives,
  endOtherSession,
  isSignedIn,
  menuOf,
  newAccount,
  openMailedLink,
  signIn,
} from '../support/account.ts'
import { Chromium } from '../support/browsers.ts'
import { type Colour, showsColour, stripes } from '../support/png.ts'
import { Server } from '../support/server.ts'
import { until } from '../support/wait.ts'
import { end } from '../support/world.ts'

const RED: Colour = [220, 20, 20]
const TEAL: Colour = [0, 128, 128]

let server: Server
let hasty: Server
let chromium: Chromium
let page: Page
const ann = newAccount('Ann', 'Archer')

beforeAll(async () => {
  ;[server, hasty, chromium] = await Promise.all([
    Server.start('--dev'),
    Server.start('--dev', '--deletion-grace', '3s'),
    Chromium.launch(),
  ])
  page = (await chromium.tab()).page
})

afterAll(async () => {
  // Browsers report what the server refuses: a wrong password, an account that is being deleted.
  await end([server, hasty], [chromium], [/status of 40[13] .*\/api\/v1\/auth\/login$/])
})

test('registers, confirms the address by the mailed link, and is taken to where one was going', async () => {
  await page.goto(`${server.url}/people`)
  await arrives(page, '/sign-in?next=%2Fpeople')
  await page.getByRole('main').getByRole('link', { name: 'Register' }).click()
  await page.getByLabel('First name').fill(ann.first_name)
  await page.getByLabel('Last name').fill(ann.last_name)
  await page.getByLabel('E-mail address').fill('ann at example')
  await page.getByLabel('Username').fill(ann.username)
  await page.getByLabel('Password', { exact: true }).fill(ann.password)
  await page.keyboard.press('Enter')
  // Told beside the field that is wrong, which has the focus: nothing was sent.
  const email = page.getByLabel('E-mail address')
  await until('the address has the focus', () => email.evaluate((field) => field === document.activeElement))
  expect(await email.getAttribute('aria-invalid')).toBe('true')
  const told = await email.getAttribute('aria-describedby')
  expect(await page.locator(`[id="${told}"]`).innerText()).toContain('That is not an e-mail address')
  expect(await page.locator('[aria-invalid]').count()).toBe(1)
  await email.fill(ann.email)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Check your mail' }).waitFor()
  await page.getByText(`We have sent a mail to ${ann.email}.`).waitFor()
  await openMailedLink(page, ann, '/verify#')
  await page.getByText('Your e-mail address is confirmed.').waitFor()
  // Whose address it was, the link knew.
  expect(await page.getByLabel('E-mail address or username').inputValue()).toBe(ann.username)
  await page.getByLabel('Password', { exact: true }).fill(ann.password)
  await page.keyboard.press('Enter')
  await arrives(page, '/people')
  await isSignedIn(page, ann)
})

test('edits the profile in place, and others see it', async () => {
  const bob = await ApiClient.register(server, newAccount('Bob', 'Baker'))
  await page.getByRole('button', { name: menuOf(ann) }).click()
  await page.getByRole('link', { name: 'My profile' }).click()
  await arrives(page, `/@${ann.username}`)
  await page.getByRole('button', { name: 'Add a bio' }).click()
  await page.getByLabel('Bio', { exact: true }).fill('Makes bows.')
  const saved = page.waitForResponse((answer) => answer.request().method() === 'PATCH')
  await page.keyboard.press('Enter')
  expect((await saved).status()).toBe(200)

  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    page.getByRole('button', { name: 'Choose a picture…' }).click(),
  ])
  await chooser.setFiles({ name: 'me.png', mimeType: 'image/png', buffer: stripes(400, 200, [RED, TEAL]) })
  // The dialog begins in the middle, where both colours meet. Arrows move what is cut out to the right end.
  await page.getByRole('dialog', { name: 'Place your picture' }).waitFor()
  for (let presses = 0; presses < 10; presses++) await page.keyboard.press('ArrowRight')
  await page.getByRole('button', { name: 'Use it' }).click()
  const picture = page.locator('[data-image="picture"] img[src^="/media/"]')
  await picture.waitFor()
  await page.reload()
  await page.getByText('Makes bows.').waitFor()
  expect(await showsColour(picture, TEAL)).toBe(true)
  expect(await showsColour(picture, RED)).toBe(false)

  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'People' }).click()
  const card = page.getByTestId('person').filter({ hasText: `@${ann.username}` })
  await card.getByText('Makes bows.').waitFor()
  const small = card.locator('img')
  expect(await showsColour(small, TEAL)).toBe(true)
  type People = { items: { username: string; bio: string; picture: { small_url: string } }[] }
  const { items } = await bob.call<People>('GET', '/api/v1/people')
  const seen = items.find(({ username }) => username === ann.username)!
  expect(seen.bio).toBe('Makes bows.')
  expect(seen.picture.small_url).toBe(new URL((await small.getAttribute('src'))!, server.url).pathname)
})

test('signs out, and the settings ask who one is', async () => {
  await page.getByRole('button', { name: menuOf(ann) }).click()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByTestId('toast').getByText('You are signed out.').waitFor()
  await page.goto(`${server.url}/settings`)
  await arrives(page, '/sign-in?next=%2Fsettings')
})

test('sets a new password by a mailed link; the old one is refused', async () => {
  await page.getByRole('link', { name: 'Forgot your password?' }).click()
  await page.getByLabel('E-mail address').fill(ann.email)
  await page.keyboard.press('Enter')
  await page.getByText(`If ${ann.email} belongs to an account`).waitFor()
  await openMailedLink(page, ann, '/reset#')
  const old = ann.password
  ann.password = 'staple another horse'
  await page.getByLabel('New password', { exact: true }).fill(ann.password)
  await page.keyboard.press('Enter')
  await page.getByText('Your new password is set').waitFor()
  await signIn(page, { ...ann, password: old })
  await page.getByText('The name or the password is wrong.').waitFor()
  await signIn(page, ann)
  await isSignedIn(page, ann)
})

test('ends a session from another browser, whose tab is thrown out at once', async () => {
  const other = (await chromium.tab()).page
  await other.addInitScript(recordMoves)
  const listens = other.waitForEvent('websocket', (socket) => socket.url().endsWith('/api/v1/events'))
  await other.goto(`${server.url}/sign-in?next=/people`)
  await signIn(other, ann)
  await arrives(other, '/people')
  await listens
  const clicked = await endOtherSession(page, server)
  await arrives(other, '/sign-in?next=%2Fpeople')
  await other.getByText('You have been signed out here.').waitFor()
  const moves = await other.evaluate(() => (window as unknown as { moves: { path: string; at: number }[] }).moves)
  const after = moves.filter(({ path }) => path.startsWith('/sign-in')).at(-1)!.at - clicked
  console.log(`thrown out ${after} ms after the click`)
  expect(after).toBeGreaterThan(0)
  expect(after).toBeLessThan(2000)
  // The one who clicked stays.
  await isSignedIn(page, ann)
})

/** Runs in the page, before it: notes when the app goes where. */
function recordMoves(): void {
  const moves: { path: string; at: number }[] = []
  Object.assign(window, { moves })
  const replace = history.replaceState.bind(history)
  history.replaceState = (state, unused, path) => {
    moves.push({ path: String(path), at: Date.now() })
    replace(state, unused, path)
  }
}

/** Deletes the account in the settings; when it will be gone, as the server says. */
async function deleteAccount(page: Page, server: Server, account: Account): Promise<number> {
  await page.goto(`${server.url}/settings/data`)
  await page.getByRole('button', { name: 'Delete account…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Delete your account?' })
  await dialog.getByLabel('Password', { exact: true }).fill(account.password)
  const answered = page.waitForResponse(/\/me\/deletion$/)
  await dialog.getByRole('button', { name: 'Delete my account' }).click()
  const { deletion_at } = (await (await answered).json()) as { deletion_at: number }
  await page.getByTestId('toast').getByText('It will be gone for good on').waitFor()
  return deletion_at
}

test('deletes the account, is told until when it can come back, and restores it', async () => {
  const at = await deleteAccount(page, server, ann)
  const header = page.getByRole('banner')
  await header.getByRole('link', { name: 'Sign in' }).click()
  await signIn(page, ann)
  await page.getByRole('heading', { name: 'Keep your account?' }).waitFor()
  const date = await page.evaluate(
    (at) => new Intl.DateTimeFormat('en', { dateStyle: 'long', timeStyle: 'short' }).format(at),
    at,
  )
  await page.getByText(`It will be deleted on ${date}`).waitFor()
  expect(at - Date.now()).toBeGreaterThan(13.9 * 24 * 3_600_000)
  await page.getByRole('button', { name: 'Keep my account' }).click()
  await isSignedIn(page, ann)
  await page.goto(`${server.url}/@${ann.username}`)
  await page.getByText('Makes bows.').waitFor()
})

test('nothing of an account is left when its grace period is over', async () => {
  const canary = 'Qanary7391'
  const account: Account = { ...newAccount(canary, canary), username: canary, email: `${canary}@example.org` }
  const client = await ApiClient.register(hasty, account)
  await client.call('PATCH', '/api/v1/me/profile', {
    bio: canary,
    about: canary,
    address: canary,
    country: 'DE',
    links: [{ title: canary, url: `https://${canary}.example.org` }],
  })
  await client.call('PUT', '/api/v1/me/picture', stripes(64, 64, [TEAL]))
  await client.call('PUT', '/api/v1/me/cover', stripes(64, 64, [RED]))
  const tab = await chromium.tab({ userAgent: canary })
  await tab.goto(`${hasty.url}/sign-in`)
  await signIn(tab.page, account)
  await isSignedIn(tab.page, account)
  const images = join(hasty.data, 'images')
  expect([filesWith(hasty.data, canary).length > 0, filesIn(images).length]).toEqual([true, 4])
  const at = await deleteAccount(tab.page, hasty, account)
  await until('no file tells of the account', () => filesWith(hasty.data, canary).length === 0)
  const late = Date.now() - at
  console.log(`purged ${late} ms after the time that was told`)
  expect(late).toBeGreaterThan(0)
  await until('its pictures are gone', () => filesIn(images).length === 0)
})

/** All files below a folder, but for the mails that would be on their way by now. */
function filesIn(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return paths.filter((path) => !path.includes('/outbox/'))
}

function filesWith(folder: string, text: string): string[] {
  return filesIn(folder).filter((path) => readFileSync(path, 'latin1').toLowerCase().includes(text.toLowerCase()))
}
