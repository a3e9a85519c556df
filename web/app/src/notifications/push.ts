import type { NotificationsApi } from '@confab/sdk/api'

/** `denied`: only the browser's own settings can change that. `insecure`: not over https. */
export type PushState = 'unsupported' | 'insecure' | 'denied' | 'off' | 'on'

export type PushOutcome = 'on' | 'denied' | 'dismissed' | 'failed'

type Subscription = Pick<PushSubscription, 'endpoint' | 'options' | 'unsubscribe'>

/** What the browser has for being woken. */
export interface PushBrowser {
  isSecure: boolean
  isSupported: boolean
  permission(): NotificationPermission
  ask(): Promise<NotificationPermission>
  /** The subscription of this browser, if it has one. */
  current(): Promise<Subscription | null>
  subscribe(key: Uint8Array<ArrayBuffer>): Promise<Subscription>
}

/** The worker that a push wakes. At the root, so that it belongs to the whole app. */
const WORKER = '/push.js'

export const browserPush = (): PushBrowser => ({
  isSecure: isSecureContext,
  isSupported: 'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window,
  permission: () => Notification.permission,
  ask: () => Notification.requestPermission(),
  async current() {
    const registration = await navigator.serviceWorker.getRegistration()
    return (await registration?.pushManager.getSubscription()) ?? null
  },
  async subscribe(key) {
    await navigator.serviceWorker.register(WORKER)
    const { pushManager } = await navigator.serviceWorker.ready
    return pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key })
  },
})

/** How this browser is woken when there is something new. */
export class Push {
  readonly #api: Pick<NotificationsApi, 'push' | 'subscribe' | 'unsubscribe'>
  readonly #browser: PushBrowser

  constructor(api: Pick<NotificationsApi, 'push' | 'subscribe' | 'unsubscribe'>, browser: PushBrowser) {
    this.#api = api
    this.#browser = browser
  }

  /** Asks nobody for anything. A subscription is told to the server once more, which may have forgotten it. */
  async state(): Promise<PushState> {
    const { isSecure, isSupported } = this.#browser
    // Insecure pages lack what it takes, whatever the browser can do elsewhere.
    if (!isSecure) return 'insecure'
    if (!isSupported) return 'unsupported'
    if (this.#browser.permission() === 'denied') return 'denied'
    const [subscription, { public_key }] = await Promise.all([this.#browser.current(), this.#api.push()])
    if (!subscription || !hasKey(subscription, public_key)) return 'off'
    await this.#api.subscribe(subscription.endpoint)
    return 'on'
  }

  /** Only after a click: asks for permission. Fails where the server cannot be reached. */
  async turnOn(): Promise<PushOutcome> {
    const permission = await this.#browser.ask()
    if (permission !== 'granted') return permission === 'denied' ? 'denied' : 'dismissed'
    const { public_key } = await this.#api.push()
    const subscription = await this.#subscribe(public_key)
    if (!subscription) return 'failed'
    await this.#api.subscribe(subscription.endpoint)
    return 'on'
  }

  /** Fails where the server cannot be reached; the browser is not woken any more even so. */
  async turnOff(): Promise<void> {
    const subscription = await this.#browser.current()
    if (!subscription) return
    await subscription.unsubscribe()
    await this.#api.unsubscribe(subscription.endpoint)
  }

  /** None where the browser's push service does not answer. */
  async #subscribe(publicKey: string): Promise<Subscription | null> {
    try {
      const before = await this.#browser.current()
      // A browser has one subscription, by one key.
      if (before && !hasKey(before, publicKey)) await before.unsubscribe()
      return await this.#browser.subscribe(fromBase64Url(publicKey))
    } catch {
      return null
    }
  }
}

function hasKey({ options }: Subscription, publicKey: string): boolean {
  const key = options.applicationServerKey
  return key !== null && toBase64Url(new Uint8Array(key)) === publicKey.replace(/=+$/, '')
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  const bytes = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(bytes, (byte) => byte.charCodeAt(0))
}

const toBase64Url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '')
