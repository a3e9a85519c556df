// Cameras and microphones that are refused, missing, forbidden by the address, pulled out; and the keys that switch them.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Chromium, type ChromiumTab } from '../support/browsers.ts'
import { Participant } from '../support/participant.ts'
import { Server } from '../support/server.ts'
import { until } from '../support/wait.ts'
import { end } from '../support/world.ts'

let server: Server
let chromium: Chromium
let bare: Chromium
let refusing: Chromium
let link: string
let ann: Participant
let bob: Participant

beforeAll(async () => {
  server = await Server.start()
  ;[chromium, bare, refusing] = await Promise.all([
    Chromium.launch(),
    Chromium.launch('none'),
    Chromium.launch('refused'),
  ])
  link = `${server.url}/r/${(await server.createRoom()).id}`
  ann = new Participant('Ann', await chromium.tab())
  bob = new Participant('Bob', await chromium.tab())
  for (const person of [ann, bob]) await person.join(link)
  await Promise.all([ann.sees(['Bob']), bob.sees(['Ann'])])
})

afterAll(async () => {
  await end([server], [chromium, bare, refusing])
})

const page = (person: Participant): ChromiumTab['page'] => (person.tab as ChromiumTab).page

/** Which problem the lobby explains. */
const problem = (person: Participant): Promise<string | null> =>
  person.tab.evaluate(
    () => document.querySelector<HTMLElement>('[data-testid=permission-help]')?.dataset.code ?? null,
    null,
  )

test('a refused permission is explained, and the way out works', async () => {
  const refused = new Participant('Dee', await refusing.tab({ permissions: ['clipboard-read'] }))
  await refused.tab.goto(link)
  await refused.reads('The browser blocks the camera and microphone')
  expect(await problem(refused)).toBe('permission_denied')
  await page(refused).context().grantPermissions(['camera', 'microphone'])
  await page(refused).getByRole('button', { name: 'Try again' }).click()
  await until('the preview runs', () => page(refused).locator('video').count())
  await until('nothing is left to explain', async () => (await problem(refused)) === null)
  await refused.tab.close()
})

test('an insecure address is explained', async () => {
  const insecure = new Participant('Ian', await chromium.tab())
  await insecure.tab.goto(link.replace('localhost', '10.99.0.1'))
  await insecure.reads('Camera and microphone need a secure address')
  expect(await problem(insecure)).toBe('insecure_context')
  await insecure.tab.close()
})

test('a camera that another program holds is explained, and costs nothing but the picture', async () => {
  const busy = new Participant('Kim', await chromium.tab())
  await page(busy).addInitScript(() => {
    const { mediaDevices } = navigator
    const open = mediaDevices.getUserMedia.bind(mediaDevices)
    mediaDevices.getUserMedia = async (wish) => {
      if (wish?.video) throw new DOMException('in use', 'NotReadableError')
      return open(wish)
    }
  })
  await busy.tab.goto(link)
  await busy.reads('Another program is using the camera')
  expect(await page(busy).getByTestId('toggle-mic').getAttribute('aria-pressed')).toBe('true')
  await busy.tab.close()
})

test('who has no device joins anyway, and sees and hears the others', async () => {
  const watcher = new Participant('Zed', await bare.tab())
  await watcher.tab.goto(link)
  await watcher.reads('No camera or microphone found')
  await watcher.join(link)
  await watcher.sees(['Ann', 'Bob'])
  await watcher.hears(['Ann', 'Bob'])
  await until('Ann sees Zed, muted', async () => {
    const zed = await ann.idOf('Zed')
    return (await ann.tiles()).some((tile) => tile.participant === zed && tile.muted && !tile.video)
  })
  await watcher.tab.click('toggle-camera')
  await watcher.reads('No camera or microphone found')
  await watcher.tab.close()
})

/** Runs in the page: what the browser does when a device is pulled out. */
function pullOut(kind: string): string {
  const sender = window
    .__confab!.room.unstable.pc!.getSenders()
    .find((sender) => sender.track?.kind === kind && sender.track.readyState === 'live')
  const track = sender!.track!
  track.stop()
  track.dispatchEvent(new Event('ended'))
  return track.id
}

test.each([
  ['video', 'camera'],
  ['audio', 'microphone'],
] as const)('a %s device that ends in the call is replaced, and that is said', async (kind, source) => {
  const ended = await bob.tab.evaluate(pullOut, kind)
  const replacement = await until('another track is sent', () =>
    bob.tab.evaluate(
      ([kind, ended]) => {
        const tracks = window.__confab!.room.unstable.pc!.getSenders().map(({ track }) => track)
        return tracks.find((track) => track?.kind === kind && track.readyState === 'live' && track.id !== ended)?.label
      },
      [kind, ended] as const,
    ),
  )
  await bob.isTold(`Now using ${replacement}`)
  if (source === 'camera') await ann.sees(['Bob'])
  else await ann.hears(['Bob'])
  expect(await bob.negotiations()).toBe(1)
})

test('keys: microphone, camera, push-to-talk and help', async () => {
  const keyboard = page(ann).keyboard
  const on = (): Promise<boolean[]> => ann.room((room) => [room.local.microphoneOn, room.local.cameraOn])
  const becomes = (what: string, microphone: boolean, camera: boolean): Promise<unknown> =>
    until(what, async () => (await on()).join() === [microphone, camera].join())
  await becomes('all is on', true, true)
  await keyboard.press('Control+d')
  await becomes('Ctrl+D mutes', false, true)
  await keyboard.press('Control+e')
  await becomes('Ctrl+E ends the camera', false, false)
  await keyboard.down(' ')
  await becomes('Space talks while it is held', true, false)
  const bobSees = (muted: boolean) => async (): Promise<boolean> => {
    const id = await bob.idOf('Ann')
    return (await bob.tiles()).some((tile) => tile.participant === id && tile.muted === muted)
  }
  await until('Bob sees it', bobSees(false))
  await keyboard.up(' ')
  await becomes('and no longer', false, false)
  await until('Bob sees that too', bobSees(true))
  await keyboard.press('?')
  await ann.reads('Hold to talk while muted')
  await keyboard.press('Escape')
  // While one types, keys are letters.
  await ann.tab.click('toggle-chat')
  await ann.tab.press('chat-input', '?')
  await ann.tab.press('chat-input', ' ')
  await ann.tab.press('chat-input', 't')
  expect(await page(ann).getByTestId('chat-input').inputValue()).toBe('? t')
  expect([await on(), await page(ann).getByRole('dialog').count()]).toEqual([[false, false], 0])
  await ann.tab.click('toggle-chat')
  await keyboard.press('Control+d')
  await keyboard.press('Control+e')
  await becomes('all is on again', true, true)
  await bob.sees(['Ann'])
})
