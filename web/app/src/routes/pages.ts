import type { Component } from 'svelte'
import type { Route } from './match'

/** The start page and the page for unknown addresses are in the first load. */
export type LazyRoute = Exclude<Route, { page: 'start' | 'not_found' }>
type LazyName = LazyRoute['page']

/** A page's props are its route's parameters. */
type PropsOf<Name extends LazyName> = Omit<Extract<Route, { page: Name }>, 'page'>

const load: { [Name in LazyName]: () => Promise<{ default: Component<PropsOf<Name>> }> } = {
  room: () => import('./RoomPage.svelte'),
  sign_in: () => import('../account/SignInPage.svelte'),
  register: () => import('../account/RegisterPage.svelte'),
  check_mail: () => import('../account/CheckMailPage.svelte'),
  verify: () => import('../account/VerifyPage.svelte'),
  forgot: () => import('../account/ForgotPage.svelte'),
  reset: () => import('../account/ResetPage.svelte'),
  restore: () => import('../account/RestorePage.svelte'),
  people: () => import('../people/DirectoryPage.svelte'),
  profile: () => import('../people/ProfilePage.svelte'),
  settings: () => import('../settings/SettingsPage.svelte'),
  outbox: () => import('../account/OutboxPage.svelte'),
  api_docs: () => import('../account/ApiDocsPage.svelte'),
}

type LoadedPage = Component<Record<string, unknown>>

const loading = new Map<LazyName, Promise<LoadedPage>>()

/** A page's code, fetched once; the same promise each time, so that a page that is there shows at once. */
export function loadPage(name: LazyName): Promise<LoadedPage> {
  const known = loading.get(name)
  if (known) return known
  const fetched = load[name]().then((module) => module.default as LoadedPage)
  loading.set(name, fetched)
  // So that a failed download can be tried again.
  fetched.catch(() => loading.delete(name))
  return fetched
}

/** A page is made anew when this changes, and else only gets other props. */
export function keyOf(route: LazyRoute): string {
  switch (route.page) {
    case 'room':
      return `room ${route.id}`
    case 'profile':
      return `profile ${route.username.toLowerCase()}`
    case 'verify':
    case 'reset':
      return `${route.page} ${route.token}`
    default:
      return route.page
  }
}
