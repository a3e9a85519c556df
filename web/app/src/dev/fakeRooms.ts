import type { ChatRoomsApi, NewChatRoom, PageWish } from '../../../sdk/src/api'
import type * as Types from '../../../sdk/src/social-types'
import { all, answer, author, found, chatId } from './fakeChats'
import { demo } from './demo'

const HOUR = 3_600_000
const TITLES = ['Open source Saturday', 'Gardeners', 'Everything about the long distance trains of the last hundred years and the people on them', 'مقهى', 'Chess'] // prettier-ignore

/** Public rooms in which one is not. */
const others = TITLES.map((title, index): Types.ChatRoom => {
  const last_at = Date.now() - index * 3 * HOUR
  const expires_at = Date.now() + [0.5, 20, 90, 130, 167][index]! * HOUR
  return { id: chatId(700 + index), title, is_public: true, members: [3, 41, 1, 1204, 12][index]!, last_at, expires_at, state: null } // prettier-ignore
})

const asRoom = (one: Types.Conversation): Types.ChatRoom => ({
  id: one.id, title: one.title ?? '', is_public: one.kind === 'public_room', members: one.members, last_at: one.last_at,
  expires_at: one.expires_at ?? 0, state: one.state,
}) // prettier-ignore

let asking = [3, 5].map((index): Types.Member => ({
  person: author(index),
  role: 'member',
  state: 'asking',
  read_to: 0,
}))

/** The demo's rooms. */
export class FakeRooms implements Partial<ChatRoomsApi> {
  async list(_wish: PageWish = {}) {
    await answer()
    const own = all.map(({ conversation }) => conversation).filter(({ kind }) => kind === 'public_room')
    return { items: demo.nobody ? [] : [...own.map(asRoom), ...others], next: null }
  }
  async get(id: string) {
    await answer()
    return others.find((room) => room.id === id) ?? asRoom(found(id).conversation)
  }
  async create({ title, is_public }: NewChatRoom) {
    await answer()
    const kind = is_public ? ('public_room' as const) : ('private_room' as const)
    return Object.assign(found(chatId(7)).conversation, { title, kind })
  }
  async join(_id: string) {
    await answer()
    return found(chatId(4)).conversation
  }
  async asking(_id: string) {
    await answer()
    return { items: asking, next: null }
  }
  async admit(id: string, username: string) {
    await answer()
    asking = asking.filter(({ person }) => person.username !== username)
    Object.assign(found(id).conversation, { asking: asking.length })
  }
  refuse = this.admit
}
