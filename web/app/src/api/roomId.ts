/** Crockford's base 32, as the server writes ids: no i, l, o, u. */
const SYMBOLS = /^[0-9a-hjkmnp-tv-z]{16}$/

/** The canonical form (`k3vq-8c2m-x0tz-9hdr`), or null. Like the server: ignores case and hyphens, reads o as 0, i and l as 1. */
export function parseRoomId(text: string): string | null {
  const symbols = text.toLowerCase().replace(/[\s-]/g, '').replace(/o/g, '0').replace(/[il]/g, '1')
  return SYMBOLS.test(symbols) ? (symbols.match(/.{4}/g) ?? []).join('-') : null
}

export type Invitation =
  { kind: 'room'; id: string } | { kind: 'elsewhere'; url: string; host: string } | { kind: 'invalid' }

/** Reads what somebody pasted: an id, a link, or a link without its scheme. `ownHost` is this server's host and port. */
export function parseInvitation(text: string, ownHost: string): Invitation {
  const trimmed = text.trim()
  const id = parseRoomId(trimmed)
  if (id) return { kind: 'room', id }

  const link = /^(?:(https?):\/\/)?([^/\s?#]*)\/r\/([^/\s?#]+)\/?(?:[?#].*)?$/i.exec(trimmed)
  const linkId = link && parseRoomId(link[3] ?? '')
  if (!link || !linkId) return { kind: 'invalid' }
  const host = (link[2] ?? '').toLowerCase()
  if (host === '' || host === ownHost.toLowerCase()) return { kind: 'room', id: linkId }
  return { kind: 'elsewhere', url: `${link[1]?.toLowerCase() ?? 'https'}://${host}/r/${linkId}`, host }
}
