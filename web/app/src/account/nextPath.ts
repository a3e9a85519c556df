import { matchRoute, type Route } from '../routes/match'

const NEEDS_SIGN_IN: ReadonlySet<Route['page']> = new Set([
  'feed',
  'messages',
  'mail',
  'notifications',
  'people',
  'people_list',
  'requests',
  'search',
  'settings',
])

/** Whether a page is for people who are signed in. A profile is not: parts of it may be public. */
export const needsSignIn = (route: Route): boolean => NEEDS_SIGN_IN.has(route.page)

/** Pages to which nobody wants back after signing in. */
const PASSED_THROUGH: ReadonlySet<Route['page']> = new Set([
  'sign_in',
  'register',
  'check_mail',
  'verify',
  'forgot',
  'reset',
  'restore',
  'not_found',
])

/**
 * Where to go after signing in: a path of this app, or the start page. What comes from the address bar may be anybody's:
 * nothing that a browser could take for another origin or for a script gets through.
 */
export function safeNext(next: string | null): string {
  // Browsers read `\` as `/` and leave out tabs and line breaks.
  if (!next || !/^\/(?![/\\])[^\\\p{Cc}]*$/u.test(next)) return '/'
  return PASSED_THROUGH.has(matchRoute(next).page) ? '/' : next
}

/** The address that signs in and then goes on to `path`. */
export const signInPath = (path: string): string => withNext('/sign-in', path)

/** The address that makes an account, and goes on to `path` when one has signed in to it. */
export const registerPath = (path: string): string => withNext('/register', path)

function withNext(page: string, path: string): string {
  const next = safeNext(path)
  return next === '/' ? page : `${page}?next=${encodeURIComponent(next)}`
}
