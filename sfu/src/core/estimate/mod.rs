//! How much a viewer's path can take: Google congestion control for one transport (draft-ietf-rmcat-gcc-02,
//! <https://datatracker.ietf.org/doc/html/draft-ietf-rmcat-gcc-02>), from transport-wide feedback.
//!
//! [`arrival`] finds how much longer each burst took than the one before, [`trend`] whether a queue grows, and [`rate`]
//! moves the delay-based rate by it, no further than [`acknowledged`] allows; [`alr`] tells when what arrives means
//! nothing since little was sent. [`loss`] bounds the rate where the path drops. [`probe`] finds out about more. What
//! the far end tells may be a lie: whatever it is, the estimate stays within its bounds, and it is only that viewer's
//! own.

mod acknowledged;
mod alr;
mod arrival;
mod loss;
mod probe;
mod rate;
mod trend;

use std::time::{Duration, Instant};

use self::acknowledged::Acknowledged;
use self::alr::ApplicationLimit;
use self::arrival::Arrivals;
use self::loss::LossBound;
use self::probe::{Outlook, Prober};
pub use self::probe::{Probe, ProbeId};
use self::rate::{Conditions, Rate};
use self::trend::Trend;
pub use self::trend::Usage;
use super::bitrate::Bitrate;
use super::feedback::Awaited;

/// The least estimate in bit/s: one voice. Less would save nothing and leave nothing to measure by.
const MIN_BPS: f64 = 30_000.0;

/// The greatest estimate in bit/s. A screen full of people in high definition is half of it, and a peer that lies gets
/// no more than this.
const MAX_BPS: f64 = 30_000_000.0;

/// The first estimate: some small pictures at once, on nearly any network; probes follow within moments.
const START_BPS: f64 = 1_000_000.0;

/// What is presumed to be sent while the path is black: voices, whose packets will show when it is back.
const HELD_BPS: f64 = 100_000.0;

/// Media under way for so long without any feedback: the path is black. Browsers tell at least every 250 ms.
const BLACK: Duration = Duration::from_secs(1);

/// Interval at which time alone is looked at while feedback is awaited.
const TICK: Duration = Duration::from_millis(200);

/// While the path is black, a packet is to be sent at least so often, for only feedback of something tells that it is
/// back: often at first, since most outages are short, and after [`PATIENT`] no oftener than an idle peer may be woken.
const SIGN: Duration = Duration::from_millis(200);
const RARE_SIGN: Duration = Duration::from_secs(1);
const PATIENT: Duration = Duration::from_secs(10);

/// A peer that has given no feedback at all for so long, while media was sent, will give none.
const MUTE: Duration = Duration::from_secs(2);

/// Media may leave at this many times the estimate, so that a large picture is not spread over all of its time
/// (section 4 of the draft: pacing).
const PACING: f64 = 2.5;

/// A queue that is this long and drops packets is full, and so does not grow any more: an over-use that no trend shows.
const FULL_QUEUE_MS: f64 = 80.0;

/// Milliseconds in a tick of the feedback's times.
const TICK_MS: f64 = 0.25;

/// From one packet to the next, the far end's clock may go on by so much more or less than ours; beyond that it has
/// been set anew. No queue is so long: lower would take an outage of a radio link for that, higher would leave in the
/// trend what no queue explains.
const MAX_JUMP_MS: f64 = 3000.0;

/// The receiver's own estimate tells nothing any more after this, once we have better. Receivers send it each second.
const REMB_VALID: Duration = Duration::from_secs(5);

/// What became of one packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PacketResult {
    /// When it was sent.
    pub sent: Instant,
    /// Bytes on the wire, without IP and UDP.
    pub bytes: u16,
    /// When it arrived, in ticks of 250 µs of the receiver's clock; `None` if it did not.
    pub arrived: Option<i64>,
    /// The cluster that it belongs to, or 0.
    pub probe: ProbeId,
}

/// Where the numbers come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    /// From nowhere yet, though the peer agreed to transport-wide feedback.
    Awaited,
    /// Transport-wide feedback.
    Feedback,
    /// Only what the receiver itself estimates, if anything.
    Receiver,
}

/// A packet that arrived.
#[derive(Debug, Clone, Copy)]
struct Arrival {
    /// When it was sent, in milliseconds of our clock.
    sent: f64,
    /// When it arrived, in ticks of the receiver's clock.
    ticks: i64,
}

