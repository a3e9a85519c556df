// People write to each other, in twos and threes: nobody reloads, nothing is lost or doubled, and what is deleted is gone.
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Account, ApiClient, arrives, isSignedIn, newAccount, signIn } from '../support/account.ts'
import { seriousFindings } from '../support/axe.ts'
import { Chromium, type ChromiumTab } from '../support/browsers.ts'
import { type Colour, showsColour, stripes } from '../support/png.ts'
import { Server } from '../support/server.ts'
import { until } from '../support/wait.ts'
import { end } from '../support/world.ts'

const annAccount = newAccount('Ann', 'Archer')
const benAccount = newAccount('Ben', 'Baker')
const eveAccount = newAccount('Eve', 'Elm')

const TEAL: Colour = [0, 128, 128]

let server: Server
let chromium: Chromium
let annApi: ApiClient
let benApi: ApiClient
let annTab: ChromiumTab
let ann: Page
let ben: Page

async function enter(account: Account, path: string, options = {}): Promise<ChromiumTab> {
  const tab = await chromium.tab(options)
  await tab.goto(`${server.url}/sign-in?next=${encodeURIComponent(path)}`)
  await signIn(tab.page, account)
  await isSignedIn(tab.page, account)
  return tab
}

beforeAll(async () => {
  server = await Server.start('--dev')
  chromium = await Chromium.launch('none')
  annApi = await ApiClient.register(server, annAccount)
  benApi = await ApiClient.register(server, benAccount)
  await ApiClient.register(server, eveAccount)
  await annApi.call('PUT', `/api/v1/people/${benAccount.username}/follow`)
  await benApi.call('PUT', `/api/v1/people/${annAccount.username}/follow`)
  for (const api of [annApi, benApi]) await api.call('PUT', '/api/v1/notifications/read')
  annTab = await enter(annAccount, `/@${benAccount.username}`)
  ann = annTab.page
  ben = (await enter(benAccount, '/messages')).page
})

afterAll(async () => {
  // A server that is away, and what was deleted or is not for everybody, is what some of this is about.
  const expected = /WebSocket connection|ERR_CONNECTION|ERR_EMPTY_RESPONSE|ERR_FAILED|status of (404|409)/
  await end([server], [chromium], [expected])
})

const messages = (page: Page): Locator => page.getByTestId('message')
const saying = (page: Page, text: string): Locator => messages(page).filter({ hasText: text })
const field = (page: Page): Locator => page.getByTestId('message-text')
const rowOf = (page: Page, name: string): Locator =>
  page.getByTestId('chat-row').filter({ has: page.locator('.name', { hasText: name }) })
const markOf = (page: Page, text: string): Promise<string | null> =>
  saying(page, text).getByTestId('mark').getAttribute('data-mark')
const navCount = (page: Page): Promise<number> =>
  page.evaluate(() => Number(document.querySelector('[data-testid="nav-count"]')?.textContent ?? 0))

async function write(page: Page, text: string): Promise<void> {
  await field(page).fill(text)
  await field(page).press('Enter')
}

/** Chooses what to do about a message. */
async function act(page: Page, text: string, action: string): Promise<void> {
  await saying(page, text).hover()
  await saying(page, text).getByTestId('message-menu').click()
  await page.getByTestId(action).click()
}

/** All that a conversation's page shows, from the oldest message on. */
const shown = (page: Page): Promise<string[]> =>
  page.locator('[data-testid="message"] .text p').evaluateAll((all) => all.map((one) => one.textContent ?? ''))

const chatOf = (page: Page): string => /\/messages\/([\w-]+)/.exec(page.url())![1]!

