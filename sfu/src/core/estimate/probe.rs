//! Probes: short clusters of packets at a higher rate than the estimate, to find out what the path can take before
//! media is sent at that rate.

use std::time::{Duration, Instant};

use crate::core::bitrate::Bitrate;

/// The first probes' rates as multiples of the first estimate, so that a good network has its picture within a second.
/// They are sent whatever the demand, one after the other as they succeed: what the viewer enlarges later is then there
/// at once.
const FIRST: [f64; 2] = [3.0, 6.0];

/// Factor of later probes.
const STEP: f64 = 2.0;

/// A probe must promise at least this many times the estimate.
const WORTHWHILE: f64 = 1.1;

/// A probe that found this share of its rate was not stopped by the network: the next may follow at once.
const FOLLOWED: f64 = 0.7;

/// Time between probes that do not follow each other. Each costs at most its rate for [`LENGTH`].
const INTERVAL: Duration = Duration::from_secs(5);

/// A demand that has grown by this factor since the last probe does not wait for the interval.
const GROWN: f64 = 1.3;

/// No probe for so long after an over-use: the queue that it found must empty first.
const AFTER_OVERUSE: Duration = Duration::from_secs(1);

/// Length of a cluster, and the packets that it has at least. Longer is more exact, and more of a queue if it fails.
const LENGTH: Duration = Duration::from_millis(25);
const PACKETS: u64 = 6;

/// Bytes of a packet, for the least length of a cluster.
const PACKET_BYTES: u64 = 1000;

/// A cluster whose feedback has not come after this tells nothing any more.
const PATIENCE: Duration = Duration::from_secs(1);

/// Share of the cluster's packets that feedback must have told of, and that must have arrived: radio links lose a fifth
/// at any rate.
const TOLD: f64 = 0.9;
const ARRIVED: f64 = 0.6;

/// Packets below which a cluster tells no rate: too few intervals, of which each may be a chance.
const LEAST_PACKETS: u32 = 4;

/// If less than this share of the rate sent arrives, the path's capacity was found, and this much of it is used.
const SATURATED: f64 = 0.9;
const UTILISED: f64 = 0.95;

/// Names a cluster; never 0, which is the mark of packets that belong to none.
pub type ProbeId = u8;

/// A cluster to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Probe {
    /// The mark of its packets.
    pub id: ProbeId,
    /// At this rate, media included.
    pub rate: Bitrate,
    /// At least so many bytes, media included.
    pub bytes: u64,
}

#[derive(Debug)]
struct Cluster {
    probe: Probe,
    started: Instant,
    /// Packets of the whole cluster, once it is sent.
    sent_packets: Option<u32>,
    arrived: u32,
    lost: u32,
    bytes: f64,
    first_sent: f64,
    last_sent: f64,
    /// Bytes sent at `last_sent`: their sending had no time yet.
    last_bytes: f64,
    first_arrival: f64,
    last_arrival: f64,
    first_bytes: f64,
}

impl Cluster {
    fn new(probe: Probe, now: Instant) -> Self {
        Self {
            probe,
            started: now,
            sent_packets: None,
            arrived: 0,
            lost: 0,
            bytes: 0.0,
            first_sent: f64::MAX,
            last_sent: f64::MIN,
            last_bytes: 0.0,
            first_arrival: f64::MAX,
            last_arrival: f64::MIN,
            first_bytes: 0.0,
        }
    }

    fn add(&mut self, sent: f64, arrived: f64, bytes: f64) {
        self.arrived += 1;
        self.bytes += bytes;
        self.first_sent = self.first_sent.min(sent);
        if sent > self.last_sent {
            (self.last_sent, self.last_bytes) = (sent, 0.0);
        }
        self.last_bytes += bytes;
        if arrived < self.first_arrival {
            (self.first_arrival, self.first_bytes) = (arrived, bytes);
        }
        self.last_arrival = self.last_arrival.max(arrived);
    }

    fn is_told(&self) -> bool {
        let sent = self.sent_packets.filter(|sent| *sent >= LEAST_PACKETS);
        sent.is_some_and(|sent| f64::from(self.arrived + self.lost) >= TOLD * f64::from(sent))
    }

