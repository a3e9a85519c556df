//! A worker owns whole rooms and their peers: datagrams, commands and time go in, [`Output`]s come out.

mod schedule;

use std::net::{IpAddr, SocketAddr};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use rand::SeedableRng;
use rand::rngs::StdRng;
use slotmap::SlotMap;
use std::collections::HashMap;

use super::demux::{Class, Demux, classify};
use super::endpoint::Endpoint;
use super::outbox::{Outbox, Output};
use super::peer::{Feedback, Peer, Setup, Turn};
use super::room::{Peers, Room};
use super::sdp::SdpOffer;
use super::stats::{Counters, DropReason, Snapshot};
use super::timers::Timers;
use super::transport::Engine;
use crate::config::SfuConfig;
use crate::control::{Command, Event, Offer, OfferError, PeerState};
use crate::id::{ParticipantId, PeerKey, RoomId, RoomKey};

/// Seconds from 1900 (NTP) to 1970 (Unix).
const NTP_TO_UNIX: u64 = 2_208_988_800;

/// The moment at which a worker starts, on both clocks.
#[derive(Debug, Clone, Copy)]
pub struct Epoch {
    /// The monotonic clock.
    pub instant: Instant,
    /// The wall clock, for sender reports.
    pub wall: SystemTime,
}

/// How a datagram arrived.
#[derive(Debug, Clone, Copy)]
pub struct Arrival {
    /// When the machine received it. Earlier than the turn that handles it, by as much as the thread was kept waiting;
    /// publishers' congestion control must not take that for the network's delay.
    pub time: Instant,
    /// Who sent it.
    pub source: Endpoint,
    /// At which of our addresses.
    pub local: SocketAddr,
}

/// A turn of a worker at `now`, which borrows only what it needs.
macro_rules! turn {
    ($worker:expr, $now:expr) => {
        Turn {
            now: $now,
            ntp: ntp($worker.epoch, $now),
            repair: $worker.config.tick,
            counters: &mut $worker.counters,
            outbox: &mut $worker.outbox,
            wakes: &mut $worker.wakes,
        }
    };
}
use turn;

/// See the module's text.
#[derive(Debug)]
pub struct Worker {
    config: SfuConfig,
    engine: Engine,
    candidates: Vec<Endpoint>,
    epoch: Epoch,
    rng: StdRng,
    rooms: SlotMap<RoomKey, Room>,
    room_keys: HashMap<RoomId, RoomKey>,
    peers: Peers,
    demux: Demux,
    peer_timers: Timers<PeerKey>,
    room_timers: Timers<RoomKey>,
    /// Peers that want their tick sooner than their timer says.
    wakes: Vec<PeerKey>,
    counters: Counters,
    outbox: Outbox,
    feedback: Vec<Feedback>,
}

impl Worker {
    /// A worker that announces `candidates` and takes its randomness from `seed`.
    pub fn new(config: SfuConfig, engine: Engine, candidates: Vec<Endpoint>, epoch: Epoch, seed: [u8; 32]) -> Self {
        Self {
            config,
            engine,
            candidates,
            epoch,
            rng: StdRng::from_seed(seed),
            rooms: SlotMap::with_key(),
            room_keys: HashMap::new(),
            peers: SlotMap::with_key(),
            demux: Demux::default(),
            peer_timers: Timers::default(),
            room_timers: Timers::default(),
            wakes: Vec::new(),
            counters: Counters::default(),
            outbox: Outbox::default(),
            feedback: Vec::new(),
        }
    }

