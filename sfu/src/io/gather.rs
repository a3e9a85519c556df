//! How long to wait for more datagrams before handling those that have come.
//!
//! A picture comes in several datagrams, some microseconds apart. Whoever handles the first at once sends it to every
//! viewer in a call of its own, and wakes again for each of the others. Waiting for a millisecond makes one train a
//! viewer of them (see `core::outbox`), which is what most of the cost depends on. An idle server does not wait.

use std::time::{Duration, Instant};

/// How long the load is measured before it counts. Longer notices load later, shorter takes a keyframe for load.
const WINDOW: Duration = Duration::from_millis(100);

/// What waiting a load is worth.
struct Level {
    /// Datagrams sent a second from which on it holds.
    from: u64,
    /// Datagrams sent a second below which it ends: half, so that it does not flutter.
    until: u64,
    /// The wait.
    pause: Duration,
}

/// Below 4000 datagrams a second, a meeting of six, all of them cost 1 or 2 % of a core: there is little to save, and
/// people notice delay, not load. Waits longer than 2 ms lengthen trains little, as pictures are farther apart.
const LEVELS: [Level; 2] = [
    Level { from: 4_000, until: 2_000, pause: Duration::from_millis(1) },
    Level { from: 16_000, until: 8_000, pause: Duration::from_millis(2) },
];

/// See the module's text.
#[derive(Debug)]
pub(super) struct Gather {
    window_began: Instant,
    sent: u64,
    level: usize,
}

impl Gather {
    pub(super) fn new(now: Instant) -> Self {
        Self { window_began: now, sent: 0, level: 0 }
    }

    /// So many datagrams were sent.
    pub(super) fn record(&mut self, datagrams: u64) {
        self.sent += datagrams;
    }

    /// How long to wait before handling what has just come.
    pub(super) fn pause(&mut self, now: Instant) -> Option<Duration> {
        let elapsed = now.saturating_duration_since(self.window_began);
        if elapsed >= WINDOW {
            let rate = u128::from(self.sent) * 1_000_000 / elapsed.as_micros().max(1);
            while LEVELS.get(self.level).is_some_and(|next| rate >= next.from.into()) {
                self.level += 1;
            }
            while self
                .level
                .checked_sub(1)
                .and_then(|held| LEVELS.get(held))
                .is_some_and(|held| rate < held.until.into())
            {
                self.level -= 1;
            }
            (self.window_began, self.sent) = (now, 0);
        }
        self.level.checked_sub(1).and_then(|held| LEVELS.get(held)).map(|held| held.pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The waits, in milliseconds, at the end of each of so many seconds with these numbers of datagrams a second.
    fn waits(rates: &[u64]) -> Vec<u128> {
        let mut now = Instant::now();
        let mut gather = Gather::new(now);
        let mut wait = 0;
        rates
            .iter()
            .map(|rate| {
                for _ in 0..200 {
                    now += Duration::from_millis(5);
                    wait = gather.pause(now).map_or(0, |pause| pause.as_millis());
                    gather.record(rate / 200);
                }
                wait
            })
            .collect()
    }

    #[test]
    fn the_wait_follows_the_load_with_hysteresis() {
        let rates = [0, 3800, 4400, 2200, 1800, 3800, 20_000, 9000, 7000, 1000];
        assert_eq!(waits(&rates), [0, 0, 1, 1, 0, 0, 2, 2, 1, 0]);
    }

    #[test]
    fn the_first_packet_after_silence_does_not_wait() {
        let start = Instant::now();
        let mut gather = Gather::new(start);
        gather.record(100_000);
        assert!(gather.pause(start + WINDOW).is_some());
        assert_eq!(gather.pause(start + Duration::from_secs(2)), None);
    }

    #[test]
    fn no_wait_takes_a_third_of_what_may_be_added() {
        // The goal is 5 ms for 99 of 100 packets; handling and sending a turn need their part.
        assert!(LEVELS.iter().all(|level| level.pause <= Duration::from_millis(2) && level.until < level.from));
    }
}
