// Looks at every page and state of the demo: takes screenshots and runs axe. Fails on serious findings.
//   npx vite --mode demo --host 127.0.0.1 --port 5199 &   node scripts/screenshots.mjs [filter] [--quick] [--out /tmp/shots]
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { parseArgs } from 'node:util'
import { chromium } from 'playwright-core'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: 'string', default: '/tmp/shots' },
    base: { type: 'string', default: 'http://127.0.0.1:5199' },
    locale: { type: 'string', default: 'en-GB' },
    // Only large and light, and small and dark: what is seen in half of the time.
    quick: { type: 'boolean', default: false },
  },
})
const filter = positionals[0] ?? ''
const ROOM = '/r/k3vq-8c2m-x0tz-9hdr'
const call = (query) => `${ROOM}?e2e&autojoin&name=Sam%20Okafor&${query}`
const signIn = (password) => async (page) => {
  await page.getByTestId('identifier').fill('sam.okafor')
  await page.getByTestId('password').fill(password)
  await page.getByTestId('submit').click()
}
const click = (testid) => (page) => page.getByTestId(testid).click()
const CHAT = (number) => `/messages/01a0b0c0-0000-7000-8000-${String(number).padStart(12, '0')}`
const OWN = '/@sam.okafor?me'
/** A photograph of nothing, drawn in the page: 1200 x 900 with a sun, so that one sees which part was cut out. */
const choose = (kind) => async (page) => {
  const png = await page.evaluate(() => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 1200, height: 900 })
    const context = canvas.getContext('2d')
    const sky = context.createLinearGradient(0, 0, 0, 900)
    for (const [at, colour] of [[0, '#27425e'], [0.55, '#d98b62'], [1, '#2c2a33']]) sky.addColorStop(at, colour)
    context.fillStyle = sky
    context.fillRect(0, 0, 1200, 900)
    context.fillStyle = '#ffe2a8'
    context.arc(760, 400, 90, 0, 7)
    context.fill()
    context.fillStyle = '#1d2b2a'
    for (let x = 0; x < 1200; x += 40) context.fillRect(x, 560 + 60 * Math.sin(x / 90), 40, 400)
    return canvas.toDataURL('image/png').split(',')[1]
  })
  await page.getByTestId(`file-${kind}`).setInputFiles({ name: 'dusk.png', mimeType: 'image/png', buffer: Buffer.from(png, 'base64') })
} // prettier-ignore
const edit = (field) => (page) => page.getByTestId(`edit-${field}`).locator('[data-edit]').click()
const bottom = (page) => page.evaluate(() => scrollTo(0, document.body.scrollHeight))

