import type { Audience, PostImage } from '@confab/sdk/api'

/** What one is about to post. */
export interface Draft {
  text: string
  audience: Audience
  images: PostImage[]
}

/** A post that was sent, and may or may not have arrived. */
export interface Attempt {
  client_id: string
  /** What was sent, to be compared. */
  content: string
}

interface Kept extends Draft {
  attempt: Attempt | null
  saved_at: number
}

export interface Storage {
  read(key: string): unknown
  write(key: string, value: unknown): void
  forget(key: string): void
}

/** The server forgets images that are in no post after 24 h; an hour is left to write on. */
const IMAGES_KEPT_MS = 23 * 3_600_000

const AUDIENCES: readonly unknown[] = ['public', 'followers', 'friends']

/** One account's draft in this browser. */
export class DraftStore {
  readonly #storage: Storage
  readonly #key: string
  readonly #now: () => number

  constructor(storage: Storage, account: string, now: () => number = Date.now) {
    this.#storage = storage
    this.#key = `draft.${account}`
    this.#now = now
  }

  /** Null where there is none, or what lies there cannot be read. */
  read(): (Draft & { attempt: Attempt | null }) | null {
    const kept = this.#storage.read(this.#key) as Partial<Kept> | null
    if (!kept || typeof kept.text !== 'string' || !Array.isArray(kept.images)) return null
    const { text, attempt = null, saved_at = 0 } = kept
    const audience = AUDIENCES.includes(kept.audience) ? (kept.audience as Audience) : 'public'
    const images = this.#now() - saved_at < IMAGES_KEPT_MS ? kept.images : []
    return text || images.length > 0 ? { text, audience, images, attempt } : null
  }

  /** An empty draft is none. */
  write(draft: Draft, attempt: Attempt | null): void {
    if (isEmpty(draft)) return this.clear()
    this.#storage.write(this.#key, { ...draft, attempt, saved_at: this.#now() } satisfies Kept)
  }

  clear(): void {
    this.#storage.forget(this.#key)
  }
}

export const isEmpty = ({ text, images }: Draft): boolean => text.trim() === '' && images.length === 0

/**
 * The same attempt for the same content, so that what has arrived although no answer came is not posted twice; a new one
 * for anything else, which the server would otherwise answer with the old post.
 */
export function attemptOf(draft: Draft, last: Attempt | null, newId: () => string): Attempt {
  const images = draft.images.map(({ id, alt }) => [id, alt])
  const content = JSON.stringify([draft.text, draft.audience, images])
  return last?.content === content ? last : { client_id: newId(), content }
}
