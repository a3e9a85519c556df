use proptest::prelude::*;
use slotmap::SlotMap;

use super::*;
use crate::core::rtp::Ssrc;
use crate::id::TrackKey;

fn origins() -> [Origin; 2] {
    let mut keys = SlotMap::<TrackKey, ()>::with_key();
    let mut origin = |ssrc| Origin { track: keys.insert(()), encoding: 0, ssrc: Ssrc(ssrc) };
    [origin(1), origin(2)]
}

/// All of an origin.
fn all(origin: Origin) -> View {
    View { origin, layer: Layer::ALL }
}

/// An origin up to a temporal layer.
fn upto(origin: Origin, temporal: u8) -> View {
    View { origin, layer: Layer { spatial: 0, temporal } }
}

/// What a line makes of a packet: newest or late.
fn send(line: &mut Rewriter, view: View, numbers: Numbers, captured: Instant) -> Option<u64> {
    let late = !line.is_ahead(view.origin, numbers.seq);
    let out = if late {
        line.late(view.origin, numbers).map(|place| place.numbers)
    } else {
        line.forward(view, numbers, captured)
    };
    out.map(|numbers| numbers.seq.0)
}

/// The publisher's packet that a line sent under a number.
fn past(line: &Rewriter, seq: u16) -> Option<(Origin, u64)> {
    line.past(seq).map(|past| (past.origin, past.seq.0))
}

fn numbers(seq: u64, timestamp: u32, picture_id: u16) -> Numbers {
    Numbers { seq: SeqNo(seq), timestamp, picture_id, tl0_pic_idx: 0 }
}

#[test]
fn a_switch_goes_on_with_the_next_numbers_and_the_elapsed_time() {
    let [a, b] = origins();
    let t0 = Instant::now();
    let mut line = Rewriter::new(LineKind::Video, 1000);
    assert_eq!(line.switch(all(a), numbers(500, 7, 40), t0), numbers(1, 1000, 1).with_tl0(1));
    let t1 = t0 + Duration::from_millis(100);
    assert_eq!(send(&mut line, all(a), numbers(502, 9007, 41), t1), Some(3));
    // The hole is still there for a late packet.
    assert_eq!(send(&mut line, all(a), numbers(501, 7, 40), t1), Some(2));
    let t2 = t0 + Duration::from_millis(200);
    let first = line.switch(all(b), numbers(9, 123_456, 9), t2);
    assert_eq!((first.seq, first.timestamp, first.picture_id), (SeqNo(4), 1000 + 18_000, 3));
    assert_eq!(send(&mut line, all(a), numbers(503, 18_007, 42), t2), None);
    assert_eq!(send(&mut line, all(b), numbers(8, 0, 0), t2), None, "older than the cut");
    assert_eq!(past(&line, 3), Some((a, 502)));
    assert_eq!(past(&line, 4), Some((b, 9)));
    assert_eq!(past(&line, 5), None);
}

impl Numbers {
    fn with_tl0(self, tl0_pic_idx: u8) -> Self {
        Self { tl0_pic_idx, ..self }
    }
}

#[test]
fn sound_goes_on_in_whole_frames() {
    let [a, b] = origins();
    let t0 = Instant::now();
    let mut line = Rewriter::new(LineKind::Audio, 0);
    line.switch(all(a), numbers(1, 50, 0), t0);
    for (elapsed, frames) in [(1, 1), (29, 1), (31, 2), (1003, 50)] {
        let mut line = Rewriter { segments: line.segments.clone(), given: line.given.clone(), ..line };
        let out = line.switch(all(b), numbers(7, 9, 0), t0 + Duration::from_millis(elapsed));
        assert_eq!(out.timestamp, 960 * frames, "{elapsed} ms");
    }
}

#[test]
fn a_packet_that_carries_nothing_leaves_no_hole() {
    let [a, _] = origins();
    let t0 = Instant::now();
    let mut line = Rewriter::new(LineKind::Video, 0);
    line.switch(all(a), numbers(10, 0, 0), t0);
    line.skip(a, SeqNo(12));
    assert_eq!(send(&mut line, all(a), numbers(13, 0, 0), t0), Some(3));
    assert_eq!(send(&mut line, all(a), numbers(11, 0, 0), t0), Some(2), "late, from before it");
    assert_eq!(past(&line, 2), Some((a, 11)));
    assert_eq!(past(&line, 3), Some((a, 13)));
}

#[test]
fn a_run_of_packets_that_carry_nothing_does_not_push_the_past_out() {
    let [a, _] = origins();
    let t0 = Instant::now();
    let mut line = Rewriter::new(LineKind::Video, 0);
    line.switch(all(a), numbers(10, 0, 0), t0);
    (11..100).for_each(|seq| line.skip(a, SeqNo(seq)));
    assert_eq!(send(&mut line, all(a), numbers(100, 0, 0), t0), Some(2));
    assert_eq!(past(&line, 1), Some((a, 10)));
    assert_eq!(past(&line, 2), Some((a, 100)));
}

