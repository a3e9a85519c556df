import type { Conversation, Message, Presence } from '@confab/sdk/api'
import { fullName, session } from '../account/session.svelte'
import { formatDate, formatNumber, formatTime, locale, t } from '../i18n/i18n.svelte'
import type { MessagesTexts } from '../i18n/messages.en'
import { refusalText } from '../people/refusals'
import { ago } from '../posts/clock.svelte'
import { daysBetween } from '../settings/days'
import { lineOf } from './attachedWords'
import { timeLeft } from './timeLeft'

/** What a conversation is called: a group's name, or the other one of two. */
export const nameOf = ({ title, other }: Pick<Conversation, 'title' | 'other'>): string =>
  title ?? (other ? fullName(other) : t().messages.somebodyGone)

/** Whether the other one is here, or when they last were. */
export const presenceText = ({ is_here, last_seen }: Presence): string =>
  is_here ? t().messages.online : t().messages.lastSeen(ago(last_seen))

export const authorOf = ({ author }: Message): string => (author ? fullName(author) : t().messages.somebodyGone)

export const isRoom = ({ kind }: Pick<Conversation, 'kind'>): boolean =>
  kind === 'public_room' || kind === 'private_room'

/** The texts about a conversation: a room is not called a group. */
export const textsOf = (conversation: Conversation): MessagesTexts['messages'] =>
  isRoom(conversation) ? { ...t().messages, ...t().roomWords } : t().messages

/** How long a room is there yet. */
export function leftText(expiresAt: number, now: number): string {
  const { unit, count } = timeLeft(expiresAt, now)
  const texts = t().chatRooms
  if (unit === 'now') return texts.now
  if (unit === 'less') return texts.lessThanAnHour
  return (unit === 'days' ? texts.days : texts.hours)(formatNumber(count), count)
}

/** What somebody did in a group or room. */
export function noteText(message: Message, conversation: Conversation): string {
  const name = authorOf(message)
  const texts = textsOf(conversation)
  switch (message.kind) {
    case 'created':
      return texts.created(name)
    case 'joined':
      return texts.joined(name)
    case 'left':
      return texts.left(name)
    case 'pictured':
      return texts.pictured(name)
    case 'expires':
      return texts.expires
    default:
      return texts.renamed(name, message.text)
  }
}

/** A line for a list of conversations. */
export function excerptOf(conversation: Conversation): string {
  const { kind, last, state } = conversation
  if (state === 'asking') return t().chatRooms.waits
  if (!last) return t().messages.nothingYet
  if (last.kind !== 'text') return noteText(last, conversation)
  const text = lineOf(last)
  if (last.author?.id === session.me?.id) return t().messages.fromYou(text)
  return kind !== 'direct' && last.author ? t().messages.from(last.author.first_name, text) : text
}

/** Today the time, in the week before the day, and else the date. */
export function shortTime(at: number, now: number): string {
  const ago = daysBetween(at, now)
  if (ago <= 0) return formatTime(at)
  if (ago < 7) return new Intl.DateTimeFormat(locale(), { weekday: 'short' }).format(at)
  const year = new Date(at).getFullYear() === new Date(now).getFullYear() ? undefined : '2-digit'
  return new Intl.DateTimeFormat(locale(), { day: 'numeric', month: 'short', year }).format(at)
}

/** What stands above the messages of a day. */
export function dayText(at: number, now: number): string {
  const ago = daysBetween(at, now)
  if (ago === 0) return t().settings.today
  if (ago === 1) return t().settings.yesterday
  if (ago > 1 && ago < 7) return new Intl.DateTimeFormat(locale(), { weekday: 'long' }).format(at)
  return formatDate(at)
}

/** Who types, by those of them whose names are known. */
export function typingText(names: readonly string[]): string {
  const [one, two] = names
  if (!one) return ''
  if (!two) return t().messages.typing(one)
  return names.length === 2 ? t().messages.typingTwo(one, two) : t().messages.typingMany
}

/** Why something was not done, in a conversation. */
export function failureText(code: string): string {
  if (code === 'limit_reached') return t().messages.limitReached
  if (code === 'not_found') return t().messages.notThere
  if (code === 'not_allowed') return t().messages.notAllowed
  return refusalText(code)
}
