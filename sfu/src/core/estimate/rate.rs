//! From over-use to a bit rate: additive or multiplicative increase, multiplicative decrease
//! (draft-ietf-rmcat-gcc-02 section 5.5,
//! <https://datatracker.ietf.org/doc/html/draft-ietf-rmcat-gcc-02#section-5.5>).

use std::time::{Duration, Instant};

use super::trend::Usage;
use super::{MAX_BPS, MIN_BPS};

/// What is left of the arriving rate after an over-use. The draft's beta: below what passes, so that the queue empties.
const DECREASE: f64 = 0.85;

/// Factor of increase in a second while the path's capacity is not known to be near.
const INCREASE_PER_SECOND: f64 = 1.08;

/// The estimate does not grow beyond this many times what arrives: more is not known to pass.
const MAX_LEAD: f64 = 1.5;

/// Time that a receiver takes to notice and tell of an over-use, besides the round trip (section 5.5).
const RESPONSE: Duration = Duration::from_millis(100);

/// What the rate may do next (the table of section 5.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Increase,
    Hold,
}

/// What the path let through at over-uses: mean and variance of the arriving rate, in kbit/s.
#[derive(Debug, Clone, Copy)]
struct Capacity {
    mean: f64,
    /// Relative to the mean.
    variance: f64,
}

impl Capacity {
    /// Weight of a new over-use.
    const WEIGHT: f64 = 0.05;

    fn observe(self, kbps: f64) -> Self {
        let mean = (1.0 - Self::WEIGHT) * self.mean + Self::WEIGHT * kbps;
        let error = mean - kbps;
        let variance = (1.0 - Self::WEIGHT) * self.variance + Self::WEIGHT * error * error / mean.max(1.0);
        Self { mean, variance: variance.clamp(0.4, 2.5) }
    }

    fn deviation(self) -> f64 {
        (self.variance * self.mean).sqrt()
    }

    fn is_near(self, kbps: f64) -> bool {
        (kbps - self.mean).abs() <= 3.0 * self.deviation()
    }
}

/// What moves the rate.
#[derive(Debug, Clone, Copy)]
pub(super) struct Conditions {
    pub(super) usage: Usage,
    /// What arrives, in bit/s.
    pub(super) acknowledged: Option<f64>,
    /// What arrived lately, if that is more.
    pub(super) highest: Option<f64>,
    pub(super) rtt: Duration,
    /// Less is sent than might be: what arrives does not tell what passes.
    pub(super) application_limited: bool,
}

/// The delay-based rate.
#[derive(Debug)]
pub(super) struct Rate {
    bps: f64,
    state: State,
    updated: Instant,
    decreased: Option<Instant>,
    capacity: Option<Capacity>,
}

impl Rate {
    pub(super) fn new(now: Instant, bps: f64) -> Self {
        Self { bps, state: State::Hold, updated: now, decreased: None, capacity: None }
    }

    pub(super) fn bps(&self) -> f64 {
        self.bps
    }

    /// When the path was last found over-used.
    pub(super) fn decreased(&self) -> Option<Instant> {
        self.decreased
    }

    /// A probe has shown that this much passes.
    pub(super) fn raise_to(&mut self, bps: f64) {
        if bps > self.bps {
            self.bps = bps.min(MAX_BPS);
            if self.capacity.is_some_and(|capacity| !capacity.is_near(bps / 1000.0)) {
                self.capacity = None;
            }
        }
    }

    /// Time has passed under these conditions.
    pub(super) fn update(&mut self, now: Instant, conditions: Conditions) {
        let elapsed = now.saturating_duration_since(self.updated).min(Duration::from_secs(1));
        self.updated = now;
        match conditions.usage {
            Usage::Over => self.decrease(now, conditions),
            Usage::Under => self.state = State::Hold,
            Usage::Normal if self.state == State::Hold => self.state = State::Increase,
            Usage::Normal => self.increase(elapsed, conditions),
        }
        self.bps = self.bps.clamp(MIN_BPS, MAX_BPS);
    }

    fn increase(&mut self, elapsed: Duration, conditions: Conditions) {
        let Some(acknowledged) = conditions.acknowledged.filter(|_| !conditions.application_limited) else { return };
        if self.capacity.is_some_and(|capacity| acknowledged / 1000.0 > capacity.mean + 3.0 * capacity.deviation()) {
            self.capacity = None;
        }
        let seconds = elapsed.as_secs_f64();
        let more = match self.capacity {
            Some(_) => near_max_increase(self.bps, conditions.rtt) * seconds,
            None => (self.bps * (INCREASE_PER_SECOND.powf(seconds) - 1.0)).max(1000.0 * seconds),
        };
        let most = MAX_LEAD * acknowledged + 10_000.0;
        self.bps = self.bps.max((self.bps + more).min(most));
    }

