//! Which packets of a stream are missing, and when to ask for them (again).

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::core::rtp::{Seen, SeqNo, SeqWindow};

/// Wait before asking for the first time: packets may only have changed places.
const REORDERING: Duration = Duration::from_millis(10);
/// Least time between two requests for one packet. The answer takes a round trip.
const LEAST_INTERVAL: Duration = Duration::from_millis(60);
/// Requests for one packet.
const MAX_REQUESTS: u8 = 8;
/// Time after which a packet is of no use any more.
const MAX_AGE: Duration = Duration::from_secs(1);
/// Packets that are asked for at a time; the oldest are given up for the newest.
const MAX_MISSING: usize = 256;
/// A larger gap is a new start, not a loss.
const MAX_GAP: u64 = 1000;

/// What a packet is to a [`NackTracker`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Received {
    /// Higher than all before.
    New,
    /// One that was missing: sent again, or late.
    Recovered,
    /// Received before, or too old to tell.
    Duplicate,
}

#[derive(Debug)]
struct Missing {
    seq: SeqNo,
    since: Instant,
    /// When it was asked for last, and how often.
    asked: Option<Instant>,
    requests: u8,
}

/// The missing packets of one stream. Feed it packets that came again under the number that they had first.
#[derive(Debug, Default)]
pub struct NackTracker {
    window: SeqWindow,
    /// In ascending order.
    missing: VecDeque<Missing>,
}

impl NackTracker {
    /// Records a packet.
    pub fn received(&mut self, seq: SeqNo, now: Instant) -> Received {
        let highest = self.window.highest();
        match self.window.record(seq) {
            Seen::Ahead => {
                self.note_gap(highest, seq, now);
                Received::New
            }
            Seen::Missing => {
                if let Ok(place) = self.missing.binary_search_by_key(&seq, |missing| missing.seq) {
                    self.missing.remove(place);
                }
                Received::Recovered
            }
            Seen::Already | Seen::TooOld => Received::Duplicate,
        }
    }

    fn note_gap(&mut self, highest: Option<SeqNo>, seq: SeqNo, now: Instant) {
        let Some(highest) = highest else { return };
        let gap = seq.0 - highest.0 - 1;
        if gap > MAX_GAP {
            self.missing.clear();
            return;
        }
        let first = (highest.0 + 1).max(seq.0.saturating_sub(MAX_MISSING as u64));
        for seq in (first..seq.0).map(SeqNo) {
            if self.missing.len() == MAX_MISSING {
                self.missing.pop_front();
            }
            self.missing.push_back(Missing { seq, since: now, asked: None, requests: 0 });
        }
    }

    /// Whether there is anything to ask for, now or later.
    pub fn is_waiting(&self) -> bool {
        !self.missing.is_empty()
    }

    /// Appends to `out` the packets to ask for now, in ascending order: 10 ms after they were found missing, then
    /// every `rtt` but not sooner than after 60 ms, at most 8 times and for 1 s.
    pub fn due(&mut self, now: Instant, rtt: Duration, out: &mut Vec<u16>) {
        let interval = rtt.max(LEAST_INTERVAL);
        self.missing.retain_mut(|missing| {
            let age = now.saturating_duration_since(missing.since);
            if age >= MAX_AGE {
                return false;
            }
            let is_due = match missing.asked {
                None => age >= REORDERING,
                Some(asked) => now.saturating_duration_since(asked) >= interval,
            };
            if is_due {
                out.push(missing.seq.low());
                missing.asked = Some(now);
                missing.requests += 1;
            }
            missing.requests < MAX_REQUESTS
        });
    }
}
