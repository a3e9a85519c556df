//! One unbroken line of sequence numbers, timestamps and picture ids in a viewer's slot, across every change of what
//! the slot carries.
//!
//! From one switch to the next every offset is constant. So a line is a short list of [`Segment`]s, and that is also
//! all the index that retransmission needs: from a number that the viewer names back to the publisher's packet.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::rtp::{Seen, SeqNo, SeqWindow};
use super::select::Origin;

/// Segments kept for late packets and retransmission. Switches are a keyframe apart, so this covers seconds.
const MAX_SEGMENTS: usize = 16;

/// A publisher's jump by more packets than this is closed up: a viewer takes a jump of 2^15 for a roll-over and is
/// deaf from then on.
const MAX_JUMP: u64 = 1000;

/// Sound goes on in whole frames of this length, else the viewer's jitter buffer stretches it.
const AUDIO_FRAME: Duration = Duration::from_millis(20);

/// Numbers that one packet has, at the publisher or in a viewer's slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numbers {
    /// Extended sequence number.
    pub seq: SeqNo,
    /// RTP timestamp.
    pub timestamp: u32,
    /// VP8 picture id, 15 bits; 0 where there is none.
    pub picture_id: u16,
    /// VP8 TL0PICIDX; 0 where there is none.
    pub tl0_pic_idx: u8,
}

/// Which kind of timestamp line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineKind {
    /// 90 kHz, following the capture time.
    Video,
    /// 48 kHz, in whole frames.
    Audio,
}

impl LineKind {
    /// Ticks per second.
    pub fn clock_rate(self) -> u32 {
        match self {
            Self::Video => 90_000,
            Self::Audio => 48_000,
        }
    }
}

/// A stretch of the line with constant offsets.
#[derive(Debug, Clone, Copy)]
struct Segment {
    origin: Origin,
    /// First publisher's number that belongs here.
    first_in: u64,
    /// First number in the slot.
    first_out: u64,
    timestamp: u32,
    picture_id: u16,
    tl0_pic_idx: u8,
    /// Whether the segment before is the same stream of pictures, so that its late packets are still good.
    continues: bool,
}

impl Segment {
    fn apply(&self, numbers: Numbers) -> Numbers {
        Numbers {
            seq: SeqNo(numbers.seq.0 - self.first_in + self.first_out),
            timestamp: numbers.timestamp.wrapping_add(self.timestamp),
            picture_id: numbers.picture_id.wrapping_add(self.picture_id) & 0x7fff,
            tl0_pic_idx: numbers.tl0_pic_idx.wrapping_add(self.tl0_pic_idx),
        }
    }
}

/// A packet of the past, as retransmission needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Past {
    /// Where it came from.
    pub origin: Origin,
    /// Its number there.
    pub seq: SeqNo,
}

/// The line of one slot. See the module's text.
#[derive(Debug)]
pub struct Rewriter {
    kind: LineKind,
    segments: VecDeque<Segment>,
    /// The numbers given to packets. Each is given once, whatever a publisher makes of its own: two packets under one
    /// number would be encrypted under one nonce.
    given: SeqWindow,
    /// The newest packet sent, in the slot's numbers.
    last: Numbers,
    last_in: u64,
    last_captured: Option<Instant>,
    /// The line that timestamps of pictures follow: a timestamp and its capture time.
    anchor: Option<(u32, Instant)>,
}

impl Rewriter {
    /// A line whose first packet will have sequence number 1 and a timestamp near `timestamp`.
    pub fn new(kind: LineKind, timestamp: u32) -> Self {
        let last = Numbers { seq: SeqNo(0), timestamp, picture_id: 0, tl0_pic_idx: 0 };
        let (segments, given) = (VecDeque::new(), SeqWindow::default());
        Self { kind, segments, given, last, last_in: 0, last_captured: None, anchor: None }
    }

    /// Which kind of line it is.
    pub fn kind(&self) -> LineKind {
        self.kind
    }