    /// The next effect of what went in; `None` when all are out.
    pub fn poll_output(&mut self) -> Option<Output<'_>> {
        self.outbox.pop()
    }

    /// What the worker has counted.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// The shell sent so many datagrams, with so many bytes.
    pub fn count_sent(&mut self, datagrams: u64, bytes: u64) {
        self.counters.datagrams_sent += datagrams;
        self.counters.bytes_sent += bytes;
    }

    /// The shell could not send a datagram.
    pub fn count_drop(&mut self, reason: DropReason) {
        self.counters.drop(reason);
    }

    /// Counters and gauges for metrics.
    pub fn snapshot(&self, now: Instant) -> Snapshot {
        Snapshot {
            counters: self.counters.clone(),
            rooms: self.rooms.len(),
            peers: self.peers.len(),
            publications: self.rooms.values().map(Room::publications).sum(),
            encodings: self.rooms.values().map(|room| room.live_encodings(now)).sum(),
        }
    }

    /// Opens a room.
    pub fn open_room(&mut self, id: RoomId) {
        let rooms = &mut self.rooms;
        self.room_keys.entry(id).or_insert_with(|| rooms.insert(Room::new(id)));
    }

    /// Carries out a command.
    pub fn handle_command(&mut self, now: Instant, command: Command) {
        let Some(&key) = self.room_keys.get(&command.room()) else { return };
        // What a bug here leaves behind is of no use to anybody in the room, and of no concern to the others.
        if catch_unwind(AssertUnwindSafe(|| self.command(now, key, command))).is_err() {
            self.lose_room(key);
        }
    }

    fn command(&mut self, now: Instant, key: RoomKey, command: Command) {
        let Some(room) = self.rooms.get_mut(key) else { return };
        room.trip();
        match command {
            Command::CloseRoom { room } => self.close_room(now, room),
            Command::Offer { participant, request, offer, .. } => self.offer(now, key, participant, request, &offer),
            Command::Leave { participant, .. } => {
                let peer = room.leave(participant, &mut self.peers, now);
                self.forget(peer);
            }
            Command::Publish { participant, track, source, muted, .. } => {
                if room.member(participant, &self.config).is_some() {
                    room.publish(participant, track, source, muted, &self.config, now);
                    room.learn_offered(participant, &self.peers);
                }
            }
            Command::Unpublish { track, .. } => room.unpublish(track, &mut self.peers, now),
            Command::Mute { track, muted, .. } => room.mute(track, muted, &mut self.peers, now),
            Command::Want { participant, wants, .. } => {
                if room.member(participant, &self.config).is_some() {
                    room.want(participant, wants, &mut self.peers, now);
                }
            }
        }
        self.settle(now, key);
    }

    /// Takes a datagram. It is decrypted in place.
    pub fn handle_datagram(&mut self, now: Instant, arrival: Arrival, datagram: &mut [u8]) {
        self.counters.datagrams_received += 1;
        self.counters.bytes_received += datagram.len() as u64;
        if datagram.len() > self.config.max_datagram_bytes {
            return self.counters.drop(DropReason::Malformed);
        }
        let Some(class) = classify(datagram) else { return self.counters.drop(DropReason::UnknownProtocol) };
        let key = match self.demux.route(arrival.source, class, datagram) {
            Ok(key) => key,
            Err(reason) => return self.counters.drop(reason),
        };
        // A bug that one peer's input wakes must not cost the others their call.
        let handled = catch_unwind(AssertUnwindSafe(|| match class {
            Class::Rtp => self.handle_rtp(now, key, arrival.time, datagram),
            Class::Rtcp => self.handle_rtcp(now, key, datagram),
            Class::Stun | Class::Dtls => self.handle_handshake(now, key, arrival, datagram),
        }));
        match handled {
            Ok(Ok(())) => {}
            Ok(Err(reason)) => self.counters.drop(reason),
            Err(_) => self.close_after_panic(now, key),
        }
        self.wake_peers();
        if self.peers.get(key).is_some_and(|peer| peer.reported == Some(PeerState::Silent)) {
            self.report_state(now, key);
        }
    }

    /// A connection (over TCP) is gone. Who connects from the same address next may be somebody else.
    pub fn handle_disconnect(&mut self, source: Endpoint) {
        if let Some(peer) = self.demux.forget_address(source).and_then(|key| self.peers.get_mut(key)) {
            peer.forget_address(source);
        }
    }

    fn handle_rtp(
        &mut self,
        now: Instant,
        key: PeerKey,
        arrived: Instant,
        datagram: &mut [u8],
    ) -> Result<(), DropReason> {
        let mut turn = turn!(self, now);
        let peer = self.peers.get_mut(key).ok_or(DropReason::UnknownSource)?;
        let (participant, room_key) = (peer.participant, peer.room);
        let media = peer.receive_rtp(&mut turn, arrived, datagram)?;
        let room = self.rooms.get_mut(room_key).ok_or(DropReason::UnknownSource)?;
        if !room.receive(&mut turn, &mut self.peers, participant, &media) {
            return Err(DropReason::Unpublished);
        }
        self.room_timers.set_sooner(room_key, room.tick_after_packet(&self.config, now));
        Ok(())
    }

    fn handle_rtcp(&mut self, now: Instant, key: PeerKey, datagram: &mut [u8]) -> Result<(), DropReason> {
        let mut turn = turn!(self, now);
        let peer = self.peers.get_mut(key).ok_or(DropReason::UnknownSource)?;
        self.feedback.clear();
        peer.receive_rtcp(&mut turn, datagram, &mut self.feedback)?;
        let room = self.rooms.get_mut(peer.room).ok_or(DropReason::UnknownSource)?;
        let mut keyframes = false;
        for feedback in self.feedback.drain(..) {
            match feedback {
                Feedback::Lost { line, seq } => {
                    room.retransmit(&mut turn, peer, line, seq);
                }
                Feedback::Keyframe { line } => {
                    turn.counters.keyframes_wanted += 1;
                    room.want_keyframe(peer, line);
                    keyframes = true;
                }
            }
        }
        let room_key = peer.room;
        if peer.estimate_has_moved() {
            room.divide(key, &mut self.peers, now);
            keyframes = true;
        }
        if keyframes {
            room.request_keyframes(&mut turn, &mut self.peers, &self.config);
            self.schedule_room(now, room_key);
        }
        Ok(())
    }

    fn handle_handshake(
        &mut self,
        now: Instant,
        key: PeerKey,
        arrival: Arrival,
        datagram: &[u8],
    ) -> Result<(), DropReason> {
        let mut turn = turn!(self, now);
        let peer = self.peers.get_mut(key).ok_or(DropReason::UnknownSource)?;
        let Ok(handled) = peer.receive_handshake(&mut turn, arrival.source, arrival.local, datagram) else {
            self.close_peer(now, key);
            return Ok(());
        };
        if handled? {
            let used = peer.remote();
            self.demux.add_address(arrival.source, key, &mut peer.addresses, used);
        }
        self.after_handshake(now, key);
        Ok(())
    }

    fn offer(&mut self, now: Instant, room: RoomKey, participant: ParticipantId, request: u32, offer: &Offer) {
        // The most intricate text that a client sends, and the engine behind it: a bug there must not end the worker.
        let answer = catch_unwind(AssertUnwindSafe(|| self.answer(now, room, participant, offer)));
        let answer = answer.unwrap_or_else(|_| {
            let member = self.rooms.get(room).and_then(|room| room.members.get(&participant));
            match member.and_then(|member| member.peer) {
                Some(key) => self.close_after_panic(now, key),
                None => self.counters.peer_panics += 1,
            }
            Err(OfferError::Unsupported)
        });
        if answer.is_ok() {
            self.counters.negotiations += 1;
        }
        if let Some(room) = self.rooms.get_mut(room) {
            self.outbox.event(room.id, Event::Answer { participant, request, answer });
            room.subscribe(participant, &mut self.peers, now);
        }
    }

    fn answer(
        &mut self,
        now: Instant,
        room_key: RoomKey,
        participant: ParticipantId,
        offer: &Offer,
    ) -> Result<String, OfferError> {
        let sdp = SdpOffer::parse(&offer.sdp, &self.config)?;
        let room = self.rooms.get_mut(room_key).ok_or(OfferError::Full)?;
        let member = room.member(participant, &self.config).ok_or(OfferError::Full)?;
        if let Some(key) = member.peer
            && let Some(peer) = self.peers.get_mut(key)
            && peer.is_same_client(&sdp)
        {
            let before = peer.ufrag().to_owned();
            let answer = peer.negotiate(&self.config, now, &mut self.rng, &sdp, &offer.sections)?;
            if before != peer.ufrag() {
                self.demux.remove_ufrag(&before);
                self.demux.add_ufrag(peer.ufrag(), key);
            }
            return Ok(answer);
        }
        let old = member.peer;
        if self.peers.len() >= self.config.max_worker_peers {
            return Err(OfferError::Full);
        }
        let setup = Setup { engine: &self.engine, candidates: &self.candidates, config: &self.config };
        let mut peer = Peer::new(&setup, now, &mut self.rng, participant, room_key, &sdp)?;
        let answer = peer.negotiate(&self.config, now, &mut self.rng, &sdp, &offer.sections)?;
        room.peer_closed(participant, &mut self.peers, now);
        self.forget(old);
        let key = self.peers.insert_with_key(|key| {
            peer.key = key;
            peer
        });
        if let Some(member) = self.rooms.get_mut(room_key).and_then(|room| room.member(participant, &self.config)) {
            member.peer = Some(key);
        }
        if let Some(peer) = self.peers.get(key) {
            self.demux.add_ufrag(peer.ufrag(), key);
        }
        self.after_handshake(now, key);
        Ok(answer)
    }

    /// After the transport ran: takes the keys into use, and notes when the peer wants to run again.
    fn after_handshake(&mut self, now: Instant, key: PeerKey) {
        let Some(peer) = self.peers.get_mut(key) else { return };
        match peer.start_media(&self.config) {
            Ok(true) => {
                let (participant, room_key) = (peer.participant, peer.room);
                self.report_state(now, key);
                if let Some(room) = self.rooms.get_mut(room_key) {
                    room.subscribe(participant, &mut self.peers, now);
                    room.is_unsettled = true;
                    room.touch(now);
                    self.schedule_room(now, room_key);
                }
            }
            Ok(false) => {}
            Err(_) => return self.close_peer(now, key),
        }
        self.schedule_peer(now, key);
    }

    fn close_after_panic(&mut self, now: Instant, key: PeerKey) {
        self.counters.peer_panics += 1;
        tracing::error!("a peer was closed because its drive panicked");
        self.close_peer(now, key);
    }

    /// A peer is gone by itself: tells signalling.
    fn close_peer(&mut self, now: Instant, key: PeerKey) {
        let Some(peer) = self.peers.get(key) else { return };
        let (participant, room_key) = (peer.participant, peer.room);
        self.forget(Some(key));
        if let Some(room) = self.rooms.get_mut(room_key) {
            room.peer_closed(participant, &mut self.peers, now);
            room.is_unsettled = true;
            room.touch(now);
            self.outbox.event(room.id, Event::Peer { participant, state: PeerState::Closed });
            self.schedule_room(now, room_key);
        }
    }

    /// A bug has left a room in a state that nobody knows: it goes, with its peers, and signalling opens it anew.
    fn lose_room(&mut self, key: RoomKey) {
        self.counters.room_panics += 1;
        tracing::error!("a room was closed because its drive panicked");
        self.room_timers.remove(key);
        let Some(room) = self.rooms.remove(key) else { return };
        self.room_keys.remove(&room.id);
        let peers: Vec<PeerKey> = self.peers.iter().filter(|(_, peer)| peer.room == key).map(|(key, _)| key).collect();
        peers.into_iter().for_each(|peer| self.forget(Some(peer)));
        self.outbox.room_lost(room.id);
    }

    fn close_room(&mut self, now: Instant, id: RoomId) {
        let Some(key) = self.room_keys.remove(&id) else { return };
        self.room_timers.remove(key);
        let Some(mut room) = self.rooms.remove(key) else { return };
        let participants: Vec<ParticipantId> = room.members.keys().copied().collect();
        for participant in participants {
            let peer = room.leave(participant, &mut self.peers, now);
            self.forget(peer);
        }
    }

    /// Removes a peer from all tables.
    fn forget(&mut self, key: Option<PeerKey>) {
        let Some((key, peer)) = key.and_then(|key| Some((key, self.peers.remove(key)?))) else { return };
        self.demux.remove_ufrag(peer.ufrag());
        for address in peer.addresses {
            self.demux.remove_address(address, key);
        }
        self.peer_timers.remove(key);
    }

    /// The addresses that are announced.
    pub fn candidates(&self) -> &[Endpoint] {
        &self.candidates
    }
}

