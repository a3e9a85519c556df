import type { Http, PageWish } from './http.js'
import type { Notification, NotificationSettings, Page, Unread } from './social-types.js'
import type { Cancel } from './wait.js'

export interface NotificationWish extends PageWish {
  /** Only those that were not read. */
  unread?: boolean
}

/** What is needed to be woken by a server. */
export interface PushInfo {
  /** The server's own key (RFC 8292), as base64url. */
  public_key: string
  /** How many browsers the account has that are woken. */
  subscribed: number
}

const NOTIFICATIONS = '/api/v1/notifications'
const SETTINGS = '/api/v1/me/notification-settings'
const PUSH = '/api/v1/me/push'

/** What others did that concerns whoever is signed in, and how they are told of it. */
export class NotificationsApi {
  readonly #http: Http

  constructor(http: Http) {
    this.#http = http
  }

  /** The one that has grown last first. */
  list({ unread = false, ...wish }: NotificationWish = {}): Promise<Page<Notification>> {
    return this.#http.page(NOTIFICATIONS, wish, unread ? { unread: 'true' } : {})
  }

  async unread(options: Cancel = {}): Promise<number> {
    return (await this.#http.json<Unread>('GET', `${NOTIFICATIONS}/unread`, options)).unread
  }

  read(id: string, options: Cancel = {}): Promise<void> {
    return this.#http.json('PUT', `${NOTIFICATIONS}/${encodeURIComponent(id)}/read`, options)
  }

  readAll(options: Cancel = {}): Promise<void> {
    return this.#http.json('PUT', `${NOTIFICATIONS}/read`, options)
  }

  remove(id: string, options: Cancel = {}): Promise<void> {
    return this.#http.json('DELETE', `${NOTIFICATIONS}/${encodeURIComponent(id)}`, options)
  }

  removeAll(options: Cancel = {}): Promise<void> {
    return this.#http.json('DELETE', NOTIFICATIONS, options)
  }

  settings(options: Cancel = {}): Promise<NotificationSettings> {
    return this.#http.json('GET', SETTINGS, options)
  }

  changeSettings(settings: NotificationSettings, options: Cancel = {}): Promise<NotificationSettings> {
    return this.#http.json('PUT', SETTINGS, { body: settings, ...options })
  }

  /** By which key browsers let this server wake them, and how many are woken. */
  push(options: Cancel = {}): Promise<PushInfo> {
    return this.#http.json('GET', PUSH, options)
  }

  /** Wakes a browser when there is something new. `endpoint`: the address that its push service gave it. */
  subscribe(endpoint: string, options: Cancel = {}): Promise<void> {
    return this.#http.json('PUT', PUSH, { body: { endpoint }, ...options })
  }

  unsubscribe(endpoint: string, options: Cancel = {}): Promise<void> {
    return this.#http.json('DELETE', PUSH, { body: { endpoint }, ...options })
  }
}