    /// Continues the line with `origin`, whose first packet has `numbers` and was captured at `captured`.
    pub fn switch(&mut self, origin: Origin, numbers: Numbers, captured: Instant) -> Numbers {
        let timestamp = self.next_timestamp(captured);
        let segment = Segment {
            origin,
            first_in: numbers.seq.0,
            first_out: self.last.seq.0 + 1,
            timestamp: timestamp.wrapping_sub(numbers.timestamp),
            picture_id: self.last.picture_id.wrapping_add(1).wrapping_sub(numbers.picture_id) & 0x7fff,
            tl0_pic_idx: self.last.tl0_pic_idx.wrapping_add(1).wrapping_sub(numbers.tl0_pic_idx),
            continues: false,
        };
        self.push(segment);
        let out = segment.apply(numbers);
        self.given.record(out.seq);
        self.advance(numbers.seq, out, captured);
        out
    }

    /// The slot's numbers for a packet of the current origin, or `None` if it is older than the last switch or if its
    /// number is taken.
    pub fn forward(&mut self, origin: Origin, numbers: Numbers, captured: Instant) -> Option<Numbers> {
        let newest = *self.segments.back().filter(|segment| segment.origin == origin)?;
        if numbers.seq.0 > self.last_in + MAX_JUMP {
            return Some(self.switch(origin, numbers, captured));
        }
        let segment = if numbers.seq.0 >= newest.first_in { newest } else { self.earlier(origin, numbers.seq)? };
        let out = segment.apply(numbers);
        if !matches!(self.given.record(out.seq), Seen::Ahead | Seen::Missing) {
            return None;
        }
        if out.seq > self.last.seq {
            self.advance(numbers.seq, out, captured);
        }
        Some(out)
    }

    /// Leaves out the publisher's packet `seq`, which carries nothing: the viewer must not miss it.
    pub fn skip(&mut self, origin: Origin, seq: SeqNo) {
        let Some(&newest) = self.segments.back().filter(|segment| segment.origin == origin) else { return };
        if seq.0 <= self.last_in || seq.0 > self.last_in + MAX_JUMP {
            return;
        }
        let first_out = seq.0 - newest.first_in + newest.first_out;
        if seq.0 == newest.first_in {
            // Nothing was sent since the one that was left out before: a run of them is one segment.
            self.segments.pop_back();
        }
        self.push(Segment { first_in: seq.0 + 1, first_out, continues: true, ..newest });
        self.last_in = seq.0;
        self.last.seq = SeqNo(first_out - 1);
    }

    /// The publisher's packet that was sent as `seq` (its low 16 bits).
    pub fn past(&self, seq: u16) -> Option<Past> {
        let out = SeqNo::extend(Some(self.last.seq), seq).0;
        let segment = self.segments.iter().rev().find(|segment| segment.first_out <= out)?;
        (out <= self.last.seq.0)
            .then(|| Past { origin: segment.origin, seq: SeqNo(out - segment.first_out + segment.first_in) })
    }

    /// The numbers that a packet of the past had in this slot.
    pub fn past_numbers(&self, past: Past, numbers: Numbers) -> Option<Numbers> {
        let fits = |segment: &&Segment| segment.origin == past.origin && segment.first_in <= past.seq.0;
        self.segments.iter().rev().find(fits).map(|segment| segment.apply(numbers))
    }

    /// The timestamp that something captured at `now` would have, for sender reports; `None` before the first packet.
    pub fn timestamp_at(&self, now: Instant) -> Option<u32> {
        let captured = self.last_captured?;
        let elapsed = ticks(now.saturating_duration_since(captured), self.kind.clock_rate());
        Some(self.last.timestamp.wrapping_add(elapsed))
    }

    fn push(&mut self, segment: Segment) {
        if self.segments.len() == MAX_SEGMENTS {
            self.segments.pop_front();
        }
        self.segments.push_back(segment);
    }

    fn advance(&mut self, seq: SeqNo, out: Numbers, captured: Instant) {
        self.last = out;
        self.last_in = seq.0;
        self.last_captured = Some(captured);
        if self.anchor.is_none() {
            self.anchor = Some((out.timestamp, captured));
        }
    }

    fn earlier(&self, origin: Origin, seq: SeqNo) -> Option<Segment> {
        let mut later_continues = true;
        for segment in self.segments.iter().rev() {
            if !later_continues || segment.origin != origin {
                return None;
            }
            if segment.first_in <= seq.0 {
                return Some(*segment);
            }
            later_continues = segment.continues;
        }
        None
    }

