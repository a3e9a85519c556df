import type { Conversation, Message, Page, SocialEvent } from '@confab/sdk/api'
import { expect, it, vi } from 'vitest'
import { type Box, ChatList } from './chatList'

const person = (id: string) => ({ id, username: id, first_name: id, last_name: '', picture: null })

function message(seq: number, by: string, change: Partial<Message> = {}): Message {
  const rest = { kind: 'text', text: `${seq}`, reply_to: null, edited_at: null, is_deleted: false } as const
  const attachments: Message['attachments'] = []
  return { id: `m${seq}`, conversation: 'a', seq, changed: seq, client_id: `c${seq}`, author: person(by), sent_at: 1000 + seq, attachments, ...rest, ...change }
} // prettier-ignore

function conversation(id: string, change: Partial<Conversation> = {}): Conversation {
  return {
    id, kind: 'direct', title: null, other: person('ann'), role: 'member', state: 'joined', members: 2, seq: 5, read_to: 5,
    unread: 0, seen_to: 0, delivered_to: 0, is_muted: false, presence: null, expires_at: null, asking: 0, picture: null, last: null, last_at: 1, ...change,
  } // prettier-ignore
}

const event = (one: Message): SocialEvent => ({ type: 'message', conversation: 'a', change: one.changed, message: one })

async function listOf(...there: Conversation[]) {
  const server = new Map(there.map((one) => [one.id, one]))
  const get = vi.fn(async (id: string): Promise<Conversation> => {
    const found = server.get(id)
    if (!found) throw new Error('not_found')
    return found
  })
  const list = vi.fn(async (box: Box): Promise<Page<Conversation>> => {
    const items = [...server.values()].filter(({ state }) => (state === 'joined') === (box === 'joined'))
    return { items, next: null }
  })
  const chats = new ChatList({ list, get, codeOf: (error) => (error as Error).message, me: 'me', changed: () => {} })
  await chats.more('joined')
  await chats.more('waiting')
  const ids = (box: Box = 'joined') => chats.box(box).items.map(({ id }) => id)
  return { chats, server, get, list, ids }
}

it('puts the one with the last message first, and counts', async () => {
  const { chats, ids, get } = await listOf(conversation('a', { last_at: 1 }), conversation('b', { last_at: 2 }))
  expect(ids()).toEqual(['b', 'a'])
  chats.hear(event(message(6, 'ann')))
  expect(ids()).toEqual(['a', 'b'])
  expect(chats.find('a')).toMatchObject({ unread: 1, seq: 6, last: { text: '6' } })
  chats.hear(event(message(6, 'ann')))
  chats.hear(event(message(7, 'ann')))
  expect(chats.find('a')!.unread).toBe(2)
  // Who answers has read.
  chats.hear(event(message(8, 'me')))
  expect([chats.find('a')!.unread, chats.find('a')!.read_to, get.mock.calls.length]).toEqual([0, 8, 0])
})

it('shows a change of the last message, and leaves others', async () => {
  const { chats } = await listOf(conversation('a', { last: message(5, 'ann') }))
  chats.hear(event(message(5, 'ann', { changed: 6, text: 'edited' })))
  chats.hear(event(message(2, 'ann', { changed: 7, text: 'old' })))
  expect(chats.find('a')!.last!.text).toBe('edited')
})

it.each([
  ['it is not known', event(message(6, 'ann', { conversation: 'a' })), []],
  ['a number is missing', event(message(8, 'ann')), [conversation('a')]],
  ['somebody joins', event(message(6, 'ben', { kind: 'joined' })), [conversation('a', { kind: 'group' })]],
  ['something unread is deleted', event(message(4, 'ann', { changed: 6, is_deleted: true })), [conversation('a', { read_to: 3, unread: 2 })]],
  ['one answers a request', event(message(6, 'me')), [conversation('a', { state: 'requested', last: message(5, 'ann') })]],
  ['it is told to have changed', { type: 'conversation_changed', id: 'a' } as const, [conversation('a')]],
])('asks for a conversation when %s', async (_, told, there) => {
  const { chats, server, get } = await listOf(...there)
  const now = conversation('a', { seq: 9, unread: 7, last: message(9, 'ann') })
  server.set('a', now)
  chats.hear(told)
  await vi.waitFor(() => expect(chats.find('a')).toMatchObject({ seq: 9, unread: 7 }))
  expect(get).toHaveBeenCalledTimes(1)
}) // prettier-ignore

it('asks once more for what was told while it asked', async () => {
  const { chats, server, get } = await listOf(conversation('a'))
  chats.hear({ type: 'conversation_changed', id: 'a' })
  chats.hear(event(message(6, 'ann')))
  chats.hear({ type: 'conversation_changed', id: 'a' })
  server.set('a', conversation('a', { seq: 6, unread: 1 }))
  await vi.waitFor(() => expect(chats.find('a')!.unread).toBe(1))
  expect(get).toHaveBeenCalledTimes(2)
})

it('forgets the one in which one is not any more', async () => {
  const { chats, server, ids } = await listOf(conversation('a'), conversation('b'))
  server.delete('a')
  chats.hear({ type: 'conversation_changed', id: 'a' })
  await vi.waitFor(() => expect(ids()).toEqual(['b']))
})

it('has requests apart, and nothing in which nobody has said anything', async () => {
  const { chats, ids } = await listOf(
    conversation('a', { seq: 0 }),
    conversation('b', { state: 'requested', last: message(1, 'eve') }),
    conversation('c', { state: 'requested' }),
    conversation('d', { state: 'invited', kind: 'group' }),
  )
  expect([ids('joined'), ids('waiting')]).toEqual([[], ['d', 'b']])
  chats.learn(conversation('b', { last: message(1, 'eve') }))
  expect([ids('joined'), ids('waiting')]).toEqual([['b'], ['d']])
})

it('hears who comes and goes, and who hides it', async () => {
  const { chats } = await listOf(conversation('a'), conversation('b', { other: null }))
  const presence = { is_here: true, last_seen: 5 }
  chats.hear({ type: 'presence', account: 'ann', presence })
  expect(chats.find('a')!.presence).toEqual(presence)
  expect(chats.find('b')!.presence).toBeNull()
  chats.hear({ type: 'presence', account: 'somebody', presence: null })
  expect(chats.find('a')!.presence).toEqual(presence)
  chats.hear({ type: 'presence', account: 'ann', presence: null })
  expect(chats.find('a')!.presence).toBeNull()
})

it('keeps what the other one has seen, although an answer knows less', async () => {
  const { chats } = await listOf(conversation('a'))
  const seen = { type: 'seen', conversation: 'a', read_to: 4, delivered_to: 5 } as const
  chats.hear({ ...seen, account: 'somebody' })
  expect(chats.find('a')!.seen_to).toBe(0)
  chats.hear({ ...seen, account: 'ann' })
  chats.learn(conversation('a', { seen_to: 2 }))
  expect(chats.find('a')).toMatchObject({ seen_to: 4, delivered_to: 5 })
})

it('after a gap the beginning of the lists is as the server has it', async () => {
  const { chats, server, ids } = await listOf(conversation('a'), conversation('b', { last_at: 2 }))
  server.delete('b')
  server.set('c', conversation('c', { last_at: 3 }))
  chats.hear({ type: 'messages_gap' })
  await vi.waitFor(() => expect(ids()).toEqual(['c', 'a']))
})
