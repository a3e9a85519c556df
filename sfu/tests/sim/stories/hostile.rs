//! Whatever strangers and members send: it is dropped and counted, nothing answers strangers, and the call goes on.

use std::net::SocketAddr;

use confab_bench::client::{ClientConfig, Source as Sent, Stamp};
use confab_sfu::control::{OfferError, PeerState, Source};
use confab_sfu::core::demux;
use confab_sfu::core::stats::DropReason;
use rand::{Rng, RngExt};

use super::paths::forged_check;
use super::{LARGE, call, millis, seconds};
use crate::links::LinkSpec;
use crate::raw::sdp::{EXT_MID, EXT_RID, VP8};
use crate::raw::{Header, Raw, payload};
use crate::world::{SEEDS, World};

fn stranger(number: u32) -> SocketAddr {
    SocketAddr::from(([203, 0, (number >> 8) as u8, number as u8], 1000 + (number % 60_000) as u16))
}

fn assert_undisturbed(world: &World) {
    for viewer in 0..2 {
        let slot = &world.stats(viewer).slots[0];
        assert_eq!((slot.video.freezes, slot.video.rtp.missing, slot.audio.rtp.missing), (0, 0, 0), "viewer {viewer}");
        assert_eq!(world.nodes[viewer].state, Some(PeerState::Connected));
    }
    world.check_invariants();
}

/// A datagram of some protocol, more or less well formed.
fn junk(world: &mut World, shape: usize) -> Vec<u8> {
    let rng = &mut world.rng;
    let len = match shape % 8 {
        0 => 0,
        1 => 1,
        2 => 1501,
        3 => 9000,
        _ => rng.random_range(2..1400),
    };
    let mut bytes = vec![0; len];
    rng.fill_bytes(&mut bytes);
    let head: &[u8] = match shape / 8 % 8 {
        0 => &[0, 1, 0, 8, 0x21, 0x12, 0xa4, 0x42],
        1 => &[1, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42],
        2 => &[22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 60, 1],
        3 => &[21, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 1, 0],
        4 => &[0x80, 96],
        5 => &[0x90, 111],
        6 => &[0x80, 200],
        _ => &[],
    };
    let fits = head.len().min(len);
    bytes[..fits].copy_from_slice(&head[..fits]);
    bytes
}

#[test]
fn strangers_get_no_answer_whatever_they_send() {
    let mut world = World::new(30);
    call(&mut world, 2, LinkSpec::CLEAN, LARGE);
    world.run(seconds(2));
    let before = world.counters().dropped.iter().sum::<u64>();
    for shape in 0..10_000 {
        let bytes = junk(&mut world, shape);
        world.inject(stranger(shape as u32), &bytes);
    }
    for stranger_number in 0..100 {
        world.inject(stranger(stranger_number), &forged_check("nobody:knows", stranger_number as u8));
    }
    assert_eq!(world.counters().dropped.iter().sum::<u64>() - before, 10_100, "every one is counted");
    assert_eq!(world.strays.len(), 0);
    world.run(seconds(2));
    assert_undisturbed(&world);
}

#[test]
fn junk_from_an_admitted_address_changes_nothing() {
    for seed in SEEDS {
        let mut world = World::new(seed);
        call(&mut world, 2, LinkSpec::CLEAN, LARGE);
        world.run(seconds(2));
        let source = world.nodes[0].public;
        for shape in 0..5_000 {
            let bytes = junk(&mut world, shape);
            let before = world.counters().packets_received;
            world.inject(source, &bytes);
            assert_eq!(world.counters().packets_received, before);
            if shape % 50 == 0 {
                world.run(millis(20));
            }
        }
        world.run(seconds(3));
        assert_undisturbed(&world);
    }
}

