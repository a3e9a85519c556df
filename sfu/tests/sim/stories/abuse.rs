//! A client that was let in and then sends what no browser would: it harms itself at most.

use std::time::Duration;

use confab_bench::client::{ClientConfig, Source as Sent, Stamp};
use confab_sfu::control::Source;
use confab_sfu::core::rtp::Ssrc;
use confab_sfu::core::rtp::rtcp::write;
use confab_sfu::core::stats::DropReason;
use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};

use crate::links::LinkSpec;
use crate::raw::sdp::{EXT_MID, EXT_RID, OPUS, RTX, VP8};
use crate::raw::{Header, Raw, payload};
use crate::world::World;

const SIZE: (u16, u16) = (1280, 720);
/// The other header extensions of a raw client's offer: audio level, transport-wide numbers, repaired rid.
const OTHER_EXTENSIONS: [u8; 3] = [1, 3, 11];
const TICK: Duration = Duration::from_millis(20);

/// Two people in a call, a hostile client who publishes a camera in section 0 and a microphone in section 1, and a raw
/// one who watches it.
struct Cast {
    world: World,
    hostile: usize,
    witness: usize,
}

fn cast(seed: u64) -> Cast {
    let mut world = World::new(seed);
    let room = world.room();
    for _ in 0..2 {
        let config = ClientConfig { slots: 1, ..world.config() };
        world.join(room, config, LinkSpec::CLEAN);
    }
    let publish: [(Source, &[&str]); 2] = [(Source::Camera, &[]), (Source::Microphone, &[])];
    let raw = Raw::publisher(world.next_address(), world.now, &publish);
    let hostile = world.join_raw(room, raw, LinkSpec::CLEAN);
    let raw = Raw::viewer(world.next_address(), world.now, 1);
    let witness = world.join_raw(room, raw, LinkSpec::CLEAN);
    world.connect();
    world.watch(0, &[1], SIZE);
    world.watch(1, &[0], SIZE);
    world.watch(witness, &[hostile], SIZE);
    world.run(Duration::from_secs(1));
    Cast { world, hostile, witness }
}

impl Cast {
    fn hostile(&mut self) -> &mut Raw {
        self.world.raw(self.hostile)
    }

    fn picture(&mut self, ssrc: u32, frame: u32, keyframe: bool) {
        self.send(ssrc, frame * 3000, &picture(frame, keyframe));
    }

    fn send(&mut self, ssrc: u32, timestamp: u32, payload: &[u8]) {
        let extensions: &[(u8, &[u8])] = &[(EXT_MID, b"0")];
        self.hostile().send_rtp(&Header { pt: VP8, ssrc, timestamp, marker: true, extensions }, payload);
    }

    /// What was sent to the witness could be read, each packet for the first time, and the call went on.
    fn check(&self) {
        self.world.check_invariants();
        for viewer in [0, 1] {
            let video = &self.world.stats(viewer).slots[0].video;
            assert_eq!((video.freezes, video.rtp.missing), (0, 0), "viewer {viewer}");
        }
    }
}

fn picture(frame: u32, keyframe: bool) -> Vec<u8> {
    let source = Sent::Camera;
    payload::picture(&Stamp { sender: 666, source, layer: 0, keyframe, frame, index: 0, count: 1, sent: 0 })
}

#[test]
fn numbers_that_a_publisher_repeats_are_not_sent_twice() {
    let mut cast = cast(1);
    let (stream, other, repairs) = (100, 200, 300);
    for frame in 1..20 {
        cast.picture(stream, frame, frame == 1);
        cast.world.run(TICK);
    }
    cast.world.run(5 * TICK);
    assert_eq!(cast.world.raw(cast.witness).packets, 19);
    // Another stream takes the encoding's place for a moment, and what was known of the first one is forgotten.
    cast.picture(other, 20, false);
    cast.picture(stream, 21, false);
    cast.world.run(TICK);
    for seq in 1001..1020u16 {
        let again = [&seq.to_be_bytes()[..], &picture(500 + u32::from(seq), false)].concat();
        let extensions: &[(u8, &[u8])] = &[(EXT_MID, b"0")];
        let header = Header { pt: RTX, ssrc: repairs, timestamp: 3000, marker: true, extensions };
        cast.hostile().send_rtp(&header, &again);
    }
    cast.world.run(Duration::from_secs(1));
    cast.check();
}

#[test]
fn reports_with_absurd_times_harm_nobody() {
    let mut cast = cast(2);
    let mut rng = StdRng::seed_from_u64(2);
    let times = [0, 1, u64::MAX, u64::MAX - 1, 1 << 63, (1 << 63) - 1, 4_008_988_800 << 32, 1 << 32];
    for frame in 1..200u32 {
        let ntp = if frame % 3 == 0 { rng.random() } else { times[frame as usize % times.len()] };
        let rtp = rng.random();
        cast.hostile().send_rtcp(|out| write::sender_report(out, Ssrc(100), ntp, rtp, 0, 0, &[], "x"));
        cast.picture(100, frame, frame == 1);
        cast.world.run(TICK);
    }
    cast.world.run(5 * TICK);
    let witness = cast.world.raw(cast.witness);
    assert_eq!(witness.packets, 199, "each picture comes through");
    let reports = &witness.reports;
    assert!(reports.len() >= 3, "{}", reports.len());
    for pair in reports.windows(2) {
        // Our own clock, whatever the publisher says of its.
        let (seconds, elapsed) = ((pair[1].ntp - pair[0].ntp) as f64 / (1u64 << 32) as f64, pair[1].at - pair[0].at);
        assert!((seconds - elapsed.as_secs_f64()).abs() < 0.1, "{seconds} {elapsed:?}");
    }
    cast.check();
}