const STATES = {
  start: { path: '/' },
  'start-recent': { path: '/', recent: true },
  'start-invalid': { path: '/', act: async (page) => (await page.getByTestId('join-input').fill('abc'), await page.getByTestId('join-go').click()) },
  lobby: { path: `${ROOM}?people=6&e2e&name=Sam%20Okafor` },
  'lobby-empty': { path: `${ROOM}?people=1` },
  'lobby-qr': { path: ROOM, act: (page) => page.getByRole('button', { name: 'QR' }).click() },
  'lobby-denied': { path: `${ROOM}?devices=permission_denied` },
  'lobby-missing': { path: `${ROOM}?devices=device_not_found` },
  'lobby-busy': { path: `${ROOM}?devices=device_busy` },
  'lobby-insecure': { path: `${ROOM}?devices=insecure_context` },
  'lobby-locked': { path: `${ROOM}?room=locked` },
  'lobby-gone': { path: `${ROOM}?room=gone` },
  'lobby-offline': { path: `${ROOM}?room=offline` },
  'call-1': { path: call('people=1') },
  'call-2': { path: call('people=2') },
  'call-3': { path: call('people=3') },
  'call-9': { path: call('people=9') },
  'call-25': { path: call('people=25') },
  'call-60': { path: call('people=60'), only: 'light' },
  'call-screen': { path: call('people=6&screens=1') },
  'call-screens': { path: call('people=12&screens=2') },
  'call-chat': { path: call('people=5&chat'), act: click('toggle-chat') },
  'call-people': { path: call('people=9&host'), act: async (page) => {
    const button = page.getByTestId('toggle-people')
    if (await button.isVisible()) return button.click()
    await page.getByTestId('more').click()
    await page.getByRole('button', { name: /people|personen/i }).click()
  } },
  'call-more': { path: call('people=4'), act: click('more') },
  'call-devices': { path: call('people=4'), act: async (page) => (await page.getByTestId('more').click(), await page.getByTestId('open-devices').click()) },
  'call-stats': { path: call('people=4'), act: async (page) => (await page.getByTestId('more').click(), await page.getByTestId('open-stats').click()) },
  'call-keys': { path: call('people=4'), act: (page) => page.keyboard.press('?') },
  'call-leave': { path: call('people=4&host'), act: click('leave') },
  'call-reconnecting': { path: call('people=4&state=reconnecting') },
  'call-blocked': { path: call('people=4&blocked&mutedspeech'), act: click('toggle-mic') },
  left: { path: call('people=3'), act: click('leave') },
  'left-removed': { path: call('closed=removed') },
  'left-ended': { path: call('closed=room_ended') },
  'left-failed': { path: call('closed=failed') },
  messages: { path: '/messages?me' },
  'messages-empty': { path: '/messages?me&nobody' },
  'messages-chat': { path: `${CHAT(0)}?me` },
  'messages-group': { path: `${CHAT(1)}?me` },
  'messages-request': { path: `${CHAT(12)}?me` },
  'messages-invitation': { path: `${CHAT(13)}?me` },
  'messages-gone': { path: `${CHAT(99)}?me` },
  'messages-members': { path: `${CHAT(1)}?me`, act: async (page) => (await click('chat-menu')(page), await click('details')(page)) },
  'messages-new-group': { path: '/messages?me', act: async (page) => (await click('begin')(page), await click('new-group')(page)) },
  'messages-failed': { path: `${CHAT(0)}?me&readonly`, act: async (page) => (await page.getByTestId('message-text').fill('Not today'), await page.keyboard.press('Enter')) },
  'not-found': { path: '/nowhere' },
  people: { path: '/people?me' },
  'people-end': { path: '/people?me', act: async (page) => { for (let turn = 0; turn < 8; turn++) await bottom(page).then(() => page.waitForTimeout(250)) } },
  'people-empty': { path: '/people?me&nobody' },
  'people-failed': { path: '/people?me&refuse=busy' },
  'profile-other': { path: '/@ann' },
  'profile-bare': { path: '/@bao1?me' },
  'profile-gone': { path: '/@nobody-here' },
  'profile-failed': { path: '/@ann?refuse=connection_failed' },
  'profile-own': { path: OWN },
  'profile-own-below': { path: OWN, act: bottom },
  'profile-own-empty': { path: `${OWN}&blank` },
  'profile-edit-name': { path: OWN, act: edit('name') },
  'profile-edit-about': { path: OWN, act: edit('about') },
  'profile-edit-links': { path: OWN, act: edit('links') },
  'profile-not-saved': { path: `${OWN}&readonly`, act: async (page) => {
    await edit('bio')(page)
    await page.getByRole('textbox').fill('Urban planner, now with a second bicycle.')
    await page.keyboard.press('Enter')
  } },
  'profile-removed': { path: OWN, act: async (page) => (await edit('country')(page), await page.getByRole('button', { name: /^(remove|entfernen)$/i }).click()) },
  'profile-picture-menu': { path: OWN, act: click('change-picture') },
  'profile-crop-picture': { path: OWN, act: choose('picture') },
  'profile-crop-cover': { path: OWN, act: choose('cover') },
  'profile-sending': { path: `${OWN}&slow`, act: async (page) => (await choose('picture')(page), await click('crop-use')(page)) },
  'settings-account': { path: '/settings/account?me' },
  'settings-sessions': { path: '/settings/sessions?me' },
  'settings-sessions-sure': { path: '/settings/sessions?me', act: click('end-others') },
  'settings-history': { path: '/settings/history?me' },
  'settings-activity': { path: '/settings/history?me', act: (page) => page.getByRole('button', { name: /activity|aktivität/i }).click() },
  'settings-privacy': { path: '/settings/privacy?me' },
  'settings-privacy-failed': { path: '/settings/privacy?me&readonly', act: (page) => page.getByTestId('visibility-bio').selectOption('nobody') },
  'settings-notifications': { path: '/settings/notifications?me', act: bottom },
  notifications: { path: '/notifications?me&unread=12' },
  'notifications-unread': { path: '/notifications?me&unread=12', act: (page) => page.getByRole('button', { name: /^(Unread|Ungelesen)$/ }).click() },
  'notifications-undo': { path: '/notifications?me', act: (page) => page.getByTestId('remove').first().click() },
  'notifications-remove-all': { path: '/notifications?me', act: click('remove-all') },
  'notifications-none': { path: '/notifications?me&nobody' },
  'notifications-failed': { path: '/notifications?me&refuse=connection_failed' },
  'notifications-slow': { path: '/notifications?me&slow' },
  'notifications-bell': { path: '/?me&unread=120', act: click('bell') },
  'notifications-bell-none': { path: '/?me&nobody', act: click('bell') },
  'settings-data': { path: '/settings/data?me' },
  'settings-delete': { path: '/settings/data?me', act: click('delete-account') },
  'account-start': { path: '/?me' },
  'account-menu': { path: '/?me', act: click('account-menu') },
  'account-lobby': { path: `${ROOM}?people=6&me&e2e` },
  'account-register': { path: '/register' },
  'account-register-errors': { path: '/register', act: async (page) => {
    await page.getByTestId('email').fill('sam@')
    await page.getByTestId('username').fill('s')
    await page.getByTestId('password').fill('Sommer2026')
    await page.getByTestId('submit').click()
  } },
  'account-register-taken': { path: '/register', act: async (page) => {
    const values = { first_name: 'Ann', last_name: 'Petrova', email: 'ann@example.org', username: 'ann', password: 'lamp orbit velvet nine' }
    for (const [name, value] of Object.entries(values)) await page.getByTestId(name).fill(value)
    await page.getByTestId('show-password').click()
    await page.getByTestId('submit').click()
  } },
  'account-register-closed': { path: '/register?registration=closed' },
  'account-check-mail': { path: '/check-mail', mail: true },
  'account-check-mail-ask': { path: '/check-mail' },
  'account-verify-failed': { path: '/verify?verify=failed#abc' },
  'account-verified': { path: '/verify#abc' },
  'account-sign-in': { path: '/sign-in?next=/people' },
  'account-sign-in-wrong': { path: '/sign-in', act: signIn('wrong') },
  'account-not-verified': { path: '/sign-in?login=email_not_verified', act: signIn('secret') },
  'account-rate-limited': { path: '/sign-in?login=rate_limited', act: signIn('secret') },
  'account-restore': { path: '/sign-in?login=deletion_pending', act: signIn('secret') },
  'account-forgot': { path: '/forgot' },
  'account-forgot-sent': { path: '/forgot', act: async (page) => (await page.getByTestId('email').fill('ann@example.org'), await page.getByTestId('submit').click()) },
  'account-reset': { path: '/reset#abc' },
  'account-outbox': { path: '/outbox' },
  'account-outbox-missing': { path: '/outbox?refuse=not_found' },
  'account-api': { path: '/api-docs', act: (page) => page.getByTestId('api-operation').first().locator('summary').click() },
} // prettier-ignore

