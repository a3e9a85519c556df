import type { Http, PageWish } from './http.js'
import type { Page, Person, Post, SearchResult } from './social-types.js'
import type { Cancel } from './wait.js'

const SEARCH = '/api/v1/search'

/**
 * Finds people, posts and one's own rooms by words, whatever their case and accents. A query has 1 to 100 characters; others
 * fail with `invalid_value`.
 */
export class SearchApi {
  readonly #http: Http

  constructor(http: Http) {
    this.#http = http
  }

  /** A few of each kind, the best first. */
  all(query: string, options: Cancel = {}): Promise<SearchResult> {
    return this.#http.json('GET', `${SEARCH}?${new URLSearchParams({ q: query })}`, options)
  }

  /** Also one person by their exact e-mail address, if they want to be found by it. */
  people(query: string, wish: PageWish = {}): Promise<Page<Person>> {
    return this.#http.page(`${SEARCH}/people`, wish, { q: query })
  }

  posts(query: string, wish: PageWish = {}): Promise<Page<Post>> {
    return this.#http.page(`${SEARCH}/posts`, wish, { q: query })
  }
}
