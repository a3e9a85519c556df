//! A bound on the rate by loss, for paths that drop without queueing first
//! (draft-ietf-rmcat-gcc-02 section 6, <https://datatracker.ietf.org/doc/html/draft-ietf-rmcat-gcc-02#section-6>).
//!
//! The draft lowers the rate by half of whatever is lost beyond 10 %. On a radio link that loses a fifth of everything,
//! at any rate, this would starve the viewer for nothing. So each cut is also an experiment: if the path was too
//! narrow, loss falls as the rate does, by as much as can be foretold; if it does not, the loss is *inherent* to the
//! path, the bound is lifted, and from then on only what is lost beyond it counts. Inherent loss is unlearned as soon
//! as less is lost. (Browsers fit the same two unknowns, capacity and inherent loss, by maximum likelihood over many
//! windows; the experiment needs no search, and one switch of layers is all that it costs.)

/// Loss beyond the inherent one that lowers the bound, below which it rises, and which there is at all. A window's
/// share is off by some hundredths by chance alone.
const HIGH: f64 = 0.10;
const MIDDLE: f64 = 0.05;
const LOW: f64 = 0.02;

/// What a window must hold before it is judged: enough packets for a share, or enough time.
const WINDOW_PACKETS: u32 = 100;
const WINDOW_MS: f64 = 300.0;
const LONG_WINDOW_MS: f64 = 2000.0;
const LONG_WINDOW_PACKETS: u32 = 40;

/// Factor by which the bound rises in a second without loss.
const INCREASE_PER_SECOND: f64 = 1.08;

/// The rate must have fallen to this share of what it was for an experiment to tell anything.
const EXPERIMENT: f64 = 0.95;

/// Weight of a window that lost less than what is thought inherent.
const UNLEARN: f64 = 0.15;

/// Share of what arrives that a cut never goes below: that much does pass.
const FLOOR: f64 = 0.95;

#[derive(Debug, Clone, Copy, Default)]
struct Window {
    packets: u32,
    lost: u32,
    bytes: f64,
    first_sent: Option<f64>,
    last_sent: f64,
}

impl Window {
    fn is_complete(&self) -> bool {
        let span = self.span();
        (self.packets >= WINDOW_PACKETS && span >= WINDOW_MS)
            || (self.packets >= LONG_WINDOW_PACKETS && span >= LONG_WINDOW_MS)
    }

    fn span(&self) -> f64 {
        self.first_sent.map_or(0.0, |first| self.last_sent - first)
    }
}

/// What was sent and lost in one window.
#[derive(Debug, Clone, Copy)]
struct Sample {
    bps: f64,
    loss: f64,
}

/// See the module's text.
#[derive(Debug, Default)]
pub(super) struct LossBound {
    bound: Option<f64>,
    inherent: f64,
    window: Window,
    /// Packets sent before this are of a rate that has been judged.
    judged_until: f64,
    judged_at: f64,
    /// What was seen before the bound was lowered.
    before_cut: Option<Sample>,
}

impl LossBound {
    /// The bound in bit/s, if there is one.
    pub(super) fn bps(&self) -> Option<f64> {
        self.bound
    }

    /// What became of a packet.
    pub(super) fn add(&mut self, sent: f64, bytes: f64, lost: bool) {
        if sent < self.judged_until {
            return;
        }
        self.window.first_sent.get_or_insert(sent);
        self.window.last_sent = self.window.last_sent.max(sent);
        self.window.packets += 1;
        self.window.lost += u32::from(lost);
        self.window.bytes += bytes;
    }

    /// Judges the window if it is complete, and then tells whether more than the path's inherent share was lost. `bps`
    /// is the rate without this bound.
    pub(super) fn judge(&mut self, now: f64, bps: f64, acknowledged: Option<f64>) -> bool {
        if !self.window.is_complete() {
            return false;
        }
        let window = std::mem::take(&mut self.window);
        let sample = Sample {
            bps: window.bytes * 8000.0 / window.span(),
            loss: f64::from(window.lost) / f64::from(window.packets),
        };
        self.take(now, bps, acknowledged, sample);
        sample.loss - self.inherent > LOW
    }

    /// The share that a receiver report tells, where nothing better is known.
    pub(super) fn report(&mut self, now: f64, bps: f64, loss: f64) {
        let sent = self.bound.unwrap_or(bps).min(bps);
        self.take(now, bps, None, Sample { bps: sent, loss });
    }

    fn take(&mut self, now: f64, bps: f64, acknowledged: Option<f64>, sample: Sample) {
        let elapsed = (now - self.judged_at).clamp(0.0, 5000.0) / 1000.0;
        self.judged_at = now;
        self.conclude(sample);
        if sample.loss < self.inherent {
            self.inherent += UNLEARN * (sample.loss - self.inherent);
        }
        let excess = sample.loss - self.inherent;
        if excess > HIGH {
            // From what is sent, however much more might be: a bound far above it would be no experiment.
            let top = self.bound.unwrap_or(bps).min(bps).min(sample.bps);
            let floor = acknowledged.map_or(0.0, |acknowledged| FLOOR * acknowledged);
            self.bound = Some((top * (1.0 - 0.5 * excess)).max(floor).min(top));
            self.before_cut.get_or_insert(sample);
            self.judged_until = now;
        } else if excess < MIDDLE {
            // Less loss though as much is sent: it was chance.
            let chance = self.before_cut.take().is_some_and(|before| sample.bps >= EXPERIMENT * before.bps);
            let risen = self.bound.map(|bound| bound * INCREASE_PER_SECOND.powf(elapsed));
            self.bound = risen.filter(|bound| *bound < bps && !chance);
        }
    }

