//! When may a packet leave? Usual pictures at once, large ones spread over some time, so that they do not overrun the
//! queue on the way. What waits is an index into its publication's history, never a copy.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::core::bitrate::Bitrate;

/// What may leave at once, as time at the pacing rate. More would let whole keyframes out in one burst; less would make
/// usual pictures wait.
const BURST: Duration = Duration::from_millis(40);

/// The longest that a packet of a picture waits. Whatever waits longer would come too late, and means that more is
/// forwarded than passes.
const MAX_WAIT: Duration = Duration::from_millis(500);

/// Packets of pictures that wait at a time (20 kB of index). More than half a second of anything that a viewer is
/// sent.
const MAX_QUEUE: usize = 500;

/// Retransmissions that wait at a time. A viewer who misses more needs a keyframe, and asks for it.
const MAX_REPAIRS: usize = 100;

/// Share of the estimate that retransmissions may take, and what they may take at once, as time at that rate. A path
/// that loses a fifth needs 0.31 for full repair.
const REPAIR_SHARE: f64 = 0.35;
const REPAIR_BURST: Duration = Duration::from_millis(500);

/// A packet that waits: the line remembers where it is found, as for a retransmission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Queued {
    /// The line.
    pub line: usize,
    /// Its number there.
    pub seq: u16,
}

/// What is charged beyond the burst, by sound, which never waits, is forgotten beyond this: else many voices on a
/// narrow path would silence pictures long after it has become wide.
const MAX_DEBT: Duration = Duration::from_millis(100);

/// A budget that fills with time.
#[derive(Debug, Clone, Copy)]
struct Bucket {
    /// When all that was taken is worked off.
    paid_until: Option<Instant>,
    nanos_per_byte: u64,
    burst: Duration,
}

impl Bucket {
    const fn new(burst: Duration) -> Self {
        Self { paid_until: None, nanos_per_byte: 0, burst }
    }

    fn set_rate(&mut self, rate: Bitrate) {
        self.nanos_per_byte = 8_000_000_000_u64.checked_div(rate.as_bps()).unwrap_or(0);
    }

    fn has_room(&self, now: Instant) -> bool {
        self.paid_until.is_none_or(|paid_until| paid_until <= now + self.burst)
    }

    fn charge(&mut self, now: Instant, bytes: usize) {
        let cost = Duration::from_nanos(self.nanos_per_byte * bytes as u64);
        let paid_until = self.paid_until.map_or(now, |paid_until| paid_until.max(now)) + cost;
        self.paid_until = Some(paid_until.min(now + self.burst + MAX_DEBT));
    }
}

/// See the module's text.
#[derive(Debug)]
pub(super) struct Pacer {
    /// Whether there is a limit at all.
    limited: bool,
    bucket: Bucket,
    repairs: Bucket,
    waiting_repairs: VecDeque<Queued>,
    waiting: VecDeque<(Instant, Queued)>,
}

impl Default for Pacer {
    fn default() -> Self {
        Self {
            limited: false,
            bucket: Bucket::new(BURST),
            repairs: Bucket::new(REPAIR_BURST),
            waiting_repairs: VecDeque::new(),
            waiting: VecDeque::new(),
        }
    }
}

impl Pacer {
    /// The rates from now on; `None` lets everything leave at once.
    pub(super) fn set_rates(&mut self, estimate: Option<Bitrate>, pacing: Option<Bitrate>) {
        self.limited = pacing.is_some();
        self.bucket.set_rate(pacing.unwrap_or(Bitrate::ZERO));
        self.repairs.set_rate(estimate.map_or(Bitrate::ZERO, |estimate| estimate.scaled(REPAIR_SHARE)));
    }

    /// Whether a packet of a picture must wait: for its turn, and behind those that wait already.
    pub(super) fn must_wait(&self, now: Instant) -> bool {
        !self.waiting.is_empty() || (self.limited && !self.bucket.has_room(now))
    }

    /// So many bytes have left.
    pub(super) fn charge(&mut self, now: Instant, bytes: usize) {
        if self.limited {
            self.bucket.charge(now, bytes);
        }
    }

    /// Whether a retransmission may be sent at all, as far as its share goes.
    pub(super) fn may_repair(&self, now: Instant) -> bool {
        !self.limited || self.repairs.has_room(now)
    }

    /// A retransmission has left.
    pub(super) fn charge_repair(&mut self, now: Instant, bytes: usize) {
        if self.limited {
            self.repairs.charge(now, bytes);
        }
    }

    /// Whether a retransmission must wait for its turn.
    pub(super) fn repair_must_wait(&self, now: Instant) -> bool {
        self.limited && !self.bucket.has_room(now)
    }

    /// Lets a retransmission wait, unless too many do.
    pub(super) fn queue_repair(&mut self, queued: Queued) {
        if self.waiting_repairs.len() < MAX_REPAIRS && !self.waiting_repairs.contains(&queued) {
            self.waiting_repairs.push_back(queued);
        }
    }

    /// The next retransmission whose turn it is.
    pub(super) fn next_repair(&mut self, now: Instant) -> Option<Queued> {
        if self.repair_must_wait(now) { None } else { self.waiting_repairs.pop_front() }
    }

