//! The rate at which media really arrives: what the rate control falls back to and must not run away from
//! (draft-ietf-rmcat-gcc-02 section 5.5, "R_hat",
//! <https://datatracker.ietf.org/doc/html/draft-ietf-rmcat-gcc-02#section-5.5>).

use super::MAX_BPS;

/// Time that the first sample takes: a new call starts unevenly.
const FIRST_WINDOW_MS: f64 = 500.0;

/// Time that a sample takes afterwards. Shorter sees a drop sooner, longer is less moved by single large pictures.
const WINDOW_MS: f64 = 150.0;

/// How much a sample that differs is doubted, and how fast old knowledge gets uncertain (in kbit/s squared).
const DOUBT: f64 = 10.0;
const AGEING: f64 = 5.0;

/// The estimate; samples are combined by their uncertainty (Bayes).
#[derive(Debug, Default)]
pub(super) struct Acknowledged {
    window_start: Option<f64>,
    bytes: f64,
    estimate_kbps: Option<f64>,
    variance: f64,
    newest_kbps: f64,
}

impl Acknowledged {
    /// Bits per second, once the first window is over.
    pub(super) fn bps(&self) -> Option<f64> {
        self.estimate_kbps.map(|kbps| kbps * 1000.0)
    }

    /// The most that is known to pass: the estimate lags when more begins to be sent.
    pub(super) fn highest_bps(&self) -> Option<f64> {
        self.estimate_kbps.map(|kbps| kbps.max(self.newest_kbps) * 1000.0)
    }

    /// So many bytes arrived at this time in milliseconds of the receiver's clock.
    pub(super) fn add(&mut self, arrived: f64, bytes: f64) {
        let start = *self.window_start.get_or_insert(arrived);
        let window = if self.estimate_kbps.is_some() { WINDOW_MS } else { FIRST_WINDOW_MS };
        let elapsed = arrived - start;
        if elapsed < -window || elapsed > 10.0 * FIRST_WINDOW_MS {
            // Another clock, or nothing was sent for long: what lies between tells no rate.
            (self.window_start, self.bytes) = (Some(arrived), bytes);
            return;
        }
        if elapsed >= window {
            self.sample((self.bytes * 8.0 / elapsed).min(MAX_BPS / 1000.0));
            (self.window_start, self.bytes) = (Some(arrived), 0.0);
        }
        self.bytes += bytes;
    }

    fn sample(&mut self, kbps: f64) {
        self.newest_kbps = kbps;
        let Some(estimate) = self.estimate_kbps else {
            (self.estimate_kbps, self.variance) = (Some(kbps), 50.0);
            return;
        };
        let uncertainty = DOUBT * (estimate - kbps).abs() / (estimate + kbps).max(1.0);
        let (doubted, aged) = (uncertainty * uncertainty, self.variance + AGEING);
        let total = (doubted + aged).max(f64::MIN_POSITIVE);
        self.estimate_kbps = Some((doubted * estimate + aged * kbps) / total);
        self.variance = doubted * aged / total;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(bytes_per_10_ms: &[(u32, f64)]) -> Option<f64> {
        let mut acknowledged = Acknowledged::default();
        let mut at = 0.0;
        for &(steps, bytes) in bytes_per_10_ms {
            for _ in 0..steps {
                acknowledged.add(at, bytes);
                at += 10.0;
            }
        }
        acknowledged.bps()
    }

    #[test]
    fn it_follows_what_arrives() {
        assert_eq!(after(&[(40, 1250.0)]), None, "half a second first");
        let steady = after(&[(200, 1250.0)]).unwrap();
        assert!((0.98e6..1.02e6).contains(&steady), "{steady}");
        let fallen = after(&[(200, 1250.0), (100, 250.0)]).unwrap();
        assert!((0.19e6..0.3e6).contains(&fallen), "a second after a drop to a fifth: {fallen}");
        let mut acknowledged = Acknowledged::default();
        for step in 0..220 {
            acknowledged.add(f64::from(step) * 10.0, if step < 190 { 250.0 } else { 1250.0 });
        }
        assert!(acknowledged.highest_bps() > Some(0.9e6), "what begins to arrive counts at once: {acknowledged:?}");
        let lie = after(&[(200, 1e12)]).unwrap();
        assert!(lie <= MAX_BPS, "{lie}");
    }
}
