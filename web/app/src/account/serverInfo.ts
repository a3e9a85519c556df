import type { ServerInfo } from '@confab/sdk/api'
import { social } from '../api/client'

let asked: Promise<ServerInfo> | null = null

/** Asked once; again after a failure. */
export function serverInfo(): Promise<ServerInfo> {
  if (asked) return asked
  const answer = social.server()
  asked = answer
  answer.catch(() => (asked = null))
  return answer
}