    /// Lets a packet wait.
    pub(super) fn queue(&mut self, now: Instant, queued: Queued) {
        self.waiting.push_back((now, queued));
    }

    /// The next packet whose turn it is. Retransmissions go first.
    pub(super) fn next(&mut self, now: Instant) -> Option<Queued> {
        if self.limited && !(self.waiting_repairs.is_empty() && self.bucket.has_room(now)) {
            return None;
        }
        self.waiting.pop_front().map(|(_, queued)| queued)
    }

    /// If too much waits, or for too long: drops all of the line whose packet is the oldest, since a picture that
    /// misses its beginning cannot be decoded. Returns the line, which needs a keyframe, and how many packets it lost.
    pub(super) fn overflow(&mut self, now: Instant) -> Option<(usize, u64)> {
        let &(since, Queued { line, .. }) = self.waiting.front()?;
        if self.waiting.len() <= MAX_QUEUE && now.saturating_duration_since(since) <= MAX_WAIT {
            return None;
        }
        let before = self.waiting.len();
        self.waiting.retain(|(_, queued)| queued.line != line);
        Some((line, (before - self.waiting.len()) as u64))
    }

    /// Whether anything waits.
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.waiting_repairs.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queued(line: usize, seq: u16) -> Queued {
        Queued { line, seq }
    }

    fn limited() -> Pacer {
        let mut pacer = Pacer::default();
        pacer.set_rates(Some(Bitrate::kbps(400)), Some(Bitrate::kbps(1000)));
        pacer
    }

    #[test]
    fn what_fits_a_burst_leaves_at_once_and_the_rest_at_the_rate() {
        let start = Instant::now();
        let mut pacer = limited();
        let mut sent = Vec::new();
        for seq in 0..30 {
            if pacer.must_wait(start) {
                pacer.queue(start, queued(0, seq));
            } else {
                pacer.charge(start, 1000);
                sent.push((0, seq));
            }
        }
        assert_eq!(sent.len(), 6, "40 ms at 1 Mbit/s, and the one that goes beyond");
        for millis in 1..400 {
            let now = start + Duration::from_millis(millis);
            while let Some(next) = pacer.next(now) {
                pacer.charge(now, 1000);
                sent.push((millis, next.seq));
            }
            assert!(sent.len() as u64 * 8 <= millis + 40 + 8 + 8, "{millis} ms: {}", sent.len());
        }
        assert!(sent.iter().map(|(_, seq)| *seq).eq(0..30), "in order: {sent:?}");
        assert!(sent[29].0 <= 200, "{sent:?}");
        assert!(pacer.is_empty());
    }

    #[test]
    fn nothing_waits_without_a_limit() {
        let start = Instant::now();
        let mut pacer = Pacer::default();
        for _ in 0..1000 {
            assert!(!pacer.must_wait(start) && pacer.may_repair(start) && !pacer.repair_must_wait(start));
            pacer.charge(start, 1500);
            pacer.charge_repair(start, 1500);
        }
    }

    #[test]
    fn voices_run_up_no_debt_that_outlasts_them() {
        let start = Instant::now();
        let mut pacer = limited();
        (0..1000).for_each(|_| pacer.charge(start, 1000));
        assert!(pacer.must_wait(start));
        assert!(!pacer.must_wait(start + MAX_DEBT + Duration::from_millis(1)));
    }

    #[test]
    fn retransmissions_go_first_and_keep_to_their_share() {
        let start = Instant::now();
        let mut pacer = limited();
        pacer.charge(start, 100_000);
        pacer.queue(start, queued(0, 1));
        pacer.queue_repair(queued(0, 7));
        pacer.queue_repair(queued(0, 7));
        assert_eq!((pacer.next_repair(start), pacer.next(start)), (None, None));
        let later = start + Duration::from_secs(1);
        assert_eq!(pacer.next(later), None, "behind the retransmission");
        assert_eq!(pacer.next_repair(later), Some(queued(0, 7)));
        assert_eq!(pacer.next_repair(later), None, "asked for twice, sent once");
        assert_eq!(pacer.next(later), Some(queued(0, 1)));
        let mut taken = 0;
        for millis in 0..10_000 {
            let now = later + Duration::from_millis(millis);
            while pacer.may_repair(now) {
                pacer.charge_repair(now, 1000);
                taken += 1000;
            }
        }
        assert!((175_000..=186_000).contains(&taken), "140 kbit/s for 10 s, and the burst: {taken}");
    }

    #[test]
    fn what_waits_too_long_or_is_too_much_goes_with_its_line() {
        let start = Instant::now();
        let mut pacer = limited();
        pacer.queue(start, queued(0, 1));
        pacer.queue(start, queued(1, 1));
        pacer.queue(start, queued(0, 2));
        assert_eq!(pacer.overflow(start + MAX_WAIT), None);
        assert_eq!(pacer.overflow(start + MAX_WAIT * 2), Some((0, 2)));
        let mut pacer = limited();
        (0..500).for_each(|seq| pacer.queue(start, queued(0, seq)));
        assert_eq!(pacer.overflow(start), None);
        pacer.queue(start, queued(1, 500));
        assert_eq!(pacer.overflow(start), Some((0, 500)));
        assert!(!pacer.is_empty());
    }
}
