/**
 * Confab meetings in the browser. Start with `Room`; `LocalPreview` and `devices` are for the lobby before it, and
 * `@confab/sdk/api` gets the ticket that `Room.connect` wants.
 */

export { Chat } from './chat.js'
export type { ChatLine } from './chat.js'
export type { ListenOptions } from './emitter.js'
export type { Environment, SignallingSocket } from './environment.js'
export { MediaError } from './errors.js'
export type { MediaErrorCode } from './errors.js'
export type { ClosedReason, RoomEvents, RoomState } from './events.js'
export { LocalParticipant } from './local-participant.js'
export type { CaptureOptions } from './media/capture.js'
export { devices } from './media/devices.js'
export type { Device, DeviceList, Devices } from './media/devices.js'
export { LocalPreview } from './media/preview.js'
export type { CaptureWish, PreviewOptions } from './media/preview.js'
export { Participant } from './participant.js'
export type { ErrorCode, LeaveReason, Role, Source } from './protocol.js'
export { TrackPublication } from './publication.js'
export type { Preference } from './publication.js'
export { Moderation, Room } from './room.js'
export type { RoomOptions } from './room.js'
export type { Ticket } from './signalling/signalling.js'
export type { ConnectionQuality, InboundStats, OutboundStats, RoomStats } from './stats.js'
export { Track } from './track.js'
export type { Cancel } from './wait.js'
