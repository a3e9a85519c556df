import type { Http, PageWish } from './http.js'
import type { ChatRoom, Conversation, Member, Page } from './social-types.js'
import type { Cancel } from './wait.js'

export interface NewChatRoom {
  /** Its name, from 1 to 100 characters. */
  title: string
  /** Whether everybody finds it and may come. */
  is_public: boolean
  /** The usernames of at most 50 people who are invited. */
  people?: readonly string[]
}

const V1 = '/api/v1'

/**
 * Rooms for text, which are deleted a week after they were made. Whoever is in one has it as a conversation: for messages,
 * members and leaving see `ConversationsApi`.
 */
export class ChatRoomsApi {
  readonly #http: Http

  constructor(http: Http) {
    this.#http = http
  }

  /** The public ones, the one with the last message first. */
  list(wish: PageWish = {}): Promise<Page<ChatRoom>> {
    return this.#http.page(`${V1}/chat-rooms`, wish)
  }

  /** A public room, or a private one of which one has the link. */
  get(id: string, options: Cancel = {}): Promise<ChatRoom> {
    return this.#http.json('GET', room(id), options)
  }

  /** Fails with `limit_reached` for who looks after 20 of them. */
  create(wish: NewChatRoom, options: Cancel = {}): Promise<Conversation> {
    return this.#http.json('POST', `${V1}/chat-rooms`, { body: wish, ...options })
  }

  /**
   * Comes into a public room. Of a private one, asks to be let in: the conversation's `state` is `asking` until there is an
   * answer. Fails with `not_allowed` for who was removed or refused.
   */
  join(id: string, options: Cancel = {}): Promise<Conversation> {
    return this.#http.json('PUT', `${room(id)}/membership`, options)
  }

  /** Who asks to be let in, those who asked first at first; for the owner and moderators. */
  asking(id: string, wish: PageWish = {}): Promise<Page<Member>> {
    return this.#http.page(`${V1}/conversations/${encodeURIComponent(id)}/members`, wish, { asking: 'true' })
  }

  /** Lets in somebody who asks. */
  admit(id: string, username: string, options: Cancel = {}): Promise<void> {
    return this.#http.json('PUT', member(id, username), options)
  }

  /** Does not let somebody in, who then comes only when they are invited. */
  refuse(id: string, username: string, options: Cancel = {}): Promise<void> {
    return this.#http.json('DELETE', member(id, username), options)
  }
}

const room = (id: string): string => `${V1}/chat-rooms/${encodeURIComponent(id)}`
const member = (id: string, username: string): string =>
  `${V1}/conversations/${encodeURIComponent(id)}/members/${encodeURIComponent(username)}`
