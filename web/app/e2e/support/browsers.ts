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
const fakeDevices = ['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream=fps=30']

export class Chromium {
  private readonly server: BrowserServer
  private readonly browser: PlaywrightBrowser

  private constructor(server: BrowserServer, browser: PlaywrightBrowser) {
    this.server = server
    this.browser = browser
  }

  /** `devices: false` gives a browser that has no camera and no microphone. */
  static async launch({ devices = true } = {}): Promise<Chromium> {
    const args = devices ? [...chromiumFlags, ...fakeDevices] : chromiumFlags
    const server = await chromium.launchServer({ executablePath: '/usr/bin/chromium', headless: true, args })
    return new Chromium(server, await chromium.connect(server.wsEndpoint()))
  }

  async tab(options: BrowserContextOptions = {}): Promise<ChromiumTab> {
    const context = await this.browser.newContext({ viewport: { width: 1280, height: 800 }, ...options })
    const page = await context.newPage()
    const errors: string[] = []
    page.on('pageerror', (error) => errors.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text())
    })
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
    page.on('pageerror', (error) => errors.push(String(error)))
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
