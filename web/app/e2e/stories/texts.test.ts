// Texts that would run as a script where somebody forgot that they are texts: in every field that people write, on every page
// that shows them.
import { readFileSync } from 'node:fs'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Account, ApiClient, isSignedIn, newAccount, signIn } from '../support/account.ts'
import { Chromium, type ChromiumTab } from '../support/browsers.ts'
import { type Colour, stripes } from '../support/png.ts'
import { Server } from '../support/server.ts'
import { until } from '../support/wait.ts'
import { end } from '../support/world.ts'

const HOSTILE = readFileSync(join(import.meta.dirname, '../support/hostile.txt'), 'utf8')
  .trimEnd()
  .split('\n')
const RED: Colour = [200, 0, 0]
/** How browsers report what the test itself writes into a page. */
const ON_PURPOSE = /script-src(-elem)? .*inline|Executing inline script violates/

let server: Server
let chromium: Chromium
const eveAccount = newAccount('Eve', 'Evil')
const annAccount = newAccount('Ann', 'Archer')
let eve: ApiClient
let ann: ApiClient
let tab: ChromiumTab

beforeAll(async () => {
  server = await Server.start('--dev')
  const people = async (): Promise<void> => {
    eve = await ApiClient.register(server, eveAccount)
    ann = await ApiClient.register(server, annAccount)
  }
  ;[chromium] = await Promise.all([Chromium.launch(), people()])
  await ann.call('PUT', `/api/v1/people/${eveAccount.username}/follow`)
  tab = await chromium.tab()
  await tab.page.addInitScript(countScripts)
  await tab.goto(`${server.url}/sign-in`)
  await signIn(tab.page, annAccount)
  await isSignedIn(tab.page, annAccount as Account)
})

// That a script is refused which a test itself writes into the page is part of it.
afterAll(() => end([server], [chromium], [ON_PURPOSE]))

/** What of a page would not be there if all texts were only texts. */
async function wounds(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = []
    if ((window as unknown as { ran: number }).ran > 0) found.push('a script has run')
    for (const element of document.querySelectorAll('*')) {
      const isOurs = element.tagName !== 'SCRIPT' || /^\/(assets\/|theme\.js$)/.test(element.getAttribute('src') ?? '')
      if (!isOurs) found.push(element.outerHTML)
      for (const { name, value } of element.attributes) {
        const leads = ['href', 'src', 'action', 'formaction', 'xlink:href', 'data', 'srcdoc'].includes(name)
        if (name.startsWith('on') || (leads && /^\s*(javascript|data:text|vbscript)/i.test(value))) {
          found.push(element.outerHTML)
        }
      }
    }
    for (const name of [
      'iframe',
      'object',
      'embed',
      'marquee',
      'base[href*=evil]',
      'link[href*=evil]',
      'img[src=x]',
      'meta[http-equiv=refresh]',
      'math',
    ]) {
      if (document.querySelector(name)) found.push(name)
    }
    return found
  })
}

/** Waits until a page shows these texts, letter by letter, and asserts that none of them is more than that. */
async function showsOnly(page: Page, texts: readonly string[]): Promise<void> {
  // White space at line ends and doubled spaces are the page's, not the text's.
  const plain = texts.map((text) => text.replace(/\s+/g, ' '))
  const missing = (wanted: readonly string[]): string[] => {
    const shown = document.body.textContent!.replace(/\s+/g, ' ')
    return wanted.filter((text) => !shown.includes(text))
  }
  await until(`all texts on ${page.url()}`, async () => (await page.evaluate(missing, plain)).length === 0).catch(
    async (error: unknown) => {
      expect(await page.evaluate(missing, plain), page.url()).toEqual([])
      throw error
    },
  )
  expect(await wounds(page), page.url()).toEqual([])
}

/** Another tab of the same person. */
async function another(path: string): Promise<Page> {
  const page = await tab.page.context().newPage()
  await page.addInitScript(countScripts)
  await page.goto(server.url + path)
  return page
}

