import { Api, ApiError, SocialApi } from '@confab/sdk/api'

let listener: (error: ApiError) => void = () => undefined

/** The only place where the app meets the REST client. */
export const api = new Api()

/** Accounts, profiles and people. */
export const social = new SocialApi({ onError: (error) => listener(error) })

/** Hears of every failed call of `social`, before its caller does. */
export const onApiError = (hear: (error: ApiError) => void): void => void (listener = hear)

/** The stable code of a failed call; anything unknown (no network, a proxy's page) is `connection_failed`. */
export function errorCode(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : 'connection_failed'
}

export const isAbort = (error: unknown): boolean =>
  error instanceof Error && (error.name === 'AbortError' || errorCode(error) === 'cancelled')
