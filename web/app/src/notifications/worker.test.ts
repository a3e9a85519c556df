import type { Notification, NotificationKind } from '@confab/sdk/api'
import { readFileSync } from 'node:fs'
import { createContext, runInContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { notificationsDe } from '../i18n/notifications.de'
import { notificationsEn } from '../i18n/notifications.en'
import { lineOf, pathOf } from './texts'

const source = readFileSync(new URL('../../public/push.js', import.meta.url), 'utf8')
const KINDS: NotificationKind[] = ['follow', 'friend_request', 'friend_accepted', 'post_liked', 'comment_liked', 'comment', 'reply', 'mention', 'letter', 'message', 'group_invitation', 'missed_call'] // prettier-ignore

interface Tab {
  url: string
  told: unknown[]
  focused: boolean
}

/** The worker, and a server that answers with this. */
function worker(
  answer: { status: number; items?: Partial<Notification>[] } | null,
  language = 'en-GB',
  tabs: Tab[] = [],
) {
  const listeners = new Map<string, (event: object) => void>()
  const shown: { body: string; tag: string; data: string }[] = []
  const log: string[] = []
  const context = {
    URL,
    navigator: { language },
    addEventListener: (name: string, listener: (event: object) => void) => listeners.set(name, listener),
    fetch: async (url: string) => {
      log.push(url)
      if (!answer) throw new TypeError('no network')
      return new Response(JSON.stringify({ items: answer.items ?? [] }), { status: answer.status })
    },
    registration: {
      showNotification: async (_: string, options: (typeof shown)[number]) => void shown.push(options),
      pushManager: { getSubscription: async () => ({ unsubscribe: async () => log.push('unsubscribe') }) },
    },
    clients: {
      matchAll: async () =>
        tabs.map((tab) => ({
          url: tab.url,
          postMessage: (message: unknown) => tab.told.push(message),
          focus: async () => (tab.focused = true),
        })),
      openWindow: async (path: string) => log.push(`open ${path}`),
    },
  }
  runInContext(source, createContext(context))
  const fire = async (name: string, more: object = {}) => {
    let done: Promise<unknown> = Promise.resolve()
    listeners.get(name)!({ waitUntil: (promise: Promise<unknown>) => (done = promise), ...more })
    await done
  }
  return { fire, shown, log }
}

const click = (path: string) => ({ notification: { data: path, close: () => undefined } })
const person = (name: string) => ({ id: name, username: name.toLowerCase(), first_name: name, last_name: 'Lee', picture: null }) // prettier-ignore

describe.each([
  ['en', notificationsEn.notifications],
  ['de', notificationsDe.notifications],
])('in %s', (language, texts) => {
  it.each([
    [1, 0],
    [2, 0],
    [1, 1],
    [3, 1234],
  ])('says of %i people and %i others what the page says', async (people, others) => {
    const actors = ['Ann', 'Ben', 'Cleo'].slice(0, people).map(person)
    for (const kind of KINDS) {
      // Requests do not grow: each waits for its own answer.
      if (kind === 'friend_request' && people + others > 1) continue
      const notification = { id: 'n', kind, at: 1, is_read: false, actors, others, post: null, comment: null, letter: null, conversation: null, excerpt: null } // prettier-ignore
      const { fire, shown } = worker({ status: 200, items: [notification] }, language)
      await fire('push')
      expect(shown).toMatchObject([{ body: lineOf(notification, texts, language), tag: 'n' }])
    }
  })
})

it.each(KINDS)('leads where the page leads: %s', async (kind) => {
  for (const [post, comment, letter, conversation] of [[null, null, null, null], ['p', null, null, null], ['p', 'c', null, null], [null, null, 'l', null], [null, null, null, 'm']]) {
    const notification = { id: 'n', kind, at: 1, is_read: false, actors: [person('Ann')], others: 0, post: post!, comment: comment!, letter: letter!, conversation: conversation!, excerpt: null } // prettier-ignore
    const { fire, shown, log } = worker({ status: 200, items: [notification] })
    await fire('push')
    expect(shown[0]).toMatchObject({ data: pathOf(notification, 'sam') })
    expect(log).toEqual(['/api/v1/notifications?unread=true&limit=1'])
  }
}) // prettier-ignore

it('says that there is something where it cannot learn what', async () => {
  for (const answer of [null, { status: 503 }]) {
    const { fire, shown } = worker(answer, 'de-AT')
    await fire('push')
    expect(shown).toMatchObject([{ body: 'Es gibt etwas Neues.', data: '/notifications' }])
  }
})

it('says nothing of what was read meanwhile', async () => {
  const { fire, shown } = worker({ status: 200 })
  await fire('push')
  expect(shown).toEqual([])
})

it('says nothing, and never again, where nobody is signed in any more', async () => {
  const { fire, shown, log } = worker({ status: 401 })
  await fire('push')
  expect([shown, log.at(-1)]).toEqual([[], 'unsubscribe'])
})

it('opens what was clicked in a tab that is in no meeting', async () => {
  const room = { url: 'https://a.test/r/k3vq-8c2m-x0tz-9hdr', told: [], focused: false }
  const feed = { url: 'https://a.test/feed', told: [], focused: false }
  const both = worker({ status: 200 }, 'en', [room, feed])
  await both.fire('notificationclick', click('/p/1'))
  expect([room, feed]).toMatchObject([
    { told: [], focused: false },
    { told: [{ open: '/p/1' }], focused: true },
  ])
  const meeting = worker({ status: 200 }, 'en', [room])
  await meeting.fire('notificationclick', click('/p/1'))
  expect(meeting.log).toEqual(['open /p/1'])
})
