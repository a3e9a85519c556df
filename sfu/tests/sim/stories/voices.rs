//! Who is heard, and who is said to speak.

use std::collections::BTreeSet;
use std::time::Instant;

use confab_bench::client::{ClientConfig, PublishSpec, Source as Sent, Stamp};
use confab_sfu::control::{Event, Source};
use rand::RngExt;

use super::{millis, seconds};
use crate::links::LinkSpec;
use crate::raw::{Raw, payload};
use crate::world::{SEEDS, World};

/// `count` people with a microphone and three audio-only slots, but no pair.
fn chorus(world: &mut World, count: usize) {
    let room = world.room();
    for _ in 0..count {
        let publish = vec![PublishSpec::microphone()];
        let config = ClientConfig { publish, slots: 0, audio_slots: 3, ..world.config() };
        world.join(room, config, LinkSpec::CLEAN);
    }
    world.connect();
}

/// People speak or are silent, and nobody's voice is steady.
fn speak(world: &mut World, levels: &[u8]) {
    for (node, &level) in levels.iter().enumerate() {
        let level = level as i32 + world.rng.random_range(-4..=4);
        world.client(node).set_audio_level(Sent::Microphone, level as u8, level < 50);
    }
}

fn speak_for(world: &mut World, levels: &[u8], tenths: u32) {
    for _ in 0..tenths {
        speak(world, levels);
        world.run(millis(100));
    }
}

/// Whom a client hears, by what arrived within the last 100 ms.
fn heard(world: &World, viewer: usize) -> BTreeSet<u64> {
    let fresh = |arrived: Option<Instant>| arrived.is_some_and(|at| world.now - at < millis(100));
    let slots = world.stats(viewer).audio_slots.iter().filter(|slot| fresh(slot.rtp.arrived));
    slots.map(|slot| slot.rtp.stamp.unwrap().sender).collect()
}

/// How often anything changed in the clients' slots, and how often the speakers did.
fn changes(world: &World, since: Instant) -> (usize, usize) {
    let slots = world.told_since(since).filter(|(_, event)| matches!(event, Event::Slots { .. })).count();
    let speakers = world.told_since(since).filter(|(_, event)| matches!(event, Event::Speakers { .. })).count();
    (slots, speakers)
}

fn speakers(world: &World) -> BTreeSet<u64> {
    let last = world.told.iter().rev().find_map(|told| match &told.event {
        Event::Speakers { speakers } => Some(speakers),
        _ => None,
    });
    let number = |participant| world.nodes.iter().position(|node| node.participant == participant).unwrap() as u64 + 1;
    last.into_iter().flatten().map(|speaker| number(speaker.participant)).collect()
}

#[test]
fn the_loudest_three_of_eight_are_heard() {
    const QUIET: u8 = 80;
    const LOUD: u8 = 25;
    for seed in SEEDS {
        let mut world = World::new(seed);
        chorus(&mut world, 8);
        let mut levels = [LOUD, LOUD, LOUD, QUIET, QUIET, QUIET, QUIET, QUIET];
        speak_for(&mut world, &levels, 20);
        for viewer in 3..8 {
            assert_eq!(heard(&world, viewer), BTreeSet::from([1, 2, 3]), "viewer {viewer}");
        }
        assert_eq!(speakers(&world), BTreeSet::from([1, 2, 3]));
        let steady = world.now;
        speak_for(&mut world, &levels, 100);
        println!("seed {seed}: 10 s without a change of speakers: {:?} events", changes(&world, steady));
        assert_eq!(changes(&world, steady).0, 0, "slots do not flutter");
        assert!(changes(&world, steady).1 <= 3, "speakers do not flutter: {:?}", changes(&world, steady));
        // One falls silent, another begins.
        (levels[1], levels[6]) = (QUIET, LOUD);
        let mut took = 0;
        while (0..6).filter(|viewer| ![0, 2].contains(viewer)).any(|viewer| !heard(&world, viewer).contains(&7)) {
            speak_for(&mut world, &levels, 1);
            took += 100;
            assert!(took <= 1000, "{took} ms until the new voice is heard");
        }
        speak_for(&mut world, &levels, 20);
        assert_eq!(speakers(&world), BTreeSet::from([1, 3, 7]));
        for viewer in [1, 3, 4, 5, 7] {
            assert_eq!(heard(&world, viewer), BTreeSet::from([1, 3, 7]), "viewer {viewer}");
            for slot in &world.stats(viewer).audio_slots {
                assert_eq!((slot.misaligned, slot.rtp.missing), (0, 0));
            }
        }
        world.check_invariants();
    }
}

