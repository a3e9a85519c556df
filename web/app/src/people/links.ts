import type { Link } from '@confab/sdk/api'

export const MAX_LINKS = 8
export const MAX_TITLE = 60
export const MAX_URL = 500

/** What a person typed as a link, ready for the server; null if it is none. An address without a scheme gets https. */
export function toLink(title: string, address: string): Link | null {
  const trimmed = address.trim()
  const url = parse(/^[a-z][a-z0-9+.-]*:/i.test(trimmed) && !/^[^/]+:\d/.test(trimmed) ? trimmed : `https://${trimmed}`)
  if (!url || url.href.length > MAX_URL) return null
  return { title: (title.trim() || hostOf(url.href)).slice(0, MAX_TITLE), url: url.href }
}

/** Only what may be clicked: whoever else made this profile's JSON must not run code here. */
export function safeHref(address: string): string | undefined {
  return parse(address)?.href
}

/** Shown beside the title, so that nobody is led elsewhere than it says. */
export function hostOf(address: string): string {
  return parse(address)?.host.replace(/^www\./, '') ?? ''
}

function parse(address: string): URL | null {
  const url = URL.canParse(address) ? new URL(address) : null
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:'
  return isWeb && url.hostname && !url.username && !url.password ? url : null
}
