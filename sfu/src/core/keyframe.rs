//! When to ask a publisher for a keyframe: at once, but never more often than the interval allows, however many
//! viewers ask, and ever more seldom while nothing at all arrives.

use std::time::{Duration, Instant};

/// The most that the interval grows to for an encoding that does not arrive. Higher would delay a picture that comes
/// back without a packet before its keyframe; lower would ask dead publishers for nothing.
const MAX_INTERVAL: Duration = Duration::from_secs(5);

/// The requests for one encoding.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct KeyframeRequests {
    wanted: bool,
    asked: Option<Instant>,
    /// Requests since anything arrived.
    in_vain: u8,
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

    /// Some packet came: the encoding is not dead.
    pub fn is_alive(&mut self) {
        self.in_vain = 0;
    }

    /// When to ask next; `None` when nobody needs a keyframe. Twice the time after each request that nothing followed,
    /// up to 5 s.
    pub fn next(&self, interval: Duration) -> Option<Option<Instant>> {
        let backed_off =
            interval.saturating_mul(1 << self.in_vain.saturating_sub(1).min(8)).min(MAX_INTERVAL.max(interval));
        self.wanted.then(|| self.asked.map(|asked| asked + backed_off))
    }

    /// Whether to ask now. True at most once in `interval`; asking goes on until a keyframe comes.
    pub fn due(&mut self, now: Instant, interval: Duration) -> bool {
        let due = self.next(interval).is_some_and(|next| next.is_none_or(|next| now >= next));
        if due {
            self.asked = Some(now);
            self.in_vain = self.in_vain.saturating_add(1);
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
            requests.is_alive();
            asked += u32::from(requests.due(start + Duration::from_millis(millisecond), interval));
        }
        assert_eq!(asked, 4);
        requests.arrived();
        assert!(!requests.due(start + Duration::from_secs(9), interval));
    }

    #[test]
    fn a_dead_encoding_is_asked_ever_more_seldom_and_one_that_comes_back_at_once() {
        let interval = Duration::from_millis(500);
        let start = Instant::now();
        let mut requests = KeyframeRequests::default();
        requests.want();
        let asked = |requests: &mut KeyframeRequests, from: u64, to: u64| -> Vec<u64> {
            (from..to).step_by(10).filter(|&at| requests.due(start + Duration::from_millis(at), interval)).collect()
        };
        assert_eq!(asked(&mut requests, 0, 20_000), [0, 500, 1500, 3500, 7500, 12_500, 17_500]);
        requests.is_alive();
        assert_eq!(asked(&mut requests, 20_000, 21_400), [20_000, 20_500]);
    }
}
