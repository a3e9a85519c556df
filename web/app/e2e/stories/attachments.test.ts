// Two people send each other files of every kind; nobody reloads, a cut costs nothing, and what is refused is said.
import { randomBytes } from 'node:crypto'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Account, ApiClient, isSignedIn, newAccount, signIn } from '../support/account.ts'
import { seriousFindings } from '../support/axe.ts'
import { Chromium, type ChromiumTab } from '../support/browsers.ts'
import { fits } from '../support/fits.ts'
import { dropFiles, dropZeros, pasteFiles, type TestFile, textFile, wavFile, webmFile } from '../support/media.ts'
import { type Colour, showsColour, stripes } from '../support/png.ts'
import { Server } from '../support/server.ts'
import { until } from '../support/wait.ts'
import { end } from '../support/world.ts'

const KIB = 1024
const MIB = 1024 * KIB
/** As long as the SDK's first chunk. */
const FIRST_CHUNK = 512 * KIB
const RED: Colour = [200, 30, 40]
const BLUE: Colour = [20, 40, 200]

const annAccount = newAccount('Ann', 'Archer')
const benAccount = newAccount('Ben', 'Baker')
const eveAccount = newAccount('Eve', 'Elm')

let server: Server
let chromium: Chromium
let path: string
let ann: Page
let ben: Page

async function enter(account: Account, options = {}): Promise<ChromiumTab> {
  const tab = await chromium.tab(options)
  await tab.goto(`${server.url}/sign-in?next=${encodeURIComponent(path)}`)
  await signIn(tab.page, account)
  await isSignedIn(tab.page, account)
  await field(tab.page).waitFor()
  return tab
}

beforeAll(async () => {
  server = await Server.start('--dev')
  chromium = await Chromium.launch('none')
  const annApi = await ApiClient.register(server, annAccount)
  const benApi = await ApiClient.register(server, benAccount)
  await ApiClient.register(server, eveAccount)
  await annApi.call('PUT', `/api/v1/people/${benAccount.username}/follow`)
  await benApi.call('PUT', `/api/v1/people/${annAccount.username}/follow`)
  const conversation = (username: string): Promise<{ id: string }> =>
    annApi.call('PUT', `/api/v1/people/${username}/conversation`)
  path = `/messages/${(await conversation(benAccount.username)).id}`
  for (const id of [path.slice('/messages/'.length), (await conversation(eveAccount.username)).id]) {
    const hello = { client_id: crypto.randomUUID(), text: 'Hello' }
    await annApi.call('POST', `/api/v1/conversations/${id}/messages`, hello)
  }
  ann = (await enter(annAccount)).page
  ben = (await enter(benAccount)).page
})

afterAll(async () => {
  // Cut networks, refused files and what was deleted are what this is about.
  const expected = /WebSocket connection|ERR_INTERNET_DISCONNECTED|ERR_FAILED|status of (404|409|415|507)/
  await end([server], [chromium], [expected])
})

const messages = (page: Page): Locator => page.getByTestId('message')
const field = (page: Page): Locator => page.getByTestId('message-text')
const items = (page: Page): Locator => page.getByTestId('tray-item')
const last = (page: Page): Locator => messages(page).last()
const fileNamed = (page: Page, name: string): Locator =>
  page.getByTestId('attached-file').filter({ hasText: name }).last()
const rowOf = (page: Page, name: string): Locator =>
  page.getByTestId('chat-row').filter({ has: page.locator('.name', { hasText: name }) })

const pick = (page: Page, ...files: TestFile[]): Promise<void> => page.getByTestId('attach-input').setInputFiles(files)
const phases = (page: Page): Promise<(string | null)[]> =>
  items(page).evaluateAll((all) => all.map((one) => one.getAttribute('data-phase')))
const areUp = (page: Page, count: number): Promise<true> =>
  until('all are up', async () => (await phases(page)).join() === Array(count).fill('done').join() || null)
/** The server draws it anew, as a JPEG, and names it after that. */
const picture = (name: string, colour: Colour): TestFile => ({
  name,
  mimeType: 'image/png',
  buffer: stripes(160, 100, [colour]),
})

/** Sends what is in the tray, and waits until the other one has it. */
async function send(text = ''): Promise<void> {
  const before = await messages(ben).count()
  if (text) await field(ann).fill(text)
  await ann.getByTestId('message-send').click()
  await until('it is there', async () => (await messages(ben).count()) === before + 1)
}