    /// The first timestamp after a switch: where the line would be at `captured`, and never back.
    fn next_timestamp(&self, captured: Instant) -> u32 {
        let (Some((base, since)), Some(last_captured)) = (self.anchor, self.last_captured) else {
            return self.last.timestamp;
        };
        match self.kind {
            LineKind::Video => {
                let line = base.wrapping_add(ticks(captured.saturating_duration_since(since), 90_000));
                let ahead = line.wrapping_sub(self.last.timestamp) as i32;
                if ahead > 0 { line } else { self.last.timestamp.wrapping_add(1) }
            }
            LineKind::Audio => {
                let elapsed = captured.saturating_duration_since(last_captured);
                let frames = (elapsed + AUDIO_FRAME / 2).as_millis() / AUDIO_FRAME.as_millis();
                let frame_ticks = ticks(AUDIO_FRAME, 48_000);
                self.last.timestamp.wrapping_add(frame_ticks.wrapping_mul(frames.max(1) as u32))
            }
        }
    }
}

fn ticks(duration: Duration, rate: u32) -> u32 {
    (duration.as_micros() * u128::from(rate) / 1_000_000) as u32
}

#[cfg(test)]
mod tests {
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

    fn numbers(seq: u64, timestamp: u32, picture_id: u16) -> Numbers {
        Numbers { seq: SeqNo(seq), timestamp, picture_id, tl0_pic_idx: 0 }
    }

    #[test]
    fn a_switch_goes_on_with_the_next_numbers_and_the_elapsed_time() {
        let [a, b] = origins();
        let t0 = Instant::now();
        let mut line = Rewriter::new(LineKind::Video, 1000);
        assert_eq!(line.switch(a, numbers(500, 7, 40), t0), numbers(1, 1000, 1).with_tl0(1));
        let t1 = t0 + Duration::from_millis(100);
        assert_eq!(line.forward(a, numbers(502, 9007, 41), t1).unwrap().seq, SeqNo(3));
        // The hole is still there for a late packet.
        assert_eq!(line.forward(a, numbers(501, 7, 40), t1).unwrap().seq, SeqNo(2));
        let t2 = t0 + Duration::from_millis(200);
        let first = line.switch(b, numbers(9, 123_456, 9), t2);
        assert_eq!((first.seq, first.timestamp, first.picture_id), (SeqNo(4), 1000 + 18_000, 3));
        assert_eq!(line.forward(a, numbers(503, 18_007, 42), t2), None);
        assert_eq!(line.forward(b, numbers(8, 0, 0), t2), None, "older than the cut");
        assert_eq!(line.past(3), Some(Past { origin: a, seq: SeqNo(502) }));
        assert_eq!(line.past(4), Some(Past { origin: b, seq: SeqNo(9) }));
        assert_eq!(line.past(5), None);
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
        line.switch(a, numbers(1, 50, 0), t0);
        for (elapsed, frames) in [(1, 1), (29, 1), (31, 2), (1003, 50)] {
            let mut line = Rewriter { segments: line.segments.clone(), given: line.given.clone(), ..line };
            let out = line.switch(b, numbers(7, 9, 0), t0 + Duration::from_millis(elapsed));
            assert_eq!(out.timestamp, 960 * frames, "{elapsed} ms");
        }
    }

    #[test]
    fn a_packet_that_carries_nothing_leaves_no_hole() {
        let [a, _] = origins();
        let t0 = Instant::now();
        let mut line = Rewriter::new(LineKind::Video, 0);
        line.switch(a, numbers(10, 0, 0), t0);
        line.skip(a, SeqNo(12));
        assert_eq!(line.forward(a, numbers(13, 0, 0), t0).unwrap().seq, SeqNo(3));
        assert_eq!(line.forward(a, numbers(11, 0, 0), t0).unwrap().seq, SeqNo(2), "late, from before it");
        assert_eq!(line.past(2), Some(Past { origin: a, seq: SeqNo(11) }));
        assert_eq!(line.past(3), Some(Past { origin: a, seq: SeqNo(13) }));
    }

