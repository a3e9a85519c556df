//! Arrival times of a whole transport's packets, told to their sender for its congestion control
//! (draft-holmer-rmcat-transport-wide-cc-extensions-01,
//! <https://datatracker.ietf.org/doc/html/draft-holmer-rmcat-transport-wide-cc-extensions-01>).

use std::time::Instant;

use crate::core::rtp::Ssrc;
use crate::core::rtp::rtcp::write;

/// Packets that one feedback tells of, received or not. Its size stays far below a datagram's: 500 statuses and
/// deltas are at most 1.2 kB.
const MAX_STATUSES: usize = 500;
/// Arrivals kept until feedback is taken, and so a limit for memory: 4 s at 20 Mbit/s.
const MAX_PENDING: usize = 8192;
/// How far behind the last feedback a late packet may be; one that is farther behind is a new start.
const MAX_LATE: i64 = 1000;
/// Ticks of 250 µs in the 64 ms that the reference time counts.
const TICKS_PER_REFERENCE: i64 = 256;

/// Records arrivals and turns them into feedback.
#[derive(Debug, Default)]
pub struct TransportCcRecorder {
    /// The first arrival: the zero of our clock.
    epoch: Option<Instant>,
    /// The latest number, extended to 64 bits; it may be negative when early packets changed places.
    latest: Option<i64>,
    /// Arrivals that no feedback has told of: extended number, and ticks of 250 µs since the epoch.
    pending: Vec<(i64, i64)>,
    /// The number after the last one that feedback has told of.
    next: Option<i64>,
    /// Number of the next feedback.
    feedback_count: u8,
    /// Deltas of the feedback being written; kept for its memory.
    deltas: Vec<Option<i16>>,
}

impl TransportCcRecorder {
    /// Records that the packet with the transport-wide number `seq` arrived.
    pub fn record(&mut self, seq: u16, now: Instant) {
        let epoch = *self.epoch.get_or_insert(now);
        let latest = self.latest.unwrap_or(seq.into());
        let extended = latest + i64::from(seq.wrapping_sub(latest as u16) as i16);
        self.latest = Some(extended);
        if self.pending.len() < MAX_PENDING {
            let micros = now.saturating_duration_since(epoch).as_micros();
            self.pending.push((extended, i64::try_from(micros / 250).unwrap_or(i64::MAX)));
        }
    }

    /// Whether there is anything to tell.
    pub fn is_waiting(&self) -> bool {
        !self.pending.is_empty()
    }

    /// Appends one feedback packet to `out`, if there is anything to tell. Call it until it returns false: a feedback
    /// tells of at most 500 packets, and late packets get one of their own.
    ///
    /// `sender` is our SSRC, `media` any stream of the transport.
    pub fn take_feedback(&mut self, sender: Ssrc, media: Ssrc, out: &mut Vec<u8>) -> bool {
        self.pending.sort_unstable();
        // Of two packets with the same number the first one counts.
        self.pending.dedup_by_key(|(seq, _)| *seq);
        let Some(&(first, first_ticks)) = self.pending.first() else { return false };
        let base = self.base(first);
        let reference = first_ticks.div_euclid(TICKS_PER_REFERENCE);
        let taken = self.collect(base, reference * TICKS_PER_REFERENCE);
        self.pending.drain(..taken);
        write::transport_cc(
            out,
            sender,
            media,
            base as u16,
            reference as u32 & 0xff_ffff,
            self.feedback_count,
            &self.deltas,
        );
        self.feedback_count = self.feedback_count.wrapping_add(1);
        let end = base + self.deltas.len() as i64;
        self.next = Some(self.next.map_or(end, |next| next.max(end)));
        true
    }

    /// Where the feedback that tells of `first` starts: after the last one, so that it tells of losses in between;
    /// unless the numbers jumped either way.
    fn base(&mut self, first: i64) -> i64 {
        match self.next {
            Some(next) if first < next - MAX_LATE => {
                self.next = None;
                first
            }
            Some(next) if next <= first && first - next < MAX_STATUSES as i64 => next,
            _ => first,
        }
    }

    /// Fills `deltas` from `base` on and returns how many arrivals they tell of: at least one.
    fn collect(&mut self, base: i64, mut ticks: i64) -> usize {
        self.deltas.clear();
        let mut taken = 0;
        for &(seq, arrival) in &self.pending {
            let place = (seq - base) as usize;
            let Ok(delta) = i16::try_from(arrival - ticks) else { break };
            // A late packet is told of alone with its neighbours: a gap would say that packets which an earlier
            // feedback told of are lost.
            let told_before = self.next.is_some_and(|next| base + (self.deltas.len() as i64) < next);
            if place >= MAX_STATUSES || told_before && place > self.deltas.len() {
                break;
            }
            self.deltas.resize(place, None);
            self.deltas.push(Some(delta));
            ticks = arrival;
            taken += 1;
        }
        taken
    }
}
