//! Makes the media that a client sends: pictures in one or three encodings, and sound.

use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use str0m::media::{Mid, Rid};

use super::payload::{self, Stamp, Vp8Descriptor};
use super::stats::EncodingStats;
use super::{PublishSpec, Source};

/// The rids of simulcast, lowest first, as our SDK and browsers offer them.
pub(crate) const RIDS: [&str; 3] = ["l", "m", "h"];
/// Picture sizes of the three encodings.
const SIZES: [(u16, u16); 3] = [(320, 180), (640, 360), (1280, 720)];
/// The most bytes of one RTP payload: with headers and SRTP below the 1200 bytes that browsers use.
const MAX_PAYLOAD: usize = 1100;
/// A key frame is that many times as large as another frame.
const KEYFRAME_WEIGHT: f64 = 4.0;
/// libwebrtc ignores keyframe requests that follow the last keyframe more closely.
const KEYFRAME_INTERVAL: Duration = Duration::from_millis(300);
/// 20 ms packets at 48 kHz.
const AUDIO_STEP: u32 = 960;
const AUDIO_INTERVAL: Duration = Duration::from_millis(20);
/// After a longer pause of the driver the source starts anew instead of catching up.
const MAX_CATCH_UP: Duration = Duration::from_millis(500);

/// One packet, ready for RTP.
pub(crate) struct Packet {
    pub(crate) mid: Mid,
    pub(crate) rid: Option<Rid>,
    pub(crate) sequence: u64,
    pub(crate) timestamp: u32,
    pub(crate) marker: bool,
    pub(crate) payload: Vec<u8>,
    /// Level and voice of RFC 6464, for sound.
    pub(crate) level: Option<(i8, bool)>,
}

/// The clock and the name that all of a client's media share.
#[derive(Clone, Copy)]
pub(crate) struct Identity {
    pub(crate) sender: u64,
    pub(crate) epoch: Instant,
}

impl Identity {
    fn micros(&self, now: Instant) -> u64 {
        u64::try_from(now.saturating_duration_since(self.epoch).as_micros()).unwrap_or(u64::MAX)
    }
}

/// Everything that one source sends.
pub(crate) struct Publisher {
    pub(crate) spec: PublishSpec,
    pub(crate) mid: Mid,
    pub(crate) encodings: Vec<Encoding>,
    active: bool,
    interval: Duration,
    /// When the next frame is due; `None` while nothing is sent.
    next: Option<Instant>,
    frames: u64,
    level: (i8, bool),
    rng: StdRng,
}

/// One RTP stream of a source.
pub(crate) struct Encoding {
    pub(crate) rid: Option<Rid>,
    pub(crate) active: bool,
    kbps: u32,
    layer: u8,
    sequence: u64,
    timestamp_offset: u32,
    frame: u32,
    picture_id: u16,
    tl0_picture_index: u8,
    key_index: u8,
    keyframe_wanted: bool,
    last_keyframe: Option<Instant>,
}

