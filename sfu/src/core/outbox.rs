//! What the core wants done, in the order in which it wants it: datagrams, gathered into trains, and events.
//!
//! A train is a run of datagrams of the same length to the same far end. The kernel takes a whole train in one call
//! (UDP generic segmentation offload) at about a third of the cost of as many calls.

use std::collections::VecDeque;
use std::net::IpAddr;

use super::endpoint::Endpoint;
use crate::control::Event;
use crate::id::RoomId;

/// Datagrams in one train. Linux takes 64, and 64 kB; half of that has most of the gain and bounds the burst.
const MAX_DATAGRAMS: usize = 32;

/// Bytes of buffers kept for later turns. A turn of many packets to many viewers may take far more, once.
const KEPT_BYTES: usize = 4 << 20;

/// Where a datagram goes, and from which of our addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Path {
    /// The far end.
    pub remote: Endpoint,
    /// Our address that the far end sends to; `None` lets the system choose.
    pub local: Option<IpAddr>,
}

/// One effect.
#[derive(Debug, PartialEq)]
pub enum Output<'a> {
    /// Send these datagrams.
    Datagrams {
        /// Where to.
        path: Path,
        /// The datagrams, one after the other.
        bytes: &'a [u8],
        /// The length of each; the last one may be shorter.
        segment: usize,
    },
    /// Tell signalling.
    Event {
        /// The room that it is about.
        room: RoomId,
        /// What happened.
        event: Event,
    },
    /// The room is gone because of a bug; end its events, so that signalling opens it anew.
    RoomLost {
        /// The room.
        room: RoomId,
    },
}

#[derive(Debug)]
struct Train {
    path: Path,
    segment: usize,
    count: usize,
    bytes: Vec<u8>,
    /// Bytes of whole datagrams. What follows was being written when a bug panicked, and may not be encrypted yet.
    end: usize,
}

impl Train {
    /// Whether another datagram of the same length may follow.
    fn is_open(&self) -> bool {
        self.count < MAX_DATAGRAMS && self.end == self.count * self.segment && self.bytes.len() == self.end
    }
}

/// A sender's place in the turn's trains: which one its last datagram joined.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TrainPlace {
    turn: u64,
    index: usize,
}

/// The effects of one turn, taken out by the shell.
#[derive(Debug)]
pub struct Outbox {
    trains: Vec<Train>,
    taken: usize,
    /// Counts from 1, so that a place of no turn is never valid.
    turn: u64,
    spare: Vec<Vec<u8>>,
    kept_bytes: usize,
    /// What to tell of a room; `None` when it is lost.
    events: VecDeque<(RoomId, Option<Event>)>,
}

impl Default for Outbox {
    fn default() -> Self {
        Self { trains: Vec::new(), taken: 0, turn: 1, spare: Vec::new(), kept_bytes: 0, events: VecDeque::new() }
    }
}

impl Outbox {
    /// Appends a datagram that `write` puts at the end of a buffer, which it is given with the place where the
    /// datagram starts. It joins the train at `place` if it can, else it begins a new one there. A datagram that ends
    /// up empty is not sent.
    pub fn datagram(&mut self, path: Path, place: &mut TrainPlace, write: impl FnOnce(&mut Vec<u8>, usize)) {
        let open = |train: &&Train| train.path == path && train.is_open();
        let joins = place.turn == self.turn && self.trains.get(place.index).filter(open).is_some();
        if !joins || place.index < self.taken {
            *place = self.begin(path);
        }
        let Some(train) = self.trains.get_mut(place.index) else { return };
        let start = train.bytes.len();
        write(&mut train.bytes, start);
        let length = train.bytes.len().saturating_sub(start);
        if length == 0 {
            return;
        }
        if train.count > 0 && length > train.segment {
            return self.move_to_new(path, place, start);
        }
        if train.count == 0 {
            train.segment = length;
        }
        train.count += 1;
        train.end = train.bytes.len();
    }

    fn begin(&mut self, path: Path) -> TrainPlace {
        let bytes = self.spare.pop().unwrap_or_default();
        self.kept_bytes -= bytes.capacity();
        self.trains.push(Train { path, segment: 0, count: 0, bytes, end: 0 });
        TrainPlace { turn: self.turn, index: self.trains.len() - 1 }
    }

    /// The datagram at `start` is longer than those before it: it begins a train of its own.
    fn move_to_new(&mut self, path: Path, place: &mut TrainPlace, start: usize) {
        let from = place.index;
        *place = self.begin(path);
        if let Ok([old, new]) = self.trains.get_disjoint_mut([from, place.index]) {
            new.bytes.extend_from_slice(&old.bytes[start..]);
            new.segment = new.bytes.len();
            new.count = 1;
            new.end = new.bytes.len();
            old.bytes.truncate(start);
        }
    }

    /// Appends an event.
    pub fn event(&mut self, room: RoomId, event: Event) {
        self.events.push_back((room, Some(event)));
    }

    /// Ends a room's events.
    pub fn room_lost(&mut self, room: RoomId) {
        self.events.push_back((room, None));
    }

