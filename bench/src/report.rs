//! Sums up what the clients saw: a table for people, JSON for programs.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use serde::Serialize;

use crate::client::{RtpStats, Stamp, VideoStats, WireStats};
use crate::histogram::Histogram;
use crate::measure::Window;
use crate::scenario::Scenario;
use crate::swarm::{Outcome, Seen};

/// The figures of one run.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// What was run.
    pub scenario: Scenario,
    /// Whether it was cut short.
    pub interrupted: bool,
    /// Clients that ran to the end.
    pub clients: usize,
    /// Clients of them that got a connection.
    pub connected: usize,
    /// Why others did not run to the end, and what the server refused.
    pub failures: Vec<String>,
    /// From the join call to ICE and DTLS being done, ms.
    pub join_ms: Quantiles,
    /// From the join call to the first decoded frame, ms.
    pub first_frame_ms: Quantiles,
    /// From a frame's capture to its decoding, ms.
    pub video_delay_ms: Quantiles,
    /// From a sound's sending to its arrival, ms.
    pub audio_delay_ms: Quantiles,
    /// RTP packets that the clients sent, without retransmissions.
    pub packets_sent: u64,
    /// Pictures in the slots.
    pub video: Loss,
    /// Sound in the slots.
    pub audio: Loss,
    /// Frames decoded.
    pub frames: u64,
    /// Frames given up.
    pub frames_dropped: u64,
    /// Frames that were sent between two decoded ones of one encoding, and not decoded.
    pub frames_skipped: u64,
    /// Packets of sound that were sent between two that came, and did not come in time.
    pub sounds_skipped: u64,
    /// Freezes, as `getStats` counts them.
    pub freezes: u64,
    /// Their sum, ms.
    pub frozen_ms: u64,
    /// Keyframe requests that viewers sent.
    pub plis_sent: u64,
    /// Keyframe requests that reached publishers.
    pub plis_received: u64,
    /// Packets that contradict themselves, reuse a number or go back in time: a correct server has none.
    pub violations: u64,
    /// Slots in which clients wanted something.
    pub slots: usize,
    /// Those of them that carried something else, or nothing, at the end.
    pub wrong_slots: Vec<String>,
    /// Slots whose last picture was of the lowest, the middle and the highest encoding.
    pub encodings_shown: [usize; 3],
    /// Seconds measured.
    pub seconds: f64,
    /// How late the bench itself was woken, ms. Where the worst is long, the freezes may be the bench's own.
    pub bench_late_ms: Quantiles,
    /// The worst of it, ms.
    pub bench_late_max_ms: f64,
    /// RTP packets per second that the server forwarded in the measured time.
    pub forwarded_per_second: f64,
    /// The mean size of what arrived, bytes of UDP payload.
    pub datagram_bytes: u64,
    /// The server's CPU and memory; needs `--server-pid`.
    pub server: Option<ServerCost>,
    /// What the server counted in the run, by name; needs `--metrics`.
    pub counters: BTreeMap<String, u64>,
}

/// What the server process took.
#[derive(Debug, Clone, Serialize)]
pub struct ServerCost {
    /// CPU in cores.
    pub cpu_cores: f64,
    /// CPU for each forwarded packet, ns.
    pub cpu_ns_per_packet: Option<f64>,
    /// The same as a multiple of what one `sendto` of that size costs on this machine right after the run.
    pub sendtos_per_packet: Option<f64>,
    /// CPU for each client and second, µs.
    pub cpu_us_per_client_second: f64,
    /// Resident memory for each client, KiB.
    pub memory_kib_per_client: f64,
}

/// Quantiles in milliseconds; `None` without samples.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Quantiles {
    /// The median.
    pub p50: Option<f64>,
    /// 95 %.
    pub p95: Option<f64>,
    /// 99 %.
    pub p99: Option<f64>,
}

/// Packets of one kind.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Loss {
    /// Packets that arrived, repaired ones too.
    pub received: u64,
    /// Packets that were repaired or reordered.
    pub repaired: u64,
    /// Packets that never came.
    pub missing: u64,
    /// The share that never came.
    pub share: f64,
}

impl Loss {
    fn add(&mut self, stats: &RtpStats) {
        self.received += stats.packets;
        self.repaired += stats.filled;
        self.missing += stats.missing;
        self.share = self.missing as f64 / (self.received + self.missing).max(1) as f64;
    }
}

impl Quantiles {
    fn of(histogram: &Histogram) -> Self {
        let at = |share| histogram.quantile(share).map(|value| value.as_secs_f64() * 1000.0);
        Self { p50: at(0.5), p95: at(0.95), p99: at(0.99) }
    }

