import type { Message, Outgoing } from '@confab/sdk/api'
import { daysBetween } from '../settings/days'

/** How far a message of one's own has come. Whether it was delivered and seen is told between two only. */
export type Mark = 'sending' | 'failed' | 'sent' | 'delivered' | 'seen'

/** A message as it is drawn. */
export interface BubbleRow {
  kind: 'bubble'
  key: string
  /** Null of what is on its way. */
  message: Message | null
  /** Null of what has arrived. */
  outgoing: Outgoing | null
  at: number
  isMine: boolean
  mark: Mark | null
  /** The first and the last of those that one person wrote in one breath. */
  isFirst: boolean
  isLast: boolean
}

export type Row =
  | BubbleRow
  | { kind: 'day'; key: string; at: number }
  | { kind: 'new'; key: string }
  /** What somebody did: joined, left. */
  | { kind: 'note'; key: string; message: Message }

export interface TimelineOptions {
  messages: readonly Message[]
  outgoing: readonly Outgoing[]
  /** The reader's id. */
  me: string
  /** All up to this place was read when one came; null where nothing is new. */
  newAfter: number | null
  /** How far the other one of two is. */
  progress: { seen_to: number; delivered_to: number } | null
}

/** Messages of one person that are no further apart stand together. */
const SAME_BREATH_MS = 5 * 60_000

/** What is drawn, from top to bottom: days, where the new ones begin, and who wrote in one breath. */
export function timeline(options: TimelineOptions): Row[] {
  const rows: Row[] = []
  let day: number | null = null
  let hasNew = false
  // Named by what follows: a clock that was put back may begin a day twice.
  const begin = (at: number, first: string): void => {
    if (day === null || daysBetween(day, at) !== 0) rows.push({ kind: 'day', key: `day ${first}`, at })
    day = at
  }
  for (const message of options.messages) {
    begin(message.sent_at, message.id)
    const { newAfter, me } = options
    if (!hasNew && newAfter !== null && message.seq > newAfter && isByOthers(message, me)) {
      hasNew = true
      rows.push({ kind: 'new', key: 'new' })
    }
    if (message.kind === 'text') put(rows, bubbleOf(message, options))
    else rows.push({ kind: 'note', key: message.id, message })
  }
  for (const outgoing of options.outgoing) {
    begin(outgoing.at, outgoing.client_id)
    const { client_id, at, state } = outgoing
    const rest = { message: null, isMine: true, isFirst: true, isLast: true } as const
    put(rows, { kind: 'bubble', key: ownKey(client_id), outgoing, at, mark: state, ...rest })
  }
  return rows
}

/** Whether somebody else wrote it. */
export const isByOthers = ({ kind, author }: Message, me: string): boolean => kind === 'text' && author?.id !== me

/**
 * What names a message on the page: the same before and after it has arrived. The client ids of others say nothing, since
 * anybody may send any.
 */
export const keyOf = ({ id, author, client_id, kind }: Message, me: string): string =>
  author?.id === me && kind === 'text' ? ownKey(client_id) : id

const ownKey = (client_id: string): string => `own ${client_id}`

function bubbleOf(message: Message, { me, progress }: TimelineOptions): BubbleRow {
  const isMine = message.author?.id === me
  const rest = { outgoing: null, at: message.sent_at, isFirst: true, isLast: true } as const
  const mark = isMine && !message.is_deleted ? markOf(message.seq, progress) : null
  return { kind: 'bubble', key: keyOf(message, me), message, isMine, mark, ...rest }
}

function markOf(seq: number, progress: TimelineOptions['progress']): Mark {
  if (progress && seq <= progress.seen_to) return 'seen'
  return progress && seq <= progress.delivered_to ? 'delivered' : 'sent'
}

function put(rows: Row[], bubble: BubbleRow): void {
  const before = rows.at(-1)
  if (before?.kind === 'bubble' && isOneBreath(before, bubble)) {
    before.isLast = false
    bubble.isFirst = false
  }
  rows.push(bubble)
}

const isOneBreath = (one: BubbleRow, next: BubbleRow): boolean =>
  one.isMine === next.isMine &&
  (one.isMine || (one.message?.author?.id ?? null) === (next.message?.author?.id ?? null)) &&
  next.at - one.at < SAME_BREATH_MS
