//! Publishers choose a codec each; viewers get what they can decode, under their own payload types.

use confab_bench::client::{Source as Sent, Stamp};
use confab_sfu::control::Source;

use super::{LARGE, millis, seconds};
use crate::links::LinkSpec;
use crate::raw::sdp::{EXT_MID, ONLY_VP8, Video};
use crate::raw::{Header, Raw, Received, payload};
use crate::world::World;

const VP8_FIRST: u8 = 96;
const VP9_FIRST: u8 = 98;

const VP9_THEN_VP8: &[Video] =
    &[Video { pt: VP9_FIRST, name: "VP9", fmtp: "profile-id=0" }, Video { pt: VP8_FIRST, name: "VP8", fmtp: "x=1" }];

/// The same codecs under other payload types, and some that nobody shall choose.
const OTHER_NUMBERS: &[Video] = &[
    Video { pt: 35, name: "AV1", fmtp: "level-idx=5;profile=0;tier=0" },
    Video { pt: 37, name: "H264", fmtp: "packetization-mode=0;profile-level-id=42e01f" },
    Video { pt: 39, name: "VP9", fmtp: "profile-id=2" },
    Video { pt: 41, name: "VP9", fmtp: "profile-id=0" },
    Video { pt: 43, name: "VP8", fmtp: "x=1" },
    Video { pt: 45, name: "H264", fmtp: "packetization-mode=1;profile-level-id=42e01f" },
    Video { pt: 47, name: "H264", fmtp: "packetization-mode=1;profile-level-id=42001f" },
];

const VIEWERS_VP8: u8 = 43;
const VIEWERS_VP9: u8 = 41;

struct Stage {
    world: World,
    /// Publish VP9 and VP8.
    modern: usize,
    plain: usize,
    /// Take everything, and VP8 alone.
    able: usize,
    unable: usize,
}

fn stage() -> Stage {
    let mut world = World::new(21);
    let room = world.room();
    let publisher = |world: &mut World, video| {
        let mut raw = Raw::publisher(world.next_address(), world.now, &[(Source::Camera, &[])]);
        raw.spec.video = video;
        world.join_raw(room, raw, LinkSpec::CLEAN)
    };
    let modern = publisher(&mut world, VP9_THEN_VP8);
    let plain = publisher(&mut world, ONLY_VP8);
    let viewer = |world: &mut World, video| {
        let mut raw = Raw::viewer(world.next_address(), world.now, 1);
        raw.spec.video = video;
        world.join_raw(room, raw, LinkSpec::CLEAN)
    };
    let able = viewer(&mut world, OTHER_NUMBERS);
    let unable = viewer(&mut world, ONLY_VP8);
    world.connect();
    Stage { world, modern, plain, able, unable }
}

impl Stage {
    /// Both publishers send 25 pictures a second for two seconds; each answers a request with a keyframe.
    fn film(&mut self) {
        for _ in 0..50 {
            for (node, ssrc) in [(self.modern, 1000), (self.plain, 2000)] {
                let raw = self.world.raw(node);
                let keyframe = raw.plis.remove(&ssrc).is_some();
                let frame = raw.packets_sent(ssrc);
                let stamp = Stamp {
                    sender: u64::from(ssrc),
                    source: Sent::Camera,
                    layer: 0,
                    keyframe,
                    frame,
                    index: 0,
                    count: 1,
                    sent: 0,
                };
                let vp9 = ssrc == 1000;
                let payload = if vp9 { payload::vp9_picture(&stamp) } else { payload::picture(&stamp) };
                let pt = if vp9 { VP9_FIRST } else { VP8_FIRST };
                let extensions: &[(u8, &[u8])] = &[(EXT_MID, b"0")];
                raw.send_rtp(&Header { pt, ssrc, timestamp: frame * 3600, marker: true, extensions }, &payload);
            }
            self.world.run(millis(40));
        }
    }

    fn received(&mut self, viewer: usize) -> Vec<Received> {
        std::mem::take(&mut self.world.raw(viewer).received)
    }

