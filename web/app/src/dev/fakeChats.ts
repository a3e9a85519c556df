import type { ConversationsApi, MessageDraft, PageWish } from '../../../sdk/src/api'
import { ApiError, type ApiErrorCode } from '../../../sdk/src/api-error'
import type * as Types from '../../../sdk/src/social-types'
import { demo, lineAt } from './demo'
import { attachedTo, filesOf } from './fakeAttachments'
import { me, PEOPLE } from './fakeSocialPeople'

const MINUTE = 60_000
const TEXTS = [
  'Did you see the plans for the market? They moved the crossing by forty metres.',
  'Yes, this morning. I like it, but what about the buses?',
  'They stop before it now. https://example.org/crossings/surulere has the drawing, on the second page.',
  'Ah.',
  'Then I will come on Thursday, and bring the old maps. We can lay one over the other and see what they have left out. My guess is: the school, and the two stairs down to the water that nobody has on a map.',
  'ممتاز، شكرا 🙂',
]

export async function answer(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, demo.slow ? 3000 : 120))
  if (demo.refuse) throw new ApiError(demo.refuse as ApiErrorCode)
}

export const chatId = (index: number): string => `01a0b0c0-0000-7000-8000-${String(index).padStart(12, '0')}`

export function author(index: number): Types.Author {
  const { picture, ...person } = index < 0 ? me : PEOPLE[index % PEOPLE.length]!
  const { id, username, first_name, last_name } = person
  return { id, username, first_name, last_name, picture: picture?.small_url ?? null }
}

function message(conversation: number, seq: number, count: number): Types.Message {
  const by = author([conversation, conversation, -1, conversation, -1, -1, conversation + 1][seq % 7]!)
  const at = Date.now() - (count - seq) ** 2 * 3 * MINUTE - conversation ** 2 * 50 * MINUTE
  const isDeleted = seq % 23 === 9
  const kind = conversation % 3 === 1 && seq === 1 ? 'created' : 'text'
  const attachments = isDeleted || kind !== 'text' ? [] : attachedTo(seq)
  const isAnswer = seq % 9 === 5 && seq > 3
  return {
    id: chatId(conversation * 1000 + seq), conversation: chatId(conversation), seq, changed: seq, client_id: chatId(seq), kind, author: by,
    text: isDeleted || (attachments.length > 0 && seq % 8 === 2) ? '' : TEXTS[seq % TEXTS.length]!, reply_to: isAnswer ? chatId(conversation * 1000 + seq - 2) : null,
    attachments, sent_at: at, edited_at: seq % 11 === 4 ? at : null, is_deleted: isDeleted,
  } // prettier-ignore
}

function direct(message: Types.Message, index: number, isGroup: boolean): Types.Message {
  return isGroup || message.author?.id === me.id ? message : { ...message, author: author(index) }
}

export const all = Array.from({ length: demo.nobody ? 0 : 15 }, (_, index) => {
  const isGroup = index % 3 === 1
  const count = index === 0 ? 80 : 12 + index
  const messages = Array.from({ length: count }, (_, at) => direct(message(index, at + 1, count), index, isGroup))
  const unread = [0, 3, 0, 1, 120][index] ?? 0
  const conversation: Types.Conversation = {
    id: chatId(index), kind: isGroup ? 'group' : 'direct', other: isGroup ? null : author(index), role: index === 1 ? 'owner' : 'member',
    title: isGroup ? ['Crossings', 'Thursday design review', 'Brot & Salz', 'A group with a name that does not fit anywhere'][index % 4]! : null,
    state: index === 12 ? 'requested' : index === 13 ? 'invited' : 'joined', members: isGroup ? 7 : 2, seq: count, read_to: count - Math.min(unread, 9),
    unread: Math.min(unread, 100), seen_to: index % 2 ? count : count - 2, delivered_to: count - (index % 4 ? 0 : 1), is_muted: index % 5 === 4,
    presence: isGroup || index % 4 === 3 ? null : { is_here: index % 2 === 0, last_seen: Date.now() - index * 420_000 },
    expires_at: null, asking: 0, picture: index === 1 ? author(4).picture : null, last: messages.at(-1)!, last_at: messages.at(-1)!.sent_at,
  } // prettier-ignore
  return { conversation, messages }
})
if (all[13]) Object.assign(all[13].conversation, { kind: 'group', title: 'Bread club', other: null, last: null })
const HOUR = 60 * MINUTE
// A public room that ends soon, a private one of one's own into which two want, and one that has not answered yet.
if (all[4]) Object.assign(all[4].conversation, { kind: 'public_room', title: 'Match tonight', members: 48, is_muted: false, expires_at: Date.now() + 5.5 * HOUR }) // prettier-ignore
if (all[7]) Object.assign(all[7].conversation, { kind: 'private_room', title: 'Surprise for Lena', role: 'owner', asking: 2, expires_at: Date.now() + 70 * HOUR }) // prettier-ignore
if (all[14]) Object.assign(all[14].conversation, { kind: 'private_room', title: 'Board games', state: 'asking', other: null, last: null, unread: 0, members: 5, expires_at: Date.now() + 100 * HOUR }) // prettier-ignore

