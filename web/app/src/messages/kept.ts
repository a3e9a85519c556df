import type { Attachment, Outgoing } from '@confab/sdk/api'
import type { Storage } from '../posts/drafts'

/** What of a conversation outlives the page. */
export interface Kept {
  draft: string
  /** What was sent and had not arrived. */
  outgoing: readonly Outgoing[]
}

/** As many as one may write to somebody before the server is back. */
const MAX_OUTGOING = 50

/** What one has begun to write, by conversation, in this browser. */
export class KeptStore {
  readonly #storage: Storage
  readonly #account: string

  constructor(storage: Storage, account: string) {
    this.#storage = storage
    this.#account = account
  }

  read(conversation: string): Kept {
    const kept = this.#storage.read(this.#key(conversation)) as Partial<Kept> | null
    const draft = typeof kept?.draft === 'string' ? kept.draft : ''
    return { draft, outgoing: Array.isArray(kept?.outgoing) ? kept.outgoing.filter(isOutgoing) : [] }
  }

  write(conversation: string, { draft, outgoing }: Kept): void {
    const key = this.#key(conversation)
    if (draft.trim() === '' && outgoing.length === 0) this.#storage.forget(key)
    else this.#storage.write(key, { draft, outgoing: outgoing.slice(-MAX_OUTGOING) })
  }

  #key(conversation: string): string {
    return `chat.${this.#account}.${conversation}`
  }
}

function isOutgoing(one: unknown): one is Outgoing {
  if (typeof one !== 'object' || one === null) return false
  const { client_id, text, attachments, at, reply_to } = one as Partial<Outgoing>
  const isAnswer = reply_to === null || typeof reply_to === 'string'
  const isWhole = Array.isArray(attachments) && attachments.every(isAttachment)
  return typeof client_id === 'string' && typeof text === 'string' && typeof at === 'number' && isAnswer && isWhole
}

function isAttachment(one: unknown): one is Attachment {
  if (typeof one !== 'object' || one === null) return false
  const { id, kind, name, size, url } = one as Partial<Attachment>
  return [id, kind, name, url].every((part) => typeof part === 'string') && typeof size === 'number'
}