test('two write to each other without a reload, and see that one types, and what has arrived and was seen', async () => {
  await ann.getByTestId('write').click()
  await ann.waitForURL(/\/messages\/[0-9a-f-]{36}$/)
  await write(ann, 'Hello Ben')
  await saying(ann, 'Hello Ben').waitFor()
  // Ben looks at the list: it has reached him, and he has not seen it.
  await rowOf(ben, 'Ann Archer').getByText('Hello Ben').waitFor()
  expect(await rowOf(ben, 'Ann Archer').getByTestId('row-count').innerText()).toBe('1')
  await until('delivered', async () => (await markOf(ann, 'Hello Ben')) === 'delivered')
  await rowOf(ben, 'Ann Archer').click()
  await saying(ben, 'Hello Ben').waitFor()
  expect(await ben.getByTestId('new-line').count()).toBe(1)
  await until('seen', async () => (await markOf(ann, 'Hello Ben')) === 'seen')
  await field(ben).pressSequentially('Hi')
  await ann.getByTestId('typing').getByText('Ben Baker is typing…').waitFor()
  await field(ben).press('Enter')
  await saying(ann, 'Hi').waitFor()
  expect(await ann.getByTestId('typing').innerText()).toBe('')
  expect(await ben.getByTestId('new-line').count()).toBe(0)
})

test('who has stopped typing is said to type no more', async () => {
  await field(ben).pressSequentially('Hm')
  await ann.getByTestId('typing').getByText('typing').waitFor()
  await until('it is over', async () => (await ann.getByTestId('typing').innerText()) === '', 8000)
  await field(ben).fill('')
})

test('a message is edited, answered, and its answer leads to it', async () => {
  await write(ann, 'Tea at for?')
  await saying(ben, 'Tea at for?').waitFor()
  // The last one's own text comes back with the arrow key.
  await field(ann).press('ArrowUp')
  expect(await field(ann).inputValue()).toBe('Tea at for?')
  await field(ann).fill('Tea at four?')
  await field(ann).press('Enter')
  await saying(ben, 'Tea at four?').getByText('edited').waitFor()
  await act(ben, 'Tea at four?', 'reply-message')
  await ben.getByTestId('about').getByText('Reply to Ann Archer').waitFor()
  await ben.keyboard.type('Gladly')
  await ben.keyboard.press('Enter')
  const quote = saying(ann, 'Gladly').getByTestId('quote')
  expect(await quote.innerText()).toMatch(/You\s+Tea at four\?/)
  await quote.click()
  expect(await saying(ann, 'Tea at four?').first().evaluate((one) => one === document.activeElement)).toBe(true) // prettier-ignore
})

test('a message is deleted for all, or for oneself in each of one’s tabs', async () => {
  const second = await annTab.page.context().newPage()
  await second.goto(ann.url())
  await saying(second, 'Hello Ben').waitFor()
  await ann.bringToFront()
  await write(ann, 'A slip')
  await saying(ben, 'A slip').waitFor()
  await act(ann, 'A slip', 'delete-message')
  await saying(ben, 'Message deleted').waitFor()
  expect(await ben.getByText('A slip').count()).toBe(0)
  await act(ann, 'Hello Ben', 'hide-message')
  for (const page of [ann, second]) await until('gone', async () => (await saying(page, 'Hello Ben').count()) === 0)
  expect(await saying(ben, 'Hello Ben').count()).toBe(1)
  await ann.reload()
  await saying(ann, 'Gladly').waitFor()
  expect(await saying(ann, 'Hello Ben').count()).toBe(0)
  await second.close()
})

test('what is unread is counted alike in two tabs within a second, and cleared in both', async () => {
  await ann.goto(`${server.url}/feed`)
  const second = await ann.context().newPage()
  await second.goto(`${server.url}/people`)
  for (const page of [ann, second]) await page.getByTestId('bell').waitFor()
  const bothCount = async (expected: number): Promise<number> => {
    const started = performance.now()
    const counted = [ann, second].map((page) =>
      until(`${expected} counted`, async () => (await navCount(page)) === expected),
    )
    await Promise.all(counted)
    return performance.now() - started
  }
  await bothCount(0)
  await write(ben, 'Are you there?')
  const took = await bothCount(1)
  for (const page of [ann, second]) expect(await page.title()).toMatch(/^\(1\) /)
  await second.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Messages' }).click()
  await rowOf(second, 'Ben Baker').click()
  await saying(second, 'Are you there?').waitFor()
  const cleared = await bothCount(0)
  console.log(`counted in both tabs after ${Math.round(took)} ms, cleared after ${Math.round(cleared)} ms`)
  expect(Math.max(took, cleared)).toBeLessThan(1000)
  await second.close()
})

