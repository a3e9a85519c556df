//! The room: who is in it, what they publish, what they are told. Sans-IO: inputs are methods, outputs are polled,
//! time is a parameter; so every story of a meeting can be told in a test without a socket.
//!
//! [`registry`] runs rooms: one task owns one [`Room`].

pub mod chat;
mod member;
mod messages;
pub mod permissions;
pub mod present;
pub mod registry;
mod task;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use confab_sfu::control::{Command, Event, PeerState};
use confab_sfu::id::{ParticipantId, TrackId};
use confab_social::auth::Viewer;
use rand::rngs::StdRng;
use serde::{Deserialize, Serialize};

use self::chat::Chat;
use self::member::Member;
use crate::protocol::{
    AudioSlotBinding, CloseReason, ErrorCode, IceServer, LeaveReason, Role, RoomInfo, ServerMessage, SlotBinding,
    Speaker, VERSION,
};
use confab_social::clock::Moment;
use confab_social::id::AccountId;
use confab_social::secrets::{Secret, SecretHash};

pub use self::registry::{Registry, RoomHandle};

/// One WebSocket, as a room knows it. Numbers are not used again within a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionId(pub u64);

/// Who comes in: the ticket's word on it.
#[derive(Debug, Clone)]
pub struct Joiner {
    /// The name, already checked.
    pub name: String,
    /// What the participant may do.
    pub role: Role,
    /// Whose account it is, if somebody is signed in.
    pub person: Option<Person>,
}

/// An account that takes part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// The session by which it is signed in: when that ends, the participant leaves.
    pub viewer: Viewer,
    /// Where its picture is.
    pub picture: Option<String>,
}

/// How a WebSocket ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disconnect {
    /// The client closed it and meant to go.
    Left,
    /// Anything else: the participant may come back.
    Lost,
}

/// A close code of the WebSocket, see `docs/protocol.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CloseCode(pub u16);

impl CloseCode {
    /// The connection is over for good, as the message before said.
    pub const NORMAL: Self = Self(1000);
    /// The server stops.
    pub const AWAY: Self = Self(1001);
    /// No hello, or broken framing.
    pub const PROTOCOL: Self = Self(1002);
    /// A binary frame.
    pub const BINARY: Self = Self(1003);
    /// Too many or too many bad messages, or the room cannot be entered.
    pub const POLICY: Self = Self(1008);
    /// A message is too large.
    pub const TOO_LARGE: Self = Self(1009);
    /// The client does not take its messages.
    pub const TOO_SLOW: Self = Self(1013);
}

/// What a room wants done, in order.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// A message to some connections, one or all.
    Send {
        /// To whom.
        to: Vec<ConnectionId>,
        /// What.
        message: ServerMessage,
    },
    /// A connection ends after what was sent to it.
    Close {
        /// Which.
        connection: ConnectionId,
        /// How.
        code: CloseCode,
    },
    /// A command for the SFU.
    Sfu(Command),
    /// A client saw its first picture.
    FirstFrame(Duration),
    /// The room's live state is over; nothing follows.
    Over {
        /// Whether a host ended it, so that the link dies with it.
        ended: bool,
    },
}

/// What an operator chose for all rooms.
#[derive(Debug, Clone)]
pub struct RoomSettings {
    /// The most participants.
    pub max_participants: usize,
    /// How long a room that nobody is in keeps its live state.
    pub empty_grace: Duration,
    /// For the clients' peer connections.
    pub ice_servers: Vec<IceServer>,
}

/// What somebody may learn who knows the link.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Whether nobody new may join.
    pub locked: bool,
    /// Whether there is no place left.
    pub full: bool,
    /// The participants' names, in the order in which they joined.
    pub names: Vec<String>,
}

/// One meeting.
#[derive(Debug)]
pub struct Room {
    info: RoomInfo,
    settings: RoomSettings,
    members: Vec<Member>,
    chat: Chat,
    speakers: Vec<Speaker>,
    empty_since: Option<Instant>,
    is_over: bool,
    rng: StdRng,
    outputs: VecDeque<Output>,
}

impl Room {
    /// An empty room. `rng` makes its ids and tokens.
    pub fn new(info: RoomInfo, settings: RoomSettings, rng: StdRng, now: Moment) -> Self {
        Self {
            info,
            settings,
            members: Vec::new(),
            chat: Chat::default(),
            speakers: Vec::new(),
            empty_since: Some(now.at),
            is_over: false,
            rng,
            outputs: VecDeque::new(),
        }
    }

    /// The next thing to do, if any.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When [`Room::tick`] is due.
    pub fn deadline(&self) -> Option<Instant> {
        let empty = self.empty_since.map(|since| since + self.settings.empty_grace);
        self.members.iter().filter_map(Member::lost_deadline).chain(empty).min()
    }

    /// What the room looks like from outside.
    pub fn summary(&self) -> Summary {
        Summary {
            locked: self.info.locked,
            full: self.members.len() >= self.settings.max_participants,
            names: self.members.iter().map(|member| member.name.clone()).collect(),
        }
    }

