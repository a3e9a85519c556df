import type { Http } from './http.js'
import type { Page } from './social-types.js'
import type { Cancel } from './wait.js'

/** Which part of a long list. */
export interface PageWish extends Cancel {
  /** The `next` of the page before. */
  after?: string | null
  /** The most items, from 1 to 100. */
  limit?: number
}

export function pageOf<T>(http: Http, path: string, { after, limit, signal }: PageWish): Promise<Page<T>> {
  const query = new URLSearchParams()
  if (after) query.set('after', after)
  if (limit !== undefined) query.set('limit', String(limit))
  return http.json('GET', query.size > 0 ? `${path}?${query}` : path, signal ? { signal } : {})
}
