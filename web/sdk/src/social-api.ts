import { ApiError } from './api-error.js'
import { AttachmentsApi } from './attachments-api.js'
import { ChatRoomsApi } from './chat-rooms-api.js'
import { ConversationsApi } from './conversations-api.js'
import type { ApiOptions, PageWish } from './http.js'
import { LettersApi } from './letters-api.js'
import { NetworkApi } from './network-api.js'
import { NotificationsApi } from './notifications-api.js'
import { PostsApi } from './posts-api.js'
import { RingsApi } from './rings-api.js'
import { SearchApi } from './search-api.js'
import { ME, SessionApi } from './session-api.js'
import type {
  ActivityEntry,
  DeletionPending,
  Image,
  MessagesFrom,
  Link,
  LoginEntry,
  Me,
  OutboxMail,
  OwnProfile,
  Page,
  Person,
  Profile,
  ProfileField,
  SessionInfo,
  Visibility,
} from './social-types.js'
import { cropQuery, type ImageUpload, upload } from './upload.js'
import type { Cancel } from './wait.js'

/** What registering takes. */
export interface Registration {
  email: string
  first_name: string
  last_name: string
  username: string
  password: string
}

/** What signing in takes. */
export interface Credentials {
  /** An e-mail address or a username. */
  identifier: string
  password: string
}

/** A change of one's own profile; what is left out stays, null removes. */
export interface ProfileChange {
  first_name?: string
  last_name?: string
  bio?: string | null
  about?: string | null
  address?: string | null
  country?: string | null
  links?: Link[]
  visibility?: Partial<Record<ProfileField, Visibility>>
  findable_by_email?: boolean
  messages_from?: MessagesFrom
  shows_presence?: boolean
}

/** OpenAPI 3.1. */
export type ApiDocument = Record<string, unknown>

/**
 * Accounts, profiles and people, besides what `SessionApi` has. Every failure is an `ApiError` with the server's code,
 * `not_signed_in` where there is no session.
 */
export class SocialApi extends SessionApi {
  readonly attachments: AttachmentsApi
  readonly chatRooms: ChatRoomsApi
  readonly conversations: ConversationsApi
  readonly letters: LettersApi
  readonly network: NetworkApi
  readonly notifications: NotificationsApi
  readonly posts: PostsApi
  readonly rings: RingsApi
  readonly search: SearchApi

  constructor(options: ApiOptions = {}) {
    super(options)
    this.attachments = new AttachmentsApi(this.http)
    this.chatRooms = new ChatRoomsApi(this.http)
    this.conversations = new ConversationsApi(this.http)
    this.letters = new LettersApi(this.http)
    this.network = new NetworkApi(this.http)
    this.notifications = new NotificationsApi(this.http)
    this.posts = new PostsApi(this.http)
    this.rings = new RingsApi(this.http)
    this.search = new SearchApi(this.http)
  }

  /** Resolves alike whether or not the e-mail address has an account. */
  async register(registration: Registration, options: Cancel = {}): Promise<void> {
    await this.auth('register', registration, options)
  }

  /** Sends the mail with the link again. Resolves alike for any address. */
  async resend(email: string, options: Cancel = {}): Promise<void> {
    await this.auth('resend', { email }, options)
  }

  /** Confirms an e-mail address by the token of its mail. */
  verify(token: string, options: Cancel = {}): Promise<{ username: string }> {
    return this.auth('verify', { token }, options)
  }

  login(credentials: Credentials, options: Cancel = {}): Promise<Me> {
    return this.auth('login', credentials, options)
  }

  /** Sends a mail for a new password. Resolves alike for any address. */
  async forgot(email: string, options: Cancel = {}): Promise<void> {
    await this.auth('forgot', { email }, options)
  }

  /** Sets a new password by the token of a mail; all sessions end. */
  reset(token: string, password: string, options: Cancel = {}): Promise<void> {
    return this.auth('reset', { token, password }, options)
  }

  /** Signs in and cancels the deletion of the account. */
  restore(credentials: Credentials, options: Cancel = {}): Promise<Me> {
    return this.auth('restore', credentials, options)
  }

  profile(options: Cancel = {}): Promise<OwnProfile> {
    return this.http.json('GET', `${ME}/profile`, options)
  }

  changeProfile(change: ProfileChange, options: Cancel = {}): Promise<OwnProfile> {
    return this.http.json('PATCH', `${ME}/profile`, { body: change, ...options })
  }

  setPicture(bytes: Blob, options: ImageUpload = {}): Promise<Image> {
    return upload(this.http, 'PUT', `${ME}/picture${cropQuery(options.crop)}`, bytes, options)
  }

  removePicture(options: Cancel = {}): Promise<void> {
    return this.http.json('DELETE', `${ME}/picture`, options)
  }

  setCover(bytes: Blob, options: ImageUpload = {}): Promise<Image> {
    return upload(this.http, 'PUT', `${ME}/cover${cropQuery(options.crop)}`, bytes, options)
  }

  removeCover(options: Cancel = {}): Promise<void> {
    return this.http.json('DELETE', `${ME}/cover`, options)
  }

  /** All other sessions end. */
  changePassword(current: string, next: string, options: Cancel = {}): Promise<void> {
    return this.http.json('POST', `${ME}/password`, { body: { current, new: next }, ...options })
  }

  async sessions(options: Cancel = {}): Promise<SessionInfo[]> {
    return (await this.http.json<{ items: SessionInfo[] }>('GET', `${ME}/sessions`, options)).items
  }

  revokeSession(id: string, options: Cancel = {}): Promise<void> {
    return this.http.json('DELETE', `${ME}/sessions/${encodeURIComponent(id)}`, options)
  }

  revokeOtherSessions(options: Cancel = {}): Promise<void> {
    return this.http.json('DELETE', `${ME}/sessions`, options)
  }

  logins(wish: PageWish = {}): Promise<Page<LoginEntry>> {
    return this.http.page(`${ME}/logins`, wish)
  }

  activity(wish: PageWish = {}): Promise<Page<ActivityEntry>> {
    return this.http.page(`${ME}/activity`, wish)
  }

  /** Everything that the server knows of one, as a JSON file. */
  async exportData(password: string, options: Cancel = {}): Promise<Blob> {
    const response = await this.http.send('POST', `${ME}/export`, { body: { password }, ...options })
    return response.blob().catch((cause: unknown) => {
      throw new ApiError(options.signal?.aborted ? 'cancelled' : 'connection_failed', undefined, { cause })
    })
  }

  /** Ends all sessions; the account goes after the server's period of grace. */
  requestDeletion(password: string, options: Cancel = {}): Promise<DeletionPending> {
    return this.http.json('POST', `${ME}/deletion`, { body: { password }, ...options })
  }

  /** The directory, newest first. */
  people(wish: PageWish = {}): Promise<Page<Person>> {
    return this.http.page('/api/v1/people', wish)
  }

  person(username: string, options: Cancel = {}): Promise<Profile> {
    return this.http.json('GET', `/api/v1/people/${encodeURIComponent(username)}`, options)
  }

  /** Mails that were not sent, newest first. In development mode only, and from the server's own machine. */
  async outbox(options: Cancel = {}): Promise<OutboxMail[]> {
    return (await this.http.json<{ items: OutboxMail[] }>('GET', '/api/v1/outbox', options)).items
  }

  document(options: Cancel = {}): Promise<ApiDocument> {
    return this.http.json('GET', '/api/openapi.json', options)
  }
}
