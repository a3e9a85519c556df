//! Viewers who ask for too much get no more than their share, and nobody else pays.

use std::time::Duration;

use confab_bench::client::{ClientConfig, Source as Sent};

use super::{LARGE, SMALL, millis, seconds};
use crate::links::LinkSpec;
use crate::raw::Raw;
use crate::world::World;

fn quiet_viewer(world: &World, record: bool) -> Raw {
    let mut raw = Raw::viewer(world.next_address(), world.now, 1);
    raw.record = record;
    raw
}

#[test]
fn two_hundred_viewers_who_ask_for_keyframes_all_the_time() {
    const VIEWERS: usize = 200;
    let mut world = World::new(12);
    let room = world.room();
    let config = world.config();
    world.join(room, config, LinkSpec::CLEAN);
    for _ in 0..VIEWERS {
        let raw = quiet_viewer(&world, false);
        world.join_raw(room, raw, LinkSpec::CLEAN);
    }
    world.connect();
    for viewer in 1..=VIEWERS {
        world.watch(viewer, &[0], if viewer <= 5 { LARGE } else { SMALL });
    }
    world.run(seconds(1));
    let before = world.stats(0).source(Sent::Camera).unwrap().encodings.clone();
    let wanted = world.counters().keyframes_wanted;
    let storm = seconds(10);
    let end = world.now + storm;
    while world.now < end {
        for viewer in 1..=VIEWERS {
            let line = world.raw(viewer).line("0");
            world.raw(viewer).send_pli(line);
        }
        world.run(millis(100));
    }
    world.run(millis(100));
    assert!(world.counters().keyframes_wanted - wanted > 100 * VIEWERS as u64 * 9 / 10, "the storm was real");
    let after = &world.stats(0).source(Sent::Camera).unwrap().encodings;
    for (layer, (before, after)) in before.iter().zip(after).enumerate() {
        let (plis, keyframes) = (after.plis - before.plis, after.keyframes - before.keyframes);
        println!("encoding {layer}: {plis} requests, {keyframes} keyframes in 10 s");
        assert!(plis <= 21 && keyframes <= 21, "encoding {layer}: {plis} {keyframes}");
        assert_eq!(plis > 10, layer != 1, "nobody looks at the middle one");
    }
    for viewer in 1..=VIEWERS {
        assert!(world.raw(viewer).packets > 300, "everybody gets the picture");
    }
    world.check_invariants();
}

#[test]
fn a_viewer_who_asks_for_every_packet_again() {
    let mut world = World::new(13);
    let room = world.room();
    let config = world.config();
    world.join(room, config, LinkSpec::CLEAN);
    let config = ClientConfig { publish: Vec::new(), ..world.config() };
    world.join(room, config, LinkSpec::CLEAN);
    let raw = quiet_viewer(&world, true);
    let greedy = world.join_raw(room, raw, LinkSpec::CLEAN);
    world.connect();
    world.watch(1, &[0], LARGE);
    world.watch(greedy, &[0], LARGE);
    let end = world.now + seconds(20);
    while world.now < end {
        let raw = world.raw(greedy);
        let line = raw.line("0");
        let all: Vec<u16> =
            raw.received.iter().rev().filter(|got| got.ssrc == line).take(200).map(|got| got.seq as u16).collect();
        if !all.is_empty() {
            raw.send_nack(line, &all);
        }
        world.run(millis(50));
    }
    let raw = world.raw(greedy);
    let (sent, again) = (raw.packets, raw.retransmitted);
    println!("{again} retransmissions for {sent} packets, {} asked", world.counters().packets_nacked);
    assert!(again > 200, "it gets something");
    assert!(again as f64 <= 0.35 * sent as f64 + 200.0, "{again} of {sent}");
    let video = &world.stats(1).slots[0].video;
    assert_eq!((video.freezes, video.rtp.missing, video.plis), (0, 0, 0));
    assert!(video.frames >= 590, "{}", video.frames);
    assert_eq!(world.counters().packets_requested, 0, "the publisher is not asked");
    world.check_invariants();
}

#[test]
fn a_burst_of_joins_disturbs_nobody() {
    let mut world = World::new(14);
    let room = world.room();
    for _ in 0..2 {
        let config = world.config();
        world.join(room, config, LinkSpec::CLEAN);
    }
    world.connect();
    world.watch(0, &[1], LARGE);
    world.watch(1, &[0], LARGE);
    world.run(seconds(3));
    let started = world.now;
    for _ in 0..100 {
        let raw = quiet_viewer(&world, true);
        let viewer = world.join_raw(room, raw, LinkSpec::CLEAN);
        world.watch(viewer, &[0], SMALL);
        world.run(millis(10));
    }
    let took = world.connect() + (world.now - started);
    world.run(seconds(2));
    println!("100 joins in a second: all connected {took:?} after the first");
    for viewer in 2..102 {
        let raw = world.raw(viewer);
        let line = raw.line("0");
        let first = raw.received.iter().find(|got| got.ssrc == line).unwrap();
        assert!(first.stamp.unwrap().keyframe, "a picture begins with a keyframe");
    }
    for viewer in 0..2 {
        let video = &world.stats(viewer).slots[0].video;
        assert_eq!((video.freezes, video.rtp.missing), (0, 0));
    }
    let plis: u64 = world.stats(0).source(Sent::Camera).unwrap().encodings.iter().map(|one| one.plis).max().unwrap();
    assert!(plis as f64 <= 2.0 * (world.now - world.start).as_secs_f64() + 1.0, "{plis}");
    assert!(Duration::from_secs(3) > took);
    world.check_invariants();
}
