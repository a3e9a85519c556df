import { matchRoute, type Route } from './routes/match'

/** The page that is open. Links are ordinary `<a href>`s: `interceptLinks` turns clicks on them into History API moves. */
export const router = $state({ route: matchRoute(currentPath()) as Route })

/** Where one is, as a path of this app. */
export function currentPath(): string {
  return location.pathname + location.search + location.hash
}

export function navigate(path: string, { replace = false } = {}): void {
  history[replace ? 'replaceState' : 'pushState'](null, '', path)
  router.route = matchRoute(currentPath())
  scrollTo(0, 0)
}

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
