//! The whole control plane: [`Command`] goes in, [`Event`] comes out.
//!
//! Both are plain values that could travel to another machine: no callbacks, handles or borrows.

use serde::{Deserialize, Serialize};

use crate::id::{ParticipantId, RoomId, TrackId};

/// What a published track carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A person's voice.
    Microphone,
    /// A person's picture.
    Camera,
    /// A shared screen or window.
    Screen,
    /// The sound that belongs to a shared screen.
    ScreenAudio,
}

impl Source {
    /// Every source, in the order in which a client offers them.
    pub const ALL: [Self; 4] = [Self::Microphone, Self::Camera, Self::Screen, Self::ScreenAudio];

    /// Whether this is a picture; otherwise it is sound.
    pub fn is_video(self) -> bool {
        matches!(self, Self::Camera | Self::Screen)
    }
}

/// What signalling asks of the SFU. A command that names an unknown room, participant or track is ignored: its
/// target has just gone.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Forgets a room and closes its peers.
    CloseRoom {
        /// The room.
        room: RoomId,
    },
    /// A client's SDP offer: the first one makes the participant's peer, later ones add sections or restart ICE.
    /// Answered by [`Event::Answer`] with the same `request`.
    Offer {
        /// The room.
        room: RoomId,
        /// Who offers.
        participant: ParticipantId,
        /// Chosen by the caller, echoed in the answer.
        request: u32,
        /// The offer.
        offer: Offer,
    },
    /// Closes a participant's peer and takes away its tracks.
    Leave {
        /// The room.
        room: RoomId,
        /// Who leaves.
        participant: ParticipantId,
    },
    /// A participant now offers a track; its media arrives in the section that its offer named for `source`.
    Publish {
        /// The room.
        room: RoomId,
        /// Who publishes.
        participant: ParticipantId,
        /// The new track's id.
        track: TrackId,
        /// What it carries.
        source: Source,
        /// Whether it starts muted.
        muted: bool,
    },
    /// A track ends.
    Unpublish {
        /// The room.
        room: RoomId,
        /// The track.
        track: TrackId,
    },
    /// A track is muted or unmuted. A muted track is not forwarded, whatever its publisher sends.
    Mute {
        /// The room.
        room: RoomId,
        /// The track.
        track: TrackId,
        /// The new state.
        muted: bool,
    },
    /// Everything that a participant wants to see, replacing what it wanted before. A slot that is not named is
    /// emptied.
    Want {
        /// The room.
        room: RoomId,
        /// The viewer.
        participant: ParticipantId,
        /// One entry a slot; a later entry for the same slot wins.
        wants: Vec<Want>,
    },
}

impl Command {
    /// The room that the command is for.
    pub fn room(&self) -> RoomId {
        match self {
            Self::CloseRoom { room }
            | Self::Offer { room, .. }
            | Self::Leave { room, .. }
            | Self::Publish { room, .. }
            | Self::Unpublish { room, .. }
            | Self::Mute { room, .. }
            | Self::Want { room, .. } => *room,
        }
    }
}

/// A client's SDP offer and what its media sections are for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The session description (RFC 8866, <https://www.rfc-editor.org/rfc/rfc8866>).
    pub sdp: String,
    /// The sections' purposes, by mid.
    pub sections: Sections,
}

/// Which media section (by its `a=mid`) serves which purpose.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sections {
    /// Sections in which the client sends.
    pub publish: Vec<(Source, String)>,
    /// Slots: pairs of sections in which the client receives a picture and the sound that belongs to it. A slot's
    /// number is its place in this list; a later offer may only append.
    pub slots: Vec<SlotSections>,
    /// Sections for the sound of loud people who are in no slot.
    pub audio_slots: Vec<String>,
}

/// The two mids of one slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlotSections {
    /// The mid of the picture's section.
    pub video: String,
    /// The mid of the sound's section.
    pub audio: String,
}