export function found(id: string) {
  const one = all.find(({ conversation }) => conversation.id === id)
  if (!one) throw new ApiError('not_found', 'nothing', { status: 404 })
  return one
}

const isWaiting = ({ state }: Types.Conversation): boolean => state !== 'joined'

/** The demo's conversations. */
export class FakeChats implements Partial<ConversationsApi> {
  async list(_wish: PageWish = {}) {
    await answer()
    return { items: all.map(({ conversation }) => conversation).filter((one) => !isWaiting(one)), next: null }
  }
  async requests(_wish: PageWish = {}) {
    await answer()
    return { items: all.map(({ conversation }) => conversation).filter(isWaiting), next: null }
  }
  async unread() {
    const unread = all.filter(({ conversation }) => !isWaiting(conversation) && conversation.unread > 0).length
    return { unread, requests: demo.nobody ? 0 : 2 }
  }
  async get(id: string) {
    await answer()
    return found(id).conversation
  }
  async create(wish: { username: string } | { title: string; people: string[] }) {
    await answer()
    return ('username' in wish ? found(chatId(0)) : found(chatId(1))).conversation
  }
  async change(id: string, change: Partial<Types.Conversation>) {
    await answer()
    return Object.assign(found(id).conversation, change)
  }
  async setPicture(id: string) {
    await answer()
    return Object.assign(found(id).conversation, { picture: author(2).picture })
  }
  async removePicture(id: string) {
    await answer()
    Object.assign(found(id).conversation, { picture: null })
  }
  async members(_id: string) {
    await answer()
    const roles = ['owner', 'moderator', 'member'] as const
    const items = Array.from({ length: 7 }, (_, index) => ({
      person: author(index - 1), role: roles[Math.min(index, 2)]!, state: index === 6 ? 'invited' as const : 'joined' as const, read_to: 0,
    })) // prettier-ignore
    return { items, next: null }
  }
  async invite() {
    await answer()
  }
  async removeMember() {
    await answer()
  }
  async setRole() {
    await answer()
  }
  async accept(id: string) {
    await answer()
    return Object.assign(found(id).conversation, { state: 'joined' as const })
  }
  async leave() {
    await answer()
  }
  async messages(id: string, { after, limit = 50 }: PageWish = {}) {
    await answer()
    const before = found(id)
      .messages.filter(({ seq }) => seq < Number(after ?? Infinity))
      .reverse()
    return { items: before.slice(0, limit), next: before.length > limit ? String(before[limit - 1]!.seq) : null }
  }
  async changes(id: string, after: number) {
    return { items: [], seq: Math.max(after, found(id).conversation.seq), more: false }
  }
  async search(id: string, query: string) {
    await answer()
    return { items: found(id).messages.filter(({ text }) => text.includes(query) || lineAt(0) === query), next: null }
  }
  async send(id: string, draft: MessageDraft): Promise<Types.Message> {
    await answer()
    if (demo.readonly) throw new ApiError('connection_failed')
    const { conversation, messages } = found(id)
    const seq = ++conversation.seq
    const made = { ...message(0, seq, seq), ...draft, attachments: filesOf(draft.attachments), id: chatId(9000 + seq), conversation: id, author: author(-1), reply_to: draft.reply_to ?? null, sent_at: Date.now(), is_deleted: false, edited_at: null } // prettier-ignore
    messages.push(made)
    return made
  }
  async edit(id: string, text: string): Promise<Types.Message> {
    await answer()
    const one = all.flatMap(({ messages }) => messages).find((each) => each.id === id)
    if (!one) throw new ApiError('not_found')
    return { ...one, text, edited_at: Date.now() }
  }
  async remove() {
    await answer()
  }
  async hide() {
    await answer()
  }
  async clear() {
    await answer()
  }
  async read() {
    await answer()
  }
}
