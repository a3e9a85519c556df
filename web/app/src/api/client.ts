import { Api, ApiError, SessionApi } from '@confab/sdk/api'

let listener: (error: ApiError) => void = () => undefined

/** Together with `social`, the only place where the app meets the REST client. */
export const api = new Api()

/** Fails aloud, so that the end of the session is heard wherever a call meets it. */
export const heard = { onError: (error: ApiError) => listener(error) }

/** Who is signed in: all that the first load needs of accounts and people. The rest is `social`. */
export const sessionApi = new SessionApi(heard)

/** Hears of every failed call of `sessionApi` and `social`, before its caller does. */
export const onApiError = (hear: (error: ApiError) => void): void => void (listener = hear)

/** The stable code of a failed call; anything unknown (no network, a proxy's page) is `connection_failed`. */
export function errorCode(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : 'connection_failed'
}

export const isAbort = (error: unknown): boolean =>
  error instanceof Error && (error.name === 'AbortError' || errorCode(error) === 'cancelled')
