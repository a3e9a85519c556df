import type { Message, Outgoing } from '@confab/sdk/api'
import { expect, it } from 'vitest'
import { keyOf, timeline, type TimelineOptions } from './timeline'

const NOON = new Date(2026, 10, 20, 12).getTime()
const MINUTE = 60_000

function message(seq: number, by: string | null, at: number, change: Partial<Message> = {}): Message {
  const author = by === null ? null : { id: by, username: by, first_name: by, last_name: '', picture: null }
  const rest = { kind: 'text', text: `${seq}`, reply_to: null, edited_at: null, is_deleted: false } as const
  const attachments: Message['attachments'] = []
  return { id: `m${seq}`, conversation: 'c', seq, changed: seq, client_id: `c${seq}`, author, sent_at: at, attachments, ...rest, ...change }
} // prettier-ignore

/** A line for each row: what it is, and for bubbles where they stand in their breath. */
function drawn(options: Partial<TimelineOptions>): string[] {
  const all = { messages: [], outgoing: [], me: 'me', newAfter: null, progress: null, ...options }
  return timeline(all).map((row) => {
    if (row.kind !== 'bubble') return row.kind
    const text = row.message?.text ?? row.outgoing?.text
    return `${row.isFirst ? '⎡' : ''}${text}${row.isLast ? '⎦' : ''}${row.mark ? ` ${row.mark}` : ''}`
  })
}

it('groups what one person wrote in one breath, and begins each day', () => {
  const messages = [
    message(1, 'ann', NOON), message(2, 'ann', NOON + MINUTE), message(3, 'ann', NOON + 9 * MINUTE),
    message(4, 'ben', NOON + 9 * MINUTE), message(5, 'ben', NOON + 24 * 60 * MINUTE),
  ] // prettier-ignore
  expect(drawn({ messages })).toEqual(['day', '⎡1', '2⎦', '⎡3⎦', '⎡4⎦', 'day', '⎡5⎦'])
})

it('says how far one’s own messages have come, between two', () => {
  const messages = [1, 2, 3].map((seq) => message(seq, 'me', NOON))
  const waiting: Outgoing = {
    client_id: 'x',
    text: 'x',
    attachments: [],
    reply_to: null,
    at: NOON,
    state: 'sending',
    failure: null,
  }
  const outgoing = [waiting, { ...waiting, client_id: 'y', text: 'y', state: 'failed' as const }]
  expect(drawn({ messages, outgoing, progress: { seen_to: 1, delivered_to: 2 } })).toEqual([
    'day', '⎡1 seen', '2 delivered', '3 sent', 'x sending', 'y⎦ failed',
  ]) // prettier-ignore
  expect(drawn({ messages })).toEqual(['day', '⎡1 sent', '2 sent', '3⎦ sent'])
})

it('draws the line before the first new message of somebody else', () => {
  const messages = [message(1, 'ann', NOON), message(2, 'me', NOON), message(3, 'ann', NOON), message(4, 'ann', NOON)]
  expect(drawn({ messages, newAfter: 1 })).toEqual(['day', '⎡1⎦', '⎡2⎦ sent', 'new', '⎡3', '4⎦'])
  expect(drawn({ messages, newAfter: 4 })).not.toContain('new')
  expect(drawn({ messages })).not.toContain('new')
})

it('notes what somebody did, which ends a breath', () => {
  const messages = [message(1, 'ann', NOON), message(2, 'ben', NOON, { kind: 'joined' }), message(3, 'ann', NOON)]
  expect(drawn({ messages })).toEqual(['day', '⎡1⎦', 'note', '⎡3⎦'])
})

it('keeps those who have gone apart, and takes no client’s word for a name', () => {
  const forged = message(2, 'eve', NOON, { client_id: 'c1' })
  const messages = [message(1, 'me', NOON), forged, message(3, null, NOON)]
  expect(new Set(messages.map((one) => keyOf(one, 'me'))).size).toBe(3)
  expect(drawn({ messages })).toEqual(['day', '⎡1⎦ sent', '⎡2⎦', '⎡3⎦'])
})

it('begins each day, where clocks change too, and names them all apart', () => {
  const days = Array.from({ length: 400 }, (_, day) => new Date(2026, 0, 1 + day, 0, 30).getTime())
  // And one that the clock has seen twice.
  days.push(days[3]!)
  const keys = timeline({ messages: days.map((at, index) => message(index + 1, 'ann', at)), outgoing: [], me: 'me', newAfter: null, progress: null })
    .filter(({ kind }) => kind === 'day')
    .map(({ key }) => key)
  expect([keys.length, new Set(keys).size]).toEqual([401, 401])
}) // prettier-ignore