/** The bytes of a file that is downloaded by a click, and the name under which it would be kept. */
async function download(page: Page, link: Locator): Promise<{ name: string; bytes: Buffer }> {
  const [file] = await Promise.all([page.waitForEvent('download'), link.click()])
  const parts: Buffer[] = []
  for await (const part of await file.createReadStream()) parts.push(part as Buffer)
  return { name: file.suggestedFilename(), bytes: Buffer.concat(parts) }
}

test('a picture is picked, shows at once, and arrives with its text', async () => {
  await pick(ann, picture('red.png', RED))
  await areUp(ann, 1)
  expect(
    await items(ann)
      .locator('img')
      .evaluate((image: HTMLImageElement) => image.naturalWidth),
  ).toBe(160)
  await send('What a red')
  expect(await items(ann).count()).toBe(0)
  for (const page of [ann, ben]) {
    await last(page).getByText('What a red').waitFor()
    const image = last(page).getByRole('img', { name: 'red.jpg' })
    expect(await showsColour(image, RED)).toBe(true)
    expect(await image.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(160)
  }
})

test('a document is dropped, and downloaded with the same bytes', async () => {
  const pdf = { name: 'plan.pdf', mimeType: 'application/pdf', buffer: Buffer.concat([Buffer.from('%PDF-1.7\n'), randomBytes(3000)]) } // prettier-ignore
  await dropFiles(ann, [pdf, textFile('notes.txt', 'Eins\nzwei')])
  await areUp(ann, 2)
  await send()
  expect(await download(ben, fileNamed(ben, 'plan.pdf'))).toEqual({ name: 'plan.pdf', bytes: pdf.buffer })
  expect((await download(ben, fileNamed(ben, 'notes.txt'))).bytes.toString()).toBe('Eins\nzwei')
})

test('sound is pasted, video is picked, and both play', async () => {
  await pasteFiles(field(ann), [wavFile('tone.wav')])
  await pick(ann, await webmFile(ann, 'clip.webm'))
  await areUp(ann, 2)
  await send()
  const metadata = (media: HTMLMediaElement): number => media.readyState
  const [audio, video] = [last(ben).getByTestId('attached-audio'), last(ben).getByTestId('attached-video')]
  await until('the sound is known', async () => (await audio.evaluate(metadata)) >= 1)
  await until('the video is known', async () => (await video.evaluate(metadata)) >= 1)
  expect(await audio.evaluate((audio: HTMLAudioElement) => audio.duration)).toBeCloseTo(0.5)
  expect(await video.evaluate((video: HTMLVideoElement) => [video.videoWidth, video.videoHeight])).toEqual([64, 48])
  await video.evaluate((video: HTMLVideoElement) => video.play())
  await until('it moves', () => video.evaluate((video: HTMLVideoElement) => video.currentTime > 0))
})

test('a picture is pasted; what a text processor copies is pasted as text', async () => {
  await pasteFiles(field(ann), [picture('blue.png', BLUE)])
  await areUp(ann, 1)
  await field(ann).evaluate((element) => {
    const clipboardData = new DataTransfer()
    clipboardData.setData('text/plain', 'words')
    clipboardData.setData('text/html', '<b>words</b>')
    clipboardData.items.add(new File(['x'], 'words.png', { type: 'image/png' }))
    const pasted = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true })
    Object.assign(window, { wasLeft: element.dispatchEvent(pasted) })
  })
  expect(await ann.evaluate(() => (window as unknown as { wasLeft: boolean }).wasLeft)).toBe(true)
  expect(await items(ann).count()).toBe(1)
  await send()
  expect(await showsColour(last(ben).getByRole('img', { name: 'blue.jpg' }), BLUE)).toBe(true)
})

test('the list, answers and hits say what it is', async () => {
  expect(await rowOf(ann, 'Ben Baker').locator('.excerpt').innerText()).toBe('You: Photo')
  expect(await rowOf(ben, 'Ann Archer').locator('.excerpt').innerText()).toBe('Photo')
  await last(ben).hover()
  await last(ben).getByTestId('message-menu').click()
  // There is no text to be copied.
  expect(await ben.getByTestId('copy-message').count()).toBe(0)
  await ben.getByTestId('reply-message').click()
  expect(await ben.getByTestId('about').innerText()).toMatch(/Photo$/)
  await field(ben).fill('A blue')
  await field(ben).press('Enter')
  await last(ann).getByText('A blue').waitFor()
  expect(await last(ann).getByTestId('quote').innerText()).toMatch(/You\s+Photo/)
  await ann.getByTestId('search-chat').click()
  await ann.keyboard.type('what a red')
  await ann.getByTestId('chat-hit').getByText('Photo').waitFor()
  await ann.keyboard.press('Escape')
})

