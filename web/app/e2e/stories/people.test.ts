// People with accounts in meetings: they bring their names and pictures, host theirs without a key, keep guests out, and go
// when their session ends.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ApiClient, arrives, endOtherSession, isSignedIn, newAccount, signIn } from '../support/account.ts'
import { Chromium, type ChromiumTab } from '../support/browsers.ts'
import { Participant } from '../support/participant.ts'
import { type Colour, showsColour, stripes } from '../support/png.ts'
import { Server } from '../support/server.ts'
import { until } from '../support/wait.ts'
import { end } from '../support/world.ts'

const TEAL: Colour = [0, 128, 128]
const small = 'e2e&width=160&height=90&fps=10'

let server: Server
let chromium: Chromium
const annAccount = newAccount('Ann', 'Archer')
const bobAccount = newAccount('Bob', 'Baker')
let annTab: ChromiumTab
let ann: Participant
let bobTab: ChromiumTab
let bob: Participant
/** Where Ann's meeting is. */
let link: string

beforeAll(async () => {
  server = await Server.start('--dev')
  const register = async (): Promise<void> => {
    const client = await ApiClient.register(server, annAccount)
    await client.call('PUT', '/api/v1/me/picture', stripes(64, 64, [TEAL]))
    await ApiClient.register(server, bobAccount)
  }
  ;[chromium] = await Promise.all([Chromium.launch(), register()])
  annTab = await chromium.tab()
  ann = new Participant('Ann Archer', annTab)
  bobTab = await chromium.tab()
  bob = new Participant('Bob Baker', bobTab)
})

afterAll(async () => {
  // Browsers report what a meeting without guests answers to one.
  await end([server], [chromium], [/status of 401 .*\/join$/])
})

/** Makes a meeting on the start page as who is signed in there, and goes up to its lobby; its link. */
async function createMeeting({ page }: ChromiumTab, { guests }: { guests: boolean }): Promise<string> {
  await page.goto(`${server.url}/?${small}`)
  const allowed = page.getByLabel('Guests without an account may join')
  expect(await allowed.isChecked()).toBe(true)
  if (!guests) await allowed.uncheck()
  await page.getByRole('button', { name: 'New meeting' }).click()
  await page.waitForURL(/\/r\//)
  return page.url().split('?')[0]!
}

test('one joins by one’s account, whose name and picture the others see while the camera is off', async () => {
  await annTab.goto(`${server.url}/sign-in`)
  await signIn(annTab.page, annAccount)
  await isSignedIn(annTab.page, annAccount)
  link = await createMeeting(annTab, { guests: true })
  const name = annTab.page.getByLabel('Your name')
  expect([await name.inputValue(), await name.isEditable()]).toEqual(['Ann Archer', false])
  await ann.enterSignedIn()
  await ann.tab.click('toggle-camera')
  const guest = await chromium.tab()
  const gus = new Participant('Gus', guest)
  await gus.join(link, small)
  const tile = guest.page.locator(`[data-testid="tile"][data-participant="${await gus.idOf('Ann Archer')}"]`)
  await tile.getByText('Ann Archer').waitFor()
  expect(await showsColour(tile.locator('img'), TEAL)).toBe(true)
  // Ann sees that the guest has neither.
  const other = annTab.page.locator(`[data-testid="tile"][data-participant="${await ann.idOf('Gus')}"]`)
  await other.getByText('Gus').waitFor()
  expect(await other.locator('img').count()).toBe(0)
  await guest.close()
})

test('one’s own meeting is hosted from any browser in which one signs in, without a key', async () => {
  const elsewhere = await chromium.tab()
  await elsewhere.goto(`${server.url}/sign-in?next=${encodeURIComponent(`${new URL(link).pathname}?${small}`)}`)
  await signIn(elsewhere.page, annAccount)
  const again = new Participant('Ann Archer', elsewhere)
  await again.enterSignedIn()
  expect(await again.room((room) => room.local.role)).toBe('host')
  const keys = await elsewhere.evaluate(() => Object.keys(localStorage), null)
  expect(keys.filter((key) => key.startsWith('confab.host'))).toEqual([])
  await elsewhere.close()
})

test('a meeting without guests leads one to signing in, and from there back to its lobby', async () => {
  link = await createMeeting(annTab, { guests: false })
  await ann.enterSignedIn()
  await bobTab.goto(`${link}?${small}`)
  await bob.reads('This meeting is for people with an account.')
  expect(await bobTab.page.getByRole('button', { name: 'Join' }).isDisabled()).toBe(true)
  // Not only the button: the server refuses too.
  const refused = await bobTab.evaluate(
    async (url) => {
      const headers = { 'content-type': 'application/json', 'x-confab': '1' }
      const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ name: 'Bob' }) })
      return [answer.status, ((await answer.json()) as { error: { code: string } }).error.code]
    },
    `/api/v1/rooms/${link.split('/').at(-1)}/join`,
  )
  expect(refused).toEqual([401, 'sign_in_required'])
  await bobTab.page.getByRole('main').getByRole('link', { name: 'Sign in' }).click()
  await signIn(bobTab.page, bobAccount)
  await arrives(bobTab.page, `${new URL(link).pathname}?${small}`)
  await bob.enterSignedIn()
  await until('Ann sees Bob', async () => (await ann.others()).includes('Bob Baker'))
})

test('who is signed out elsewhere is out of the call at once', async () => {
  const elsewhere = await chromium.tab()
  await elsewhere.goto(`${server.url}/sign-in`)
  await signIn(elsewhere.page, bobAccount)
  await isSignedIn(elsewhere.page, bobAccount)
  await bobTab.evaluate(noteText, 'You were signed out')
  const clicked = await endOtherSession(elsewhere.page, server)
  await bob.reads('You were signed out')
  const after = (await bobTab.evaluate(() => (window as unknown as { toldAt: number }).toldAt, null)) - clicked
  console.log(`out of the call ${after} ms after the click`)
  expect(after).toBeGreaterThan(0)
  expect(after).toBeLessThan(2000)
  expect(await bobTab.page.locator('video').count()).toBe(0)
  await until('Ann sees Bob go', async () => !(await ann.others()).includes('Bob Baker'))
  // Nobody is signed in there any more, and guests are not let in.
  await bobTab.page.getByRole('button', { name: 'Rejoin' }).click()
  await bob.reads('This meeting is for people with an account.')
})

/** Runs in the page: notes when a text appears. */
function noteText(text: string): void {
  const look = (): void => {
    if (!document.body.innerText.includes(text)) return
    observer.disconnect()
    Object.assign(window, { toldAt: Date.now() })
  }
  const observer = new MutationObserver(look)
  observer.observe(document.body, { childList: true, subtree: true, characterData: true })
}
