import type { ErrorCode } from './protocol.js'
import type { SocialErrorCode } from './social-types.js'

/** Why a call of the API failed: the network's part, and the server's own codes. */
export type ApiErrorCode = 'cancelled' | 'connection_failed' | ErrorCode | SocialErrorCode

/** What a refusal says besides its code. */
export interface ApiErrorDetails extends ErrorOptions {
  /** The HTTP status, where there was an answer. */
  status?: number
  /** The field of the body that is wrong, where one is. */
  field?: string
  /** How long to wait before another try. */
  retryAfterMs?: number
  /** With `deletion_pending`: when the account will be gone, in epoch milliseconds. */
  deletionAt?: number
  /** With `wrong_offset`: how many bytes of the upload have arrived. */
  received?: number
}

/** The only kind of error that `@confab/sdk/api` throws: `code` is stable and for programs, `message` is for people. */
export class ApiError extends Error {
  override readonly name: string = 'ApiError'
  readonly code: ApiErrorCode
  readonly status: number | null
  readonly field: string | null
  readonly retryAfterMs: number | null
  readonly deletionAt: number | null
  readonly received: number | null

  constructor(code: ApiErrorCode, message: string = code, details: ApiErrorDetails = {}) {
    super(message, details)
    this.code = code
    this.status = details.status ?? null
    this.field = details.field ?? null
    this.retryAfterMs = details.retryAfterMs ?? null
    this.deletionAt = details.deletionAt ?? null
    this.received = details.received ?? null
  }
}

/** An answer as both `fetch` and `XMLHttpRequest` give it. */
export interface Answer {
  status: number
  text: string
  retryAfter: string | null
}

/** The server's own error, or the best guess where something in between answered for it. */
export function refusal({ status, text, retryAfter }: Answer): ApiError {
  const error = parsed(text)?.error
  const seconds = retryAfter === null ? NaN : Number(retryAfter)
  const details: ApiErrorDetails = {
    status,
    ...(typeof error?.field === 'string' && { field: error.field }),
    ...(typeof error?.deletion_at === 'number' && { deletionAt: error.deletion_at }),
    ...(typeof error?.received === 'number' && { received: error.received }),
    ...(seconds >= 0 && { retryAfterMs: seconds * 1000 }),
  }
  if (typeof error?.code === 'string') return new ApiError(error.code as ApiErrorCode, error.message, details)
  // A reverse proxy answers 502 to 504 while the server restarts: worth another try, as if nobody had answered.
  const down = status >= 502 && status <= 504
  return new ApiError(down ? 'connection_failed' : 'internal', `HTTP status ${status}`, details)
}

interface Refusal {
  error?: { code?: string; message?: string; field?: string; deletion_at?: number; received?: number }
}

function parsed(text: string): Refusal | null {
  try {
    return JSON.parse(text) as Refusal | null
  } catch {
    return null
  }
}
