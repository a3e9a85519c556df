import type { Http, PageWish } from './http.js'
import type { Conversation, Member, Message, MessageChanges, Page, Role, UnreadConversations } from './social-types.js'
import { cropQuery, type ImageUpload, upload } from './upload.js'
import type { Cancel } from './wait.js'

/** Of two, which is made once however often it is asked for; or a group, to which these people are invited. */
export type NewConversation = { username: string } | { title: string; people: string[] }

/** A change of a conversation; what is left out stays. */
export interface ConversationChange {
  /** A group's name, for all; from 1 to 100 characters. */
  title?: string
  /** Whether one wants to hear nothing of it. */
  is_muted?: boolean
}

export interface MessageDraft {
  /** A UUID made up for this message: sent again with the same one, it is written once. */
  client_id: string
  /** From 1 to 4000 characters; none are needed beside attachments. */
  text: string
  /** The ids of up to 10 uploads, in the order in which they are shown. */
  attachments?: readonly string[]
  /** The message that it answers. */
  reply_to?: string
}

const V1 = '/api/v1'

/**
 * Conversations of two and of groups, and their messages. A conversation in which one is not is `not_found`; so is one of two
 * between whom there is a block.
 */
export class ConversationsApi {
  readonly #http: Http

  constructor(http: Http) {
    this.#http = http
  }

  /** Those in which one is, the one with the last message first. */
  list(wish: PageWish = {}): Promise<Page<Conversation>> {
    return this.#http.page(`${V1}/conversations`, wish)
  }

  /** Those that wait for a yes: strangers who have written, and invitations to groups. */
  requests(wish: PageWish = {}): Promise<Page<Conversation>> {
    return this.#http.page(`${V1}/conversations`, wish, { requests: 'true' })
  }

  create(wish: NewConversation, options: Cancel = {}): Promise<Conversation> {
    if (!('username' in wish)) return this.#http.json('POST', `${V1}/conversations`, { body: wish, ...options })
    return this.#http.json('PUT', `${V1}/people/${encodeURIComponent(wish.username)}/conversation`, options)
  }

  /** How many conversations have something unread, and how many wait for a yes. */
  unread(options: Cancel = {}): Promise<UnreadConversations> {
    return this.#http.json('GET', `${V1}/conversations/unread`, options)
  }

  get(id: string, options: Cancel = {}): Promise<Conversation> {
    return this.#http.json('GET', conversation(id), options)
  }

  change(id: string, change: ConversationChange, options: Cancel = {}): Promise<Conversation> {
    return this.#http.json('PATCH', conversation(id), { body: change, ...options })
  }

  /** What a group or room looks like; for moderators and the owner. The middle of the image, where no part is chosen. */
  setPicture(id: string, bytes: Blob, options: ImageUpload = {}): Promise<Conversation> {
    return upload(this.#http, 'PUT', `${conversation(id)}/picture${cropQuery(options.crop)}`, bytes, options)
  }

  removePicture(id: string, options: Cancel = {}): Promise<void> {
    return this.#http.json('DELETE', `${conversation(id)}/picture`, options)
  }

  /** Who is in it, or was invited; those who came first at first. */
  members(id: string, wish: PageWish = {}): Promise<Page<Member>> {
    return this.#http.page(`${conversation(id)}/members`, wish)
  }

  /** Asks somebody into a group, which moderators and the owner may do. */
  invite(id: string, username: string, options: Cancel = {}): Promise<void> {
    return this.#http.json('PUT', member(id, username), options)
  }

  /** Removes somebody who may do less than oneself, or takes an invitation back. */
  removeMember(id: string, username: string, options: Cancel = {}): Promise<void> {
    return this.#http.json('DELETE', member(id, username), options)
  }

  /** As the owner, who is a moderator after making somebody else the owner. */
  setRole(id: string, username: string, role: Role, options: Cancel = {}): Promise<void> {
    return this.#http.json('PATCH', member(id, username), { body: { role }, ...options })
  }

  /** Says yes to a stranger who has written, or to an invitation. */
  accept(id: string, options: Cancel = {}): Promise<Conversation> {
    return this.#http.json('PUT', `${conversation(id)}/membership`, options)
  }

  /** Leaves a group, or says no to an invitation or a stranger. */
  leave(id: string, options: Cancel = {}): Promise<void> {
    return this.#http.json('DELETE', `${conversation(id)}/membership`, options)
  }

  /** The last messages first. */
  messages(id: string, wish: PageWish = {}): Promise<Page<Message>> {
    return this.#http.page(`${conversation(id)}/messages`, wish)
  }

  /** Messages that are new or have changed since the change with this number; see `MessageLog`. */
  changes(id: string, after: number, options: Cancel = {}): Promise<MessageChanges> {
    return this.#http.json('GET', `${conversation(id)}/changes?after=${after}`, options)
  }

  /** Messages that say something, in any letter case; the last first. A query has 1 to 100 characters. */
  search(id: string, query: string, wish: PageWish = {}): Promise<Page<Message>> {
    return this.#http.page(`${conversation(id)}/search`, wish, { q: query })
  }

  send(id: string, draft: MessageDraft, options: Cancel = {}): Promise<Message> {
    return this.#http.json('POST', `${conversation(id)}/messages`, { body: draft, ...options })
  }

  edit(message: string, text: string, options: Cancel = {}): Promise<Message> {
    return this.#http.json('PATCH', messagePath(message), { body: { text }, ...options })
  }

  /** For all. */
  remove(message: string, options: Cancel = {}): Promise<void> {
    return this.#http.json('DELETE', messagePath(message), options)
  }

  /** For oneself alone. */
  hide(message: string, options: Cancel = {}): Promise<void> {
    return this.#http.json('DELETE', `${messagePath(message)}/copy`, options)
  }

  /** Deletes all messages that there are, for oneself alone. */
  clear(id: string, options: Cancel = {}): Promise<void> {
    return this.#http.json('DELETE', `${conversation(id)}/messages`, options)
  }

  /** `seq`: the place of the last message that was shown. */
  read(id: string, seq: number, options: Cancel = {}): Promise<void> {
    return this.#http.json('PUT', `${conversation(id)}/read`, { body: { seq }, ...options })
  }
}

const conversation = (id: string): string => `${V1}/conversations/${encodeURIComponent(id)}`
const member = (id: string, username: string): string => `${conversation(id)}/members/${encodeURIComponent(username)}`
const messagePath = (id: string): string => `${V1}/messages/${encodeURIComponent(id)}`