test('the pictures of a conversation are looked at by keys, and kept', async () => {
  await ben.getByRole('img', { name: 'blue.jpg' }).click()
  const viewer = ben.getByRole('dialog')
  await viewer.getByRole('img', { name: 'blue.jpg' }).waitFor()
  expect(await viewer.getByRole('status').innerText()).toBe('Image 2 of 2')
  await ben.keyboard.press('ArrowLeft')
  expect(await showsColour(viewer.getByRole('img', { name: 'red.jpg' }), RED)).toBe(true)
  await ben.keyboard.press('ArrowRight')
  await viewer.getByRole('img', { name: 'blue.jpg' }).waitFor()
  const kept = await download(ben, ben.getByTestId('download-picture'))
  expect([kept.name, kept.bytes.readUInt16BE(0)]).toEqual(['blue.jpg', 0xffd8])
  await ben.keyboard.press('Escape')
  expect(await viewer.count()).toBe(0)
  expect(await ben.evaluate(() => document.activeElement?.getAttribute('data-testid'))).toBe('attached-picture')
})

/** Notes where each chunk begins; `before` may do something about the one of that number. */
async function watchChunks(before: (number: number) => Promise<object | undefined>): Promise<number[]> {
  const offsets: number[] = []
  await ann.route('**/api/v1/attachments/*', async (route) => {
    const request = route.request()
    if (request.method() !== 'PATCH') return route.continue()
    offsets.push(Number(new URL(request.url()).searchParams.get('offset')))
    const answer = await before(offsets.length)
    return answer ? route.fulfill(answer) : route.continue()
  })
  return offsets
}

test('an upload that is cut in the middle goes on by itself where it was, and the message goes off after it', async () => {
  const file = { name: 'long.bin', mimeType: '', buffer: randomBytes(3 * MIB) }
  const context = ann.context()
  const offsets = await watchChunks(async (number) => {
    if (number === 2) await context.setOffline(true)
    return undefined
  })
  await pick(ann, file)
  await until('it stands still', async () => (await phases(ann)).join() === 'paused')
  await items(ann).getByText('No connection: goes on by itself').waitFor()
  const bar = items(ann).getByRole('progressbar', { name: 'Uploading long.bin' })
  expect(await bar.getAttribute('aria-valuenow')).toBe('17')
  await ann.getByRole('button', { name: 'Send as soon as all files are up' }).click()
  await ann.getByText('Goes off as soon as all files are up.').waitFor()
  const before = await messages(ben).count()
  await context.setOffline(false)
  await until('it has arrived', async () => (await messages(ben).count()) === before + 1, 30_000)
  expect(offsets.slice(0, 3)).toEqual([0, FIRST_CHUNK, FIRST_CHUNK])
  expect(offsets.slice(1).every((offset) => offset >= FIRST_CHUNK)).toBe(true)
  await ann.unroute('**/api/v1/attachments/*')
  const { name, bytes } = await download(ben, fileNamed(ben, 'long.bin'))
  expect([name, bytes.equals(file.buffer)]).toEqual(['long.bin', true])
}) // prettier-ignore

test('an upload that failed is said to have, and goes on where it was when asked to', async () => {
  const file = { name: 'full.bin', mimeType: '', buffer: randomBytes(MIB) }
  const error = { code: 'storage_full', message: '' }
  const offsets = await watchChunks(async (number) => (number === 2 ? { status: 507, json: { error } } : undefined))
  await pick(ann, file)
  await items(ann).getByRole('alert').waitFor()
  const button = ann.getByRole('button', { name: 'Retry or remove what failed first' })
  expect(await button.getAttribute('aria-disabled')).toBe('true')
  await ann.getByRole('button', { name: 'Go on with full.bin' }).click()
  await areUp(ann, 1)
  expect(offsets).toEqual([0, FIRST_CHUNK, FIRST_CHUNK])
  await ann.unroute('**/api/v1/attachments/*')
  await send()
  expect((await download(ben, fileNamed(ben, 'full.bin'))).bytes.equals(file.buffer)).toBe(true)
})

