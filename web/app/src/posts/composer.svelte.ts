import type { Audience, Post, PostImage } from '@confab/sdk/api'
import { errorCode, isAbort } from '../api/client'
import { social } from '../api/social'
import { t } from '../i18n/i18n.svelte'
import { refusalText } from '../people/refusals'
import { fileProblem } from '../ui/imageFile'
import { toast } from '../ui/notices.svelte'
import { forget, readStored, store } from '../ui/storage'
import { type Attempt, attemptOf, type Draft, DraftStore, isEmpty } from './drafts'
import { lengthOf } from './textParts'

export const MAX_TEXT = 5000
export const MAX_IMAGES = 4
export const MAX_ALT = 1000

let nextKey = 1

/** An image of the composer on its way to the server. */
export class ImageSlot {
  readonly key = nextKey++
  readonly #file: Blob | null
  readonly #changed: () => void
  #cancel: AbortController | null = null
  /** What to show: the file from here, or the small one from the server. */
  readonly url: string
  /** From 0 to 1, while the bytes leave. */
  progress = $state(0)
  failure = $state('')
  alt = $state('')
  /** As the server has it. */
  image = $state.raw<PostImage | null>(null)

  constructor(from: Blob | PostImage, changed: () => void) {
    this.#changed = changed
    if (from instanceof Blob) {
      this.#file = from
      this.url = URL.createObjectURL(from)
      void this.send()
    } else {
      this.#file = null
      this.url = from.small_url
      this.image = from
      this.alt = from.alt
    }
  }

  get isSending(): boolean {
    return !this.image && !this.failure
  }

  get canRetry(): boolean {
    return this.#file !== null && fileProblem(this.#file) === null
  }

  async send(): Promise<void> {
    if (!this.#file) return
    const problem = fileProblem(this.#file)
    this.failure = problem ? refusalText(problem) : ''
    if (problem) return
    this.progress = 0
    this.#cancel = new AbortController()
    const { signal } = this.#cancel
    const onProgress = (progress: number): void => void (this.progress = progress)
    try {
      this.image = await social.posts.uploadImage(this.#file, { signal, onProgress })
      this.#changed()
    } catch (error) {
      if (!isAbort(error)) this.failure = refusalText(errorCode(error))
    }
  }

  release(): void {
    this.#cancel?.abort()
    if (this.#file) URL.revokeObjectURL(this.url)
  }
}

/** What is being written: a new post, or another version of one. */
export class Composer {
  text = $state('')
  audience = $state<Audience>('public')
  slots = $state.raw<ImageSlot[]>([])
  readonly #drafts: DraftStore | null
  #attempt: Attempt | null = null

  /** With `drafts`, it begins with what lies there, and keeps there what becomes of it. */
  constructor(begin: DraftStore | Draft) {
    this.#drafts = begin instanceof DraftStore ? begin : null
    this.audience = readStored<Audience>('audience', 'public')
    const draft = begin instanceof DraftStore ? begin.read() : { ...begin, attempt: null }
    if (!draft) return
    this.fill(draft)
    this.#attempt = draft.attempt
  }

  get draft(): Draft {
    const images = this.slots.flatMap(({ image, alt }) => (image ? [{ ...image, alt: alt.trim() }] : []))
    return { text: this.text, audience: this.audience, images }
  }

  get isEmpty(): boolean {
    return isEmpty(this.draft) && this.slots.length === 0
  }

  /** How many characters are left; fewer than none if there are too many. */
  get left(): number {
    return MAX_TEXT - lengthOf(this.text)
  }

  /** Why it cannot be sent yet; empty if it can. */
  get obstacle(): string {
    if (this.slots.some(({ failure }) => failure)) return t().composer.brokenImages
    if (this.slots.some(({ isSending }) => isSending)) return t().composer.waiting
    return this.left < 0 ? t().composer.over(-this.left) : ''
  }

  /** Images without a description. */
  get undescribed(): ImageSlot[] {
    return this.slots.filter(({ alt }) => alt.trim() === '')
  }

  add(files: readonly Blob[]): void {
    const room = MAX_IMAGES - this.slots.length
    if (files.length > room) toast(t().composer.tooMany)
    this.slots = [...this.slots, ...files.slice(0, room).map((file) => this.#slot(file))]
  }

  /** `discard`: from the server, too, which else would keep it for a day. */
  remove(slot: ImageSlot, discard: boolean): void {
    slot.release()
    this.slots = this.slots.filter((other) => other !== slot)
    this.changed()
    // It is forgotten there anyway, only later.
    if (discard && slot.image) void social.posts.discardImage(slot.image.id).catch(() => undefined)
  }

  /** After each change: keeps the draft. */
  changed = (): void => this.#drafts?.write(this.draft, this.#attempt)

  fill(draft: Draft): void {
    this.text = draft.text
    this.audience = draft.audience
    for (const slot of this.slots) slot.release()
    this.slots = draft.images.map((image) => this.#slot(image))
  }

  /** What to send, with the id by which it is posted once. It stays kept until `sent`, in case the page goes. */
  take(): { draft: Draft; attempt: Attempt } {
    const { draft } = this
    const attempt = attemptOf(draft, this.#attempt, () => crypto.randomUUID())
    this.#attempt = attempt
    this.changed()
    store('audience', draft.audience)
    this.text = ''
    for (const slot of this.slots) slot.release()
    this.slots = []
    return { draft, attempt }
  }

  /** It has arrived. What one has begun to write meanwhile is kept. */
  sent(): void {
    this.#attempt = null
    this.changed()
  }

  /** It has not arrived: it stands here again, unless one has begun to write something else. */
  giveBack(draft: Draft, attempt: Attempt): void {
    if (!this.isEmpty) return
    this.fill(draft)
    this.#attempt = attempt
    this.changed()
  }

  /** Whether this is what stands here. */
  holds(attempt: Attempt): boolean {
    return attemptOf(this.draft, attempt, () => '').client_id === attempt.client_id
  }

  #slot(from: Blob | PostImage): ImageSlot {
    return new ImageSlot(from, this.changed)
  }
}

const composers = new Map<string, Composer>()

/** Where an account writes new posts. Outlives the page: uploads go on, and Back finds what was written. */
export function composerOf(account: string): Composer {
  const composer = composers.get(account) ?? new Composer(new DraftStore({ read: (key) => readStored<unknown>(key, null), write: store, forget }, account)) // prettier-ignore
  composers.set(account, composer)
  return composer
}

/** A version of one's post that is being written; kept while the tab is open. */
export function editorOf(post: Post): Composer {
  const composer = composers.get(post.id) ?? new Composer(post)
  composers.set(post.id, composer)
  return composer
}

export const endEditing = (post: Post): void => void composers.delete(post.id)
