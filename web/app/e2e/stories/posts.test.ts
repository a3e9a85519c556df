// Two people with accounts read, like and answer each other's posts: nobody reloads, nothing jumps, nothing is lost, and what
// fails is taken back.
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ApiClient, arrives, isSignedIn, newAccount, signIn } from '../support/account.ts'
import { seriousFindings } from '../support/axe.ts'
import { Chromium, type ChromiumTab } from '../support/browsers.ts'
import { fits } from '../support/fits.ts'
import { type Colour, showsColour, stripes } from '../support/png.ts'
import { Server } from '../support/server.ts'
import { until } from '../support/wait.ts'
import { end } from '../support/world.ts'

const TEAL: Colour = [0, 128, 128]
const picture = stripes(640, 360, [TEAL]).toString('base64')

let server: Server
let chromium: Chromium
const annAccount = newAccount('Ann', 'Archer')
const benAccount = newAccount('Ben', 'Baker')
let annApi: ApiClient
let ann: ChromiumTab
let ben: ChromiumTab

beforeAll(async () => {
  server = await Server.start('--dev')
  const register = async (): Promise<void> => {
    annApi = await ApiClient.register(server, annAccount)
    const benApi = await ApiClient.register(server, benAccount)
    await benApi.call('PUT', `/api/v1/people/${annAccount.username}/follow`)
  }
  ;[chromium] = await Promise.all([Chromium.launch(), register()])
  const permissions = ['clipboard-read', 'clipboard-write']
  ann = await chromium.tab({ permissions })
  ben = await chromium.tab()
  for (const [tab, account] of [[ann, annAccount], [ben, benAccount]] as const) {
    await tab.goto(`${server.url}/sign-in?next=%2Ffeed`)
    await signIn(tab.page, account)
    await isSignedIn(tab.page, account)
    await arrives(tab.page, '/feed')
  }
}) // prettier-ignore

afterAll(async () => {
  // What was deleted is asked for once more; the network fails where a story cuts it.
  await end([server], [chromium], [/status of 404/, /ERR_FAILED|ERR_INTERNET_DISCONNECTED|WebSocket connection/])
})

const postsOf = (page: Page): Locator => page.getByTestId('post')
const withText = (page: Page, text: string): Locator => postsOf(page).filter({ hasText: text })
const composer = (page: Page): Locator => page.getByTestId('composer-text')
const toast = (page: Page, text: string): Locator => page.getByTestId('toast').filter({ hasText: text })

/** More than a page of posts has places for the focus. */
const MAX_TABS = 300

/** A number that no longer changes: a wheel goes on turning after it was pushed. */
async function atRest(read: () => Promise<number>): Promise<number> {
  let last = NaN
  await until('it is at rest', async () => {
    const before = last
    last = await read()
    return last === before
  })
  return last
}

/** Gives files to what is focused, as a paste or a drop would. */
async function give(kind: 'paste' | 'drop', target: Locator): Promise<boolean> {
  return target.evaluate(
    (element, { kind, picture }) => {
      const bytes = Uint8Array.from(atob(picture), (letter) => letter.charCodeAt(0))
      const transfer = new DataTransfer()
      transfer.items.add(new File([bytes], 'stripes.png', { type: 'image/png' }))
      const options = { bubbles: true, cancelable: true }
      const event =
        kind === 'paste'
          ? new ClipboardEvent('paste', { ...options, clipboardData: transfer })
          : new DragEvent('drop', { ...options, dataTransfer: transfer })
      return !element.dispatchEvent(event)
    },
    { kind, picture },
  )
}

async function menu(page: Page, post: Locator, entry: string): Promise<void> {
  await post.getByTestId('post-menu').click()
  await page.getByTestId(entry).filter({ visible: true }).click()
}

