//! The clock: the only place that reads one.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A kernel's timestamp further back than this is a clock that was set in between.
const MAX_WAIT: Duration = Duration::from_secs(1);

/// One moment on both clocks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Now {
    /// The monotonic clock, which everything runs on.
    pub(super) instant: Instant,
    /// The wall clock, which the kernel's timestamps and sender reports are in.
    pub(super) wall: SystemTime,
}

impl Now {
    /// Reads both clocks.
    pub(super) fn read() -> Self {
        Self { instant: Instant::now(), wall: SystemTime::now() }
    }

    /// The monotonic time of a kernel's timestamp (time since 1970); now, if there is none or it makes no sense.
    pub(super) fn at(self, timestamp: Option<Duration>) -> Instant {
        let waited = timestamp.and_then(|timestamp| self.wall.duration_since(UNIX_EPOCH + timestamp).ok());
        match waited {
            Some(waited) if waited <= MAX_WAIT => self.instant.checked_sub(waited).unwrap_or(self.instant),
            _ => self.instant,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timestamp_of_the_kernel_becomes_a_moment_of_ours() {
        let now = Now::read();
        let wall = now.wall.duration_since(UNIX_EPOCH).unwrap();
        let earlier = Duration::from_millis(3);
        assert_eq!(now.at(Some(wall - earlier)), now.instant - earlier);
        for senseless in [None, Some(wall + earlier), Some(wall - Duration::from_secs(60))] {
            assert_eq!(now.at(senseless), now.instant, "{senseless:?}");
        }
    }
}
