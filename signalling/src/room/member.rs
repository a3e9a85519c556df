//! One member of a room: its connection, its peer, its tracks.

use std::time::Instant;

use confab_sfu::control::{PeerState, Source};
use confab_sfu::id::ParticipantId;

use super::{ConnectionId, Joiner, Person};
use crate::limits::{NO_PEER_GRACE, RESUME_WINDOW};
use crate::protocol::{ConnectionState, Participant, Role, ServerMessage, Track};
use confab_social::secrets::SecretHash;

/// A participant as the room keeps it.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) id: ParticipantId,
    pub(super) name: String,
    pub(super) role: Role,
    /// Whose account it is, if somebody is signed in.
    pub(super) person: Option<Person>,
    /// The WebSocket, while there is one.
    pub(super) connection: Option<ConnectionId>,
    /// When the WebSocket was lost, while there is none.
    pub(super) lost_at: Option<Instant>,
    /// The token that brings the member back, until it is spent.
    pub(super) resume: Option<SecretHash>,
    /// What the SFU last said of its peer connection.
    pub(super) peer: Option<PeerState>,
    /// Offers that the SFU has not answered.
    pub(super) offers: u32,
    /// What it publishes, at most one track of each source.
    pub(super) tracks: Vec<Track>,
    /// What its slots carry, for when it comes back.
    pub(super) slots: Option<ServerMessage>,
    /// Which encodings of its tracks are needed, as far as the SFU has told, for when it comes back.
    pub(super) wishes: Vec<(Source, Vec<bool>)>,
    /// What the others were last told of its connection.
    pub(super) shown: ConnectionState,
    /// Whether it has reported its first frame.
    pub(super) has_seen: bool,
}

impl Member {
    pub(super) fn new(id: ParticipantId, joiner: Joiner, connection: ConnectionId) -> Self {
        Self {
            id,
            name: joiner.name,
            role: joiner.role,
            person: joiner.person,
            connection: Some(connection),
            lost_at: None,
            resume: None,
            peer: None,
            offers: 0,
            tracks: Vec::new(),
            slots: None,
            wishes: Vec::new(),
            shown: ConnectionState::Connected,
            has_seen: false,
        }
    }

    /// The member as others see it.
    pub(super) fn describe(&self) -> Participant {
        Participant {
            id: self.id,
            name: self.name.clone(),
            picture: self.person.as_ref().and_then(|person| person.picture.clone()),
            role: self.role,
            connection: self.connection_state(),
            tracks: self.tracks.clone(),
        }
    }

    /// Both lines must be up: the WebSocket, and the peer connection once there is one.
    pub(super) fn connection_state(&self) -> ConnectionState {
        match (self.connection, self.peer) {
            (Some(_), None | Some(PeerState::Connected)) => ConnectionState::Connected,
            _ => ConnectionState::Reconnecting,
        }
    }

    /// When a member without WebSocket is given up. One whose media lives gets the whole window; one whose media is
    /// silent is gone, so that a killed client does not stay as a ghost.
    pub(super) fn lost_deadline(&self) -> Option<Instant> {
        let lost_at = self.lost_at.filter(|_| self.connection.is_none())?;
        Some(match self.peer {
            Some(PeerState::Connected) => lost_at + RESUME_WINDOW,
            Some(PeerState::Silent | PeerState::Closed) => lost_at,
            None => lost_at + NO_PEER_GRACE,
        })
    }

    pub(super) fn track(&mut self, source: Source) -> Option<&mut Track> {
        self.tracks.iter_mut().find(|track| track.source == source)
    }
}