    fn decrease(&mut self, now: Instant, conditions: Conditions) {
        let acknowledged = conditions.highest.or(conditions.acknowledged).unwrap_or(self.bps);
        let pause = conditions.rtt.clamp(Duration::from_millis(10), Duration::from_millis(200));
        let recent = self.decreased.is_some_and(|last| now.saturating_duration_since(last) < pause);
        // The queue that was there empties for a round trip; only a rate far beyond what passes is lowered again.
        if recent && (acknowledged >= 0.5 * self.bps || conditions.application_limited) {
            return;
        }
        let passes = if conditions.application_limited { self.bps.max(acknowledged) } else { acknowledged };
        if !conditions.application_limited {
            let kbps = acknowledged / 1000.0;
            let known = self.capacity.filter(|capacity| capacity.is_near(kbps));
            self.capacity = Some(known.map_or(Capacity { mean: kbps, variance: 0.4 }, |known| known.observe(kbps)));
        }
        self.bps = self.bps.min(DECREASE * passes);
        self.state = State::Hold;
        self.decreased = Some(now);
    }
}

/// Increase in bit/s per second near the path's capacity: half a packet in each response time (section 5.5), for
/// pictures at 30 a second in packets of at most 1200 bytes.
fn near_max_increase(bps: f64, rtt: Duration) -> f64 {
    let frame_bits = bps / 30.0;
    let packet_bits = frame_bits / (frame_bits / (1200.0 * 8.0)).ceil().max(1.0);
    let response = 2.0 * (rtt + RESPONSE).as_secs_f64();
    (packet_bits / response).max(4000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conditions(usage: Usage, acknowledged: f64) -> Conditions {
        let rtt = Duration::from_millis(50);
        Conditions { usage, acknowledged: Some(acknowledged), highest: None, rtt, application_limited: false }
    }

    fn run(rate: &mut Rate, now: &mut Instant, seconds: u64, conditions: impl Fn(&Rate) -> Conditions) {
        for _ in 0..20 * seconds {
            *now += Duration::from_millis(50);
            let conditions = conditions(rate);
            rate.update(*now, conditions);
        }
    }

    #[test]
    fn it_grows_by_a_twelfth_a_second_and_falls_below_what_arrives() {
        let mut now = Instant::now();
        let mut rate = Rate::new(now, 1e6);
        run(&mut rate, &mut now, 10, |rate| conditions(Usage::Normal, rate.bps()));
        assert!((2.0e6..2.2e6).contains(&rate.bps()), "{}", rate.bps());
        rate.update(now, conditions(Usage::Over, 1.5e6));
        assert_eq!(rate.bps(), 0.85 * 1.5e6);
        rate.update(now + Duration::from_millis(20), conditions(Usage::Over, 1.4e6));
        assert_eq!(rate.bps(), 0.85 * 1.5e6, "the queue empties first");
        let before = rate.bps();
        run(&mut rate, &mut now, 10, |_| conditions(Usage::Normal, 1.4e6));
        assert!((before + 50_000.0..before + 400_000.0).contains(&rate.bps()), "slowly near capacity: {}", rate.bps());
    }

    #[test]
    fn it_does_not_run_away_from_what_arrives_nor_decay() {
        let mut now = Instant::now();
        let mut rate = Rate::new(now, 1e6);
        run(&mut rate, &mut now, 60, |_| conditions(Usage::Normal, 1e6));
        assert_eq!(rate.bps(), 1.51e6);
        let limited = Conditions { application_limited: true, ..conditions(Usage::Normal, 0.1e6) };
        run(&mut rate, &mut now, 60, |_| limited);
        assert_eq!(rate.bps(), 1.51e6, "nothing is known to have changed");
    }

    #[test]
    fn an_over_use_of_a_flow_that_sends_little_lowers_step_by_step() {
        let now = Instant::now();
        let mut rate = Rate::new(now, 4e6);
        let limited = Conditions { application_limited: true, ..conditions(Usage::Over, 0.5e6) };
        rate.update(now + Duration::from_millis(300), limited);
        assert_eq!(rate.bps(), 0.85 * 4e6);
    }
}
