import type { Conversation, Message } from '@confab/sdk/api'
import { fullName, session } from '../account/session.svelte'
import { formatDate, formatTime, locale, t } from '../i18n/i18n.svelte'
import { refusalText } from '../people/refusals'
import { daysBetween } from '../settings/days'

/** What a conversation is called: a group's name, or the other one of two. */
export const nameOf = ({ title, other }: Pick<Conversation, 'title' | 'other'>): string =>
  title ?? (other ? fullName(other) : t().messages.somebodyGone)

export const authorOf = ({ author }: Message): string => (author ? fullName(author) : t().messages.somebodyGone)

/** What somebody did in a group. */
export function noteText(message: Message): string {
  const name = authorOf(message)
  const texts = t().messages
  switch (message.kind) {
    case 'created':
      return texts.created(name)
    case 'joined':
      return texts.joined(name)
    case 'left':
      return texts.left(name)
    case 'expires':
      return texts.expires
    default:
      return texts.renamed(name, message.text)
  }
}

/** A line for a list of conversations. */
export function excerptOf({ kind, last }: Conversation): string {
  if (!last) return t().messages.nothingYet
  if (last.kind !== 'text') return noteText(last)
  const text = last.is_deleted ? t().messages.deletedText : last.text
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
