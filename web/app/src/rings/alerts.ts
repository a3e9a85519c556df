import { withCount } from '../notifications/badge'

/** Shows a text as the page's title until it is stopped, whatever title the pages give it meanwhile. */
export function showTitle(text: string): () => void {
  let own = ''
  const show = (): void => {
    const shown = withCount(document.title, 0)
    if (shown === text) return
    own = shown
    document.title = text
  }
  const observer = new MutationObserver(show)
  observer.observe(document.head, { childList: true, subtree: true, characterData: true })
  show()
  return () => {
    observer.disconnect()
    document.title = own
  }
}

/** A notification of the system, where it is allowed already and nobody looks at the page. Several tabs show one. */
export function notifySystem(text: string, tag: string): () => void {
  if (!('Notification' in window) || Notification.permission !== 'granted' || !document.hidden) return () => undefined
  try {
    const notification = new Notification('Confab', { body: text, tag, icon: '/favicon.svg', requireInteraction: true })
    notification.onclick = () => {
      window.focus()
      notification.close()
    }
    return () => notification.close()
  } catch {
    // Phones show only what a worker tells them.
    return () => undefined
  }
}
