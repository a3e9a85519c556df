import { ApiError } from './api-error.js'
import type { Http, Upload } from './http.js'
import { unanswered } from './http.js'
import type { Attachment, UploadState } from './social-types.js'
import type { Cancel } from './wait.js'

export interface AttachmentOptions extends Upload {
  /** What the file is called, if it is no `File` or is to be called otherwise. */
  name?: string
  /** A UUID made up for this file. A call with the one of a call that has failed goes on where that was. */
  clientId?: string
  /** Called with the upload's id, by which it can be discarded. */
  onBegun?: (id: string) => void
  /** Called when something that may pass, such as a lost connection, makes it wait before it goes on. */
  onWait?: (reason: ApiError) => void
}

export interface AttachmentLimits {
  /** Of one message. */
  readonly count: number
  /** Bytes of a file. */
  readonly size: number
  /** Bytes of an image (JPEG, PNG, WebP, GIF). */
  readonly imageSize: number
}

const KIB = 1024
const MIB = 1024 * KIB

/** What the server takes, so that nobody uploads for minutes to be told. */
export const ATTACHMENT_LIMITS: AttachmentLimits = { count: 10, size: 64 * MIB, imageSize: 10 * MIB }

/** A quick network gets larger chunks, each of which costs a round trip; a cut one smaller ones, to lose less. */
const CHUNK = { least: 256 * KIB, first: 512 * KIB, most: 4 * MIB }
const QUICK_MS = 1000
const SLOW_MS = 5000

/** Failures in a row: with pauses of 1, 2, 4 and so on seconds, about two minutes without a network. */
const TRIES = 8
const PAUSE = { firstMs: 1000, mostMs: 30_000 }

const V1 = '/api/v1/attachments'

/** Files for messages. An upload waits a day for the message that names it. */
export class AttachmentsApi {
  readonly #http: Http

  constructor(http: Http) {
    this.#http = http
  }

  /**
   * Stores a file of at most 64 MiB, an image (JPEG, PNG, WebP, GIF) of at most 10 MiB and 40 megapixels. Goes on by itself
   * after a lost connection and when the server is busy, until nothing has moved for eight tries. Who aborts the signal does
   * not want the file: it is forgotten.
   */
  async upload(file: Blob, options: AttachmentOptions = {}): Promise<Attachment> {
    const { signal, name = nameOf(file), clientId = crypto.randomUUID(), onBegun } = options
    const tries = new Tries(options)
    const body = { client_id: clientId, name, size: file.size }
    const begun = await tries.until(() => this.#http.json<UploadState>('POST', V1, call({ body }, signal)))
    onBegun?.(begun.id)
    if (!begun.attachment && begun.size !== file.size) {
      throw new ApiError('invalid_value', 'this upload was begun with another file', { field: 'client_id' })
    }
    try {
      return await this.#send(file, begun, tries, options)
    } catch (error) {
      if (signal?.aborted) await this.discard(begun.id).catch(() => {})
      throw error
    }
  }

  /** Forgets a file that no message has yet. */
  discard(id: string, options: Cancel = {}): Promise<void> {
    return this.#http.json('DELETE', attachment(id), options)
  }

  /** How far an upload is. */
  state(id: string, options: Cancel = {}): Promise<UploadState> {
    return this.#http.json('GET', attachment(id), options)
  }

  async #send(file: Blob, begun: UploadState, tries: Tries, { signal, onProgress }: Upload): Promise<Attachment> {
    let { received, attachment: made } = begun
    let length = CHUNK.first
    while (!made) {
      onProgress?.(received / file.size)
      const path = `${attachment(begun.id)}?offset=${received}`
      const bytes = file.slice(received, received + length)
      const since = Date.now()
      try {
        const state = await this.#http.json<UploadState>('PATCH', path, call({ bytes }, signal))
        if (state.received > received) tries.renew()
        ;({ received, attachment: made } = state)
        length = next(length, Date.now() - since)
      } catch (error) {
        length = next(length, Infinity)
        // It has arrived, only nobody has said so; or less is there than it was.
        received = error instanceof ApiError ? (error.received ?? received) : received
        await tries.pauseAfter(error)
      }
    }
    onProgress?.(1)
    return made
  }
}

/** Counts failures in a row. */
class Tries {
  #failed = 0
  readonly #signal: AbortSignal | undefined
  readonly #onWait: (reason: ApiError) => void

  constructor({ signal, onWait = () => {} }: AttachmentOptions) {
    this.#signal = signal
    this.#onWait = onWait
  }

  async until<T>(action: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        const result = await action()
        this.renew()
        return result
      } catch (error) {
        await this.pauseAfter(error)
      }
    }
  }

  renew(): void {
    this.#failed = 0
  }

  /** Throws what will not be better next time. */
  async pauseAfter(error: unknown): Promise<void> {
    this.#failed += 1
    if (!(error instanceof ApiError) || this.#failed >= TRIES || this.#signal?.aborted || !mayPass(error)) throw error
    if (error.code === 'wrong_offset') return
    this.#onWait(error)
    const backoff = Math.min(PAUSE.firstMs * 2 ** (this.#failed - 1), PAUSE.mostMs)
    await pause(error.retryAfterMs ?? backoff, this.#signal)
  }
}

function mayPass(error: ApiError): boolean {
  return ['connection_failed', 'busy', 'rate_limited', 'wrong_offset', 'internal'].includes(error.code)
}

function next(length: number, tookMs: number): number {
  if (tookMs < QUICK_MS) return Math.min(length * 2, CHUNK.most)
  return tookMs > SLOW_MS ? Math.max(length / 2, CHUNK.least) : length
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      if (signal?.aborted) reject(unanswered(signal))
      else resolve()
    }
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done)
  })
}

const attachment = (id: string): string => `${V1}/${encodeURIComponent(id)}`
const nameOf = (file: Blob): string => ('name' in file && typeof file.name === 'string' ? file.name : 'file')
const call = <T extends object>(wish: T, signal: AbortSignal | undefined): T & Cancel =>
  signal ? { ...wish, signal } : wish