    /// How many are in it, reconnecting ones too.
    pub fn participants(&self) -> usize {
        self.members.len()
    }

    /// The accounts that are in it, reconnecting ones too.
    pub fn accounts(&self) -> Vec<AccountId> {
        self.members.iter().filter_map(|member| Some(member.person.as_ref()?.viewer.account)).collect()
    }

    /// Somebody comes in over a new connection.
    ///
    /// # Errors
    /// When the room is locked (for guests), full or over.
    pub fn join(&mut self, joiner: Joiner, on: ConnectionId, now: Moment) -> Result<ParticipantId, ErrorCode> {
        if self.is_over {
            return Err(ErrorCode::RoomNotFound);
        }
        if self.info.locked && joiner.role != Role::Host {
            return Err(ErrorCode::RoomLocked);
        }
        if self.members.len() >= self.settings.max_participants {
            return Err(ErrorCode::RoomFull);
        }
        let id = self.fresh_id(ParticipantId::random, |room, id| room.members.iter().any(|member| member.id == *id));
        let member = Member::new(id, joiner, on);
        self.broadcast(ServerMessage::ParticipantJoined { participant: member.describe() });
        self.members.push(member);
        self.welcome(self.members.len() - 1, false);
        self.settle(now);
        Ok(id)
    }

    /// Takes a resume token: whose it is, if it is good. From then on it is spent, whatever becomes of the connection.
    pub fn claim(&mut self, token: SecretHash) -> Option<ParticipantId> {
        let member = self.members.iter_mut().find(|member| member.resume == Some(token))?;
        member.resume = None;
        Some(member.id)
    }

    /// A participant whose token was claimed comes back over a new connection, which replaces an older one.
    ///
    /// # Errors
    /// When the participant has left meanwhile.
    pub fn resume(&mut self, who: ParticipantId, on: ConnectionId, now: Moment) -> Result<(), ErrorCode> {
        let index = self.find(who).ok_or(ErrorCode::InvalidTicket)?;
        if let Some(old) = self.members[index].connection.replace(on) {
            self.dismiss(old, CloseReason::Replaced);
        }
        self.members[index].lost_at = None;
        self.welcome(index, true);
        self.settle(now);
        Ok(())
    }

    /// A connection ended. Unknown ones (already replaced or dismissed) do not matter.
    pub fn disconnected(&mut self, connection: ConnectionId, how: Disconnect, now: Moment) {
        let Some(index) = self.find_connection(connection) else { return };
        match how {
            Disconnect::Left => self.remove(index, LeaveReason::Left),
            Disconnect::Lost => {
                self.members[index].connection = None;
                self.members[index].lost_at = Some(now.at);
            }
        }
        self.settle(now);
    }

    /// The SFU reports.
    pub fn event(&mut self, event: Event, now: Moment) {
        match event {
            Event::Answer { participant, request, answer } => {
                if let Some(index) = self.find(participant) {
                    self.members[index].offers = self.members[index].offers.saturating_sub(1);
                }
                let message = match answer {
                    Ok(sdp) => ServerMessage::Answer { request, sdp },
                    Err(error) => ServerMessage::Error {
                        code: ErrorCode::OfferRejected,
                        message: error.to_string(),
                        request: Some(request),
                    },
                };
                self.tell(participant, message);
            }
            Event::Peer { participant, state } => self.peer(participant, state),
            Event::Slots { participant, slots, audio_slots } => {
                let slots: Vec<_> = slots.into_iter().map(SlotBinding::from).collect();
                let audio_slots: Vec<_> = audio_slots.into_iter().map(AudioSlotBinding::from).collect();
                let message = ServerMessage::Slots { slots, audio_slots };
                if let Some(index) = self.find(participant) {
                    self.members[index].slots = Some(message.clone());
                }
                self.tell(participant, message);
            }
            Event::Wishes { participant, track, encodings } => self.wishes(participant, track, encodings),
            Event::Speakers { speakers } => {
                let speakers = speakers.into_iter().map(Speaker::from);
                self.speakers = speakers.filter(|speaker| self.find(speaker.participant).is_some()).collect();
                self.broadcast(ServerMessage::Speakers { speakers: self.speakers.clone() });
            }
        }
        self.settle(now);
    }

    /// Time has come: removes who does not come back, and ends an empty room.
    pub fn tick(&mut self, now: Moment) {
        self.settle(now);
    }

    /// Ends everything: tells everybody why.
    pub fn close(&mut self, reason: CloseReason) {
        if self.is_over {
            return;
        }
        for connection in self.members.iter().filter_map(|member| member.connection).collect::<Vec<_>>() {
            self.dismiss(connection, reason);
        }
        self.members.clear();
        self.over(reason == CloseReason::RoomEnded);
    }

    fn over(&mut self, ended: bool) {
        self.is_over = true;
        self.empty_since = None;
        self.outputs.push_back(Output::Sfu(Command::CloseRoom { room: self.info.id }));
        self.outputs.push_back(Output::Over { ended });
    }