/// The estimate of one transport. See the module's text.
#[derive(Debug)]
pub struct Estimator {
    epoch: Instant,
    source: Source,
    rtt: Duration,
    arrivals: Arrivals,
    trend: Trend,
    acknowledged: Acknowledged,
    limit: ApplicationLimit,
    rate: Rate,
    loss: LossBound,
    prober: Prober,
    /// What the receiver itself estimates in bit/s, and when it told so.
    remb: Option<(f64, Instant)>,
    /// The arrival at which the times of arrival begin to count, in ticks of the receiver's clock.
    first_tick: Option<i64>,
    last_arrival: Option<Arrival>,
    /// Since when the path is black.
    held: Option<Instant>,
    /// Whether a packet is to be sent that shows when the path is back.
    wants_sign: bool,
}

impl Estimator {
    /// An estimator that has seen nothing; `feedback` tells whether the peer has agreed to transport-wide feedback.
    pub fn new(now: Instant, feedback: bool) -> Self {
        Self {
            epoch: now,
            source: if feedback { Source::Awaited } else { Source::Receiver },
            rtt: Duration::from_millis(100),
            arrivals: Arrivals::default(),
            trend: Trend::default(),
            acknowledged: Acknowledged::default(),
            limit: ApplicationLimit::default(),
            rate: Rate::new(now, START_BPS),
            loss: LossBound::default(),
            prober: Prober::new(START_BPS),
            remb: None,
            first_tick: None,
            last_arrival: None,
            held: None,
            wants_sign: false,
        }
    }

    /// Takes what a feedback told, in the order of sending; each packet once.
    pub fn feedback(&mut self, now: Instant, results: &[PacketResult]) {
        if results.is_empty() {
            return;
        }
        self.source = Source::Feedback;
        self.remb = self.remb.filter(|(_, told)| now.saturating_duration_since(*told) < REMB_VALID);
        if self.held.take().is_some() {
            self.restart(now);
        }
        for result in results {
            self.packet(result);
        }
        let conditions = Conditions {
            usage: self.trend.usage(),
            acknowledged: self.acknowledged.bps(),
            highest: self.acknowledged.highest_bps(),
            rtt: self.rtt,
            application_limited: self.limit.is_limited(),
        };
        self.rate.update(now, conditions);
        if let Some(found) = self.prober.take_result(now)
            && conditions.usage != Usage::Over
        {
            self.rate.raise_to(found);
        }
        let lossy = self.loss.judge(self.millis(now), self.rate.bps(), conditions.acknowledged);
        if lossy && self.trend.queue() > FULL_QUEUE_MS {
            self.rate.update(now, Conditions { usage: Usage::Over, ..conditions });
        }
    }

    fn packet(&mut self, result: &PacketResult) {
        let (sent, bytes) = (self.millis(result.sent), f64::from(result.bytes));
        self.limit.add(sent, bytes, self.bps());
        // What a probe loses is the probe's doing.
        if result.probe == 0 {
            self.loss.add(sent, bytes, result.arrived.is_none());
        }
        let Some(ticks) = result.arrived else {
            return self.prober.lost(result.probe);
        };
        let arrived = self.arrival(Arrival { sent, ticks });
        self.acknowledged.add(arrived, bytes);
        if result.probe != 0 {
            self.prober.add(result.probe, sent, arrived, bytes);
        }
        if let Some(delta) = self.arrivals.add(sent, arrived) {
            self.trend.add(delta);
        }
    }

    /// When a packet arrived, in milliseconds since the first one (doubles are exact for years of them). If the far
    /// end's clock has jumped, everything that compares arrivals begins anew.
    fn arrival(&mut self, arrival: Arrival) -> f64 {
        let jumped = self.last_arrival.replace(arrival).is_some_and(|last| {
            let elapsed = arrival.ticks.saturating_sub(last.ticks) as f64 * TICK_MS;
            (elapsed - (arrival.sent - last.sent)).abs() > MAX_JUMP_MS
        });
        if jumped {
            self.first_tick = None;
            self.forget_arrivals();
            self.prober.forget_arrivals();
        }
        let first = *self.first_tick.get_or_insert(arrival.ticks);
        arrival.ticks.saturating_sub(first) as f64 * TICK_MS
    }

    /// After an outage: what was sent meanwhile is gone, and what was queued tells nothing of the rate.
    fn restart(&mut self, now: Instant) {
        self.forget_arrivals();
        self.loss.forget_before(self.millis(now));
    }

    fn forget_arrivals(&mut self) {
        self.arrivals = Arrivals::default();
        self.trend = Trend::default();
        self.acknowledged = Acknowledged::default();
    }