    fn of_times(times: impl Iterator<Item = Duration>) -> Self {
        let mut histogram = Histogram::default();
        times.for_each(|time| histogram.record(time));
        Self::of(&histogram)
    }
}

impl Report {
    /// Sums a run up.
    pub fn new(scenario: &Scenario, outcome: &Outcome) -> Self {
        let seen = &outcome.seen;
        let window = &outcome.window;
        let refusals = seen.iter().flat_map(|one| one.refusals.iter().chain(&one.stats.errors));
        let failures = outcome.failures.iter().chain(refusals).cloned().collect();
        let wire = |of: fn(&WireStats) -> u64| seen.iter().map(|one| of(&one.stats.wire)).sum::<u64>();
        let encodings = || seen.iter().flat_map(|one| &one.stats.publish).flat_map(|source| &source.encodings);
        let slots = || seen.iter().flat_map(|one| &one.stats.slots);
        let sum = |of: fn(&VideoStats) -> u64| slots().map(|slot| of(&slot.video)).sum::<u64>();
        let (mut video, mut audio) = (Loss::default(), Loss::default());
        let (mut video_delay, mut audio_delay) = (Histogram::default(), Histogram::default());
        for slot in slots() {
            video.add(&slot.video.rtp);
            video_delay.merge(&slot.video.delay);
        }
        let extra = seen.iter().flat_map(|one| &one.stats.audio_slots);
        for sound in slots().map(|slot| &slot.audio).chain(extra) {
            audio.add(&sound.rtp);
            audio_delay.merge(&sound.delay);
        }
        Self {
            scenario: scenario.clone(),
            interrupted: outcome.interrupted,
            clients: seen.len(),
            connected: seen.iter().filter(|one| one.join.is_some()).count(),
            failures,
            join_ms: Quantiles::of_times(seen.iter().filter_map(|one| one.join)),
            first_frame_ms: Quantiles::of_times(seen.iter().filter_map(|one| one.first_frame)),
            video_delay_ms: Quantiles::of(&video_delay),
            audio_delay_ms: Quantiles::of(&audio_delay),
            packets_sent: encodings().map(|encoding| encoding.packets).sum(),
            video,
            audio,
            frames: sum(|video| video.frames),
            frames_dropped: sum(|video| video.dropped),
            frames_skipped: sum(|video| video.skipped),
            sounds_skipped: slots().map(|slot| slot.audio.skipped).sum(),
            freezes: sum(|video| video.freezes),
            frozen_ms: sum(|video| video.frozen_micros) / 1000,
            plis_sent: sum(|video| video.plis),
            plis_received: encodings().map(|encoding| encoding.plis + encoding.firs).sum(),
            violations: seen.iter().map(violations).sum(),
            slots: seen.iter().map(|one| one.slots).sum(),
            // Who is told to stop while others still join has not got everything yet.
            wrong_slots: seen.iter().filter(|_| !outcome.interrupted).flat_map(|one| one.wrong.clone()).collect(),
            encodings_shown: encodings_shown(slots().filter_map(|slot| slot.video.decoded)),
            seconds: window.elapsed.as_secs_f64(),
            bench_late_ms: Quantiles::of(&outcome.lateness),
            bench_late_max_ms: outcome.lateness.max().as_secs_f64() * 1000.0,
            forwarded_per_second: window.packets_per_second(),
            datagram_bytes: wire(|wire| wire.received_bytes) / wire(|wire| wire.received).max(1),
            server: ServerCost::of(window, seen.len()),
            counters: BTreeMap::new(),
        }
    }

    /// Compares the server's cost with the machine's: nanoseconds of one `sendto` of [`Self::datagram_bytes`].
    pub fn compare(&mut self, sendto: f64) {
        if let Some(server) = &mut self.server {
            server.sendtos_per_packet = server.cpu_ns_per_packet.map(|cost| cost / sendto);
        }
    }

    /// Whether everybody got everything that a correct server gives on a perfect network.
    pub fn is_sound(&self) -> bool {
        let all = self.connected == self.scenario.clients() || self.interrupted;
        let counted = |name: &str| self.counters.get(name).copied().unwrap_or(0);
        let broken = ["peer_panics", "packets_dropped.engine_media", "packets_dropped.authentication"];
        all && self.failures.is_empty()
            && self.wrong_slots.is_empty()
            && self.violations == 0
            && broken.iter().all(|name| counted(name) == 0)
    }

