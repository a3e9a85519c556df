import { refusal } from './api-error.js'
import type { Http, Upload } from './http.js'
import { OWN_CLIENT, read, unanswered } from './http.js'

/** The part of a picture that is kept, in pixels of the upright image. */
export interface Crop {
  x: number
  y: number
  width: number
  height: number
}

export interface ImageUpload extends Upload {
  /** The middle of the image, where none is given. */
  crop?: Crop
}

/** Sends bytes. Not by `fetch`, which does not tell how far it has got. */
export function upload<T>(
  http: Http,
  method: string,
  path: string,
  bytes: Blob,
  { signal, onProgress }: Upload = {},
): Promise<T> {
  return http.told(async () => {
    if (signal?.aborted) throw unanswered(signal)
    const request = new XMLHttpRequest()
    const cancel = (): void => request.abort()
    signal?.addEventListener('abort', cancel)
    try {
      return await new Promise<T>((resolve, reject) => {
        request.open(method, http.base + path)
        for (const [name, value] of Object.entries(OWN_CLIENT)) request.setRequestHeader(name, value)
        request.upload.onprogress = ({ loaded, total }) => onProgress?.(total > 0 ? loaded / total : 0)
        request.onerror = request.onabort = () => reject(unanswered(signal))
        request.onload = () => {
          const { status, responseText: text } = request
          if (status >= 200 && status < 300) resolve(read<T>(text))
          else reject(refusal({ status, text, retryAfter: request.getResponseHeader('retry-after') }))
        }
        request.send(bytes)
      })
    } finally {
      signal?.removeEventListener('abort', cancel)
    }
  })
}

export function cropQuery(crop: Crop | undefined): string {
  if (!crop) return ''
  const whole = Object.entries(crop).map(([name, value]: [string, number]) => [name, String(Math.round(value))])
  return `?${new URLSearchParams(whole)}`
}
