//! A viewer who waits for repair as a browser does: libwebrtc asks up to ten times for a packet, a round trip apart,
//! and for a keyframe only after 3 s without a picture. The synthetic client gives up sooner (str0m asks five times,
//! within the last 100 packets, and its decoder waits for 200 ms).

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use crate::raw::{Raw, Received};

const MAX_REQUESTS: u8 = 10;
/// Without a picture it waits for so long before it asks for a keyframe.
const MAX_WAIT: Duration = Duration::from_secs(3);
/// The same before the first picture, and the delay of the link.
const FIRST_WAIT: Duration = Duration::from_millis(300);

/// A frame.
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
    /// Round trip that it reckons with: it asks no sooner again.
    round_trip: Duration,
    start: Instant,
    read: usize,
    turns: u32,
    /// The lowest and the highest number that came.
    lowest: u64,
    highest: u64,
    /// Missing numbers: when they were asked for last, and how often.
    missing: BTreeMap<u64, (Option<Instant>, u8)>,
    /// By the number of the first packet: encodings that take turns in a line count their frames each for itself.
    frames: BTreeMap<u64, Frame>,
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
    /// Share of the line's packets that never came.
    pub lost: f64,
    /// Share of the time in which the picture stood still for longer than three frames and for 150 ms more than one:
    /// the freezes of the W3C's statistics
    /// (<https://www.w3.org/TR/webrtc-stats/#dom-rtcinboundrtpstreamstats-freezecount>).
    pub frozen: f64,
}

impl Patient {
    pub fn new(ssrc: u32, start: Instant, round_trip: Duration) -> Self {
        let (missing, frames) = (BTreeMap::new(), BTreeMap::new());
        Self {
            ssrc,
            round_trip,
            start,
            read: 0,
            turns: 0,
            lowest: u64::MAX,
            highest: 0,
            missing,
            frames,
            last_pli: None,
            plis: 0,
        }
    }

    /// Looks at what has arrived, and asks for what is missing. To be called every 20 ms.
    pub fn turn(&mut self, raw: &mut Raw, now: Instant) {
        for packet in &raw.received[self.read..] {
            if packet.ssrc == self.ssrc {
                self.take(packet);
            }
        }
        self.read = raw.received.len();
        self.turns += 1;
        if self.turns.is_multiple_of(3) {
            raw.send_arrivals();
        }
        let mut lost = Vec::new();
        for (seq, (asked, times)) in &mut self.missing {
            if *times < MAX_REQUESTS && asked.is_none_or(|asked| now - asked >= self.round_trip) {
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
        self.lowest = self.lowest.min(packet.seq);
        self.highest = self.highest.max(packet.seq);
        let stamp = packet.stamp.unwrap();
        let (keyframe, count, sent) = (stamp.keyframe, stamp.count, stamp.sent);
        let first = packet.seq - u64::from(stamp.index);
        let frame =
            self.frames.entry(first).or_insert(Frame { keyframe, count, have: BTreeSet::new(), sent, complete: None });
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
        self.frames.iter().scan(None, |last: &mut Option<(u64, bool)>, (&first, frame)| {
            let follows = last.is_some_and(|(next, decoded)| decoded && next == first);
            let decoded = frame.complete.is_some() && (frame.keyframe || follows);
            *last = Some((first + u64::from(frame.count), decoded));
            Some((frame, decoded))
        })
    }

    /// What became of the frames from the first picture on.
    pub fn outcome(&self) -> Outcome {
        let decoded: Vec<&Frame> = self.walk().filter(|(_, decoded)| *decoded).map(|(frame, _)| frame).collect();
        let mut delays: Vec<Duration> =
            decoded.iter().map(|frame| frame.complete.unwrap() - self.sent(frame)).collect();
        delays.sort_unstable();
        let delay = (delays[delays.len() * 95 / 100], delays[delays.len() - 1]);
        let lost = self.missing.len() as f64 / (self.highest - self.lowest + 1) as f64;
        let first = decoded[0].sent;
        Outcome {
            frames: self.frames.values().filter(|frame| frame.sent >= first).count(),
            decoded: decoded.len(),
            delay,
            lost,
            frozen: self.frozen(&decoded),
        }
    }
}

impl Patient {
    /// A frame is shown when it is complete, and so are all before it; and not before a round trip has passed since the
    /// soonest that it could have been: libwebrtc's jitter buffer keeps the time that one repair takes in hand.
    fn frozen(&self, decoded: &[&Frame]) -> f64 {
        let soonest =
            decoded.iter().filter_map(|frame| Some(frame.complete? - self.sent(frame))).min().unwrap_or_default();
        let mut shown: Vec<Instant> = Vec::with_capacity(decoded.len());
        for frame in decoded {
            let due = self.sent(frame) + soonest + self.round_trip;
            let complete = frame.complete.unwrap_or(due);
            shown.push(due.max(complete).max(shown.last().copied().unwrap_or(due)));
        }
        let sent = Duration::from_micros(decoded[decoded.len() - 1].sent - decoded[0].sent);
        let usual = sent / (decoded.len() - 1) as u32;
        let gaps = shown.windows(2).map(|pair| pair[1] - pair[0]);
        let freezes: Duration = gaps.filter(|gap| *gap > (3 * usual).max(usual + Duration::from_millis(150))).sum();
        freezes.as_secs_f64() / (shown[shown.len() - 1] - shown[0]).as_secs_f64()
    }
}
