//! What the SFU costs: CPU time and allocations for each packet that goes out, beside the floor that no SFU can go
//! below, sealing the packet and one GSO call for ten; and what peers cost that join and then do nothing.
//!
//! - `core`: the whole core with real cryptography and without a network, from the publisher's datagram to the
//!   viewers'.
//! - `socket`: the same with the kernel, over loopback, with and without UDP GSO.
//! - `idle`, `join`: the core alone, with 2000 peers.
//!
//! `cargo bench -p confab-sfu --bench fanout` prints a table and writes `fanout.json` and `fanout.svg` in
//! `target/bench`; with `-- idle` it measures idle peers only. All figures are of the thread's CPU clock: what else
//! runs on the machine counts only as far as it spoils caches. This harness and not criterion, which measures time on
//! the wall and no memory, and compares with earlier runs where we want ratios of one.
#![allow(clippy::expect_used, clippy::print_stdout, reason = "a program that measures and prints")]

mod idle;
mod plot;
mod socket;
mod stage;

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;
use std::time::Duration;

use confab_bench::floor::Floor;
use confab_sfu::core::rtp::{SeqNo, Ssrc};
use confab_sfu::core::srtp::{Srtp, SrtpProfile};
use nix::time::ClockId;

use self::stage::Stage;

/// Packets in one round; a round is short enough that most are not interrupted.
const PACKETS: usize = 300;

/// Rounds of each measurement. The fastest tenth counts: what slows the others is the machine, not the code.
const ROUNDS: usize = 40;

/// Rounds before, in which buffers and the packets' history take the memory that they need: over 1.5 s.
const WARM_UP: usize = 10;

/// Packets that arrive together: a frame of a large picture.
const BURST: usize = 10;

/// Bytes of a packet's header and of its payload, as the clients send them.
const HEADER: usize = 20;
const PAYLOAD: usize = 1100;

/// Bytes of such a packet on the wire, with its tag.
const DATAGRAM: usize = HEADER + PAYLOAD + 16;

/// One line of the report.
#[derive(Debug, Clone, Copy)]
struct Figure {
    nanoseconds: f64,
    allocations: f64,
}

fn main() {
    if std::env::args().any(|argument| argument == "idle") {
        return println!("{}", idle::measure());
    }
    let mut figures = BTreeMap::new();
    let floor = Floor::measure(DATAGRAM).expect("loopback works");
    let seal = seal();
    let mut core = BTreeMap::new();
    for viewers in [1, 10, 100] {
        core.insert(format!("core.viewers_{viewers}"), fan_out(viewers, 1));
    }
    for slots in [1, 25, 50] {
        core.insert(format!("core.slots_{slots}"), fan_out(10, slots));
    }
    core.insert("socket.burst_10".to_owned(), through_sockets(usize::MAX));
    core.insert("socket.burst_10_no_gso".to_owned(), through_sockets(1));
    let gso = floor.gso[1].unwrap_or(floor.sendto);
    print(&core, seal, gso);
    figures.insert("floor.seal_ns".to_owned(), seal.nanoseconds);
    figures.insert("floor.gso10_ns".to_owned(), gso);
    for (name, figure) in core {
        figures.insert(format!("{name}.ns"), figure.nanoseconds);
        figures.insert(format!("{name}.allocations"), figure.allocations);
    }
    let idle = idle::measure();
    println!("{idle}");
    figures.insert("idle.cpu_percent_2000".to_owned(), idle.cpu_percent);
    figures.insert("idle.heap_bytes".to_owned(), idle.heap_bytes);
    figures.insert("join.ms".to_owned(), idle.join_ms);
    write(&figures);
}

/// The CPU time of this thread.
fn thread_cpu() -> Duration {
    ClockId::CLOCK_THREAD_CPUTIME_ID.now().expect("every Linux has this clock").into()
}

/// AES-256-GCM over one packet: what Chromium and Firefox agree on.
fn seal() -> Figure {
    let mut srtp = Srtp::from_dtls(SrtpProfile::AeadAes256Gcm, &[5; 88], true, 64).expect("keys");
    let mut out = Vec::with_capacity(2048);
    let mut seq = 0;
    measure(|| {
        let begin = thread_cpu();
        for _ in 0..PACKETS {
            seq += 1;
            out.clear();
            out.resize(HEADER + PAYLOAD, 7);
            srtp.outbound.protect_rtp(Ssrc(1), SeqNo(seq), HEADER, 0, &mut out);
            black_box(&out);
        }
        (thread_cpu() - begin, PACKETS)
    })
}

