import { api, errorCode, isAbort } from '../api/client'

export type RoomStatus = 'loading' | 'open' | 'locked' | 'gone' | 'unreachable' | 'rate_limited'

const REFRESH_EVERY = 10_000

/** What the lobby knows about the room; kept fresh while the page is looked at. */
export class RoomInfo {
  status = $state<RoomStatus>('loading')
  name = $state<string | null>(null)
  names = $state.raw<string[]>([])
  count = $state(0)
  guests = $state(true)
  readonly #id: string

  constructor(id: string) {
    this.#id = id
  }

  async load(signal?: AbortSignal): Promise<void> {
    try {
      const room = await api.room(this.#id, signal ? { signal } : {})
      this.name = room.name
      this.names = room.participants.map((participant) => participant.name)
      this.count = room.participant_count ?? room.participants.length
      this.guests = room.guests ?? true
      this.status = room.locked ? 'locked' : 'open'
    } catch (error) {
      if (signal?.aborted || isAbort(error)) return
      const code = errorCode(error)
      if (code === 'room_not_found') this.status = 'gone'
      // One refused refresh does not hide what is known.
      else if (code !== 'rate_limited') this.status = 'unreachable'
      else if (this.status === 'loading') this.status = 'rate_limited'
    }
  }

  /** Returns what stops it. */
  watch(): () => void {
    const stopping = new AbortController()
    const { signal } = stopping
    const refresh = () => {
      if (document.visibilityState === 'visible' && this.status !== 'gone') void this.load(signal)
    }
    void this.load(signal)
    const timer = setInterval(refresh, REFRESH_EVERY)
    addEventListener('online', refresh, { signal })
    document.addEventListener('visibilitychange', refresh, { signal })
    return () => {
      clearInterval(timer)
      stopping.abort()
    }
  }
}
