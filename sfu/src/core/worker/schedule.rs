//! What a worker does as time passes: whoever is due runs, nobody else is touched.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use super::{Worker, ntp, turn};
use crate::control::{Event, PeerState};
use crate::core::peer::Turn;
use crate::id::{PeerKey, RoomKey};

/// Least time between two runs of one peer or room. One that is always due, by a bug, must not keep the worker.
const LEAST_INTERVAL: Duration = Duration::from_millis(1);

/// When to look at the clock while nobody waits for anything.
const IDLE: Duration = Duration::from_secs(1);

impl Worker {
    /// When [`Self::handle_timeout`] is next due, at the latest; a second after `now` while nobody waits for anything.
    pub fn next_timeout(&self, now: Instant) -> Instant {
        let due = self.peer_timers.first().into_iter().chain(self.room_timers.first()).min();
        due.unwrap_or(now + IDLE)
    }

    /// Lets time pass: peers and rooms that are due.
    pub fn handle_timeout(&mut self, now: Instant) {
        while let Some(key) = self.peer_timers.pop(now) {
            self.run_peer(now, key);
        }
        while let Some(key) = self.room_timers.pop(now) {
            self.run_room(now, key);
        }
        self.wake_peers();
    }

    fn run_peer(&mut self, now: Instant, key: PeerKey) {
        let mut turn = turn!(self, now);
        let Some(peer) = self.peers.get_mut(key) else { return };
        let run = catch_unwind(AssertUnwindSafe(|| {
            if peer.deadline() <= now {
                peer.handle_timeout(&mut turn)?;
            }
            peer.tick(&mut turn);
            if peer.pacing_is_due(now)
                && let Some(room) = self.rooms.get_mut(peer.room)
            {
                room.pace(&mut turn, peer);
            }
            Ok::<_, crate::core::transport::TransportClosed>(())
        }));
        match run {
            Ok(Ok(())) => self.after_handshake(now, key),
            Ok(Err(_)) => self.close_peer(now, key),
            Err(_) => self.close_after_panic(now, key),
        }
        self.report_state(now, key);
        self.schedule_peer(now + LEAST_INTERVAL, key);
    }

    fn run_room(&mut self, now: Instant, key: RoomKey) {
        let run = catch_unwind(AssertUnwindSafe(|| {
            let mut turn = turn!(self, now);
            let Some(room) = self.rooms.get_mut(key) else { return };
            room.trip();
            room.tick(&mut turn, &mut self.peers, &self.config);
            self.report_slots(key);
        }));
        match run {
            Ok(()) => self.schedule_room(now + LEAST_INTERVAL, key),
            Err(_) => self.lose_room(key),
        }
    }

    /// Sets a peer's timer: not before `earliest`.
    pub(super) fn schedule_peer(&mut self, earliest: Instant, key: PeerKey) {
        let Some(peer) = self.peers.get_mut(key) else { return };
        peer.alarm = peer.next_tick(&self.config, earliest).max(earliest);
        self.peer_timers.set(key, peer.alarm);
    }

    /// Sets a room's timer: not before `earliest`.
    pub(super) fn schedule_room(&mut self, earliest: Instant, key: RoomKey) {
        let next = self.rooms.get(key).and_then(|room| room.next_tick(&self.config, earliest));
        match next {
            Some(next) => self.room_timers.set(key, next.max(earliest)),
            None => self.room_timers.remove(key),
        }
    }

    /// Brings forward the timers of peers that something became due for.
    pub(super) fn wake_peers(&mut self) {
        for key in self.wakes.drain(..) {
            if let Some(peer) = self.peers.get(key) {
                self.peer_timers.set_sooner(key, peer.alarm);
            }
        }
    }

    /// Tells signalling if a peer came, fell silent or went.
    pub(super) fn report_state(&mut self, now: Instant, key: PeerKey) {
        let Some(peer) = self.peers.get_mut(key) else { return };
        let Some(state) = peer.state(&self.config, now) else { return };
        if state == PeerState::Closed {
            self.close_peer(now, key);
        } else if peer.reported != Some(state)
            && let Some(room) = self.rooms.get(peer.room)
        {
            peer.reported = Some(state);
            self.outbox.event(room.id, Event::Peer { participant: peer.participant, state });
        }
    }

    /// Tells signalling what the slots of a room's members carry, where that changed.
    fn report_slots(&mut self, key: RoomKey) {
        let Some(room) = self.rooms.get(key) else { return };
        for peer in room.members.values().filter_map(|member| member.peer) {
            let Some(peer) = self.peers.get_mut(peer).filter(|peer| peer.slots_changed) else { continue };
            peer.slots_changed = false;
            self.outbox.event(room.id, room.slots_event(peer));
        }
    }

    /// After a command: keyframes that it made necessary, slots that it changed, and what time will change of it.
    pub(super) fn settle(&mut self, now: Instant, key: RoomKey) {
        let mut turn = turn!(self, now);
        if let Some(room) = self.rooms.get_mut(key) {
            room.touch(now);
            room.request_keyframes(&mut turn, &mut self.peers, &self.config);
            room.report_wishes(&mut turn);
        }
        self.report_slots(key);
        self.schedule_room(now, key);
        self.wake_peers();
    }
}
