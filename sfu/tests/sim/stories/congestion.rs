//! Networks that get narrower and wider, and viewers who tell the truth about theirs or do not.

use std::time::Duration;

use confab_bench::client::{ClientConfig, PublishSpec};
use confab_sfu::control::{Source, Want};
use confab_sfu::core::rtp::Ssrc;
use confab_sfu::core::rtp::rtcp::write;

use super::{LARGE, millis, seconds};
use crate::links::LinkSpec;
use crate::raw::Raw;
use crate::world::{SEEDS, World};

/// A round trip of 50 ms, and a queue that would hold a second.
const NARROW: LinkSpec = LinkSpec { delay_ms: 25, queue_ms: 1000, ..LinkSpec::CLEAN };

/// One who sends a camera and a voice, and one who only looks on over `link`.
fn lecture(seed: u64, link: LinkSpec) -> World {
    let mut world = World::new(seed);
    let room = world.room();
    let config = world.config();
    world.join(room, config, LinkSpec::CLEAN);
    let config = ClientConfig { publish: Vec::new(), ..world.config() };
    world.join(room, config, link);
    world.connect();
    world.watch(1, &[0], LARGE);
    world
}

/// Kilobits a second that are sent towards a node during a time.
fn egress(world: &mut World, node: usize, time: Duration) -> u64 {
    let before = world.nodes[node].down.sent_bytes;
    world.run(time);
    (world.nodes[node].down.sent_bytes - before) * 8 / time.as_millis() as u64
}

fn layer(world: &World, viewer: usize) -> u8 {
    world.stats(viewer).slots[0].video.decoded.unwrap().layer
}

#[test]
fn a_network_that_narrows_and_widens_is_followed() {
    for seed in SEEDS {
        let mut world = lecture(seed, LinkSpec { kbps: 4000, ..NARROW });
        let config = ClientConfig { publish: Vec::new(), ..world.config() };
        let neighbour = world.join(world.nodes[0].room, config, LinkSpec::CLEAN);
        world.connect();
        world.watch(neighbour, &[0], LARGE);
        world.run(seconds(2));
        assert_eq!(layer(&world, 1), 2, "seed {seed}: 720p soon");
        let undisturbed = |world: &World| {
            let video = &world.stats(neighbour).slots[0].video;
            (layer(world, neighbour), video.freezes, video.rtp.missing, video.switches.len())
        };
        let before = undisturbed(&world);
        world.run(seconds(18));
        for round in 0..2 {
            let name = format!("seed {seed}, round {round}");
            assert_eq!(layer(&world, 1), 2, "{name}: 720p fits");
            world.nodes[1].down.set_spec(LinkSpec { kbps: 1000, ..NARROW });
            world.run(seconds(3));
            let sound = world.stats(1).slots[0].audio.rtp.missing;
            world.nodes[1].down.slowest = Duration::ZERO;
            let rates: Vec<u64> = (0..7).map(|_| egress(&mut world, 1, seconds(1))).collect();
            let queue = world.nodes[1].down.slowest.saturating_sub(millis(25));
            println!("{name}: {rates:?} kbit/s through 1000, queue at most {queue:?}");
            assert!(rates.iter().all(|rate| *rate <= 1100), "{name}: {rates:?}");
            assert!(rates.iter().sum::<u64>() >= 7 * 350, "{name}: the smaller picture goes on: {rates:?}");
            assert!(queue < millis(400), "{name}: {queue:?}");
            assert_eq!(world.stats(1).slots[0].audio.rtp.missing, sound, "{name}: no sound is lost for pictures");
            world.nodes[1].down.set_spec(LinkSpec { kbps: 4000, ..NARROW });
            let back = world.run_until(seconds(15), |world| layer(world, 1) == 2);
            println!("{name}: 720p again after {back:?}");
            assert!(back.is_some(), "{name}");
            let large = (0..10).filter(|_| egress(&mut world, 1, seconds(1)) >= 1200).count();
            assert!(large >= 6, "{name}: 720p in {large} of the next 10 s");
            assert!(world.run_until(seconds(6), |world| layer(world, 1) == 2).is_some(), "{name}: and it stays");
        }
        assert_eq!(undisturbed(&world), before, "seed {seed}: the neighbour sees the large picture all the time");
        assert_eq!(before.0, 2);
        let counters = world.counters();
        assert!(counters.probes > 0 && counters.packets_overflowed == 0, "{counters:?}");
        println!("seed {seed}: {counters:?}");
        world.check_invariants();
    }
}

