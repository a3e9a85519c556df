import type { Component } from 'svelte'
import { loadMoreTexts } from '../i18n/i18n.svelte'
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
  feed: () => import('../posts/FeedPage.svelte'),
  post: () => import('../posts/PostPage.svelte'),
  people: () => import('../people/DirectoryPage.svelte'),
  requests: () => import('../people/RequestsPage.svelte'),
  people_list: () => import('../people/PeopleListPage.svelte'),
  search: () => import('../search/SearchPage.svelte'),
  profile: () => import('../people/ProfilePage.svelte'),
  messages: () => import('../messages/MessagesPage.svelte'),
  notifications: () => import('../notifications/NotificationsPage.svelte'),
  mail: () => import('../letters/MailPages.svelte'),
  settings: () => import('../settings/SettingsPage.svelte'),
  outbox: () => import('../account/OutboxPage.svelte'),
  api_docs: () => import('../account/ApiDocsPage.svelte'),
}

type LoadedPage = Component<Record<string, unknown>>

interface Pages {
  loaded: Partial<Record<LazyName, LoadedPage>>
  /** Those whose code could not be fetched. */
  failed: Partial<Record<LazyName, boolean>>
}

/** The pages' code, as far as it is there. */
export const pages = $state<Pages>({ loaded: {}, failed: {} })

const fetching = new Set<LazyName>()

/** Fetches a page's code, once; again where that failed. */
export async function fetchPage(name: LazyName): Promise<void> {
  if (fetching.has(name)) return
  fetching.add(name)
  delete pages.failed[name]
  try {
    const [module] = await Promise.all([load[name](), name === 'room' ? null : loadMoreTexts()])
    pages.loaded[name] = module.default as LoadedPage
  } catch {
    fetching.delete(name)
    pages.failed[name] = true
  }
}

/** A page is made anew when this changes, and else only gets other props. */
export function keyOf(route: LazyRoute): string {
  switch (route.page) {
    case 'room':
      return `room ${route.id}`
    case 'post':
      return `post ${route.id} ${route.comment}`
    case 'profile':
      return `profile ${route.username.toLowerCase()}`
    case 'people_list':
      return `${route.list} ${route.username.toLowerCase()}`
    case 'verify':
    case 'reset':
      return `${route.page} ${route.token}`
    default:
      return route.page
  }
}
