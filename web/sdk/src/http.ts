import { ApiError, refusal } from './api-error.js'
import type { Page } from './social-types.js'
import type { Cancel } from './wait.js'

export interface ApiOptions {
  /** Where the server is, if not at the page's own origin: `https://meet.example.org`. */
  baseUrl?: string
  /** Hears of every failed call before its caller does, for instance that nobody is signed in any more. */
  onError?: (error: ApiError) => void
}

export interface Call extends Cancel {
  body?: object
  /** Instead of a body: bytes as they are. */
  bytes?: Blob
}

export interface PageWish extends Cancel {
  /** The `next` of the page before. */
  after?: string | null
  limit?: number
}

export interface Upload extends Cancel {
  /** From 0 to 1, while the bytes leave. */
  onProgress?: (fraction: number) => void
}

/** No other site can make a browser send this header without our leave, so the server asks for it (CSRF). */
export const OWN_CLIENT = { 'x-confab': '1' }

/** How all calls of the API are made. Whatever fails is an `ApiError`. */
export class Http {
  readonly base: string
  readonly #onError: (error: ApiError) => void

  constructor({ baseUrl = '', onError = () => {} }: ApiOptions = {}) {
    this.base = baseUrl.replace(/\/$/, '')
    this.#onError = onError
  }

  /** The answer's JSON; undefined where the answer has none (204). */
  async json<T>(method: string, path: string, call: Call = {}): Promise<T> {
    const text = await (await this.send(method, path, call)).text().catch(() => '')
    return this.told(() => read<T>(text))
  }

  /** A part of a list, with what its address says besides. */
  page<T>(path: string, { after, limit, signal }: PageWish, parameters: Record<string, string> = {}): Promise<Page<T>> {
    const query = new URLSearchParams(parameters)
    if (after) query.set('after', after)
    if (limit !== undefined) query.set('limit', String(limit))
    return this.json('GET', query.size > 0 ? `${path}?${query}` : path, signal ? { signal } : {})
  }

  /** The answer, if it is no refusal. */
  async send(method: string, path: string, { body, bytes, signal }: Call = {}): Promise<Response> {
    const headers: Record<string, string> = { accept: 'application/json' }
    if (method !== 'GET') Object.assign(headers, OWN_CLIENT)
    if (body) headers['content-type'] = 'application/json'
    if (bytes) headers['content-type'] = 'application/octet-stream'
    const init: RequestInit = { method, headers, cache: 'no-store' }
    if (signal) init.signal = signal
    if (body) init.body = JSON.stringify(body)
    if (bytes) init.body = bytes
    // Deleting waits until nobody wants to undo it, which may be when the page is left.
    if (method === 'DELETE') init.keepalive = true
    return this.told(async () => {
      const response = await fetch(this.base + path, init).catch((cause: unknown) => {
        throw unanswered(signal, cause)
      })
      if (response.ok) return response
      const text = await response.text().catch(() => '')
      throw refusal({ status: response.status, text, retryAfter: response.headers.get('retry-after') })
    })
  }

  /** The WebSocket URL of a path. The socket is where the API is: with a `baseUrl`, a path is not the page's own. */
  socketUrl(path: string): string {
    if (/^(wss?|https?):/.test(path)) return path
    const page = typeof location === 'undefined' ? undefined : location.origin
    const base = this.base || page
    return base === undefined ? path : new URL(path, new URL(base, page)).href.replace(/^http/, 'ws')
  }

  /** Makes an `ApiError` of whatever `action` fails with, and tells it. */
  async told<T>(action: () => T | Promise<T>): Promise<T> {
    try {
      return await action()
    } catch (cause) {
      const error = cause instanceof ApiError ? cause : new ApiError('internal', String(cause), { cause })
      if (error.code !== 'cancelled') this.#onError(error)
      throw error
    }
  }
}

/** No answer: somebody changed their mind, or the network is gone. */
export function unanswered(signal: AbortSignal | undefined, cause?: unknown): ApiError {
  return signal?.aborted
    ? new ApiError('cancelled', 'the call was cancelled', { cause })
    : new ApiError('connection_failed', 'the server could not be reached', { cause })
}

export function read<T>(text: string): T {
  if (text === '') return undefined as T
  try {
    return JSON.parse(text) as T
  } catch (cause) {
    // Something in between answered in the server's place, for instance a hotel's sign-in page.
    throw new ApiError('connection_failed', 'the answer is no JSON', { cause })
  }
}
