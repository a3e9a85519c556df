//! One published track: its encodings, who gets it, and what to ask of its publisher.

use std::time::{Duration, Instant};

use super::allocate::{Ladder, Offer, Rung, Shown, ladder};
use super::bitrate::Bitrate;
use super::keyframe::KeyframeRequests;
use super::negotiation::MAX_ENCODINGS;
use super::packets::{Packet, PacketRing};
use super::rates::{LayerRates, MAX_LAYERS};
use super::room::Peers;
use super::rtp::{Codec, Layer, Sizes, Ssrc};
use super::select::{Origin, View};
use super::speaker::LevelMeter;
use super::wishes::{Supply, Wishes};
use crate::config::PacketHistory;
use crate::control::Source;
use crate::id::{ParticipantId, PeerKey, TrackId, TrackKey};

/// An encoding that has sent nothing for so long is not chosen for anybody. Browsers stop layers without saying so.
const LIVE: Duration = Duration::from_secs(1);

/// An encoding that has sent nothing for so long has its packets forgotten: nobody asks for them any more. Browsers
/// that only hold a layer back for a moment must not make us take the memory anew each time.
const FORGOTTEN: Duration = Duration::from_secs(5);

/// Size and rate of an encoding before it told them, by place: what our client makes of 720p.
const PRESUMED: [((u16, u16), Bitrate); MAX_ENCODINGS] = [
    ((320, 180), Bitrate::kbps(150)),
    ((640, 360), Bitrate::kbps(500)),
    ((1280, 720), Bitrate::kbps(2500)),
    ((1280, 720), Bitrate::kbps(2500)),
];

/// The rate of sound that has not been measured yet.
const PRESUMED_SOUND: Bitrate = Bitrate::kbps(40);

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
    /// The rates of its layers.
    pub rates: LayerRates,
    /// The packets kept for retransmission, once there is one; sound is not sent again.
    ring: Option<PacketRing>,
    last_packet: Option<Instant>,
    sizes: Sizes,
}

impl Encoding {
    fn new(ssrc: Ssrc) -> Self {
        let (keyframes, rates) = (KeyframeRequests::default(), LayerRates::default());
        Self { ssrc, keyframes, rates, ring: None, last_packet: None, sizes: Sizes::default() }
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
    /// Which encodings anybody needs.
    pub wishes: Wishes,
    /// How many encodings its publisher has offered.
    pub offered: usize,
    history: PacketHistory,
}

impl Publication {
    /// A publication without media yet; `history` is kept of each encoding of a picture.
    pub fn new(
        id: TrackId,
        participant: ParticipantId,
        source: Source,
        muted: bool,
        history: PacketHistory,
        now: Instant,
    ) -> Self {
        let (meter, wishes) = (LevelMeter::default(), Wishes::new(now));
        let (encodings, subscribers) = (Vec::new(), Vec::new());
        Self { id, participant, source, codec: None, muted, encodings, subscribers, meter, wishes, offered: 1, history }
    }

    /// The publisher is gone, and may come back with other streams.
    pub fn reset(&mut self, now: Instant) {
        self.encodings.clear();
        self.meter.reset();
        self.wishes = Wishes::new(now);
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
        let arrived = encoding.is_live(now);
        let was_live = arrived && self.codec == Some(packet.info.codec);
        if !arrived {
            encoding.rates.restart(now);
        }
        self.codec = Some(packet.info.codec);
        encoding.last_packet = Some(now);
        encoding.rates.record(packet.info.layer, packet.payload.len());
        encoding.keyframes.is_alive();
        if packet.info.entry {
            encoding.keyframes.arrived();
            encoding.sizes = packet.info.sizes.or(encoding.sizes);
        }
        if self.source.is_video() {
            encoding.ring.get_or_insert_with(|| PacketRing::new(self.history)).store(packet, now);
        }
        !was_live
    }

    /// Bytes of the packets kept, and of all that is needed to find them.
    pub fn memory(&self) -> usize {
        self.encodings.iter().filter_map(|encoding| encoding.ring.as_ref()).map(PacketRing::memory).sum()
    }

    /// What a viewer could get of this picture.
    pub fn ladder(&self, shown: Shown, now: Instant) -> Ladder {
        if self.muted {
            return Ladder::default();
        }
        let mut offers = [None; MAX_ENCODINGS * MAX_LAYERS];
        let places = (0..self.offered.max(self.encodings.len())).flat_map(|place| self.layers_of(place, now));
        offers.iter_mut().zip(places).for_each(|(offer, found)| *offer = Some(found));
        let count = offers.iter().flatten().count();
        let offers: [Offer; MAX_ENCODINGS * MAX_LAYERS] = offers.map(Option::unwrap_or_default);
        ladder(offers.get(..count).unwrap_or_default(), shown, self.source == Source::Screen)
    }