    /// The table.
    pub fn table(&self) -> String {
        let mut out = String::new();
        // Writing to a String cannot fail.
        let mut row = |name: &str, value: String| {
            let _ = writeln!(out, "{name:<34} {value}");
        };
        row("scenario", self.scenario.name.clone());
        row("clients connected", format!("{} of {}", self.connected, self.scenario.clients()));
        row("measured, s", format!("{:.1}", self.seconds));
        row("join p50 / p95 / p99, ms", self.join_ms.to_string());
        row("first frame p50 / p95 / p99, ms", self.first_frame_ms.to_string());
        row("video delay p50 / p95 / p99, ms", self.video_delay_ms.to_string());
        row("audio delay p50 / p95 / p99, ms", self.audio_delay_ms.to_string());
        row("packets sent", self.packets_sent.to_string());
        row("video packets received", self.video.to_string());
        row("audio packets received", self.audio.to_string());
        row("frames decoded / given up", format!("{} / {}", self.frames, self.frames_dropped));
        row("frames / sounds skipped", format!("{} / {}", self.frames_skipped, self.sounds_skipped));
        row("freezes", format!("{} ({} ms)", self.freezes, self.frozen_ms));
        row("keyframe requests sent / arrived", format!("{} / {}", self.plis_sent, self.plis_received));
        row("violations", self.violations.to_string());
        row("slots right", format!("{} of {}", self.slots - self.wrong_slots.len().min(self.slots), self.slots));
        row("slots showing low / middle / high", self.encodings_shown.map(|count| count.to_string()).join(" / "));
        row(
            "bench late p50 / p95 / p99, ms",
            format!("{}, {:.0} at worst", self.bench_late_ms, self.bench_late_max_ms),
        );
        row("forwarded packets per second", format!("{:.0} of {} B", self.forwarded_per_second, self.datagram_bytes));
        for (name, value) in self.server.iter().flat_map(ServerCost::rows) {
            row(name, value);
        }
        for (name, value) in self.counters.iter().filter(|(name, _)| name.contains('.')) {
            row("server counted", format!("{value} {name}"));
        }
        for (name, lines) in [("failure", &self.failures), ("wrong slot", &self.wrong_slots)] {
            lines.iter().for_each(|line| row(name, line.clone()));
        }
        out
    }
}

impl ServerCost {
    fn of(window: &Window, clients: usize) -> Option<Self> {
        let cpu = window.cpu?.as_secs_f64() / window.elapsed.as_secs_f64().max(0.001);
        let clients = clients.max(1) as f64;
        let grown = window.memory.zip(window.memory_before).map_or(0, |(now, before)| now.saturating_sub(before));
        Some(Self {
            cpu_cores: cpu,
            cpu_ns_per_packet: window.nanoseconds_per_packet(),
            sendtos_per_packet: None,
            cpu_us_per_client_second: cpu * 1e6 / clients,
            memory_kib_per_client: grown as f64 / 1024.0 / clients,
        })
    }

    fn rows(&self) -> Vec<(&'static str, String)> {
        let (cores, time) = (self.cpu_cores * 100.0, self.cpu_us_per_client_second);
        let mut rows = vec![
            ("server CPU", format!("{cores:.2} % of a core, {time:.1} µs per client and second")),
            ("server memory per client", format!("{:.0} KiB", self.memory_kib_per_client)),
        ];
        if let Some(cost) = self.cpu_ns_per_packet {
            let ratio = self.sendtos_per_packet.map_or_else(String::new, |ratio| format!(", {ratio:.2} x sendto"));
            rows.push(("server CPU per forwarded packet", format!("{cost:.0} ns{ratio}")));
        }
        rows
    }
}

fn encodings_shown(stamps: impl Iterator<Item = Stamp>) -> [usize; 3] {
    let mut shown = [0; 3];
    for stamp in stamps {
        if let Some(count) = shown.get_mut(usize::from(stamp.layer)) {
            *count += 1;
        }
    }
    shown
}

impl std::fmt::Display for Quantiles {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.p50, self.p95, self.p99) {
            (Some(p50), Some(p95), Some(p99)) => write!(f, "{p50:.1} / {p95:.1} / {p99:.1}"),
            _ => f.write_str("-"),
        }
    }
}

impl std::fmt::Display for Loss {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { received, repaired, missing, share } = self;
        write!(f, "{received} ({repaired} repaired, {missing} never came: {:.3} %)", share * 100.0)
    }
}

/// What no server may do, whatever the network does.
fn violations(seen: &Seen) -> u64 {
    let stats = &seen.stats;
    let rtp = |one: &RtpStats| one.malformed + one.timestamp_regressions + one.sequence_jumps;
    let slots = stats.slots.iter().map(|slot| {
        rtp(&slot.video.rtp) + rtp(&slot.audio.rtp) + slot.video.picture_id_regressions + slot.audio.misaligned
    });
    let sounds = stats.audio_slots.iter().map(|sound| rtp(&sound.rtp) + sound.misaligned);
    slots.chain(sounds).sum::<u64>() + stats.wire.reused_sequence_numbers
}