#[test]
fn random_loss_does_not_starve() {
    for seed in SEEDS {
        let mut world = lecture(seed, LinkSpec { delay_ms: 25, ..LinkSpec::CLEAN });
        world.nodes[1].down.set_spec(LinkSpec { delay_ms: 25, loss: 0.2, ..LinkSpec::CLEAN });
        // The first cut shows that the loss is the path's own.
        world.run(seconds(15));
        let rates: Vec<u64> = (0..15).map(|_| egress(&mut world, 1, seconds(1))).collect();
        println!("seed {seed}: {rates:?} kbit/s at 20 % loss");
        assert!(rates.iter().filter(|rate| **rate >= 350).count() >= 12, "seed {seed}: {rates:?}");
        world.check_invariants();
    }
}

#[test]
fn a_receivers_own_estimate_is_honoured() {
    let mut world = World::new(1);
    let room = world.room();
    let config = world.config();
    world.join(room, config, LinkSpec::CLEAN);
    let mut raw = Raw::viewer(world.next_address(), world.now, 1);
    raw.spec.remb = true;
    let viewer = world.join_raw(room, raw, LinkSpec::CLEAN);
    world.connect();
    world.watch(viewer, &[0], LARGE);
    for (kbps, expected) in [(1_000, 350..=1_000), (10_000, 1_500..=4_000), (300, 100..=330), (5_000, 1_500..=4_000)] {
        let mut rates = Vec::new();
        for _ in 0..8 {
            world.raw(viewer).send_rtcp(|out| write::remb(out, Ssrc(1), kbps * 1000, &[]));
            rates.push(egress(&mut world, viewer, seconds(1)));
        }
        println!("REMB {kbps} kbit/s: {rates:?}");
        assert!(rates[3..].iter().all(|rate| expected.contains(rate)), "{kbps}: {rates:?}");
    }
    world.check_invariants();
}

#[test]
fn a_large_picture_is_spread_and_comes_whole() {
    let mut world = World::new(2);
    let room = world.room();
    let config = ClientConfig { publish: vec![PublishSpec::screen()], ..world.config() };
    world.join(room, config, LinkSpec::CLEAN);
    let mut raw = Raw::viewer(world.next_address(), world.now, 1);
    raw.spec.remb = true;
    let viewer = world.join_raw(room, raw, LinkSpec::CLEAN);
    world.connect();
    world.raw(viewer).send_rtcp(|out| write::remb(out, Ssrc(1), 2_500_000, &[]));
    world.run(millis(100));
    let video = Some(world.nodes[0].track(Source::Screen));
    world.want(viewer, vec![Want { slot: 0, video, audio: None, width: 1280, height: 720, fps: 0, pinned: false }]);
    world.run(seconds(5));
    let counters = world.counters();
    println!("{} of {} packets waited", counters.packets_paced, counters.packets_forwarded);
    assert!(counters.packets_paced > 20, "{counters:?}");
    assert_eq!(counters.packets_overflowed, 0);
    let received = &world.raw(viewer).received;
    assert!(received.len() > 500, "{}", received.len());
    assert!(received.windows(2).all(|pair| pair[1].seq == pair[0].seq + 1), "in order, and each once");
    world.check_invariants();
}

/// Feedback that says what its teller likes of 200 packets from `base` on.
fn lie(raw: &mut Raw, base: u16, time: u32, deltas: &[Option<i16>]) {
    raw.send_rtcp(|out| write::transport_cc(out, Ssrc(1), Ssrc(2), base, time, 0, deltas));
}

