//! What the core wants done, in the order in which it wants it: datagrams in one reused buffer, and events.

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};

use crate::control::Event;
use crate::id::RoomId;

/// Bytes that the buffer keeps from turn to turn. A turn of many packets to many viewers may take far more, once.
const KEPT_BYTES: usize = 4 << 20;

/// Where a datagram goes, and from which of our addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Path {
    /// The far end.
    pub remote: SocketAddr,
    /// Our address that the far end sends to; `None` lets the system choose.
    pub local: Option<IpAddr>,
}

/// One effect.
#[derive(Debug, PartialEq)]
pub enum Output<'a> {
    /// Send this datagram.
    Datagram {
        /// Where to.
        path: Path,
        /// The bytes.
        bytes: &'a [u8],
    },
    /// Tell signalling.
    Event {
        /// The room that it is about.
        room: RoomId,
        /// What happened.
        event: Event,
    },
}

#[derive(Debug)]
struct Datagram {
    path: Path,
    start: usize,
    end: usize,
}

/// The effects of one turn, taken out by the shell.
#[derive(Debug, Default)]
pub struct Outbox {
    buffer: Vec<u8>,
    datagrams: VecDeque<Datagram>,
    events: VecDeque<(RoomId, Event)>,
}

impl Outbox {
    /// Appends a datagram that `write` puts at the end of the buffer, which it is given with the place where the
    /// datagram starts. A datagram that ends up empty is not sent. Returns its length.
    pub fn datagram(&mut self, path: Path, write: impl FnOnce(&mut Vec<u8>, usize)) -> usize {
        let start = self.buffer.len();
        write(&mut self.buffer, start);
        let end = self.buffer.len();
        if end > start {
            self.datagrams.push_back(Datagram { path, start, end });
        }
        end.saturating_sub(start)
    }

    /// Appends an event.
    pub fn event(&mut self, room: RoomId, event: Event) {
        self.events.push_back((room, event));
    }

    /// The next effect. When there is none left the buffer is free for the next turn.
    pub fn pop(&mut self) -> Option<Output<'_>> {
        if let Some(Datagram { path, start, end }) = self.datagrams.pop_front() {
            return Some(Output::Datagram { path, bytes: &self.buffer[start..end] });
        }
        self.buffer.clear();
        if self.buffer.capacity() > 2 * KEPT_BYTES {
            self.buffer.shrink_to(KEPT_BYTES);
            self.datagrams.shrink_to(KEPT_BYTES / 1024);
        }
        self.events.pop_front().map(|(room, event)| Output::Event { room, event })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_turn_does_not_keep_its_memory() {
        let path = Path { remote: SocketAddr::from(([192, 0, 2, 1], 5000)), local: None };
        let mut outbox = Outbox::default();
        for _ in 0..20_000 {
            outbox.datagram(path, |out, start| out.resize(start + 1200, 0));
        }
        let mut popped = 0;
        while let Some(Output::Datagram { bytes, .. }) = outbox.pop() {
            assert_eq!(bytes.len(), 1200);
            popped += 1;
        }
        assert_eq!(popped, 20_000);
        assert!(outbox.buffer.capacity() <= 2 * KEPT_BYTES, "{}", outbox.buffer.capacity());
        assert!(outbox.datagrams.capacity() <= 8192, "{}", outbox.datagrams.capacity());
    }
}
