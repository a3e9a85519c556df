import type { Http, PageWish } from './http.js'
import type { Connection, Page, Person, Suggestion, Suggestions } from './social-types.js'
import type { Cancel } from './wait.js'

/**
 * Who follows whom, who are friends, and who wants to have nothing to do with whom. People are named by their usernames.
 * Between two of whom one has blocked the other, every call but `block` and `unblock` fails with `not_found`.
 */
export class NetworkApi {
  readonly #http: Http

  constructor(http: Http) {
    this.#http = http
  }

  follow(username: string, options: Cancel = {}): Promise<Connection> {
    return this.#http.json('PUT', personPath(username, 'follow'), options)
  }

  unfollow(username: string, options: Cancel = {}): Promise<Connection> {
    return this.#http.json('DELETE', personPath(username, 'follow'), options)
  }

  /** Asks to be friends, or agrees if the other has asked. Friends follow each other. */
  befriend(username: string, options: Cancel = {}): Promise<Connection> {
    return this.#http.json('PUT', personPath(username, 'friend'), options)
  }

  /** Takes a request back, declines one, or ends a friendship. */
  unfriend(username: string, options: Cancel = {}): Promise<Connection> {
    return this.#http.json('DELETE', personPath(username, 'friend'), options)
  }

  /** Ends all that is between the two, and hides each from the other. The other is not told. */
  block(username: string, options: Cancel = {}): Promise<void> {
    return this.#http.json('PUT', personPath(username, 'block'), options)
  }

  unblock(username: string, options: Cancel = {}): Promise<void> {
    return this.#http.json('DELETE', personPath(username, 'block'), options)
  }

  followers(username: string, wish: PageWish = {}): Promise<Page<Person>> {
    return this.#http.page(personPath(username, 'followers'), wish)
  }

  following(username: string, wish: PageWish = {}): Promise<Page<Person>> {
    return this.#http.page(personPath(username, 'following'), wish)
  }

  friends(username: string, wish: PageWish = {}): Promise<Page<Person>> {
    return this.#http.page(personPath(username, 'friends'), wish)
  }

  /** Who has asked to be friends. */
  receivedRequests(wish: PageWish = {}): Promise<Page<Person>> {
    return this.#http.page('/api/v1/me/friend-requests/received', wish)
  }

  /** Whom one has asked to be friends. */
  sentRequests(wish: PageWish = {}): Promise<Page<Person>> {
    return this.#http.page('/api/v1/me/friend-requests/sent', wish)
  }

  /** Whom one has blocked. */
  blocks(wish: PageWish = {}): Promise<Page<Person>> {
    return this.#http.page('/api/v1/me/blocks', wish)
  }

  /** The likeliest first, and not many. */
  async suggestions(options: Cancel = {}): Promise<Suggestion[]> {
    return (await this.#http.json<Suggestions>('GET', '/api/v1/me/suggestions', options)).items
  }
}

const personPath = (username: string, part: string): string => `/api/v1/people/${encodeURIComponent(username)}/${part}`
