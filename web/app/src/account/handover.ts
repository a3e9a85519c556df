import type { Credentials } from '@confab/sdk/api'

/** What one page of signing in hands to the next. In memory only, and taken once: some of it is secret. */
interface Handover {
  /** Told where one signs in. */
  notice?: 'verified' | 'password_set'
  /** From the page that signs in to the one that keeps an account from being deleted. */
  restore?: { credentials: Credentials; deletionAt: number | null; next: string }
}

let handed: Handover = {}

export const handOver = (what: Handover): void => void (handed = what)

export function takeOver(): Handover {
  const taken = handed
  handed = {}
  return taken
}
