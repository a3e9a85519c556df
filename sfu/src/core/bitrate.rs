//! Bits per second, so that they are never taken for bytes or for kilobits.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign};
use std::time::Duration;

/// A bit rate in bits per second. Arithmetic saturates: what a peer claims must not overflow.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bitrate(u64);

impl Bitrate {
    /// Nothing at all.
    pub const ZERO: Self = Self(0);
    /// No limit.
    pub const MAX: Self = Self(u64::MAX);

    /// From bits per second.
    pub const fn bps(bits: u64) -> Self {
        Self(bits)
    }

    /// From kilobits (1000 bits) per second.
    pub const fn kbps(kilobits: u64) -> Self {
        Self(kilobits.saturating_mul(1000))
    }

    /// The rate at which so many bytes pass in that time; without limit if it takes no time.
    pub fn of(bytes: u64, time: Duration) -> Self {
        let bits = u128::from(bytes) * 8 * 1_000_000;
        bits.checked_div(time.as_micros()).map_or(Self::MAX, |bits| Self(u64::try_from(bits).unwrap_or(u64::MAX)))
    }

    /// Bits per second.
    pub const fn as_bps(self) -> u64 {
        self.0
    }

    /// Bytes that pass in a time.
    pub fn bytes_in(self, time: Duration) -> u64 {
        u64::try_from(u128::from(self.0).saturating_mul(time.as_micros()) / 8_000_000).unwrap_or(u64::MAX)
    }

    /// Time that so many bytes take; the longest there is at no rate at all.
    pub fn time_for(self, bytes: u64) -> Duration {
        let micros = (u128::from(bytes) * 8_000_000).checked_div(u128::from(self.0));
        micros.map_or(Duration::MAX, |micros| Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX)))
    }

    /// So many times the rate. A factor that is no number or negative gives nothing.
    pub fn scaled(self, factor: f64) -> Self {
        Self((self.0 as f64 * factor) as u64)
    }

    /// The difference, or nothing.
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Add for Bitrate {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Bitrate {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for Bitrate {
    fn sum<I: Iterator<Item = Self>>(rates: I) -> Self {
        rates.fold(Self::ZERO, Add::add)
    }
}

impl fmt::Display for Bitrate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} kbit/s", self.0 / 1000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_bytes_and_times_belong_together() {
        let second = Duration::from_secs(1);
        assert_eq!(Bitrate::kbps(8).bytes_in(second), 1000);
        assert_eq!(Bitrate::of(1000, second), Bitrate::bps(8000));
        assert_eq!(Bitrate::kbps(8).time_for(1000), second);
        assert_eq!(Bitrate::kbps(100).scaled(1.5), Bitrate::kbps(150));
        assert_eq!([Bitrate::bps(1), Bitrate::bps(2)].into_iter().sum::<Bitrate>(), Bitrate::bps(3));
    }

    #[test]
    fn the_extremes_saturate() {
        assert_eq!(Bitrate::of(1, Duration::ZERO), Bitrate::MAX);
        assert_eq!(Bitrate::ZERO.time_for(1), Duration::MAX);
        assert_eq!(Bitrate::MAX + Bitrate::bps(1), Bitrate::MAX);
        assert_eq!(Bitrate::MAX.bytes_in(Duration::MAX), u64::MAX);
        assert_eq!(Bitrate::kbps(5).scaled(f64::NAN), Bitrate::ZERO);
        assert_eq!(Bitrate::kbps(5).scaled(-1.0), Bitrate::ZERO);
        assert_eq!(Bitrate::bps(1).saturating_sub(Bitrate::bps(2)), Bitrate::ZERO);
    }
}