    /// The next effect. When there is none left the buffers are free for the next turn.
    pub fn pop(&mut self) -> Option<Output<'_>> {
        while self.trains.get(self.taken).is_some_and(|train| train.count == 0) {
            self.taken += 1;
        }
        if self.taken < self.trains.len() {
            let train = &self.trains[self.taken];
            self.taken += 1;
            return Some(Output::Datagrams {
                path: train.path,
                bytes: &train.bytes[..train.end],
                segment: train.segment,
            });
        }
        self.end_turn();
        let (room, event) = self.events.pop_front()?;
        Some(match event {
            Some(event) => Output::Event { room, event },
            None => Output::RoomLost { room },
        })
    }

    fn end_turn(&mut self) {
        self.turn += 1;
        self.taken = 0;
        for mut train in self.trains.drain(..) {
            if self.kept_bytes + train.bytes.capacity() <= KEPT_BYTES {
                self.kept_bytes += train.bytes.capacity();
                train.bytes.clear();
                self.spare.push(train.bytes);
            }
        }
        self.trains.shrink_to(KEPT_BYTES / 1024);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn path(port: u16) -> Path {
        Path { remote: Endpoint::udp(([192, 0, 2, 1], port).into()), local: None }
    }

    /// The datagrams that come out, by port, in order.
    fn drain(outbox: &mut Outbox) -> Vec<(u16, Vec<Vec<u8>>)> {
        let mut trains = Vec::new();
        while let Some(output) = outbox.pop() {
            let Output::Datagrams { path, bytes, segment } = output else { panic!("no event was put in") };
            trains.push((path.remote.address.port(), bytes.chunks(segment).map(<[u8]>::to_vec).collect()));
        }
        trains
    }

    #[test]
    fn what_a_bug_left_half_written_is_not_sent() {
        let mut outbox = Outbox::default();
        let mut place = TrainPlace::default();
        outbox.datagram(path(1), &mut place, |out, _| out.extend([1; 5]));
        let broken = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            outbox.datagram(path(1), &mut place, |out, _| {
                out.extend([2; 5]);
                panic!("the bug that a test asked for");
            });
        }));
        assert!(broken.is_err());
        outbox.datagram(path(1), &mut place, |out, _| out.extend([3; 5]));
        assert_eq!(drain(&mut outbox), [(1, vec![vec![1; 5]]), (1, vec![vec![3; 5]])]);
    }

    #[test]
    fn equal_lengths_join_and_a_shorter_one_ends_the_train() {
        let mut outbox = Outbox::default();
        let mut place = TrainPlace::default();
        for length in [5, 5, 3, 3, 4, 0, 4] {
            outbox.datagram(path(1), &mut place, |out, _| out.resize(out.len() + length, length as u8));
        }
        let lengths = |trains: Vec<(u16, Vec<Vec<u8>>)>| -> Vec<Vec<usize>> {
            trains.into_iter().map(|(_, train)| train.iter().map(Vec::len).collect()).collect()
        };
        assert_eq!(lengths(drain(&mut outbox)), [vec![5, 5, 3], vec![3], vec![4, 4]]);
        outbox.datagram(path(1), &mut place, |out, _| out.push(1));
        assert_eq!(lengths(drain(&mut outbox)), [vec![1]], "a place of an earlier turn is not joined");
    }

    #[test]
    fn a_sender_that_moves_begins_anew() {
        let mut outbox = Outbox::default();
        let mut place = TrainPlace::default();
        outbox.datagram(path(1), &mut place, |out, _| out.push(1));
        outbox.datagram(path(2), &mut place, |out, _| out.push(2));
        assert_eq!(drain(&mut outbox), [(1, vec![vec![1]]), (2, vec![vec![2]])]);
    }

    #[test]
    fn a_large_turn_does_not_keep_its_memory() {
        let mut outbox = Outbox::default();
        for port in 0..20_000 {
            outbox.datagram(path(port), &mut TrainPlace::default(), |out, _| out.resize(1200, 0));
        }
        assert_eq!(drain(&mut outbox).len(), 20_000);
        assert!(outbox.spare.iter().map(Vec::capacity).sum::<usize>() <= KEPT_BYTES);
        assert!(outbox.trains.capacity() <= KEPT_BYTES / 1024);
    }

    proptest! {
        /// Whatever is put in comes out once, whole, to the right far end and in that far end's order.
        #[test]
        fn nothing_is_lost(steps in proptest::collection::vec((0..3u16, 0..6usize, 0..20u8), 0..300)) {
            let mut outbox = Outbox::default();
            let mut places = [TrainPlace::default(); 3];
            let mut sent: [Vec<Vec<u8>>; 3] = Default::default();
            let mut received: [Vec<Vec<u8>>; 3] = Default::default();
            for (number, (port, length, pop)) in steps.into_iter().enumerate() {
                let datagram = vec![number as u8; length];
                outbox.datagram(path(port), &mut places[usize::from(port)], |out, _| out.extend_from_slice(&datagram));
                if length > 0 {
                    sent[usize::from(port)].push(datagram);
                }
                if pop == 0 {
                    for (port, train) in drain(&mut outbox) {
                        prop_assert!(train.len() <= MAX_DATAGRAMS);
                        received[usize::from(port)].extend(train);
                    }
                }
            }
            for (port, train) in drain(&mut outbox) {
                received[usize::from(port)].extend(train);
            }
            prop_assert_eq!(received, sent);
        }
    }
}