test('an image is pasted, described and posted, and a follower sees it without reloading', async () => {
  const { page } = ann
  await page.getByRole('heading', { name: 'Your feed is quiet' }).waitFor()
  await composer(page).fill(`Hello @${benAccount.username}, from the market`)
  await give('paste', composer(page))
  // Without a description one is asked.
  await until('the image is uploaded', async () => (await page.getByRole('progressbar').count()) === 0)
  await composer(page).press('Control+Enter')
  await page.getByRole('dialog', { name: 'Describe your images?' }).waitFor()
  await page.getByTestId('add-alt').click()
  expect(await page.getByTestId('alt').evaluate((field) => field === document.activeElement)).toBe(true)
  await page.keyboard.type('A teal field')
  await page.keyboard.press('Control+Enter')
  const mine = withText(page, 'from the market')
  await mine.waitFor()
  expect(await composer(page).inputValue()).toBe('')
  await until('it has arrived', async () => (await mine.getAttribute('aria-busy')) === 'false')
  // Ben had nothing to read, and did nothing.
  await ben.page.getByTestId('fresh').filter({ hasText: '1 new post' }).click()
  const read = withText(ben.page, 'from the market')
  const image = read.getByRole('img', { name: 'A teal field' })
  expect([await image.getAttribute('width'), await image.getAttribute('height')]).toEqual(['640', '360'])
  expect(await showsColour(image, TEAL)).toBe(true)
  expect(await read.getByRole('link', { name: `@${benAccount.username}`, exact: true }).getAttribute('href')).toBe(
    `/@${benAccount.username}`,
  )
})

test('a dropped image is taken in wherever it falls, and never replaces the page', async () => {
  const { page } = ann
  expect(await give('drop', page.locator('h1'))).toBe(true)
  await page.getByTestId('alt').waitFor()
  await page.getByTestId('remove-image').click()
  expect(await page.getByTestId('alt').count()).toBe(0)
  await page.goto(`${server.url}/settings/privacy`)
  await page.getByRole('heading', { name: 'Settings' }).waitFor()
  expect(await give('drop', page.locator('h1'))).toBe(true)
  await page.goto(`${server.url}/feed`)
})

test('likes and comments are counted on the other’s page within a second', async () => {
  await withText(ann.page, 'from the market').getByTestId('comment-count').click()
  await ann.page.getByRole('heading', { name: 'Comments' }).waitFor()
  await withText(ben.page, 'from the market').getByTestId('comment-count').click()
  await ben.page.getByText('No comments yet.').waitFor()
  const liked = performance.now()
  await ben.page.getByTestId('like').click()
  expect(await ben.page.getByTestId('like').getAttribute('aria-pressed')).toBe('true')
  await ann.page.getByRole('button', { name: '1 like' }).waitFor()
  console.log(`the like is there after ${Math.round(performance.now() - liked)} ms`)
  await ben.page.getByTestId('comment-text').fill('Wonderful!')
  await ben.page.getByTestId('comment-text').press('Control+Enter')
  await ben.page.getByTestId('comment').filter({ hasText: 'Wonderful!' }).waitFor()
  await ann.page.getByTestId('comment').filter({ hasText: 'Wonderful!' }).waitFor()
  expect(await ann.page.getByTestId('comment-count').innerText()).toContain('1')
  await ann.page.getByTestId('likes').first().click()
  await ann.page.getByRole('dialog', { name: 'Liked by' }).getByText('Ben Baker').waitFor()
  await ann.page.keyboard.press('Escape')
})

test('a reply begins with whom it answers, and a comment can be changed and liked', async () => {
  const comment = ann.page.getByTestId('comment').filter({ hasText: 'Wonderful!' })
  await comment.getByTestId('like').click()
  await comment.getByTestId('reply').click()
  const field = ann.page.getByRole('textbox', { name: 'Write a reply' })
  expect(await field.inputValue()).toBe(`@${benAccount.username} `)
  await field.pressSequentially('Thank you.')
  await field.press('Control+Enter')
  await ann.page.getByTestId('comment').filter({ hasText: 'Thank you.' }).waitFor()
  await ben.page.getByTestId('show-replies').click()
  await ben.page.getByTestId('comment').filter({ hasText: 'Thank you.' }).waitFor()
  const mine = ben.page.getByTestId('comment').filter({ hasText: 'Wonderful!' })
  await mine.getByRole('button', { name: '1 like' }).waitFor()
  await mine.getByTestId('comment-menu').click()
  await ben.page.getByTestId('edit-comment').filter({ visible: true }).click()
  await ben.page.getByRole('textbox', { name: 'Edit comment' }).fill('Marvellous!')
  await ben.page.keyboard.press('Control+Enter')
  await ben.page.getByTestId('comment').filter({ hasText: 'Marvellous!' }).waitFor()
  await ann.page.getByTestId('comment').filter({ hasText: 'Marvellous!' }).waitFor()
})

