//! What comes goes again, and leaves nothing behind; long calls stay as they are.

use confab_bench::client::{Change, ClientConfig, PublishSpec};
use confab_sfu::control::{Command, Event, PeerState, Source};
use confab_sfu::core::stats::DropReason;

use super::{LARGE, call, millis, seconds};
use crate::agent::Agent;
use crate::links::LinkSpec;
use crate::raw::Raw;
use crate::world::World;

/// Rooms, peers, publications and encodings that the worker has.
fn state(world: &World) -> (usize, usize, usize, usize) {
    let snapshot = world.snapshot();
    (snapshot.rooms, snapshot.peers, snapshot.publications, snapshot.encodings)
}

#[test]
fn a_thousand_joins_and_leaves() {
    let mut world = World::new(40);
    call(&mut world, 2, LinkSpec::CLEAN, super::SMALL);
    world.run(seconds(2));
    let steady = state(&world);
    let room = world.nodes[0].room;
    for cycle in 0..1000 {
        let raw = Raw::publisher(
            world.next_address(),
            world.now,
            &[(Source::Microphone, &[]), (Source::Camera, &["l", "h"])],
        );
        let guest = world.join_raw(room, raw, LinkSpec::CLEAN);
        world.watch(guest, &[0], super::SMALL);
        world.watch(1, &[guest], super::SMALL);
        // Some leave at once, some in the middle of the handshake, some after a while.
        match cycle % 10 {
            0 => drop(world.connect()),
            1..4 => world.run(millis(40)),
            _ => {}
        }
        if cycle % 20 == 0 {
            world.run(millis(200));
            assert_eq!(world.snapshot().peers, 3);
        }
        world.leave(guest);
        world.watch(1, &[0], super::SMALL);
        world.remove_last();
    }
    world.run(seconds(2));
    assert_eq!(state(&world), steady);
    assert!(world.stats(0).slots[0].video.freezes == 0);
    let unknown = world.dropped(DropReason::UnknownSource);
    world.inject(world.next_address(), &[0x80, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(world.dropped(DropReason::UnknownSource), unknown + 1, "the guests' addresses are forgotten");
    world.check_invariants();
}

#[test]
fn tracks_and_rooms_end_completely() {
    let mut world = World::new(41);
    call(&mut world, 3, LinkSpec::CLEAN, LARGE);
    let first = world.nodes[0].room;
    call_in_other_room(&mut world);
    world.run(seconds(5));
    // Of each camera only the encoding that somebody looks at arrives.
    assert_eq!(state(&world), (2, 5, 10, 3 * 2 + 2 * 2));
    let track = world.nodes[0].track(Source::Camera);
    let publisher = (1, world.nodes[0].participant);
    world.command(Command::Unpublish { room: first, track });
    assert!(world.nodes[1].slots.iter().all(|slot| slot.video != Some(track)), "told at once");
    world.run(seconds(2));
    assert_eq!(state(&world).2, 9);
    // The same camera again is another track, and comes when it is wanted.
    world.nodes[0].tracks.retain(|one| one.0 != Source::Camera);
    world.publish(0, Source::Camera);
    world.watch(1, &[0, 2], LARGE);
    world.run(seconds(2));
    assert_eq!(world.stats(1).slots[0].video.decoded.unwrap().sender, publisher.0);
    assert_eq!(world.nodes[1].slots[0].video, Some(world.nodes[0].track(Source::Camera)));
    world.leave(2);
    world.run(seconds(2));
    assert_eq!(state(&world), (2, 4, 8, 8));
    world.command(Command::CloseRoom { room: first });
    world.run(seconds(2));
    assert_eq!(state(&world), (1, 2, 4, 4));
    let (sent, other) = (world.nodes[0].down.sent, world.nodes[3].room);
    world.run(seconds(2));
    assert_eq!(world.nodes[0].down.sent, sent, "nothing is sent to who has no room");
    assert!([3, 4].iter().all(|&node| world.stats(node).slots[0].video.freezes == 0));
    world.command(Command::CloseRoom { room: other });
    assert_eq!(state(&world), (0, 0, 0, 0));
    world.check_invariants();
}

fn call_in_other_room(world: &mut World) {
    let room = world.room();
    let first = world.nodes.len();
    for _ in 0..2 {
        let config = world.config();
        world.join(room, config, LinkSpec::CLEAN);
    }
    world.connect();
    world.watch(first, &[first + 1], LARGE);
    world.watch(first + 1, &[first], LARGE);
}

#[test]
fn commands_for_what_has_just_gone_are_harmless() {
    let mut world = World::new(42);
    call(&mut world, 2, LinkSpec::CLEAN, LARGE);
    world.run(seconds(1));
    let (room, gone) = (world.nodes[0].room, 1);
    let (participant, track) = (world.nodes[gone].participant, world.nodes[gone].track(Source::Camera));
    world.leave(gone);
    let elsewhere = confab_sfu::id::RoomId::random(&mut world.rng);
    for room in [room, elsewhere] {
        world.command(Command::Mute { room, track, muted: true });
        world.command(Command::Unpublish { room, track });
        world.command(Command::Leave { room, participant });
    }
    world.command(Command::CloseRoom { room: elsewhere });
    world.run(seconds(1));
    assert_eq!(state(&world).1, 1);
    world.check_invariants();
}

/// Few people, many slots, long: the engine below must never try to send media of its own.
#[test]
fn minutes_with_many_slots() {
    for (slots, audio_slots) in [(20, 3), (50, 0)] {
        let mut world = World::new(43);
        let room = world.room();
        for _ in 0..4 {
            let camera = PublishSpec { fps: 10, ..PublishSpec::camera_single(80) };
            let config =
                ClientConfig { publish: vec![PublishSpec::microphone(), camera], slots, audio_slots, ..world.config() };
            world.join(room, config, LinkSpec::CLEAN);
        }
        let mut raw = Raw::viewer(world.next_address(), world.now, slots);
        raw.record = false;
        let witness = world.join_raw(room, raw, LinkSpec::CLEAN);
        world.connect();
        for minute in 0..4 {
            for viewer in 0..=witness {
                let mut shown = super::others(4, viewer);
                shown.rotate_left(minute % 3);
                world.watch(viewer, &shown, LARGE);
            }
            world.run(seconds(60));
        }
        assert!(world.raw(witness).packets > 4 * 60 * 3 * 50);
        assert_eq!(world.strays.len(), 0);
        let mut unseen = 0;
        for viewer in 0..4 {
            let stats = world.stats(viewer);
            let media: u64 = stats.slots.iter().map(|slot| slot.video.rtp.packets + slot.audio.rtp.packets).sum();
            let heard: u64 = stats.audio_slots.iter().map(|slot| slot.rtp.packets).sum();
            unseen += stats.wire.received_rtp - media - heard;
            for slot in &stats.slots[..3] {
                assert_eq!((slot.video.freezes, slot.video.rtp.missing, slot.audio.misaligned), (0, 0, 0));
            }
        }
        // The witness tells nothing of what it receives, so nothing is probed towards it.
        assert_eq!(unseen, world.counters().packets_probed, "every media datagram decrypts and belongs to a slot");
        world.check_invariants();
    }
}

#[test]
fn a_full_room_says_so() {
    let config = confab_sfu::SfuConfig { max_room_peers: 2, ..confab_sfu::SfuConfig::default() };
    let mut world = World::with_config(44, config);
    call(&mut world, 2, LinkSpec::CLEAN, LARGE);
    let room = world.nodes[0].room;
    let raw = Raw::viewer(world.next_address(), world.now, 1);
    let (offer, local) = (raw.offer(), raw.local);
    let third = world.add(room, Agent::Raw(Box::new(raw)), local, LinkSpec::CLEAN);
    assert_eq!(world.negotiate(third, offer), Err(confab_sfu::control::OfferError::Full));
    let client = world.nodes[0].participant;
    world.offer(0, Change { ice_restart: true, more_slots: 0 }).unwrap();
    world.run(seconds(2));
    let closed = |event: &Event| matches!(event, Event::Peer { participant, state: PeerState::Closed } if *participant == client);
    assert!(!world.told.iter().any(|told| closed(&told.event)));
    world.leave(1);
    world.remove_last();
    let raw = Raw::viewer(world.next_address(), world.now, 1);
    world.join_raw(room, raw, LinkSpec::CLEAN);
    world.check_invariants();
}