impl Publisher {
    pub(crate) fn new(spec: PublishSpec, mid: Mid, seed: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed ^ (spec.source.index() as u64) << 56);
        let count = if spec.simulcast { RIDS.len() } else { 1 };
        let encodings = (0..count).map(|layer| Encoding::new(&spec, layer, &mut rng)).collect();
        let interval = match spec.source.is_video() {
            true => Duration::from_secs(1) / spec.fps.max(1),
            false => AUDIO_INTERVAL,
        };
        let active = spec.active;
        Self { spec, mid, encodings, active, interval, next: None, frames: 0, level: (-30, true), rng }
    }

    pub(crate) fn source(&self) -> Source {
        self.spec.source
    }

    /// Begins to send, at a seeded phase so that the clients of a run do not all send at the same instant.
    pub(crate) fn start(&mut self, now: Instant) {
        if self.active && self.next.is_none() {
            let phase = self.rng.random_range(0.0..1.0);
            self.next = Some(now + self.interval.mul_f64(phase));
            self.encodings.iter_mut().for_each(|encoding| encoding.keyframe_wanted = true);
        }
    }

    pub(crate) fn set_active(&mut self, active: bool) {
        self.active = active;
        if !active {
            self.next = None;
        }
    }

    pub(crate) fn set_encoding_active(&mut self, layer: usize, active: bool) {
        if let Some(encoding) = self.encodings.get_mut(layer) {
            encoding.keyframe_wanted |= active && !encoding.active;
            encoding.active = active;
        }
    }

    pub(crate) fn set_level(&mut self, level: u8, voice: bool) {
        self.level = (-(level.min(127) as i8), voice);
    }

    pub(crate) fn next_frame(&self) -> Option<Instant> {
        self.next
    }

    /// Answers a keyframe request as a browser does.
    pub(crate) fn request_keyframe(&mut self, layer: usize, now: Instant) {
        if let Some(encoding) = self.encodings.get_mut(layer) {
            let soon = encoding.last_keyframe.is_some_and(|last| now < last + KEYFRAME_INTERVAL);
            encoding.keyframe_wanted |= !soon;
        }
    }

    /// All packets that are due.
    pub(crate) fn poll(&mut self, now: Instant, identity: Identity, stats: &mut [EncodingStats]) -> Vec<Packet> {
        let mut packets = Vec::new();
        if self.next.is_some_and(|due| now > due + MAX_CATCH_UP) {
            self.next = Some(now);
        }
        while let Some(due) = self.next.filter(|due| *due <= now) {
            self.next = Some(due + self.interval);
            let shot = Shot { spec: &self.spec, mid: self.mid, number: self.frames, due, now, identity };
            for (encoding, stats) in self.encodings.iter_mut().zip(stats.iter_mut()) {
                if !encoding.active {
                    continue;
                }
                let first = packets.len();
                match self.spec.source.is_video() {
                    true => encoding.picture(&shot, &mut self.rng, &mut packets),
                    false => packets.push(encoding.sound(&shot, self.level)),
                }
                count(stats, &packets[first..], encoding.last_keyframe == Some(now));
            }
            self.frames += 1;
        }
        packets
    }
}

/// One moment of a source, encoded by each of its encodings.
struct Shot<'a> {
    spec: &'a PublishSpec,
    mid: Mid,
    /// Counts the source's frames.
    number: u64,
    /// When it was captured.
    due: Instant,
    /// When it is sent.
    now: Instant,
    identity: Identity,
}

fn count(stats: &mut EncodingStats, packets: &[Packet], keyframe: bool) {
    stats.frames += 1;
    stats.keyframes += u64::from(keyframe);
    stats.packets += packets.len() as u64;
    stats.bytes += packets.iter().map(|packet| packet.payload.len() as u64).sum::<u64>();
}

impl Encoding {
    fn new(spec: &PublishSpec, layer: usize, rng: &mut StdRng) -> Self {
        let kbps = spec.kbps.get(layer).copied().unwrap_or(0);
        Self {
            rid: spec.simulcast.then(|| RIDS[layer].into()),
            active: kbps > 0,
            kbps,
            layer: layer as u8,
            // Below 2^15, as browsers choose it, so that an early loss cannot upset the SRTP roll-over counter.
            sequence: rng.random_range(0..0x8000),
            timestamp_offset: rng.random(),
            frame: 0,
            picture_id: rng.random_range(0..0x8000),
            tl0_picture_index: rng.random(),
            key_index: rng.random_range(0..32),
            keyframe_wanted: true,
            last_keyframe: None,
        }
    }

