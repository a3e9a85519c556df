//! Every WebSocket message, both ways. The TypeScript types of the web SDK are generated from here, and
//! `docs/protocol.md` describes the exchanges.
//!
//! Frames are JSON text objects with a `type`. Unknown fields of a client's message are an error.

mod codes;

use confab_sfu::control::Source;
use confab_sfu::id::{ParticipantId, RoomId, TrackId};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub use self::codes::{CloseReason, ErrorCode, LeaveReason};

/// The protocol's version: the client names it in [`ClientMessage::Hello`].
pub const VERSION: u32 = 1;

/// The WebSocket subprotocol that client and server agree on. The client offers a second one, which authenticates it:
/// `ticket.<JWT>` from the join call, or `resume.<token>` from an earlier [`ServerMessage::Welcome`].
pub const SUBPROTOCOL: &str = "confab.v1";

/// From the client to the server.
#[derive(Debug, Clone, PartialEq, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum ClientMessage {
    /// The first frame.
    Hello {
        /// [`VERSION`].
        version: u32,
    },
    /// An SDP offer: the first of a connection, a later one with more slots, or an ICE restart.
    Offer {
        /// Chosen by the client, echoed in the answer.
        request: u32,
        /// The session description.
        sdp: String,
        /// What its sections are for.
        sections: Sections,
    },
    /// A track begins.
    Publish {
        /// What it carries. A participant has at most one track of each source.
        #[ts(type = "Source")]
        source: Source,
        /// Whether it starts muted.
        muted: bool,
    },
    /// A track ends.
    Unpublish {
        /// Which.
        #[ts(type = "Source")]
        source: Source,
    },
    /// A track is muted or unmuted.
    Mute {
        /// Which.
        #[ts(type = "Source")]
        source: Source,
        /// The new state.
        muted: bool,
    },
    /// All that the client wants to see, replacing what it wanted before.
    Wants {
        /// One entry a slot; a slot that is not named is emptied.
        wants: Vec<Want>,
    },
    /// A chat line to everybody in the room.
    Chat {
        /// 1 to 2000 characters.
        text: String,
        /// Chosen by the client, echoed in its own copy of the line, so that it can match them.
        client_id: u32,
    },
    /// Milliseconds from the click on Join to the first decoded remote frame; for the server's metrics.
    FirstFrame {
        /// 0 to 60000.
        milliseconds: u32,
    },
    /// Asks for a [`ServerMessage::Pong`].
    Ping {
        /// Echoed.
        nonce: u32,
    },
    /// The participant leaves for good.
    // With braces, because serde would let unknown fields of a unit variant pass.
    Leave {},
    /// Host only: mutes a participant's track. Only the participant can unmute it.
    MuteParticipant {
        /// Whom.
        #[ts(type = "string")]
        participant: ParticipantId,
        /// Which track.
        #[ts(type = "Source")]
        source: Source,
    },
    /// Host only: removes a participant.
    RemoveParticipant {
        /// Whom.
        #[ts(type = "string")]
        participant: ParticipantId,
    },
    /// Host only: nobody new may join while a room is locked.
    LockRoom {
        /// The new state.
        locked: bool,
    },
    /// Host only: ends the meeting for everybody.
    EndRoom {},
}

/// From the server to the client.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerMessage {
    /// The answer to `hello`: everything about the room, now. Also after a resume, replacing all that was known.
    Welcome {
        /// [`VERSION`].
        version: u32,
        /// Whether an earlier connection goes on (its peer connection and its tracks are still there).
        resumed: bool,
        /// Presented once, within 30 s of losing the WebSocket, it brings the same participant back.
        resume_token: String,
        /// The client's own participant.
        #[ts(type = "string")]
        you: ParticipantId,
        /// The client's own role.
        role: Role,
        /// The room.
        room: RoomInfo,
        /// Everybody in it, the client too, in the order in which they joined.
        participants: Vec<Participant>,
        /// The chat so far, oldest first.
        chat: Vec<ChatLine>,
        /// Servers for the peer connection's `iceServers`.
        ice_servers: Vec<IceServer>,
    },
    /// The answer to `offer`.
    Answer {
        /// The offer's number.
        request: u32,
        /// The session description.
        sdp: String,
    },
    /// Somebody joined.
    ParticipantJoined {
        /// Who.
        participant: Participant,
    },
    /// Somebody left.
    ParticipantLeft {
        /// Who.
        #[ts(type = "string")]
        participant: ParticipantId,
        /// Why.
        reason: LeaveReason,
    },
    /// Somebody's connection was lost or came back.
    ParticipantConnection {
        /// Who.
        #[ts(type = "string")]
        participant: ParticipantId,
        /// The new state.
        connection: ConnectionState,
    },
    /// A track began.
    TrackPublished {
        /// Whose.
        #[ts(type = "string")]
        participant: ParticipantId,
        /// The track.
        track: Track,
    },
    /// A track ended.
    TrackUnpublished {
        /// Whose.
        #[ts(type = "string")]
        participant: ParticipantId,
        /// The track's id.
        #[ts(type = "string")]
        track: TrackId,
    },
    /// A track was muted or unmuted, by its owner or by a host.
    TrackMuted {
        /// Whose.
        #[ts(type = "string")]
        participant: ParticipantId,
        /// The track's id.
        #[ts(type = "string")]
        track: TrackId,
        /// The new state.
        muted: bool,
        /// Whether a host did it.
        by_host: bool,
    },
    /// What the client's slots carry from now on, in full.
    Slots {
        /// The slots that carry something.
        slots: Vec<SlotBinding>,
        /// The audio-only slots that carry something.
        audio_slots: Vec<AudioSlotBinding>,
    },
    /// Which encodings of its own picture the client should send now; the others may pause. All at first.
    PublicationWishes {
        /// Whose picture.
        #[ts(type = "Source")]
        source: Source,
        /// In the order of the offer's rids.
        encodings: Vec<bool>,
    },
    /// Who speaks, loudest first.
    Speakers {
        /// Empty when nobody does.
        speakers: Vec<Speaker>,
    },
    /// A chat line, the client's own too.
    Chat {
        /// The line.
        line: ChatLine,
        /// The sender's number, in the sender's own copy only.
        client_id: Option<u32>,
    },
    /// The room was locked or unlocked.
    RoomLocked {
        /// The new state.
        locked: bool,
    },
    /// The connection ends for good; the socket is closed after it.
    Closed {
        /// Why.
        reason: CloseReason,
    },
    /// The answer to `ping`.
    Pong {
        /// The ping's number.
        nonce: u32,
    },
    /// Something the client sent was refused. The connection goes on, unless the socket is closed after it.
    Error {
        /// Stable, for programs.
        code: ErrorCode,
        /// For people.
        message: String,
        /// The offer's number, where an offer was refused.
        request: Option<u32>,
    },
}