#[test]
fn four_who_speak_at_once_do_not_push_each_other_out_again_and_again() {
    let mut world = World::new(9);
    chorus(&mut world, 6);
    let levels = [25, 25, 25, 25, 80, 80];
    speak_for(&mut world, &levels, 20);
    let since = world.now;
    speak_for(&mut world, &levels, 100);
    let (slots, speakers) = changes(&world, since);
    println!("four equally loud for 10 s: {slots} slot events, {speakers} speaker events");
    assert!(slots <= 12, "{slots} slot events among 6 people in 10 s");
    world.check_invariants();
}

#[test]
fn in_a_small_room_everybody_is_heard_loud_or_not() {
    let mut world = World::new(10);
    chorus(&mut world, 4);
    speak_for(&mut world, &[90, 100, 70, 95], 20);
    for viewer in 0..4u64 {
        let others = (1..=4).filter(|other| *other != viewer + 1).collect();
        assert_eq!(heard(&world, viewer as usize), others);
    }
    assert_eq!(speakers(&world), BTreeSet::new());
    world.check_invariants();
}

#[test]
fn who_is_in_a_pair_is_not_heard_twice() {
    let mut world = World::new(11);
    let room = world.room();
    for _ in 0..3 {
        let publish = vec![PublishSpec::microphone(), PublishSpec::camera_single(100)];
        let config = ClientConfig { publish, slots: 1, audio_slots: 3, ..world.config() };
        world.join(room, config, LinkSpec::CLEAN);
    }
    world.connect();
    world.watch(0, &[1], super::LARGE);
    world.run(seconds(3));
    assert_eq!(world.stats(0).slots[0].audio.rtp.stamp.unwrap().sender, 2);
    assert_eq!(heard(&world, 0), BTreeSet::from([3]));
    // The pair shows somebody else: both go on being heard, once each.
    world.watch(0, &[2], super::LARGE);
    world.run(seconds(2));
    assert_eq!(world.stats(0).slots[0].audio.rtp.stamp.unwrap().sender, 3);
    assert_eq!(heard(&world, 0), BTreeSet::from([2]));
    world.check_invariants();
}

/// With discontinuous transmission (RFC 7587 section 3.1.3) a silent Opus encoder sends a packet each 400 ms.
#[test]
fn a_voice_that_saves_packets_in_silence_keeps_its_slot_and_its_time() {
    let mut world = World::new(12);
    let room = world.room();
    let raw = Raw::publisher(world.next_address(), world.now, &[(Source::Microphone, &[])]);
    let speaker = world.join_raw(room, raw, LinkSpec::CLEAN);
    let raw = Raw::viewer(world.next_address(), world.now, 1);
    let listener = world.join_raw(room, raw, LinkSpec::CLEAN);
    world.connect();
    world.watch(listener, &[speaker], super::LARGE);
    let mut sent = Vec::new();
    let mut timestamp = 0u32;
    let mut begun = world.now;
    // A second of speech, eight of silence, a second of speech.
    for (packets, frames) in [(50, 1), (20, 20), (50, 1)] {
        for _ in 0..packets {
            let stamp = Stamp {
                sender: 7,
                source: Sent::Microphone,
                layer: 0,
                keyframe: false,
                frame: sent.len() as u32,
                index: 0,
                count: 1,
                sent: 0,
            };
            world.raw(speaker).send_media("0", 70, timestamp, &payload::sound(&stamp), false);
            sent.push(timestamp);
            timestamp += 960 * frames;
            world.run(millis(20 * u64::from(frames)));
        }
        if sent.len() == packets {
            begun = world.now;
        }
    }
    world.run(millis(200));
    let received = std::mem::take(&mut world.raw(listener).received);
    assert_eq!(received.len(), sent.len());
    for (pair, times) in received.windows(2).zip(sent.windows(2)) {
        assert_eq!(pair[1].seq, pair[0].seq + 1);
        assert_eq!(pair[1].timestamp.wrapping_sub(pair[0].timestamp), times[1] - times[0]);
    }
    assert!(world.nodes[listener].slots.iter().any(|slot| slot.audio.is_some()));
    assert_eq!(changes(&world, begun).0, 0, "silence is no reason to tell of slots");
    world.check_invariants();
}
