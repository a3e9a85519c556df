import type { Author, Notification, NotificationKind } from '@confab/sdk/api'
import { describe, expect, it } from 'vitest'
import { notificationsDe } from '../i18n/notifications.de'
import { notificationsEn } from '../i18n/notifications.en'
import { lineOf, pathOf, pieces } from './texts'

const [en, de] = [notificationsEn.notifications, notificationsDe.notifications]
const PEOPLE = ['Ann Lee', 'Ben Ray', 'Cleo']

/** By so many people, of whom the last three are told. */
function by(people: number, kind: NotificationKind = 'post_liked', more: Partial<Notification> = {}): Notification {
  const actors = PEOPLE.slice(0, people).map((name): Author => {
    const [first_name = '', last_name = ''] = name.split(' ')
    return { id: name, username: first_name.toLowerCase(), first_name, last_name, picture: null }
  })
  return { id: 'n', kind, at: 1, is_read: false, actors, others: people - actors.length, post: 'p', comment: null, letter: null, conversation: null, excerpt: null, ...more } // prettier-ignore
}

describe('what happened', () => {
  it.each([
    [0, 'Somebody liked your post', 'Jemand mag deinen Beitrag'],
    [1, 'Ann Lee liked your post', 'Ann Lee mag deinen Beitrag'],
    [2, 'Ann Lee and Ben Ray liked your post', 'Ann Lee und Ben Ray mögen deinen Beitrag'],
    [3, 'Ann Lee and 2 others liked your post', 'Ann Lee und 2 weitere mögen deinen Beitrag'],
    [5, 'Ann Lee and 4 others liked your post', 'Ann Lee und 4 weitere mögen deinen Beitrag'],
    [1001, 'Ann Lee and 1,000 others liked your post', 'Ann Lee und 1.000 weitere mögen deinen Beitrag'],
  ])('by %i people', (people, english, german) => {
    expect(lineOf(by(people), en, 'en')).toBe(english)
    expect(lineOf(by(people), de, 'de')).toBe(german)
  })

  it('by one person and one who is not told', () => {
    const notification = { ...by(1), others: 1 }
    expect(lineOf(notification, en, 'en')).toBe('Ann Lee and 1 other liked your post')
    expect(lineOf(notification, de, 'de')).toBe('Ann Lee und eine weitere Person mögen deinen Beitrag')
  })

  it.each([
    ['follow', 'Ann Lee followed you', 'Ann Lee folgt dir jetzt', 'Ann Lee und Ben Ray folgen dir jetzt'],
    ['friend_request', 'Ann Lee wants to be your friend', 'Ann Lee möchte mit dir befreundet sein', 'Ann Lee und Ben Ray möchten mit dir befreundet sein'],
    ['friend_accepted', 'Ann Lee accepted your friend request', 'Ann Lee hat deine Freundschaftsanfrage angenommen', 'Ann Lee und Ben Ray haben deine Freundschaftsanfrage angenommen'],
    ['comment_liked', 'Ann Lee liked your comment', 'Ann Lee mag deinen Kommentar', 'Ann Lee und Ben Ray mögen deinen Kommentar'],
    ['comment', 'Ann Lee commented on your post', 'Ann Lee hat deinen Beitrag kommentiert', 'Ann Lee und Ben Ray haben deinen Beitrag kommentiert'],
    ['reply', 'Ann Lee replied to your comment', 'Ann Lee hat auf deinen Kommentar geantwortet', 'Ann Lee und Ben Ray haben auf deinen Kommentar geantwortet'],
    ['mention', 'Ann Lee mentioned you', 'Ann Lee hat dich erwähnt', 'Ann Lee und Ben Ray haben dich erwähnt'],
    ['letter', 'Ann Lee sent you a letter', 'Ann Lee hat dir einen Brief geschrieben', 'Ann Lee und Ben Ray haben dir einen Brief geschrieben'],
    ['message', 'Ann Lee wrote to you', 'Ann Lee hat dir geschrieben', 'Ann Lee und Ben Ray haben dir geschrieben'],
    ['group_invitation', 'Ann Lee invited you to a group', 'Ann Lee hat dich in eine Gruppe eingeladen', 'Ann Lee und Ben Ray haben dich in eine Gruppe eingeladen'],
    ['missed_call', 'Ann Lee tried to call you', 'Ann Lee hat versucht, dich anzurufen', 'Ann Lee und Ben Ray haben versucht, dich anzurufen'],
    ['poked', 'Ann Lee did something that concerns you', 'Ann Lee hat etwas getan, das dich betrifft', 'Ann Lee und Ben Ray haben etwas getan, das dich betrifft'],
  ] as const)('of the kind %s', (kind, english, german, several) => {
    expect(lineOf(by(1, kind as NotificationKind), en, 'en')).toBe(english)
    expect(lineOf(by(1, kind as NotificationKind), de, 'de')).toBe(german)
    expect(lineOf(by(2, kind as NotificationKind), de, 'de')).toBe(several)
  }) // prettier-ignore

  it('with the names apart', () => {
    expect(pieces(by(2), en, 'en')).toEqual([
      { text: 'Ann Lee', isWho: true },
      { text: ' and ', isWho: false },
      { text: 'Ben Ray', isWho: true },
      { text: ' liked your post', isWho: false },
    ])
  })
})

it.each([
  [by(9), '/p/p'],
  [by(1, 'comment', { comment: 'c' }), '/p/p?comment=c'],
  [by(1, 'follow', { post: null }), '/@ann'],
  [by(4, 'follow', { post: null }), '/@sam/followers'],
  [by(1, 'friend_accepted', { post: null }), '/@ann'],
  [by(2, 'friend_accepted', { post: null }), '/@sam/friends'],
  [by(1, 'friend_request', { post: null }), '/people/requests'],
  [by(1, 'letter', { post: null, letter: 'l' }), '/mail/l'],
  [by(1, 'message', { post: null, conversation: 'c' }), '/messages/c'],
  [by(2, 'missed_call', { post: null, conversation: 'c' }), '/messages/c'],
  [by(0, 'mention', { post: null }), '/notifications'],
])('leads to where it happened: %#', (notification, path) => {
  expect(pathOf(notification, 'sam')).toBe(path)
})
