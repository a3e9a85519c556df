//! Is the flow limited by what there is to send, and not by the network? Then what arrives tells nothing of what could:
//! the estimate neither grows by it nor falls to it, and only probes can raise it.

/// Share of the estimate below which a flow is limited by the application, and above which it is no more.
const ENTER: f64 = 0.65;
const LEAVE: f64 = 0.8;

/// Time over which the rate is taken: some pictures, and a keyframe is not the whole of it.
const WINDOW_MS: f64 = 500.0;

/// See the module's text.
#[derive(Debug, Default)]
pub(super) struct ApplicationLimit {
    window_start: Option<f64>,
    bytes: f64,
    limited: bool,
}

impl ApplicationLimit {
    pub(super) fn is_limited(&self) -> bool {
        self.limited
    }

    /// So many bytes were sent at this time in milliseconds, while the estimate was `bps`.
    pub(super) fn add(&mut self, sent: f64, bytes: f64, bps: f64) {
        let start = *self.window_start.get_or_insert(sent);
        let elapsed = sent - start;
        if elapsed >= WINDOW_MS {
            let share = self.bytes * 8000.0 / elapsed / bps.max(1.0);
            self.limited = share < if self.limited { LEAVE } else { ENTER };
            (self.window_start, self.bytes) = (Some(sent), 0.0);
        }
        self.bytes += bytes;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_has_a_hysteresis() {
        let mut limit = ApplicationLimit::default();
        let mut at = 0.0;
        for (share, expected) in [(1.0, false), (0.7, false), (0.6, true), (0.7, true), (0.9, false)] {
            for _ in 0..110 {
                limit.add(at, 1250.0 * share, 1e6);
                at += 10.0;
            }
            assert_eq!(limit.is_limited(), expected, "{share}");
        }
    }
}
