import type { Notification, NotificationsApi, SocialEvent } from '@confab/sdk/api'
import { type Change, Feed, type FeedListing } from './feed'

export type Filter = 'all' | 'unread'

export interface InboxState {
  /** How many are unread, in lists that were never asked for too. */
  readonly unread: number
  readonly lists: Readonly<Record<Filter, FeedListing>>
}

/** All that the inbox knows of the world. */
export interface InboxPorts {
  api: Pick<NotificationsApi, 'list' | 'read' | 'readAll' | 'remove' | 'removeAll'>
  codeOf: (error: unknown) => string
  changed: (state: InboxState) => void
  /** Something has come just now that was not read yet. */
  arrived: (notification: Notification) => void
}

/**
 * The notifications of whoever is signed in, one inbox for each tab. How many are unread is what the server tells, which it
 * tells all tabs at once. What one does here shows before the server has answered, and is taken back if it fails.
 */
export class Inbox {
  readonly #ports: InboxPorts
  readonly #feeds: Readonly<Record<Filter, Feed>>
  #unread = 0
  /** Whether the stream has said where it begins: what was fetched before that may lack what came in between. */
  #met = false
  /** How many calls are on their way that change the number. */
  #calls = 0
  /** What the server has told meanwhile: it may not know of all of them yet. */
  #told: number | null = null
  /** Removed, but not for good yet. */
  readonly #hidden: Set<string> = new Set()

  constructor(ports: InboxPorts) {
    this.#ports = ports
    const feed = (onlyUnread: boolean): Feed =>
      new Feed({
        load: (after, limit) => ports.api.list({ after, limit, unread: onlyUnread }),
        onlyUnread,
        codeOf: ports.codeOf,
        changed: () => this.#tell(),
      })
    this.#feeds = { all: feed(false), unread: feed(true) }
  }

  get state(): InboxState {
    const { all, unread } = this.#feeds
    return { unread: this.#unread, lists: { all: this.#shown(all), unread: this.#shown(unread) } }
  }

  /** What the server tells. */
  hear(message: SocialEvent): void {
    if (!('unread' in message)) return
    this.#count(message.unread)
    if (message.type === 'hello') {
      if (!this.#met) this.refresh()
      this.#met = true
    } else if (message.type === 'notifications_changed') {
      this.refresh()
    } else if (message.type === 'notification') {
      this.#put(message.notification)
    }
  }

  /** Asks again for whatever was asked for. */
  refresh(): void {
    for (const feed of Object.values(this.#feeds)) void feed.refresh()
  }

  more(filter: Filter): void {
    void this.#feeds[filter].more()
  }

  /** Marks one as read. Fails, and takes that back, where the server cannot be reached. */
  async read(id: string): Promise<void> {
    const notification = this.#find(id)
    if (!notification || notification.is_read) return
    const read = { ...notification, is_read: true }
    try {
      await this.#call(this.#ports.api.read(id), this.#unread - 1, {
        all: (items) => items.map((item) => (item.id === id ? read : item)),
        unread: (items) => items.filter((item) => item.id !== id),
      })
    } catch (error) {
      this.#putBack([notification])
      throw error
    }
  }

  async readAll(): Promise<void> {
    const before = this.#all().filter(({ is_read }) => !is_read)
    try {
      await this.#call(this.#ports.api.readAll(), 0, {
        all: (items) => items.map((item) => ({ ...item, is_read: true })),
        unread: () => [],
      })
    } catch (error) {
      this.#putBack(before)
      throw error
    }
  }

  /** Shows one no more, until `restore` or `remove`, and marks it as read, so that all tabs count the same. */
  hide(id: string): void {
    // If this fails, so will the removal.
    void this.read(id).catch(() => undefined)
    this.#hidden.add(id)
    this.#tell()
  }

  restore(id: string): void {
    this.#hidden.delete(id)
    this.#tell()
  }

  /** Removes one for good. Fails, and brings it back, where the server cannot be reached. */
  async remove(id: string): Promise<void> {
    const before = this.#find(id)
    const without: Change = (items) => items.filter((item) => item.id !== id)
    const unread = this.#unread - (before?.is_read === false ? 1 : 0)
    try {
      await this.#call(this.#ports.api.remove(id), unread, { all: without, unread: without })
    } catch (error) {
      if (before) this.#putBack([before])
      throw error
    } finally {
      this.restore(id)
    }
  }

  async removeAll(): Promise<void> {
    const before = this.#all()
    this.#hidden.clear()
    const none: Change = () => []
    try {
      await this.#call(this.#ports.api.removeAll(), 0, { all: none, unread: none })
    } catch (error) {
      this.#putBack(before)
      throw error
    }
  }

  /** Does to the lists, and to the number, what a call will have done. */
  async #call(call: Promise<void>, unread: number, changes: Readonly<Record<Filter, Change>>): Promise<void> {
    const before = this.#unread
    this.#calls++
    this.#unread = Math.max(0, unread)
    this.#feeds.all.apply(changes.all, call)
    this.#feeds.unread.apply(changes.unread, call)
    this.#tell()
    try {
      await call
    } catch (error) {
      this.#told ??= before
      throw error
    } finally {
      this.#calls--
      if (this.#calls === 0 && this.#told !== null) this.#unread = this.#told
      if (this.#calls === 0) this.#told = null
      this.#tell()
    }
  }

  #count(unread: number): void {
    if (this.#calls > 0) this.#told = unread
    else this.#unread = unread
    this.#tell()
  }

  #put(notification: Notification | null): void {
    if (!notification) return this.refresh()
    const before = this.#find(notification.id)
    for (const feed of Object.values(this.#feeds)) feed.put(notification)
    // What was missed is told again; it is no news to whoever has it.
    const isNews = !notification.is_read && (before?.is_read !== false || before.at < notification.at)
    if (isNews) this.#ports.arrived(notification)
  }

  #putBack(notifications: readonly Notification[]): void {
    for (const notification of notifications) {
      for (const feed of Object.values(this.#feeds)) feed.put(notification)
    }
  }

  #all(): Notification[] {
    const { all, unread } = this.#feeds
    return [...new Map([...unread.listing.items, ...all.listing.items].map((item) => [item.id, item])).values()]
  }

  #find(id: string): Notification | undefined {
    return this.#all().find((item) => item.id === id)
  }

  #shown({ listing }: Feed): FeedListing {
    if (this.#hidden.size === 0) return listing
    return { ...listing, items: listing.items.filter(({ id }) => !this.#hidden.has(id)) }
  }

  #tell(): void {
    this.#ports.changed(this.state)
  }
}
