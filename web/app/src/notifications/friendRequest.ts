import type { Connection, Friendship } from '@confab/sdk/api'
import { ApiError } from '@confab/sdk/api'
import { social } from '../api/client'

/** Whether a request still waits for an answer: it may have been given, or taken back, elsewhere. */
export async function friendshipWith(username: string): Promise<Friendship> {
  return (await social.person(username)).connection?.friendship ?? 'none'
}

/** Agrees to be friends, or declines. */
export async function answerRequest(username: string, agrees: boolean): Promise<Connection> {
  const path = `/api/v1/people/${encodeURIComponent(username)}/friend`
  const headers = { 'x-confab': '1' }
  const answer = await fetch(path, { method: agrees ? 'PUT' : 'DELETE', headers }).catch(() => null)
  if (!answer?.ok) throw new ApiError(answer?.status === 404 ? 'not_found' : 'connection_failed')
  return (await answer.json()) as Connection
}
