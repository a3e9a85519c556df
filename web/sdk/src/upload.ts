import { refusal } from './api-error.js'
import type { Http, Upload } from './http.js'
import { OWN_CLIENT, read, unanswered } from './http.js'

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