/** Runs in the page, before it. */
function countScripts(): void {
  Object.assign(window, { ran: 0 })
  for (const name of ['alert', 'confirm', 'prompt'] as const) {
    window[name] = (() => void (window as unknown as { ran: number }).ran++) as never
  }
}

/** All of them, so many at a time. */
function groupsOf(size: number, texts: readonly string[] = HOSTILE): string[][] {
  return Array.from({ length: Math.ceil(texts.length / size) }, (_, index) =>
    texts.slice(index * size, (index + 1) * size),
  )
}

test('no page may run what is written in it', async () => {
  for (const path of ['/', '/feed', '/p/x', '/search?q=x', '/notifications', '/api/v1/server', '/nowhere']) {
    const answer = await fetch(server.url + path)
    const policy = answer.headers.get('content-security-policy') ?? ''
    const of = (name: string): string =>
      policy.split(';').find((part) => part.trim().startsWith(`${name} `)) ?? /default-src[^;]*/.exec(policy)?.[0] ?? ''
    expect(policy, path).toMatch(/default-src|script-src/)
    expect(of('script-src'), path).not.toMatch(/unsafe|\*|data:|blob:/)
    expect(of('object-src'), path).toMatch(/'none'/)
    expect(policy, path).toMatch(/base-uri 'none'/)
    expect(policy, path).toMatch(/frame-ancestors 'none'/)
  }
  await tab.goto(`${server.url}/people`)
  const isRefused = await tab.page.evaluate(() => {
    const script = document.createElement('script')
    script.textContent = 'window.inline = 1'
    document.body.append(script)
    return !('inline' in window)
  })
  expect(isRefused).toBe(true)
})

test('posts, comments, replies and alt texts are shown letter by letter', async () => {
  for (const texts of groupsOf(40)) {
    const text = texts.join(' ')
    const images = groupsOf(10, texts).map(async (alts) => {
      const { id } = await eve.call<{ id: string }>('POST', '/api/v1/me/post-images', stripes(8, 8, [RED]))
      return { id, alt: alts.join(' ') }
    })
    const body = { text: `Post: ${text}`, audience: 'public', images: await Promise.all(images) }
    const made = await eve.call<{ id: string }>('POST', '/api/v1/posts', { client_id: randomUUID(), ...body })
    const comment = (text: string, parent: string | null): Promise<{ id: string }> =>
      eve.call('POST', `/api/v1/posts/${made.id}/comments`, { client_id: randomUUID(), text, parent })
    const { id } = await comment(`Comment: ${text}`, null)
    await comment(`Reply: ${text}`, id)
    await tab.goto(`${server.url}/p/${made.id}`)
    await tab.page.getByTestId('show-replies').click()
    await showsOnly(tab.page, [`Post: ${text}`, `Comment: ${text}`, `Reply: ${text}`])
    const alts = await tab.page
      .getByRole('main')
      .locator('img')
      .evaluateAll((all) => all.map((image) => image.getAttribute('alt')))
    expect(alts).toEqual(expect.arrayContaining(body.images.map(({ alt }) => alt)))
  }
  await tab.goto(`${server.url}/feed`)
  await tab.page.getByText('Post: ').first().waitFor()
  expect(await wounds(tab.page), 'feed').toEqual([])
})

