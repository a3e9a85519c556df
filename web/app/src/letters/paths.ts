export type MailBox = 'inbox' | 'sent'

/** What stands behind `/mail`. */
export type MailRoute = { kind: 'box'; box: MailBox } | { kind: 'new' } | { kind: 'letter'; id: string }

/** As the server writes it: a UUID. */
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Which page of the mail an address opens, by the last part of its path; none if there is no such page. */
export function matchMail(at: string): MailRoute | null {
  if (at === '') return { kind: 'box', box: 'inbox' }
  if (at === 'sent') return { kind: 'box', box: 'sent' }
  if (at === 'new') return { kind: 'new' }
  return ID.test(at) ? { kind: 'letter', id: at.toLowerCase() } : null
}

export const mailPath = (box: MailBox): string => (box === 'inbox' ? '/mail' : `/mail/${box}`)
export const letterPath = (id: string): string => `/mail/${id}`