test('what cannot go along is refused before anything of it is sent', async () => {
  const sent: string[] = []
  ann.on('request', (request) => request.method() === 'POST' && sent.push(request.url()))
  await dropZeros(ann, [
    { name: 'film.mp4', type: 'video/mp4', size: 64 * MIB + 1 },
    { name: 'poster.png', type: 'image/png', size: 10 * MIB + 1 },
    { name: 'IMG_1.heic', type: 'image/heic', size: 10 },
    { name: 'nothing.txt', type: 'text/plain', size: 0 },
  ])
  const refused = ann.getByTestId('refused-files')
  expect(await refused.locator('li').allInnerTexts()).toEqual([
    'film.mp4: Larger than 64 MB.',
    'poster.png: Pictures have at most 10 MB and 40 megapixels.',
    'IMG_1.heic: This photo says where it was taken, and that cannot be taken out of its format. Send it as JPEG or PNG.',
    'nothing.txt: The file is empty.',
  ])
  expect([await items(ann).count(), sent]).toEqual([0, []])
  await refused.getByRole('button', { name: 'Dismiss' }).click()
  expect(await refused.count()).toBe(0)
  expect(await field(ann).evaluate((one) => one === document.activeElement)).toBe(true)
})

test('what the server refuses is said beside the file, and is not tried again', async () => {
  // Its name says nothing of what it is.
  const heic = Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('ftypheic\0\0\0\0mif1heic')])
  await pick(ann, { name: 'holiday', mimeType: '', buffer: heic })
  await items(ann).getByText('This photo says where it was taken').waitFor()
  expect(await ann.getByTestId('retry-file').count()).toBe(0)
  await ann.getByRole('button', { name: 'Remove holiday' }).click()
  expect(await items(ann).count()).toBe(0)
})

test('a message has at most ten files', async () => {
  await pick(ann, ...Array.from({ length: 12 }, (_, index) => textFile(`${index}.txt`, 'x')))
  await ann.getByText('A message has at most 10 files: 2 were left out.').waitFor()
  await areUp(ann, 10)
  // What is removed is not sent.
  for (let index = 0; index < 9; index++) await ann.getByRole('button', { name: `Remove ${index}.txt` }).click()
  await send()
  expect(await last(ben).getByTestId('attached-file').locator('.name').allTextContents()).toEqual(['9.txt'])
  expect(await rowOf(ben, 'Ann Archer').locator('.excerpt').innerText()).toBe('File: 9.txt')
})

test('an upload is cancelled, and forgotten by the server', async () => {
  await watchChunks(async (number) => {
    if (number === 2) await new Promise(() => {})
    return undefined
  })
  await pick(ann, { name: 'never.bin', mimeType: '', buffer: randomBytes(MIB) })
  const forgotten = ann.waitForResponse((response) => response.request().method() === 'DELETE')
  await until('it is underway', async () => (await items(ann).getByRole('progressbar').getAttribute('aria-valuenow')) === '50') // prettier-ignore
  await ann.getByRole('button', { name: 'Cancel never.bin' }).click()
  expect((await forgotten).status()).toBe(204)
  expect(await items(ann).count()).toBe(0)
  await ann.unroute('**/api/v1/attachments/*', undefined)
})

test('a hostile name is nothing but a text', async () => {
  const name = '<img src=x onerror="window.hacked=1">\u202egpj.html'
  await pick(ann, textFile(name, '<script>window.hacked=1</script>'))
  await areUp(ann, 1)
  await send()
  for (const page of [ann, ben]) {
    const link = last(page).getByTestId('attached-file')
    expect(await link.locator('.name').textContent()).toBe('<img src=x onerror="window.hacked=1">gpj.html')
    expect(await link.locator('img').count()).toBe(0)
    expect(await page.evaluate(() => 'hacked' in window)).toBe(false)
  }
  // Not even who opens its address runs it.
  const url = (await last(ben).getByTestId('attached-file').getAttribute('href'))!
  const headers = (await ben.request.get(server.url + url)).headers()
  expect(headers['content-disposition']).toMatch(/^attachment/)
  expect(headers['content-type']).toBe('text/plain')
})

