//! Clients vanish, come back, move to other addresses and negotiate anew, and the call goes on.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use confab_bench::client::{Change, Client, ClientConfig};
use confab_sfu::control::{Event, OfferError, PeerState};
use confab_sfu::core::demux;
use confab_sfu::core::stats::DropReason;
use rand::RngExt;

use super::{LARGE, call, millis, seconds};
use crate::agent::Agent;
use crate::links::LinkSpec;
use crate::raw::sdp::Answer;
use crate::world::{World, sfu_offer};

/// Frames that a viewer's only slot has shown.
fn frames(world: &World, viewer: usize) -> u64 {
    world.stats(viewer).slots[0].video.frames
}

/// How long until two more frames of everybody's arrive.
fn until_media(world: &mut World, limit: Duration) -> Option<Duration> {
    let before = [0, 1].map(|viewer| frames(world, viewer));
    world.run_until(limit, |world| (0..2).all(|viewer| frames(world, viewer) >= before[viewer] + 2))
}

fn states(world: &World, node: usize, since: Instant) -> Vec<(PeerState, Duration)> {
    let participant = world.nodes[node].participant;
    let state = |(at, event): (Instant, &Event)| match event {
        Event::Peer { participant: who, state } if *who == participant => Some((*state, at - since)),
        _ => None,
    };
    world.told_since(since).filter_map(state).collect()
}

#[test]
fn who_vanishes_is_told_silent_and_then_closed() {
    let mut world = World::new(20);
    call(&mut world, 2, LinkSpec::CLEAN, LARGE);
    world.run(seconds(3));
    world.set_link(0, false);
    let gone = world.now;
    world.run(seconds(50));
    let states = states(&world, 0, gone);
    println!("{states:?}");
    assert_eq!(states.iter().map(|state| state.0).collect::<Vec<_>>(), [PeerState::Silent, PeerState::Closed]);
    assert!((millis(9_900)..millis(10_550)).contains(&states[0].1), "{states:?}");
    assert!((seconds(44)..millis(45_600)).contains(&states[1].1), "{states:?}");
    let snapshot = world.snapshot();
    assert_eq!((snapshot.peers, snapshot.encodings), (1, 1), "the other one's voice; nobody is there to see it");
    assert!(world.nodes[1].slots.is_empty());
    world.check_invariants();
}

#[test]
fn forged_datagrams_do_not_keep_anybody_alive() {
    let mut world = World::new(21);
    call(&mut world, 2, LinkSpec::CLEAN, LARGE);
    world.nodes[0].recorded = Some(Vec::new());
    world.run(seconds(3));
    let recorded = world.nodes[0].recorded.take().unwrap();
    let old = recorded.iter().rev().find(|bytes| bytes[0] >= 128).unwrap().clone();
    let source = world.nodes[0].public;
    world.set_link(0, false);
    let gone = world.now;
    while world.now < gone + seconds(12) {
        let mut forged = old.clone();
        forged[20] ^= 1;
        // Forged media, replayed media, something like DTLS, and an answer to a check that we never sent.
        let answer = [&[1, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42][..], &[9; 12]].concat();
        for bytes in [&forged[..], &old, &[22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0], &answer] {
            world.inject(source, bytes);
        }
        world.run(millis(100));
    }
    let states = states(&world, 0, gone);
    assert_eq!(states.first().map(|state| state.0), Some(PeerState::Silent), "{states:?}");
    assert!(states[0].1 <= millis(10_550), "{states:?}");
    world.check_invariants();
}

#[test]
fn a_blackout_heals_by_itself() {
    for (blackout, silent) in [(5, false), (15, true)] {
        let mut world = World::new(22);
        call(&mut world, 2, LinkSpec::CLEAN, LARGE);
        world.run(seconds(3));
        let start = world.now;
        world.set_link(0, false);
        world.run(seconds(blackout));
        world.set_link(0, true);
        let took = until_media(&mut world, seconds(5)).expect("media comes back");
        println!("blackout of {blackout} s: media back after {took:?}, {:?}", states(&world, 0, start));
        assert!(took <= seconds(2), "{took:?}");
        world.run(seconds(3));
        let expected: &[PeerState] = if silent { &[PeerState::Silent, PeerState::Connected] } else { &[] };
        assert_eq!(states(&world, 0, start).iter().map(|state| state.0).collect::<Vec<_>>(), expected);
        assert_eq!(world.counters().negotiations, 2);
        world.check_invariants_but_jumps();
    }
}

#[test]
fn a_client_that_closes_is_gone_at_once() {
    let mut world = World::new(23);
    call(&mut world, 2, LinkSpec::CLEAN, LARGE);
    world.run(seconds(3));
    let now = world.now;
    world.client(0).close(now);
    world.run(millis(40));
    let states = states(&world, 0, now);
    assert_eq!(states.iter().map(|state| state.0).collect::<Vec<_>>(), [PeerState::Closed], "{states:?}");
    assert_eq!(world.snapshot().peers, 1);
    assert!(world.nodes[1].slots.is_empty());
}

