//! What a client's messages do to a room.

use std::time::Duration;

use confab_sfu::control::{self, Command, Source};
use confab_sfu::id::{ParticipantId, TrackId};

use confab_social::events::Revoked;

use super::{CloseCode, ConnectionId, Member, Output, Room, chat, permissions};
use crate::limits::{MAX_FIRST_FRAME, MAX_MID, MAX_PENDING_OFFERS, MAX_PICTURE, MAX_SECTIONS, MAX_WANTS};
use crate::protocol::{ClientMessage, CloseReason, ErrorCode, LeaveReason, Sections, ServerMessage, Track, Want};
use confab_social::clock::Moment;

/// Why a message was refused. The room is as before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum Refusal {
    #[error("only a host may do this")]
    NotAllowed,
    #[error("there is no such participant or track")]
    NotFound,
    #[error("a track of this source is published already")]
    Published,
    #[error("no track of this source is published")]
    NotPublished,
    #[error("{0}")]
    Value(&'static str),
    #[error("{1}")]
    Offer(u32, &'static str),
    #[error("earlier offers wait for their answer")]
    Pending(u32),
    #[error("hello is the first message only")]
    SecondHello,
}

impl Refusal {
    fn message(self) -> ServerMessage {
        let (code, request) = match self {
            Self::NotAllowed => (ErrorCode::NotAllowed, None),
            Self::NotFound => (ErrorCode::NotFound, None),
            Self::Published | Self::NotPublished => (ErrorCode::InvalidState, None),
            Self::Value(_) => (ErrorCode::InvalidValue, None),
            Self::Pending(request) => (ErrorCode::InvalidState, Some(request)),
            Self::Offer(request, _) => (ErrorCode::InvalidValue, Some(request)),
            Self::SecondHello => (ErrorCode::InvalidMessage, None),
        };
        ServerMessage::Error { code, message: self.to_string(), request }
    }
}

impl Room {
    /// A client's message. One from an unknown connection (already replaced or dismissed) is ignored.
    pub fn receive(&mut self, connection: ConnectionId, message: ClientMessage, now: Moment) {
        let Some(index) = self.find_connection(connection) else { return };
        let done = match permissions::allows(self.members[index].role, &message) {
            true => self.apply(index, connection, message, now),
            false => Err(Refusal::NotAllowed),
        };
        if let Err(refusal) = done {
            self.outputs.push_back(Output::Send { to: vec![connection], message: refusal.message() });
        }
        self.settle(now);
    }

    fn apply(
        &mut self,
        index: usize,
        connection: ConnectionId,
        message: ClientMessage,
        now: Moment,
    ) -> Result<(), Refusal> {
        match message {
            ClientMessage::Hello { .. } => Err(Refusal::SecondHello),
            ClientMessage::Offer { request, sdp, sections } => self.offer(index, request, sdp, sections),
            ClientMessage::Publish { source, muted } => self.publish(index, source, muted),
            ClientMessage::Unpublish { source } => self.unpublish(index, source),
            ClientMessage::Mute { source, muted } => self.mute(index, source, muted, false),
            ClientMessage::Wants { wants } => self.want(index, &wants),
            ClientMessage::Chat { text, client_id } => self.say(index, connection, text, client_id, now),
            ClientMessage::FirstFrame { milliseconds } => self.first_frame(index, milliseconds),
            ClientMessage::Ping { nonce } => {
                let message = ServerMessage::Pong { nonce };
                self.outputs.push_back(Output::Send { to: vec![connection], message });
                Ok(())
            }
            ClientMessage::Leave {} => {
                self.outputs.push_back(Output::Close { connection, code: CloseCode::NORMAL });
                self.remove(index, LeaveReason::Left);
                Ok(())
            }
            ClientMessage::MuteParticipant { participant, source } => {
                let index = self.find(participant).ok_or(Refusal::NotFound)?;
                self.mute(index, source, true, true).map_err(|_| Refusal::NotFound)
            }
            ClientMessage::RemoveParticipant { participant } => self.expel(index, participant),
            ClientMessage::LockRoom { locked } => {
                if std::mem::replace(&mut self.info.locked, locked) != locked {
                    self.broadcast(ServerMessage::RoomLocked { locked });
                }
                Ok(())
            }
            ClientMessage::EndRoom {} => {
                self.close(CloseReason::RoomEnded);
                Ok(())
            }
        }
    }

    fn offer(&mut self, index: usize, request: u32, sdp: String, sections: Sections) -> Result<(), Refusal> {
        let is_long = |list: usize| list > MAX_SECTIONS;
        if is_long(sections.publish.len()) || is_long(sections.slots.len()) || is_long(sections.audio_slots.len()) {
            return Err(Refusal::Offer(request, "sections: too many entries"));
        }
        let slots = sections.slots.iter().flat_map(|slot| [&slot.video, &slot.audio]);
        let mids = sections.publish.iter().map(|section| &section.mid).chain(slots).chain(&sections.audio_slots);
        if mids.into_iter().any(|mid| mid.is_empty() || mid.len() > MAX_MID) {
            return Err(Refusal::Offer(request, "sections: a mid has 1 to 32 bytes"));
        }
        if self.members[index].offers >= MAX_PENDING_OFFERS {
            return Err(Refusal::Pending(request));
        }
        self.members[index].offers += 1;
        let offer = control::Offer { sdp, sections: sections.into() };
        let participant = self.members[index].id;
        self.sfu(Command::Offer { room: self.info.id, participant, request, offer });
        Ok(())
    }

    fn publish(&mut self, index: usize, source: Source, muted: bool) -> Result<(), Refusal> {
        if self.members[index].track(source).is_some() {
            return Err(Refusal::Published);
        }
        let id = self.fresh_track_id();
        let track = Track { id, source, muted };
        self.members[index].tracks.push(track.clone());
        let participant = self.members[index].id;
        self.sfu(Command::Publish { room: self.info.id, participant, track: id, source, muted });
        self.broadcast(ServerMessage::TrackPublished { participant, track });
        Ok(())
    }

    fn unpublish(&mut self, index: usize, source: Source) -> Result<(), Refusal> {
        let member = &mut self.members[index];
        let place = member.tracks.iter().position(|track| track.source == source).ok_or(Refusal::NotPublished)?;
        let track = member.tracks.remove(place).id;
        member.wishes.retain(|(known, _)| *known != source);
        let participant = member.id;
        self.sfu(Command::Unpublish { room: self.info.id, track });
        self.broadcast(ServerMessage::TrackUnpublished { participant, track });
        Ok(())
    }

    fn mute(&mut self, index: usize, source: Source, muted: bool, by_host: bool) -> Result<(), Refusal> {
        let member = &mut self.members[index];
        let participant = member.id;
        let track = member.track(source).ok_or(Refusal::NotPublished)?;
        if std::mem::replace(&mut track.muted, muted) != muted {
            let track = track.id;
            self.sfu(Command::Mute { room: self.info.id, track, muted });
            self.broadcast(ServerMessage::TrackMuted { participant, track, muted, by_host });
        }
        Ok(())
    }

    fn want(&mut self, index: usize, wants: &[Want]) -> Result<(), Refusal> {
        if wants.len() > MAX_WANTS {
            return Err(Refusal::Value("wants: at most 64 entries"));
        }
        if wants.iter().any(|want| want.width > MAX_PICTURE || want.height > MAX_PICTURE) {
            return Err(Refusal::Value("wants: width and height are at most 7680"));
        }
        let viewer = self.members[index].id;
        let visible = |track: Option<TrackId>, video: bool| track.filter(|id| self.is_visible(*id, viewer, video));
        let wants = wants.iter().map(|want| control::Want {
            slot: want.slot,
            video: visible(want.video, true),
            audio: visible(want.audio, false),
            width: want.width,
            height: want.height,
            fps: want.fps,
            pinned: want.pinned,
        });
        let wants = wants.collect();
        self.sfu(Command::Want { room: self.info.id, participant: viewer, wants });
        Ok(())
    }

    /// Whether `viewer` can see or hear a track. One that has just ended is no error: the client does not know yet.
    fn is_visible(&self, track: TrackId, viewer: ParticipantId, video: bool) -> bool {
        let others = self.members.iter().filter(|member| member.id != viewer);
        let mut tracks = others.flat_map(|member| &member.tracks);
        tracks.any(|other| other.id == track && other.source.is_video() == video)
    }

    fn say(
        &mut self,
        index: usize,
        connection: ConnectionId,
        text: String,
        client_id: u32,
        now: Moment,
    ) -> Result<(), Refusal> {
        if !chat::is_valid(&text) {
            return Err(Refusal::Value("text: 1 to 2000 characters, no control characters"));
        }
        let member = &self.members[index];
        let line = self.chat.add(member.id, &member.name, text, now.unix_millis);
        let own = ServerMessage::Chat { line: line.clone(), client_id: Some(client_id) };
        self.outputs.push_back(Output::Send { to: vec![connection], message: own });
        let connections = self.members.iter().filter_map(|member| member.connection);
        let to: Vec<_> = connections.filter(|other| *other != connection).collect();
        if !to.is_empty() {
            self.outputs.push_back(Output::Send { to, message: ServerMessage::Chat { line, client_id: None } });
        }
        Ok(())
    }

    fn first_frame(&mut self, index: usize, milliseconds: u32) -> Result<(), Refusal> {
        if milliseconds > MAX_FIRST_FRAME {
            return Err(Refusal::Value("milliseconds: at most 60000"));
        }
        // One report for each participant: a client cannot flood the metrics.
        if !std::mem::replace(&mut self.members[index].has_seen, true) {
            self.outputs.push_back(Output::FirstFrame(Duration::from_millis(milliseconds.into())));
        }
        Ok(())
    }

    fn expel(&mut self, by: usize, participant: ParticipantId) -> Result<(), Refusal> {
        let index = self.find(participant).ok_or(Refusal::NotFound)?;
        if index == by {
            return Err(Refusal::Value("participant: a host leaves instead of removing itself"));
        }
        if let Some(connection) = self.members[index].connection {
            self.dismiss(connection, CloseReason::Removed);
        }
        self.remove(index, LeaveReason::Removed);
        Ok(())
    }

    /// Takes out whoever takes part by a session that has ended: signing out of a device ends what it does.
    pub fn sign_out(&mut self, revoked: &Revoked) {
        let ended = |member: &Member| member.person.as_ref().is_some_and(|person| revoked.concerns(&person.viewer));
        while let Some(index) = self.members.iter().position(ended) {
            if let Some(connection) = self.members[index].connection {
                self.dismiss(connection, CloseReason::SignedOut);
            }
            self.remove(index, LeaveReason::Left);
        }
    }

    fn sfu(&mut self, command: Command) {
        self.outputs.push_back(Output::Sfu(command));
    }
}