const SIZES = { wide: { width: 1280, height: 800 }, phone: { width: 360, height: 740 } }
const RECENT = [
  { id: 'k3vq-8c2m-x0tz-9hdr', name: 'Thursday design review', at: Date.now() - 25 * 60_000, host: true },
  { id: '0a1b-2c3d-4e5f-6g7h', name: null, at: Date.now() - 26 * 3600_000, host: false },
  { id: '9z8y-7x6w-5v4t-3s2r', name: 'Reading circle: The Left Hand of Darkness', at: Date.now() - 6 * 86400_000, host: false },
] // prettier-ignore

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: '--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync --disable-dev-shm-usage --autoplay-policy=no-user-gesture-required'.split(
    ' ',
  ),
})
mkdirSync(values.out, { recursive: true })

let problems = 0
for (const [name, state] of Object.entries(STATES)) {
  if (!new RegExp(filter).test(name)) continue
  for (const [size, viewport] of Object.entries(SIZES)) {
    for (const colorScheme of ['light', 'dark']) {
      if (state.only && state.only !== colorScheme) continue
      if (values.quick && (size === 'wide') !== (colorScheme === 'light')) continue
      const context = await browser.newContext({ viewport, colorScheme, locale: values.locale, hasTouch: size === 'phone', isMobile: size === 'phone', reducedMotion: 'reduce' }) // prettier-ignore
      const page = await context.newPage()
      const label = `${name}-${size}-${colorScheme}`
      const report = (text) => {
        problems++
        console.log(`${label}: ${text}`)
      }
      page.on('pageerror', (error) => report(`page error ${error.message}`))
      page.on('console', (message) => message.type() === 'error' && report(`console ${message.text()}`))
      if (state.recent) await context.addInitScript((list) => localStorage.setItem('confab.recent', JSON.stringify(list)), RECENT) // prettier-ignore
      if (state.mail) await context.addInitScript(() => sessionStorage.setItem('confab.mail', JSON.stringify({ email: 'sam.okafor@example.org', sentAt: Date.now() - 17_000 }))) // prettier-ignore
      try {
        await page.goto(values.base + state.path)
        await page
          .locator(name.startsWith('call') ? '[data-testid=tile]' : 'h1')
          .first()
          .waitFor({ timeout: 8000 })
        await page.waitForTimeout(500)
        await state.act?.(page)
        await page.waitForTimeout(500)
        await page.screenshot({ path: `${values.out}/${label}.png` })
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
        if (overflow > 0) report(`scrolls sideways by ${overflow} px`)
        await page.evaluate(axeSource)
        const { violations } = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })) // prettier-ignore
        for (const { id, impact, nodes } of violations)
          report(`axe ${impact} ${id}: ${nodes.slice(0, 2).map((node) => node.html.slice(0, 120) + ' ' + (node.any[0]?.message ?? '')).join(' | ')}`) // prettier-ignore
      } catch (error) {
        report(`failed: ${error.message.split('\n')[0]}`)
      }
      await context.close()
    }
  }
}
await browser.close()
console.log(`${problems} problems`)
process.exitCode = problems ? 1 : 0
