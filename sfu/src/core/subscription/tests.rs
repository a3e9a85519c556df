use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use slotmap::SlotMap;

use super::*;
use crate::core::rewrite::LineKind;
use crate::core::rtp::{Codec, PayloadInfo, SeqNo, Ssrc};

/// A picture of the publisher: its layer, and whether it refers to the lowest layer only.
#[derive(Debug, Clone, Copy)]
struct Picture {
    number: u16,
    temporal: u8,
    sync: bool,
    keyframe: bool,
}

/// A publisher of three temporal layers, with a switching point to each in every 8 pictures.
fn pictures(keyframe_interval: u16) -> impl Iterator<Item = Picture> {
    const LAYERS: [(u8, bool); 8] =
        [(0, false), (2, true), (1, true), (2, false), (0, false), (2, false), (1, false), (2, false)];
    (0..).map(move |number| {
        let (temporal, sync) = LAYERS[usize::from(number % keyframe_interval % 8)];
        Picture { number, temporal, sync, keyframe: number % keyframe_interval == 0 }
    })
}

/// A packet with its payload: one of `count` of a picture.
#[derive(Debug, Clone)]
struct Sent {
    seq: u64,
    picture: Picture,
    first: bool,
    last: bool,
    payload: Vec<u8>,
}

impl Sent {
    fn packet(&self) -> Packet<'_> {
        Packet {
            seq: SeqNo(self.seq),
            timestamp: u32::from(self.picture.number) * 3000,
            marker: self.last,
            info: PayloadInfo::parse(Codec::Vp8, &self.payload).unwrap(),
            audio_level: None,
            video_orientation: None,
            payload: &self.payload,
        }
    }
}

/// The packets of a stream whose pictures have 1 to 3 packets.
fn packets(sizes: &[u8], keyframe_interval: u16) -> Vec<Sent> {
    let (mut sent, mut tl0) = (Vec::new(), 7u8);
    for (picture, &count) in pictures(keyframe_interval).zip(sizes) {
        tl0 = tl0.wrapping_add(u8::from(picture.temporal == 0));
        for index in 0..count {
            let (first, last) = (index == 0, index + 1 == count);
            let [high, low] = (picture.number.wrapping_add(0x7ff0) & 0x7fff).to_be_bytes();
            let indices = picture.temporal << 6 | u8::from(picture.sync) << 5;
            let frame = if first { u8::from(!picture.keyframe) } else { index };
            let payload = vec![0x80 | u8::from(first) << 4, 0xf0, 0x80 | high, low, tl0, indices, frame, 1, 2];
            sent.push(Sent { seq: 65_000 + sent.len() as u64, picture, first, last, payload });
        }
    }
    sent
}

fn origin(ssrc: u32) -> Origin {
    let mut keys = SlotMap::<TrackKey, ()>::with_key();
    Origin { track: keys.insert(()), encoding: 0, ssrc: Ssrc(ssrc) }
}

fn view(origin: Origin, temporal: u8) -> Option<View> {
    Some(View { origin, layer: Layer { spatial: 0, temporal } })
}

/// What a viewer received: by its own number, the place in the publisher's stream and whether there was a payload.
#[derive(Debug, Default)]
struct Viewer {
    received: BTreeMap<u64, (usize, bool)>,
    /// The picture ids under which pictures came.
    ids: BTreeMap<u16, BTreeSet<u16>>,
}

impl Viewer {
    fn take(&mut self, place: usize, sent: &Sent, (numbers, packet): (Numbers, Packet<'_>)) {
        let whole = !packet.payload.is_empty();
        assert!(self.received.insert(numbers.seq.0, (place, whole)).is_none(), "{} came twice", numbers.seq.0);
        if whole {
            self.ids.entry(sent.picture.number).or_default().insert(numbers.picture_id);
        }
    }

    /// The pictures of which something with a payload came, each with the number of its packets.
    fn pictures(&self, stream: &[Sent]) -> BTreeMap<u16, usize> {
        let mut counts = BTreeMap::new();
        for (place, _) in self.received.values().filter(|(_, whole)| *whole) {
            *counts.entry(stream[*place].picture.number).or_default() += 1;
        }
        counts
    }

    /// Every picture came whole, and whatever it refers to did too: what a decoder needs.
    fn check_decodable(&self, stream: &[Sent]) {
        let got = self.pictures(stream);
        let mut newest = [None::<u16>; 3];
        let all: BTreeMap<u16, Picture> = stream.iter().map(|sent| (sent.picture.number, sent.picture)).collect();
        for (number, picture) in all {
            let layer = usize::from(picture.temporal);
            if let Some(count) = got.get(&number) {
                let size = stream.iter().filter(|sent| sent.picture.number == number).count();
                assert_eq!(*count, size, "picture {number} came in part");
                let needs = if picture.keyframe {
                    0
                } else if picture.sync {
                    1
                } else {
                    layer + 1
                };
                for reference in newest.iter().take(needs).flatten() {
                    assert!(got.contains_key(reference), "picture {number} refers to {reference}");
                }
            }
            if picture.keyframe {
                newest = [None; 3];
            }
            newest[layer] = Some(number);
        }
    }
}

/// The stream's packets in the order of their arrival: some are late by some packets.
fn arrivals(stream: &[Sent], delays: &[u8]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..stream.len()).collect();
    order.sort_by_key(|&place| place + usize::from(delays[place % delays.len()]));
    order
}