#[test]
fn a_nat_that_gives_another_port_interrupts_for_a_moment() {
    let mut slowest = Duration::ZERO;
    for seed in 0..10 {
        let mut world = World::new(seed);
        call(&mut world, 2, LinkSpec::CLEAN, LARGE);
        world.run(seconds(3) + millis(237 * seed));
        world.rebind(0);
        let took = until_media(&mut world, seconds(5)).expect("media comes back");
        slowest = slowest.max(took);
        world.run(seconds(2));
        let old = SocketAddr::new(world.nodes[0].public.ip(), 5000);
        let late = world.strays.len();
        world.run(seconds(1));
        assert_eq!(world.strays.len(), late, "nothing goes to the old address any more");
        assert!(world.strays.iter().all(|(to, _)| *to == old));
        assert!(states(&world, 0, world.start).iter().all(|state| state.0 == PeerState::Connected));
        world.check_invariants();
    }
    println!("slowest of 10 rebinds: {slowest:?}");
    // The synthetic client checks its path every 3 s, a browser every 2.5 s. Then our own check takes a round trip.
    assert!(slowest <= millis(3700), "{slowest:?}");
}

/// An ICE check that a client sent, and the user names in it: the worker's and the client's.
pub(super) fn overheard_check(world: &mut World, node: usize) -> (Vec<u8>, String) {
    world.nodes[node].recorded = Some(Vec::new());
    world.run(seconds(4));
    let recorded = world.nodes[node].recorded.take().unwrap();
    let check = recorded.into_iter().find(|bytes| bytes.starts_with(&[0, 1])).expect("a check every 3 s");
    assert!(demux::parse_stun_request(&check).unwrap().use_candidate);
    let at = check.windows(2).position(|kind| kind == [0, 6]).unwrap();
    let name = &check[at + 4..][..usize::from(check[at + 3])];
    let name = String::from_utf8(name.to_vec()).unwrap();
    (check, name)
}

/// An ICE check for `ufrag` that nominates, with a wrong integrity.
pub(super) fn forged_check(ufrag: &str, salt: u8) -> Vec<u8> {
    let mut attributes = Vec::new();
    let mut attribute = |kind: u16, value: &[u8]| {
        attributes.extend_from_slice(&kind.to_be_bytes());
        attributes.extend_from_slice(&(value.len() as u16).to_be_bytes());
        attributes.extend_from_slice(value);
        attributes.resize(attributes.len().next_multiple_of(4), 0);
    };
    attribute(0x0006, ufrag.as_bytes());
    attribute(0x0025, &[]);
    attribute(0x0024, &[0x6e, 0, 0x1e, 0xff]);
    attribute(0x802a, &[7; 8]);
    attribute(0x0008, &[salt; 20]);
    let mut out = vec![0, 1];
    out.extend_from_slice(&(attributes.len() as u16).to_be_bytes());
    out.extend_from_slice(&[0x21, 0x12, 0xa4, 0x42]);
    out.extend_from_slice(&[salt; 12]);
    out.extend_from_slice(&attributes);
    out
}

/// The answers that a node got, oldest first.
fn answers(world: &World, node: usize) -> Vec<Answer> {
    let participant = world.nodes[node].participant;
    let answers = world.told.iter().filter_map(|told| match &told.event {
        Event::Answer { participant: who, answer: Ok(sdp), .. } if *who == participant => Some(Answer::parse(sdp)),
        _ => None,
    });
    answers.collect()
}

#[test]
fn a_forged_check_never_moves_the_path() {
    let mut world = World::new(24);
    call(&mut world, 2, LinkSpec::CLEAN, LARGE);
    world.run(seconds(3));
    let (genuine, names) = overheard_check(&mut world, 0);
    for attempt in 0..1000u32 {
        let source = SocketAddr::from(([203, 0, 113, attempt as u8], 1000 + attempt as u16));
        world.inject(source, &forged_check(&names, attempt as u8));
        // What was overheard, with one bit changed; the last attribute is only a checksum over the others.
        let mut altered = genuine.clone();
        let place = world.rng.random_range(0..genuine.len() - 8);
        altered[place] ^= 1 << world.rng.random_range(0..8);
        world.inject(source, &altered);
        world.run(millis(5));
    }
    world.run(seconds(1));
    assert_eq!(world.strays.len(), 0, "nothing is sent to an address that proved nothing");
    for viewer in 0..2 {
        assert_eq!(world.stats(viewer).slots[0].video.freezes, 0);
    }
    world.check_invariants();
}

#[test]
fn a_genuine_check_from_a_forged_source_never_moves_the_path() {
    let mut world = World::new(28);
    call(&mut world, 2, LinkSpec::CLEAN, LARGE);
    world.run(seconds(3));
    let (genuine, _) = overheard_check(&mut world, 0);
    // Somebody who reads a check on its way, or the participant itself, sends it again in the name of others: of many
    // addresses, and of one again and again.
    for attempt in 0..1000u32 {
        let last = if attempt % 2 == 0 { attempt as u8 } else { 1 };
        let source = SocketAddr::from(([203, 0, 113, last], 1000));
        world.inject(source, &genuine);
        world.run(millis(5));
    }
    world.run(seconds(1));
    // What reaches them: answers of ICE, which are no longer than the checks, and a few checks of our own; no media.
    let most = genuine.len().max(150);
    assert!(!world.strays.is_empty() && world.strays.iter().all(|(_, bytes)| *bytes <= most));
    for viewer in 0..2 {
        let video = &world.stats(viewer).slots[0].video;
        assert_eq!((video.freezes, video.rtp.missing), (0, 0), "nobody missed a packet");
    }
    assert_eq!(world.counters().peer_panics, 0);
    world.check_invariants();
}