/// NTP time (32.32 bits since 1900) at `now`.
fn ntp(epoch: Epoch, now: Instant) -> u64 {
    let wall = epoch.wall + now.saturating_duration_since(epoch.instant);
    let since_1970 = wall.duration_since(UNIX_EPOCH).unwrap_or_default();
    let fraction = (u64::from(since_1970.subsec_nanos()) << 32) / 1_000_000_000;
    (since_1970.as_secs().wrapping_add(NTP_TO_UNIX) << 32) | fraction
}

/// Which of a machine's addresses an unspecified bind means, with `port`: all that are up, IPv4 first; loopback only
/// when there is nothing else, since it reaches nobody else.
pub fn announced(addresses: impl IntoIterator<Item = IpAddr>, port: u16) -> Vec<SocketAddr> {
    let usable = |address: &IpAddr| match address {
        IpAddr::V4(address) => !address.is_unspecified() && !address.is_link_local(),
        // Link-local IPv6 needs a zone, which candidates cannot carry.
        IpAddr::V6(address) => !address.is_unspecified() && !address.is_unicast_link_local(),
    };
    let mut all: Vec<IpAddr> = addresses.into_iter().filter(usable).collect();
    all.sort_by_key(|address| (address.is_ipv6(), *address));
    all.dedup();
    if all.iter().any(|address| !address.is_loopback()) {
        all.retain(|address| !address.is_loopback());
    }
    all.into_iter().map(|address| SocketAddr::new(address, port)).collect()
}

#[cfg(test)]
mod tests;
