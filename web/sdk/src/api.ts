/**
 * The REST calls, and the socket that tells what happens: `Api` for meetings, `SessionApi` for who is signed in, and
 * `SocialApi` for that and all of accounts and people.
 */

import type { ApiOptions } from './http.js'
import { Http } from './http.js'
import type { VideoCodec } from './protocol.js'
import type { Cancel } from './wait.js'

export { ApiError } from './api-error.js'
export type { ApiErrorCode, ApiErrorDetails } from './api-error.js'
export { ATTACHMENT_LIMITS, AttachmentsApi } from './attachments-api.js'
export type { AttachmentLimits, AttachmentOptions } from './attachments-api.js'
export { ChatRoomsApi } from './chat-rooms-api.js'
export type { NewChatRoom } from './chat-rooms-api.js'
export { ChatSignals } from './chat-signals.js'
export { ConversationsApi } from './conversations-api.js'
export type { ConversationChange, MessageDraft, NewConversation } from './conversations-api.js'
export type { ApiOptions, PageWish, Upload } from './http.js'
export { MessageLog } from './message-log.js'
export type { LogPhase, MessageEvent, MessageLogOptions, Outgoing } from './message-log.js'
export { LettersApi } from './letters-api.js'
export type { InboxWish, LetterDraft } from './letters-api.js'
export type { NetworkApi } from './network-api.js'
export type { SearchApi } from './search-api.js'
export { NotificationsApi } from './notifications-api.js'
export type { NotificationWish, PushInfo } from './notifications-api.js'
export { PostsApi } from './posts-api.js'
export type { CommentDraft, Feed, ImageChoice, PostChange, PostDraft } from './posts-api.js'
export { RingsApi } from './rings-api.js'
export { SessionApi } from './session-api.js'
export { SocialApi } from './social-api.js'
export type { ApiDocument, Credentials, ProfileChange, Registration } from './social-api.js'
export { EventStream } from './social-events.js'
export type { StreamEvents } from './social-events.js'
export type * from './social-types.js'
export type { Crop, ImageUpload } from './upload.js'
export type { Watch } from './watches.js'
export type { Cancel } from './wait.js'

export interface CreatedRoom {
  id: string
  /** The link to share. */
  url: string
  /** Whoever joins with it is a host. A secret: keep it out of links and logs. */
  host_key: string
}

export interface RoomDescription {
  id: string
  name: string | null
  /** Whether people who are not signed in may join. */
  guests: boolean
  locked: boolean
  participants: { name: string }[]
  participant_count: number
}

export interface JoinOptions extends Cancel {
  /** How others see a guest. Whoever is signed in needs none: the account has one. */
  name?: string
  host_key?: string
}

/** What `Room.connect` needs. The ticket is good once and not for long. */
export interface Admission {
  ticket: string
  url: string
}

/** The REST calls around a meeting. Every failure is an `ApiError` with the server's code. */
export class Api {
  readonly #http: Http

  constructor(options: ApiOptions = {}) {
    this.#http = new Http(options)
  }

  createRoom(options: Cancel & { name?: string; codec?: VideoCodec; guests?: boolean } = {}): Promise<CreatedRoom> {
    const { signal, ...body } = options
    return this.#http.json('POST', '/api/v1/rooms', { body, ...(signal && { signal }) })
  }

  room(id: string, options: Cancel = {}): Promise<RoomDescription> {
    return this.#http.json('GET', roomPath(id), options)
  }

  async join(id: string, options: JoinOptions = {}): Promise<Admission> {
    const { signal, ...body } = options
    const path = `${roomPath(id)}/join`
    const admission = await this.#http.json<Admission>('POST', path, { body, ...(signal && { signal }) })
    return { ...admission, url: this.#http.socketUrl(admission.url) }
  }
}

function roomPath(id: string): string {
  return `/api/v1/rooms/${encodeURIComponent(id)}`
}
