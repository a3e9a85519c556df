import type { ServerInfo } from '@confab/sdk/api'
import { sessionApi } from '../api/client'

let asked: Promise<ServerInfo> | null = null

/** Asked once; again after a failure. */
export function serverInfo(): Promise<ServerInfo> {
  if (asked) return asked
  const answer = sessionApi.server()
  asked = answer
  answer.catch(() => (asked = null))
  return answer
}
