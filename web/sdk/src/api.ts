export declare class Api {
  constructor(options?: { baseUrl?: string })
  createRoom(options?: { name?: string; signal?: AbortSignal }): Promise<{ id: string; url: string; host_key: string }>
  room(
    id: string,
    options?: { signal?: AbortSignal },
  ): Promise<{
    id: string
    name: string | null
    locked: boolean
    participants: { name: string }[]
    participant_count: number
  }>
  join(
    id: string,
    options: { name: string; host_key?: string; signal?: AbortSignal },
  ): Promise<{ ticket: string; url: string }>
}
