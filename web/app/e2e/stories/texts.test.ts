// Texts that would run as a script where somebody forgot that they are texts: in every field that people write, on every page
// that shows them.
import { readFileSync } from 'node:fs'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Account, ApiClient, isSignedIn, newAccount, signIn } from '../support/account.ts'
import { Chromium, type ChromiumTab } from '../support/browsers.ts'
import { type Colour, stripes } from '../support/png.ts'
import { Server } from '../support/server.ts'
import { end } from '../support/world.ts'

const HOSTILE = readFileSync(join(import.meta.dirname, '../support/hostile.txt'), 'utf8')
  .trimEnd()
  .split('\n')
const RED: Colour = [200, 0, 0]

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
  await tab.page.addInitScript(() => {
    Object.assign(window, { ran: 0 })
    for (const name of ['alert', 'confirm', 'prompt'] as const) {
      window[name] = (() => void (window as unknown as { ran: number }).ran++) as never
    }
  })
  await tab.goto(`${server.url}/sign-in`)
  await signIn(tab.page, annAccount)
  await isSignedIn(tab.page, annAccount as Account)
})

afterAll(() => end([server], [chromium]))

/** What of a page would not be there if all texts were only texts. */
async function wounds(): Promise<string[]> {
  return tab.page.evaluate(() => {
    const found: string[] = []
    if ((window as unknown as { ran: number }).ran > 0) found.push('a script has run')
    for (const element of document.querySelectorAll('*')) {
      const isOurs = element.tagName !== 'SCRIPT' || /^\/(assets|src)\//.test(element.getAttribute('src') ?? '/assets/')
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
      'meta[http-equiv=refresh]',
      'math',
    ]) {
      if (document.querySelector(name)) found.push(name)
    }
    return found
  })
}

/** Opens a page and asserts that it shows these texts, letter by letter, and that none of them is more than that. */
async function showsOnly(path: string, texts: readonly string[]): Promise<void> {
  await tab.goto(server.url + path)
  for (const text of texts) {
    // White space at line ends and doubled spaces are the page's, not the text's.
    await tab.page.waitForFunction(
      (wanted) => document.body.textContent!.replace(/\s+/g, ' ').includes(wanted),
      text.replace(/\s+/g, ' '),
      { polling: 50, timeout: 15_000 },
    )
  }
  expect(await wounds(), path).toEqual([])
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
  // That one was on purpose.
  chromium.errors.splice(0)
})

test('posts, comments, replies and alt texts are shown letter by letter', { timeout: 240_000 }, async () => {
  const sample = HOSTILE
  for (let first = 0; first < sample.length; first += 20) {
    const texts = sample.slice(first, first + 20)
    const image = await eve.call<{ id: string }>('POST', '/api/v1/me/post-images', stripes(8, 8, [RED]))
    const made = await eve.call<{ id: string }>('POST', '/api/v1/posts', {
      client_id: randomUUID(),
      text: texts.join('\n'),
      audience: 'public',
      images: [{ id: image.id, alt: texts.join(' ').slice(0, 900) }],
    })
    const comment = (text: string, parent: string | null): Promise<{ id: string }> =>
      eve.call('POST', `/api/v1/posts/${made.id}/comments`, { client_id: randomUUID(), text, parent })
    const { id } = await comment(texts.join('\n'), null)
    await comment(texts.join('\n'), id)
    await showsOnly(`/p/${made.id}`, texts)
  }
  await showsOnly('/feed', [])
})

test('names, profiles and search show them letter by letter', { timeout: 240_000 }, async () => {
  for (const [index, text] of HOSTILE.entries()) {
    const at = (offset: number): string => HOSTILE[(index + offset) % HOSTILE.length]!
    await eve.call('PATCH', '/api/v1/me/profile', {
      first_name: text,
      last_name: at(1),
      bio: at(2),
      about: at(3),
      address: at(4),
      links: [{ title: at(5), url: `https://example.org/?q=${encodeURIComponent(at(6))}` }],
    })
    // All of them on the profile; now and then all other pages that show a name.
    await showsOnly(`/@${eveAccount.username}`, [text, at(1), at(2)])
    await tab.page.getByRole('tab', { name: 'About' }).click()
    await tab.page.getByText('Member since').waitFor()
    expect(await wounds(), 'about').toEqual([])
    if (index % 22 > 0) continue
    for (const path of ['/people', '/feed', '/people/requests', `/search?q=${encodeURIComponent(text)}`]) {
      await showsOnly(path, [])
    }
  }
})

test('notifications show them letter by letter', { timeout: 120_000 }, async () => {
  const made = await ann.call<{ id: string }>('POST', '/api/v1/posts', {
    client_id: randomUUID(),
    text: 'Say what you like.',
    audience: 'public',
    images: [],
  })
  for (const text of HOSTILE.slice(0, 40)) {
    await eve.call('PATCH', '/api/v1/me/profile', { first_name: text, last_name: text })
    const body = { client_id: randomUUID(), text, parent: null }
    await eve.call('POST', `/api/v1/posts/${made.id}/comments`, body)
    await showsOnly('/notifications', [text])
  }
})

test('names of meetings are only names', async () => {
  for (const text of HOSTILE.slice(0, 60)) {
    const { id } = await server.createRoom(text)
    await showsOnly(`/r/${id}`, [text])
  }
})
