import type { RingsApi } from '../../../sdk/src/api'
import { ApiError } from '../../../sdk/src/api-error'
import type * as Types from '../../../sdk/src/social-types'
import { demo } from './demo'
import { author, chatId, found } from './fakeChats'
import { tell } from './fakeNotifications'

const RING_MS = 30_000
/** A click takes a moment, and so does an answer. */
const ANSWERED_AFTER_MS = 1500

function ring(conversation: number, more: Partial<Types.Ring>): Types.Ring {
  const started_at = Date.now()
  return {
    id: `ring ${started_at}`, conversation: chatId(conversation), title: found(chatId(conversation)).conversation.title, caller: author(conversation),
    media: 'video', room: 'k3vq-8c2m-x0tz-9hdr', state: 'ringing', people: [{ person: author(-1), state: 'ringing' }], started_at, ends_at: started_at + RING_MS, ...more,
  } // prettier-ignore
}

let rings: Types.Ring[] = []
if (demo.ring) rings = [ring(demo.ring === 'group' ? 1 : 0, { media: demo.ring === 'audio' ? 'audio' : 'video' })]

/** The demo's calls: one that comes as the page opens, and those that one begins. */
export class FakeRings implements Pick<RingsApi, keyof RingsApi> {
  async start(conversation: string, media: Types.RingMedia): Promise<Types.Ring> {
    if (demo.refuse) throw new ApiError('not_allowed', 'refused', { status: 403 })
    const { kind, title, other } = found(conversation).conversation
    const rung = kind === 'direct' && other ? [other] : [author(2), author(3)]
    const people = rung.map((person): Types.RungPerson => ({ person, state: 'ringing' }))
    const begun = ring(0, { conversation, title, caller: author(-1), media, people })
    setTimeout(() => answer(begun), ANSWERED_AFTER_MS)
    return begun
  }

  async list(): Promise<Types.Ring[]> {
    return rings
  }

  async get(id: string): Promise<Types.Ring> {
    const known = rings.find((one) => one.id === id)
    if (!known) throw new ApiError('not_found', 'nothing', { status: 404 })
    return known
  }

  async answer(id: string, accept: boolean): Promise<Types.Ring> {
    const known = await this.get(id)
    rings = []
    return { ...known, state: 'over', people: [{ person: author(-1), state: accept ? 'accepted' : 'declined' }] }
  }

  async stop(_id: string): Promise<void> {}
}

function answer(begun: Types.Ring): void {
  if (!demo.rung || demo.rung === 'ringing') return
  const states: Types.RungState[] = demo.rung === 'nobody' ? ['busy', 'missed'] : [demo.rung as Types.RungState]
  const people = begun.people.map((rung, index) => ({ ...rung, state: states[index % states.length]! }))
  tell({ type: 'ring', ring: { ...begun, state: 'over', people } })
}
