//! What was sent under which transport-wide number, until feedback tells what became of it
//! (draft-holmer-rmcat-transport-wide-cc-extensions-01,
//! <https://datatracker.ietf.org/doc/html/draft-holmer-rmcat-transport-wide-cc-extensions-01>).

use std::time::{Duration, Instant};

use crate::core::estimate::{PacketResult, ProbeId};
use crate::core::rtp::rtcp::TransportCcFeedback;

/// Packets remembered at first: 4 kB for a viewer who gets anything at all.
const FIRST_CAPACITY: usize = 512;

/// Most packets remembered (64 kB): 2.6 s at 30 Mbit/s. What feedback tells of older ones is not believed.
const MAX_CAPACITY: usize = 8192;

/// The memory grows if it would forget a packet younger than this: feedback takes a round trip and its own interval.
const KEPT: Duration = Duration::from_secs(1);

/// Nothing sent for so long is a pause, and what was lost before it is no reason to wait after it. Feedback of what is
/// sent afterwards takes at most 250 ms and a round trip: lower would never see a path that is black while pictures are
/// few (two a second), higher takes one lost packet for an outage more often.
const PAUSE: Duration = Duration::from_millis(500);

/// The unit of the times kept: fine enough for what is measured in 250 µs, and 32 bits of it are half a day.
const UNIT: Duration = Duration::from_micros(10);

#[derive(Debug, Clone, Copy, Default)]
struct Entry {
    /// Low 32 bits of the time of sending since the first packet, in [`UNIT`]s.
    sent: u32,
    bytes: u16,
    probe: ProbeId,
    /// Whether feedback has told of it (or nothing was sent under the number).
    told: bool,
}

/// What was sent since feedback told something new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Awaited {
    /// When the oldest packet was sent that no feedback has told of, nor of any after it, with no pause since.
    pub oldest: Instant,
    /// When the newest packet was sent.
    pub newest: Instant,
}

impl Awaited {
    /// For how long packets have been sent of which nothing is heard; `None` during a pause, when there is nothing to
    /// be heard of.
    pub fn waited(&self, now: Instant) -> Option<Duration> {
        let pauses = now.saturating_duration_since(self.newest) >= PAUSE;
        (!pauses).then(|| now.saturating_duration_since(self.oldest))
    }
}

/// The newest packets of one transport. It takes no memory before the first.
#[derive(Debug, Default)]
pub struct SentPackets {
    epoch: Option<Instant>,
    /// A ring by number; its length is a power of two.
    entries: Vec<Entry>,
    /// The next number: of all 64 bits the low 16 are sent.
    next: u64,
    /// The number after the highest that feedback has told of.
    told_until: u64,
    /// What feedback could tell of and did not yet.
    awaited: Option<Awaited>,
    /// Arrival that feedback told last, with all its bits.
    last_arrival: Option<i64>,
}

impl SentPackets {
    /// The number to send next.
    pub fn next_number(&self) -> u16 {
        self.next as u16
    }

    /// The packet with [`Self::next_number`] was sent.
    pub fn record(&mut self, now: Instant, bytes: usize, probe: ProbeId) {
        let sent = self.units(now) as u32;
        self.make_room(sent);
        let place = self.place(self.next);
        if let Some(entry) = self.entries.get_mut(place) {
            *entry = Entry { sent, bytes: u16::try_from(bytes).unwrap_or(u16::MAX), probe, told: false };
        }
        self.next += 1;
        let awaited = self.awaited.filter(|awaited| awaited.waited(now).is_some());
        self.awaited = Some(Awaited { oldest: awaited.map_or(now, |awaited| awaited.oldest), newest: now });
    }

    /// What feedback could tell of and did not yet; `None` if it has told of the newest.
    pub fn awaited(&self) -> Option<Awaited> {
        self.awaited
    }

