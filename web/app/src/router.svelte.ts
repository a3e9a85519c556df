import { matchRoute, type Route } from './routes/match'

/** The page that is open. Links are ordinary `<a href>`s: `interceptLinks` turns clicks on them into History API moves. */
export const router = $state({ route: matchRoute(currentPath()) as Route })

/** Where one is, as a path of this app. */
export function currentPath(): string {
  return location.pathname + location.search + location.hash
}

/** What is noted with each entry of the browser's history. */
interface EntryState {
  /** The page of this app from which one came here, by a link. */
  from: string | null
}

export function navigate(path: string, { replace = false } = {}): void {
  const state: EntryState = { from: replace ? cameFrom() : currentPath() }
  history[replace ? 'replaceState' : 'pushState'](state, '', path)
  router.route = matchRoute(currentPath())
  scrollTo(0, 0)
}

/** The page of this app that Back leads to, as a path; null where Back would leave the app. */
export const cameFrom = (): string | null => (history.state as Partial<EntryState> | null)?.from ?? null

export const goBack = (): void => history.back()

export function interceptLinks(): void {
  addEventListener('popstate', () => (router.route = matchRoute(currentPath())))
  addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null
    if (!link || link.origin !== location.origin || link.target || link.hasAttribute('download')) return
    if (
      event.defaultPrevented ||
      event.button !== 0 ||
      event.ctrlKey ||
      event.metaKey ||
      event.shiftKey ||
      event.altKey
    )
      return
    if (link.getAttribute('href')?.startsWith('#')) return
    event.preventDefault()
    navigate(link.pathname + link.search + link.hash)
  })
}
