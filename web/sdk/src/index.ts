// First version: the public surface only, so that the app can be written against it. The classes follow.

import type { ErrorCode, LeaveReason, Role, Source } from './protocol.js'

export type { ErrorCode, LeaveReason, Role, Source } from './protocol.js'

export type RoomState = 'idle' | 'connecting' | 'connected' | 'reconnecting' | 'closed'
export type ClosedReason = 'left' | 'removed' | 'room_ended' | 'replaced' | 'failed'
export type MediaErrorCode =
  | 'permission_denied'
  | 'device_not_found'
  | 'device_busy'
  | 'insecure_context'
  | 'unsupported'
  | 'cancelled'
  | 'timeout'
  | 'connection_failed'
  | 'negotiation_failed'
  | ErrorCode
export declare class MediaError extends Error {
  readonly code: MediaErrorCode
  constructor(code: MediaErrorCode, message?: string, options?: ErrorOptions)
}

export interface ListenOptions {
  signal?: AbortSignal
}
export interface CaptureOptions {
  deviceId?: string
  signal?: AbortSignal
}
export interface Device {
  readonly id: string
  readonly label: string
}
export interface DeviceList {
  readonly cameras: readonly Device[]
  readonly microphones: readonly Device[]
  readonly speakers: readonly Device[]
}
export declare const devices: {
  list(): Promise<DeviceList>
  on(event: 'change', listener: () => void, options?: ListenOptions): () => void
}
export type CaptureWish = boolean | { deviceId?: string }
export declare class LocalPreview {
  start(options: {
    video: CaptureWish
    audio: CaptureWish
    signal?: AbortSignal
  }): Promise<{ videoError: MediaError | null; audioError: MediaError | null }>
  readonly videoTrack: MediaStreamTrack | null
  readonly audioTrack: MediaStreamTrack | null
  readonly level: number
  setCamera(on: boolean, options?: CaptureOptions): Promise<void>
  setMicrophone(on: boolean, options?: CaptureOptions): Promise<void>
  stop(): void
}

export interface RoomOptions {
  preview?: LocalPreview
  hostKey?: string
  joinClickedAt?: number
  videoConstraints?: MediaTrackConstraints
}
export interface RoomEvents {
  stateChanged: [state: RoomState]
  participantJoined: [participant: Participant]
  participantLeft: [participant: Participant, reason: LeaveReason]
  participantChanged: [participant: Participant]
  trackPublished: [publication: TrackPublication, participant: Participant]
  trackUnpublished: [publication: TrackPublication, participant: Participant]
  trackSubscribed: [track: Track, publication: TrackPublication, participant: Participant]
  trackUnsubscribed: [track: Track, publication: TrackPublication, participant: Participant]
  trackMuted: [publication: TrackPublication, participant: Participant, byHost: boolean]
  activeSpeakers: [speakers: readonly Participant[]]
  chat: [line: ChatLine]
  lockedChanged: [locked: boolean]
  audioBlocked: []
  mutedSpeech: []
  deviceChanged: [device: { kind: 'microphone' | 'camera'; label: string }]
  error: [error: MediaError]
}
export interface Moderation {
  mute(participant: Participant, source: Source): void
  remove(participant: Participant): void
  lock(locked: boolean): void
  end(): void
}
export declare class Room {
  constructor(options?: RoomOptions)
  readonly state: RoomState
  readonly closedReason: ClosedReason | null
  readonly name: string | null
  readonly id: string
  readonly locked: boolean
  readonly role: Role
  readonly local: LocalParticipant
  readonly participants: ReadonlyMap<string, Participant>
  readonly activeSpeakers: readonly Participant[]
  readonly chat: Chat
  readonly moderation: Moderation
  readonly negotiations: number
  readonly firstFrameMs: number | null
  readonly canPlayAudio: boolean
  readonly unstable: { readonly pc: RTCPeerConnection | null }
  rejoin: (() => Promise<{ url: string; ticket: string }>) | null
  on<K extends keyof RoomEvents>(
    event: K,
    listener: (...args: RoomEvents[K]) => void,
    options?: ListenOptions,
  ): () => void
  connect(url: string, ticket: string, options?: { signal?: AbortSignal }): Promise<void>
  leave(): Promise<void>
  startAudio(): Promise<void>
  setSpeaker(deviceId: string): Promise<void>
  stats(): Promise<RoomStats>
  [Symbol.asyncDispose](): Promise<void>
}
export declare class Participant {
  readonly id: string
  readonly name: string
  readonly role: Role
  readonly isLocal: boolean
  readonly connection: 'connected' | 'reconnecting'
  readonly isSpeaking: boolean
  readonly level: number
  readonly publications: ReadonlyMap<Source, TrackPublication>
  publication(source: Source): TrackPublication | undefined
}
export declare class LocalParticipant extends Participant {
  setMicrophone(on: boolean, options?: CaptureOptions): Promise<void>
  setCamera(on: boolean, options?: CaptureOptions): Promise<void>
  setScreenShare(on: boolean, options?: { signal?: AbortSignal }): Promise<void>
  readonly microphoneOn: boolean
  readonly cameraOn: boolean
  readonly screenOn: boolean
  /** Loudness of the own microphone, 0 to 1, muted or not. */
  readonly microphoneLevel: number
}
export interface Preference {
  width?: number
  height?: number
  fps?: number
  pinned?: boolean
}
export declare class TrackPublication {
  readonly id: string
  readonly source: Source
  readonly muted: boolean
  readonly participant: Participant
  /** There from publication on, so that it can be attached at once; `subscribed` says whether it carries media now. */
  readonly track: Track | null
  /** Whether a slot carries it now: cover the element while it does not. */
  readonly subscribed: boolean
  setPreference(preference: Preference | null): void
}
export declare class Track {
  readonly kind: 'audio' | 'video'
  readonly source: Source
  attach(element?: HTMLVideoElement): HTMLVideoElement
  detach(element?: HTMLVideoElement): void
  /** Throws while no slot carries the track. */
  readonly mediaStreamTrack: MediaStreamTrack
}
export interface ChatLine {
  /** Opaque, and the same from `sending` to `sent`: a key for lists. */
  readonly id: string
  readonly from: string
  readonly name: string
  readonly text: string
  readonly at: number
  readonly isOwn: boolean
  readonly state: 'sending' | 'sent' | 'failed'
}
export declare class Chat {
  readonly lines: readonly ChatLine[]
  send(text: string): void
  /** Sends a failed line again. */
  retry(id: string): void
}
export type ConnectionQuality = 'good' | 'fair' | 'poor'
export interface InboundStats {
  readonly participant: string
  readonly source: Source
  readonly width: number
  readonly height: number
  readonly fps: number
  readonly codec: string
  readonly bitrate: number
  readonly packetsLost: number
  readonly freezeCount: number
  readonly jitterMs: number
  readonly framesDecoded: number
  readonly audioLevel: number
}
export interface OutboundStats {
  readonly source: Source
  readonly rid: string | null
  readonly width: number
  readonly height: number
  readonly fps: number
  readonly bitrate: number
  readonly codec: string
  readonly limitedBy: string
}
export interface RoomStats {
  readonly rttMs: number | null
  /** Fraction of received packets that were lost since the last call, 0 to 1. */
  readonly loss: number
  readonly receiveBitrate: number
  readonly sendBitrate: number
  readonly quality: ConnectionQuality
  readonly inbound: readonly InboundStats[]
  readonly outbound: readonly OutboundStats[]
}