/// What a liar tells at a step.
type Lie = fn(&mut Raw, u32);

#[test]
fn who_lies_about_its_network_changes_only_its_own_pictures() {
    let lies: [(&str, Lie); 5] = [
        ("everything came at once", |raw, step| lie(raw, (step * 20) as u16, step, &[Some(0); 200])),
        ("nothing came", |raw, step| lie(raw, (step * 20) as u16, step, &[None; 200])),
        ("the clock jumps", |raw, step| lie(raw, (step * 20) as u16, step.wrapping_mul(0x9e37_79b9), &[Some(-9); 200])),
        ("what was never sent came", |raw, step| lie(raw, (step * 977) as u16, step, &[Some(1); 200])),
        ("a network without end", |raw, _| raw.send_rtcp(|out| write::remb(out, Ssrc(1), u64::MAX, &[]))),
    ];
    for (name, lie) in lies {
        let mut world = lecture(3, LinkSpec::CLEAN);
        let room = world.nodes[0].room;
        let mut raw = Raw::viewer(world.next_address(), world.now, 1);
        (raw.spec.transport_cc, raw.spec.remb, raw.record) = (true, true, false);
        let liar = world.join_raw(room, raw, LinkSpec::CLEAN);
        world.connect();
        world.watch(liar, &[0], LARGE);
        world.run(seconds(3));
        let before = world.stats(1).slots[0].video.clone();
        let sent = world.nodes[liar].down.sent_bytes;
        for step in 0..200 {
            lie(world.raw(liar), step);
            world.run(millis(50));
        }
        let rate = (world.nodes[liar].down.sent_bytes - sent) * 8 / 10_000;
        let after = &world.stats(1).slots[0].video;
        println!("{name}: the liar is sent {rate} kbit/s");
        assert!(rate <= 30_000, "{name}: {rate}");
        assert!(after.frames - before.frames >= 295, "{name}: the honest one sees {}", after.frames - before.frames);
        assert_eq!((after.freezes, after.rtp.missing, layer(&world, 1)), (0, 0, 2), "{name}");
        world.check_invariants();
    }
}

#[test]
fn who_had_no_room_for_any_picture_gets_them_back() {
    for seed in SEEDS {
        let mut world = lecture(seed, LinkSpec { kbps: 4000, ..NARROW });
        world.run(seconds(5));
        world.nodes[1].down.set_spec(LinkSpec { kbps: 80, ..NARROW });
        world.run(seconds(20));
        world.nodes[1].down.set_spec(LinkSpec { kbps: 4000, ..NARROW });
        let frames = world.stats(1).slots[0].video.frames;
        let large = |world: &mut World| layer(world, 1) == 2 && world.stats(1).slots[0].video.frames > frames + 30;
        let back = world.run_until(seconds(30), large);
        println!("seed {seed}: a second of 720p again after {back:?}");
        assert!(back.is_some_and(|back| back <= seconds(20)), "seed {seed}: {back:?}");
        world.check_invariants();
    }
}

#[test]
fn a_screen_too_large_for_the_first_guess_is_shown_soon() {
    for seed in SEEDS {
        let mut world = World::new(seed);
        let room = world.room();
        let config = ClientConfig { publish: vec![PublishSpec::screen()], ..world.config() };
        world.join(room, config, LinkSpec::CLEAN);
        let config = ClientConfig { publish: Vec::new(), ..world.config() };
        world.join(room, config, LinkSpec { kbps: 8000, ..NARROW });
        world.connect();
        let video = Some(world.nodes[0].track(Source::Screen));
        world.want(1, vec![Want { slot: 0, video, audio: None, width: 1280, height: 720, fps: 0, pinned: false }]);
        let shown = world.run_until(seconds(20), |world| world.stats(1).slots[0].video.frames > 0);
        println!("seed {seed}: shown after {shown:?}");
        assert!(shown.is_some_and(|shown| shown <= seconds(8)), "seed {seed}: {shown:?}");
        world.check_invariants();
    }
}
