import type { ChatLine } from './chat.js'
import type { MediaError } from './errors.js'
import type { Participant } from './participant.js'
import type { LeaveReason } from './protocol.js'
import type { TrackPublication } from './publication.js'
import type { Track } from './track.js'

export type RoomState = 'idle' | 'connecting' | 'connected' | 'reconnecting' | 'closed'

/** Why a room is closed. `failed` comes with an `error` event. */
export type ClosedReason = 'left' | 'removed' | 'room_ended' | 'signed_out' | 'replaced' | 'failed'

/** The room's events, and what each listener is given. */
export interface RoomEvents {
  stateChanged: [state: RoomState]
  /** Not told of those who were there when one connected: see `room.participants`. */
  participantJoined: [participant: Participant]
  participantLeft: [participant: Participant, reason: LeaveReason]
  /** Name, role or connection. */
  participantChanged: [participant: Participant]
  /** Nor of what they published by then. */
  trackPublished: [publication: TrackPublication, participant: Participant]
  trackUnpublished: [publication: TrackPublication, participant: Participant]
  /** Media of the track arrives from now on. */
  trackSubscribed: [track: Track, publication: TrackPublication, participant: Participant]
  /** It arrives no longer: cover the element. */
  trackUnsubscribed: [track: Track, publication: TrackPublication, participant: Participant]
  trackMuted: [publication: TrackPublication, participant: Participant, byHost: boolean]
  activeSpeakers: [speakers: readonly Participant[]]
  /** A new line, not one of the history, or one of one's own whose state changed. */
  chat: [line: ChatLine]
  lockedChanged: [locked: boolean]
  /** The browser plays sound only after a click: offer a button that calls `room.startAudio()`. */
  audioBlocked: []
  /** One speaks while muted. At most every 10 s. */
  mutedSpeech: []
  /** The device in use was unplugged; another took its place. */
  deviceChanged: [device: { kind: 'microphone' | 'camera'; label: string }]
  error: [error: MediaError]
}