/// What a client's media sections are for, by `a=mid`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Sections {
    /// Sections in which the client sends.
    pub publish: Vec<PublishSection>,
    /// Slots; a slot's number is its place here. A later offer may only append.
    pub slots: Vec<SlotSections>,
    /// The mids of the sections for loud people who are in no slot.
    pub audio_slots: Vec<String>,
}

/// A section in which the client sends.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct PublishSection {
    /// What it sends.
    #[ts(type = "Source")]
    pub source: Source,
    /// The section.
    pub mid: String,
}

/// The sections of one slot.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SlotSections {
    /// The picture's mid.
    pub video: String,
    /// The sound's mid.
    pub audio: String,
}

/// What a client wants in one slot.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Want {
    /// The slot's number.
    pub slot: u16,
    /// The camera or screen to show.
    #[ts(type = "string | null")]
    pub video: Option<TrackId>,
    /// The microphone or screen sound to play along with it.
    #[ts(type = "string | null")]
    pub audio: Option<TrackId>,
    /// Width of the picture on the screen, in device pixels; 0 pauses it.
    pub width: u16,
    /// Height of the picture on the screen, in device pixels; 0 pauses it.
    pub height: u16,
    /// The most frames per second that are of use; 0 means no limit.
    pub fps: u8,
    /// Whether it comes first when bandwidth is short.
    pub pinned: bool,
}

/// What a participant may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Whoever created the room.
    Host,
    /// Anybody else.
    Guest,
}

/// A room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct RoomInfo {
    /// Its id.
    #[ts(type = "string")]
    pub id: RoomId,
    /// Its name, if it was given one.
    pub name: Option<String>,
    /// Whether nobody new may join.
    pub locked: bool,
    /// The codec in which its members send pictures if they can, else in VP8.
    pub codec: VideoCodec,
}

/// A codec for pictures.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum VideoCodec {
    /// What every browser sends and receives.
    #[default]
    Vp8,
    /// VP9.
    Vp9,
    /// H.264.
    H264,
    /// AV1.
    Av1,
}

/// A member of the room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Participant {
    /// The id.
    #[ts(type = "string")]
    pub id: ParticipantId,
    /// The name of its account, or the one that a guest chose.
    pub name: String,
    /// Where its picture is, if it has an account with one.
    pub picture: Option<String>,
    /// What the participant may do.
    pub role: Role,
    /// Whether the connection is up.
    pub connection: ConnectionState,
    /// What the participant publishes.
    pub tracks: Vec<Track>,
}

/// A published track.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Track {
    /// The id.
    #[ts(type = "string")]
    pub id: TrackId,
    /// What it carries.
    #[ts(type = "Source")]
    pub source: Source,
    /// Whether it is muted.
    pub muted: bool,
}

/// Whether a participant's connection is up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionState {
    /// Up.
    Connected,
    /// Lost; the participant may come back.
    Reconnecting,
}

/// One line of chat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ChatLine {
    /// Counts up from 1 in each room.
    pub id: u32,
    /// Who wrote it.
    #[ts(type = "string")]
    pub from: ParticipantId,
    /// The writer's name then.
    pub name: String,
    /// The text, as written: not HTML.
    pub text: String,
    /// When, in milliseconds since 1970.
    #[ts(type = "number")]
    pub at: u64,
}

/// What one slot carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
pub struct SlotBinding {
    /// The slot's number.
    pub slot: u16,
    /// The picture.
    #[ts(type = "string | null")]
    pub video: Option<TrackId>,
    /// The sound.
    #[ts(type = "string | null")]
    pub audio: Option<TrackId>,
}

/// What one audio-only slot carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
pub struct AudioSlotBinding {
    /// The place in [`Sections::audio_slots`].
    pub slot: u16,
    /// The sound.
    #[ts(type = "string")]
    pub audio: TrackId,
}

/// A participant who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
pub struct Speaker {
    /// Who.
    #[ts(type = "string")]
    pub participant: ParticipantId,
    /// Loudness, 0 to 127.
    pub level: u8,
}

/// A server for the peer connection's `iceServers`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct IceServer {
    /// `stun:` and `turn:` URLs.
    pub urls: Vec<String>,
    /// For TURN.
    pub username: Option<String>,
    /// For TURN.
    pub credential: Option<String>,
}
