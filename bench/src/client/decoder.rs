//! A model of a receiver's frame assembly and VP8 decoder: which frames could have been shown, and when.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use super::payload::{Stamp, Vp8Descriptor};
use super::sequence::Arrival;
use super::stats::{Switch, VideoStats};

/// Without progress for that long, the decoder asks for a key frame (libwebrtc's `max_wait_for_frame`).
const STUCK: Duration = Duration::from_millis(200);
/// Frames of an upper temporal layer are waited for that long before they are skipped.
const REPAIR: Duration = Duration::from_millis(100);
/// Least time between two keyframe requests.
const PLI_INTERVAL: Duration = Duration::from_millis(300);
/// A stream that has been silent for that long is not asked for anything.
const SILENT: Duration = Duration::from_secs(1);
/// Frames that wait; beyond, the oldest are given up.
const MAX_FRAMES: usize = 300;
/// Gaps whose average is the usual distance of frames.
const GAPS: usize = 30;
/// Changes that are remembered.
const MAX_SWITCHES: usize = 1000;

/// A frame of which some packets came.
struct Frame {
    first_seen: Instant,
    stamp: Stamp,
    timestamp: u32,
    picture_id: u16,
    tl0_picture_index: u8,
    temporal_layer: u8,
    have: Vec<bool>,
    missing: usize,
}

/// The last decoded frame.
#[derive(Clone, Copy)]
struct Decoded {
    /// Sequence number of its first packet.
    base: u64,
    picture_id: u16,
    tl0_picture_index: u8,
}

/// The decoder of one slot's picture.
#[derive(Default)]
pub(crate) struct Decoder {
    /// By the sequence number of their first packet, which orders frames whatever their picture ids say.
    frames: BTreeMap<u64, Frame>,
    decoded: Option<Decoded>,
    /// The stamp of the last decoded frame, unless the slot was emptied since.
    stamp: Option<Stamp>,
    shown: Option<Instant>,
    gaps: VecDeque<Duration>,
    last_pli: Option<Instant>,
    arrived: Option<Instant>,
}

impl Decoder {
    /// Takes one packet in.
    pub(crate) fn receive(
        &mut self,
        arrival: &Arrival,
        descriptor: &Vp8Descriptor,
        stamp: Stamp,
        epoch: Instant,
        stats: &mut VideoStats,
    ) {
        self.arrived = Some(arrival.now);
        let Some(base) = arrival.sequence.checked_sub(u64::from(stamp.index)) else {
            stats.rtp.malformed += 1;
            return;
        };
        if self.decoded.is_some_and(|decoded| base <= decoded.base) {
            return;
        }
        let frame = self.frames.entry(base).or_insert_with(|| Frame::new(arrival, descriptor, stamp));
        if !frame.add(arrival, descriptor, stamp) {
            stats.rtp.malformed += 1;
            return;
        }
        while self.decode_next(arrival.now, epoch, stats) {}
        while self.frames.len() > MAX_FRAMES {
            self.frames.pop_first();
            stats.dropped += 1;
        }
    }

    /// The slot was emptied on purpose: the silence that follows is no freeze, and nothing is missing.
    pub(crate) fn pause(&mut self) {
        (self.shown, self.stamp) = (None, None);
        self.frames.clear();
    }

    /// When the next keyframe request is due.
    pub(crate) fn next_pli(&self) -> Option<Instant> {
        let waiting = self.frames.first_key_value()?.1;
        let never = self.decoded.is_none() && self.frames.values().any(|frame| frame.missing == 0);
        let stuck = if never { waiting.first_seen } else { waiting.first_seen + STUCK };
        let due = self.last_pli.map_or(stuck, |last| stuck.max(last + PLI_INTERVAL));
        self.arrived.filter(|arrived| due < *arrived + SILENT).map(|_| due)
    }

    /// Whether to send a keyframe request now.
    pub(crate) fn take_pli(&mut self, now: Instant, stats: &mut VideoStats) -> bool {
        let due = self.next_pli().is_some_and(|due| due <= now);
        if due {
            self.last_pli = Some(now);
            stats.plis += 1;
        }
        due
    }

    /// Decodes the first frame that can be, giving up those before it.
    fn decode_next(&mut self, now: Instant, epoch: Instant, stats: &mut VideoStats) -> bool {
        let found = self.frames.iter().find(|(_, frame)| self.can_decode(frame, now));
        let Some(base) = found.map(|(base, _)| *base) else { return false };
        let later = self.frames.split_off(&(base + 1));
        let earlier = std::mem::replace(&mut self.frames, later);
        stats.dropped += earlier.len() as u64 - 1;
        if let Some((_, frame)) = earlier.into_iter().next_back() {
            self.show(base, &frame, now, epoch, stats);
        }
        true
    }