#[test]
fn what_was_received_once_is_not_received_again() {
    let mut world = World::new(31);
    call(&mut world, 2, LinkSpec::CLEAN, LARGE);
    world.nodes[0].recorded = Some(Vec::new());
    world.run(seconds(4));
    let recorded = world.nodes[0].recorded.take().unwrap();
    world.run(millis(20));
    let media = recorded.iter().filter(|bytes| demux::classify(bytes) == Some(demux::Class::Rtp));
    let media: Vec<_> = media.take(1000).collect();
    assert_eq!(media.len(), 1000);
    let (before, source) = (world.counters().clone(), world.nodes[0].public);
    for bytes in media {
        world.inject(source, bytes);
    }
    // Reports and requests too.
    let reports = recorded.iter().filter(|bytes| demux::classify(bytes) == Some(demux::Class::Rtcp));
    let reports = reports.map(|bytes| world.inject(source, bytes)).count() as u64;
    assert!(reports > 3, "{reports}");
    let after = world.counters();
    assert_eq!(after.packets_forwarded, before.packets_forwarded);
    assert_eq!(after.dropped(DropReason::Replay) - before.dropped(DropReason::Replay), 1000 + reports);
    world.run(seconds(1));
    assert_undisturbed(&world);
}

#[test]
fn a_flipped_bit_is_noticed_and_harms_no_stream() {
    let mut world = World::new(32);
    call(&mut world, 2, LinkSpec::CLEAN, LARGE);
    world.run(seconds(3));
    // The next second of media is held back, so that it is new to the worker.
    world.nodes[0].recorded = Some(Vec::new());
    world.nodes[0].up.up = false;
    world.run(seconds(1));
    world.nodes[0].up.up = true;
    let held = world.nodes[0].recorded.take().unwrap();
    let media: Vec<_> = held.into_iter().filter(|bytes| bytes[0] >= 128).collect();
    let (source, mut flipped) = (world.nodes[0].public, 0);
    let before = world.counters().clone();
    while flipped < 10_000 {
        for bytes in &media {
            let mut bytes = bytes.clone();
            let (place, bit) = (world.rng.random_range(0..bytes.len()), world.rng.random_range(0..8));
            bytes[place] ^= 1 << bit;
            // With that one bit it looks like DTLS, which ignores what it does not know without a word.
            if demux::classify(&bytes) != Some(demux::Class::Dtls) {
                world.inject(source, &bytes);
                flipped += 1;
            }
        }
    }
    let after = world.counters();
    assert_eq!((after.packets_received, after.packets_forwarded), (before.packets_received, before.packets_forwarded));
    let dropped = after.dropped.iter().sum::<u64>() - before.dropped.iter().sum::<u64>();
    assert_eq!(dropped, flipped);
    // The unharmed ones are as good as new.
    for bytes in &media {
        world.inject(source, bytes);
    }
    assert_eq!(world.counters().dropped.iter().sum::<u64>() - before.dropped.iter().sum::<u64>(), flipped);
    world.run(seconds(2));
    let slot = &world.stats(1).slots[0];
    assert_eq!((slot.video.rtp.missing, slot.audio.rtp.missing), (0, 0));
    world.check_invariants();
}

fn hostile_member(world: &mut World) -> usize {
    let room = world.nodes[0].room;
    let raw =
        Raw::publisher(world.next_address(), world.now, &[(Source::Microphone, &[]), (Source::Camera, &["l", "h"])]);
    let hostile = world.join_raw(room, raw, LinkSpec::CLEAN);
    world.connect();
    hostile
}

fn stamp(frame: u32) -> Stamp {
    Stamp { sender: 666, source: Sent::Camera, layer: 0, keyframe: frame == 0, frame, index: 0, count: 1, sent: 0 }
}

#[test]
fn ten_thousand_streams_of_one_member_cost_nothing() {
    let mut world = World::new(33);
    call(&mut world, 2, LinkSpec::CLEAN, LARGE);
    let hostile = hostile_member(&mut world);
    world.run(seconds(2));
    let before = world.counters().clone();
    for ssrc in 0..10_000 {
        let mid: &[u8] = [&b"1"[..], b"none"][ssrc as usize % 2];
        let header =
            Header { pt: VP8, ssrc, timestamp: 0, marker: true, extensions: &[(EXT_MID, mid), (EXT_RID, b"l")] };
        world.raw(hostile).send_rtp(&header, &payload::picture(&stamp(0)));
        if ssrc % 100 == 0 {
            world.run(millis(5));
        }
    }
    world.run(seconds(2));
    let dropped = |reason| world.dropped(reason) - before.dropped(reason);
    let (many, unknown) = (dropped(DropReason::TooManyStreams), dropped(DropReason::UnknownStream));
    println!("{many} too many, {unknown} unknown");
    // Of those that get past the first limit half name no section, and all others come too soon after the one before.
    assert_eq!((many, unknown), (10_000 - 64, 63));
    assert!(world.snapshot().encodings <= 8 + 2);
    assert_undisturbed(&world);
}

