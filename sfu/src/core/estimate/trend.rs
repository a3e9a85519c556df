//! Does the queue on the path grow? A line through the bursts' accumulated delays, and an over-use detector with an
//! adaptive threshold (draft-ietf-rmcat-gcc-02 sections 5.3 and 5.4,
//! <https://datatracker.ietf.org/doc/html/draft-ietf-rmcat-gcc-02#section-5.3>).
//!
//! The draft's Kalman filter is replaced by the slope of a line of least squares, as browsers have done since 2016: it
//! needs no model of the noise.

use std::collections::VecDeque;

use super::arrival::Delta;

/// Bursts that the line goes through. More is calmer and slower: at 30 pictures a second this is 0.7 s.
const WINDOW: usize = 20;

/// Weight of what was known before in the smoothed delay.
const SMOOTHING: f64 = 0.9;

/// From the slope to the value that is compared with the threshold.
const GAIN: f64 = 4.0;

/// Bursts after which the slope is trusted in full.
const FULL_TRUST: f64 = 60.0;

/// How fast the threshold follows a value above and below it, for each millisecond: up slowly, so that a queue is seen
/// before the threshold has reached it. Section 5.4 has 0.01 and 0.00018, so that after a flow of TCP has raised it, it
/// stays up for long and that flow does not starve us. Here it falls faster than it rises, as in browsers, which have
/// tuned both: what is loud for a moment does not make us deaf to the next queue. The price is a smaller share beside
/// TCP.
const FOLLOW_UP: f64 = 0.0087;
const FOLLOW_DOWN: f64 = 0.039;

/// The threshold at first, and its bounds.
const THRESHOLD: f64 = 12.5;
const MIN_THRESHOLD: f64 = 6.0;
const MAX_THRESHOLD: f64 = 600.0;

/// A value so far above the threshold is an outlier, and the threshold does not follow it.
const OUTLIER: f64 = 15.0;

/// Milliseconds above the threshold that make an over-use.
const OVERUSE_MS: f64 = 10.0;

/// Time over which the least delay is taken for that of an empty queue: long enough for the queue to have been empty
/// once, and so short that clocks which drift apart by 50 ppm do not look like a queue.
const EMPTIED_MS: f64 = 30_000.0;

/// The least accumulated delay of this stretch of time and of the one before.
#[derive(Debug, Clone, Copy, Default)]
struct LeastDelay {
    since: Option<f64>,
    current: f64,
    before: f64,
}

impl LeastDelay {
    fn observe(&mut self, at: f64, delay: f64) {
        let since = *self.since.get_or_insert(at);
        if at - since > EMPTIED_MS {
            *self = Self { since: Some(at), current: delay, before: self.current };
        }
        self.current = self.current.min(delay);
    }

    fn least(&self) -> f64 {
        self.current.min(self.before)
    }
}

/// What the path's queue does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Usage {
    /// It stays as it is.
    #[default]
    Normal,
    /// It grows: more is sent than passes.
    Over,
    /// It empties.
    Under,
}

/// The line and the detector.
#[derive(Debug)]
pub(super) struct Trend {
    /// Arrival of the first burst, to keep numbers small.
    origin: Option<f64>,
    /// Arrival and smoothed accumulated delay of the newest bursts, in milliseconds.
    points: VecDeque<(f64, f64)>,
    accumulated: f64,
    least: LeastDelay,
    smoothed: f64,
    bursts: f64,
    slope: f64,
    threshold: f64,
    adapted_at: Option<f64>,
    over_ms: f64,
    over_bursts: u32,
    usage: Usage,
}

impl Default for Trend {
    fn default() -> Self {
        Self {
            origin: None,
            points: VecDeque::new(),
            accumulated: 0.0,
            least: LeastDelay::default(),
            smoothed: 0.0,
            bursts: 0.0,
            slope: 0.0,
            threshold: THRESHOLD,
            adapted_at: None,
            over_ms: 0.0,
            over_bursts: 0,
            usage: Usage::Normal,
        }
    }
}

impl Trend {
    /// What the queue does, by what is known.
    pub(super) fn usage(&self) -> Usage {
        self.usage
    }

    /// How long the queue is, in milliseconds more than the least that was seen.
    pub(super) fn queue(&self) -> f64 {
        self.smoothed - self.least.least()
    }

