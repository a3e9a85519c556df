import { forget, readStored, store } from '../ui/storage'

export interface RecentMeeting {
  id: string
  name: string | null
  at: number
  host: boolean
}

const MAX_RECENT = 8

let list = $state.raw<RecentMeeting[]>(readStored<RecentMeeting[]>('recent', []))

export const recentMeetings = (): readonly RecentMeeting[] => list

export function rememberMeeting(id: string, name: string | null): void {
  const meeting = { id, name, at: Date.now(), host: hostKey(id) !== undefined }
  list = [meeting, ...list.filter((other) => other.id !== id)].slice(0, MAX_RECENT)
  store('recent', list)
}

export function forgetMeeting(id: string): void {
  list = list.filter((meeting) => meeting.id !== id)
  store('recent', list)
  forget(`host.${id}`)
}

/** The key that makes this browser the room's host. */
export const hostKey = (id: string): string | undefined => readStored<string | undefined>(`host.${id}`, undefined)

export const keepHostKey = (id: string, key: string): void => store(`host.${id}`, key)