    /// A complete frame can be decoded if it is a key frame, the one after the last decoded, or in the base layer and
    /// the one after the last decoded of the base layer. The latter skips frames, so it waits for their repair first.
    fn can_decode(&self, frame: &Frame, now: Instant) -> bool {
        let follows = self.decoded.is_some_and(|last| {
            let next_base =
                frame.temporal_layer == 0 && frame.tl0_picture_index == last.tl0_picture_index.wrapping_add(1);
            frame.picture_id == (last.picture_id + 1) & 0x7fff || next_base && now >= frame.first_seen + REPAIR
        });
        frame.missing == 0 && (frame.stamp.keyframe || follows)
    }

    fn show(&mut self, base: u64, frame: &Frame, now: Instant, epoch: Instant, stats: &mut VideoStats) {
        if let Some(last) = self.decoded {
            let step = frame.picture_id.wrapping_sub(last.picture_id) & 0x7fff;
            stats.picture_id_regressions += u64::from(step == 0 || step >= 0x4000);
        }
        let (picture_id, tl0_picture_index) = (frame.picture_id, frame.tl0_picture_index);
        self.decoded = Some(Decoded { base, picture_id, tl0_picture_index });
        self.measure_gap(now, stats);
        stats.frames += 1;
        stats.keyframes += u64::from(frame.stamp.keyframe);
        let sent = epoch + Duration::from_micros(frame.stamp.sent);
        stats.delay.record(now.saturating_duration_since(sent));
        note_switch(frame.stamp, now, stats);
        stats.skipped += self.stamp.replace(frame.stamp).map_or(0, |last| frame.stamp.skipped_after(&last));
        stats.decoded = Some(frame.stamp);
        stats.decoded_at = Some(now);
    }

    fn measure_gap(&mut self, now: Instant, stats: &mut VideoStats) {
        let Some(gap) = self.shown.replace(now).map(|last| now.saturating_duration_since(last)) else { return };
        let micros = u64::try_from(gap.as_micros()).unwrap_or(u64::MAX);
        stats.longest_gap_micros = stats.longest_gap_micros.max(micros);
        if is_freeze(gap, &self.gaps) {
            stats.freezes += 1;
            stats.frozen_micros += micros;
        }
        self.gaps.push_back(gap);
        if self.gaps.len() > GAPS {
            self.gaps.pop_front();
        }
    }
}

/// The definition of the W3C statistics: at least max(3 d, d + 150 ms).
fn is_freeze(gap: Duration, gaps: &VecDeque<Duration>) -> bool {
    let Ok(count) = u32::try_from(gaps.len()) else { return false };
    if count == 0 {
        return false;
    }
    let average = gaps.iter().sum::<Duration>() / count;
    gap >= (average * 3).max(average + Duration::from_millis(150))
}

fn note_switch(stamp: Stamp, at: Instant, stats: &mut VideoStats) {
    let switch = Switch { at, sender: stamp.sender, source: stamp.source, layer: stamp.layer };
    let same = stats.switches.last().is_some_and(|last| Switch { at, ..*last } == switch);
    if !same && stats.switches.len() < MAX_SWITCHES {
        stats.switches.push(switch);
    }
}

impl Frame {
    fn new(arrival: &Arrival, descriptor: &Vp8Descriptor, stamp: Stamp) -> Self {
        Self {
            first_seen: arrival.now,
            stamp: Stamp { index: 0, ..stamp },
            timestamp: arrival.timestamp,
            picture_id: descriptor.picture_id,
            tl0_picture_index: descriptor.tl0_picture_index,
            temporal_layer: descriptor.temporal_layer,
            have: vec![false; usize::from(stamp.count)],
            missing: usize::from(stamp.count),
        }
    }

    /// Whether the packet fits in with those before it: all of them must tell of the same frame.
    fn add(&mut self, arrival: &Arrival, descriptor: &Vp8Descriptor, stamp: Stamp) -> bool {
        let fits = self.stamp == (Stamp { index: 0, ..stamp })
            && self.timestamp == arrival.timestamp
            && self.picture_id == descriptor.picture_id
            && self.tl0_picture_index == descriptor.tl0_picture_index;
        let Some(have) = self.have.get_mut(usize::from(stamp.index)).filter(|_| fits) else { return false };
        if !std::mem::replace(have, true) {
            self.missing -= 1;
        }
        true
    }
}