    /// The rate that passed, in bit/s.
    fn result(&self) -> Option<f64> {
        let sent_packets = self.sent_packets.filter(|_| self.is_told())?;
        if f64::from(self.arrived) < ARRIVED * f64::from(sent_packets) || self.arrived < LEAST_PACKETS {
            return None;
        }
        let (send_ms, receive_ms) = (self.last_sent - self.first_sent, self.last_arrival - self.first_arrival);
        if !(1.0..1000.0).contains(&send_ms) || !(1.0..1000.0).contains(&receive_ms) {
            return None;
        }
        let sent = (self.bytes - self.last_bytes) * 8000.0 / send_ms;
        let received = (self.bytes - self.first_bytes) * 8000.0 / receive_ms;
        // Faster in than out by far is no network but a clock, or a lie.
        if received > 2.0 * sent {
            return None;
        }
        Some(if received < SATURATED * sent { UTILISED * received } else { sent.min(received) })
    }
}

/// What is known when a probe may be due.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outlook {
    /// The estimate in bit/s.
    pub(super) bps: f64,
    /// Up to which rate it is of use to know, in bit/s.
    pub(super) desired: f64,
    /// What is known not to pass, in bit/s.
    pub(super) bound: f64,
    /// When the path was last over-used.
    pub(super) overused: Option<Instant>,
}

/// Plans clusters and evaluates them.
#[derive(Debug)]
pub(super) struct Prober {
    start: f64,
    first: usize,
    next_at: Option<Instant>,
    /// What was of use to know when the last cluster was planned.
    desired: f64,
    ids: ProbeId,
    clusters: Vec<Cluster>,
}

impl Prober {
    /// For a first estimate of so many bit/s.
    pub(super) fn new(bps: f64) -> Self {
        Self { start: bps, first: 0, next_at: None, desired: 0.0, ids: 0, clusters: Vec::new() }
    }

    /// The next cluster, if one is due.
    pub(super) fn plan(&mut self, now: Instant, outlook: Outlook) -> Option<Probe> {
        self.expire(now);
        let recent = outlook.overused.is_some_and(|at| now.saturating_duration_since(at) < AFTER_OVERUSE);
        let due = self.next_at.is_none_or(|next| now >= next);
        // What the last cluster finds decides what is of use to know next.
        let decided = self.first >= FIRST.len() && self.clusters.is_empty();
        let grown = decided && outlook.desired > GROWN * self.desired;
        if recent || !(due || grown) {
            return None;
        }
        let is_known = |factor: &&f64| **factor * self.start < WORTHWHILE * outlook.bps;
        self.first += FIRST.iter().skip(self.first).take_while(is_known).count();
        let rate = match FIRST.get(self.first) {
            Some(factor) => factor * self.start,
            None if outlook.desired > outlook.bps => (STEP * outlook.bps).min(outlook.desired),
            None => return None,
        };
        let rate = rate.min(outlook.bound).min(super::MAX_BPS);
        if rate < WORTHWHILE * outlook.bps {
            return None;
        }
        self.first += 1;
        self.next_at = Some(now + INTERVAL);
        self.desired = outlook.desired;
        let rate = Bitrate::bps(rate as u64);
        let probe = Probe { id: self.next_id(), rate, bytes: rate.bytes_in(LENGTH).max(PACKETS * PACKET_BYTES) };
        self.clusters.push(Cluster::new(probe, now));
        Some(probe)
    }

    /// Gives up clusters of which nothing more is expected.
    fn expire(&mut self, now: Instant) {
        let (mut untold, mut failed) = (false, false);
        self.clusters.retain(|cluster| {
            let waits = now.saturating_duration_since(cluster.started) < PATIENCE;
            untold |= !waits && !cluster.is_told();
            failed |= !waits && cluster.is_told();
            waits
        });
        if failed && self.first < FIRST.len() {
            // Too little of it arrived for a rate: this path is not one for the rest of the first ones.
            self.first = FIRST.len();
        } else if untold && self.first == 1 {
            // The feedback itself was lost, or there was nothing to send, and the viewer waits for its first good
            // picture.
            (self.first, self.next_at) = (0, None);
        }
    }

    /// The far end has another clock: what arrived by the old one tells nothing.
    pub(super) fn forget_arrivals(&mut self) {
        for cluster in &mut self.clusters {
            *cluster = Cluster { sent_packets: None, ..Cluster::new(cluster.probe, cluster.started) };
        }
    }

    /// A single packet, which shows that the path is there and tells no rate.
    pub(super) fn sign_of_life(&mut self, rate: Bitrate) -> Probe {
        Probe { id: self.next_id(), rate, bytes: 1 }
    }