test('what is attached waits in its conversation while one looks at another', async () => {
  await pick(ann, picture('later.png', RED))
  await areUp(ann, 1)
  await field(ann).fill('See you')
  await rowOf(ann, 'Eve Elm').click()
  await ann.getByRole('heading', { name: 'Eve Elm' }).waitFor()
  expect(await items(ann).count()).toBe(0)
  await rowOf(ann, 'Ben Baker').click()
  await areUp(ann, 1)
  expect(await field(ann).inputValue()).toBe('See you')
  await send()
  for (const page of [ann, ben]) await last(page).getByText('See you').waitFor()
  expect(await showsColour(last(ben).getByRole('img', { name: 'later.jpg' }), RED)).toBe(true)
})

test('a message with a picture that could not leave shows it, even after a reload, and is sent once', async () => {
  const error = { code: 'limit_reached', message: '' }
  await ann.route('**/messages', (route) =>
    route.request().method() === 'POST' ? route.fulfill({ status: 409, json: { error } }) : route.continue(),
  )
  await pick(ann, picture('patient.png', BLUE))
  await areUp(ann, 1)
  await ann.getByTestId('message-send').click()
  await last(ann).getByTestId('message-failed').waitFor()
  expect(await last(ann).getByRole('img').getAttribute('src')).toMatch(/^blob:/)
  expect(await showsColour(last(ann).getByRole('img'), BLUE)).toBe(true)
  await ann.reload()
  await last(ann).getByTestId('message-failed').waitFor()
  expect(await showsColour(last(ann).getByRole('img', { name: 'patient.jpg' }), BLUE)).toBe(true)
  await ann.unroute('**/messages')
  await last(ann).getByRole('button', { name: 'Try again' }).click()
  await last(ben).getByRole('img', { name: 'patient.jpg' }).waitFor()
  await until('it is sent', async () => (await ann.getByTestId('message-failed').count()) === 0)
  for (const page of [ann, ben]) expect(await page.getByRole('img', { name: 'patient.jpg' }).count()).toBe(1)
})

test('nothing moves when a picture comes', async () => {
  let show = (): void => {}
  const shown = new Promise<void>((done) => (show = done))
  await ben.route('**/preview', async (route) => {
    await shown
    await route.continue()
  })
  await ben.reload()
  const image = last(ben).getByRole('img', { name: 'patient.jpg' })
  await image.waitFor()
  const height = (): Promise<number> => ben.getByTestId('messages').evaluate((box) => box.scrollHeight)
  const isThere = (): Promise<boolean> => image.evaluate((image: HTMLImageElement) => image.naturalWidth > 0)
  const before = await height()
  expect(await isThere()).toBe(false)
  show()
  await until('it is there', isThere)
  expect(await height()).toBe(before)
  await ben.unroute('**/preview')
})

test('what is deleted for all is gone for all, with its files', async () => {
  const url = (await last(ben).getByRole('img').getAttribute('src'))!
  await last(ann).hover()
  await last(ann).getByTestId('message-menu').click()
  await ann.getByTestId('delete-message').click()
  for (const page of [ann, ben]) {
    await last(page).getByText('Message deleted').waitFor()
    expect(await last(page).getByTestId('attachments').count()).toBe(0)
  }
  expect((await ben.request.get(server.url + url)).status()).toBe(404)
})

test.each(['light', 'dark'] as const)('no serious faults in the %s theme, and it fits 320 pixels', async (colorScheme) => {
  // axe's script is not the page's own, so the policy would refuse it.
  const tab = await enter(annAccount, { colorScheme, bypassCSP: true })
  const { page } = tab
  await page.getByTestId('attached-video').waitFor()
  await pick(page, picture('wide.png', RED), textFile(`${'a long name '.repeat(12)}.txt`, 'x'))
  await dropZeros(page, [{ name: 'film.mp4', type: 'video/mp4', size: 64 * MIB + 1 }])
  await areUp(page, 2)
  expect(await seriousFindings(page)).toEqual([])
  await page.setViewportSize({ width: 320, height: 640 })
  await fits(page)
  expect(await seriousFindings(page)).toEqual([])
  await page.getByRole('img', { name: 'red.jpg' }).click()
  await page.getByTestId('download-picture').waitFor()
  await fits(page)
  expect(await seriousFindings(page)).toEqual([])
  await page.keyboard.press('Escape')
  for (let left = 2; left > 0; left--) await page.getByTestId('remove-file').first().click()
  await tab.close()
}) // prettier-ignore
