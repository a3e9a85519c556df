//! How often a peer may turn up at another address.

use std::time::{Duration, Instant};

/// Addresses that may come at once: a client tries all its networks.
const BURST: u32 = 32;

/// Time for one more. A NAT that gives a new port twice a minute is served for ever.
const INTERVAL: Duration = Duration::from_secs(15);

/// The allowance of one peer. The engine remembers each address that a check came from for as long as the peer lives,
/// and a client may write any address into its datagrams.
#[derive(Debug, Clone, Copy)]
pub(super) struct NewAddresses {
    /// When all that came so far will be forgotten.
    paid_until: Instant,
}

impl NewAddresses {
    pub(super) fn new(now: Instant) -> Self {
        Self { paid_until: now }
    }

    /// Whether a check from an unknown address is looked at.
    pub(super) fn allows(&self, now: Instant) -> bool {
        self.paid_until.saturating_duration_since(now) + INTERVAL <= INTERVAL * BURST
    }

    /// A check from an unknown address was genuine.
    pub(super) fn charge(&mut self, now: Instant) {
        self.paid_until = self.paid_until.max(now) + INTERVAL;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_and_then_four_a_minute() {
        let start = Instant::now();
        let mut allowance = NewAddresses::new(start);
        let mut take = |seconds: u64| {
            let now = start + Duration::from_secs(seconds);
            let mut taken = 0;
            while allowance.allows(now) {
                allowance.charge(now);
                taken += 1;
            }
            taken
        };
        assert_eq!([take(0), take(14), take(15), take(75), take(100_000)], [32, 0, 1, 4, 32]);
    }
}