#[test]
fn a_flood_of_genuine_media_is_cut_to_what_a_peer_may_send() {
    let mut cast = cast(5);
    cast.picture(100, 1, true);
    let mut large = picture(2, false);
    large.resize(1100, 0);
    // 88 Mbit/s for five seconds.
    for frame in 2..502u32 {
        for _ in 0..100 {
            cast.send(100, frame * 900, &large);
        }
        cast.world.run(Duration::from_millis(10));
    }
    cast.world.run(Duration::from_secs(1));
    let passed = cast.world.raw(cast.witness).packets as f64 * 1100.0 * 8.0 / 5.0 / 1e6;
    println!("{passed:.1} Mbit/s of 88 are forwarded");
    assert!((10.0..18.0).contains(&passed), "{passed}");
    assert!(cast.world.dropped(DropReason::OverRate) > 30_000);
    cast.check();
}

/// Any header, any extensions, any payload that looks a little like one.
fn any_rtp(raw: &mut Raw, rng: &mut StdRng) {
    let mut values = Vec::new();
    for _ in 0..rng.random_range(0..4u8) {
        let [level, transport, repaired] = OTHER_EXTENSIONS;
        let id = [EXT_MID, EXT_RID, level, transport, repaired, 14][rng.random_range(0..6)];
        let mut value = vec![0; rng.random_range(1..=16)];
        rng.fill_bytes(&mut value);
        values.push((id, value));
    }
    if rng.random_bool(0.8) {
        values.push((EXT_MID, vec![b'0' + rng.random_range(0..2u8)]));
    }
    let extensions: Vec<(u8, &[u8])> = values.iter().map(|(id, value)| (*id, value.as_slice())).collect();
    let mut body =
        if rng.random_bool(0.5) { picture(rng.random(), rng.random()) } else { vec![0; rng.random_range(0..300)] };
    for _ in 0..rng.random_range(0..8usize).min(body.len()) {
        let place = rng.random_range(0..body.len());
        body[place] = rng.random();
    }
    let pt = [VP8, VP8, VP8, RTX, RTX, OPUS, 0, 127][rng.random_range(0..8)];
    let ssrc = if rng.random_bool(0.95) { 100 } else { rng.random_range(100..106) };
    let header = Header { pt, ssrc, timestamp: rng.random(), marker: rng.random(), extensions: &extensions };
    match rng.random_range(0..20) {
        0 => raw.send_rtp_as(rng.random_range(0..3000), &header, &body),
        _ => raw.send_rtp(&header, &body),
    }
}

fn any_rtcp(raw: &mut Raw, rng: &mut StdRng) {
    let mut body = vec![0; 4 * rng.random_range(1..100)];
    rng.fill_bytes(&mut body);
    // There may be only so many senders.
    body[..4].copy_from_slice(&[0, 0, 0, rng.random_range(0..8)]);
    if rng.random_bool(0.5) {
        // Something that is really there: a stream of its own.
        body.iter_mut().skip(4).take(4).zip([0, 0, 0, 100]).for_each(|(byte, value)| *byte = value);
    }
    let (count, kind) =
        (rng.random_range(0..64u8), [200, 201, 202, 203, 205, 205, 206, 206, 207][rng.random_range(0..9)]);
    let length = if rng.random_bool(0.9) { (body.len() / 4) as u16 } else { rng.random() };
    raw.send_rtcp(|out| {
        out.extend_from_slice(&[0x80 | count, kind]);
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(&body);
    });
}

#[test]
fn thirty_thousand_senseless_packets_of_a_member() {
    let mut cast = cast(4);
    let mut rng = StdRng::seed_from_u64(4);
    let address = cast.world.nodes[cast.hostile].public;
    cast.picture(100, 1, true);
    for round in 0..3000 {
        for _ in 0..7 {
            any_rtp(cast.hostile(), &mut rng);
        }
        for _ in 0..2 {
            any_rtcp(cast.hostile(), &mut rng);
        }
        let mut bytes = vec![0; rng.random_range(1..200)];
        rng.fill_bytes(&mut bytes);
        bytes[0] = [0, 1, 20, 21, 22, 23, 24, 63][round % 8];
        if bytes.len() > 8 && round % 2 == 0 {
            bytes[4..8].copy_from_slice(&[0x21, 0x12, 0xa4, 0x42]);
        }
        cast.world.inject(address, &bytes);
        cast.world.run(Duration::from_millis(3));
    }
    cast.world.run(Duration::from_secs(1));
    let counters = cast.world.counters();
    println!("{counters:?}");
    assert!(counters.datagrams_received > 30_000 && counters.packets_received > 20_000);
    assert!(cast.world.raw(cast.witness).packets > 100, "some of it was media");
    cast.check();
}
