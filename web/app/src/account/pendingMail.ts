import { forget, readStored, store } from '../ui/storage'

/** To whom the mail with the link went, and when: kept for this tab, so that a reload neither forgets nor hurries it. */
export interface PendingMail {
  email: string
  sentAt: number
}

/** The server sends no sooner again. */
export const RESEND_AFTER_MS = 60_000

const KEY = 'confab.mail'

export function readPendingMail(): PendingMail | null {
  try {
    const mail = JSON.parse(sessionStorage.getItem(KEY) ?? 'null') as Partial<PendingMail> | null
    return typeof mail?.email === 'string' && typeof mail.sentAt === 'number' ? (mail as PendingMail) : null
  } catch {
    return null
  }
}

export function keepPendingMail(mail: PendingMail | null): void {
  try {
    if (mail) sessionStorage.setItem(KEY, JSON.stringify(mail))
    else sessionStorage.removeItem(KEY)
  } catch {
    // Then a reload forgets it, and asks for the address.
  }
}

/** Where one was going when one registered. For the whole browser: the mail's link opens a tab of its own. */
export const keepGoal = (path: string): void => (path === '/' ? forget('goal') : store('goal', path))

export function takeGoal(): string {
  const path = readStored<unknown>('goal', '/')
  forget('goal')
  return typeof path === 'string' ? path : '/'
}
