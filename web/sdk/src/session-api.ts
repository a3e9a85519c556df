import { ApiError } from './api-error.js'
import type { ApiOptions } from './http.js'
import { Http } from './http.js'
import { EventStream } from './social-events.js'
import type { Me, ServerInfo } from './social-types.js'
import type { Cancel } from './wait.js'

export const ME = '/api/v1/me'

/**
 * Who is signed in, and what the server tells them: all that a page needs where nobody may be signed in, so that it need
 * not load the rest, which is `SocialApi`. The session is a cookie that no script sees; every failure is an `ApiError` with
 * the server's code, `not_signed_in` where there is no session.
 */
export class SessionApi {
  protected readonly http: Http

  constructor(options: ApiOptions = {}) {
    this.http = new Http(options)
  }

  server(options: Cancel = {}): Promise<ServerInfo> {
    return this.http.json('GET', '/api/v1/server', options)
  }

  me(options: Cancel = {}): Promise<Me> {
    return this.http.json('GET', ME, options)
  }

  logout(options: Cancel = {}): Promise<void> {
    return this.auth('logout', {}, options)
  }

  /** Hears from the server for as long as one is signed in. */
  events(): EventStream {
    return new EventStream({
      url: this.http.socketUrl('/api/v1/events'),
      isSignedIn: () => this.me().then(
        () => true,
        (error: unknown) => !(error instanceof ApiError && error.code === 'not_signed_in'),
      ),
    }) // prettier-ignore
  }

  protected auth<T>(action: string, body: object, options: Cancel): Promise<T> {
    return this.http.json('POST', `/api/v1/auth/${action}`, { body, ...options })
  }
}
