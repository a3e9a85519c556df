//! One unbroken line of sequence numbers, timestamps and picture ids in a viewer's slot, across every change of what
//! the slot carries.
//!
//! From one switch to the next every offset is constant, and so it is between two packets that are left out. So a line
//! is a list of [`Segment`]s, and that is also all the index that retransmission needs: from a number that the viewer
//! names back to the publisher's packet.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::rtp::{Layer, Seen, SeqNo, SeqWindow};
use super::select::{Origin, View};

/// How long a segment is kept after its end, for late packets and retransmission. Viewers ask again for about a second;
/// longer costs memory: when every second picture is left out, a segment lasts for two pictures.
const HISTORY: Duration = Duration::from_secs(3);

/// Segments kept at most, of 48 bytes each: as many as [`HISTORY`] has with 60 pictures per second, every second one
/// left out, and as many again. A line that leaves nothing out has a few.
const MAX_SEGMENTS: usize = 180;

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

/// A stretch of the line with constant offsets and constant layers. It ends where the next one begins: in the line, and
/// at the publisher too unless that one is of another origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Segment {
    view: View,
    /// First publisher's number that belongs here.
    first_in: u64,
    /// First number in the slot.
    first_out: u64,
    timestamp: u32,
    picture_id: u16,
    tl0_pic_idx: u8,
    /// Whether the segment before is the same stream of pictures, so that its late packets are still good.
    continues: bool,
    /// Timestamp in the slot of the newest packet when this began.
    since: u32,
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

/// The place of a packet in a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Its numbers there.
    pub numbers: Numbers,
    /// The highest layer that the line had there.
    pub layer: Layer,
}

/// A packet of the past, as retransmission needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Past {
    /// Where it came from.
    pub origin: Origin,
    /// Its number there.
    pub seq: SeqNo,
    segment: Segment,
}

impl Past {
    /// The place that the packet has in the line, by the numbers that it has at its publisher.
    pub fn place(&self, numbers: Numbers) -> Place {
        Place { numbers: self.segment.apply(numbers), layer: self.segment.view.layer }
    }
}

/// The line of one slot. See the module's text.
#[derive(Debug)]
pub struct Rewriter {
    kind: LineKind,
    segments: VecDeque<Segment>,
    /// The numbers given to packets. Each is given once, whatever a publisher makes of its own: two packets under one
    /// number would be encrypted under one nonce. A slot that has carried nothing has no window: most slots never do.
    given: Option<Box<SeqWindow>>,
    /// The newest packet sent, in the slot's numbers.
    last: Numbers,
    /// The publisher's number and picture id of the newest packet sent or left out.
    last_in: u64,
    last_picture_in: u16,
    last_captured: Option<Instant>,
    /// The line that timestamps of pictures follow: a timestamp and its capture time.
    anchor: Option<(u32, Instant)>,
}

impl Rewriter {
    /// A line whose first packet will have sequence number 1 and a timestamp near `timestamp`.
    pub fn new(kind: LineKind, timestamp: u32) -> Self {
        let last = Numbers { seq: SeqNo(0), timestamp, picture_id: 0, tl0_pic_idx: 0 };
        let (segments, given) = (VecDeque::new(), None);
        Self { kind, segments, given, last, last_in: 0, last_picture_in: 0, last_captured: None, anchor: None }
    }

    /// Which kind of line it is.
    pub fn kind(&self) -> LineKind {
        self.kind
    }

    /// Continues the line with `view`, whose first packet has `numbers` and was captured at `captured`.
    pub fn switch(&mut self, view: View, numbers: Numbers, captured: Instant) -> Numbers {
        let timestamp = self.next_timestamp(captured);
        let segment = Segment {
            view,
            first_in: numbers.seq.0,
            first_out: self.last.seq.0 + 1,
            timestamp: timestamp.wrapping_sub(numbers.timestamp),
            picture_id: self.last.picture_id.wrapping_add(1).wrapping_sub(numbers.picture_id) & 0x7fff,
            tl0_pic_idx: self.last.tl0_pic_idx.wrapping_add(1).wrapping_sub(numbers.tl0_pic_idx),
            continues: false,
            since: self.last.timestamp,
        };
        self.push(segment);
        let out = segment.apply(numbers);
        self.given.get_or_insert_default().record(out.seq);
        self.advance(numbers, out, captured);
        out
    }

    /// Whether a packet of `origin` is newer than all that the line has had of it.
    pub fn is_ahead(&self, origin: Origin, seq: SeqNo) -> bool {
        seq.0 > self.last_in && self.segments.back().is_some_and(|segment| segment.view.origin == origin)
    }

    /// The slot's numbers for the newest packet of what the line carries, which is `view` from this packet on; `None`
    /// if it is not the newest ([`Self::is_ahead`]) or if its number is taken.
    pub fn forward(&mut self, view: View, numbers: Numbers, captured: Instant) -> Option<Numbers> {
        if !self.is_ahead(view.origin, numbers.seq) {
            return None;
        }
        if numbers.seq.0 > self.last_in + MAX_JUMP {
            return Some(self.switch(view, numbers, captured));
        }
        let mut newest = *self.segments.back()?;
        if newest.view != view {
            newest = self.cut(newest, numbers.seq.0, Segment { view, ..newest });
        }
        let out = newest.apply(numbers);
        if !matches!(self.given.get_or_insert_default().record(out.seq), Seen::Ahead | Seen::Missing) {
            return None;
        }
        self.advance(numbers, out, captured);
        Some(out)
    }