test('older messages come by scrolling up and move nothing; new ones wait below', async () => {
  const chat = chatOf(ben)
  for (let number = 1; number <= 75; number++) {
    const body = { client_id: crypto.randomUUID(), text: `Number ${number}.` }
    await benApi.call('POST', `/api/v1/conversations/${chat}/messages`, body)
  }
  await ann.goto(`${server.url}/messages/${chat}`)
  // One comes to where the new ones begin.
  await ann.getByTestId('new-line').waitFor()
  expect(await saying(ann, 'Number 1.').isVisible()).toBe(true)
  await ann.getByTestId('jump').click()
  await saying(ann, 'Number 75.').waitFor()
  await ann.reload()
  await saying(ann, 'Number 75.').waitFor()
  const box = ann.getByTestId('messages')
  await box.evaluate((element) => (element.scrollTop = 700))
  const mark = saying(ann, 'Number 45.')
  await mark.scrollIntoViewIfNeeded()
  const top = (): Promise<number> => mark.evaluate((element) => element.getBoundingClientRect().top)
  const before = await top()
  await benApi.call('POST', `/api/v1/conversations/${chat}/messages`, { client_id: crypto.randomUUID(), text: 'From below' }) // prettier-ignore
  await ann.getByRole('button', { name: 'Jump to latest (1)' }).waitFor()
  expect(Math.abs((await top()) - before)).toBeLessThan(2)
  await until('the beginning', async () => {
    await box.evaluate((element) => (element.scrollTop = 0))
    return (await ann.getByText('This is where your conversation with Ben Baker begins.').count()) > 0
  })
  await ann.getByTestId('jump').click()
  expect(await box.evaluate((element) => element.scrollHeight - element.scrollTop - element.clientHeight)).toBeLessThan(2) // prettier-ignore
  // Who is at the bottom goes along.
  await write(ben, 'And on')
  await saying(ann, 'And on').waitFor()
  await until('at the bottom', () =>
    box.evaluate((element) => element.scrollHeight - element.scrollTop - element.clientHeight < 2),
  )
})

test('a conversation is searched, and a hit far back is shown', async () => {
  await ann.reload()
  await saying(ann, 'And on').waitFor()
  await ann.getByTestId('search-chat').click()
  await ann.keyboard.type('gladly')
  await ann.getByTestId('chat-hit').click()
  const hit = saying(ann, 'Gladly')
  await until('it is shown', () => hit.evaluate((one) => one === document.activeElement))
  expect(await hit.isVisible()).toBe(true)
})

test('kill -9 and a restart in the middle lose nothing and double nothing', async () => {
  const chat = chatOf(ben)
  for (const page of [ann, ben]) await page.goto(`${server.url}/messages/${chat}`)
  await saying(ann, 'And on').waitFor()
  await saying(ben, 'And on').waitFor()
  await write(ann, 'before 1')
  await write(ben, 'before 2')
  await saying(ann, 'before 2').waitFor()
  // The answer to this one is lost with the server, and the message is not.
  const killed = new Promise<void>((done) => {
    void ann.route('**/messages', async (route) => {
      if (route.request().method() !== 'POST') return route.continue()
      await route.fetch()
      await server.kill()
      await route.abort()
      done()
    })
  })
  await write(ann, 'during 1')
  await killed
  await ann.unroute('**/messages')
  await write(ann, 'during 2')
  await saying(ann, 'during 2').getByTestId('message-failed').waitFor()
  await write(ben, 'during 3')
  await saying(ben, 'during 3').getByTestId('message-failed').waitFor()
  // Not even a reload would lose it; here the page stays.
  await server.run()
  for (const page of [ann, ben]) {
    for (const text of ['during 1', 'during 2', 'during 3']) {
      await until(`${text} has arrived`, async () => (await saying(page, text).getByTestId('message-failed').count()) === 0 && (await saying(page, text).count()) === 1, 40_000) // prettier-ignore
    }
  }
  await write(ben, 'after')
  await saying(ann, 'after').waitFor()
  const stored = await annApi.call<{ items: { text: string }[] }>('GET', `/api/v1/conversations/${chat}/messages?limit=6`) // prettier-ignore
  const texts = stored.items.map(({ text }) => text).reverse()
  expect([...texts].sort()).toEqual(['after', 'before 1', 'before 2', 'during 1', 'during 2', 'during 3'])
  expect(texts.indexOf('during 1')).toBeLessThan(texts.indexOf('during 2'))
  for (const page of [ann, ben]) expect((await shown(page)).slice(-6)).toEqual(texts)
})

