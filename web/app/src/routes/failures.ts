import { t } from '../i18n/i18n.svelte'

/** What to tell a person about the code of a failed call. */
export function failureText(code: string): string {
  switch (code) {
    case 'rate_limited':
      return t().lobby.rateLimited
    case 'sign_in_required':
      return t().session.noGuests
    case 'room_full':
      return t().lobby.full
    case 'room_locked':
      return t().lobby.lockedText
    case 'connection_failed':
    case 'timeout':
      return navigator.onLine ? t().lobby.unreachable : t().lobby.offline
    default:
      return t().lobby.joinFailed
  }
}
