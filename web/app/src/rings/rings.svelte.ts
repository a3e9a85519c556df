import type { EventStream, Ring, RingMedia } from '@confab/sdk/api'
import { untrack } from 'svelte'
import { fullName, session } from '../account/session.svelte'
import { errorCode } from '../api/client'
import { keptQuery } from '../api/e2e'
import { social } from '../api/social'
import { t } from '../i18n/i18n.svelte'
import { refusalText } from '../people/refusals'
import { navigate } from '../router.svelte'
import { letIn } from '../routes/entry.svelte'
import { roomPath } from '../routes/match'
import { toast } from '../ui/notices.svelte'
import { notifySystem, showTitle } from './alerts'
import { type Calling, Switchboard } from './switchboard'
import { playTone } from './tone'

let version = $state(0)
let board = makeBoard('')
/** A click waits for the server. */
let isBusy = $state(false)

function makeBoard(me: string): Switchboard {
  return new Switchboard({
    me,
    list: () => social.rings.list(),
    get: (id) => social.rings.get(id),
    changed: () => version++,
    connected: (ring) => enter(ring, me, ring.media === 'video'),
  })
}

/** With whom one is in a call: the group, or the other one. */
function titleOf({ title, caller, people }: Ring, me: string): string {
  if (title !== null) return title
  const other = [caller, ...people.map(({ person }) => person)].find(({ id }) => id !== me)
  return other ? fullName(other) : ''
}

/** The call begins: without the lobby, since one has said yes. */
function enter(ring: Ring, me: string, camera: boolean): void {
  const { room } = ring
  letIn(room, { camera, title: titleOf(ring, me) })
  navigate(roomPath(room) + keptQuery())
}

function listen(events: EventStream): () => void {
  const leave = new AbortController()
  const current = board
  events.on('message', (event) => event.type === 'ring' && current.hear(event.ring), leave)
  events.on('opened', () => void current.refresh(), leave)
  // This code may have come after the socket had opened.
  void current.refresh()
  return () => leave.abort()
}

/** The rings of whoever is signed in. Reactive where it is read in a component. */
export const rings = {
  get incoming(): Ring | null {
    void version
    return board.incoming
  },
  get calling(): Calling | null {
    void version
    return board.calling
  },
  get isBusy(): boolean {
    return isBusy
  },
  /** Whether somebody may be rung from here now. */
  get isFree(): boolean {
    return !isBusy && rings.calling?.outcome !== 'ringing'
  },

  /** Rings those of a conversation. */
  call: (conversation: string, media: RingMedia): Promise<void> =>
    attempt(async () => board.began(await social.rings.start(conversation, media))),

  /** Rings somebody with whom there may be no conversation yet. */
  callPerson: (username: string, media: RingMedia): Promise<void> =>
    attempt(async () => {
      const { id } = await social.conversations.create({ username })
      board.began(await social.rings.start(id, media))
    }),

  accept: (ring: Ring, camera: boolean): Promise<void> =>
    attempt(async () => {
      board.hear(await social.rings.answer(ring.id, true))
      enter(ring, session.me?.id ?? '', camera)
    }, ring),

  /** At once: where the server does not hear it, it rings in vain. */
  decline(ring: Ring): void {
    if (isBusy) return
    board.answered(ring, false)
    void social.rings.answer(ring.id, false).catch(() => undefined)
  },

  giveUp(): void {
    const { calling } = board
    board.dismiss()
    if (calling?.outcome === 'ringing') void social.rings.stop(calling.ring.id).catch(() => undefined)
  },
}

/** Does it, or says why not. `ring`: what may be over meanwhile. */
async function attempt(action: () => Promise<void>, ring?: Ring): Promise<void> {
  if (isBusy) return
  isBusy = true
  try {
    await action()
  } catch (error) {
    const code = errorCode(error)
    toast(failureText(code))
    if (ring && code !== 'connection_failed') void board.refresh()
  } finally {
    isBusy = false
  }
}

function failureText(code: string): string {
  if (code === 'not_allowed') return t().rings.notAllowed
  if (code === 'not_found' || code === 'gone') return t().rings.over
  return t().rings.notDone(refusalText(code))
}

/** For as long as the page is open: each stream that begins is of somebody else. */
$effect.root(() => {
  const me = $derived(session.me?.id ?? '')
  $effect(() => {
    const { events } = session
    const id = me
    untrack(() => (board = makeBoard(id)))
    const leave = events && id ? untrack(() => listen(events)) : () => undefined
    const current = board
    return () => {
      leave()
      current.close()
    }
  })

  const sound = $derived.by(() => {
    void version
    return board.sound
  })
  $effect(() => (sound ? playTone(sound) : undefined))

  const ringing = $derived(rings.incoming?.id ?? null)
  const title = $derived(rings.incoming ? t().rings.incoming(fullName(rings.incoming.caller)) : '')
  $effect(() => (title ? showTitle(title) : undefined))
  $effect(() => (ringing ? notifySystem(untrack(() => title), ringing) : undefined)) // prettier-ignore

  // Nobody waits in a tab that is closed.
  addEventListener('pagehide', () => rings.giveUp())
})
