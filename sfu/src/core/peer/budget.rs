//! How much media a peer may send. Each packet costs work for every viewer, and one member must not use up the worker.

use std::time::{Duration, Instant};

/// Packets a second in the long run: a camera in three encodings and a screen are about 700.
const PACKETS_PER_SECOND: u32 = 3000;

/// Bytes a second in the long run: 16 Mbit/s, where a camera in three encodings and a screen are 6 to 8.
const BYTES_PER_SECOND: u32 = 2_000_000;

/// What may come at once, as time at the rates above: 750 packets or 500 kB. A keyframe of a large screen is 200 kB.
const BURST: Duration = Duration::from_millis(250);

/// What was taken and is not worked off yet.
#[derive(Debug, Clone, Copy, Default)]
struct Account {
    /// When what came so far is worked off.
    paid_until: Option<Instant>,
}

impl Account {
    /// Charges `cost`, if that leaves no more than `burst` to work off.
    fn take(&mut self, cost: Duration, burst: Duration, now: Instant) -> bool {
        let paid_until = self.paid_until.map_or(now, |paid_until| paid_until.max(now)) + cost;
        let is_within = paid_until.saturating_duration_since(now) <= burst;
        if is_within {
            self.paid_until = Some(paid_until);
        }
        is_within
    }
}

/// The budget of one peer.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Budget(Account);

impl Budget {
    /// Charges a packet of so many bytes, if it is within the budget.
    pub(super) fn take(&mut self, bytes: usize, now: Instant) -> bool {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        let cost = (Duration::from_secs(1) / PACKETS_PER_SECOND).max(Duration::from_secs(1) * bytes / BYTES_PER_SECOND);
        self.0.take(cost, BURST, now)
    }
}

/// RTCP datagrams a second in the long run: a browser sends feedback 20 times, and requests for lost packets a few
/// times as often at worst.
const REPORTS_PER_SECOND: u32 = 200;

/// RTCP that may come at once, as time at the rate above.
const REPORT_BURST: Duration = Duration::from_millis(500);

/// How much RTCP one peer may send: to read one costs as much as to forward some packets.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ReportBudget(Account);

impl ReportBudget {
    /// Charges a datagram, if it is within the budget.
    pub(super) fn take(&mut self, now: Instant) -> bool {
        let cost = Duration::from_secs(1) / REPORTS_PER_SECOND;
        self.0.take(cost, REPORT_BURST, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Packets taken of those offered once a millisecond for ten seconds.
    fn taken(bytes: usize, each_millisecond: u32) -> u32 {
        let start = Instant::now();
        let mut budget = Budget::default();
        let mut taken = 0;
        for millisecond in 0..10_000 {
            for _ in 0..each_millisecond {
                taken += u32::from(budget.take(bytes, start + Duration::from_millis(millisecond)));
            }
        }
        taken
    }

    #[test]
    fn what_cameras_send_is_taken_and_a_flood_is_cut_to_the_rate() {
        assert_eq!(taken(1200, 1), 10_000, "9.6 Mbit/s");
        assert_eq!(taken(60, 2), 20_000, "2000 a second");
        let small = taken(60, 10);
        assert!((30_000..=30_760).contains(&small), "{small}");
        let start = Instant::now();
        let mut reports = ReportBudget::default();
        let reports =
            (0..10_000).filter(|millisecond| reports.take(start + Duration::from_millis(*millisecond))).count();
        assert!((2000..=2100).contains(&reports), "{reports} of 10,000 in ten seconds");
        let large = taken(1200, 10);
        assert!((16_600..=17_100).contains(&large), "{large}: 16 Mbit/s");
    }
}
