// Names, a room's name and chat lines that try to be more than text.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Chromium, type ChromiumTab } from '../support/browsers.ts'
import { fits } from '../support/fits.ts'
import { Participant } from '../support/participant.ts'
import { Server } from '../support/server.ts'
import { until } from '../support/wait.ts'
import { end } from '../support/world.ts'

/** What every payload tries to do. */
const run = 'window.hacked=1'

const markup = [
  `<script>${run}</script>`,
  `"><script>${run}</script>`,
  `<img src=x onerror=${run}>`,
  `'"><img src=x onerror=${run}>`,
  `<svg onload=${run}>`,
  `<svg><script>${run}</script></svg>`,
  `<body onload=${run}>`,
  `<details open ontoggle=${run}>`,
  `<video><source onerror=${run}>`,
  `<iframe src="javascript:parent.hacked=1">`,
  `<a href="javascript:${run}">x</a>`,
  `<style onload=${run}></style>`,
  `<input autofocus onfocus=${run}>`,
  `<marquee onstart=${run}>`,
  `<math><mi xlink:href="javascript:${run}">`,
  `{@html '<img src=x onerror=${run}>'}`,
  `{${run}}`,
  `\${${run}}`,
  `{{constructor.constructor('${run}')()}}`,
  `</title><script>${run}</script>`,
  `<!--<img src="--><img src=x onerror=${run}>`,
  `&lt;script&gt;${run}&lt;/script&gt;`,
  `\\u003cscript\\u003e${run}`,
  `javascript:${run}`,
  `data:text/html,<script>${run}</script>`,
]
/** Each in places where a sloppy program would put it. */
const lines = markup.flatMap((payload) => [
  payload,
  payload.toUpperCase(),
  payload.replaceAll(' ', '\t'),
  `https://example.org/${payload}`,
  `https://example.org/"${payload}`,
  `look: ${payload} (really)`,
  `${payload}\n${payload}`,
  `javascript://example.org/%0a${run} ${payload}`,
])
const long = 'W'.repeat(60)
const zalgo = `Z${'\u0301\u0348\u0489'.repeat(15)}algo`
const names = [
  ...markup.map((payload) => payload.replaceAll(run, 'hacked=1').slice(0, 60)),
  long,
  zalgo,
  'محمد بن عبد الله الفارسي',
  '👩‍👩‍👧‍👦'.repeat(5),
  '&amp;&lt;',
]
const refusedNames = ['a\u0000b', 'right\u202Egpj.exe', 'line\nbreak', '', '   ', 'x'.repeat(61), '\u2066hidden\u2069']

let server: Server
let chromium: Chromium
let link: string
let tab: ChromiumTab
let ann: Participant
/** A page from which raw clients with hostile names come. */
let crowd: ChromiumTab

beforeAll(async () => {
  server = await Server.start()
  chromium = await Chromium.launch()
  const room = await server.createRoom(markup[1]!)
  link = `${server.url}/r/${room.id}`
  tab = await chromium.tab()
  ann = new Participant('Ann', tab)
  await ann.join(link)
  crowd = await chromium.tab()
  await crowd.goto(`${server.url}/nowhere`)
  await crowd.evaluate(makeClient, room.id)
})

afterAll(async () => {
  // Of names that the server refuses.
  await end([server], [chromium], [/status of 400 .*\/join$/])
})

interface Client {
  /** Returns the code of the refusal, or null once one is in. */
  join(name: string): Promise<string | null>
  say(texts: string[]): void
  refusals: string[]
}

/** Runs in the page: a client of a few lines, without the SDK's manners. */
function makeClient(id: string): void {
  const sockets: WebSocket[] = []
  const refusals: string[] = []
  const client: Client = {
    refusals,
    say: (texts) =>
      texts.forEach((text, n) => sockets.at(-1)!.send(JSON.stringify({ type: 'chat', text, client_id: n }))),
    async join(name) {
      const headers = { 'content-type': 'application/json' }
      const answer = await fetch(`/api/v1/rooms/${id}/join`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ name }),
      })
      const body = await answer.json()
      if (!answer.ok) return body.error.code
      const socket = new WebSocket(new URL(body.url, location.href), ['confab.v1', `ticket.${body.ticket}`])
      sockets.push(socket)
      socket.onopen = () => socket.send(JSON.stringify({ type: 'hello', version: 1 }))
      await new Promise<void>((done) => {
        socket.onmessage = ({ data }) => {
          const message = JSON.parse(data)
          if (message.type === 'welcome') done()
          if (message.type === 'error') refusals.push(message.code)
        }
      })
      return null
    },
  }
  Object.assign(window, { client })
}

const join = (name: string): Promise<string | null> =>
  crowd.evaluate((name) => (window as unknown as { client: Client }).client.join(name), name)
const say = (texts: string[]): Promise<void> =>
  crowd.evaluate((texts) => (window as unknown as { client: Client }).client.say(texts), texts)