    /// The spatial layers of one encoding, the smallest first.
    fn layers_of(&self, place: usize, now: Instant) -> impl Iterator<Item = Offer> {
        let encoding = self.encodings.get(place);
        let arrives = encoding.is_some_and(|encoding| encoding.is_live(now));
        let available = self.wishes.supply(place, arrives, now) != Supply::Dead;
        let of_one = if self.source == Source::Screen { PRESUMED.len() - 1 } else { place.min(PRESUMED.len() - 1) };
        let (presumed_size, presumed_rate) = PRESUMED[of_one];
        let sizes = encoding.map_or(Sizes::default(), |encoding| encoding.sizes);
        let largest = sizes.largest().unwrap_or(presumed_size);
        let highest = encoding.map_or(Layer::default(), |encoding| encoding.rates.highest());
        let rate = move |spatial: u8, temporal: u8| {
            let measured = encoding.and_then(|encoding| encoding.rates.up_to(Layer { spatial, temporal }));
            measured.unwrap_or(presumed_rate)
        };
        (0..=highest.spatial).map(move |spatial| {
            let halvings = highest.spatial - spatial;
            let (width, height) = sizes.of(spatial).unwrap_or((largest.0 >> halvings, largest.1 >> halvings));
            Offer {
                encoding: place as u8,
                spatial,
                available,
                width: width.max(1),
                height: height.max(1),
                temporal: highest.temporal,
                costs: std::array::from_fn(|temporal| rate(spatial, temporal as u8)),
            }
        })
    }

    /// What a viewer gets for now who has been given the rung at this height: that, if it arrives; else the best below
    /// it that does, until then. What does not arrive is entered when it does, if there is nothing below it.
    pub fn view(&self, track: TrackKey, ladder: &Ladder, height: usize, now: Instant) -> Option<View> {
        let given = ladder.rungs().get(..height)?;
        let arrives = |rung: &&Rung| self.known(rung.encoding).is_some_and(|encoding| encoding.is_live(now));
        let best = given.iter().rev().find(arrives).or(given.last())?;
        let encoding = self.known(best.encoding)?;
        let origin = Origin { track, encoding: best.encoding, ssrc: encoding.ssrc };
        Some(View { origin, layer: open_ended(best.layer, encoding.rates.highest()) })
    }

    /// An encoding from which at least one packet has come.
    fn known(&self, place: u8) -> Option<&Encoding> {
        self.encodings.get(usize::from(place)).filter(|encoding| encoding.last_packet.is_some())
    }

    /// The encoding that packets of `origin` come from.
    pub fn encoding(&mut self, origin: Origin) -> Option<&mut Encoding> {
        self.encodings.get_mut(usize::from(origin.encoding))
    }

    /// Whether packets of `origin` arrive now.
    pub fn arrives(&self, origin: Origin, now: Instant) -> bool {
        self.known(origin.encoding).is_some_and(|encoding| encoding.ssrc == origin.ssrc && encoding.is_live(now))
    }

    /// What a viewer gets of this sound. Silence may send nothing for long, and needs no keyframe after it.
    pub fn sound(&self, track: TrackKey) -> Option<View> {
        let ssrc = self.known(0).filter(|_| !self.muted)?.ssrc;
        Some(View { origin: Origin { track, encoding: 0, ssrc }, layer: Layer::ALL })
    }

    /// What this sound costs.
    pub fn sound_cost(&self) -> Bitrate {
        self.encodings.first().and_then(|encoding| encoding.rates.up_to(Layer::ALL)).unwrap_or(PRESUMED_SOUND)
    }

    /// Leaves out of the fan-out list whom this publication does not concern any more. A track without packets loses
    /// nobody on the way, and viewers come and go all the same.
    pub fn retain_subscribers(&mut self, track: TrackKey, peers: &Peers) {
        self.subscribers.retain(|subscriber| {
            let line = peers.get(subscriber.peer).and_then(|peer| peer.lines.get(subscriber.line));
            line.is_some_and(|line| line.subscription.concerns(track))
        });
    }

    /// Takes the rates anew, forgets the packets of encodings that have ended without a word, and gives up wishes for
    /// encodings that nobody needs. A muted publication keeps its wishes, so that its picture is back at once.
    pub fn review(&mut self, now: Instant) {
        for encoding in &mut self.encodings {
            encoding.rates.update(now);
            if encoding.last_packet.is_some_and(|last| now.saturating_duration_since(last) >= FORGOTTEN) {
                encoding.ring = None;
            }
        }
        if self.source.is_video() && !self.muted {
            let encodings = &self.encodings;
            self.wishes.expire(now, |place| encodings.get(place).is_some_and(|encoding| encoding.is_live(now)));
        }
    }
}

/// `layer`, or everything where it is the highest that there is so far.
fn open_ended(layer: Layer, highest: Layer) -> Layer {
    let open = |layer: u8, highest: u8| if layer >= highest { u8::MAX } else { layer };
    Layer { spatial: open(layer.spatial, highest.spatial), temporal: open(layer.temporal, highest.temporal) }
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
        let mut publication = Publication::new(track, participant, Source::Camera, false, history, start);
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
        publication.review(start + FORGOTTEN - Duration::from_millis(1));
        assert!(publication.encodings[0].packet(SeqNo(7)).is_some());
        publication.review(start + FORGOTTEN);
        assert_eq!(publication.memory(), 0);
        receive(&mut publication, start + FORGOTTEN * 2);
        assert!(publication.encodings[0].packet(SeqNo(7)).is_some());
    }
}
