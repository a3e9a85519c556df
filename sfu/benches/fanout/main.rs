//! What forwarding costs: CPU time and allocations for each packet that goes out, through the whole core with real
//! cryptography and without a network, beside the floor that no SFU can go below: sealing the packet.
//!
//! `cargo bench -p confab-sfu --bench fanout` prints a table and writes `target/bench/fanout.json`.
#![allow(clippy::expect_used, clippy::print_stdout, reason = "a program that measures and prints")]

mod stage;

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use confab_sfu::core::rtp::{SeqNo, Ssrc};
use confab_sfu::core::srtp::{Srtp, SrtpProfile};

use self::stage::Stage;

/// Packets in one round; a round is short enough that most are not interrupted.
const PACKETS: usize = 300;

/// Rounds of each measurement. The fastest tenth counts: what slows the others is the machine, not the code.
const ROUNDS: usize = 40;

/// Packets that arrive together: a frame of a large picture.
const BURST: usize = 10;

/// Bytes of a packet's header and of its payload, as the clients send them.
const HEADER: usize = 20;
const PAYLOAD: usize = 1100;

/// One line of the report.
#[derive(Debug, Clone, Copy)]
struct Figure {
    nanoseconds: f64,
    allocations: f64,
}

fn main() {
    let mut figures = BTreeMap::new();
    figures.insert("floor.seal".to_owned(), seal());
    for viewers in [1, 10, 100] {
        figures.insert(format!("core.viewers_{viewers}"), fan_out(viewers, 1));
    }
    for slots in [1, 25, 49] {
        figures.insert(format!("core.slots_{slots}"), fan_out(10, slots));
    }
    print(&figures);
    write(&figures);
}

/// AES-256-GCM over one packet: what Chromium and Firefox agree on.
fn seal() -> Figure {
    let mut srtp = Srtp::from_dtls(SrtpProfile::AeadAes256Gcm, &[5; 88], true, 64).expect("keys");
    let mut out = Vec::with_capacity(2048);
    let mut seq = 0;
    measure(|| {
        for _ in 0..PACKETS {
            seq += 1;
            out.clear();
            out.resize(HEADER + PAYLOAD, 7);
            srtp.outbound.protect_rtp(Ssrc(1), SeqNo(seq), HEADER, 0, &mut out);
            black_box(&out);
        }
        PACKETS
    })
}

/// The whole core, from the publisher's datagram to each viewer's.
fn fan_out(viewers: usize, slots: usize) -> Figure {
    let mut stage = Stage::new(viewers, slots);
    let rounds: Vec<Vec<stage::Packet>> = (0..ROUNDS + 2).map(|_| stage.packets(PACKETS)).collect();
    let mut rounds = rounds.into_iter();
    measure(|| {
        let mut packets = rounds.next().expect("a round's packets");
        let sent = stage.forward(&mut packets, BURST);
        assert!(sent >= PACKETS * viewers, "{sent} datagrams for {PACKETS} packets and {viewers} viewers");
        sent
    })
}

/// Runs rounds; each returns how many packets it sent.
fn measure(mut round: impl FnMut() -> usize) -> Figure {
    round();
    let mut counted = 0;
    let info = allocation_counter::measure(|| counted = round());
    let mut times: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            let sent = round();
            nanoseconds(start.elapsed()) / sent as f64
        })
        .collect();
    times.sort_by(f64::total_cmp);
    Figure { nanoseconds: times[ROUNDS / 10], allocations: info.count_total as f64 / counted as f64 }
}

fn nanoseconds(time: Duration) -> f64 {
    time.as_nanos() as f64
}

fn print(figures: &BTreeMap<String, Figure>) {
    let seal = figures["floor.seal"].nanoseconds;
    println!("{:<20} {:>12} {:>10} {:>24}", "per packet sent", "CPU ns", "x seal", "allocations");
    for (name, figure) in figures {
        let ratio = figure.nanoseconds / seal;
        println!("{name:<20} {:>12.0} {ratio:>10.2} {:>24.4}", figure.nanoseconds, figure.allocations);
    }
}

fn write(figures: &BTreeMap<String, Figure>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/bench");
    let lines = figures.iter().flat_map(|(name, figure)| match name.strip_prefix("floor.") {
        Some(_) => vec![format!("  \"{name}_ns\": {:.1}", figure.nanoseconds)],
        None => vec![
            format!("  \"{name}.ns\": {:.1}", figure.nanoseconds),
            format!("  \"{name}.allocations\": {:.4}", figure.allocations),
        ],
    });
    let text = format!("{{\n{}\n}}\n", lines.collect::<Vec<_>>().join(",\n"));
    std::fs::create_dir_all(&folder).expect("target/bench can be made");
    std::fs::write(folder.join("fanout.json"), text).expect("target/bench/fanout.json can be written");
}