#[test]
fn authentic_nonsense_of_a_member_is_survived() {
    for seed in SEEDS {
        let mut world = World::new(seed);
        call(&mut world, 2, LinkSpec::CLEAN, LARGE);
        let hostile = hostile_member(&mut world);
        let room = world.nodes[0].room;
        let config = ClientConfig { publish: Vec::new(), ..world.config() };
        let victim = world.join(room, config, LinkSpec::CLEAN);
        world.connect();
        world.watch(victim, &[hostile], LARGE);
        for round in 0..4000u32 {
            let len = world.rng.random_range(0..60);
            let mut bytes = vec![0; len];
            world.rng.fill_bytes(&mut bytes);
            let mut picture = payload::picture(&stamp(round % 30));
            let (place, value) = (world.rng.random_range(0..12), world.rng.random());
            picture[place] = value;
            let raw = world.raw(hostile);
            raw.send_rtcp(|out| {
                out.extend_from_slice(&[0x80 | (round % 32) as u8, 200 + (round % 8) as u8, 0, (len / 4) as u8]);
                out.extend_from_slice(&bytes);
                out.resize(out.len().max(8), 7);
            });
            let header = Header {
                pt: VP8,
                ssrc: 5,
                timestamp: round * 3000,
                marker: true,
                extensions: &[(EXT_MID, b"1"), (EXT_RID, b"l")],
            };
            raw.send_rtp(&header, if round % 2 == 0 { &bytes } else { &picture });
            if round % 20 == 0 {
                world.run(millis(20));
            }
        }
        world.run(seconds(2));
        assert!(world.stats(victim).wire.received_rtp > 100, "some of it is what the victim asked for");
        for viewer in 0..2 {
            assert_eq!(world.stats(viewer).slots[0].video.freezes, 0);
        }
        assert_eq!((world.counters().peer_panics, world.plaintext), (0, 0));
        assert_eq!(world.stats(victim).wire.reused_sequence_numbers, 0);
    }
}

#[test]
fn a_datagram_larger_than_an_ethernet_frame_is_not_forwarded() {
    let mut world = World::new(34);
    call(&mut world, 2, LinkSpec::CLEAN, LARGE);
    let hostile = hostile_member(&mut world);
    let room = world.nodes[0].room;
    let viewer = Raw::viewer(world.next_address(), world.now, 1);
    let viewer = world.join_raw(room, viewer, LinkSpec::CLEAN);
    world.connect();
    world.watch(viewer, &[hostile], LARGE);
    for (len, expected) in [(1100, 1), (1480, 1), (3000, 1), (1200, 2)] {
        let mut picture = payload::picture(&stamp(0));
        picture.resize(len, 0);
        let extensions: &[(u8, &[u8])] = &[(EXT_MID, b"1"), (EXT_RID, b"l")];
        world.raw(hostile).send_rtp(&Header { pt: VP8, ssrc: 5, timestamp: 0, marker: true, extensions }, &picture);
        world.run(millis(50));
        assert_eq!(world.raw(viewer).packets, expected, "{len} bytes");
    }
    assert_eq!(world.dropped(DropReason::Malformed), 2);
    assert_undisturbed(&world);
}

/// An offer as a raw client would make it, changed by `change`.
fn offer_with(world: &World, change: impl FnOnce(&mut String)) -> confab_sfu::control::Offer {
    let mut offer = Raw::viewer(world.next_address(), world.now, 2).offer();
    change(&mut offer.sdp);
    offer
}

