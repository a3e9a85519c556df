//! Why: reasons and error codes.

use serde::Serialize;
use ts_rs::TS;

/// Why a participant left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum LeaveReason {
    /// It said so.
    Left,
    /// Its connection was lost and did not come back.
    Lost,
    /// A host removed it.
    Removed,
}

/// Why the server ends a connection for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CloseReason {
    /// A host removed the participant.
    Removed,
    /// A host ended the meeting, or it expired.
    RoomEnded,
    /// The participant's session was ended: from another device, or with the account.
    SignedOut,
    /// The same participant is connected from elsewhere.
    Replaced,
    /// The server stops. The client may come back.
    ServerStopping,
}

/// Every code that an error can have, over HTTP and over the WebSocket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// No such room; also said of a room that has ended.
    RoomNotFound,
    /// The room takes only people who are signed in.
    SignInRequired,
    /// The room is locked.
    RoomLocked,
    /// The room has as many members as it may have.
    RoomFull,
    /// The ticket or resume token is wrong, expired or used.
    InvalidTicket,
    /// The Origin header is not ours.
    OriginNotAllowed,
    /// The first frame was not `hello`, or its version is not spoken here.
    UnsupportedVersion,
    /// Not JSON, no known type, or a field is missing, unknown or of the wrong kind.
    InvalidMessage,
    /// A field's value is out of bounds; the message says which.
    InvalidValue,
    /// The message is too large.
    MessageTooLarge,
    /// Too many messages or calls; wait.
    RateLimited,
    /// Only a host may do this.
    NotAllowed,
    /// The participant or track is not there.
    NotFound,
    /// The track is published already, or is not published.
    InvalidState,
    /// The offer was refused; the message says why.
    OfferRejected,
    /// No such route.
    RouteNotFound,
    /// The server failed; it is not the client's fault.
    Internal,
}
