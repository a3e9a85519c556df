import { ApiError, type EventStream, type Me, type SessionApi } from '@confab/sdk/api'

/** What is remembered of whoever is signed in, so that the page can be drawn before the server has answered. */
export interface Hint {
  username: string
  first_name: string
  last_name: string
  picture: string | null
}

export type SessionState =
  | { status: 'loading'; hint: Hint; /** The server does not answer; it is asked again. */ failed: boolean }
  | { status: 'me'; me: Me }
  | { status: 'nobody' }

/** What tabs tell each other. */
export type TabMessage = 'signed_in' | 'signed_out' | 'changed'

/** All that the keeper knows of the world. */
export interface SessionPorts {
  api: Pick<SessionApi, 'me' | 'logout' | 'events'>
  hint: { read(): Hint | null; write(hint: Hint | null): void }
  channel: { post(message: TabMessage): void; onmessage(listener: (message: TabMessage) => void): void }
  changed(state: SessionState): void
  /** The one stream of this tab, while somebody is signed in. */
  listening(events: EventStream | null): void
  /** The server has ended the session: just now, before one's eyes, or some time since the last visit. */
  ended(justNow: boolean): void
  /** Resolves when it is worth asking again. */
  pause(failures: number): Promise<void>
}

/**
 * Knows who is signed in, in step with the server and with the other tabs. The session itself is a cookie that no script
 * sees. Without a hint nobody is, and the server is not asked: most visitors are guests of a meeting.
 */
export class SessionKeeper {
  readonly #ports: SessionPorts
  #state: SessionState = { status: 'nobody' }
  #events: EventStream | null = null
  /** Counts changes, so that an answer to an older question is not taken for news. */
  #epoch = 0
  #waiting: (() => void)[] = []

  constructor(ports: SessionPorts) {
    this.#ports = ports
    const hint = ports.hint.read()
    if (hint) this.#set({ status: 'loading', hint, failed: false })
    ports.channel.onmessage((message) => this.#hear(message))
  }

  get state(): SessionState {
    return this.#state
  }

  /** Asks the server who is signed in, if anybody seems to be. */
  async start(): Promise<void> {
    if (this.#state.status === 'loading') await this.#ask()
  }

  /** Resolves when it is known who is signed in, or that this cannot be found out now. */
  settled(): Promise<void> {
    const { state } = this
    if (state.status !== 'loading' || state.failed) return Promise.resolve()
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  /** Somebody has signed in here. */
  signedIn(me: Me): void {
    this.#enter(me)
    this.#ports.channel.post('signed_in')
  }

  /** The account or its profile has changed: asks anew, in the other tabs too. */
  async refresh(): Promise<void> {
    this.#ports.channel.post('changed')
    await this.#ask()
  }

  /** In all tabs at once. Fails where the server cannot be reached: the session would go on. */
  async signOut(): Promise<void> {
    try {
      await this.#ports.api.logout()
    } catch (error) {
      if (!isSignedOut(error)) throw error
    }
    this.endedHere()
  }

  /** A call has ended the session: a sign-out, the deletion of the account. */
  endedHere(): void {
    this.#leave()
    this.#ports.channel.post('signed_out')
  }

  /** The server has refused a call or closed the socket, because the session is over. */
  ended(): void {
    const { status } = this.#state
    if (status === 'nobody') return
    this.#leave()
    this.#ports.ended(status === 'me')
  }

  #hear(message: TabMessage): void {
    if (message === 'signed_out') this.#leave()
    else void this.#ask()
  }

  async #ask(): Promise<void> {
    const epoch = ++this.#epoch
    for (let failures = 0; epoch === this.#epoch; failures++) {
      try {
        const me = await this.#ports.api.me()
        if (epoch === this.#epoch) this.#enter(me)
        return
      } catch (error) {
        if (epoch !== this.#epoch) return
        if (isSignedOut(error)) return this.ended()
        // A server without accounts has none to sign in to.
        if (error instanceof ApiError && error.status === 404) return this.#leave()
        // What was known stays true until the server says otherwise.
        if (this.#state.status === 'loading') this.#set({ ...this.#state, failed: true })
      }
      await this.#ports.pause(failures)
    }
  }

  #enter(me: Me): void {
    this.#epoch++
    const before = this.#state.status === 'me' ? this.#state.me.id : null
    this.#ports.hint.write(hintOf(me))
    this.#set({ status: 'me', me })
    if (before === me.id) return
    this.#listen()
  }

  #leave(): void {
    this.#epoch++
    this.#events?.close()
    this.#events = null
    this.#ports.listening(null)
    this.#ports.hint.write(null)
    this.#set({ status: 'nobody' })
  }

  #listen(): void {
    this.#events?.close()
    const events = this.#ports.api.events()
    events.on('signedOut', () => this.ended())
    this.#events = events
    this.#ports.listening(events)
  }

  #set(state: SessionState): void {
    this.#state = state
    this.#ports.changed(state)
    if (state.status === 'loading' && !state.failed) return
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}

export const isSignedOut = (error: unknown): boolean => error instanceof ApiError && error.code === 'not_signed_in'

const hintOf = ({ username, first_name, last_name, picture }: Me): Hint => ({
  username,
  first_name,
  last_name,
  picture: picture?.small_url ?? null,
})
