// The worker that a push wakes. A push says nothing: the worker asks the server what is new, and shows it. It keeps nothing
// and answers no requests of pages. The texts are those of src/i18n/notifications.*.ts, which a test compares.
const TEXTS = {
  en: {
    somebody: 'Somebody',
    and: ' and ',
    others: (count) => (count === 1 ? '1 other' : `${count.toLocaleString('en')} others`),
    follow: (who) => `${who} followed you`,
    friend_request: (who) => `${who} wants to be your friend`,
    friend_accepted: (who) => `${who} accepted your friend request`,
    post_liked: (who) => `${who} liked your post`,
    comment_liked: (who) => `${who} liked your comment`,
    comment: (who) => `${who} commented on your post`,
    reply: (who) => `${who} replied to your comment`,
    mention: (who) => `${who} mentioned you`,
    letter: (who) => `${who} sent you a letter`,
    message: (who) => `${who} wrote to you`,
    group_invitation: (who) => `${who} invited you to a group`,
    missed_call: (who) => `${who} tried to call you`,
    something: 'There is something new.',
  },
  de: {
    somebody: 'Jemand',
    and: ' und ',
    others: (count) => (count === 1 ? 'eine weitere Person' : `${count.toLocaleString('de')} weitere`),
    follow: (who, one) => `${who} ${one ? 'folgt' : 'folgen'} dir jetzt`,
    friend_request: (who) => `${who} möchte mit dir befreundet sein`,
    friend_accepted: (who, one) => `${who} ${one ? 'hat' : 'haben'} deine Freundschaftsanfrage angenommen`,
    post_liked: (who, one) => `${who} ${one ? 'mag' : 'mögen'} deinen Beitrag`,
    comment_liked: (who, one) => `${who} ${one ? 'mag' : 'mögen'} deinen Kommentar`,
    comment: (who, one) => `${who} ${one ? 'hat' : 'haben'} deinen Beitrag kommentiert`,
    reply: (who, one) => `${who} ${one ? 'hat' : 'haben'} auf deinen Kommentar geantwortet`,
    mention: (who, one) => `${who} ${one ? 'hat' : 'haben'} dich erwähnt`,
    letter: (who, one) => `${who} ${one ? 'hat' : 'haben'} dir einen Brief geschrieben`,
    message: (who, one) => `${who} ${one ? 'hat' : 'haben'} dir geschrieben`,
    group_invitation: (who, one) => `${who} ${one ? 'hat' : 'haben'} dich in eine Gruppe eingeladen`,
    missed_call: (who, one) => `${who} ${one ? 'hat' : 'haben'} versucht, dich anzurufen`,
    something: 'Es gibt etwas Neues.',
  },
}
const texts = TEXTS[navigator.language.slice(0, 2)] ?? TEXTS.en
const NEWEST = '/api/v1/notifications?unread=true&limit=1'

function lineOf({ kind, actors, others }) {
  const [first, second] = actors.map(({ first_name, last_name }) => `${first_name} ${last_name}`.trim())
  const rest = actors.length - 1 + others
  let who = first ?? texts.somebody
  if (rest > 0) who += texts.and + (rest === 1 && second ? second : texts.others(rest))
  return texts[kind]?.(who, rest <= 0) ?? texts.something
}

function pathOf({ kind, post, comment, letter, conversation, actors, others }) {
  if (conversation) return `/messages/${conversation}`
  if (letter) return `/mail/${letter}`
  if (post) return comment ? `/p/${post}?comment=${comment}` : `/p/${post}`
  if (kind === 'friend_request') return '/people/requests'
  return actors.length === 1 && others === 0 ? `/@${actors[0].username}` : '/notifications'
}

async function show() {
  const answer = await fetch(NEWEST, { cache: 'no-store' }).catch(() => null)
  if (answer?.status === 401) {
    // Nobody is signed in here any more: nothing is to be told.
    const subscription = await registration.pushManager.getSubscription()
    await subscription?.unsubscribe()
    return
  }
  const page = answer?.ok ? await answer.json().catch(() => null) : null
  const [newest] = page?.items ?? []
  // Read already, in an open tab.
  if (page && !newest) return
  await registration.showNotification('Confab', {
    body: newest ? lineOf(newest) : texts.something,
    icon: '/favicon.svg',
    // One that grows takes the place of the one before.
    tag: newest?.id ?? 'something',
    data: newest ? pathOf(newest) : '/notifications',
  })
}

/** In an open tab that is in no meeting, or else in a new one. */
async function open(path) {
  const tabs = await clients.matchAll({ type: 'window', includeUncontrolled: true })
  const tab = tabs.find(({ url }) => !new URL(url).pathname.startsWith('/r/'))
  if (!tab) return clients.openWindow(path)
  tab.postMessage({ open: path })
  return tab.focus()
}

addEventListener('install', () => skipWaiting())
addEventListener('push', (event) => event.waitUntil(show()))
addEventListener('notificationclick', (event) => {
  event.notification.close()
  event.waitUntil(open(event.notification.data))
})