/// What a viewer wants in one slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Want {
    /// The slot's number.
    pub slot: u16,
    /// The camera or screen to show, if any.
    pub video: Option<TrackId>,
    /// The microphone or screen sound to play along with it, if any.
    pub audio: Option<TrackId>,
    /// Width of the picture on the viewer's screen, in device pixels. 0 pauses the picture.
    pub width: u16,
    /// Height of the picture on the viewer's screen, in device pixels. 0 pauses the picture.
    pub height: u16,
    /// The most frames per second that are of use; 0 means no limit.
    pub fps: u8,
    /// Whether the viewer pinned it, so that it comes first when bandwidth is short.
    pub pinned: bool,
}

/// What the SFU tells signalling of one room.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The answer to [`Command::Offer`].
    Answer {
        /// Who offered.
        participant: ParticipantId,
        /// The number that the offer carried.
        request: u32,
        /// The SDP answer, or why there is none.
        answer: Result<String, OfferError>,
    },
    /// The state of a participant's peer changed.
    Peer {
        /// Whose peer.
        participant: ParticipantId,
        /// The new state.
        state: PeerState,
    },
    /// What a viewer's slots carry from now on, in full.
    Slots {
        /// The viewer.
        participant: ParticipantId,
        /// The slots that carry something.
        slots: Vec<SlotBinding>,
        /// The audio-only slots that carry something.
        audio_slots: Vec<AudioSlotBinding>,
    },
    /// Which encodings of a picture anybody needs, whenever that changes. All are needed at first. The publisher may
    /// pause the others and must resume them when they are needed again.
    Wishes {
        /// The publisher.
        participant: ParticipantId,
        /// The track.
        track: TrackId,
        /// One for each encoding, in the order of the offer.
        encodings: Vec<bool>,
    },
    /// Who speaks, loudest first, except that two who are about equally loud keep their order; empty when nobody does.
    Speakers {
        /// The speakers.
        speakers: Vec<Speaker>,
    },
}

/// The state of a peer connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeerState {
    /// ICE and DTLS are done: media can flow.
    Connected,
    /// Nothing at all arrived for [`crate::SfuConfig::silence_timeout`]. The peer comes back to `Connected` when
    /// something does.
    Silent,
    /// The peer is gone: closed by the far end, expired, or failed. A new offer may make a new one.
    Closed,
}

/// What one slot carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SlotBinding {
    /// The slot's number.
    pub slot: u16,
    /// The picture's track, from the moment its first packet is sent in this slot.
    pub video: Option<TrackId>,
    /// The sound's track.
    pub audio: Option<TrackId>,
}

/// What one audio-only slot carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AudioSlotBinding {
    /// Place in [`Sections::audio_slots`].
    pub slot: u16,
    /// The track.
    pub audio: TrackId,
}

/// A participant who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Speaker {
    /// Who.
    pub participant: ParticipantId,
    /// Loudness from 0 (silence) to 127 (overload): 127 minus the level of RFC 6464, in dB.
    /// <https://www.rfc-editor.org/rfc/rfc6464>
    pub level: u8,
}

/// Why an offer was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OfferError {
    /// The text is no session description that we understand.
    #[error("the offer is not a valid session description")]
    Malformed,
    /// A limit of [`crate::SfuConfig`] is exceeded: bytes, lines, sections, slots or published tracks.
    #[error("the offer is too large")]
    TooLarge,
    /// Two sections have the same mid, or a section is named that the description does not have.
    #[error("the offer's sections do not match its description")]
    Sections,
    /// A later offer changed what an earlier one had fixed: a section's mid, kind, direction or purpose.
    #[error("the offer contradicts an earlier one")]
    Contradiction,
    /// No ICE credentials, fingerprint or codec that we could use.
    #[error("the offer has nothing that this server can use")]
    Unsupported,
    /// The room is full or the worker has no room for another peer.
    #[error("no room for another peer")]
    Full,
}
