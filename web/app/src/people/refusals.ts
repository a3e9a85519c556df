import { t } from '../i18n/i18n.svelte'

/** Why a call failed, in the reader's language. `message` is the server's own text, for what only it can explain. */
export function refusalText(code: string, message = ''): string {
  switch (code) {
    case 'connection_failed':
    case 'timeout':
      return navigator.onLine ? t().problem.unreachable : t().problem.offline
    case 'rate_limited':
      return t().problem.rateLimited
    case 'busy':
      return t().problem.busy
    case 'too_large':
      return t().problem.tooLarge
    case 'unsupported_image':
      return t().problem.unsupported
    case 'bad_image':
      return t().problem.badImage
    case 'storage_full':
      return t().problem.storageFull
    case 'wrong_password':
      return t().problem.wrongPassword
    case 'invalid_value':
      return message || t().problem.unknown
    default:
      return t().problem.unknown
  }
}
