//! Everything that flows to one viewer, as its congestion control sees it: what was sent, what became of it, how much
//! may be sent, and what is sent to find out about more.

use std::time::{Duration, Instant};

use super::pacer::Pacer;
use crate::core::bitrate::Bitrate;
use crate::core::estimate::{Estimator, PacketResult, Probe, ProbeId};
use crate::core::feedback::SentPackets;
use crate::core::rtp::rtcp::{ReportBlock, TransportCcFeedback};

/// While a viewer gets less than it could use, it is of use to know up to this many times that: the lines are chosen
/// with some room, a probe finds a little less than it sends, and pictures differ in size.
const HEADROOM: f64 = 1.5;

/// Time alone is first looked at so long after a pause: soon, so that the first probes follow the first media at once.
const FIRST_TICK: Duration = Duration::from_millis(20);

/// Share by which the estimate moves before its viewer's lines are chosen anew; less waits for the room's next review.
const MOVED: f64 = 0.1;

/// A cluster that is being sent.
#[derive(Debug, Clone, Copy)]
struct Probing {
    probe: Probe,
    since: Instant,
    bytes: u64,
    packets: u32,
}

impl Probing {
    /// Whether its time is over. A large picture in the middle of it makes it no shorter: sent in no time, it would
    /// tell no rate.
    fn is_over(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.since) >= self.probe.rate.time_for(self.probe.bytes)
    }
}

/// See the module's text.
#[derive(Debug)]
pub(super) struct Flow {
    estimator: Box<Estimator>,
    /// Whether the peer has agreed to transport-wide feedback in any section.
    feedback: bool,
    sent: SentPackets,
    pub(super) pacer: Pacer,
    /// Up to which rate it is of use to know; nothing if the viewer gets all that it wants.
    desired: Bitrate,
    /// The estimate by which the viewer's lines were chosen.
    chosen_by: Option<Bitrate>,
    probing: Option<Probing>,
    /// When time alone is next looked at: while feedback is awaited.
    due: Option<Instant>,
    /// What a feedback told; kept for its memory.
    results: Vec<PacketResult>,
}