    fn shows(&self, viewer: usize) -> bool {
        self.world.nodes[viewer].slots.iter().any(|slot| slot.video.is_some())
    }
}

/// Every packet is from one publisher, under one payload type; the first one is a keyframe.
fn check(received: &[Received], sender: u64, pt: u8) {
    assert!(received.len() >= 45, "{}", received.len());
    for packet in received {
        assert_eq!((packet.stamp.unwrap().sender, packet.pt), (sender, pt));
    }
    assert!(received[0].stamp.unwrap().keyframe);
}

#[test]
fn answers_agree_on_one_codec_where_the_client_sends_and_on_all_where_it_receives() {
    let mut stage = stage();
    let pts = |stage: &mut Stage, node| stage.world.raw(node).answer.pts[0].1.clone();
    assert_eq!(pts(&mut stage, 0), "98 99", "the client's first choice");
    assert_eq!(pts(&mut stage, 1), "96 97");
    assert_eq!(pts(&mut stage, 2), "35 41 43 45 36 42 44 46", "each once, in the client's order, then their repairs");
    assert_eq!(pts(&mut stage, 3), "96 97");
}

#[test]
fn a_slot_goes_from_one_codec_to_the_other_and_back() {
    let mut stage = stage();
    let (able, modern, plain) = (stage.able, stage.modern, stage.plain);
    let mut all = Vec::new();
    for (publisher, sender, pt) in
        [(modern, 1000, VIEWERS_VP9), (plain, 2000, VIEWERS_VP8), (modern, 1000, VIEWERS_VP9)]
    {
        stage.world.watch(able, &[publisher], LARGE);
        // Until the new publisher's keyframe the old picture goes on.
        stage.world.run(millis(1));
        stage.film();
        let received = stage.received(able);
        let cut = received.iter().position(|packet| packet.pt == pt).unwrap();
        assert!(cut <= 2, "{cut} pictures of the old one");
        check(&received[cut..], sender, pt);
        all.extend(received);
    }
    assert!(all.windows(2).all(|pair| pair[1].seq == pair[0].seq + 1), "one line without a hole");
    assert!(all.windows(2).all(|pair| pair[1].timestamp.wrapping_sub(pair[0].timestamp) < 90_000));
    assert!(all.iter().all(|packet| packet.ssrc == all[0].ssrc));
    // A retransmission has the payload type that belongs to its packet's codec.
    let (line, last) = (all[0].ssrc, all.last().unwrap().seq as u16);
    stage.world.raw(able).send_nack(line, &[last]);
    stage.world.run(millis(50));
    assert_eq!(stage.world.raw(able).retransmitted, 1);
    stage.world.check_invariants();
}

#[test]
fn what_a_viewer_did_not_offer_is_never_sent_to_it_and_nobody_is_asked_for_keyframes() {
    let mut stage = stage();
    let (unable, modern, plain) = (stage.unable, stage.modern, stage.plain);
    stage.film();
    stage.world.watch(unable, &[modern], LARGE);
    let before = stage.world.counters().keyframes_requested;
    stage.film();
    // Even if it insists.
    let line = stage.world.raw(unable).line("0");
    stage.world.raw(unable).send_pli(line);
    stage.film();
    assert_eq!(stage.received(unable).len(), 0);
    assert_eq!(stage.world.counters().keyframes_requested, before);
    assert!(!stage.shows(unable), "signalling is not told that the slot shows anything");
    // Its own codec is sent at once, and no longer when it looks at the other one again.
    stage.world.watch(unable, &[plain], LARGE);
    stage.film();
    check(&stage.received(unable), 2000, VP8_FIRST);
    assert!(stage.shows(unable));
    stage.world.watch(unable, &[modern], LARGE);
    stage.world.run(seconds(1));
    stage.received(unable);
    stage.film();
    assert_eq!(stage.received(unable).len(), 0);
    assert!(!stage.shows(unable));
    stage.world.check_invariants();
}
