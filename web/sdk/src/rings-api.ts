import type { Http } from './http.js'
import type { Ring, RingMedia } from './social-types.js'
import type { Cancel } from './wait.js'

const RINGS = '/api/v1/rings'

/**
 * Calling the people of a conversation. A ring lasts at most 30 s; what becomes of it is told as `ring` over the
 * `EventStream`, without a number: whoever connects again asks for the `list`.
 */
export class RingsApi {
  readonly #http: Http

  constructor(http: Http) {
    this.#http = http
  }

  /** Rings the others; where one of them rings already, or is in the call that came of it, this joins that call. Fails with
   * `not_allowed` in rooms, in large groups, and where somebody has not said yes yet. */
  start(conversation: string, media: RingMedia, options: Cancel = {}): Promise<Ring> {
    const path = `/api/v1/conversations/${encodeURIComponent(conversation)}/rings`
    return this.#http.json('POST', path, { body: { media }, ...options })
  }

  /** Those of one's own, and those by which one is rung, in which somebody has not answered yet. */
  list(options: Cancel = {}): Promise<Ring[]> {
    return this.#http.json('GET', RINGS, options)
  }

  get(id: string, options: Cancel = {}): Promise<Ring> {
    return this.#http.json('GET', ring(id), options)
  }

  /** Fails with `gone` when it is over or was answered otherwise; the same answer may be given again. */
  answer(id: string, accept: boolean, options: Cancel = {}): Promise<Ring> {
    return this.#http.json('PUT', `${ring(id)}/answer`, { body: { accept }, ...options })
  }

  /** The caller gives up: who has not answered has missed it. */
  stop(id: string, options: Cancel = {}): Promise<void> {
    return this.#http.json('DELETE', ring(id), options)
  }
}

const ring = (id: string): string => `${RINGS}/${encodeURIComponent(id)}`
