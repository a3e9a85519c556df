//! How much longer one burst of packets took than the one before: the arrival-time model and its pre-filter
//! (draft-ietf-rmcat-gcc-02 sections 5.1 and 5.2,
//! <https://datatracker.ietf.org/doc/html/draft-ietf-rmcat-gcc-02#section-5.1>).

/// Packets sent within this time are one burst: what happens between them is the sender's doing, not the network's.
const BURST_MS: f64 = 5.0;

/// Longest burst of packets that were sent apart but arrived together, as radio links deliver them.
const MAX_BURST_MS: f64 = 100.0;

/// Arrivals that go back in time as often as this are a new clock; fewer are packets that changed places.
const REORDERED_RESTART: u32 = 3;

/// A jump of the far end's clock beyond this is a restart or a lie, and tells nothing of the path.
const MAX_JUMP_MS: f64 = 3000.0;

/// From one burst to the next.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Delta {
    /// Milliseconds between the two at the sender.
    pub(super) sent: f64,
    /// Milliseconds between the two at the receiver.
    pub(super) arrived: f64,
    /// When the later one arrived, in milliseconds of the receiver's clock.
    pub(super) at: f64,
}

#[derive(Debug, Clone, Copy)]
struct Burst {
    first_sent: f64,
    last_sent: f64,
    first_arrival: f64,
    last_arrival: f64,
}

impl Burst {
    fn new(sent: f64, arrived: f64) -> Self {
        Self { first_sent: sent, last_sent: sent, first_arrival: arrived, last_arrival: arrived }
    }

    fn includes(&self, sent: f64, arrived: f64) -> bool {
        let apart = arrived - self.last_arrival;
        let delayed_less = apart - (sent - self.last_sent) < 0.0;
        sent - self.first_sent <= BURST_MS
            || (delayed_less && apart <= BURST_MS && arrived - self.first_arrival < MAX_BURST_MS)
    }
}

/// Groups packets into bursts and compares each burst with the one before.
#[derive(Debug, Default)]
pub(super) struct Arrivals {
    current: Option<Burst>,
    previous: Option<Burst>,
    reordered: u32,
}

impl Arrivals {
    /// Takes the next packet that arrived, in the order of sending; both times in milliseconds, each by its own clock.
    /// Gives a difference when a burst has ended.
    pub(super) fn add(&mut self, sent: f64, arrived: f64) -> Option<Delta> {
        let Some(current) = &mut self.current else {
            self.current = Some(Burst::new(sent, arrived));
            return None;
        };
        if sent < current.first_sent {
            return None;
        }
        if current.includes(sent, arrived) {
            current.last_sent = current.last_sent.max(sent);
            current.last_arrival = current.last_arrival.max(arrived);
            return None;
        }
        let ended = *current;
        self.current = Some(Burst::new(sent, arrived));
        let before = self.previous.replace(ended)?;
        let delta = Delta {
            sent: ended.last_sent - before.last_sent,
            arrived: ended.last_arrival - before.last_arrival,
            at: ended.last_arrival,
        };
        self.check(delta)
    }

    fn check(&mut self, delta: Delta) -> Option<Delta> {
        if delta.arrived < 0.0 {
            self.reordered += 1;
            if self.reordered >= REORDERED_RESTART {
                *self = Self::default();
            }
            return None;
        }
        self.reordered = 0;
        if delta.arrived - delta.sent > MAX_JUMP_MS {
            *self = Self::default();
            return None;
        }
        Some(delta)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deltas(packets: &[(f64, f64)]) -> Vec<(f64, f64)> {
        let mut arrivals = Arrivals::default();
        let deltas = packets.iter().filter_map(|&(sent, arrived)| arrivals.add(sent, arrived));
        deltas.map(|delta| (delta.sent, delta.arrived)).collect()
    }

    /// Pairs of a time at the sender and one at the receiver.
    type Times = &'static [(f64, f64)];

    #[test]
    fn bursts_are_compared() {
        let cases: [(&str, Times, Times); 5] = [
            ("steady", &[(0.0, 50.0), (20.0, 70.0), (40.0, 90.0), (60.0, 110.0)], &[(20.0, 20.0), (20.0, 20.0)]),
            (
                "a queue grows",
                &[(0.0, 50.0), (20.0, 75.0), (40.0, 100.0), (60.0, 130.0)],
                &[(20.0, 25.0), (20.0, 25.0)],
            ),
            (
                "a frame is one burst",
                &[(0.0, 50.0), (1.0, 54.0), (30.0, 80.0), (31.0, 84.0), (60.0, 110.0)],
                &[(30.0, 30.0)],
            ),
            (
                "delivered together",
                &[(0.0, 50.0), (20.0, 90.0), (40.0, 91.0), (60.0, 130.0), (80.0, 150.0)],
                &[(40.0, 41.0), (20.0, 39.0)],
            ),
            (
                "one changed places",
                &[(0.0, 50.0), (20.0, 70.0), (40.0, 60.0), (60.0, 110.0), (80.0, 130.0)],
                &[(20.0, 20.0), (40.0, 40.0)],
            ),
        ];
        for (name, packets, expected) in cases {
            let found = deltas(packets);
            if name == "one changed places" {
                // Whatever is made of it, it is no delay.
                assert!(found.iter().all(|(sent, arrived)| (arrived - sent).abs() <= 50.0), "{found:?}");
                continue;
            }
            assert_eq!(found, expected, "{name}");
        }
    }

    #[test]
    fn a_clock_that_jumps_starts_anew() {
        let mut arrivals = Arrivals::default();
        for step in 0..4 {
            arrivals.add(f64::from(step) * 20.0, f64::from(step) * 20.0);
        }
        assert_eq!(arrivals.add(80.0, 1e9), Some(Delta { sent: 20.0, arrived: 20.0, at: 60.0 }));
        assert_eq!(arrivals.add(100.0, 2e9), None, "the jump tells nothing");
        assert!(arrivals.previous.is_none());
    }
}