/// The whole core, from the publisher's datagram to each viewer's.
fn fan_out(viewers: usize, slots: usize) -> Figure {
    let mut stage = Stage::new(viewers, slots);
    let rounds: Vec<Vec<stage::Packet>> = (0..WARM_UP + 1 + ROUNDS).map(|_| stage.packets(PACKETS)).collect();
    let mut rounds = rounds.into_iter();
    measure(|| {
        let mut packets = rounds.next().expect("a round's packets");
        let begin = thread_cpu();
        let sent = stage.forward(&mut packets, BURST);
        let spent = thread_cpu() - begin;
        assert!(sent >= PACKETS * viewers, "{sent} datagrams for {PACKETS} packets and {viewers} viewers");
        (spent, sent)
    })
}

/// The same over loopback, for ten viewers, with at most so many datagrams a call.
fn through_sockets(longest_train: usize) -> Figure {
    let mut stage = Stage::new(10, 1);
    let rounds: Vec<Vec<stage::Packet>> = (0..WARM_UP + 1 + ROUNDS).map(|_| stage.packets(PACKETS)).collect();
    let mut sockets = socket::Sockets::new(10, longest_train);
    let mut rounds = rounds.into_iter();
    measure(|| {
        let packets = rounds.next().expect("a round's packets");
        let (spent, sent) = sockets.forward(&mut stage, &packets, BURST);
        assert!(sent >= PACKETS * 10, "{sent} datagrams for {PACKETS} packets and 10 viewers");
        (spent, sent)
    })
}

/// Runs rounds; each returns the CPU time that it took and how many packets it sent.
fn measure(mut round: impl FnMut() -> (Duration, usize)) -> Figure {
    for _ in 0..WARM_UP {
        round();
    }
    let mut counted = 0;
    let info = allocation_counter::measure(|| counted = round().1);
    let mut times: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let (spent, sent) = round();
            spent.as_nanos() as f64 / sent as f64
        })
        .collect();
    times.sort_by(f64::total_cmp);
    Figure { nanoseconds: times[ROUNDS / 10], allocations: info.count_total as f64 / counted as f64 }
}

fn print(figures: &BTreeMap<String, Figure>, seal: Figure, gso: f64) {
    println!("floor: seal {:.0} ns, one of ten in a GSO call {gso:.0} ns", seal.nanoseconds);
    println!(
        "{:<24} {:>8} {:>10} {:>14} {:>12}",
        "per packet sent", "CPU ns", "x seal", "x (seal + GSO)", "allocations"
    );
    for (name, figure) in figures {
        let (alone, both) = (figure.nanoseconds / seal.nanoseconds, figure.nanoseconds / (seal.nanoseconds + gso));
        let ns = figure.nanoseconds;
        println!("{name:<24} {ns:>8.0} {alone:>10.2} {both:>14.2} {:>12.4}", figure.allocations);
    }
}

fn write(figures: &BTreeMap<String, f64>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/bench");
    let lines: Vec<String> = figures.iter().map(|(name, figure)| format!("  \"{name}\": {figure:.4}")).collect();
    std::fs::create_dir_all(&folder).expect("target/bench can be made");
    let text = format!("{{\n{}\n}}\n", lines.join(",\n"));
    std::fs::write(folder.join("fanout.json"), text).expect("target/bench/fanout.json can be written");
    let of = |name: &str| figures.get(name).copied().unwrap_or_default();
    let (seal, both) = (of("floor.seal_ns"), of("floor.seal_ns") + of("floor.gso10_ns"));
    let rows = [
        ("floor: seal", seal, true),
        ("core, 100 viewers", of("core.viewers_100.ns"), false),
        ("core, 10 viewers", of("core.viewers_10.ns"), false),
        ("core, 10 with 50 slots", of("core.slots_50.ns"), false),
        ("floor: seal + GSO of ten", both, true),
        ("with sockets", of("socket.burst_10.ns"), false),
        ("with sockets, no GSO", of("socket.burst_10_no_gso.ns"), false),
    ];
    let plot = plot::bars("CPU time for one packet to one viewer", &rows);
    std::fs::write(folder.join("fanout.svg"), plot).expect("target/bench/fanout.svg can be written");
}
