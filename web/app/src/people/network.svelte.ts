import type { Connection, Counts, Page, Person } from '@confab/sdk/api'
import { untrack } from 'svelte'
import { SvelteMap, SvelteSet } from 'svelte/reactivity'
import { session } from '../account/session.svelte'
import { errorCode, isAbort } from '../api/client'
import { social } from '../api/social'
import { t } from '../i18n/i18n.svelte'
import { toast } from '../ui/notices.svelte'
import { ConnectionStore, type NetworkAction, type Standing } from './connections'
import { refusalText } from './refusals'

/** What is shown of each person, by their usernames in lower case. */
const shown = new SvelteMap<string, Standing>()
/** Whom one has blocked on this page: lists that were loaded before still have them. */
const blocked = new SvelteSet<string>()
/** Through whose eyes. */
let viewer: string | undefined

const store = new ConnectionStore({
  send: (action, username) => social.network[action](username),
  changed(username) {
    const standing = store.of(username)
    if (standing) shown.set(username, standing)
  },
  failed(action, username, error) {
    if (!isAbort(error)) tellFailure(action, username, errorCode(error))
  },
})

/** What is between the viewer and others. Reactive where it is read in a component. */
export const network = {
  /** The connection with somebody who is on the page: as it was told with them, or as it has become since. */
  connection: (person: { username: string; connection: Connection }): Connection =>
    shown.get(person.username.toLowerCase())?.connection ?? person.connection,

  counts: (person: { username: string; counts: Counts }): Counts =>
    shown.get(person.username.toLowerCase())?.counts ?? person.counts,

  /** What the server has just told of somebody. */
  learn(person: { username: string; connection: Connection; counts?: Counts }): void {
    const id = untrack(() => session.me?.id)
    if (id !== viewer) forget()
    viewer = id
    blocked.delete(person.username.toLowerCase())
    store.learn(person.username, person.connection, person.counts)
  },

  learnPage(page: Page<Person>): Page<Person> {
    for (const person of page.items) network.learn(person)
    return page
  },

  act: (action: NetworkAction, username: string): void => store.act(action, username),

  isBlocked: (person: { username: string }): boolean => blocked.has(person.username.toLowerCase()),

  /** Those of a list whom one has not blocked since it was loaded. */
  withoutBlocked: <T extends Pick<Person, 'username'>>(people: readonly T[]): readonly T[] =>
    blocked.size === 0 ? people : people.filter((person) => !network.isBlocked(person)),

  async block(username: string): Promise<void> {
    await social.network.block(username)
    blocked.add(username.toLowerCase())
  },

  async unblock(username: string): Promise<void> {
    await social.network.unblock(username)
    blocked.delete(username.toLowerCase())
    // Blocking has ended all that there was.
    store.learn(username, { following: false, follows_me: false, friendship: 'none' })
  },
}

function forget(): void {
  store.clear()
  shown.clear()
  blocked.clear()
}

function tellFailure(action: NetworkAction, username: string, code: string): void {
  const { network: texts } = t()
  const what = { follow: texts.followFailed, unfollow: texts.unfollowFailed, befriend: texts.befriendFailed, unfriend: texts.unfriendFailed }[action](`@${username}`) // prettier-ignore
  const why = code === 'not_found' ? texts.notThere : refusalText(code)
  toast(`${what} ${why}`, { action: { label: t().app.retry, run: () => store.act(action, username) } })
}
