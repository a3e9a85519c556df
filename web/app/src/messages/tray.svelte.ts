import { ATTACHMENT_LIMITS, type Attachment, type AttachmentKind } from '@confab/sdk/api'
import { errorCode, isAbort } from '../api/client'
import { social } from '../api/social'
import { kindOf, problemOf } from './attached'
import { keepPreview } from './previews'

/** More would only share the same network. */
const AT_ONCE = 2

/** What will be the same however often it is tried. */
const FINAL: readonly string[] = ['unsupported_image', 'bad_image', 'too_large', 'invalid_value']

/** A file on its way to the server. */
export class TrayFile {
  /** Also names the upload: a call with the same one goes on where the one before has ended. */
  readonly key = crypto.randomUUID()
  readonly file: File
  readonly kind: AttachmentKind
  /** An object URL, of a picture. */
  readonly preview: string | null
  readonly #cancel = new AbortController()
  /** `paused`: something that passes is in the way, and it goes on by itself. */
  phase = $state<'queued' | 'sending' | 'paused' | 'failed' | 'done'>('queued')
  /** From 0 to 1. */
  progress = $state(0)
  /** A code. */
  failure = $state('')
  attachment: Attachment | null = null
  #id: string | null = null

  constructor(file: File) {
    this.file = file
    this.kind = kindOf(file.type)
    this.preview = this.kind === 'image' ? URL.createObjectURL(file) : null
  }

  get isUnderway(): boolean {
    return this.phase === 'sending' || this.phase === 'paused'
  }
  get canRetry(): boolean {
    return this.phase === 'failed' && !FINAL.includes(this.failure)
  }

  async send(): Promise<void> {
    this.phase = 'sending'
    const onProgress = (progress: number): void => {
      // Told before each chunk: only what has arrived shows that it goes on.
      if (progress > this.progress) this.phase = 'sending'
      this.progress = progress
    }
    const onWait = (): void => void (this.phase = 'paused')
    const onBegun = (id: string): void => void (this.#id = id)
    const { signal } = this.#cancel
    const options = { clientId: this.key, signal, onBegun, onProgress, onWait }
    try {
      this.attachment = await social.attachments.upload(this.file, options)
      this.phase = 'done'
    } catch (error) {
      this.phase = 'failed'
      this.failure = isAbort(error) ? '' : errorCode(error)
    }
  }

  /** Nobody wants it any more. */
  discard(): void {
    const { isUnderway } = this
    this.#cancel.abort()
    if (this.preview) URL.revokeObjectURL(this.preview)
    // What is underway is forgotten by its call. Where this fails, the server forgets it in a day.
    if (this.#id && !isUnderway) void social.attachments.discard(this.#id).catch(() => undefined)
  }
}

/** A file that was not taken, and why. */
export interface Refused {
  name: string
  kind: AttachmentKind
  code: string
}

/** Files are read by this page alone: the browser asks before somebody leaves it. */
const filled = new Set<Tray>()
const ask = (event: BeforeUnloadEvent): void => event.preventDefault()

/** What is to go with the next message of a conversation. It stays as long as the page does. */
export class Tray {
  readonly #changed: () => void
  items = $state.raw<readonly TrayFile[]>([])
  /** What was not taken, until somebody has seen it. */
  refused = $state.raw<readonly Refused[]>([])
  /** How many were beyond what goes with one message. */
  excess = $state(0)

  /** `changed` is called when an upload has ended, well or not, and when something was removed. */
  constructor(changed: () => void) {
    this.#changed = changed
  }

  get isEmpty(): boolean {
    return this.items.length === 0
  }
  get isBusy(): boolean {
    return this.items.some(({ phase }) => phase !== 'done' && phase !== 'failed')
  }
  get hasFailed(): boolean {
    return this.items.some(({ phase }) => phase === 'failed')
  }

  add(files: readonly File[], folders: readonly string[] = []): void {
    const refused: Refused[] = folders.map((name) => ({ name, kind: 'file', code: 'folder' }))
    const taken: File[] = []
    for (const file of files) {
      const code = problemOf(file)
      if (code) refused.push({ name: file.name, kind: kindOf(file.type), code })
      else taken.push(file)
    }
    const room = ATTACHMENT_LIMITS.count - this.items.length
    this.refused = refused
    this.excess = Math.max(0, taken.length - room)
    this.#show([...this.items, ...taken.slice(0, room).map((file) => new TrayFile(file))])
    this.#pump()
  }

  remove(item: TrayFile): void {
    item.discard()
    this.#show(this.items.filter((one) => one !== item))
    this.#pump()
    this.#changed()
  }

  retry(item: TrayFile): void {
    item.phase = 'queued'
    this.#pump()
  }

  /** The connection is back. */
  resume(): void {
    for (const item of this.items) if (item.failure === 'connection_failed' && item.canRetry) this.retry(item)
  }

  dismiss(): void {
    this.refused = []
    this.excess = 0
  }

  /** What has been uploaded, for the message that takes it along. */
  take(): readonly Attachment[] {
    const taken = this.items.flatMap(({ attachment, preview }) => {
      if (attachment && preview) keepPreview(attachment.id, preview)
      return attachment ? [attachment] : []
    })
    this.#show([])
    this.dismiss()
    return taken
  }

  clear(): void {
    for (const item of this.items) item.discard()
    this.#show([])
  }

  #show(items: readonly TrayFile[]): void {
    this.items = items
    if (items.length > 0) filled.add(this)
    else filled.delete(this)
    if (filled.size > 0) addEventListener('beforeunload', ask)
    else removeEventListener('beforeunload', ask)
  }

  #pump(): void {
    const room = AT_ONCE - this.items.filter(({ isUnderway }) => isUnderway).length
    for (const item of this.items.filter(({ phase }) => phase === 'queued').slice(0, Math.max(0, room))) {
      void item.send().then(() => {
        if (!this.items.includes(item)) return
        this.#pump()
        this.#changed()
      })
    }
  }
}
