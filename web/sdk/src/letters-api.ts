import type { Http, PageWish } from './http.js'
import type { Letter, LetterSummary, LetterThread, Page, UnreadLetters } from './social-types.js'
import type { Cancel } from './wait.js'

export interface LetterDraft {
  /** A UUID made up for this letter: sent again with the same one, it is sent once. */
  client_id: string
  /** The username of the person for whom it is. */
  to: string
  /** From 1 to 200 characters on one line. */
  subject: string
  /** From 1 to 20000 characters. */
  text: string
  /** The id of the letter that it answers: one between the same two, which one has not deleted. */
  reply_to?: string
}

export interface InboxWish extends PageWish {
  /** Only those that were not read. */
  unread?: boolean
}

const LETTERS = '/api/v1/letters'

/** Letters between two people. Each has a copy, which nobody else sees or deletes. */
export class LettersApi {
  readonly #http: Http

  constructor(http: Http) {
    this.#http = http
  }

  /** Fails with `not_found` where there is nobody of this name who may be written to, and with `limit_reached` where a
   * mailbox is full: the other's if the error's `field` is `to`. */
  send(draft: LetterDraft, options: Cancel = {}): Promise<Letter> {
    return this.#http.json('POST', LETTERS, { body: draft, ...options })
  }

  /** What one has received, newest first. */
  inbox({ unread = false, ...wish }: InboxWish = {}): Promise<Page<LetterSummary>> {
    return this.#http.page(`${LETTERS}/inbox`, wish, unread ? { unread: 'true' } : {})
  }

  /** What one has sent, newest first. */
  sent(wish: PageWish = {}): Promise<Page<LetterSummary>> {
    return this.#http.page(`${LETTERS}/sent`, wish)
  }

  /** A letter, and those before it that it answers. It stays unread. */
  get(id: string, options: Cancel = {}): Promise<LetterThread> {
    return this.#http.json('GET', letter(id), options)
  }

  read(id: string, options: Cancel = {}): Promise<void> {
    return this.#http.json('PUT', `${letter(id)}/read`, options)
  }

  /** Deletes it for oneself; the other keeps it. */
  remove(id: string, options: Cancel = {}): Promise<void> {
    return this.#http.json('DELETE', letter(id), options)
  }

  async unread(options: Cancel = {}): Promise<number> {
    return (await this.#http.json<UnreadLetters>('GET', `${LETTERS}/unread`, options)).unread
  }
}

const letter = (id: string): string => `${LETTERS}/${encodeURIComponent(id)}`
