//! A slot shows one person, then another; cameras and microphones are muted and come back.

use confab_bench::client::{ClientConfig, Source as Sent};
use confab_sfu::control::{Event, Source};
use confab_sfu::core::stats::DropReason;
use rand::RngExt;

use super::{LARGE, call, millis, seconds};
use crate::links::LinkSpec;
use crate::world::{SEEDS, World};

/// Nodes 0 and 1 publish, node 2 looks at one of them.
fn stage(world: &mut World, link: LinkSpec) {
    let room = world.room();
    for node in 0..3 {
        let mut config = ClientConfig { slots: 1, ..world.config() };
        if node == 2 {
            config.publish.clear();
        }
        world.join(room, config, link);
    }
    world.connect();
    world.watch(2, &[0], LARGE);
    world.run(seconds(3));
}

/// When signalling was last told that node 2's slot has this track.
fn told_of(world: &World, publisher: usize) -> Option<std::time::Instant> {
    let track = world.nodes[publisher].track(Source::Camera);
    let shows = |event: &Event| matches!(event, Event::Slots { slots, .. } if slots.iter().any(|slot| slot.video == Some(track)));
    world.told.iter().rev().find(|told| shows(&told.event)).map(|told| told.at)
}

#[test]
fn twenty_switches_between_two_people_are_seamless() {
    for seed in SEEDS {
        let mut world = World::new(seed);
        stage(&mut world, LinkSpec { delay_ms: 20 + 5 * seed, jitter_ms: 3, ..LinkSpec::CLEAN });
        let mut slowest = millis(0);
        let mut shown = vec![1];
        for round in 0..20 {
            let publisher = [1, 0][round % 2];
            world.watch(2, &[publisher], LARGE);
            let sender = publisher as u64 + 1;
            let decoded = |world: &World| world.stats(2).slots[0].video.decoded.unwrap().sender;
            let took = world.run_until(seconds(2), |world| decoded(world) == sender).expect("the switch happens");
            slowest = slowest.max(took);
            shown.push(sender);
            assert!(told_of(&world, publisher).unwrap() <= world.now, "told not later than shown");
            let pause = world.rng.random_range(0..1200);
            world.run(millis(pause));
        }
        let slot = &world.stats(2).slots[0];
        let senders: Vec<u64> = slot.video.switches.iter().map(|switch| switch.sender).collect();
        let mut expected = shown;
        expected.dedup();
        let mut seen = senders;
        seen.dedup();
        assert_eq!(seen, expected, "nobody else and nobody twice");
        println!(
            "seed {seed}: slowest switch {slowest:?}, longest gap {} ms, {} given up",
            slot.video.longest_gap_micros / 1000,
            slot.video.dropped
        );
        assert!(slowest <= millis(750), "a request may wait half a second for its turn: {slowest:?}");
        assert_eq!((slot.video.freezes, slot.video.rtp.missing), (0, 0));
        assert!(slot.video.longest_gap_micros <= 150_000, "{}", slot.video.longest_gap_micros);
        assert_eq!((slot.audio.misaligned, slot.audio.rtp.missing), (0, 0));
        world.check_invariants();
    }
}

#[test]
fn a_muted_track_is_not_forwarded_and_comes_back_with_a_keyframe() {
    for pause in [millis(300), seconds(5)] {
        let mut world = World::new(7);
        call(&mut world, 2, LinkSpec::CLEAN, LARGE);
        world.run(seconds(3));
        world.mute(0, Source::Camera, true);
        world.mute(0, Source::Microphone, true);
        assert!(world.nodes[1].slots.is_empty(), "told at once: {:?}", world.nodes[1].slots);
        // What is on its way arrives.
        world.run(millis(20));
        let before = world.stats(1).slots[0].clone();
        let unpublished = world.dropped(DropReason::Unpublished);
        world.run(pause);
        let after = &world.stats(1).slots[0];
        assert_eq!(after.video.rtp.packets, before.video.rtp.packets);
        assert_eq!(after.audio.rtp.packets, before.audio.rtp.packets);
        assert!(world.dropped(DropReason::Unpublished) > unpublished, "the publisher went on sending");
        world.mute(0, Source::Camera, false);
        world.mute(0, Source::Microphone, false);
        let frames = before.video.frames;
        let first = |world: &mut World| world.stats(1).slots[0].video.frames > frames;
        let took = world.run_until(seconds(2), first).expect("the picture comes back");
        println!("muted for {pause:?}: picture back after {took:?}");
        assert!(took <= millis(700), "{took:?}");
        let video = &world.stats(1).slots[0].video;
        assert_eq!(video.keyframes, before.video.keyframes + 1);
        world.run(seconds(2));
        let slot = &world.stats(1).slots[0];
        assert!(slot.video.frames >= frames + 50 && slot.audio.rtp.packets >= before.audio.rtp.packets + 95);
        assert_eq!((slot.video.freezes, slot.video.rtp.missing, slot.video.plis), (0, 0, 0));
        assert_eq!((slot.audio.misaligned, slot.audio.rtp.missing), (0, 0));
        let bound = world.nodes[1].slots[0];
        assert_eq!(
            (bound.video, bound.audio),
            (Some(world.nodes[0].track(Source::Camera)), Some(world.nodes[0].track(Source::Microphone)))
        );
        world.check_invariants();
    }
}

#[test]
fn a_camera_that_stops_and_starts_is_told_and_comes_back() {
    let mut world = World::new(8);
    call(&mut world, 2, LinkSpec::CLEAN, LARGE);
    world.run(seconds(3));
    world.client(0).set_active(Sent::Camera, false);
    world.run(seconds(3));
    assert_eq!(world.nodes[1].slots[0].video, None, "an empty slot is not said to be full");
    assert!(world.nodes[1].slots[0].audio.is_some());
    world.client(0).set_active(Sent::Camera, true);
    let frames = world.stats(1).slots[0].video.frames;
    let back = |world: &mut World| world.stats(1).slots[0].video.frames > frames;
    let took = world.run_until(seconds(2), back).expect("the picture comes back");
    assert!(took <= millis(300), "{took:?}");
    world.run(seconds(1));
    assert_eq!(world.nodes[1].slots[0].video, Some(world.nodes[0].track(Source::Camera)));
    world.check_invariants();
}
