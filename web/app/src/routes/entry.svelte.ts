/** How one enters a meeting at once, because one has said so already: with a camera or without. */
export interface Entry {
  camera: boolean
  /** With whom, as this side calls them: the room of a call has no name of its own. */
  title: string
}

let given: (Entry & { room: string }) | null = null
let isInCall = $state(false)

/** To be called before the room's page opens. In memory only, and taken once: a reload leads to the lobby. */
export const letIn = (room: string, entry: Entry): void => void (given = { ...entry, room })

export function takeEntry(room: string): Entry | null {
  const entry = given?.room === room ? given : null
  given = null
  return entry
}

/** Whether this tab is in a meeting, beyond the lobby. */
export const presence = {
  get isInCall(): boolean {
    return isInCall
  },
  set isInCall(is: boolean) {
    isInCall = is
  },
}
