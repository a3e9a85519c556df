import { MediaError } from './errors.js'
import type { MediaErrorCode } from './errors.js'
import type { VideoCodec } from './protocol.js'
import type { Cancel } from './wait.js'

export { MediaError } from './errors.js'
export type { MediaErrorCode } from './errors.js'
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
  locked: boolean
  participants: { name: string }[]
  participant_count: number
}

export interface JoinOptions extends Cancel {
  name: string
  host_key?: string
}

/** What `Room.connect` needs. The ticket is good once and not for long. */
export interface Admission {
  ticket: string
  url: string
}

export interface ApiOptions {
  /** Where the server is, if not at the page's own origin: `https://meet.example.org`. */
  baseUrl?: string
}

/** The REST calls around a meeting. Every failure is a `MediaError` with the server's code. */
export class Api {
  readonly #base: string

  constructor(options: ApiOptions = {}) {
    this.#base = (options.baseUrl ?? '').replace(/\/$/, '')
  }

  createRoom(options: Cancel & { name?: string; codec?: VideoCodec } = {}): Promise<CreatedRoom> {
    const { signal, ...body } = options
    return this.#call('POST', '/api/v1/rooms', body, signal)
  }

  room(id: string, options: Cancel = {}): Promise<RoomDescription> {
    return this.#call('GET', roomPath(id), undefined, options.signal)
  }

  async join(id: string, options: JoinOptions): Promise<Admission> {
    const { signal, ...body } = options
    const admission = await this.#call<Admission>('POST', `${roomPath(id)}/join`, body, signal)
    return { ...admission, url: this.#absolute(admission.url) }
  }

  /** The socket is where the API is: with a `baseUrl`, a bare path would be taken against the wrong origin. */
  #absolute(path: string): string {
    if (/^(wss?|https?):/.test(path)) return path
    const page = typeof location === 'undefined' ? undefined : location.origin
    const base = this.#base || page
    return base === undefined ? path : new URL(path, new URL(base, page)).href.replace(/^http/, 'ws')
  }

  async #call<T>(method: string, path: string, body: object | undefined, signal: AbortSignal | undefined): Promise<T> {
    const init: RequestInit = { method, headers: { accept: 'application/json' }, cache: 'no-store' }
    if (signal) init.signal = signal
    if (body) {
      init.body = JSON.stringify(body)
      init.headers = { accept: 'application/json', 'content-type': 'application/json' }
    }
    try {
      const response = await fetch(this.#base + path, init)
      if (!response.ok) throw await refusal(response)
      return (await response.json()) as T
    } catch (cause) {
      if (cause instanceof MediaError) throw cause
      if (signal?.aborted) throw new MediaError('cancelled', 'the call was cancelled', { cause })
      throw new MediaError('connection_failed', 'the server could not be reached', { cause })
    }
  }
}

function roomPath(id: string): string {
  return `/api/v1/rooms/${encodeURIComponent(id)}`
}

/** The server's own error, or the best guess where something in between answered for it. */
async function refusal(response: Response): Promise<MediaError> {
  const body = (await response.json().catch(() => null)) as { error?: { code?: string; message?: string } } | null
  const code = body?.error?.code
  if (code) return new MediaError(code as MediaErrorCode, body.error?.message ?? code)
  // A reverse proxy answers 502 to 504 while the server restarts: worth another try, as if nobody had answered.
  const down = response.status >= 502 && response.status <= 504
  return new MediaError(down ? 'connection_failed' : 'internal', `HTTP status ${response.status}`)
}