    /// Takes the next burst.
    pub(super) fn add(&mut self, delta: Delta) {
        let origin = *self.origin.get_or_insert(delta.at);
        self.bursts = (self.bursts + 1.0).min(1000.0);
        self.accumulated += delta.arrived - delta.sent;
        self.least.observe(delta.at, self.accumulated);
        self.smoothed = SMOOTHING * self.smoothed + (1.0 - SMOOTHING) * self.accumulated;
        if self.points.len() == WINDOW {
            self.points.pop_front();
        }
        self.points.push_back((delta.at - origin, self.smoothed));
        let slope = if self.points.len() == WINDOW { slope(&self.points).unwrap_or(self.slope) } else { 0.0 };
        self.detect(slope, delta);
    }

    fn detect(&mut self, slope: f64, delta: Delta) {
        let value = self.bursts.min(FULL_TRUST) * slope * GAIN;
        if value > self.threshold {
            // The first burst above may have been above for half of its time only.
            self.over_ms += if self.over_bursts == 0 { delta.sent / 2.0 } else { delta.sent };
            self.over_bursts += 1;
            if self.over_ms > OVERUSE_MS && self.over_bursts > 1 && slope >= self.slope {
                (self.over_ms, self.over_bursts) = (0.0, 0);
                self.usage = Usage::Over;
            }
        } else {
            (self.over_ms, self.over_bursts) = (0.0, 0);
            self.usage = if value < -self.threshold { Usage::Under } else { Usage::Normal };
        }
        self.slope = slope;
        self.adapt(value.abs(), delta.at);
    }

    fn adapt(&mut self, value: f64, at: f64) {
        let before = self.adapted_at.replace(at).unwrap_or(at);
        if value > self.threshold + OUTLIER {
            return;
        }
        let follow = if value < self.threshold { FOLLOW_DOWN } else { FOLLOW_UP };
        let elapsed = (at - before).clamp(0.0, 100.0);
        self.threshold += follow * (value - self.threshold) * elapsed;
        self.threshold = self.threshold.clamp(MIN_THRESHOLD, MAX_THRESHOLD);
    }
}

/// Slope of the line of least squares; `None` if all points are above each other.
fn slope(points: &VecDeque<(f64, f64)>) -> Option<f64> {
    let count = points.len() as f64;
    let (sum_x, sum_y) = points.iter().fold((0.0, 0.0), |(sum_x, sum_y), (x, y)| (sum_x + x, sum_y + y));
    let (mean_x, mean_y) = (sum_x / count, sum_y / count);
    let (above, below) = points.iter().fold((0.0, 0.0), |(above, below), (x, y)| {
        (above + (x - mean_x) * (y - mean_y), below + (x - mean_x) * (x - mean_x))
    });
    (below > 0.0).then(|| above / below)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The usages seen when 90 bursts, 33 ms apart, are each delayed by so much more than the one before.
    fn usages(more: impl Fn(u32) -> f64) -> Vec<Usage> {
        let mut trend = Trend::default();
        let mut at = 0.0;
        let mut usages = Vec::new();
        for burst in 0..90 {
            let arrived = 33.0 + more(burst);
            at += arrived;
            trend.add(Delta { sent: 33.0, arrived, at });
            usages.push(trend.usage());
        }
        usages
    }

    #[test]
    fn a_queue_that_grows_is_an_over_use_and_jitter_is_none() {
        assert!(usages(|_| 0.0).iter().all(|usage| *usage == Usage::Normal), "steady");
        assert!(usages(|burst| [3.0, -3.0][burst as usize % 2]).iter().all(|usage| *usage != Usage::Over), "jitter");
        let growing = usages(|burst| if burst >= 40 { 5.0 } else { 0.0 });
        let first = growing.iter().position(|usage| *usage == Usage::Over).unwrap();
        assert!((40..55).contains(&first), "seen within half a second: {first}");
        let emptying = usages(|burst| if (40..60).contains(&burst) { -5.0 } else { 0.0 });
        assert!(emptying.contains(&Usage::Under));
    }

    #[test]
    fn the_threshold_keeps_within_its_bounds() {
        for more in [0.0, 1e6, -1e6, 0.3] {
            let mut trend = Trend::default();
            for burst in 0..1000 {
                trend.add(Delta { sent: 5.0, arrived: 5.0 + more, at: f64::from(burst) * (5.0 + more) });
                assert!((MIN_THRESHOLD..=MAX_THRESHOLD).contains(&trend.threshold), "{}", trend.threshold);
            }
        }
    }
}
