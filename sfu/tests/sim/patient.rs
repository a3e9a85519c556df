//! A viewer who waits for repair as a browser does: libwebrtc asks up to ten times for a packet, a round trip apart, and
//! for a keyframe only after 3 s without a picture. The synthetic client gives up sooner (str0m asks five times, within
//! the last 100 packets, and its decoder waits for 200 ms).

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use crate::raw::{Raw, Received};

/// Round trip that it reckons with.
const ROUND_TRIP: Duration = Duration::from_millis(100);
const MAX_REQUESTS: u8 = 10;
/// Without a picture it waits for so long before it asks for a keyframe.
const MAX_WAIT: Duration = Duration::from_secs(3);
/// The same before the first picture, and the delay of the link.
const FIRST_WAIT: Duration = Duration::from_millis(300);

/// A frame, by its number at the publisher.
struct Frame {
    keyframe: bool,
    count: u16,
    have: BTreeSet<u16>,
    sent: u64,
    complete: Option<Instant>,
}

/// The picture of one line.
pub struct Patient {
    ssrc: u32,
    start: Instant,
    read: usize,
    highest: u64,
    /// Missing numbers: when they were asked for last, and how often.
    missing: BTreeMap<u64, (Option<Instant>, u8)>,
    frames: BTreeMap<u32, Frame>,
    last_pli: Option<Instant>,
    pub plis: u32,
}

/// What became of the frames.
#[derive(Debug)]
pub struct Outcome {
    pub frames: usize,
    pub decoded: usize,
    /// From capture until the frame was complete: the 95th percentile, and the longest.
    pub delay: (Duration, Duration),
}

impl Patient {
    pub fn new(ssrc: u32, start: Instant) -> Self {
        let (missing, frames) = (BTreeMap::new(), BTreeMap::new());
        Self { ssrc, start, read: 0, highest: 0, missing, frames, last_pli: None, plis: 0 }
    }

    /// Looks at what has arrived, and asks for what is missing. To be called every 20 ms.
    pub fn turn(&mut self, raw: &mut Raw, now: Instant) {
        for packet in &raw.received[self.read..] {
            if packet.ssrc == self.ssrc {
                self.take(packet);
            }
        }
        self.read = raw.received.len();
        let mut lost = Vec::new();
        for (seq, (asked, times)) in &mut self.missing {
            if *times < MAX_REQUESTS && asked.is_none_or(|asked| now - asked >= ROUND_TRIP) {
                (*asked, *times) = (Some(now), *times + 1);
                lost.push(*seq as u16);
            }
        }
        if !lost.is_empty() {
            raw.send_nack(self.ssrc, &lost);
        }
        if self.is_stuck(now) && self.last_pli.is_none_or(|last| now - last >= FIRST_WAIT) {
            (self.last_pli, self.plis) = (Some(now), self.plis + 1);
            raw.send_pli(self.ssrc);
        }
    }

    fn take(&mut self, packet: &Received) {
        if self.highest > 0 {
            self.missing.extend((self.highest + 1..packet.seq).map(|seq| (seq, (None, 0))));
        }
        self.missing.remove(&packet.seq);
        self.highest = self.highest.max(packet.seq);
        let stamp = packet.stamp.unwrap();
        let (keyframe, count, sent) = (stamp.keyframe, stamp.count, stamp.sent);
        let frame = self.frames.entry(stamp.frame).or_insert(Frame {
            keyframe,
            count,
            have: BTreeSet::new(),
            sent,
            complete: None,
        });
        frame.have.insert(stamp.index);
        if frame.have.len() == usize::from(frame.count) {
            frame.complete.get_or_insert(packet.at);
        }
    }

    /// Whether nothing could be decoded for longer than a browser's patience lasts.
    fn is_stuck(&self, now: Instant) -> bool {
        let last = self.walk().enumerate().filter(|(_, (_, decoded))| *decoded).map(|(place, _)| place).last();
        let waiting = self.frames.values().nth(last.map_or(0, |last| last + 1));
        let patience = if last.is_none() { FIRST_WAIT } else { MAX_WAIT };
        waiting.is_some_and(|frame| now.saturating_duration_since(self.sent(frame)) >= patience)
    }

    fn sent(&self, frame: &Frame) -> Instant {
        self.start + Duration::from_micros(frame.sent)
    }

    /// All frames, and whether they could be decoded.
    fn walk(&self) -> impl Iterator<Item = (&Frame, bool)> {
        self.frames.iter().scan(None, |last: &mut Option<(u32, bool)>, (&number, frame)| {
            let follows = last.is_some_and(|(before, decoded)| decoded && before + 1 == number);
            let decoded = frame.complete.is_some() && (frame.keyframe || follows);
            *last = Some((number, decoded));
            Some((frame, decoded))
        })
    }

    /// What became of the frames from the first picture on.
    pub fn outcome(&self) -> Outcome {
        let first = *self.frames.iter().zip(self.walk()).find(|(_, (_, decoded))| *decoded).unwrap().0.0;
        let last = *self.frames.keys().last().unwrap();
        let decoded: Vec<&Frame> = self.walk().filter(|(_, decoded)| *decoded).map(|(frame, _)| frame).collect();
        let mut delays: Vec<Duration> =
            decoded.iter().map(|frame| frame.complete.unwrap() - self.sent(frame)).collect();
        delays.sort_unstable();
        let delay = (delays[delays.len() * 95 / 100], delays[delays.len() - 1]);
        Outcome { frames: (last - first + 1) as usize, decoded: decoded.len(), delay }
    }
}