#[test]
fn an_ice_restart_with_more_slots_changes_nothing_that_was_there() {
    for change in [
        Change { ice_restart: true, more_slots: 0 },
        Change { ice_restart: false, more_slots: 4 },
        Change { ice_restart: true, more_slots: 8 },
    ] {
        let mut world = World::new(25);
        call(&mut world, 3, LinkSpec::CLEAN, LARGE);
        world.run(seconds(3));
        world.offer(0, change).unwrap();
        world.run(seconds(5));
        let answers = answers(&world, 0);
        let [before, after] = &answers[..] else { panic!("{}", answers.len()) };
        assert_eq!(before.lines[..], after.lines[..before.lines.len()], "sections and streams stay");
        assert_eq!(after.lines.len(), before.lines.len() + 2 * change.more_slots);
        assert_eq!(before.ufrag != after.ufrag, change.ice_restart);
        for viewer in 0..3 {
            for slot in &world.stats(viewer).slots[..2] {
                assert_eq!((slot.video.freezes, slot.video.rtp.missing, slot.audio.misaligned), (0, 0, 0));
                assert!(slot.video.frames >= 235, "{}", slot.video.frames);
            }
        }
        // The new credentials serve: only a check under them can move the path.
        world.rebind(0);
        let took = until_media(&mut world, seconds(5)).expect("media comes back");
        assert!(took <= millis(3400), "{took:?}");
        if change.more_slots > 0 {
            // A slot that came later works like any other.
            world.watch(0, &[1, 2, 1], LARGE);
            world.run(seconds(2));
            assert!(world.stats(0).slots[2].video.frames > 40);
        }
        assert!(states(&world, 0, world.start).len() == 1);
        world.check_invariants();
    }
}

#[test]
fn an_offer_that_contradicts_an_earlier_one_is_refused_and_all_goes_on() {
    let mut world = World::new(26);
    call(&mut world, 3, LinkSpec::CLEAN, LARGE);
    world.run(seconds(3));
    let now = world.now;
    let offer = sfu_offer(&world.client(0).offer(now, Change { ice_restart: true, more_slots: 1 }).unwrap());
    let mut swapped = offer.clone();
    swapped.sections.slots.swap(0, 1);
    let mut fewer = offer.clone();
    fewer.sections.slots.truncate(1);
    let mut other_source = offer.clone();
    other_source.sections.publish[0].0 = confab_sfu::control::Source::ScreenAudio;
    let mut turned = offer.clone();
    turned.sections.slots[0].video.clone_from(&offer.sections.slots[0].audio);
    for (offer, expected) in [
        (swapped, OfferError::Contradiction),
        (fewer, OfferError::Contradiction),
        (other_source, OfferError::Contradiction),
        (turned, OfferError::Sections),
    ] {
        assert_eq!(world.negotiate(0, offer), Err(expected));
        world.run(seconds(1));
    }
    // The same offer without the mistake still works: nothing had changed.
    let answer = world.negotiate(0, offer).unwrap();
    let now = world.now;
    world.client(0).accept_answer(now, &answer).unwrap();
    world.run(seconds(4));
    for viewer in 0..3 {
        let video = &world.stats(viewer).slots[0].video;
        assert_eq!((video.freezes, video.rtp.missing), (0, 0));
        assert!(video.frames > 320, "{}", video.frames);
    }
    world.check_invariants();
}

#[test]
fn a_client_that_starts_over_gets_a_fresh_peer() {
    let mut world = World::new(27);
    call(&mut world, 2, LinkSpec::CLEAN, LARGE);
    world.run(seconds(3));
    let local = SocketAddr::from(([10, 9, 9, 9], 5000));
    let config = ClientConfig { sender: 77, ..ClientConfig::new(local, 1, world.start) };
    world.check_invariants();
    let client = Client::new(config, world.now).unwrap();
    world.replace(0, Agent::Client(Box::new(client)), local);
    let before = frames(&world, 1);
    world.offer(0, Change::default()).unwrap();
    world.run(seconds(4));
    assert_eq!(world.snapshot().peers, 2);
    let video = &world.stats(1).slots[0].video;
    assert!(video.frames > before + 80, "{} {before}", video.frames);
    assert_eq!(video.decoded.unwrap().sender, 77);
    assert!(frames(&world, 0) > 80, "its wishes are remembered");
    assert_eq!((video.rtp.missing, video.rtp.timestamp_regressions), (0, 0));
    assert_eq!(states(&world, 0, world.start).iter().filter(|state| state.0 == PeerState::Closed).count(), 0);
    assert_eq!(world.dropped(DropReason::Authentication), 0);
    world.check_invariants();
}
