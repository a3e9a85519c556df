// What others do that concerns one: counted in every tab at once, listed, answered, muted, and told by the browser.
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ApiClient, isSignedIn, newAccount, signIn } from '../support/account.ts'
import { seriousFindings } from '../support/axe.ts'
import { Chromium, type ChromiumTab } from '../support/browsers.ts'
import { fits } from '../support/fits.ts'
import { Proxy } from '../support/proxy.ts'
import { Server } from '../support/server.ts'
import { until } from '../support/wait.ts'
import { end } from '../support/world.ts'

const annAccount = newAccount('Ann', 'Archer')
const benAccount = newAccount('Ben', 'Baker')

let server: Server
let proxy: Proxy
let chromium: Chromium
let ann: ApiClient
let ben: ApiClient
let annTab: ChromiumTab
/** Ann's tabs: one on the page of notifications, one elsewhere. */
let list: Page
let other: Page
let context: BrowserContext

beforeAll(async () => {
  server = await Server.start('--dev')
  proxy = await Proxy.start(server.port)
  chromium = await Chromium.launch('none')
  ann = await ApiClient.register(server, annAccount)
  ben = await ApiClient.register(server, benAccount)
  annTab = await chromium.tab()
  list = annTab.page
  context = list.context()
  await list.goto(`${proxy.url}/sign-in?next=/notifications`)
  await signIn(list, annAccount)
  await isSignedIn(list, annAccount)
  other = await context.newPage()
  await other.goto(`${proxy.url}/people`)
  for (const page of [list, other]) await page.getByTestId('bell').waitFor()
})

afterAll(async () => {
  await proxy?.stop()
  // Cut connections and a server that is away are what some of this is about.
  await end([server], [chromium], [/WebSocket connection|ERR_CONNECTION|ERR_EMPTY_RESPONSE|ERR_SOCKET|status of 401/])
})

/** What stands beside the bell. */
const count = (page: Page): Promise<number> =>
  page.getByTestId('bell').getAttribute('aria-label').then((label) => Number(/\d+/.exec(label ?? '')?.[0] ?? 0)) // prettier-ignore

/** Does it, and measures in both tabs how long the count takes to be this; ms. */
async function counted(expected: number, act: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await act()
  const times = [list, other].map((page) =>
    until(`the count is ${expected}`, async () => (await count(page)) === expected).then(
      () => performance.now() - started,
    ),
  )
  return Math.max(...(await Promise.all(times)))
}

const rows = (page: Page) => page.getByRole('main').getByTestId('notification')

let post: string

test('what Ben does is counted in both tabs of Ann within a second, without a reload', async () => {
  const id = crypto.randomUUID()
  const draft = { client_id: id, text: 'Bread is ready', audience: 'public', images: [] }
  post = (await ann.call<{ id: string }>('POST', '/api/v1/posts', draft)).id
  const acts = [
    () => ben.call('PUT', `/api/v1/people/${annAccount.username}/follow`),
    () => ben.call('PUT', `/api/v1/posts/${post}/like`),
    () => ben.call('POST', `/api/v1/posts/${post}/comments`, { client_id: crypto.randomUUID(), text: 'Save me a slice' }),
  ] // prettier-ignore
  const times: number[] = []
  for (const [index, act] of acts.entries()) times.push(await counted(index + 1, act))
  console.log(`counted in both tabs after ${times.map(Math.round).join(', ')} ms`)
  expect(Math.max(...times)).toBeLessThan(1000)
  await until('three lines', async () => (await rows(list).count()) === 3)
  const texts = await rows(list).locator('.line').allInnerTexts()
  expect(texts.map((text) => text.replace(/^.*:\s*/s, ''))).toEqual([
    'Ben Baker commented on your post',
    'Ben Baker liked your post',
    'Ben Baker followed you',
  ])
  expect(await rows(list).first().innerText()).toContain('Save me a slice')
  for (const page of [list, other]) expect(await page.title()).toMatch(/^\(3\) /)
})

test('opening one leads to its place, and clears it in both tabs', async () => {
  const took = await counted(2, async () => {
    await rows(list).filter({ hasText: 'commented' }).getByRole('link').click()
    await list.waitForURL((url) => url.pathname === `/p/${post}`)
  })
  console.log(`read in both tabs after ${Math.round(took)} ms`)
  await list.getByText('Save me a slice').first().waitFor()
})

test('the menu of the bell shows the newest, with the keyboard too', async () => {
  await other.getByTestId('bell').focus()
  await other.keyboard.press('Enter')
  await other.getByRole('list', { name: 'The newest notifications' }).getByText('Ben Baker').first().waitFor()
  await other.keyboard.press('Escape')
  await other.getByTestId('bell').click()
  await other.getByTestId('all-notifications').click()
  await other.waitForURL((url) => url.pathname === '/notifications')
  await list.goto(`${proxy.url}/notifications`)
  await until('three lines in both', async () => {
    const counts = await Promise.all([rows(list).count(), rows(other).count()])
    return counts.join() === '3,3'
  })
})

