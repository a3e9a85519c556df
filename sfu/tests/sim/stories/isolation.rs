//! What is said in one room is heard in no other, whatever anybody does.

use std::collections::HashSet;

use confab_bench::client::{ClientConfig, Source as Sent, Stamp};
use confab_sfu::control::Source;
use confab_sfu::core::stats::DropReason;
use confab_sfu::id::RoomId;

use super::{LARGE, millis, seconds};
use crate::links::LinkSpec;
use crate::raw::sdp::{EXT_MID, EXT_RID, OPUS, VP8};
use crate::raw::{Header, Raw, payload};
use crate::world::World;

const HOSTILE: u64 = 666;

/// A room with two people, whose numbers are `first + 1` and `first + 2`, and a witness who records what they send.
fn room_with_witness(world: &mut World) -> (RoomId, usize) {
    let room = world.room();
    let first = world.nodes.len();
    for _ in 0..2 {
        let config = ClientConfig { slots: 1, ..world.config() };
        let node = world.join(room, config, LinkSpec::CLEAN);
        world.nodes[node].recorded = Some(Vec::new());
    }
    let witness = Raw::viewer(world.next_address(), world.now, 2);
    let witness = world.join_raw(room, witness, LinkSpec::CLEAN);
    world.connect();
    world.watch(first, &[first + 1], LARGE);
    world.watch(first + 1, &[first], LARGE);
    world.watch(witness, &[first, first + 1], LARGE);
    (room, witness)
}

fn senders(world: &mut World, witness: usize) -> HashSet<u64> {
    let received = &world.raw(witness).received;
    assert!(received.len() > 1000, "{}", received.len());
    received.iter().map(|packet| packet.stamp.expect("every packet has a stamp").sender).collect()
}

/// SSRCs of what a client sent, and the datagrams.
fn media_of(world: &World, node: usize) -> (HashSet<u32>, Vec<Vec<u8>>) {
    let recorded = world.nodes[node].recorded.as_ref().unwrap();
    let is_rtp = |bytes: &&Vec<u8>| bytes[0] >= 128 && !confab_sfu::core::rtp::is_rtcp(bytes);
    let rtp: Vec<Vec<u8>> = recorded.iter().filter(is_rtp).cloned().collect();
    (rtp.iter().map(|bytes| u32::from_be_bytes(bytes[8..12].try_into().unwrap())).collect(), rtp)
}

fn stamp(frame: u32, source: Sent) -> Stamp {
    Stamp { sender: HOSTILE, source, layer: 2, keyframe: true, frame, index: 0, count: 1, sent: 0 }
}

/// Sends pictures and sound under every SSRC of the victims, with every mid and rid that there may be.
fn forge(raw: &mut Raw, ssrcs: &HashSet<u32>, round: u32) {
    for &ssrc in ssrcs {
        for mid in ["0", "1", "2", "3", "zz"] {
            for rid in ["l", "h"] {
                let extensions: &[(u8, &[u8])] = &[(EXT_MID, mid.as_bytes()), (EXT_RID, rid.as_bytes())];
                let picture = payload::picture(&stamp(round, Sent::Camera));
                let header = Header { pt: VP8, ssrc, timestamp: round * 3000, marker: true, extensions };
                raw.send_rtp(&header, &picture);
                let sound = payload::sound(&stamp(round, Sent::Microphone));
                raw.send_rtp(&Header { pt: OPUS, ..header }, &sound);
            }
        }
    }
}

#[test]
fn nothing_crosses_from_one_room_to_another() {
    let mut world = World::new(3);
    let (room_a, witness_a) = room_with_witness(&mut world);
    let (room_b, witness_b) = room_with_witness(&mut world);
    // Somebody who asks for another room's tracks by their ids gets nothing.
    let config = ClientConfig { slots: 2, publish: Vec::new(), ..world.config() };
    let spy = world.join(room_a, config, LinkSpec::CLEAN);
    world.connect();
    world.watch(spy, &[3, 4], LARGE);
    world.run(seconds(8));
    assert_eq!(senders(&mut world, witness_a), HashSet::from([1, 2]));
    assert_eq!(senders(&mut world, witness_b), HashSet::from([4, 5]));
    assert_eq!(world.stats(spy).wire.received_rtp, 0);
    assert!(world.nodes[spy].slots.is_empty());
    assert_ne!(room_a, room_b);
    world.check_invariants();
}

