import { parseRoomId } from '../api/roomId'

export const SETTINGS_SECTIONS = ['account', 'sessions', 'history', 'privacy', 'notifications', 'data'] as const
export type SettingsSection = (typeof SETTINGS_SECTIONS)[number]

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
  | { page: 'people' }
  | { page: 'profile'; username: string }
  | { page: 'notifications' }
  | { page: 'settings'; section: SettingsSection }
  | { page: 'outbox' }
  | { page: 'api_docs' }
  | { page: 'not_found' }

/** As the server takes it. */
const USERNAME = /^[a-z0-9][a-z0-9_.-]{2,29}$/i

type Fixed = (query: URLSearchParams, hash: string) => Route

const FIXED: Readonly<Record<string, Fixed>> = {
  '/': () => ({ page: 'start' }),
  '/sign-in': (query) => ({ page: 'sign_in', next: query.get('next'), username: query.get('username') ?? '' }),
  '/register': (query) => ({ page: 'register', next: query.get('next') }),
  '/check-mail': () => ({ page: 'check_mail' }),
  '/verify': (_, token) => ({ page: 'verify', token }),
  '/forgot': () => ({ page: 'forgot' }),
  '/reset': (_, token) => ({ page: 'reset', token }),
  '/restore': () => ({ page: 'restore' }),
  '/people': () => ({ page: 'people' }),
  '/notifications': () => ({ page: 'notifications' }),
  '/settings': () => ({ page: 'settings', section: 'account' }),
  '/outbox': () => ({ page: 'outbox' }),
  '/api-docs': () => ({ page: 'api_docs' }),
}

/** Which page an address opens: a path, with its query and fragment if it has them. */
export function matchRoute(address: string): Route {
  const [, path = '', query, hash = ''] = /^([^?#]*)(\?[^#]*)?(?:#(.*))?$/s.exec(address) ?? []
  const trimmed = path.replace(/(.)\/$/, '$1')
  if (Object.hasOwn(FIXED, trimmed)) return FIXED[trimmed]!(new URLSearchParams(query), hash)
  const [, first = '', second] = /^\/([^/]+)(?:\/([^/]+))?$/.exec(trimmed)?.map(safeDecode) ?? []
  if (second === undefined && first.startsWith('@') && USERNAME.test(first.slice(1)))
    return { page: 'profile', username: first.slice(1) }
  if (first === 'settings') {
    const section = SETTINGS_SECTIONS.find((name) => name === second)
    if (section) return { page: 'settings', section }
  }
  const id = first === 'r' && second !== undefined && parseRoomId(second)
  return id ? { page: 'room', id } : { page: 'not_found' }
}

export const roomPath = (id: string): string => `/r/${id}`
export const profilePath = (username: string): string => `/@${username}`
export const settingsPath = (section: SettingsSection): string => `/settings/${section}`

function safeDecode(segment: string | undefined): string | undefined {
  try {
    return segment && decodeURIComponent(segment)
  } catch {
    return ''
  }
}
