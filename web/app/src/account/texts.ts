import { t } from '../i18n/i18n.svelte'
import { LIMITS, lengthOf, PASSWORD_MIN, type Problem } from './checks'
import type { Failure } from './form.svelte'
import type { Strength } from './strength'

/** What is wrong with a field, told beside it. */
export function problemText(problem: Problem | undefined, value: string, limit: number): string {
  const texts = t().auth
  switch (problem) {
    case undefined:
      return ''
    case 'required':
      return texts.required
    case 'email':
      return texts.emailInvalid
    case 'too_long':
      return texts.tooLong(limit)
    case 'username_short':
      return texts.usernameShort
    case 'username_start':
      return texts.usernameStart
    case 'username_characters':
      return texts.usernameCharacters
    case 'password_short':
      return texts.passwordShort(PASSWORD_MIN - lengthOf(value))
    case 'taken':
      return texts.taken
    case 'refused':
      return texts.refused
  }
}

/** The longest that a field may be, by its name. */
export function limitOf(field: string): number {
  if (field === 'email' || field === 'identifier') return LIMITS.email
  if (field === 'username') return LIMITS.username
  return field === 'password' ? LIMITS.password : LIMITS.name
}

/** What to tell about a whole form that failed; `wait` is how long until one may try again. */
export function formFailureText({ code, error }: Failure, wait: string): string {
  const texts = t().auth
  switch (code) {
    case 'wrong_credentials':
      return texts.wrongCredentials
    case 'suspended':
      return texts.suspended
    case 'email_not_verified':
      return texts.notVerified
    case 'rate_limited':
      return error?.retryAfterMs == null ? texts.tryLaterSome : texts.tryLater(wait)
    case 'busy':
      return texts.busy
    case 'connection_failed':
      return navigator.onLine ? texts.unreachable : texts.offline
    default:
      return texts.failed
  }
}

export function strengthText(strength: Strength): string {
  const texts = t().auth
  return [texts.strengthTooShort, texts.strengthWeak, texts.strengthFair, texts.strengthGood, texts.strengthStrong][
    strength
  ]!
}