#[test]
fn a_packet_that_comes_again_gets_no_number_again() {
    let [a, _] = origins();
    let t0 = Instant::now();
    let mut line = Rewriter::new(LineKind::Video, 0);
    line.switch(all(a), numbers(10, 0, 0), t0);
    assert_eq!(send(&mut line, all(a), numbers(12, 0, 0), t0), Some(3));
    assert_eq!(send(&mut line, all(a), numbers(11, 0, 0), t0), Some(2));
    for seq in [10, 11, 12] {
        assert_eq!(send(&mut line, all(a), numbers(seq, 0, 0), t0), None, "{seq}");
    }
    line.skip(a, SeqNo(13));
    assert_eq!(send(&mut line, all(a), numbers(14, 0, 0), t0), Some(4));
    assert_eq!(send(&mut line, all(a), numbers(13, 0, 0), t0), None, "the next one has its number");
}

#[test]
fn a_jump_of_the_publisher_is_closed_up() {
    let [a, _] = origins();
    let t0 = Instant::now();
    let mut line = Rewriter::new(LineKind::Video, 0);
    line.switch(all(a), numbers(10, 0, 0), t0);
    assert_eq!(send(&mut line, all(a), numbers(60_000, 0, 0), t0), Some(2));
}

#[test]
fn a_picture_that_is_left_out_leaves_no_hole_of_any_kind() {
    let [a, _] = origins();
    let t0 = Instant::now();
    let mut line = Rewriter::new(LineKind::Video, 0);
    line.switch(upto(a, 0), numbers(10, 0, 40), t0);
    // A picture of two packets, of which the middle one of three is lost.
    line.skip_layer(upto(a, 0), numbers(11, 3000, 41));
    line.skip_layer(upto(a, 0), numbers(13, 3000, 41));
    let next = line.forward(upto(a, 0), numbers(14, 6000, 42), t0).unwrap();
    assert_eq!((next.seq, next.picture_id, next.timestamp), (SeqNo(3), 2, 6000));
    assert_eq!(past(&line, 1), Some((a, 10)));
    assert_eq!(past(&line, 2), Some((a, 12)), "a number was kept for it");
    assert_eq!(past(&line, 3), Some((a, 14)));
    // It comes after all: its number is filled, and the layer tells that its content is not for this viewer.
    let late = line.late(a, numbers(12, 3000, 41)).unwrap();
    assert_eq!((late.numbers.seq, late.layer.temporal), (SeqNo(2), 0));
    for seq in [11, 12, 13, 14] {
        assert_eq!(line.late(a, numbers(seq, 0, 0)), None, "{seq}");
    }
}

#[test]
fn a_place_of_the_past_keeps_the_layer_that_it_had() {
    let [a, _] = origins();
    let t0 = Instant::now();
    let mut line = Rewriter::new(LineKind::Video, 0);
    line.switch(upto(a, 2), numbers(10, 0, 1), t0);
    // 11 is lost. The viewer goes down with 12, up with 14, and down again with 15, which is left out itself.
    assert_eq!(send(&mut line, upto(a, 0), numbers(12, 0, 3), t0), Some(3));
    assert_eq!(send(&mut line, upto(a, 2), numbers(14, 0, 5), t0), Some(5));
    line.skip_layer(upto(a, 1), numbers(15, 0, 6));
    let layers = |line: &Rewriter| {
        let layer = |seq| line.past(seq).map(|past| past.place(numbers(past.seq.0, 0, 0)).layer.temporal);
        (1..=6).map(layer).collect::<Vec<_>>()
    };
    assert_eq!(layers(&line), [Some(2), Some(2), Some(0), Some(0), Some(2), None]);
    assert_eq!(line.late(a, numbers(11, 0, 2)).unwrap().layer.temporal, 2);
    assert_eq!(line.late(a, numbers(13, 0, 4)).unwrap().layer.temporal, 0);
    assert_eq!(send(&mut line, upto(a, 1), numbers(16, 0, 7), t0), Some(6));
    assert_eq!(layers(&line), [Some(2), Some(2), Some(0), Some(0), Some(2), Some(1)]);
}

