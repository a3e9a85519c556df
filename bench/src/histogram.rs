//! A histogram of durations of fixed size: 3 % precision over the whole range of microseconds.

use std::time::Duration;

/// Linear steps in each power of two.
const STEPS: u64 = 32;
/// log2 of [`STEPS`].
const STEP_BITS: u32 = STEPS.trailing_zeros();

/// Counts durations in buckets that grow with the value.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Histogram {
    counts: Vec<u64>,
    total: u64,
    max: u64,
}

impl std::fmt::Debug for Histogram {
    /// The counts would be hundreds of zeros.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (median, max) = (self.quantile(0.5), self.max());
        f.debug_struct("Histogram").field("len", &self.total).field("median", &median).field("max", &max).finish()
    }
}

impl Histogram {
    /// Counts one duration.
    pub fn record(&mut self, value: Duration) {
        let micros = u64::try_from(value.as_micros()).unwrap_or(u64::MAX);
        let bucket = bucket_of(micros);
        if self.counts.len() <= bucket {
            self.counts.resize(bucket + 1, 0);
        }
        self.counts[bucket] += 1;
        self.total += 1;
        self.max = self.max.max(micros);
    }

    /// Adds all that `other` counted.
    pub fn merge(&mut self, other: &Self) {
        if self.counts.len() < other.counts.len() {
            self.counts.resize(other.counts.len(), 0);
        }
        for (mine, theirs) in self.counts.iter_mut().zip(&other.counts) {
            *mine += theirs;
        }
        self.total += other.total;
        self.max = self.max.max(other.max);
    }

    /// How many durations were counted.
    pub fn len(&self) -> u64 {
        self.total
    }

    /// Whether nothing was counted.
    pub fn is_empty(&self) -> bool {
        self.total == 0
    }

    /// The largest duration, exactly.
    pub fn max(&self) -> Duration {
        Duration::from_micros(self.max)
    }

    /// The duration below or at which `share` (0 to 1) of all lie; `None` when nothing was counted.
    pub fn quantile(&self, share: f64) -> Option<Duration> {
        let rank = ((self.total as f64 * share).ceil() as u64).clamp(1, self.total.max(1));
        let mut seen = 0;
        for (bucket, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= rank {
                return Some(Duration::from_micros(upper_bound(bucket).min(self.max)));
            }
        }
        None
    }
}

/// Values below [`STEPS`] have a bucket each; above, each power of two has [`STEPS`] of them.
fn bucket_of(value: u64) -> usize {
    let exponent = (u64::BITS - value.leading_zeros()).saturating_sub(STEP_BITS + 1);
    let bucket = u64::from(exponent) * STEPS + (value >> exponent);
    usize::try_from(bucket).unwrap_or(usize::MAX)
}

/// The largest value that falls in a bucket.
fn upper_bound(bucket: usize) -> u64 {
    let bucket = bucket as u64;
    let exponent = (bucket / STEPS).saturating_sub(1);
    let step = bucket - exponent * STEPS;
    ((step + 1) << exponent) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_lies_in_its_bucket_within_three_percent() {
        for value in (0..100_000).chain([1_000_000, 59_999_999, 3_600_000_000]) {
            let bucket = bucket_of(value);
            let upper = upper_bound(bucket);
            assert!(upper >= value && (upper - value) as f64 <= value as f64 * 0.032, "{value}: {upper}");
            assert!(bucket == 0 || upper_bound(bucket - 1) < value, "{value} belongs in an earlier bucket");
        }
    }

    #[test]
    fn quantiles_of_a_known_set() {
        let mut histogram = Histogram::default();
        assert_eq!(histogram.quantile(0.5), None);
        for millis in 1..=100 {
            histogram.record(Duration::from_millis(millis));
        }
        let median = histogram.quantile(0.5).unwrap();
        assert!((50..=52).contains(&median.as_millis()), "{median:?}");
        assert_eq!(histogram.quantile(1.0), Some(Duration::from_millis(100)));
        assert_eq!(histogram.len(), 100);
    }

    #[test]
    fn merging_equals_recording_together() {
        let (mut left, mut right, mut both) = (Histogram::default(), Histogram::default(), Histogram::default());
        for value in [3, 70, 9000, 2_000_000] {
            left.record(Duration::from_micros(value));
            both.record(Duration::from_micros(value));
        }
        for value in [1, 40_000_000] {
            right.record(Duration::from_micros(value));
            both.record(Duration::from_micros(value));
        }
        left.merge(&right);
        assert_eq!(left, both);
    }
}