proptest! {
    /// A viewer's layers go up and down at any time: what it gets can be decoded, in numbers and ids without a hole.
    #[test]
    fn what_a_viewer_gets_of_the_layers_can_be_decoded(
        sizes in prop::collection::vec(1..4u8, 60..150),
        targets in prop::collection::vec(0..3u8, 1..40),
        hold in 1..25usize,
    ) {
        let stream = packets(&sizes, 50);
        let origin = origin(1);
        let mut line = Rewriter::new(LineKind::Video, 0);
        let mut subscription = Subscription::default();
        let mut viewer = Viewer::default();
        let (now, mut id, mut seq) = (Instant::now(), 0, 0);
        for (place, sent) in stream.iter().enumerate() {
            subscription.target = view(origin, targets[place / hold % targets.len()]);
            let Some((numbers, packet)) = subscription.forward(&mut line, origin, &sent.packet(), now) else { continue };
            prop_assert_eq!(numbers.seq.0, seq + 1);
            prop_assert_eq!(numbers.picture_id, id + u16::from(sent.first));
            (seq, id) = (numbers.seq.0, numbers.picture_id);
            viewer.take(place, sent, (numbers, packet));
        }
        viewer.check_decodable(&stream);
        prop_assert_eq!(viewer.ids.len(), usize::from(id));
    }

    /// Packets come late: each number is filled in the end, if only with nothing, and what is asked for again is what
    /// was sent.
    #[test]
    fn late_packets_fill_every_hole(
        sizes in prop::collection::vec(1..4u8, 60..150),
        targets in prop::collection::vec(0..3u8, 1..40),
        hold in 1..25usize,
        mut delays in prop::collection::vec(prop_oneof![6 => Just(0u8), 1 => 1..20u8], 100..200),
    ) {
        let stream = packets(&sizes, 1000);
        let origin = origin(1);
        let mut line = Rewriter::new(LineKind::Video, 0);
        let mut subscription = Subscription::default();
        let mut viewer = Viewer::default();
        let now = Instant::now();
        delays[0] = 0;
        for (step, place) in arrivals(&stream, &delays).into_iter().enumerate() {
            let sent = &stream[place];
            subscription.target = view(origin, targets[step / hold % targets.len()]);
            let Some(out) = subscription.forward(&mut line, origin, &sent.packet(), now) else { continue };
            let seq = out.0.seq;
            let whole = !out.1.payload.is_empty();
            viewer.take(place, sent, out);
            let past = line.past(seq.low()).unwrap();
            prop_assert_eq!(past.seq, SeqNo(sent.seq));
            let (again, packet) = version(past.place(numbers_of(&sent.packet())), &sent.packet());
            prop_assert_eq!((again.seq, !packet.payload.is_empty()), (seq, whole));
        }
        prop_assert!(viewer.received.keys().copied().eq(1..=viewer.received.len() as u64), "{:?}", viewer.received);
        viewer.check_decodable(&stream);
        // No picture has two ids, and no two have the same.
        let ids: BTreeSet<u16> = viewer.ids.values().flatten().copied().collect();
        prop_assert_eq!(ids.len(), viewer.ids.len());
        prop_assert!(viewer.ids.values().all(|ids| ids.len() == 1));
    }
}

/// A frame of a picture of three spatial and two temporal layers (VP9, L3T2_KEY): between keyframes each spatial layer
/// refers to itself only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Frame {
    picture: u16,
    layer: Layer,
    packets: u8,
}

/// A packet of a frame, its payload, and whether it begins and ends the frame.
type Part = (Frame, Vec<u8>, bool, bool);

fn spatial_stream(sizes: &[u8], keyframe_interval: u16) -> Vec<Part> {
    let mut parts = Vec::new();
    for (picture, sizes) in (0..).zip(sizes.chunks_exact(3)) {
        for (spatial, &packets) in (0..3u8).zip(sizes) {
            let (number, keyframe) = (picture % keyframe_interval, picture % keyframe_interval == 0);
            let layer = Layer { spatial, temporal: (number % 2) as u8 };
            for index in 0..packets {
                let (first, last) = (index == 0, index + 1 == packets);
                let head = 0xa0 | u8::from(!keyframe) << 6 | u8::from(first) << 3 | u8::from(last) << 2;
                let indices = layer.temporal << 5 | 0x10 | spatial << 1 | u8::from(keyframe && spatial > 0);
                let payload = vec![head, picture as u8 & 0x7f, indices, 0, 1, 2];
                parts.push((Frame { picture, layer, packets }, payload, first, last));
            }
        }
    }
    parts
}