    fn next_id(&mut self) -> ProbeId {
        self.ids = self.ids % ProbeId::MAX + 1;
        self.ids
    }

    /// A cluster is sent, with so many packets.
    pub(super) fn sent(&mut self, id: ProbeId, packets: u32) {
        if let Some(cluster) = self.clusters.iter_mut().find(|cluster| cluster.probe.id == id) {
            cluster.sent_packets = Some(packets);
        }
    }

    /// A cluster's packet arrived.
    pub(super) fn add(&mut self, id: ProbeId, sent: f64, arrived: f64, bytes: f64) {
        if let Some(cluster) = self.clusters.iter_mut().find(|cluster| cluster.probe.id == id) {
            cluster.add(sent, arrived, bytes);
        }
    }

    /// A cluster's packet was lost.
    pub(super) fn lost(&mut self, id: ProbeId) {
        if let Some(cluster) = self.clusters.iter_mut().find(|cluster| cluster.probe.id == id) {
            cluster.lost += 1;
        }
    }

    /// The highest rate that a cluster has found since the last call, in bit/s.
    pub(super) fn take_result(&mut self, now: Instant) -> Option<f64> {
        let mut best: Option<f64> = None;
        let mut follow = false;
        self.clusters.retain(|cluster| {
            let Some(found) = cluster.result() else { return true };
            best = Some(best.map_or(found, |best| best.max(found)));
            follow |= found >= FOLLOWED * cluster.probe.rate.as_bps() as f64;
            false
        });
        if follow {
            self.next_at = Some(now);
        } else if best.is_some() {
            // The network has shown its limit: the rest of the first ones would only fill its queue.
            self.first = FIRST.len();
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outlook(bps: f64, desired: f64) -> Outlook {
        Outlook { bps, desired, bound: f64::MAX, overused: None }
    }

    /// Sends a cluster of 1000-byte packets over a path of `capacity`; gives what it found.
    fn measure(prober: &mut Prober, probe: Probe, capacity: f64, now: Instant) -> Option<f64> {
        let spacing = 8e6 / probe.rate.as_bps() as f64;
        let (mut free_at, mut packets, mut sent) = (0.0_f64, 0, 0.0);
        while packets * 1000 < probe.bytes {
            free_at = free_at.max(sent) + 8e6 / capacity;
            prober.add(probe.id, sent, 20.0 + free_at, 1000.0);
            packets += 1;
            sent += spacing;
        }
        prober.sent(probe.id, packets as u32);
        prober.take_result(now)
    }

    #[test]
    fn the_first_two_are_sent_at_once_and_then_one_follows_another_while_they_succeed() {
        let mut now = Instant::now();
        let mut prober = Prober::new(1e6);
        let three = prober.plan(now, outlook(1e6, 0.1e6)).unwrap();
        assert_eq!(three.rate, Bitrate::kbps(3000), "whatever the demand");
        for desired in [0.1e6, 9e6] {
            assert_eq!(prober.plan(now, outlook(1e6, desired)), None, "not before its result: {desired}");
        }
        let found = measure(&mut prober, three, 100e6, now).unwrap();
        assert!((2.7e6..3.3e6).contains(&found), "{found}");
        let six = prober.plan(now, outlook(3e6, 0.1e6)).unwrap();
        assert_eq!(six.rate, Bitrate::kbps(6000));
        assert!(measure(&mut prober, six, 100e6, now).is_some());
        assert_eq!(prober.plan(now, outlook(6e6, 0.1e6)), None, "enough is known");
        let next = prober.plan(now, outlook(6e6, 20e6)).unwrap();
        assert_eq!(next.rate, Bitrate::kbps(12_000));
        let found = measure(&mut prober, next, 7e6, now).unwrap();
        assert!((6e6..7.1e6).contains(&found), "{found}");
        assert_eq!(prober.plan(now, outlook(6.5e6, 20e6)), None, "the network stopped it");
        now += INTERVAL;
        assert!(prober.plan(now, outlook(6.5e6, 20e6)).is_some());
    }

    #[test]
    fn what_nobody_could_use_is_not_probed() {
        for (bps, desired, expected) in
            [(1e6, 0.5e6, None), (1e6, 1.05e6, None), (1e6, 1.2e6, Some(1200)), (1e6, 1e12, Some(2000))]
        {
            let mut prober = Prober { first: FIRST.len(), ..Prober::new(1e6) };
            let probe = prober.plan(Instant::now(), outlook(bps, desired));
            assert_eq!(probe.map(|probe| probe.rate), expected.map(Bitrate::kbps), "{desired}");
        }
        let now = Instant::now();
        let overused = Outlook { overused: Some(now), ..outlook(1e6, 9e6) };
        assert_eq!(Prober::new(1e6).plan(now, overused), None);
        let bounded = Outlook { bound: 1.5e6, ..outlook(1e6, 9e6) };
        assert_eq!(Prober::new(1e6).plan(now, bounded).map(|probe| probe.rate), Some(Bitrate::kbps(1500)));
    }

    #[test]
    fn a_demand_that_grows_does_not_wait() {
        let now = Instant::now();
        let mut prober = Prober { first: FIRST.len(), ..Prober::new(1e6) };
        let probe = prober.plan(now, outlook(1e6, 1.5e6)).unwrap();
        assert_eq!(prober.plan(now, outlook(1e6, 3e6)), None, "not before its result");
        assert!(measure(&mut prober, probe, 0.9e6, now).is_some());
        assert_eq!(prober.plan(now, outlook(1e6, 1.9e6)), None);
        assert!(prober.plan(now, outlook(1e6, 3e6)).is_some());
    }

    /// Plans after a first probe of which this became; the rates in kbit/s, a second and an interval later.
    fn after_first(sent: u32, arrived: u32, lost: u32) -> [Option<Bitrate>; 2] {
        let mut now = Instant::now();
        let mut prober = Prober::new(1e6);
        let probe = prober.plan(now, outlook(1e6, 9e6)).unwrap();
        prober.sent(probe.id, sent);
        (0..arrived).for_each(|packet| prober.add(probe.id, f64::from(packet), f64::from(packet), 1000.0));
        (0..lost).for_each(|_| prober.lost(probe.id));
        prober.take_result(now);
        [PATIENCE, INTERVAL].map(|later| {
            now += later;
            prober.plan(now, outlook(1e6, 9e6)).map(|probe| probe.rate)
        })
    }

    #[test]
    fn the_second_waits_for_the_success_of_the_first() {
        for (name, sent, arrived, lost, next, later) in [
            ("half was lost", 10, 5, 5, None, Some(2000)),
            ("the feedback was lost", 10, 0, 0, Some(3000), Some(3000)),
            ("there was nothing to send", 0, 0, 0, Some(3000), Some(3000)),
        ] {
            assert_eq!(after_first(sent, arrived, lost), [next, later].map(|rate| rate.map(Bitrate::kbps)), "{name}");
        }
    }

    #[test]
    fn one_that_is_not_worth_it_is_not_counted_as_sent() {
        let now = Instant::now();
        let mut prober = Prober::new(1e6);
        let bounded = Outlook { bound: 1e6, ..outlook(1e6, 0.0) };
        assert_eq!(prober.plan(now, bounded), None);
        let probe = prober.plan(now, outlook(1e6, 0.0)).map(|probe| probe.rate);
        assert_eq!(probe, Some(Bitrate::kbps(3000)), "the bound is gone");
        let mut prober = Prober::new(1e6);
        let probe = prober.plan(now, outlook(8e6, 12e6)).map(|probe| probe.rate);
        assert_eq!(probe, Some(Bitrate::kbps(12_000)), "the first ones' rates are known to pass");
    }

    #[test]
    fn a_cluster_that_arrives_too_well_or_in_part_tells_nothing() {
        let now = Instant::now();
        for (compress, arrived, expected) in [(1.0, 10, true), (0.3, 10, false), (1.0, 8, true), (1.0, 5, false)] {
            let mut prober = Prober::new(1e6);
            let probe = prober.plan(now, outlook(1e6, 9e6)).unwrap();
            for packet in 0..arrived {
                let sent = f64::from(packet) * 2.7;
                prober.add(probe.id, sent, sent * compress, 1000.0);
            }
            prober.sent(probe.id, 10);
            assert!(arrived == 10 || prober.take_result(now).is_none(), "the rest may still come");
            (arrived..10).for_each(|_| prober.lost(probe.id));
            assert_eq!(prober.take_result(now).is_some(), expected, "{compress} {arrived}");
        }
    }
}