test('a post is edited, and its author sees what it said before', async () => {
  const { page } = ann
  const post = postsOf(page).first()
  await menu(page, post, 'edit-post')
  const dialog = page.getByRole('dialog', { name: 'Edit post' })
  await dialog.getByTestId('composer-text').fill('Hello from the harbour')
  await dialog.getByTestId('audience').selectOption('followers')
  await dialog.getByTestId('composer-submit').click()
  await post.getByText('Hello from the harbour').waitFor()
  await post.getByRole('button', { name: 'edited' }).click()
  const history = page.getByTestId('history')
  await history.getByText('from the market').waitFor()
  await page.keyboard.press('Escape')
  await postsOf(ben.page).first().getByText('Hello from the harbour').waitFor()
})

test('who is signed out reads public posts, and is led to signing in', async () => {
  const { id } = await annApi.call<{ id: string }>('POST', '/api/v1/posts', {
    client_id: crypto.randomUUID(), text: 'For everybody', audience: 'public', images: [],
  }) // prettier-ignore
  const guest = await chromium.tab()
  await guest.goto(`${server.url}/p/${id}`)
  await withText(guest.page, 'For everybody').waitFor()
  expect(await guest.page.getByTestId('comment-text').count()).toBe(0)
  await guest.page.getByRole('link', { name: 'Sign in to like or comment', exact: true }).click()
  await arrives(guest.page, `/sign-in?next=${encodeURIComponent(`/p/${id}`)}`)
  await guest.close()
})

test('deleting can be undone for a while, and is for good when the page goes', async () => {
  const { page } = ann
  await page.goto(`${server.url}/feed`)
  const post = withText(page, 'For everybody')
  await menu(page, post, 'delete-post')
  await toast(page, 'Post deleted.').waitFor()
  expect(await post.count()).toBe(0)
  await page.getByRole('button', { name: 'Undo' }).click()
  await post.waitFor()
  await menu(page, post, 'delete-post')
  await toast(page, 'Post deleted.').waitFor()
  await page.reload()
  await withText(page, 'Hello from the harbour').waitFor()
  // The page that went has told the server, which may answer the next one first.
  await until('it is gone for good', async () => (await post.count()) === 0)
})

test('a draft survives a reload, with its image and description', async () => {
  const { page } = ann
  await composer(page).fill('Half a thou')
  await give('paste', composer(page))
  await page.getByTestId('alt').fill('Only teal')
  await until('the image is uploaded', async () => (await page.getByRole('progressbar').count()) === 0)
  await page.getByTestId('audience').first().selectOption('friends')
  await page.reload()
  await page.getByTestId('alt').waitFor()
  expect([
    await composer(page).inputValue(),
    await page.getByTestId('alt').inputValue(),
    await page.getByTestId('audience').first().inputValue(),
  ]).toEqual(['Half a thou', 'Only teal', 'friends'])
  await page.getByTestId('remove-image').click()
  await composer(page).fill('')
  await page.getByTestId('audience').first().selectOption('public')
})

test('what the network swallows is taken back, and can be tried again', async () => {
  const { page } = ann
  const post = withText(page, 'Hello from the harbour')
  const like = post.getByTestId('like')
  await page.route('**/like', (route) => route.abort())
  await like.click()
  await toast(page, 'Your like was not saved').waitFor()
  expect(await like.getAttribute('aria-pressed')).toBe('false')
  await page.unroute('**/like')
  await page.getByRole('button', { name: 'Try again' }).click()
  await post.getByRole('button', { name: '2 likes' }).waitFor()
  // The answer is lost, and the post is there: the second try does not post it twice.
  const devtools = await page.context().newCDPSession(page)
  const answers = { urlPattern: '*/api/v1/posts', requestStage: 'Response' } as const
  await devtools.send('Fetch.enable', { patterns: [answers] })
  devtools.once('Fetch.requestPaused', ({ requestId }) => {
    void devtools.send('Fetch.failRequest', { requestId, errorReason: 'Failed' })
  })
  await composer(page).fill('Once and only once')
  await composer(page).press('Control+Enter')
  await toast(page, 'Not posted').waitFor()
  expect(await composer(page).inputValue()).toBe('Once and only once')
  await devtools.detach()
  await page.getByRole('button', { name: 'Try again' }).click()
  await until('it is posted', async () => (await withText(page, 'Once').getAttribute('aria-busy')) === 'false')
  await page.reload()
  await withText(page, 'Once and only once').first().waitFor()
  expect([await withText(page, 'Once').count(), await composer(page).inputValue()]).toEqual([1, ''])
})