    /// Appends what a feedback tells that was not known. Packets that were never sent, or are forgotten, or told of
    /// before, are passed over.
    pub fn resolve(&mut self, now: Instant, feedback: &TransportCcFeedback, results: &mut Vec<PacketResult>) {
        let behind = u64::from((self.next as u16).wrapping_sub(feedback.base_seq));
        let Some(base) = self.next.checked_sub(behind) else { return };
        let first = base.max(self.first_kept());
        let end = (base + u64::from(feedback.status_count)).min(self.next);
        let mut number = first;
        for &(seq, ticks) in &feedback.received {
            let arrived = base + u64::from(seq.wrapping_sub(feedback.base_seq));
            let ticks = self.extend(ticks);
            if arrived < number {
                continue;
            }
            if arrived >= end {
                break;
            }
            (number..arrived).for_each(|lost| self.tell(now, lost, None, results));
            self.tell(now, arrived, Some(ticks), results);
            number = arrived + 1;
        }
        (number..end).for_each(|lost| self.tell(now, lost, None, results));
        if end > self.told_until {
            self.told_until = end;
            let next = self.entries.get(self.place(end)).filter(|_| end < self.next).map(|entry| entry.sent);
            let oldest = next.and_then(|sent| self.sent_at(now, sent));
            let newest = self.awaited.map(|awaited| awaited.newest);
            self.awaited = oldest.zip(newest).map(|(oldest, newest)| Awaited { oldest, newest });
        }
    }

    /// What was sent until now is of no interest any more, whatever feedback tells of it.
    pub fn forget(&mut self) {
        self.entries.iter_mut().for_each(|entry| entry.told = true);
        self.told_until = self.next;
        self.awaited = None;
    }

    fn tell(&mut self, now: Instant, number: u64, arrived: Option<i64>, results: &mut Vec<PacketResult>) {
        let place = self.place(number);
        let Some(entry) = self.entries.get_mut(place).filter(|entry| !entry.told) else { return };
        entry.told = true;
        let (sent, bytes, probe) = (entry.sent, entry.bytes, entry.probe);
        if let Some(sent) = self.sent_at(now, sent) {
            results.push(PacketResult { sent, bytes, arrived, probe });
        }
    }

    /// An arrival with all its bits, of which feedback has the low 32.
    fn extend(&mut self, ticks: i64) -> i64 {
        let last = self.last_arrival.unwrap_or(ticks);
        let extended = last + i64::from((ticks as u32).wrapping_sub(last as u32) as i32);
        self.last_arrival = Some(extended);
        extended
    }

    fn first_kept(&self) -> u64 {
        self.next.saturating_sub(self.entries.len() as u64)
    }

    fn place(&self, number: u64) -> usize {
        number as usize & self.entries.len().wrapping_sub(1)
    }

    fn units(&mut self, now: Instant) -> u64 {
        let epoch = *self.epoch.get_or_insert(now);
        (now.saturating_duration_since(epoch).as_micros() / UNIT.as_micros()) as u64
    }

    fn sent_at(&self, now: Instant, sent: u32) -> Option<Instant> {
        let epoch = self.epoch?;
        let units = (now.saturating_duration_since(epoch).as_micros() / UNIT.as_micros()) as u64;
        let age = (units as u32).wrapping_sub(sent);
        epoch.checked_add(Duration::from_micros(units.checked_sub(age.into())? * UNIT.as_micros() as u64))
    }

    /// Grows if the next packet would take the place of one that feedback may still tell of.
    fn make_room(&mut self, now: u32) {
        let capacity = self.entries.len();
        let needed = match self.entries.get(self.place(self.next)) {
            None => true,
            Some(oldest) => {
                let age = UNIT * now.wrapping_sub(oldest.sent);
                !oldest.told && self.next >= capacity as u64 && age < KEPT
            }
        };
        if !needed || capacity >= MAX_CAPACITY {
            return;
        }
        let mut entries = vec![Entry { told: true, ..Entry::default() }; (2 * capacity).max(FIRST_CAPACITY)];
        let mask = entries.len() - 1;
        for number in self.first_kept()..self.next {
            if let (Some(new), Some(old)) =
                (entries.get_mut(number as usize & mask), self.entries.get(self.place(number)))
            {
                *new = *old;
            }
        }
        self.entries = entries;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::core::rtp::Ssrc;

    fn feedback(base_seq: u16, arrived: &[Option<i64>]) -> TransportCcFeedback {
        let received = (0..).zip(arrived).filter_map(|(place, ticks)| Some((base_seq.wrapping_add(place), (*ticks)?)));
        let status_count = arrived.len() as u16;
        let (sender, media) = (Ssrc(1), Ssrc(2));
        TransportCcFeedback { sender, media, base_seq, status_count, feedback_count: 0, received: received.collect() }
    }

    #[test]
    fn each_packet_is_told_of_once() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let mut sent = SentPackets::default();
        assert_eq!(sent.awaited(), None);
        for packet in 0..6 {
            assert_eq!(u64::from(sent.next_number()), packet);
            sent.record(at(10 * packet), 1000 + packet as usize, u8::from(packet == 2));
        }
        let mut results = Vec::new();
        sent.resolve(at(100), &feedback(1, &[Some(7), None, Some(9)]), &mut results);
        let result = |packet: u64, arrived, probe| {
            let (sent, bytes) = (at(10 * packet), 1000 + packet as u16);
            PacketResult { sent, bytes, arrived, probe }
        };
        assert_eq!(results, [result(1, Some(7), 0), result(2, None, 1), result(3, Some(9), 0)]);
        assert_eq!(sent.awaited(), Some(Awaited { oldest: at(40), newest: at(50) }));
        results.clear();
        sent.resolve(at(100), &feedback(0, &[None, Some(1), Some(1), Some(1), Some(1)]), &mut results);
        assert_eq!(results, [result(0, None, 0), result(4, Some(1), 0)]);
        results.clear();
        sent.resolve(at(100), &feedback(6, &[Some(1); 100]), &mut results);
        sent.resolve(at(100), &feedback(60_000, &[Some(1); 100]), &mut results);
        assert_eq!(results, [], "never sent");
        sent.resolve(at(100), &feedback(5, &[Some(2); 10]), &mut results);
        assert_eq!(results, [result(5, Some(2), 0)]);
        assert_eq!(sent.awaited(), None);
    }