test('a draft stays through a reload, and a message that could not leave is sent after it', async () => {
  await ann.route('**/messages', (route) => (route.request().method() === 'POST' ? route.abort() : route.continue()))
  await write(ann, 'late but safe')
  await saying(ann, 'late but safe').getByTestId('message-failed').waitFor()
  await field(ann).fill('Half a sen')
  await ann.unroute('**/messages')
  await ann.reload()
  await saying(ben, 'late but safe').waitFor()
  expect(await field(ann).inputValue()).toBe('Half a sen')
  expect(await saying(ann, 'late but safe').count()).toBe(1)
  await field(ann).fill('')
})

test('the history is cleared for oneself, and the other keeps theirs', async () => {
  await ann.getByTestId('chat-menu').click()
  await ann.getByTestId('clear').click()
  await ann.getByTestId('clear-sure').click()
  await until('empty', async () => (await messages(ann).count()) === 0)
  expect(await saying(ben, 'late but safe').count()).toBe(1)
  await write(ben, 'A new page')
  await saying(ann, 'A new page').waitFor()
  expect(await messages(ann).count()).toBe(1)
})

test('a stranger waits for a yes', async () => {
  const eve = (await enter(eveAccount, `/messages/new?to=${annAccount.username}`)).page
  await eve.waitForURL(/\/messages\/[0-9a-f-]{36}$/)
  await write(eve, 'We have not met')
  await until('it is sent', async () => (await markOf(eve, 'We have not met')) !== 'sending')
  await ann.goto(`${server.url}/messages/requests`)
  await until('it is counted', async () => (await navCount(ann)) === 1)
  await rowOf(ann, 'Eve Elm').click()
  await saying(ann, 'We have not met').waitFor()
  expect(await field(ann).count()).toBe(0)
  await ann.getByTestId('accept-chat').click()
  await write(ann, 'Nice to meet you')
  await saying(eve, 'Nice to meet you').waitFor()
  await until('nothing is unread', async () => (await navCount(ann)) === 0)
  await ann.goto(`${server.url}/messages`)
  await rowOf(ann, 'Eve Elm').waitFor()
  // Who is blocked finds a way out, and learns nothing.
  await annApi.call('PUT', `/api/v1/people/${eveAccount.username}/block`)
  await until('she is gone', async () => (await rowOf(ann, 'Eve Elm').count()) === 0)
  await write(eve, 'Still there?')
  await eve.getByTestId('chat-gone').or(saying(eve, 'Still there?').getByTestId('message-failed')).first().waitFor()
  await eve.reload()
  await eve.getByTestId('chat-gone').getByRole('link', { name: 'To your conversations' }).click()
  await arrives(eve, '/messages')
  await annApi.call('DELETE', `/api/v1/people/${eveAccount.username}/block`)
  await eve.context().close()
})