proptest! {
    /// Spatial layers: of each picture the viewer gets all layers up to one, its end is marked, and a layer comes up
    /// only at a keyframe.
    #[test]
    fn what_a_viewer_gets_of_the_spatial_layers_can_be_decoded(
        sizes in prop::collection::vec(1..4u8, 100..300),
        targets in prop::collection::vec((0..3u8, 0..2u8), 1..40),
        hold in 1..30usize,
    ) {
        let stream = spatial_stream(&sizes, 17);
        let origin = origin(1);
        let (mut line, now) = (Rewriter::new(LineKind::Video, 0), Instant::now());
        let mut subscription = Subscription::default();
        let (mut got, mut ends) = (Vec::<Frame>::new(), BTreeMap::new());
        for (place, (frame, payload, _, last)) in stream.iter().enumerate() {
            let (spatial, temporal) = targets[place / hold % targets.len()];
            subscription.target = Some(View { origin, layer: Layer { spatial, temporal } });
            let packet = Packet {
                seq: SeqNo(place as u64),
                timestamp: u32::from(frame.picture) * 3000,
                marker: frame.layer.spatial == 2 && *last,
                info: PayloadInfo::parse(Codec::Vp9, payload).unwrap(),
                audio_level: None,
                video_orientation: None,
                payload,
            };
            let Some((numbers, packet)) = subscription.forward(&mut line, origin, &packet, now) else { continue };
            got.push(*frame);
            prop_assert_eq!(numbers.seq.0, got.len() as u64);
            prop_assert!(ends.insert(frame.picture, packet.marker).is_none_or(|ended| !ended), "goes on after its end");
        }
        prop_assert!(ends.values().rev().skip(1).all(|&ended| ended), "{:?}", ends);
        let has = |picture: u16, layer: Layer| {
            let found = got.iter().filter(|frame| frame.picture == picture && frame.layer == layer);
            found.clone().count() > 0 && found.clone().all(|frame| found.clone().count() == usize::from(frame.packets))
        };
        let last = got.last().map(|frame| frame.picture);
        for frame in got.iter().filter(|frame| Some(frame.picture) != last) {
            let Frame { picture, layer, .. } = *frame;
            prop_assert!((0..=layer.spatial).all(|spatial| has(picture, Layer { spatial, ..layer })), "{:?}", frame);
            // The temporal layers alternate, and each picture refers to the lowest one before it.
            if picture % 17 != 0 {
                let before = (0..picture).rev().find(|before| before % 17 % 2 == 0).unwrap();
                prop_assert!(has(before, Layer { temporal: 0, ..layer }), "{:?}", frame);
            }
        }
    }
}

#[test]
fn a_viewer_that_finds_no_switching_point_waits_for_a_keyframe() {
    let origin = origin(1);
    let mut stream = packets(&[1; 160], 1000);
    for sent in &mut stream {
        sent.payload[5] &= !0x20;
    }
    let (mut line, now) = (Rewriter::new(LineKind::Video, 0), Instant::now());
    let mut subscription = Subscription { target: view(origin, 0), ..Subscription::default() };
    assert_eq!(subscription.awaits_entry(), Some(origin));
    let mut forward = |subscription: &mut Subscription, stream: &[Sent]| {
        stream.iter().filter(|sent| subscription.forward(&mut line, origin, &sent.packet(), now).is_some()).count()
    };
    assert_eq!(forward(&mut subscription, &stream[..80]), 20, "every fourth picture");
    assert_eq!(subscription.awaits_entry(), None, "it has what it shall have");
    subscription.target = view(origin, 1);
    forward(&mut subscription, &stream[80..160]);
    assert_eq!(subscription.awaits_entry(), None, "patience");
    subscription.target = view(origin, 2);
    assert_eq!(forward(&mut subscription, &stream[80..80 + 1]), 0, "too old");
    let mut again: Vec<Sent> = stream[80..160].to_vec();
    again.iter_mut().for_each(|sent| sent.seq += 80);
    assert_eq!(forward(&mut subscription, &again), 20);
    assert_eq!(subscription.awaits_entry(), Some(origin));
    let mut keyframe = vec![stream[0].clone(), stream[1].clone()];
    keyframe.iter_mut().for_each(|sent| sent.seq += 320);
    assert_eq!(forward(&mut subscription, &keyframe), 2, "all layers from the keyframe on");
    assert_eq!((subscription.current, subscription.awaits_entry()), (view(origin, 2), None));
}