const refusals = (): Promise<string[]> =>
  crowd.evaluate(() => (window as unknown as { client: Client }).client.refusals, null)

/** Elements of the page that can be seen outside of their boxes, by more than the pixel that rounding makes. */
const outside = (selector: string, box: string): Promise<string[]> =>
  tab.page.evaluate(
    ([selector, box]) =>
      [...document.querySelectorAll(selector)].flatMap((element) => {
        const outer = element.closest(box)!
        const edges = (of: Element): number[] => {
          const { left, top, right, bottom } = of.getBoundingClientRect()
          return [left, top, -right, -bottom]
        }
        let seen = edges(element)
        for (let each = element.parentElement!; each !== outer.parentElement; each = each.parentElement!) {
          const { overflowX, contain } = getComputedStyle(each)
          if (overflowX === 'visible' && !/paint|strict|content/.test(contain)) continue
          seen = edges(each).map((edge, side) => Math.max(edge, seen[side]!))
        }
        return edges(outer).every((edge, side) => seen[side]! >= edge - 1) ? [] : [element.outerHTML.slice(0, 200)]
      }),
    [selector, box] as const,
  )

test('names that would deceive are refused', async () => {
  for (const name of refusedNames) expect([name, await join(name)]).toEqual([name, 'invalid_value'])
})

test('hostile names are text in toasts, tiles, the list of people and the title', async () => {
  await tab.page.setViewportSize({ width: 360, height: 740 })
  expect(await tab.page.title()).toContain(markup[1])
  for (const name of names) {
    expect(await join(name)).toBeNull()
    await until(`a toast names ${name}`, async () => (await ann.texts('toast')).some((text) => text.includes(name)))
    await fits(tab.page)
  }
  expect(await outside('[data-testid=tile] *', '[data-testid=tile]')).toEqual([])
  await tab.click('toggle-people')
  await until(
    'all are listed',
    async () => (await tab.page.locator('[data-testid=people-list] li').count()) === names.length + 1,
  )
  const listed = await tab.page.locator('[data-testid=people-list] li bdi').allTextContents()
  expect(listed.slice(1)).toEqual(names)
  expect(await outside('[data-testid=people-list] li *', '[data-testid=people-list] li')).toEqual([])
  await tab.page.keyboard.press('Escape')
  const title = await tab.page.evaluate(() => document.title)
  expect(title).toContain(markup[1])
})

test('two hundred hostile chat lines are text, and only addresses are links', async () => {
  expect(lines.length).toBeGreaterThanOrEqual(200)
  await tab.click('toggle-chat')
  for (let from = 0; from < lines.length; from += 20) {
    await say(lines.slice(from, from + 20))
    const shown = Math.min(from + 20, lines.length)
    await until(`${shown} lines are shown`, async () => (await ann.chat()).length === shown)
    // No faster than the server takes them: 20 a second.
    const then = (await clock()) + 1000
    await until('a second is over', async () => (await clock()) > then)
  }
  const texts = await tab.page.locator('[data-testid=chat-line] .text').allInnerTexts()
  expect(texts.map((text) => text.trim())).toEqual(lines.map((line) => line.trim()))
  const links = await tab.page
    .locator('[data-testid=chat-line] a')
    .evaluateAll((all) => all.map((a) => (a as HTMLAnchorElement).protocol))
  expect(links.length).toBeGreaterThan(20)
  expect(new Set(links)).toEqual(new Set(['https:']))
  await fits(tab.page)
  expect(await outside('[data-testid=chat-line] *', '[data-testid=chat-line]')).toEqual([])
  expect(await refusals()).toEqual([])
})

const clock = (): Promise<number> => tab.page.evaluate(() => performance.now())

test('marks that pile up and long words stay in their lines', async () => {
  await say([
    zalgo.repeat(8),
    'x'.repeat(2000),
    '\u202Eright to left',
    `${'ש'.repeat(300)} https://example.org/${'a'.repeat(300)}`,
  ])
  await until('they are shown', async () => (await ann.chat()).length === lines.length + 4)
  await fits(tab.page)
  expect(await outside('[data-testid=chat-line] *', '[data-testid=chat-line]')).toEqual([])
  const clipped = await tab.page
    .locator('[data-testid=chat-line]')
    .last()
    .evaluate((line) => getComputedStyle(line).contain)
  expect(clipped).toContain('paint')
  await say(['null \u0000 byte'])
  await until('it is refused', async () => (await refusals()).includes('invalid_value'))
})

test('nothing of it ran', async () => {
  for (const each of [tab, crowd]) expect(await each.page.evaluate(() => 'hacked' in window)).toBe(false)
  expect(await tab.page.locator('img, iframe, script:not([src]), [onerror], [onload]').count()).toBe(0)
  await tab.page.setViewportSize({ width: 1280, height: 800 })
  expect(await outside('[data-testid=tile] *', '[data-testid=tile]')).toEqual([])
})
