//! Makes the offers and takes the answers in.

use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::format::Codec;
use str0m::media::{Direction, MediaKind, Mid, Pt, Simulcast, SimulcastLayer};
use str0m::{Rtc, RtcError};

use super::encoder::{Publisher, RIDS};
use super::stats::{ClientStats, PublishStats};
use super::{ClientConfig, PublishSpec, Source};
use crate::client::receiver::Receiver;

/// An SDP offer and what its sections are for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The session description.
    pub sdp: String,
    /// Sections in which the client sends, by mid.
    pub publish: Vec<(Source, String)>,
    /// Slots: the mids of the picture and of its sound.
    pub slots: Vec<(String, String)>,
    /// Mids of the audio-only slots.
    pub audio_slots: Vec<String>,
}

/// What a later offer changes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Change {
    /// New ICE credentials.
    pub ice_restart: bool,
    /// Slots to add.
    pub more_slots: usize,
}

/// Why an offer or an answer came to nothing.
#[derive(Debug)]
#[non_exhaustive]
pub enum NegotiationError {
    /// The first offer was made before and the change is empty.
    NothingToOffer,
    /// An answer without an offer.
    NoOffer,
    /// The answer cannot be parsed.
    Malformed(String),
    /// The answer does not fit the offer.
    Rejected(RtcError),
}

impl std::fmt::Display for NegotiationError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NothingToOffer => f.write_str("there is nothing to offer"),
            Self::NoOffer => f.write_str("an answer came without an offer"),
            Self::Malformed(error) => write!(f, "the answer is malformed: {error}"),
            Self::Rejected(error) => write!(f, "the answer does not fit the offer: {error}"),
        }
    }
}

impl std::error::Error for NegotiationError {}

/// The negotiation's state.
#[derive(Default)]
pub(crate) struct Negotiation {
    pending: Option<SdpPendingOffer>,
    offered: bool,
}

impl Negotiation {
    /// Makes the first offer, with everything of the configuration, or a later one, with the change. The client's own
    /// sections come first, then the slots, as the web SDK does it.
    pub(crate) fn offer(
        &mut self,
        rtc: &mut Rtc,
        config: &ClientConfig,
        change: Change,
        media: &mut Media<'_>,
    ) -> Result<Offer, NegotiationError> {
        let mut api = rtc.sdp_api();
        let first = !std::mem::replace(&mut self.offered, true);
        if first {
            for spec in &config.publish {
                let mid = api.add_media(
                    kind(spec.source.is_video()),
                    Direction::SendOnly,
                    Some(spec.source.stream().to_owned()),
                    None,
                    simulcast(spec),
                );
                media.publishers.push(Publisher::new(spec.clone(), mid, config.seed));
                media.stats.publish.push(PublishStats::new(spec.source, spec.simulcast));
            }
        }
        let mut receive = |video| api.add_media(kind(video), Direction::RecvOnly, None, None, None);
        for _ in 0..change.more_slots + if first { config.slots } else { 0 } {
            let (video, audio) = (receive(true), receive(false));
            media.receiver.add_slot(video, audio, media.stats);
        }
        for _ in 0..if first { config.audio_slots } else { 0 } {
            media.receiver.add_audio_slot(receive(false), media.stats);
        }
        if change.ice_restart {
            api.ice_restart(true);
        }
        let (offer, pending) = api.apply().ok_or(NegotiationError::NothingToOffer)?;
        self.pending = Some(pending);
        Ok(media.describe(like_a_browser(&offer.to_sdp_string())))
    }

    pub(crate) fn answer(&mut self, rtc: &mut Rtc, sdp: &str, receiver: &Receiver) -> Result<(), NegotiationError> {
        let pending = self.pending.take().ok_or(NegotiationError::NoOffer)?;
        let answer = SdpAnswer::from_sdp_string(sdp).map_err(|error| NegotiationError::Malformed(error.to_string()))?;
        rtc.sdp_api().accept_answer(pending, answer).map_err(NegotiationError::Rejected)?;
        // str0m makes a send stream for each new section, whatever its direction, and would send reports for it.
        for mid in receiver.mids() {
            let ssrc = rtc.direct_api().stream_tx_by_mid(mid, None).map(|stream| stream.ssrc());
            ssrc.map(|ssrc| rtc.direct_api().remove_stream_tx(ssrc));
        }
        Ok(())
    }
}

/// The media that an offer describes.
pub(crate) struct Media<'a> {
    pub(crate) publishers: &'a mut Vec<Publisher>,
    pub(crate) receiver: &'a mut Receiver,
    pub(crate) stats: &'a mut ClientStats,
}

impl Media<'_> {
    fn describe(&self, sdp: String) -> Offer {
        let slots = self.receiver.slots.iter();
        Offer {
            sdp,
            publish: self.publishers.iter().map(|one| (one.source(), one.mid.to_string())).collect(),
            slots: slots.map(|(video, audio)| (video.to_string(), audio.to_string())).collect(),
            audio_slots: self.receiver.audio_slots.iter().map(Mid::to_string).collect(),
        }
    }
}

/// The payload type that both sides have for a section's VP8 or Opus.
pub(crate) fn payload_type(rtc: &Rtc, mid: Mid) -> Option<Pt> {
    let media = rtc.media(mid)?;
    let codec = if media.kind() == MediaKind::Video { Codec::Vp8 } else { Codec::Opus };
    let mut params = rtc.codec_config().params().iter();
    params.find(|one| one.spec().codec == codec && media.remote_pts().contains(&one.pt())).map(|one| one.pt())
}

fn kind(video: bool) -> MediaKind {
    if video { MediaKind::Video } else { MediaKind::Audio }
}

fn simulcast(spec: &PublishSpec) -> Option<Simulcast> {
    spec.simulcast.then(|| {
        let mut simulcast = Simulcast::new();
        RIDS.iter().for_each(|rid| simulcast.add_send_layer(SimulcastLayer::new(rid)));
        simulcast
    })
}

/// Takes out what str0m offers and Chromium does not: SSRCs of simulcast encodings (they are found by mid and rid)
/// and of sections that only receive.
fn like_a_browser(sdp: &str) -> String {
    let mut out = String::with_capacity(sdp.len());
    for section in sections(sdp) {
        let receives = section.contains("\na=recvonly");
        let drop_ssrcs = receives || section.contains("\na=simulcast:");
        for line in section.split_inclusive('\n') {
            let dropped = drop_ssrcs && line.starts_with("a=ssrc") || receives && line.starts_with("a=msid:");
            if !dropped {
                out.push_str(line);
            }
        }
    }
    out
}

/// The session part and each media section, every one with its line ends.
fn sections(sdp: &str) -> impl Iterator<Item = &str> {
    let starts = std::iter::once(0).chain(sdp.match_indices("\nm=").map(|(at, _)| at + 1));
    let ends = sdp.match_indices("\nm=").map(|(at, _)| at + 1).chain(std::iter::once(sdp.len()));
    starts.zip(ends).map(|(start, end)| &sdp[start..end])
}
