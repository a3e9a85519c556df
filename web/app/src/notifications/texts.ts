import type { Author, Notification, NotificationKind } from '@confab/sdk/api'
import type { NotificationMessages } from '../i18n/notifications.en'
import { chatPath, peopleListPath, postPath, profilePath } from '../routes/match'

type Texts = NotificationMessages['notifications']

export interface Piece {
  text: string
  /** Whether it is who did it. */
  isWho: boolean
}

/** Stands for who did it until they are put there: no text has it. */
const WHO = '\0'

const fullName = ({ first_name, last_name }: Author): string => `${first_name} ${last_name}`.trim()

/** How many people did it. */
export const peopleOf = ({ actors, others }: Notification): number => actors.length + others

/** One or two people by their names; of more, the last one and how many others. */
function names({ actors, others }: Notification, texts: Texts, locale: string): string[] {
  const [first, second] = actors.map(fullName)
  if (first === undefined) return [texts.somebody]
  const rest = actors.length - 1 + others
  if (rest === 0) return [first]
  if (rest === 1 && second !== undefined) return [first, second]
  return [first, texts.others(rest.toLocaleString(locale), new Intl.PluralRules(locale).select(rest))]
}

/** What happened, such as `Ann Lee and 4 others liked your post`, with the names apart. */
export function pieces(notification: Notification, texts: Texts, locale: string): Piece[] {
  const deeds: Record<NotificationKind, Texts['other']> = {
    follow: texts.followed,
    friend_request: texts.asked,
    friend_accepted: texts.accepted,
    post_liked: texts.likedPost,
    comment_liked: texts.likedComment,
    comment: texts.commented,
    reply: texts.replied,
    mention: texts.mentioned,
    letter: texts.wroteLetter,
    message: texts.wroteMessage,
    group_invitation: texts.invited,
    missed_call: texts.missedCall,
  }
  // A newer server may tell of more.
  const deed = deeds[notification.kind] ?? texts.other
  const [before = '', after = ''] = deed(WHO, peopleOf(notification) <= 1).split(WHO)
  const who = new Intl.ListFormat(locale).formatToParts(names(notification, texts, locale))
  return [
    { text: before, isWho: false },
    ...who.map(({ type, value }) => ({ text: value, isWho: type === 'element' })),
    { text: after, isWho: false },
  ].filter(({ text }) => text !== '')
}

export const lineOf = (notification: Notification, texts: Texts, locale: string): string =>
  pieces(notification, texts, locale)
    .map(({ text }) => text)
    .join('')

/** Where it happened. `me`: the username of whoever reads it. */
export function pathOf(notification: Notification, me: string): string {
  const { kind, post, comment, letter, conversation, actors } = notification
  if (conversation !== null) return chatPath(conversation)
  if (letter !== null) return `/mail/${letter}`
  if (post !== null) return postPath(post, comment ?? undefined)
  if (kind === 'friend_request') return '/people/requests'
  const [actor] = actors
  if (actor && peopleOf(notification) === 1) return profilePath(actor.username)
  if (kind === 'follow') return peopleListPath(me, 'followers')
  return kind === 'friend_accepted' ? peopleListPath(me, 'friends') : '/notifications'
}