#[test]
fn a_member_of_one_room_cannot_speak_in_another() {
    let mut world = World::new(4);
    let (room_a, witness_a) = room_with_witness(&mut world);
    let (_, witness_b) = room_with_witness(&mut world);
    let raw =
        Raw::publisher(world.next_address(), world.now, &[(Source::Microphone, &[]), (Source::Camera, &["l", "h"])]);
    let hostile = world.join_raw(room_a, raw, LinkSpec::CLEAN);
    world.connect();
    world.run(seconds(3));
    let (ssrcs, captured) = media_of(&world, 3);
    assert_eq!(ssrcs.len(), 4, "a voice and three encodings: {ssrcs:?}");
    let before = world.counters().clone();
    for round in 0..50 {
        forge(world.raw(hostile), &ssrcs, round);
        let lines: Vec<u32> = world.raw(witness_b).answer.lines.iter().map(|line| line.1).collect();
        for line in lines {
            world.raw(hostile).send_pli(line);
            world.raw(hostile).send_nack(line, &[1, 2, 3]);
        }
        world.run(millis(40));
    }
    // The victim's own datagrams, from the hostile client's admitted socket.
    let source = world.nodes[hostile].public;
    for datagram in &captured {
        world.inject(source, datagram);
    }
    world.run(seconds(2));
    assert_eq!(senders(&mut world, witness_a), HashSet::from([1, 2]));
    assert_eq!(senders(&mut world, witness_b), HashSet::from([4, 5]));
    let counters = world.counters();
    assert_eq!(counters.packets_retransmitted, before.packets_retransmitted, "nobody's packets are given to others");
    assert_eq!(counters.keyframes_wanted, before.keyframes_wanted);
    let refused = |reason| world.dropped(reason) - before.dropped(reason);
    let replayed = refused(DropReason::Authentication) + refused(DropReason::Replay);
    assert_eq!(replayed, captured.len() as u64, "{:?}", counters.dropped);
    assert!(refused(DropReason::UnknownStream) + refused(DropReason::UnknownCodec) > 0);
    for victim in [3, 4] {
        let video = &world.stats(victim).slots[0].video;
        assert_eq!((video.freezes, video.rtp.missing), (0, 0));
    }
    world.check_invariants();
}

#[test]
fn who_watches_a_liar_gets_only_the_liar() {
    let mut world = World::new(5);
    let (room_a, witness_a) = room_with_witness(&mut world);
    let raw =
        Raw::publisher(world.next_address(), world.now, &[(Source::Microphone, &[]), (Source::Camera, &["l", "h"])]);
    let hostile = world.join_raw(room_a, raw, LinkSpec::CLEAN);
    world.connect();
    let liar_watched = Raw::viewer(world.next_address(), world.now, 1);
    let liar_watched = world.join_raw(room_a, liar_watched, LinkSpec::CLEAN);
    world.connect();
    world.watch(liar_watched, &[hostile], LARGE);
    let (ssrcs, _) = media_of(&world, 0);
    for round in 0..100 {
        forge(world.raw(hostile), &ssrcs, round);
        world.run(millis(20));
    }
    let heard: HashSet<u64> =
        world.raw(liar_watched).received.iter().map(|packet| packet.stamp.unwrap().sender).collect();
    assert_eq!(heard, HashSet::from([HOSTILE]), "what is allowed arrives, so the test can fail");
    world.run(seconds(5));
    assert_eq!(senders(&mut world, witness_a), HashSet::from([1, 2]));
    world.check_invariants();
}
