import { demo, nameAt, ROOM_NAME } from './demo'
import { ApiError } from '../../../sdk/src/api-error'

export { ApiError }
export type * from '../../../sdk/src/social-types'
export type {
  ApiDocument,
  AttachmentOptions,
  AttachmentsApi,
  CommentDraft,
  ConversationChange,
  ConversationsApi,
  Credentials,
  Crop,
  EventStream,
  Feed,
  ImageChoice,
  ImageUpload,
  MessageDraft,
  MessageEvent,
  MessageLogOptions,
  NetworkApi,
  NewConversation,
  Outgoing,
  PageWish,
  PostChange,
  PostDraft,
  PostsApi,
  ProfileChange,
  Registration,
  SearchApi,
  Upload,
} from '../../../sdk/src/api'
export { ATTACHMENT_LIMITS } from '../../../sdk/src/attachments-api'
export { ChatSignals } from '../../../sdk/src/chat-signals'
export { MessageLog } from '../../../sdk/src/message-log'
export { SocialApi, SocialApi as SessionApi } from './fakeSocialApi'

/** The demo's REST client: answers like the server, from the address. */
export class Api {
  async createRoom(_options?: { name?: string }): Promise<{ id: string; url: string; host_key: string }> {
    this.#mayFail()
    return { id: 'k3vq-8c2m-x0tz-9hdr', url: '/r/k3vq-8c2m-x0tz-9hdr', host_key: 'demo' }
  }

  async room(id: string, _options?: { signal?: AbortSignal }) {
    this.#mayFail()
    if (demo.room === 'gone') throw new ApiError('room_not_found')
    const names = Array.from({ length: Math.max(0, demo.people - 1) }, (_, index) => ({ name: nameAt(index) }))
    return {
      id,
      name: ROOM_NAME as string | null,
      locked: demo.room === 'locked',
      participants: names,
      participant_count: names.length,
    }
  }

  async join(_id: string, _options: { name?: string; host_key?: string; signal?: AbortSignal }) {
    this.#mayFail()
    return { ticket: 'demo', url: 'wss://demo.invalid' }
  }

  #mayFail(): void {
    if (demo.room === 'offline') throw new ApiError('connection_failed')
  }
}
