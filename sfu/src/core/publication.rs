//! One published track: its encodings, who gets it, and what to ask of its publisher.

use std::time::{Duration, Instant};

use super::allocate;
use super::keyframe::KeyframeRequests;
use super::packets::{Packet, PacketRing};
use super::rtp::{Codec, Ssrc};
use super::speaker::LevelMeter;
use crate::config::PacketHistory;
use crate::control::Source;
use crate::id::{ParticipantId, PeerKey, TrackId};

/// An encoding that has sent nothing for so long is not chosen for anybody. Browsers stop layers without saying so.
const LIVE: Duration = Duration::from_secs(1);

/// An encoding that has sent nothing for so long has its packets forgotten: nobody asks for them any more. Browsers that
/// only hold a layer back for a moment must not make us take the memory anew each time.
const FORGOTTEN: Duration = Duration::from_secs(5);

/// The size of an encoding's picture before its first keyframe told it, by place: what browsers make of 720p.
const PRESUMED_SIZES: [(u16, u16); 3] = [(320, 180), (640, 360), (1280, 720)];

/// One viewer's line that gets this publication, or shall get it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subscriber {
    /// The viewer.
    pub peer: PeerKey,
    /// The place of the line at the viewer.
    pub line: usize,
}

/// One simulcast stream of a publication.
#[derive(Debug)]
pub struct Encoding {
    /// The stream that it arrives in.
    pub ssrc: Ssrc,
    /// Requests for keyframes.
    pub keyframes: KeyframeRequests,
    /// The packets kept for retransmission, once there is one; sound is not sent again.
    ring: Option<PacketRing>,
    last_packet: Option<Instant>,
    size: Option<(u16, u16)>,
}

impl Encoding {
    fn new(ssrc: Ssrc) -> Self {
        Self { ssrc, keyframes: KeyframeRequests::default(), ring: None, last_packet: None, size: None }
    }

    /// Whether media arrives now.
    pub fn is_live(&self, now: Instant) -> bool {
        self.last_packet.is_some_and(|last| now.saturating_duration_since(last) < LIVE)
    }

    /// The packet with this number, for retransmission.
    pub fn packet(&self, seq: super::rtp::SeqNo) -> Option<Packet<'_>> {
        self.ring.as_ref()?.get(seq)
    }
}

/// A published track.
#[derive(Debug)]
pub struct Publication {
    /// Its id outside.
    pub id: TrackId,
    /// Who publishes it.
    pub participant: ParticipantId,
    /// What it carries.
    pub source: Source,
    /// The codec that it arrives in, once it does.
    pub codec: Option<Codec>,
    /// Whether nobody shall get it for now.
    pub muted: bool,
    /// Its encodings, smallest first as browsers offer them.
    pub encodings: Vec<Encoding>,
    /// The fan-out list.
    pub subscribers: Vec<Subscriber>,
    /// Loudness, for sound.
    pub meter: LevelMeter,
    history: PacketHistory,
}

impl Publication {
    /// A publication without media yet; `history` is kept of each encoding of a picture.
    pub fn new(id: TrackId, participant: ParticipantId, source: Source, muted: bool, history: PacketHistory) -> Self {
        let meter = LevelMeter::default();
        let (encodings, subscribers) = (Vec::new(), Vec::new());
        Self { id, participant, source, codec: None, muted, encodings, subscribers, meter, history }
    }

    /// Takes one packet of an encoding, and keeps it for retransmission. Returns whether the encoding has just come
    /// (back) to life, or in another stream or codec, so that viewers may want it, or must not get it any more.
    pub fn receive(&mut self, encoding: usize, ssrc: Ssrc, packet: &Packet<'_>, now: Instant) -> bool {
        if let Some(level) = packet.audio_level {
            self.meter.record(level, now);
        }
        while self.encodings.len() <= encoding {
            self.encodings.push(Encoding::new(ssrc));
        }
        let Some(encoding) = self.encodings.get_mut(encoding) else { return false };
        if encoding.ssrc != ssrc {
            *encoding = Encoding::new(ssrc);
        }
        let was_live = encoding.is_live(now) && self.codec == Some(packet.info.codec);
        self.codec = Some(packet.info.codec);
        encoding.last_packet = Some(now);
        if packet.info.entry {
            encoding.keyframes.arrived();
            encoding.size = packet.info.size.or(encoding.size);
        }
        if self.source.is_video() {
            encoding.ring.get_or_insert_with(|| PacketRing::new(self.history)).store(packet, now);
        }
        !was_live
    }

    /// Gives back the memory of encodings that have ended without a word.
    pub fn forget_silent(&mut self, now: Instant) {
        for encoding in &mut self.encodings {
            if encoding.last_packet.is_some_and(|last| now.saturating_duration_since(last) >= FORGOTTEN) {
                encoding.ring = None;
            }
        }
    }

    /// Bytes of the packets kept, and of all that is needed to find them.
    pub fn memory(&self) -> usize {
        self.encodings.iter().filter_map(|encoding| encoding.ring.as_ref()).map(PacketRing::memory).sum()
    }

    /// The encoding for a viewer who shows the picture at `width` x `height`; sound has only one.
    pub fn choose(&self, width: u16, height: u16, now: Instant) -> Option<usize> {
        if self.muted {
            return None;
        }
        if !self.source.is_video() {
            // Silence may send nothing for long, and needs no keyframe after it.
            return self.encodings.first().map(|_| 0);
        }
        let mut offers = [allocate::Offer { live: false, width: 1, height: 1 }; 4];
        let count = self.encodings.len().min(offers.len());
        for (place, (offer, encoding)) in offers.iter_mut().zip(&self.encodings).enumerate() {
            let presumed = PRESUMED_SIZES[place.min(PRESUMED_SIZES.len() - 1)];
            let (width, height) = encoding.size.unwrap_or(presumed);
            *offer = allocate::Offer { live: encoding.is_live(now), width: width.max(1), height: height.max(1) };
        }
        allocate::choose(&offers[..count], width, height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::rtp::{PayloadInfo, SeqNo};

    #[test]
    fn an_encoding_that_falls_silent_gives_its_memory_back_and_starts_anew() {
        let history = crate::SfuConfig::default().packet_history;
        let start = Instant::now();
        let mut rng = <rand::rngs::StdRng as rand::SeedableRng>::from_seed([1; 32]);
        let (track, participant) = (TrackId::random(&mut rng), ParticipantId::random(&mut rng));
        let mut publication = Publication::new(track, participant, Source::Camera, false, history);
        let payload = [0x10; 1000];
        let info = PayloadInfo::parse(Codec::H264, &payload).unwrap();
        let receive = |publication: &mut Publication, now| {
            let (seq, timestamp) = (SeqNo(7), 7);
            let (audio_level, video_orientation) = (None, None);
            let packet =
                Packet { seq, timestamp, marker: true, info, audio_level, video_orientation, payload: &payload };
            publication.receive(0, Ssrc(1), &packet, now);
        };
        receive(&mut publication, start);
        assert!(publication.memory() > 1000);
        publication.forget_silent(start + FORGOTTEN - Duration::from_millis(1));
        assert!(publication.encodings[0].packet(SeqNo(7)).is_some());
        publication.forget_silent(start + FORGOTTEN);
        assert_eq!(publication.memory(), 0);
        receive(&mut publication, start + FORGOTTEN * 2);
        assert!(publication.encodings[0].packet(SeqNo(7)).is_some());
    }
}
