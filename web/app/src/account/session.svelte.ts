import type { EventStream, Me } from '@confab/sdk/api'
import { onApiError, sessionApi } from '../api/client'
import { forget, readStored, store } from '../ui/storage'
import { type Hint, isSignedOut, SessionKeeper, type SessionState, type TabMessage } from './sessionKeeper'

const RETRY_AFTER_MS = [1000, 2000, 5000, 10_000, 30_000]

const channel = new BroadcastChannel('confab.session')

let state = $state.raw<SessionState>({ status: 'nobody' })
let events = $state.raw<EventStream | null>(null)
/** Whether the server, and not a person here, has ended the last session: told on the page where one signs in. */
let ended = $state(false)
let onThrownOut = (): void => undefined

const keeper = new SessionKeeper({
  api: sessionApi,
  hint: {
    read: () => readStored<Hint | null>('session', null),
    write: (hint) => (hint ? store('session', hint) : forget('session')),
  },
  channel: {
    post: (message) => channel.postMessage(message),
    onmessage: (listener) => (channel.onmessage = ({ data }) => listener(data as TabMessage)),
  },
  changed: (next) => {
    state = next
    if (next.status === 'me') ended = false
  },
  listening: (stream) => (events = stream),
  ended: (justNow) => {
    ended = true
    if (justNow) onThrownOut()
  },
  pause: (failures) => pause(RETRY_AFTER_MS[Math.min(failures, RETRY_AFTER_MS.length - 1)] ?? 0),
})

onApiError((error) => {
  if (isSignedOut(error)) keeper.ended()
})

/** Who is signed in. Reactive where it is read in a component. */
export const session = {
  /** `loading` only where somebody seems to be signed in and the server has not answered yet. */
  get status(): SessionState['status'] {
    return state.status
  },
  get me(): Me | null {
    return state.status === 'me' ? state.me : null
  },
  /** What to draw: as soon as anything is known, before the server has answered. */
  get shown(): Hint | null {
    if (state.status === 'nobody') return null
    if (state.status === 'loading') return state.hint
    return { ...state.me, picture: state.me.picture?.small_url ?? null }
  },
  /** What the server tells, while somebody is signed in: one stream for the whole tab. See `onEvents`. */
  get events(): EventStream | null {
    return events
  },
  /** The server does not answer; it is asked again and again. */
  get unreachable(): boolean {
    return state.status === 'loading' && state.failed
  },
  get wasEnded(): boolean {
    return ended
  },

  /** After the first paint. `thrownOut` is called when the server ends the session. */
  start(thrownOut: () => void): Promise<void> {
    onThrownOut = thrownOut
    return keeper.start()
  },
  settled: () => keeper.settled(),
  signedIn: (me: Me) => keeper.signedIn(me),
  /** After a change of the name or the picture: shows it everywhere, in the other tabs too. */
  refresh: () => keeper.refresh(),
  signOut: () => keeper.signOut(),
  /** After a call that ends this session too, such as deleting the account. */
  endedHere: () => keeper.endedHere(),
}

export const fullName = (person: { first_name: string; last_name: string }): string =>
  `${person.first_name} ${person.last_name}`.trim()

/** Ends early when the network is back. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer)
      removeEventListener('online', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    addEventListener('online', end)
  })
}
