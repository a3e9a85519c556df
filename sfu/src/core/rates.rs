//! How many bits a second an encoding takes, layer by layer.

use std::time::{Duration, Instant};

use super::bitrate::Bitrate;
use super::rtp::Layer;

/// Spatial and temporal layers that are told apart; browsers make at most three of each. Higher ones count as the
/// highest.
pub const MAX_LAYERS: usize = 4;

/// Least time over which a rate is taken. Lower would take a keyframe for the rate.
const WINDOW: Duration = Duration::from_millis(500);

/// Weight of the newest window against all before: a change is mostly seen after three windows.
const NEWEST: f64 = 0.4;

/// Bytes of a packet beside its payload: header, extensions, and the authentication tag.
const OVERHEAD: u64 = 12 + 20 + 16;

/// The rates of one encoding.
#[derive(Debug, Clone, Default)]
pub struct LayerRates {
    bytes: [[u64; MAX_LAYERS]; MAX_LAYERS],
    rates: Option<[[Bitrate; MAX_LAYERS]; MAX_LAYERS]>,
    since: Option<Instant>,
}

impl LayerRates {
    /// Counts a packet with so many bytes of payload.
    pub fn record(&mut self, layer: Layer, payload: usize) {
        let place = |layer: u8| usize::from(layer).min(MAX_LAYERS - 1);
        if let Some(bytes) = self.bytes.get_mut(place(layer.spatial)).and_then(|row| row.get_mut(place(layer.temporal)))
        {
            *bytes += payload as u64 + OVERHEAD;
        }
    }

    /// Takes the rates anew, if enough time has passed since it did so last. To be called some times a second.
    pub fn update(&mut self, now: Instant) {
        let since = *self.since.get_or_insert(now);
        let elapsed = now.saturating_duration_since(since);
        if elapsed < WINDOW {
            return;
        }
        self.since = Some(now);
        if self.bytes.iter().flatten().all(|bytes| *bytes == 0) {
            // It has stopped: that tells nothing of what it takes when it goes on.
            return;
        }
        let first = self.rates.is_none();
        let rates = self.rates.get_or_insert_default();
        for (rates, bytes) in rates.iter_mut().flatten().zip(self.bytes.iter_mut().flatten()) {
            let newest = Bitrate::of(std::mem::take(bytes), elapsed);
            *rates = if first { newest } else { rates.scaled(1.0 - NEWEST) + newest.scaled(NEWEST) };
        }
    }

    /// Begins anew after a pause, in which nothing was measured; the rates of before stay until there are others.
    pub fn restart(&mut self, now: Instant) {
        self.bytes = Default::default();
        self.since = Some(now);
    }

    /// The rate of all layers up to `layer`; `None` before the first window has passed.
    pub fn up_to(&self, layer: Layer) -> Option<Bitrate> {
        let count = |layer: u8| usize::from(layer).saturating_add(1);
        let rows = self.rates.as_ref()?.iter().take(count(layer.spatial));
        Some(rows.flat_map(|row| row.iter().take(count(layer.temporal))).copied().sum())
    }

    /// The highest layers that carry anything.
    pub fn highest(&self) -> Layer {
        let mut highest = Layer::default();
        for (spatial, row) in (0u8..).zip(self.rates.iter().flatten()) {
            for (temporal, _) in (0u8..).zip(row).filter(|(_, rate)| rate.as_bps() > 0) {
                highest.spatial = spatial;
                highest.temporal = highest.temporal.max(temporal);
            }
        }
        highest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(spatial: u8, temporal: u8) -> Layer {
        Layer { spatial, temporal }
    }

    #[test]
    fn layers_add_up() {
        let start = Instant::now();
        let mut rates = LayerRates::default();
        rates.update(start);
        assert_eq!(rates.up_to(Layer::ALL), None);
        for (spatial, temporal, packets) in [(0, 0, 4), (0, 1, 2), (1, 0, 8), (1, 1, 6)] {
            (0..packets).for_each(|_| rates.record(layer(spatial, temporal), 1000 - OVERHEAD as usize));
        }
        rates.update(start + Duration::from_millis(499));
        assert_eq!(rates.up_to(Layer::ALL), None, "too soon");
        rates.update(start + Duration::from_secs(1));
        for (up_to, kilobits) in [((0, 0), 32), ((0, 1), 48), ((1, 0), 96), ((1, 1), 160), ((7, 7), 160)] {
            assert_eq!(rates.up_to(layer(up_to.0, up_to.1)), Some(Bitrate::kbps(kilobits)), "{up_to:?}");
        }
        assert_eq!(rates.highest(), layer(1, 1));
    }

    #[test]
    fn a_change_is_seen_within_two_seconds_and_one_keyframe_hardly() {
        let start = Instant::now();
        let mut rates = LayerRates::default();
        let run = |rates: &mut LayerRates, from: u64, bytes: usize| {
            for step in from..from + 10 {
                (0..5).for_each(|_| rates.record(Layer::default(), bytes - OVERHEAD as usize));
                rates.update(start + Duration::from_millis(200 * step));
            }
            rates.up_to(Layer::ALL).unwrap().as_bps()
        };
        let before = run(&mut rates, 0, 500);
        assert!((90_000..=135_000).contains(&before), "{before}");
        let after = run(&mut rates, 10, 1000);
        assert!((180_000..=210_000).contains(&after), "{after}");
    }

    #[test]
    fn a_pause_does_not_count() {
        let start = Instant::now();
        let mut rates = LayerRates::default();
        rates.update(start);
        rates.record(Layer::default(), 1000 - OVERHEAD as usize);
        rates.update(start + Duration::from_secs(1));
        rates.restart(start + Duration::from_secs(60));
        rates.record(Layer::default(), 1000 - OVERHEAD as usize);
        rates.update(start + Duration::from_secs(61));
        assert_eq!(rates.up_to(Layer::ALL), Some(Bitrate::kbps(8)));
    }
}