    /// The place of a packet that is late: in the hole that was left for it. `None` if it was left out, if it is older
    /// than the last switch, or if its number is taken.
    pub fn late(&mut self, origin: Origin, numbers: Numbers) -> Option<Place> {
        let segment = self.earlier(origin, numbers.seq)?;
        let out = segment.apply(numbers);
        matches!(self.given.get_or_insert_default().record(out.seq), Seen::Ahead | Seen::Missing)
            .then_some(Place { numbers: out, layer: segment.view.layer })
    }

    /// Leaves out the publisher's packet `seq`, which carries nothing: the viewer must not miss it.
    pub fn skip(&mut self, origin: Origin, seq: SeqNo) {
        if self.is_ahead(origin, seq)
            && let Some(&newest) = self.segments.back()
        {
            self.leave_out(newest, seq, newest.picture_id);
        }
    }

    /// Leaves out a packet of a layer above what the line carries, which is `view` from this packet on. If a VP8
    /// picture begins to be left out, the ids close up too: decoders wait for a picture whose id is missing.
    pub fn skip_layer(&mut self, view: View, numbers: Numbers) {
        if self.is_ahead(view.origin, numbers.seq)
            && let Some(&newest) = self.segments.back()
        {
            let pictures = u16::from(numbers.picture_id != self.last_picture_in);
            let picture_id = newest.picture_id.wrapping_sub(pictures) & 0x7fff;
            self.last_picture_in = numbers.picture_id;
            self.leave_out(Segment { view, ..newest }, numbers.seq, picture_id);
        }
    }

    /// Goes on behind the publisher's packet `seq` as `segment` says, with another offset of picture ids.
    fn leave_out(&mut self, segment: Segment, seq: SeqNo, picture_id: u16) {
        if seq.0 > self.last_in + MAX_JUMP {
            return;
        }
        let Some(&newest) = self.segments.back() else { return };
        let first_out = seq.0 - newest.first_in + newest.first_out;
        if seq.0 == newest.first_in {
            // Nothing was sent since the one that was left out before: a run of them is one segment.
            self.segments.pop_back();
        }
        self.push(Segment {
            first_in: seq.0 + 1,
            first_out,
            picture_id,
            continues: true,
            since: self.last.timestamp,
            ..segment
        });
        self.last_in = seq.0;
        self.last.seq = SeqNo(first_out - 1);
    }

    /// Goes on as `next` says from the publisher's packet `seq` on, with the offsets as they are.
    fn cut(&mut self, newest: Segment, seq: u64, next: Segment) -> Segment {
        let next = if seq == newest.first_in {
            self.segments.pop_back();
            next
        } else {
            let first_out = seq - newest.first_in + newest.first_out;
            Segment { first_in: seq, first_out, continues: true, since: self.last.timestamp, ..next }
        };
        self.push(next);
        next
    }

    /// The publisher's packet that was sent as `seq` (its low 16 bits).
    pub fn past(&self, seq: u16) -> Option<Past> {
        let out = SeqNo::extend(Some(self.last.seq), seq).0;
        let later = self.segments.partition_point(|segment| segment.first_out <= out);
        let segment = *self.segments.get(later.checked_sub(1)?)?;
        (out <= self.last.seq.0).then(|| Past {
            origin: segment.view.origin,
            seq: SeqNo(out - segment.first_out + segment.first_in),
            segment,
        })
    }

    /// The timestamp that something captured at `now` would have, for sender reports; `None` before the first packet.
    pub fn timestamp_at(&self, now: Instant) -> Option<u32> {
        let captured = self.last_captured?;
        let elapsed = ticks(now.saturating_duration_since(captured), self.kind.clock_rate());
        Some(self.last.timestamp.wrapping_add(elapsed))
    }

    fn push(&mut self, segment: Segment) {
        let history = ticks(HISTORY, self.kind.clock_rate());
        let now = self.last.timestamp;
        // A segment ended when the next one began.
        while self.segments.len() >= MAX_SEGMENTS
            || self.segments.get(1).is_some_and(|next| now.wrapping_sub(next.since) as i32 > history as i32)
        {
            self.segments.pop_front();
        }
        self.segments.push_back(segment);
    }

    fn advance(&mut self, numbers: Numbers, out: Numbers, captured: Instant) {
        self.last = out;
        self.last_in = numbers.seq.0;
        self.last_picture_in = numbers.picture_id;
        self.last_captured = Some(captured);
        if self.anchor.is_none() {
            self.anchor = Some((out.timestamp, captured));
        }
    }

    /// The segment that a packet of the past belongs to; `None` if it was left out, or came before the last switch.
    fn earlier(&self, origin: Origin, seq: SeqNo) -> Option<Segment> {
        let mut end_out = self.last.seq.0;
        for segment in self.segments.iter().rev() {
            if segment.view.origin != origin {
                return None;
            }
            if segment.first_in <= seq.0 {
                let out = seq.0 - segment.first_in + segment.first_out;
                return (out <= end_out).then_some(*segment);
            }
            if !segment.continues {
                return None;
            }
            end_out = segment.first_out - 1;
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
mod tests;
