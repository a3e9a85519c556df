import type { Feed } from '@confab/sdk/api'
import { parseRoomId } from '../api/roomId'

export const SETTINGS_SECTIONS = [
  'account',
  'sessions',
  'history',
  'privacy',
  'blocks',
  'notifications',
  'data',
] as const
export type SettingsSection = (typeof SETTINGS_SECTIONS)[number]

export const PEOPLE_LISTS = ['followers', 'following', 'friends'] as const
export type PeopleList = (typeof PEOPLE_LISTS)[number]

export const SEARCH_TABS = ['people', 'posts', 'rooms'] as const
export type SearchTab = (typeof SEARCH_TABS)[number]

/** Lists of the page of messages: one's conversations, those that wait for a yes, and public chat rooms. */
export type ChatTab = 'chats' | 'requests' | 'rooms'

/** What a page gets as its props, besides its name. */
export type Route =
  | { page: 'start' }
  | { page: 'room'; id: string }
  | { page: 'sign_in'; next: string | null; username: string }
  | { page: 'register'; next: string | null }
  | { page: 'check_mail' }
  | { page: 'verify'; token: string }
  | { page: 'forgot' }
  | { page: 'reset'; token: string }
  | { page: 'restore' }
  | { page: 'feed'; tab: Feed }
  | { page: 'post'; id: string; comment: string | null }
  | { page: 'people' }
  | { page: 'requests' }
  | { page: 'profile'; username: string }
  | { page: 'people_list'; username: string; list: PeopleList }
  | { page: 'search'; query: string; tab: SearchTab }
  | { page: 'notifications' }
  /** A list; and one of one's conversations, that with somebody, or the way into a chat room. */
  | { page: 'messages'; tab: ChatTab; id: string | null; to: string | null; room: string | null }
  | { page: 'mail'; at: string; to: string }
  | { page: 'settings'; section: SettingsSection }
  | { page: 'outbox' }
  | { page: 'api_docs' }
  | { page: 'not_found' }

/** As the server takes it. */
const USERNAME = /^[a-z0-9][a-z0-9_.-]{2,29}$/i

/** As the server writes it: a UUID. */
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

type Fixed = (query: URLSearchParams, hash: string) => Route

/** The pages whose path is always the same. */
export const FIXED_ROUTES: Readonly<Record<string, Fixed>> = {
  '/': () => ({ page: 'start' }),
  '/sign-in': (query) => ({ page: 'sign_in', next: query.get('next'), username: query.get('username') ?? '' }),
  '/register': (query) => ({ page: 'register', next: query.get('next') }),
  '/check-mail': () => ({ page: 'check_mail' }),
  '/verify': (_, token) => ({ page: 'verify', token }),
  '/forgot': () => ({ page: 'forgot' }),
  '/reset': (_, token) => ({ page: 'reset', token }),
  '/restore': () => ({ page: 'restore' }),
  '/feed': () => ({ page: 'feed', tab: 'home' }),
  '/feed/discover': () => ({ page: 'feed', tab: 'discover' }),
  '/people': () => ({ page: 'people' }),
  '/people/requests': () => ({ page: 'requests' }),
  '/search': (query) => ({
    page: 'search',
    query: query.get('q') ?? '',
    tab: oneOf(SEARCH_TABS, query.get('tab')) ?? 'people',
  }),
  '/messages': () => messages({}),
  '/messages/requests': () => messages({ tab: 'requests' }),
  '/messages/new': (query) => messages({ to: query.get('to') }),
  '/rooms': () => messages({ tab: 'rooms' }),
  '/notifications': () => ({ page: 'notifications' }),
  '/settings': () => ({ page: 'settings', section: 'account' }),
  '/outbox': () => ({ page: 'outbox' }),
  '/api-docs': () => ({ page: 'api_docs' }),
}

/** Which page an address opens: a path, with its query and fragment if it has them. */
export function matchRoute(address: string): Route {
  const [, path = '', query, hash = ''] = /^([^?#]*)(\?[^#]*)?(?:#(.*))?$/s.exec(address) ?? []
  const trimmed = path.replace(/(.)\/$/, '$1')
  if (Object.hasOwn(FIXED_ROUTES, trimmed)) return FIXED_ROUTES[trimmed]!(new URLSearchParams(query), hash)
  const [, first = '', second] = /^\/([^/]+)(?:\/([^/]+))?$/.exec(trimmed)?.map(safeDecode) ?? []
  if (first.startsWith('@') && USERNAME.test(first.slice(1))) {
    const username = first.slice(1)
    if (second === undefined) return { page: 'profile', username }
    const list = oneOf(PEOPLE_LISTS, second)
    if (list) return { page: 'people_list', username, list }
  }
  if (first === 'settings') {
    const section = oneOf(SETTINGS_SECTIONS, second)
    if (section) return { page: 'settings', section }
  }
  if (first === 'p' && second !== undefined && ID.test(second)) {
    return { page: 'post', id: second.toLowerCase(), comment: new URLSearchParams(query).get('comment') }
  }
  if (first === 'messages' && second !== undefined && ID.test(second)) return messages({ id: second.toLowerCase() })
  if (first === 'rooms' && second !== undefined && ID.test(second)) {
    return messages({ tab: 'rooms', room: second.toLowerCase() })
  }
  // Its parts are known to `letters/paths.ts` only: the first load does without.
  if (first === 'mail') return { page: 'mail', at: second ?? '', to: new URLSearchParams(query).get('to') ?? '' }
  const id = first === 'r' && second !== undefined && parseRoomId(second)
  return id ? { page: 'room', id } : { page: 'not_found' }
}

const messages = (part: Partial<Extract<Route, { page: 'messages' }>>): Route => ({
  page: 'messages', tab: 'chats', id: null, to: null, room: null, ...part,
}) // prettier-ignore

export const chatPath = (id: string): string => `/messages/${id}`
/** Where one comes into a chat room, or asks to be let in: its link. */
export const chatRoomPath = (id: string): string => `/rooms/${id}`
export const writePath = (username: string): string => `/messages/new?${new URLSearchParams({ to: username })}`
export const roomPath = (id: string): string => `/r/${id}`
export const feedPath = (tab: Feed): string => (tab === 'home' ? '/feed' : `/feed/${tab}`)
/** With a comment, the page shows that one too, wherever it stands. */
export const postPath = (id: string, comment?: string): string => `/p/${id}${comment ? `?comment=${comment}` : ''}`
export const profilePath = (username: string): string => `/@${username}`
export const peopleListPath = (username: string, list: PeopleList): string => `${profilePath(username)}/${list}`
export const searchPath = (query: string, tab: SearchTab = 'people'): string =>
  `/search?${new URLSearchParams({ q: query, ...(tab !== 'people' && { tab }) })}`
export const settingsPath = (section: SettingsSection): string => `/settings/${section}`

const oneOf = <T extends string>(names: readonly T[], name: string | null | undefined): T | undefined =>
  names.find((known) => known === name)

function safeDecode(segment: string | undefined): string | undefined {
  try {
    return segment && decodeURIComponent(segment)
  } catch {
    return ''
  }
}
