import type { Connection, Counts } from '@confab/sdk/api'

/** What one can do about somebody, besides blocking. `befriend` asks, or accepts; `unfriend` takes back, declines or ends. */
export type NetworkAction = 'follow' | 'unfollow' | 'befriend' | 'unfriend'

/** What is shown of somebody. */
export interface Standing {
  readonly connection: Connection
  /** The numbers beside the profile, where they are known. */
  readonly counts: Counts | null
}

interface Entry {
  /** As the server last told. */
  confirmed: Standing
  /** What was clicked and is not answered yet, in order; the first is on its way. */
  pending: NetworkAction[]
}

export interface ConnectionPorts {
  send(action: NetworkAction, username: string): Promise<Connection>
  /** What is shown of somebody has changed. */
  changed(username: string): void
  /** The server did not do it, and what is shown went back. */
  failed(action: NetworkAction, username: string, error: unknown): void
}

/**
 * What is between the viewer and others, the same wherever one sees them. A click shows at once; the server is told of
 * one person's clicks one after another, and what it refuses goes back to what it was.
 */
export class ConnectionStore {
  readonly #ports: ConnectionPorts
  readonly #entries = new Map<string, Entry>()

  constructor(ports: ConnectionPorts) {
    this.#ports = ports
  }

  /** What the server has just told of somebody. */
  learn(username: string, connection: Connection, counts: Counts | null = null): void {
    const entry = this.#entries.get(keyOf(username))
    const confirmed = { connection, counts: counts ?? entry?.confirmed.counts ?? null }
    if (entry) entry.confirmed = confirmed
    else this.#entries.set(keyOf(username), { confirmed, pending: [] })
    this.#ports.changed(keyOf(username))
  }

  /** Null of those of whom nothing was told yet. */
  of(username: string): Standing | null {
    const entry = this.#entries.get(keyOf(username))
    if (!entry) return null
    return entry.pending.reduce(
      (standing, action) => moved(standing, after(action, standing.connection)),
      entry.confirmed,
    )
  }

  act(action: NetworkAction, username: string): void {
    const entry = this.#entries.get(keyOf(username))
    if (!entry) return
    // Of clicks that wait, only the last one about the same thing counts.
    const waiting = entry.pending.slice(1).filter((other) => !isAlike(other, action))
    const isIdle = entry.pending.length === 0
    entry.pending = [...entry.pending.slice(0, 1), ...waiting, action]
    this.#ports.changed(keyOf(username))
    if (isIdle) void this.#send(username, entry)
  }

  /** Somebody else looks from now on, or nobody. */
  clear(): void {
    this.#entries.clear()
  }

  async #send(username: string, entry: Entry): Promise<void> {
    for (let action = entry.pending[0]; action; action = entry.pending[0]) {
      try {
        const connection = await this.#ports.send(action, username)
        entry.confirmed = moved(entry.confirmed, connection)
        entry.pending = entry.pending.slice(1)
      } catch (error) {
        entry.pending = entry.pending.slice(1)
        this.#ports.failed(action, username, error)
      }
      this.#ports.changed(keyOf(username))
    }
  }
}

/** Usernames differ in more than their case. */
const keyOf = (username: string): string => username.toLowerCase()

const isAboutFollowing = (action: NetworkAction): boolean => action === 'follow' || action === 'unfollow'
const isAlike = (one: NetworkAction, two: NetworkAction): boolean => isAboutFollowing(one) === isAboutFollowing(two)

/** What the server will make of an action, unless it refuses. */
export function after(action: NetworkAction, connection: Connection): Connection {
  switch (action) {
    case 'follow':
      return { ...connection, following: true }
    case 'unfollow':
      return { ...connection, following: false }
    case 'befriend':
      if (connection.friendship === 'received') return { following: true, follows_me: true, friendship: 'friends' }
      return connection.friendship === 'none' ? { ...connection, friendship: 'sent' } : connection
    case 'unfriend':
      return { ...connection, friendship: 'none' }
  }
}

/** The numbers move with the connection. */
function moved({ connection: before, counts }: Standing, connection: Connection): Standing {
  const step = (was: boolean, is: boolean): number => Number(is) - Number(was)
  return {
    connection,
    counts: counts && {
      ...counts,
      followers: counts.followers + step(before.following, connection.following),
      following: counts.following + step(before.follows_me, connection.follows_me),
      friends: counts.friends + step(before.friendship === 'friends', connection.friendship === 'friends'),
    },
  }
}