    fn peer(&mut self, participant: ParticipantId, state: PeerState) {
        if let Some(index) = self.find(participant) {
            self.members[index].peer = Some(state);
        }
    }

    /// The SFU says which encodings of a member's track are needed.
    fn wishes(&mut self, participant: ParticipantId, track: TrackId, encodings: Vec<bool>) {
        let Some(index) = self.find(participant) else { return };
        let member = &mut self.members[index];
        let Some(source) = member.tracks.iter().find(|known| known.id == track).map(|known| known.source) else {
            return;
        };
        member.wishes.retain(|(known, _)| *known != source);
        member.wishes.push((source, encodings.clone()));
        self.tell(participant, ServerMessage::PublicationWishes { source, encodings });
    }

    /// Draws the consequences of an input: who is gone, who looks different, whether the room is empty.
    fn settle(&mut self, now: Moment) {
        while let Some(index) =
            self.members.iter().position(|member| member.lost_deadline().is_some_and(|deadline| deadline <= now.at))
        {
            self.remove(index, LeaveReason::Lost);
        }
        for index in 0..self.members.len() {
            let member = &mut self.members[index];
            let connection = member.connection_state();
            if std::mem::replace(&mut member.shown, connection) != connection {
                let participant = member.id;
                self.broadcast(ServerMessage::ParticipantConnection { participant, connection });
            }
        }
        if self.is_over || !self.members.is_empty() {
            self.empty_since = None;
        } else if now.at >= *self.empty_since.get_or_insert(now.at) + self.settings.empty_grace {
            self.over(false);
        }
    }

    fn welcome(&mut self, index: usize, resumed: bool) {
        let token = Secret::random(&mut self.rng);
        self.members[index].resume = Some(token.hash());
        // What a resumed member looks like to others is settled after this; it knows its own connection.
        let participants = self.members.iter().map(Member::describe).collect();
        let (you, role) = (self.members[index].id, self.members[index].role);
        let welcome = ServerMessage::Welcome {
            version: VERSION,
            resumed,
            // The room's id shows where to look; the secret alone proves who comes.
            resume_token: format!("{}.{}", self.info.id, token.expose()),
            you,
            role,
            room: self.info.clone(),
            participants,
            chat: self.chat.lines(),
            ice_servers: self.settings.ice_servers.clone(),
        };
        self.tell(you, welcome);
        if let Some(slots) = self.members[index].slots.clone() {
            self.tell(you, slots);
        }
        for (source, encodings) in self.members[index].wishes.clone() {
            self.tell(you, ServerMessage::PublicationWishes { source, encodings });
        }
        if !self.speakers.is_empty() {
            self.tell(you, ServerMessage::Speakers { speakers: self.speakers.clone() });
        }
    }

    /// Takes a member away and tells the others. Its connection must be dealt with before or after.
    fn remove(&mut self, index: usize, reason: LeaveReason) {
        let participant = self.members.remove(index).id;
        self.speakers.retain(|speaker| speaker.participant != participant);
        self.outputs.push_back(Output::Sfu(Command::Leave { room: self.info.id, participant }));
        self.broadcast(ServerMessage::ParticipantLeft { participant, reason });
    }

    /// Ends a connection for good, saying why.
    fn dismiss(&mut self, connection: ConnectionId, reason: CloseReason) {
        let message = ServerMessage::Closed { reason };
        self.outputs.push_back(Output::Send { to: vec![connection], message });
        let code = if reason == CloseReason::ServerStopping { CloseCode::AWAY } else { CloseCode::NORMAL };
        self.outputs.push_back(Output::Close { connection, code });
    }

    fn tell(&mut self, participant: ParticipantId, message: ServerMessage) {
        let connection = self.find(participant).and_then(|index| self.members[index].connection);
        if let Some(connection) = connection {
            self.outputs.push_back(Output::Send { to: vec![connection], message });
        }
    }

    fn broadcast(&mut self, message: ServerMessage) {
        let to: Vec<_> = self.members.iter().filter_map(|member| member.connection).collect();
        if !to.is_empty() {
            self.outputs.push_back(Output::Send { to, message });
        }
    }

    fn find(&self, id: ParticipantId) -> Option<usize> {
        self.members.iter().position(|member| member.id == id)
    }

    fn find_connection(&self, connection: ConnectionId) -> Option<usize> {
        self.members.iter().position(|member| member.connection == Some(connection))
    }

    fn fresh_track_id(&mut self) -> TrackId {
        self.fresh_id(TrackId::random, |room, id| {
            room.members.iter().any(|member| member.tracks.iter().any(|track| track.id == *id))
        })
    }

    /// An id that nobody here has. 60 random bits hardly ever repeat, but "hardly ever" need not be handled elsewhere.
    fn fresh_id<T>(&mut self, random: fn(&mut StdRng) -> T, is_taken: impl Fn(&Self, &T) -> bool) -> T {
        loop {
            let id = random(&mut self.rng);
            if !is_taken(self, &id) {
                return id;
            }
        }
    }
}

#[cfg(test)]
mod tests;
