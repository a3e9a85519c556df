import { ApiError } from './api-error.js'
import type { ErrorCode } from './protocol.js'

/** Everything that can go wrong: the browser's part, the network's part, and the server's own codes. */
export type MediaErrorCode =
  | 'permission_denied'
  | 'device_not_found'
  | 'device_busy'
  | 'insecure_context'
  | 'unsupported'
  | 'cancelled'
  | 'timeout'
  | 'connection_failed'
  | 'negotiation_failed'
  | ErrorCode

/** The only kind of error of rooms and devices: `code` is stable and for programs, `message` is not. */
export class MediaError extends Error {
  override readonly name: string = 'MediaError'
  readonly code: MediaErrorCode

  constructor(code: MediaErrorCode, message: string = code, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

const CAPTURE_CODES: Readonly<Record<string, MediaErrorCode>> = {
  NotAllowedError: 'permission_denied',
  SecurityError: 'permission_denied',
  NotFoundError: 'device_not_found',
  OverconstrainedError: 'device_not_found',
  NotReadableError: 'device_busy',
  AbortError: 'device_busy',
  InvalidStateError: 'permission_denied', // a screen can be asked for only within a click
  NotSupportedError: 'unsupported',
  TypeError: 'unsupported',
}

/** Says in one word why a camera, microphone or screen could not be had. */
export function captureError(cause: unknown): MediaError {
  if (cause instanceof MediaError) return cause
  const { name, message } = cause instanceof Error ? cause : { name: '', message: String(cause) }
  return new MediaError(CAPTURE_CODES[name] ?? 'device_busy', message, { cause })
}

/** Any failure as a `MediaError`; `code` is for those that are none yet. */
export function mediaError(cause: unknown, code: MediaErrorCode): MediaError {
  if (cause instanceof MediaError) return cause
  // From the application's `rejoin`, which has its tickets from the API.
  if (cause instanceof ApiError) return new MediaError(cause.code as MediaErrorCode, cause.message, { cause })
  return new MediaError(code, cause instanceof Error ? cause.message : String(cause), { cause })
}