test('three in a group: invited, joined, renamed, left', async () => {
  const eve = (await enter(eveAccount, '/messages/requests')).page
  await ann.getByTestId('begin').click()
  await ann.getByTestId('new-group').click()
  const dialog = ann.getByRole('dialog', { name: 'New group' })
  await ann.keyboard.type('Walks')
  for (const [query, name] of [['ben', 'Ben Baker'], ['eve', 'Eve Elm']] as const) {
    await dialog.getByTestId('people-query').fill(query)
    await dialog.getByTestId('pick-person').filter({ hasText: name }).click()
  } // prettier-ignore
  await dialog.getByTestId('create-group').click()
  await ann.waitForURL(/\/messages\/[0-9a-f-]{36}$/)
  await ann.getByTestId('note').getByText('Ann Archer created the group').waitFor()
  await ben.goto(`${server.url}/messages/requests`)
  for (const page of [ben, eve]) {
    await rowOf(page, 'Walks').click()
    await page.getByTestId('accept-chat').click()
    await field(page).waitFor()
  }
  await ann.getByTestId('note').getByText('Eve Elm joined').waitFor()
  await write(ann, 'Sunday?')
  await write(ben, 'Yes')
  for (const page of [ann, ben, eve]) await saying(page, 'Sunday?').waitFor()
  await saying(eve, 'Yes').getByText('Ben Baker').first().waitFor()
  await ann.getByTestId('chat-menu').click()
  await ann.getByTestId('details').click()
  await until('three of them', async () => (await ann.getByTestId('member').count()) === 3)
  await ann.getByTestId('rename').fill('Long walks')
  await ann.getByTestId('save-name').click()
  await eve.getByTestId('note').getByText('Ann Archer named the group “Long walks”').waitFor()
  await eve.getByRole('heading', { name: 'Long walks' }).waitFor()
  // A picture for all, who see it where the group's colour was.
  const picked = ann.waitForEvent('filechooser')
  await ann.getByRole('button', { name: 'Choose a picture…' }).click()
  await (await picked).setFiles({ name: 'walk.png', mimeType: 'image/png', buffer: stripes(64, 64, [TEAL]) })
  await ann.getByRole('button', { name: 'Use it' }).click()
  await eve.getByTestId('note').getByText('Ann Archer changed the picture of the group').waitFor()
  for (const page of [ben, eve]) {
    const header = page.locator('header', { has: page.getByRole('heading', { name: 'Long walks' }) })
    const picture = header.locator('img[src^="/media/"]')
    await picture.waitFor()
    expect(await showsColour(picture, TEAL)).toBe(true)
  }
  const row = ann.getByTestId('member').filter({ hasText: 'Eve Elm' })
  await row.getByTestId('member-menu').click()
  await ann.getByTestId('remove-member').filter({ visible: true }).click()
  await eve.getByTestId('chat-gone').waitFor()
  await ann.keyboard.press('Escape')
  await ben.getByTestId('chat-menu').click()
  await ben.getByTestId('details').click()
  await ben.getByTestId('leave-group').click()
  await ben.getByTestId('leave-sure').click()
  await arrives(ben, '/messages')
  await ann.getByTestId('note').getByText('Ben Baker left').waitFor()
  await eve.context().close()
})

test('all of it goes by keys', async () => {
  const { page } = annTab
  await page.goto(`${server.url}/messages`)
  await rowOf(page, 'Ben Baker').focus()
  await page.keyboard.press('Enter')
  await until('one can write', () => field(page).evaluate((one) => one === document.activeElement))
  await page.keyboard.type('Typed')
  await page.keyboard.press('Enter')
  await saying(page, 'Typed').waitFor()
  // Back to the last message's button, up to the one before, and down again.
  await until('the button', async () => {
    await page.keyboard.press('Shift+Tab')
    return page.evaluate(() => document.activeElement?.hasAttribute('data-more') === true)
  })
  await page.keyboard.press('ArrowUp')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await page.getByTestId('message-actions').waitFor()
  await page.keyboard.press('Escape')
  expect(await page.evaluate(() => document.activeElement?.hasAttribute('data-more'))).toBe(true)
  await page.keyboard.press('Enter')
  await page.keyboard.press('Enter')
  await page.getByTestId('about').waitFor()
  await page.keyboard.press('Escape')
  expect(await page.getByTestId('about').count()).toBe(0)
})

test.each(['light', 'dark'] as const)('no serious faults in the %s theme, and it fits 320 pixels', async (colorScheme) => {
  // axe's script is not the page's own, so the policy would refuse it.
  const tab = await enter(annAccount, '/messages', { colorScheme, bypassCSP: true })
  const { page } = tab
  await rowOf(page, 'Ben Baker').waitFor()
  expect(await seriousFindings(page)).toEqual([])
  await rowOf(page, 'Ben Baker').click()
  await saying(page, 'A new page').waitFor()
  expect(await seriousFindings(page)).toEqual([])
  await page.setViewportSize({ width: 320, height: 640 })
  const width = (): Promise<number> => page.evaluate(() => document.documentElement.scrollWidth)
  expect(await width()).toBeLessThanOrEqual(320)
  expect(await seriousFindings(page)).toEqual([])
  await page.getByRole('link', { name: 'To your conversations' }).click()
  await rowOf(page, 'Ben Baker').waitFor()
  expect(await width()).toBeLessThanOrEqual(320)
  expect(await rowOf(page, 'Ben Baker').evaluate((one) => one === document.activeElement)).toBe(true)
  await tab.close()
}) // prettier-ignore
