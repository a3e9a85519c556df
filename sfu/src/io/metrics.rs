//! The workers' snapshots as Prometheus metrics.

use prometheus::core::{Collector, Desc};
use prometheus::proto::MetricFamily;
use prometheus::{IntCounter, IntCounterVec, IntGauge, Opts};

use super::SharedSnapshot;
use crate::core::stats::{DropReason, Snapshot};

/// Reads one number out of a snapshot.
type Read = fn(&Snapshot) -> u64;

const COUNTERS: [(&str, &str, Read); 18] = [
    ("confab_sfu_datagrams_received_total", "UDP datagrams received.", |s| s.counters.datagrams_received),
    ("confab_sfu_received_bytes_total", "Bytes in the datagrams received.", |s| s.counters.bytes_received),
    ("confab_sfu_datagrams_sent_total", "UDP datagrams sent.", |s| s.counters.datagrams_sent),
    ("confab_sfu_sent_bytes_total", "Bytes in the datagrams sent.", |s| s.counters.bytes_sent),
    ("confab_sfu_packets_received_total", "RTP packets received and authenticated.", |s| s.counters.packets_received),
    ("confab_sfu_packets_forwarded_total", "RTP packets sent to viewers.", |s| s.counters.packets_forwarded),
    ("confab_sfu_packets_retransmitted_total", "RTP packets sent to viewers again.", |s| {
        s.counters.packets_retransmitted
    }),
    ("confab_sfu_packets_paced_total", "RTP packets that waited for their turn.", |s| s.counters.packets_paced),
    ("confab_sfu_packets_overflowed_total", "RTP packets not sent because they waited too long.", |s| {
        s.counters.packets_overflowed
    }),
    ("confab_sfu_probes_total", "Clusters of bandwidth probes.", |s| s.counters.probes),
    ("confab_sfu_packets_probed_total", "RTP packets sent as bandwidth probes.", |s| s.counters.packets_probed),
    ("confab_sfu_padding_bytes_total", "Bytes sent as bandwidth probes.", |s| s.counters.padding_bytes),
    ("confab_sfu_packets_nacked_total", "RTP packets that viewers asked for again.", |s| s.counters.packets_nacked),
    ("confab_sfu_packets_requested_total", "RTP packets asked of publishers again.", |s| s.counters.packets_requested),
    ("confab_sfu_keyframes_requested_total", "Keyframes asked of publishers.", |s| s.counters.keyframes_requested),
    ("confab_sfu_negotiations_total", "SDP offers answered.", |s| s.counters.negotiations),
    ("confab_sfu_peer_panics_total", "Peers closed because of a bug.", |s| s.counters.peer_panics),
    ("confab_sfu_room_panics_total", "Rooms closed because of a bug.", |s| s.counters.room_panics),
];

const GAUGES: [(&str, &str, Read); 4] = [
    ("confab_sfu_rooms", "Rooms open.", |s| s.rooms as u64),
    ("confab_sfu_peers", "Peer connections.", |s| s.peers as u64),
    ("confab_sfu_publications", "Tracks published.", |s| s.publications as u64),
    ("confab_sfu_encodings", "Encodings that arrive now.", |s| s.encodings as u64),
];

const DROPPED: (&str, &str) = ("confab_sfu_packets_dropped_total", "Packets dropped, by reason.");

/// See the module's text.
pub(super) struct SfuCollector {
    snapshots: Vec<SharedSnapshot>,
    descriptions: Vec<Desc>,
}

impl SfuCollector {
    pub(super) fn new(snapshots: Vec<SharedSnapshot>) -> Self {
        let names = COUNTERS.iter().chain(&GAUGES).map(|(name, help, _)| (*name, *help)).chain([DROPPED]);
        let descriptions =
            names.filter_map(|(name, help)| Desc::new(name.into(), help.into(), vec![], Default::default()).ok());
        Self { descriptions: descriptions.collect(), snapshots }
    }

    fn total(&self, snapshots: &[Snapshot], read: Read) -> u64 {
        snapshots.iter().map(read).sum()
    }

    fn dropped(&self, snapshots: &[Snapshot]) -> Option<Vec<MetricFamily>> {
        let vector = IntCounterVec::new(Opts::new(DROPPED.0, DROPPED.1), &["reason"]).ok()?;
        for reason in DropReason::ALL {
            let total = snapshots.iter().map(|snapshot| snapshot.counters.dropped(reason)).sum();
            vector.with_label_values(&[reason.label()]).inc_by(total);
        }
        Some(vector.collect())
    }
}

impl Collector for SfuCollector {
    fn desc(&self) -> Vec<&Desc> {
        self.descriptions.iter().collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let snapshots: Vec<Snapshot> =
            self.snapshots.iter().filter_map(|snapshot| snapshot.lock().ok().map(|found| found.clone())).collect();
        let counters = COUNTERS.iter().filter_map(|&(name, help, read)| {
            let counter = IntCounter::new(name, help).ok()?;
            counter.inc_by(self.total(&snapshots, read));
            Some(counter.collect())
        });
        let gauges = GAUGES.iter().filter_map(|&(name, help, read)| {
            let gauge = IntGauge::new(name, help).ok()?;
            gauge.set(i64::try_from(self.total(&snapshots, read)).unwrap_or(i64::MAX));
            Some(gauge.collect())
        });
        counters.chain(gauges).chain(self.dropped(&snapshots)).flatten().collect()
    }
}