    /// Ends the experiment that the last cut was, if the rate has fallen by now and as much is lost as before. One window
    /// that lost less may be chance, so it ends nothing: the next ones are compared with the same beginning until hardly
    /// anything is lost any more ([`Self::take`]).
    fn conclude(&mut self, sample: Sample) {
        let Some(before) = self.before_cut.filter(|before| sample.bps < EXPERIMENT * before.bps) else { return };
        let passes = before.bps * (1.0 - before.loss);
        let foretold = (1.0 - passes / sample.bps).max(0.0);
        if sample.loss > (before.loss + foretold) / 2.0 {
            self.before_cut = None;
            self.inherent = (before.loss + sample.loss) / 2.0;
            self.bound = None;
        }
    }

    /// Forgets what the window holds: an outage tells nothing of the rate.
    pub(super) fn forget_before(&mut self, now: f64) {
        self.window = Window::default();
        self.before_cut = None;
        self.judged_until = now;
    }
}

#[cfg(test)]
mod tests {
    use rand::rngs::StdRng;
    use rand::{RngExt, SeedableRng};

    use super::*;

    /// Sends at the bound for `seconds` over a path that loses `inherent` and lets `capacity` pass; gives the rates.
    fn run(rate: f64, inherent: f64, capacity: f64, seconds: u32) -> Vec<f64> {
        let mut loss = LossBound::default();
        let mut rates = Vec::new();
        let (mut carry, mut now) = (0.0, 0.0);
        for _ in 0..2 * seconds {
            let bps = loss.bps().unwrap_or(rate).min(rate);
            let lost = 1.0 - (1.0 - inherent) * (capacity / bps).min(1.0);
            let packets = (bps * 0.5 / 8000.0).max(10.0) as u32;
            for packet in 0..packets {
                carry += lost;
                let is_lost = carry >= 1.0;
                carry -= f64::from(u8::from(is_lost));
                loss.add(now + 500.0 * f64::from(packet) / f64::from(packets), 1000.0, is_lost);
            }
            now += 500.0;
            loss.judge(now, rate, Some(bps * (1.0 - lost)));
            rates.push(loss.bps().unwrap_or(rate));
        }
        rates
    }

    #[test]
    fn only_congestion_lowers_the_rate_for_long() {
        for (name, inherent, capacity, expected) in [
            ("nothing lost", 0.0, 1e9, 1.99e6..=2.01e6),
            ("a fifth lost at random", 0.2, 1e9, 1.99e6..=2.01e6),
            ("a third lost at random", 0.33, 1e9, 1.99e6..=2.01e6),
            ("policed at 1 Mbit/s", 0.0, 1e6, 0.8e6..=1.15e6),
            ("policed at 1.8 Mbit/s", 0.0, 1.8e6, 1.6e6..=2.01e6),
        ] {
            let rates = run(2e6, inherent, capacity, 20);
            assert!(rates[20..].iter().all(|rate| expected.contains(rate)), "{name}: {rates:?}");
        }
    }

    /// Sends the best of three encodings that fits, and a voice, for a minute over a path that loses `loss` at random;
    /// gives the longest time in which not even the smallest fitted, in seconds.
    fn longest_without_a_picture(seed: u64, loss: f64) -> f64 {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut bound = LossBound::default();
        let (mut without, mut longest) = (0.0_f64, 0.0_f64);
        for turn in 0..600 {
            let most = bound.bps().unwrap_or(5e6) - 40e3;
            let picture = [2.5e6, 0.5e6, 0.15e6].into_iter().find(|encoding| *encoding < most);
            without = if picture.is_some() { 0.0 } else { without + 0.1 };
            longest = longest.max(without);
            let (now, bps) = (f64::from(turn) * 100.0, picture.unwrap_or(0.0) + 40e3);
            let packets = ((bps * 0.1 / 8000.0) as u32).max(5);
            for packet in 0..packets {
                let sent = now + 100.0 * f64::from(packet) / f64::from(packets);
                bound.add(sent, bps * 0.1 / 8.0 / f64::from(packets), rng.random_bool(loss));
            }
            bound.judge(now + 100.0, 5e6, Some(bps * (1.0 - loss)));
        }
        longest
    }

    #[test]
    fn loss_that_is_the_paths_own_takes_the_picture_away_from_nobody() {
        for loss in [0.05, 0.1, 0.15, 0.2, 0.3] {
            let longest = (0..500).map(|seed| longest_without_a_picture(seed, loss)).fold(0.0, f64::max);
            assert!(longest <= 0.0, "{longest} s at {loss}");
        }
    }

    #[test]
    fn inherent_loss_is_unlearned() {
        let mut loss = LossBound { inherent: 0.3, ..LossBound::default() };
        for window in 0..30 {
            loss.take(f64::from(window) * 500.0, 1e6, None, Sample { bps: 1e6, loss: 0.0 });
        }
        assert!(loss.inherent < 0.01, "{}", loss.inherent);
    }
}