/// Every second picture is left out, at 60 pictures per second.
#[test]
fn two_seconds_can_be_asked_for_again_and_memory_does_not_grow_for_ever() {
    let [a, _] = origins();
    let t0 = Instant::now();
    let mut line = Rewriter::new(LineKind::Video, u32::MAX - 90_000);
    assert_eq!(line.segments.capacity(), 0, "an idle line has none");
    line.switch(upto(a, 0), numbers(0, 0, 0), t0);
    for picture in 1..1200u16 {
        let input = numbers(picture.into(), 1500 * u32::from(picture), picture);
        if picture % 2 == 0 {
            assert_eq!(line.forward(upto(a, 0), input, t0).unwrap().picture_id, picture / 2 + 1);
        } else {
            line.skip_layer(upto(a, 0), input);
        }
    }
    for back in 0..60 {
        assert_eq!(past(&line, 600 - back), Some((a, 1198 - 2 * u64::from(back))), "{back}");
    }
    assert!((60..=92).contains(&line.segments.len()), "{}", line.segments.len());
    assert!(size_of::<Segment>() <= 48 + 8);
    // Where time stands still there is another limit.
    (1200..3000).for_each(|seq| match seq % 2 {
        0 => assert!(line.forward(upto(a, 0), numbers(seq, 1_800_000, 0), t0).is_some()),
        _ => line.skip(a, SeqNo(seq)),
    });
    assert_eq!(line.segments.len(), MAX_SEGMENTS);
}

proptest! {
    /// Also of a publisher that numbers its packets as no other would.
    #[test]
    fn no_number_is_given_twice(
        steps in proptest::collection::vec((0..10u8, 0..1500u64, any::<bool>(), 0..3u8), 1..300),
    ) {
        let origins = origins();
        let now = Instant::now();
        let mut line = Rewriter::new(LineKind::Video, 0);
        let mut given = std::collections::HashSet::new();
        for (kind, seq, other, temporal) in steps {
            let (view, input) = (upto(origins[usize::from(other)], temporal), numbers(seq, 0, seq as u16));
            let out = match kind {
                0 => Some(line.switch(view, input, now).seq.0),
                1 => {
                    line.skip(view.origin, input.seq);
                    None
                }
                2 | 3 => {
                    line.skip_layer(view, input);
                    None
                }
                _ => send(&mut line, view, input, now),
            };
            prop_assert!(out.is_none_or(|out| given.insert(out)), "{out:?}");
            for seq in 0..40u16 {
                let Some(past) = line.past(line.last.seq.low().wrapping_sub(seq)) else { continue };
                let place = past.place(numbers(past.seq.0, 0, 0));
                prop_assert_eq!(place.numbers.seq.0 + u64::from(seq), line.last.seq.0);
            }
        }
    }

    /// Whatever arrives, is left out, and is switched to: no number is used twice, new ones follow without a hole
    /// that the publisher did not make, picture ids too, and the time of new packets never runs back.
    #[test]
    fn the_line_is_unbroken(
        steps in proptest::collection::vec((0..12u8, 0..40u64, any::<bool>(), 0..3u8), 1..200),
    ) {
        let origins = origins();
        let mut next = [1000u64, 65_500];
        let mut pictures = [90u16, 0x7ff0];
        let mut line = Rewriter::new(LineKind::Video, u32::MAX - 1000);
        let mut now = Instant::now();
        let mut sent = std::collections::HashSet::new();
        let mut left_out = std::collections::HashSet::new();
        let mut current: Option<usize> = None;
        let (mut highest, mut time, mut picture) = (0u64, line.last.timestamp, 0u16);
        for (kind, millis, other, temporal) in steps {
            now += Duration::from_millis(millis);
            let which = usize::from(other);
            let seq = next[which];
            next[which] += 1;
            // Some packets go on with the picture before.
            let new_picture = kind % 2 == 0 || current != Some(which);
            pictures[which] += u16::from(new_picture);
            let input = numbers(seq, (seq as u32).wrapping_mul(3000), pictures[which] & 0x7fff);
            let view = upto(origins[which], temporal);
            let out = if current != Some(which) {
                if kind > 2 { continue }
                current = Some(which);
                Some(line.switch(view, input, now))
            } else if kind >= 9 && (kind > 9 || new_picture) {
                if kind == 9 { line.skip(view.origin, input.seq) } else { line.skip_layer(view, input) }
                left_out.insert((which, seq));
                None
            } else {
                line.forward(view, input, now)
            };
            let Some(out) = out else { continue };
            prop_assert!(sent.insert(out.seq.0), "used twice: {}", out.seq.0);
            prop_assert_eq!(out.seq.0, highest + 1);
            highest = out.seq.0;
            prop_assert!(out.picture_id.wrapping_sub(picture) & 0x7fff <= 1, "{} after {}", out.picture_id, picture);
            picture = out.picture_id;
            if kind <= 2 {
                prop_assert!(out.timestamp.wrapping_sub(time) as i32 >= 0);
            }
            time = out.timestamp;
            prop_assert_eq!(line.past(out.seq.low()).map(|past| past.seq), Some(input.seq));
            for back in 0..highest.min(50) {
                let Some((origin, seq)) = past(&line, (highest - back) as u16) else { continue };
                prop_assert!(!left_out.contains(&(usize::from(origin == origins[1]), seq)), "{} was left out", seq);
            }
        }
    }
}
