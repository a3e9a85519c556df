//! Sound that carries earlier sound along (RFC 2198): who takes it can fill the gaps of lost packets.

use std::collections::BTreeSet;

use confab_sfu::control::Source;
use rand::RngExt;

use super::{LARGE, millis};
use crate::links::{Link, LinkSpec};
use crate::raw::sdp::{Audio, EXT_MID};
use crate::raw::{Header, Raw, Received};
use crate::world::{SEEDS, World};

const PUBLISHER: Audio = Audio { opus: 111, red: Some(63) };
const ABLE: Audio = Audio { opus: 96, red: Some(120) };
const PLAIN: Audio = Audio { opus: 109, red: None };

/// The sound of 20 ms, of a length of its own.
fn sound(number: u32) -> Vec<u8> {
    let mut sound = vec![0xfc; 5 + number as usize % 3];
    sound[1..5].copy_from_slice(&number.to_be_bytes());
    sound
}

/// A packet with the sound before its own, if there is one.
fn packet(number: u32) -> Vec<u8> {
    let mut out = Vec::new();
    let before = number.checked_sub(1).map(sound).unwrap_or_default();
    if number > 0 {
        let [_, high, middle, low] = (960 << 10 | before.len() as u32).to_be_bytes();
        out.extend_from_slice(&[0x80 | PUBLISHER.opus, high, middle, low]);
    }
    out.push(PUBLISHER.opus);
    out.extend([before, sound(number)].concat());
    out
}

/// The sounds in a packet, each of which must be whole and of the viewer's own payload type.
fn sounds(viewer: Audio, received: &Received) -> Vec<u32> {
    let number = |block: &[u8]| {
        let number = u32::from_be_bytes(block[1..5].try_into().unwrap());
        assert_eq!(block, sound(number));
        number
    };
    if received.pt == viewer.opus {
        return vec![number(&received.payload)];
    }
    assert_eq!(Some(received.pt), viewer.red);
    let payload = &received.payload[..];
    if payload[0] == viewer.opus {
        return vec![number(&payload[1..])];
    }
    assert_eq!((payload[0], payload[4]), (0x80 | viewer.opus, viewer.opus));
    let len = usize::from(payload[2] & 3) << 8 | usize::from(payload[3]);
    vec![number(&payload[5..5 + len]), number(&payload[5 + len..])]
}

struct Stage {
    world: World,
    publisher: usize,
    viewers: [usize; 2],
}

/// One who speaks, one who takes redundant sound, and one who does not. All are connected over good links.
fn stage(seed: u64) -> Stage {
    let mut world = World::new(seed);
    let room = world.room();
    let mut speaker = Raw::publisher(world.next_address(), world.now, &[(Source::Microphone, &[])]);
    speaker.spec.audio = PUBLISHER;
    let publisher = world.join_raw(room, speaker, LinkSpec::CLEAN);
    let viewers = [ABLE, PLAIN].map(|audio| {
        let mut viewer = Raw::viewer(world.next_address(), world.now, 1);
        viewer.spec.audio = audio;
        world.join_raw(room, viewer, LinkSpec::CLEAN)
    });
    world.connect();
    viewers.into_iter().for_each(|viewer| world.watch(viewer, &[publisher], LARGE));
    Stage { world, publisher, viewers }
}

impl Stage {
    /// Packets number `from` to `to`, 20 ms apart, and the time until they have arrived.
    fn speak(&mut self, from: u32, to: u32) {
        for number in from..to {
            let extensions: &[(u8, &[u8])] = &[(EXT_MID, b"0"), (1, &[0x90])];
            let header = Header { pt: 63, ssrc: 1000, timestamp: number.wrapping_mul(960), marker: false, extensions };
            self.world.raw(self.publisher).send_rtp(&header, &packet(number));
            self.world.run(millis(20));
        }
        self.world.run(millis(100));
    }

    /// The sounds that a viewer has, one way or the other.
    fn heard(&mut self, viewer: usize) -> BTreeSet<u32> {
        let raw = self.world.raw(viewer);
        let audio = raw.spec.audio;
        raw.received.iter().flat_map(|received| sounds(audio, received)).collect()
    }
}

#[test]
fn each_viewer_gets_what_it_takes_under_its_own_payload_types() {
    let mut stage = stage(60);
    stage.speak(0, 100);
    let [able, plain] = stage.viewers;
    for (viewer, pt, blocks) in [(able, 120, 2), (plain, 109, 1)] {
        let raw = stage.world.raw(viewer);
        let audio = raw.spec.audio;
        assert_eq!(raw.received.len(), 100);
        assert!(raw.received.iter().all(|received| received.pt == pt));
        assert!(raw.received.iter().skip(1).all(|received| sounds(audio, received).len() == blocks));
        assert!(stage.heard(viewer).into_iter().eq(0..100));
    }
    // The answers say so, in the client's order.
    let pts = |stage: &mut Stage, node: usize| stage.world.raw(node).answer.pts.last().unwrap().1.clone();
    assert_eq!([0, able, plain].map(|node| pts(&mut stage, node)), ["63 111", "120 96", "109"]);
    stage.world.check_invariants();
}

#[test]
fn lost_sound_is_filled_from_the_next_packet() {
    const COUNT: u32 = 2000;
    // Percent lost at random, and percent that may be missing in the end.
    for (lost, residual) in [(1, 0.1), (5, 0.5), (10, 2.0), (20, 6.0)] {
        let mut missing = [0usize; 2];
        for seed in SEEDS {
            let mut stage = stage(seed);
            let [able, plain] = stage.viewers;
            for viewer in stage.viewers {
                let link = LinkSpec { loss: lost as f32 / 100.0, ..LinkSpec::CLEAN };
                let random = stage.world.rng.random();
                stage.world.nodes[viewer].down = Link::new(link, random);
            }
            stage.speak(0, COUNT);
            for (missing, viewer) in missing.iter_mut().zip([able, plain]) {
                *missing += COUNT as usize - stage.heard(viewer).len();
            }
        }
        let [with, without] = missing.map(|missing| 100.0 * missing as f64 / f64::from(COUNT) / SEEDS.len() as f64);
        println!("{lost} % lost: {with:.2} % missing with redundancy, {without:.2} % without");
        assert!(with <= residual, "{lost} % lost: {with:.2} % missing");
        assert!(without >= f64::from(lost) / 2.0, "nothing was lost at all");
    }
}

#[test]
fn what_is_not_divided_as_it_says_is_dropped() {
    let mut stage = stage(61);
    stage.speak(0, 5);
    let good = packet(5);
    let other = [&[96], &sound(5)[..]].concat();
    for payload in [&good[..4], &[0xef, 0, 3, 0xff, 111, 1], &other] {
        let header = Header { pt: 63, ssrc: 1000, timestamp: 0, marker: false, extensions: &[(EXT_MID, b"0")] };
        stage.world.raw(stage.publisher).send_rtp(&header, payload);
    }
    stage.world.run(millis(100));
    for viewer in stage.viewers {
        assert!(stage.heard(viewer).into_iter().eq(0..5));
    }
    stage.world.check_invariants();
}