    #[test]
    fn what_is_forgotten_is_not_told_of() {
        let start = Instant::now();
        let mut sent = SentPackets::default();
        sent.record(start, 100, 0);
        sent.forget();
        assert_eq!(sent.awaited(), None);
        sent.record(start, 200, 0);
        let mut results = Vec::new();
        sent.resolve(start, &feedback(0, &[Some(7), Some(8)]), &mut results);
        assert_eq!(results.iter().map(|result| result.bytes).collect::<Vec<_>>(), [200]);
    }

    #[test]
    fn a_packet_lost_before_a_pause_is_not_waited_for() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let waited = |sent: &SentPackets, now| sent.awaited().and_then(|awaited| awaited.waited(at(now)));
        let mut sent = SentPackets::default();
        sent.record(at(0), 100, 0);
        assert_eq!(waited(&sent, 400), Some(Duration::from_millis(400)));
        assert_eq!(waited(&sent, 500), None, "nothing is under way");
        sent.record(at(900), 100, 0);
        sent.record(at(1300), 100, 0);
        assert_eq!(waited(&sent, 1400), Some(Duration::from_millis(500)), "since the pause");
    }

    #[test]
    fn the_far_ends_clock_may_wrap() {
        let start = Instant::now();
        let mut sent = SentPackets::default();
        (0..3).for_each(|_| sent.record(start, 100, 0));
        let mut results = Vec::new();
        let wrap = 1_i64 << 32;
        sent.resolve(start, &feedback(0, &[Some(wrap - 1)]), &mut results);
        sent.resolve(start, &feedback(1, &[Some(3), Some(5)]), &mut results);
        let arrived: Vec<_> = results.iter().filter_map(|result| result.arrived).collect();
        assert_eq!(arrived, [wrap - 1, wrap + 3, wrap + 5]);
    }

    #[test]
    fn it_grows_with_the_rate_and_no_further() {
        for (micros, expected) in [(10_000, 512), (400, 4096), (10, 8192)] {
            let start = Instant::now();
            let mut sent = SentPackets::default();
            (0..60_000).for_each(|packet| sent.record(start + Duration::from_micros(micros * packet), 1200, 0));
            assert_eq!(sent.entries.len(), expected, "one each {micros} µs");
        }
    }

    proptest! {
        #[test]
        fn no_feedback_tells_of_what_was_not_sent(
            packets in 0..70_000u32,
            lies in proptest::collection::vec((any::<u16>(), proptest::collection::vec(any::<Option<u32>>(), 0..50)), 0..20),
        ) {
            let start = Instant::now();
            let mut sent = SentPackets::default();
            for packet in 0..packets {
                sent.record(start + Duration::from_micros(100) * packet, 500, 0);
            }
            let now = start + Duration::from_secs(8);
            let mut results = Vec::new();
            for (base, arrived) in lies {
                let arrived: Vec<_> = arrived.into_iter().map(|ticks| ticks.map(i64::from)).collect();
                sent.resolve(now, &feedback(base, &arrived), &mut results);
            }
            prop_assert!(results.len() <= packets.min(8192) as usize);
            prop_assert!(results.iter().all(|result| result.sent <= now && result.bytes == 500));
        }
    }
}
