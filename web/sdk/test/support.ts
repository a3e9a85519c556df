import { afterEach, beforeEach, vi } from 'vitest'
import { Room } from '../src/index.js'
import type { RoomEvents, RoomOptions } from '../src/index.js'
import { FakeMediaDevices, FakeServer, installFakeMedia } from '../src/testing.js'

export interface World {
  server: FakeServer
  devices: FakeMediaDevices
  room: Room
  /** Every event of the room, in order, as `name detail`. */
  log: string[]
}

/** Fake timers and fake media around every test of a file. */
export function useFakes(): { devices: FakeMediaDevices } {
  const fakes = { devices: new FakeMediaDevices() }
  let uninstall = (): void => {}
  beforeEach(() => {
    vi.useFakeTimers()
    vi.spyOn(Math, 'random').mockReturnValue(0)
    fakes.devices = new FakeMediaDevices()
    uninstall = installFakeMedia(fakes.devices)
  })
  afterEach(() => {
    uninstall()
    vi.useRealTimers()
    vi.restoreAllMocks()
  })
  return fakes
}

export async function pass(ms: number = 0): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms)
}

/** A room that is connected to a fake server, with its media up. */
export async function connected(fakes: { devices: FakeMediaDevices }, options: RoomOptions = {}): Promise<World> {
  const server = new FakeServer()
  const room = new Room({ environment: server.environment, ...options })
  room.rejoin = async () => ({ url: 'wss://confab.test/api/v1/ws', ticket: 'fresh' })
  const log = record(room)
  const joining = room.connect('wss://confab.test/api/v1/ws', 'first')
  await pass()
  await joining
  server.peer.become('connected')
  return { server, devices: fakes.devices, room, log }
}

const describe: { [K in keyof RoomEvents]: (...args: RoomEvents[K]) => string } = {
  stateChanged: (state) => state,
  participantJoined: (participant) => participant.id,
  participantLeft: (participant, reason) => `${participant.id} ${reason}`,
  participantChanged: (participant) => participant.id,
  trackPublished: (publication, participant) => `${participant.id} ${publication.source}`,
  trackUnpublished: (publication, participant) => `${participant.id} ${publication.source}`,
  trackSubscribed: (track, _, participant) => `${participant.id} ${track.source}`,
  trackUnsubscribed: (track, _, participant) => `${participant.id} ${track.source}`,
  trackMuted: (publication, participant, byHost) =>
    `${participant.id} ${publication.source} ${publication.muted}${byHost ? ' by host' : ''}`,
  activeSpeakers: (speakers) => speakers.map((each) => each.id).join(','),
  chat: (line) => `${line.text} ${line.state}`,
  lockedChanged: (locked) => String(locked),
  audioBlocked: () => '',
  mutedSpeech: () => '',
  deviceChanged: ({ kind, label }) => `${kind} ${label}`,
  error: (error) => error.code,
}

export function record(room: Room): string[] {
  const log: string[] = []
  for (const name of Object.keys(describe) as (keyof RoomEvents)[]) {
    room.on(name, (...args) =>
      log.push(`${name} ${(describe[name] as (...args: unknown[]) => string)(...args)}`.trim()),
    )
  }
  return log
}
