// Chromium by playwright-core and Firefox by puppeteer-core, behind the few calls that the stories need.
import {
  chromium,
  type Browser as PlaywrightBrowser,
  type BrowserContextOptions,
  type BrowserServer,
  type Page,
} from 'playwright-core'
import { launch, type Browser as PuppeteerBrowser } from 'puppeteer-core'

/** A tab, whichever browser it is in. */
export interface Tab {
  goto(url: string): Promise<void>
  /** Runs a function of the page with one JSON argument. */
  evaluate<A, R>(run: (argument: A) => R | Promise<R>, argument: A): Promise<R>
  click(testId: string): Promise<void>
  /** Types into a field after emptying it. */
  fill(testId: string, text: string): Promise<void>
  press(testId: string, key: string): Promise<void>
  screenshot(path: string): Promise<void>
  setViewport(width: number, height: number): Promise<void>
  close(): Promise<void>
  readonly errors: string[]
}

/** A tab in Chromium, with playwright's page for what only one browser has to show. */
export interface ChromiumTab extends Tab {
  readonly page: Page
}

const byTestId = (id: string): string => `[data-testid="${id}"]`

const chromiumFlags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
  '--disable-background-timer-throttling',
  '--disable-renderer-backgrounding',
  '--disable-backgrounding-occluded-windows',
  '--autoplay-policy=no-user-gesture-required',
]
const fakeDevices = '--use-fake-device-for-media-stream=fps=30'
const allowDevices = '--use-fake-ui-for-media-stream'

export interface ChromiumTabOptions extends BrowserContextOptions {
  /** The camera is a drawing, the microphone a tone: many tabs can share Chromium's fake camera only until it stalls. */
  painted?: boolean
}

export class Chromium {
  private readonly server: BrowserServer
  private readonly browser: PlaywrightBrowser
  /** What any of its tabs wrote to the console as an error, did not catch, or was refused by the page's CSP. */
  readonly errors: string[] = []

  private constructor(server: BrowserServer, browser: PlaywrightBrowser) {
    this.server = server
    this.browser = browser
  }

  /** A browser whose user allows its devices, refuses them, or has none. */
  static async launch(devices: 'allowed' | 'refused' | 'none' = 'allowed'): Promise<Chromium> {
    const fakes = { allowed: [fakeDevices, allowDevices], refused: [fakeDevices], none: [] }[devices]
    const args = [...chromiumFlags, ...fakes]
    const server = await chromium.launchServer({ executablePath: '/usr/bin/chromium', headless: true, args })
    return new Chromium(server, await chromium.connect(server.wsEndpoint()))
  }

  async tab({ painted = false, ...options }: ChromiumTabOptions = {}): Promise<ChromiumTab> {
    const context = await this.browser.newContext({ viewport: { width: 1280, height: 800 }, ...options })
    const page = await context.newPage()
    const errors: string[] = []
    const failed = (text: string): void => {
      errors.push(text)
      this.errors.push(text)
    }
    page.on('pageerror', (error) => failed(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error') failed(`${message.text()} ${message.location().url}`)
    })
    await page.addInitScript(reportViolations)
    if (painted) await page.addInitScript(paintDevices)
    return {
      page,
      errors,
      goto: async (url) => void (await page.goto(url)),
      evaluate: (run, argument) => page.evaluate(run as never, argument as never) as never,
      click: (id) => page.click(byTestId(id)),
      fill: (id, text) => page.fill(byTestId(id), text),
      press: (id, key) => page.press(byTestId(id), key),
      screenshot: async (path) => void (await page.screenshot({ path })),
      setViewport: (width, height) => page.setViewportSize({ width, height }),
      close: () => context.close(),
    }
  }

  close(): Promise<void> {
    return this.server.close()
  }

  /** SIGKILL to all of its processes: no tab can say goodbye. */
  kill(): Promise<void> {
    return this.server.kill()
  }
}

export class Firefox {
  private readonly browser: PuppeteerBrowser
  readonly errors: string[] = []

  private constructor(browser: PuppeteerBrowser) {
    this.browser = browser
  }

  static async launch(): Promise<Firefox> {
    const browser = await launch({
      browser: 'firefox',
      executablePath: '/usr/bin/firefox-esr',
      headless: true,
      extraPrefsFirefox: {
        'media.navigator.streams.fake': true,
        'media.navigator.permission.disabled': true,
        'media.autoplay.default': 0,
        'media.autoplay.blocking_policy': 0,
        'media.peerconnection.ice.obfuscate_host_addresses': false,
        'media.gmp-manager.updateEnabled': false,
        'dom.min_background_timeout_value': 4,
      },
    })
    return new Firefox(browser)
  }

  async tab(): Promise<Tab> {
    const page = await this.browser.newPage()
    const errors: string[] = []
    page.on('pageerror', (error) => {
      errors.push(String(error))
      this.errors.push(String(error))
    })
    return {
      errors,
      goto: async (url) => void (await page.goto(url)),
      evaluate: (run, argument) => page.evaluate(run as never, argument as never) as never,
      click: async (id) => (await page.waitForSelector(byTestId(id)))!.click(),
      fill: async (id, text) => {
        const field = (await page.waitForSelector(byTestId(id)))!
        await field.evaluate((element) => (element as HTMLInputElement).select())
        await field.type(text)
      },
      press: async (id, key) => (await page.waitForSelector(byTestId(id)))!.press(key as never),
      screenshot: async (path) => void (await page.screenshot({ path: path as `${string}.png` })),
      setViewport: (width, height) => page.setViewport({ width, height }),
      close: () => page.close(),
    }
  }

  close(): Promise<void> {
    return this.browser.close()
  }
}

/** Runs in the page, before it. */
function reportViolations(): void {
  document.addEventListener('securitypolicyviolation', (event) => {
    console.error(`content security policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`)
  })
}

/** Runs in the page, before it. */
function paintDevices(): void {
  type Wish = MediaTrackConstraints | boolean | undefined
  const number = (value: unknown, usual: number): number => (typeof value === 'number' ? value : usual)
  const camera = (wish: Wish): MediaStreamTrack[] => {
    if (!wish) return []
    const { width, height, frameRate } = wish === true ? {} : wish
    const canvas = Object.assign(document.createElement('canvas'), {
      width: number(width, 160),
      height: number(height, 90),
    })
    const context = canvas.getContext('2d')!
    const hue = Math.random() * 360
    let frame = 0
    const draw = (): void => {
      context.fillStyle = `hsl(${hue} 40% ${40 + (frame++ % 20)}%)`
      context.fillRect(0, 0, canvas.width, canvas.height)
    }
    draw()
    setInterval(draw, 1000 / number(frameRate, 15))
    return canvas.captureStream().getTracks()
  }
  const microphone = (wish: Wish): MediaStreamTrack[] => {
    if (!wish) return []
    const context = new AudioContext()
    const tone = new OscillatorNode(context)
    const output = context.createMediaStreamDestination()
    tone.connect(new GainNode(context, { gain: 0.1 })).connect(output)
    tone.start()
    return output.stream.getTracks()
  }
  if (!navigator.mediaDevices) return
  navigator.mediaDevices.getUserMedia = async (wish = {}) =>
    new MediaStream([...camera(wish.video), ...microphone(wish.audio)])
}
