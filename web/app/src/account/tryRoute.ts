import type { Json } from './openapi'

/** What came back of a call that somebody tried. */
export interface Reply {
  status: number
  statusText: string
  ms: number
  type: string
  /** Indented if it is JSON; null where it is no text. */
  text: string | null
  bytes: number
}

/** Makes one call as the page itself would. Rejects where no answer came. */
export async function tryRoute(method: string, path: string, body: string | Blob | null): Promise<Reply> {
  const headers: Record<string, string> = {}
  if (method !== 'GET') headers['x-confab'] = '1'
  if (typeof body === 'string') headers['content-type'] = 'application/json'
  const started = performance.now()
  const response = await fetch(path, { method, headers, body, cache: 'no-store' })
  const content = await response.blob()
  const type = response.headers.get('content-type') ?? ''
  const isText = /^text\/|json/.test(type)
  return {
    status: response.status,
    statusText: response.statusText,
    ms: performance.now() - started,
    type,
    text: isText ? indented(await content.text()) : null,
    bytes: content.size,
  }
}

function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text) as Json, null, 2)
  } catch {
    return text
  }
}