    #[test]
    fn a_run_of_packets_that_carry_nothing_does_not_push_the_past_out() {
        let [a, _] = origins();
        let t0 = Instant::now();
        let mut line = Rewriter::new(LineKind::Video, 0);
        line.switch(a, numbers(10, 0, 0), t0);
        (11..100).for_each(|seq| line.skip(a, SeqNo(seq)));
        assert_eq!(line.forward(a, numbers(100, 0, 0), t0).unwrap().seq, SeqNo(2));
        assert_eq!(line.past(1), Some(Past { origin: a, seq: SeqNo(10) }));
        assert_eq!(line.past(2), Some(Past { origin: a, seq: SeqNo(100) }));
    }

    #[test]
    fn a_packet_that_comes_again_gets_no_number_again() {
        let [a, _] = origins();
        let t0 = Instant::now();
        let mut line = Rewriter::new(LineKind::Video, 0);
        line.switch(a, numbers(10, 0, 0), t0);
        assert_eq!(line.forward(a, numbers(12, 0, 0), t0).unwrap().seq, SeqNo(3));
        assert_eq!(line.forward(a, numbers(11, 0, 0), t0).unwrap().seq, SeqNo(2));
        for seq in [10, 11, 12] {
            assert_eq!(line.forward(a, numbers(seq, 0, 0), t0), None, "{seq}");
        }
        line.skip(a, SeqNo(13));
        assert_eq!(line.forward(a, numbers(14, 0, 0), t0).unwrap().seq, SeqNo(4));
        assert_eq!(line.forward(a, numbers(13, 0, 0), t0), None, "the next one has its number");
    }

    #[test]
    fn a_jump_of_the_publisher_is_closed_up() {
        let [a, _] = origins();
        let t0 = Instant::now();
        let mut line = Rewriter::new(LineKind::Video, 0);
        line.switch(a, numbers(10, 0, 0), t0);
        assert_eq!(line.forward(a, numbers(60_000, 0, 0), t0).unwrap().seq, SeqNo(2));
    }

    proptest! {
        /// Also of a publisher that numbers its packets as no other would.
        #[test]
        fn no_number_is_given_twice(steps in proptest::collection::vec((0..8u8, 0..1500u64, any::<bool>()), 1..300)) {
            let origins = origins();
            let now = Instant::now();
            let mut line = Rewriter::new(LineKind::Video, 0);
            let mut given = std::collections::HashSet::new();
            for (kind, seq, other) in steps {
                let (origin, input) = (origins[usize::from(other)], numbers(seq, 0, 0));
                let out = match kind {
                    0 => Some(line.switch(origin, input, now)),
                    1 => {
                        line.skip(origin, input.seq);
                        None
                    }
                    _ => line.forward(origin, input, now),
                };
                prop_assert!(out.is_none_or(|out| given.insert(out.seq.0)), "{out:?}");
            }
        }

        /// Whatever arrives and however it is switched: no number is used twice, new ones follow without a hole that
        /// the publisher did not make, and the time of new packets never runs back.
        #[test]
        fn the_line_is_unbroken(steps in proptest::collection::vec((0..10u8, 0..40u64, any::<bool>()), 1..200)) {
            let origins = origins();
            let mut next = [1000u64, 65_500];
            let mut line = Rewriter::new(LineKind::Video, u32::MAX - 1000);
            let mut now = Instant::now();
            let mut sent = std::collections::HashSet::new();
            let mut current: Option<usize> = None;
            let (mut highest, mut time) = (0u64, line.last.timestamp);
            for (kind, millis, other) in steps {
                now += Duration::from_millis(millis);
                let which = usize::from(other);
                let seq = next[which];
                next[which] += 1;
                let input = numbers(seq, (seq as u32).wrapping_mul(3000), seq as u16 & 0x7fff);
                let out = if current != Some(which) {
                    if kind > 2 { continue }
                    current = Some(which);
                    Some(line.switch(origins[which], input, now))
                } else if kind == 9 {
                    line.skip(origins[which], input.seq);
                    None
                } else {
                    line.forward(origins[which], input, now)
                };
                let Some(out) = out else { continue };
                prop_assert!(sent.insert(out.seq.0), "used twice: {}", out.seq.0);
                prop_assert_eq!(out.seq.0, highest + 1);
                highest = out.seq.0;
                if out.seq == line.last.seq && kind <= 2 {
                    prop_assert!(out.timestamp.wrapping_sub(time) as i32 >= 0);
                }
                time = out.timestamp;
                prop_assert_eq!(line.past(out.seq.low()).map(|past| past.seq), Some(input.seq));
            }
        }
    }
}