    fn picture(&mut self, shot: &Shot, rng: &mut StdRng, out: &mut Vec<Packet>) {
        let keyframe = std::mem::take(&mut self.keyframe_wanted);
        if keyframe {
            self.last_keyframe = Some(shot.now);
            self.key_index = (self.key_index + 1) & 0x1f;
        }
        let (temporal_layer, layer_sync) = temporal(shot.spec.temporal_layers, shot.number, keyframe);
        self.picture_id = (self.picture_id + 1) & 0x7fff;
        if temporal_layer == 0 {
            self.tl0_picture_index = self.tl0_picture_index.wrapping_add(1);
        }
        let (bytes, packets) = self.frame_bytes(shot.spec, keyframe, rng);
        let timestamp = shot.identity.micros(shot.due).wrapping_mul(90) / 1000;
        for index in 0..packets {
            let stamp = self.stamp(shot, keyframe, index, packets);
            let descriptor = Vp8Descriptor {
                start: index == 0,
                picture_id: self.picture_id,
                tl0_picture_index: self.tl0_picture_index,
                temporal_layer,
                layer_sync,
                key_index: self.key_index,
            };
            // Browsers split a frame into packets of about equal size.
            let len = bytes / packets + usize::from(index < bytes % packets);
            let payload = payload::write_video(&descriptor, self.size(shot.spec), &stamp, len);
            out.push(self.packet(shot, timestamp as u32, index + 1 == packets, payload));
        }
        self.frame = self.frame.wrapping_add(1);
    }

    /// The bytes of this frame and its packets: near the average, four times as much for a key frame.
    fn frame_bytes(&self, spec: &PublishSpec, keyframe: bool, rng: &mut StdRng) -> (usize, usize) {
        let average = f64::from(self.kbps) * 125.0 / f64::from(spec.fps.max(1));
        let weighted = average * if keyframe { KEYFRAME_WEIGHT } else { 1.0 };
        let limit = |packets: usize| packets.clamp(1, usize::from(u16::MAX));
        match spec.packet_bytes.map(usize::from) {
            Some(size) => {
                let packets = limit((weighted / size as f64).round() as usize);
                (packets * size, packets)
            }
            None => {
                let bytes = (weighted * rng.random_range(0.8..1.2)) as usize;
                (bytes, limit(bytes.div_ceil(MAX_PAYLOAD)))
            }
        }
    }

    fn size(&self, spec: &PublishSpec) -> (u16, u16) {
        if spec.simulcast { SIZES[usize::from(self.layer)] } else { SIZES[2] }
    }

    fn sound(&mut self, shot: &Shot, level: (i8, bool)) -> Packet {
        let payload = payload::write_audio(&self.stamp(shot, false, 0, 1), (self.kbps * 125 / 50) as usize);
        // Whole 20 ms steps on the media clock, whatever the driver's jitter; a pause is a gap of whole steps too.
        let elapsed = shot.due.saturating_duration_since(shot.identity.epoch);
        let steps = elapsed.as_millis() / AUDIO_INTERVAL.as_millis();
        let marker = self.frame == 0;
        self.frame = self.frame.wrapping_add(1);
        let packet = self.packet(shot, (steps as u32).wrapping_mul(AUDIO_STEP), marker, payload);
        Packet { level: Some(level), ..packet }
    }

    fn stamp(&self, shot: &Shot, keyframe: bool, index: usize, count: usize) -> Stamp {
        Stamp {
            sender: shot.identity.sender,
            source: shot.spec.source,
            layer: self.layer,
            keyframe,
            frame: self.frame,
            index: index as u16,
            count: count as u16,
            sent: shot.identity.micros(shot.now),
        }
    }

    fn packet(&mut self, shot: &Shot, timestamp: u32, marker: bool, payload: Vec<u8>) -> Packet {
        let sequence = self.sequence;
        self.sequence += 1;
        let timestamp = timestamp.wrapping_add(self.timestamp_offset);
        Packet { mid: shot.mid, rid: self.rid, sequence, timestamp, marker, payload, level: None }
    }
}

/// The temporal layer of frame `count`, and whether it depends on the base layer only: the patterns 0, 0 1 and
/// 0 2 1 2 of libwebrtc. A key frame is always in the base layer.
fn temporal(layers: u8, count: u64, keyframe: bool) -> (u8, bool) {
    match (layers, count % 4) {
        _ if keyframe => (0, false),
        (2, 1 | 3) => (1, true),
        (3, 1) => (2, true),
        (3, 2) => (1, true),
        (3, 3) => (2, false),
        _ => (0, false),
    }
}
