import { parseRoomId } from '../api/roomId'

export type Route = { page: 'start' } | { page: 'room'; id: string } | { page: 'not_found' }

/** Which page a path opens. */
export function matchRoute(path: string): Route {
  if (path === '/') return { page: 'start' }
  const segment = /^\/r\/([^/]+)\/?$/.exec(path)?.[1]
  const id = segment && parseRoomId(safeDecode(segment))
  return id ? { page: 'room', id } : { page: 'not_found' }
}

export const roomPath = (id: string): string => `/r/${id}`

function safeDecode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return ''
  }
}
