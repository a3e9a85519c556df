//! When to ask a publisher for a keyframe: at once, but never more often than the interval allows, however many
//! viewers ask.

use std::time::{Duration, Instant};

/// The requests for one encoding.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct KeyframeRequests {
    wanted: bool,
    asked: Option<Instant>,
}

impl KeyframeRequests {
    /// Somebody needs a keyframe.
    pub fn want(&mut self) {
        self.wanted = true;
    }

    /// A keyframe came.
    pub fn arrived(&mut self) {
        self.wanted = false;
    }

    /// Whether to ask now. True at most once in `interval`; asking goes on until a keyframe comes.
    pub fn due(&mut self, now: Instant, interval: Duration) -> bool {
        let due = self.wanted && self.asked.is_none_or(|asked| now.saturating_duration_since(asked) >= interval);
        if due {
            self.asked = Some(now);
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_wishes_make_two_requests_a_second_until_one_comes() {
        let interval = Duration::from_millis(500);
        let start = Instant::now();
        let mut requests = KeyframeRequests::default();
        assert!(!requests.due(start, interval));
        let mut asked = 0;
        for millisecond in 0..2000 {
            requests.want();
            asked += u32::from(requests.due(start + Duration::from_millis(millisecond), interval));
        }
        assert_eq!(asked, 4);
        requests.arrived();
        assert!(!requests.due(start + Duration::from_secs(9), interval));
    }
}