test('names and profiles show them letter by letter, on open pages too', async () => {
  const path = `/@${eveAccount.username}`
  await eve.call('PUT', `/api/v1/people/${annAccount.username}/friend`)
  const [people, requests] = await Promise.all([another('/people'), another('/people/requests')])
  await tab.goto(server.url + path)
  await tab.page.getByRole('tab', { name: 'About' }).click()
  for (const [index, names] of groupsOf(2).entries()) {
    const [first, last] = names as [string, string]
    const at = (offset: number): string => HOSTILE[(2 * index + offset) % HOSTILE.length]!
    const titles = [at(5), at(6), at(7)]
    await eve.call('PATCH', '/api/v1/me/profile', {
      first_name: first,
      last_name: last,
      bio: at(2),
      about: at(3),
      address: at(4),
      links: titles.map((title) => ({ title, url: `https://example.org/?q=${encodeURIComponent(title)}` })),
    })
    // Pages that are open hear of it as soon as anything is new between the two.
    await eve.call(index % 2 === 0 ? 'PUT' : 'DELETE', `/api/v1/people/${annAccount.username}/follow`)
    const name = `${first} ${last}`
    await showsOnly(tab.page, [name, at(2), at(3), at(4), ...titles])
    if (index % 10 > 0) continue
    await showsOnly(people, [name, at(2)])
    await showsOnly(requests, [name])
  }
  const { first_name, last_name } = await eve.call<{ first_name: string; last_name: string }>(
    'GET',
    '/api/v1/me/profile',
  )
  await tab.goto(`${server.url}/search?q=${encodeURIComponent(first_name)}`)
  await showsOnly(tab.page, [`${first_name} ${last_name}`])
  await tab.goto(`${server.url}/feed`)
  await showsOnly(tab.page, [`${first_name} ${last_name}`])
  await Promise.all([people.close(), requests.close()])
})

test('notifications show them letter by letter, as they come', async () => {
  const made = await ann.call<{ id: string }>('POST', '/api/v1/posts', {
    client_id: randomUUID(),
    text: 'Say what you like.',
    audience: 'public',
    images: [],
  })
  await tab.goto(`${server.url}/notifications`)
  for (const [name, text] of groupsOf(2).slice(0, 40) as [string, string][]) {
    await eve.call('PATCH', '/api/v1/me/profile', { first_name: name, last_name: name })
    const body = { client_id: randomUUID(), text, parent: null }
    await eve.call('POST', `/api/v1/posts/${made.id}/comments`, body)
    await showsOnly(tab.page, [`${name} ${name}`, text])
  }
})

test('names of meetings are only names', async () => {
  for (const texts of groupsOf(11)) {
    const { id } = await server.createRoom(texts[0])
    await tab.goto(`${server.url}/r/${id}`)
    await showsOnly(tab.page, [texts[0]!])
  }
})

test('messages and names of groups are shown letter by letter, as they come', async () => {
  const wish = { title: HOSTILE[0], people: [annAccount.username] }
  const { id } = await eve.call<{ id: string }>('POST', '/api/v1/conversations', wish)
  await ann.call('PUT', `/api/v1/conversations/${id}/membership`)
  await tab.goto(`${server.url}/messages/${id}`)
  await tab.page.getByTestId('message-text').waitFor()
  for (const [index, texts] of groupsOf(40).entries()) {
    const [title, text] = [HOSTILE[index]!, `Message: ${texts.join(' ')}`]
    await eve.call('PATCH', `/api/v1/conversations/${id}`, { title })
    await eve.call('POST', `/api/v1/conversations/${id}/messages`, { client_id: randomUUID(), text })
    // The title stands over the conversation and in the list, and who changed it in a line of its own.
    await showsOnly(tab.page, [title, text])
  }
  for (const title of HOSTILE) {
    await eve.call('PATCH', `/api/v1/conversations/${id}`, { title })
    await showsOnly(tab.page, [title])
  }
})

test('letters are shown letter by letter', async () => {
  for (const texts of groupsOf(22)) {
    const [subject, text] = [texts.slice(0, 2).join(' '), `Letter: ${texts.join(' ')}`]
    const draft = { client_id: randomUUID(), to: annAccount.username, subject, text }
    const { id } = await eve.call<{ id: string }>('POST', '/api/v1/letters', draft)
    await tab.goto(`${server.url}/mail/${id}`)
    await showsOnly(tab.page, [subject, text])
  }
  await tab.goto(`${server.url}/mail`)
  await showsOnly(tab.page, [groupsOf(22).at(-1)!.slice(0, 2).join(' ')])
})