test('Back and a reload lead to where one was, and new posts move nothing', async () => {
  for (let number = 1; number <= 45; number++) {
    const text = `Number ${number}\n${'More of it.\n'.repeat(number % 7)}`
    const body = { client_id: crypto.randomUUID(), text, audience: 'public', images: [] }
    await annApi.call('POST', '/api/v1/posts', body)
  }
  const { page } = ben
  await page.goto(`${server.url}/feed`)
  const target = withText(page, 'Number 15\n').first()
  await until('the post is loaded', async () => {
    if (await target.isVisible()) return true
    await page.mouse.wheel(0, 2000)
    return false
  })
  await target.scrollIntoViewIfNeeded()
  const top = (): Promise<number> => target.evaluate((element) => element.getBoundingClientRect().top)
  const before = await atRest(top)
  await annApi.call('POST', '/api/v1/posts', {
    client_id: crypto.randomUUID(), text: 'Breaking news', audience: 'public', images: [],
  }) // prettier-ignore
  await page.getByTestId('fresh').waitFor()
  expect(Math.abs((await top()) - before)).toBeLessThan(1)
  await target.getByTestId('comment-count').click()
  await page.getByRole('heading', { name: 'Comments' }).waitFor()
  await page.goBack()
  await target.waitFor()
  await until('Back has led there', async () => Math.abs((await top()) - before) < 2)
  await page.reload()
  await target.waitFor()
  await until('the reload has led there', async () => Math.abs((await top()) - before) < 2)
  // What was new by then is above; what comes now waits until one wants it.
  const later = { client_id: crypto.randomUUID(), text: 'Later news', audience: 'public', images: [] }
  await annApi.call('POST', '/api/v1/posts', later)
  await page.getByTestId('fresh').waitFor()
  expect(Math.abs((await top()) - before)).toBeLessThan(2)
  await page.getByTestId('fresh').click()
  for (const text of ['Later news', 'Breaking news']) await withText(page, text).waitFor()
  await until('one is at the top', async () => (await page.evaluate(() => scrollY)) === 0)
})

test('all of it goes by keys', async () => {
  const { page } = ben
  const tabTo = async (what: Locator): Promise<void> => {
    // However long it takes: what counts is that it can be reached.
    for (let keys = 0; keys < MAX_TABS; keys++) {
      if (await what.evaluate((element) => element === document.activeElement)) return
      await page.keyboard.press('Tab')
    }
    throw new Error(`${MAX_TABS} times Tab do not lead to ${String(what)}`)
  }
  await page.goto(`${server.url}/feed`)
  await withText(page, 'Breaking news').waitFor()
  await tabTo(composer(page))
  await page.keyboard.type('Typed and sent by keys')
  await page.keyboard.press('Control+Enter')
  const mine = withText(page, 'Typed and sent by keys')
  await until('it is posted', async () => (await mine.getAttribute('aria-busy')) === 'false')
  const news = withText(page, 'Breaking news')
  await tabTo(news.getByTestId('like'))
  await page.keyboard.press('Enter')
  await news.getByRole('button', { name: '1 like' }).waitFor()
  await tabTo(news.getByTestId('comment-count'))
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Comments' }).waitFor()
  await tabTo(page.getByTestId('comment-text'))
  await page.keyboard.type('Without a mouse')
  await tabTo(page.getByTestId('comment-send'))
  await page.keyboard.press('Enter')
  await page.getByTestId('comment').filter({ hasText: 'Without a mouse' }).waitFor()
})

test.each(['light', 'dark'] as const)('nothing serious for axe to find in the %s theme', async (colorScheme) => {
  const tab = await chromium.tab({ colorScheme, bypassCSP: true })
  const { page } = tab
  await tab.goto(`${server.url}/sign-in?next=%2Ffeed`)
  await signIn(page, annAccount)
  await postsOf(page).first().waitFor()
  expect(await seriousFindings(page)).toEqual([])
  await withText(page, 'Breaking news').getByTestId('comment-count').click()
  await page.getByTestId('comment').first().waitFor()
  expect(await seriousFindings(page)).toEqual([])
  await page.setViewportSize({ width: 320, height: 640 })
  await fits(page)
  await tab.goto(`${server.url}/feed`)
  await postsOf(page).first().waitFor()
  await fits(page)
  await tab.close()
})