test('one is deleted, brought back, deleted for good; and all are read', async () => {
  const liked = (page: Page) => rows(page).filter({ hasText: 'liked' })
  await liked(list).getByTestId('remove').click()
  await until('hidden', async () => (await liked(list).count()) === 0)
  await list.getByRole('button', { name: 'Undo' }).click()
  await until('back', async () => (await liked(list).count()) === 1)
  // With the keyboard, after which the focus is on the next one.
  await liked(list).getByRole('link').focus()
  await list.keyboard.press('Delete')
  await until('hidden again', async () => (await liked(list).count()) === 0)
  expect(await list.evaluate(() => document.activeElement?.closest('[data-id]') !== null)).toBe(true)
  await until('gone for good', async () => (await liked(other).count()) === 0)
  expect(await rows(list).count()).toBe(2)
  await counted(0, () => list.getByTestId('read-all').click())
  await list.getByRole('button', { name: 'Unread' }).click()
  await list.getByText('All caught up').waitFor()
  await list.getByRole('button', { name: 'All', exact: true }).click()
})

test('a request of a friend is answered where it is told', async () => {
  await counted(1, () => ben.call('PUT', `/api/v1/people/${annAccount.username}/friend`))
  await list.getByTestId('accept').click()
  await list.getByText('You are friends now.').first().waitFor()
  await counted(0, async () => undefined)
  const { connection } = await ben.call<{ connection: { friendship: string } }>('GET', `/api/v1/people/${annAccount.username}`) // prettier-ignore
  expect(connection.friendship).toBe('friends')
})

test('nothing is lost while the connection is cut or the server is away', async () => {
  proxy.cut()
  await counted(1, () => ben.call('POST', `/api/v1/posts/${post}/comments`, { client_id: crypto.randomUUID(), text: 'While cut' })) // prettier-ignore
  await server.kill()
  await server.run()
  await counted(2, () => ben.call('DELETE', `/api/v1/posts/${post}/like`).then(() => ben.call('PUT', `/api/v1/posts/${post}/like`))) // prettier-ignore
  await until('both lines', async () => (await list.getByText('While cut').count()) > 0)
})

test('a kind that is muted is not told', async () => {
  await other.goto(`${proxy.url}/settings/notifications`)
  await other.getByTestId('notify-comment').uncheck()
  await until('it is saved', async () => {
    const { muted } = await ann.call<{ muted: string[] }>('GET', '/api/v1/me/notification-settings')
    return muted.join() === 'comment'
  })
  await ben.call('POST', `/api/v1/posts/${post}/comments`, { client_id: crypto.randomUUID(), text: 'Unheard' })
  // What comes after it is counted, and the comment is not.
  await ben.call('DELETE', `/api/v1/people/${annAccount.username}/follow`)
  await counted(3, () => ben.call('PUT', `/api/v1/people/${annAccount.username}/follow`))
  expect(await list.getByText('Unheard').count()).toBe(0)
})

test('all are deleted after a question', async () => {
  await list.getByTestId('remove-all').click()
  await counted(0, () => list.getByTestId('remove-all-sure').click())
  await list.getByText('Nothing yet').waitFor()
})

test('who has refused is told what to do, and is not asked', async () => {
  const tab = await chromium.tab()
  await tab.page.addInitScript(() => Object.defineProperty(Notification, 'permission', { get: () => 'denied' }))
  await tab.goto(`${proxy.url}/sign-in?next=/settings/notifications`)
  await signIn(tab.page, annAccount)
  await tab.page.locator('[data-testid="push"][data-state="denied"]').waitFor()
  await tab.page.getByText('This browser blocks notifications of this site.').waitFor()
  expect(await tab.page.getByTestId('push-on').count()).toBe(0)
  await tab.close()
})

test('a push wakes the worker, which asks the server and shows what is new', async () => {
  await context.grantPermissions(['notifications'], { origin: proxy.url })
  await ben.call('DELETE', `/api/v1/posts/${post}/like`)
  await counted(1, () => ben.call('PUT', `/api/v1/posts/${post}/like`))
  await list.evaluate(async () => {
    await navigator.serviceWorker.register('/push.js')
    await navigator.serviceWorker.ready
  })
  const devtools = await context.newCDPSession(list)
  const registration = new Promise<string>((resolve) =>
    devtools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      const ours = registrations.find(({ scopeURL }) => scopeURL.startsWith(proxy.url))
      if (ours) resolve(ours.registrationId)
    }),
  )
  await devtools.send('ServiceWorker.enable')
  await devtools.send('ServiceWorker.deliverPushMessage', {
    origin: proxy.url,
    registrationId: await registration,
    data: '',
  })
  const shown = (): Promise<{ body: string; data: unknown }[]> =>
    list.evaluate(async () => {
      const { active } = await navigator.serviceWorker.ready
      const registration = await navigator.serviceWorker.getRegistration()
      const notifications = active && registration ? await registration.getNotifications() : []
      return notifications.map(({ body, data }) => ({ body, data: data as unknown }))
    })
  await until('the browser tells it', async () => (await shown()).length === 1)
  expect(await shown()).toEqual([{ body: 'Ben Baker liked your post', data: `/p/${post}` }])
  await devtools.detach()
})

test('its pages have no serious faults, and fit a narrow phone', async () => {
  await list.setViewportSize({ width: 320, height: 640 })
  for (const path of ['/notifications', '/settings/notifications']) {
    await list.goto(proxy.url + path)
    await list
      .getByRole('main')
      .getByTestId(path === '/notifications' ? 'notification' : 'notify-follow')
      .waitFor()
    await list.getByTestId('bell').waitFor()
    await fits(list)
    expect(await seriousFindings(list)).toEqual([])
  }
  await list.setViewportSize({ width: 1280, height: 800 })
})