impl Flow {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            estimator: Box::new(Estimator::new(now, false)),
            feedback: false,
            sent: SentPackets::default(),
            pacer: Pacer::default(),
            desired: Bitrate::ZERO,
            chosen_by: None,
            probing: None,
            due: None,
            results: Vec::new(),
        }
    }

    /// The peer has agreed to transport-wide feedback in some section.
    pub(super) fn agree(&mut self, now: Instant) {
        if !self.feedback {
            self.feedback = true;
            *self.estimator = Estimator::new(now, true);
            self.refresh();
        }
    }

    /// Media goes another way from now on. What is still told of the old one tells nothing of the new.
    pub(super) fn path_changed(&mut self, now: Instant) {
        self.probing = None;
        self.sent.forget();
        self.estimator.path_changed(now);
        self.refresh();
    }

    /// What the path can take; `None` if nothing tells.
    pub(super) fn estimate(&self) -> Option<Bitrate> {
        self.estimator.estimate()
    }

    /// The viewer's lines were chosen by the estimate as it is: it is sent `allocated`, and could use `desired` if
    /// there were no limit.
    pub(super) fn chosen(&mut self, allocated: Bitrate, desired: Bitrate) {
        self.desired = if allocated < desired { desired.scaled(HEADROOM) } else { Bitrate::ZERO };
        self.chosen_by = self.estimate();
    }

    /// Whether the viewer could use more than it gets.
    pub(super) fn wants_more(&self) -> bool {
        self.desired > Bitrate::ZERO
    }

    /// Whether the estimate has moved so far that the viewer's lines should be chosen anew.
    pub(super) fn has_moved(&self) -> bool {
        let bps = |rate: Option<Bitrate>| rate.map_or(f64::INFINITY, |rate| rate.as_bps() as f64);
        let (before, now) = (bps(self.chosen_by), bps(self.estimate()));
        // Without a limit on both sides there is no difference.
        (now - before).abs() > MOVED * before.min(now)
    }

    /// Whether nothing is heard of what is sent.
    pub(super) fn is_held(&self) -> bool {
        self.estimator.is_held()
    }

    /// The transport-wide number of the next packet of which feedback will tell.
    pub(super) fn next_number(&self) -> u16 {
        self.sent.next_number()
    }

    /// A packet has left, under [`Self::next_number`] if it was `numbered`. Returns when [`Self::tick`] is due, if it
    /// was not due at all before.
    pub(super) fn sent(&mut self, now: Instant, bytes: usize, numbered: bool) -> Option<Instant> {
        if self.probing.is_none() {
            self.pacer.charge(now, bytes);
        }
        if numbered {
            self.sent.record(now, bytes, self.probe_id());
            self.count_probe(now, bytes);
        }
        if !numbered || self.due.is_some() {
            return None;
        }
        self.due = Some(now + FIRST_TICK);
        self.due
    }

    /// When [`Self::tick`] is due.
    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }

    fn probe_id(&self) -> ProbeId {
        self.probing.map_or(0, |probing| probing.probe.id)
    }

    fn count_probe(&mut self, now: Instant, bytes: usize) {
        let Some(probing) = &mut self.probing else { return };
        probing.bytes += bytes as u64;
        probing.packets += 1;
        if probing.bytes >= probing.probe.bytes && probing.is_over(now) {
            self.end_probe();
        }
    }

    /// Begins a cluster of probes if one is due; returns whether it did.
    pub(super) fn begin_probe(&mut self, now: Instant) -> bool {
        if self.probing.is_some() {
            return false;
        }
        let planned = self.estimator.plan_probe(now, self.desired);
        self.probing = planned.map(|probe| Probing { probe, since: now, bytes: 0, packets: 0 });
        self.probing.is_some()
    }

    /// Whether the cluster wants another packet now: to keep to its rate, or to end it.
    pub(super) fn wants_probe(&self, now: Instant) -> bool {
        self.probing.is_some_and(|probing| {
            let due = probing.probe.rate.bytes_in(now.saturating_duration_since(probing.since));
            probing.bytes <= due || probing.is_over(now)
        })
    }

    /// Whether a cluster is being sent.
    pub(super) fn is_probing(&self) -> bool {
        self.probing.is_some()
    }

    /// The cluster is complete, or there is nothing left to complete it with.
    pub(super) fn end_probe(&mut self) {
        if let Some(probing) = self.probing.take() {
            self.estimator.probe_sent(probing.probe.id, probing.packets);
        }
    }

    /// When packets of the whole transport arrived.
    pub(super) fn feedback(&mut self, now: Instant, feedback: &TransportCcFeedback) {
        self.results.clear();
        self.sent.resolve(now, feedback, &mut self.results);
        self.estimator.feedback(now, &self.results);
        self.refresh();
    }

    /// The viewer's own estimate.
    pub(super) fn remb(&mut self, now: Instant, bits: u64) {
        self.estimator.remb(now, Bitrate::bps(bits));
        self.refresh();
    }

    /// Reports on our lines. `ntp` is the time now as in our sender reports.
    pub(super) fn reports<'r>(&mut self, now: Instant, ntp: u64, reports: impl Iterator<Item = &'r ReportBlock>) {
        let (mut lost, mut count) = (0.0, 0.0);
        for report in reports {
            lost += f64::from(report.fraction_lost) / 256.0;
            count += 1.0;
            if let Some(rtt) = round_trip(ntp, report) {
                self.estimator.round_trip(rtt);
            }
        }
        if count > 0.0 {
            self.estimator.loss_report(now, lost / count);
            self.refresh();
        }
    }

    /// What changes with time alone.
    pub(super) fn tick(&mut self, now: Instant) {
        if self.due.is_none_or(|due| now < due) {
            return;
        }
        self.due = self.estimator.tick(now, self.sent.awaited());
        self.refresh();
    }

    fn refresh(&mut self) {
        self.pacer.set_rates(self.estimator.estimate(), self.estimator.pacing_rate());
    }
}

/// The round trip that a report tells (RFC 3550 section 6.4.1, <https://www.rfc-editor.org/rfc/rfc3550#section-6.4.1>);
/// `None` if it knows no report of ours, or tells of more than a minute.
fn round_trip(ntp: u64, report: &ReportBlock) -> Option<Duration> {
    if report.last_sr == 0 {
        return None;
    }
    let units = ((ntp >> 16) as u32).wrapping_sub(report.last_sr).wrapping_sub(report.delay_since_sr);
    let rtt = Duration::from_micros(u64::from(units) * 1_000_000 / 65_536);
    (rtt < Duration::from_secs(60)).then_some(rtt)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::rtp::Ssrc;

    #[test]
    fn a_round_trip_is_what_the_far_end_does_not_explain() {
        let second = 1 << 16;
        for (last_sr, delay_since_sr, expected) in [
            (0, 0, None),
            (99 * second, second / 2, Some(500)),
            (100 * second, 0, Some(0)),
            (99 * second, 2 * second, None),
            (1, 0, None),
        ] {
            let report = ReportBlock {
                ssrc: Ssrc(1),
                fraction_lost: 0,
                cumulative_lost: 0,
                highest_seq: 0,
                jitter: 0,
                last_sr,
                delay_since_sr,
            };
            assert_eq!(round_trip(100 << 32, &report), expected.map(Duration::from_millis), "{last_sr}");
        }
    }
}