    /// Media goes another way from now on: nothing is known of it, except that what was tried last is no bad start
    /// unless it was much. What the receiver told without feedback is all there is until it tells anew.
    pub fn path_changed(&mut self, now: Instant) {
        // That the old path went black says nothing of the new one, and least of all how much was sent before.
        self.held = None;
        *self = Self {
            epoch: self.epoch,
            source: self.source,
            rate: Rate::new(now, self.bps().min(START_BPS)),
            remb: self.remb.filter(|_| self.source == Source::Receiver),
            ..Self::new(now, true)
        };
    }

    /// The round trip, as a receiver report told it.
    pub fn round_trip(&mut self, rtt: Duration) {
        self.rtt = rtt.min(Duration::from_secs(2));
    }

    /// The loss that a receiver report told, 0 to 1: a fallback for peers without transport-wide feedback.
    pub fn loss_report(&mut self, now: Instant, loss: f64) {
        if self.source == Source::Receiver
            && let Some((remb, _)) = self.remb
        {
            self.loss.report(self.millis(now), remb, loss.clamp(0.0, 1.0));
        }
    }

    /// The receiver's own estimate (draft-alvestrand-rmcat-remb-03): a bound, and all there is for peers without
    /// transport-wide feedback.
    pub fn remb(&mut self, now: Instant, rate: Bitrate) {
        self.remb = Some(((rate.as_bps() as f64).clamp(MIN_BPS, MAX_BPS), now));
    }

    /// Time has passed. `awaited` is what feedback could tell of and did not yet. Returns when time alone may change
    /// something again.
    pub fn tick(&mut self, now: Instant, awaited: Option<Awaited>) -> Option<Instant> {
        let waited = awaited.and_then(|awaited| awaited.waited(now));
        match (self.source, waited) {
            (Source::Awaited, Some(waited)) if waited >= MUTE => self.source = Source::Receiver,
            (Source::Feedback, Some(waited)) if waited >= BLACK => _ = self.held.get_or_insert(now),
            _ => {}
        }
        let Some(since) = self.held else { return waited.map(|_| now + TICK) };
        let rare = now.saturating_duration_since(since) >= PATIENT;
        let interval = if rare { RARE_SIGN } else { SIGN };
        let next = awaited.map_or(now, |awaited| awaited.newest + interval);
        self.wants_sign = next <= now;
        Some(if self.wants_sign { now + interval } else { next })
    }

    /// What the path can take; `None` if nothing is known, and nothing ever will be unless the receiver tells.
    pub fn estimate(&self) -> Option<Bitrate> {
        (self.source != Source::Receiver || self.remb.is_some()).then(|| Bitrate::bps(self.bps() as u64))
    }

    /// How fast media may leave: a multiple of the estimate.
    pub fn pacing_rate(&self) -> Option<Bitrate> {
        self.estimate().map(|rate| rate.scaled(PACING))
    }

    /// Whether nothing is heard of what is sent.
    pub fn is_held(&self) -> bool {
        self.held.is_some()
    }

    /// The next cluster of probes, if one is due while it is of use to know about rates up to `desired`. While nothing
    /// is heard and nothing is sent, it is a single packet now and then, whose feedback tells that the path is back.
    pub fn plan_probe(&mut self, now: Instant, desired: Bitrate) -> Option<Probe> {
        if self.held.is_some() {
            return std::mem::take(&mut self.wants_sign)
                .then(|| self.prober.sign_of_life(Bitrate::bps(HELD_BPS as u64)));
        }
        if self.source == Source::Receiver || self.trend.usage() == Usage::Over {
            return None;
        }
        let bound = self.loss.bps().unwrap_or(MAX_BPS).min(self.remb_bps());
        let desired = desired.as_bps() as f64;
        self.prober.plan(now, Outlook { bps: self.bps(), desired, bound, overused: self.rate.decreased() })
    }

    /// A cluster is sent, with so many packets.
    pub fn probe_sent(&mut self, id: ProbeId, packets: u32) {
        self.prober.sent(id, packets);
    }

    fn bps(&self) -> f64 {
        let remb = self.remb_bps();
        let own = if self.source == Source::Receiver { remb } else { self.rate.bps() };
        let bps = own.min(remb).min(self.loss.bps().unwrap_or(MAX_BPS));
        let bps = if self.held.is_some() { bps.min(HELD_BPS) } else { bps };
        bps.clamp(MIN_BPS, MAX_BPS)
    }

    fn remb_bps(&self) -> f64 {
        self.remb.map_or(MAX_BPS, |(bps, _)| bps)
    }

    fn millis(&self, at: Instant) -> f64 {
        at.saturating_duration_since(self.epoch).as_secs_f64() * 1000.0
    }
}

#[cfg(test)]
mod tests;