type Edit = (&'static str, fn(&mut String), OfferError);

const BROKEN: &[Edit] = &[
    ("no SDP", |sdp| *sdp = "hello".into(), OfferError::Malformed),
    ("cut", |sdp| sdp.truncate(sdp.find("a=ice-ufrag").unwrap() + 14), OfferError::Malformed),
    ("too many bytes", |sdp| sdp.push_str(&"a=x\r\n".repeat(60_000)), OfferError::TooLarge),
    ("one long line", |sdp| sdp.push_str(&format!("a={}\r\n", "x".repeat(300_000))), OfferError::TooLarge),
    ("too many sections", |sdp| sdp.push_str(&"m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n".repeat(200)), OfferError::TooLarge),
    ("a mid twice", |sdp| *sdp = sdp.replace("a=mid:3", "a=mid:2"), OfferError::Sections),
    ("a mid missing", |sdp| *sdp = sdp.replace("a=mid:3", "a=mid:9"), OfferError::Sections),
    ("payload type 200", |sdp| *sdp = sdp.replace("SAVPF 111", "SAVPF 200"), OfferError::Malformed),
    ("no fingerprint", |sdp| remove(sdp, "a=fingerprint"), OfferError::Unsupported),
    ("no ICE", |sdp| remove(sdp, "a=ice-"), OfferError::Unsupported),
    ("no codec", |sdp| *sdp = sdp.replace("opus", "pcmu").replace("VP8", "H261"), OfferError::Unsupported),
    ("control characters", |sdp| sdp.push_str("a=x\u{7}\r\n"), OfferError::Malformed),
    ("DTLS server", |sdp| *sdp = sdp.replace("actpass", "passive"), OfferError::Unsupported),
];

fn remove(sdp: &mut String, prefix: &str) {
    *sdp = sdp.split_inclusive('\n').filter(|line| !line.starts_with(prefix)).collect();
}

#[test]
fn broken_offers_are_refused_by_name() {
    let mut world = World::new(35);
    call(&mut world, 2, LinkSpec::CLEAN, LARGE);
    world.run(seconds(2));
    for (name, edit, expected) in BROKEN {
        let offer = offer_with(&world, edit);
        // From a member who is in the call, and from somebody who has no peer yet.
        assert_eq!(world.negotiate(0, offer.clone()), Err(*expected), "{name}");
        let room = world.nodes[0].room;
        let raw = Raw::viewer(world.next_address(), world.now, 2);
        let local = raw.local;
        let node = world.add(room, crate::agent::Agent::Raw(Box::new(raw)), local, LinkSpec::CLEAN);
        assert_eq!(world.negotiate(node, offer), Err(*expected), "{name}");
        world.leave(node);
        world.remove_last();
    }
    assert_eq!(world.snapshot().peers, 2);
    world.run(seconds(2));
    assert_undisturbed(&world);
}

#[test]
fn candidates_in_an_offer_are_never_sent_to() {
    let mut world = World::new(36);
    let room = world.room();
    let raw = Raw::viewer(world.next_address(), world.now, 1);
    let mut offer = raw.offer();
    for address in ["127.0.0.1", "169.254.169.254", "10.1.2.3", "198.51.100.7"] {
        offer.sdp.push_str(&format!("a=candidate:1 1 udp 2130706431 {address} 80 typ host\r\n"));
    }
    let local = raw.local;
    let node = world.add(room, crate::agent::Agent::Raw(Box::new(raw)), local, LinkSpec::CLEAN);
    world.negotiate(node, offer).unwrap();
    world.run(seconds(25));
    assert_eq!(world.strays.len(), 0);
    assert_eq!(world.nodes[node].down.sent, 0, "nor to its own address, from which nothing came");
    assert_eq!(world.snapshot().peers, 0, "it never connected");
}

#[test]
fn a_certificate_that_was_not_announced_gets_nowhere() {
    let mut world = World::new(37);
    call(&mut world, 2, LinkSpec::CLEAN, LARGE);
    let room = world.nodes[0].room;
    let mut raw = Raw::viewer(world.next_address(), world.now, 1);
    let wrong = if raw.spec.fingerprint.ends_with("00") { "11" } else { "00" };
    raw.spec.fingerprint.replace_range(raw.spec.fingerprint.len() - 2.., wrong);
    let impostor = world.join_raw(room, raw, LinkSpec::CLEAN);
    world.watch(impostor, &[0], LARGE);
    world.run(seconds(25));
    assert!(!matches!(world.nodes[impostor].state, Some(PeerState::Connected | PeerState::Silent)));
    assert!(world.told.iter().all(|told| !matches!(&told.event, confab_sfu::control::Event::Peer { participant, state: PeerState::Connected } if *participant == world.nodes[impostor].participant)));
    let raw = world.raw(impostor);
    assert_eq!((raw.packets, raw.undecryptable), (0, 0), "no media at all");
    assert_eq!(world.snapshot().peers, 2);
    assert_undisturbed(&world);
}
