//! What a client's offer means for its peer: which sections publish what, and which lines we send in.

use super::rewrite::LineKind;
use super::rtp::{ExtensionMap, Mid, Pt, Rid, Ssrc};
use super::sdp::{Direction, MediaKind, OfferedCodec, OfferedMedia, SdpOffer};
use crate::config::SfuConfig;
use crate::control::{OfferError, Sections, Source};

/// Encodings of one publication: `l`, `m` and `h`, and one to spare.
const MAX_ENCODINGS: usize = 4;

/// A section in which the client sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishSection {
    /// The section.
    pub mid: Mid,
    /// What it carries.
    pub source: Source,
    /// The agreed codec.
    pub pt: Pt,
    /// The codec's retransmissions.
    pub rtx: Option<Pt>,
    /// The simulcast encodings as offered; none means one encoding.
    pub rids: Vec<Rid>,
    /// Streams that the offer announced, each with that of its retransmissions.
    pub ssrcs: Vec<(Ssrc, Option<Ssrc>)>,
}

/// A section in which we send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineSection {
    /// The section.
    pub mid: Mid,
    /// Sound or picture.
    pub kind: LineKind,
    /// The agreed codec.
    pub pt: Pt,
    /// The codec's retransmissions.
    pub rtx: Option<Pt>,
}

/// The lines of one slot, as places in [`Plan::lines`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SlotLines {
    /// The picture's.
    pub video: usize,
    /// The sound's.
    pub audio: usize,
}

/// What all offers of a peer so far have agreed on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// Sections in which the client sends.
    pub publish: Vec<PublishSection>,
    /// Sections in which we send. Only ever appended to.
    pub lines: Vec<LineSection>,
    /// The slots, by number.
    pub slots: Vec<SlotLines>,
    /// The audio-only slots, as places in `lines`.
    pub audio_slots: Vec<usize>,
    /// The header extensions of the whole bundle.
    pub extensions: ExtensionMap,
}

impl Plan {
    /// Extends `self` by what a new offer says.
    ///
    /// # Errors
    /// [`OfferError::Sections`] when purposes and description do not match, [`OfferError::Contradiction`] when an
    /// earlier offer said otherwise, [`OfferError::TooLarge`] and [`OfferError::Unsupported`].
    pub fn extend(&self, offer: &SdpOffer, sections: &Sections, config: &SfuConfig) -> Result<Self, OfferError> {
        if sections.slots.len() > config.max_slots || sections.audio_slots.len() > config.max_slots {
            return Err(OfferError::TooLarge);
        }
        let mut plan = Self { extensions: bundle_extensions(offer), ..self.clone() };
        plan.publish = publish_sections(offer, sections)?;
        if self.publish.iter().any(|old| !plan.publish.iter().any(|new| new.mid == old.mid && new.source == old.source))
        {
            return Err(OfferError::Contradiction);
        }
        for (number, slot) in sections.slots.iter().enumerate() {
            let video = line_section(offer, &slot.video, LineKind::Video)?;
            let audio = line_section(offer, &slot.audio, LineKind::Audio)?;
            match plan.slots.get(number).copied() {
                Some(known) => plan.expect(known.video, &video).and(plan.expect(known.audio, &audio))?,
                None => {
                    let lines = SlotLines { video: plan.append(video), audio: plan.append(audio) };
                    plan.slots.push(lines);
                }
            }
        }
        for (number, mid) in sections.audio_slots.iter().enumerate() {
            let audio = line_section(offer, mid, LineKind::Audio)?;
            match plan.audio_slots.get(number).copied() {
                Some(known) => plan.expect(known, &audio)?,
                None => {
                    let line = plan.append(audio);
                    plan.audio_slots.push(line);
                }
            }
        }
        if plan.slots.len() != sections.slots.len() || plan.audio_slots.len() != sections.audio_slots.len() {
            return Err(OfferError::Contradiction);
        }
        plan.check_mids()?;
        Ok(plan)
    }

    fn append(&mut self, line: LineSection) -> usize {
        self.lines.push(line);
        self.lines.len() - 1
    }

    fn expect(&self, place: usize, line: &LineSection) -> Result<(), OfferError> {
        if self.lines.get(place).is_some_and(|known| known.mid == line.mid) {
            Ok(())
        } else {
            Err(OfferError::Contradiction)
        }
    }

    fn check_mids(&self) -> Result<(), OfferError> {
        let mut mids: Vec<Mid> = self.lines.iter().map(|line| line.mid).collect();
        mids.extend(self.publish.iter().map(|section| section.mid));
        let named = mids.len();
        mids.sort_unstable();
        mids.dedup();
        if mids.len() == named { Ok(()) } else { Err(OfferError::Sections) }
    }
}

fn publish_sections(offer: &SdpOffer, sections: &Sections) -> Result<Vec<PublishSection>, OfferError> {
    let mut publish: Vec<PublishSection> = Vec::with_capacity(Source::ALL.len());
    for (source, mid) in &sections.publish {
        let media = find(offer, mid)?;
        let kind = if source.is_video() { LineKind::Video } else { LineKind::Audio };
        let sends = matches!(media.direction, Direction::SendOnly | Direction::SendRecv);
        if !sends || !fits(media, kind) || publish.iter().any(|section| section.source == *source) {
            return Err(OfferError::Sections);
        }
        if media.rids.len() > MAX_ENCODINGS {
            return Err(OfferError::TooLarge);
        }
        let codec = choose_codec(media, kind)?;
        publish.push(PublishSection {
            mid: media.mid,
            source: *source,
            pt: codec.pt,
            rtx: codec.rtx,
            rids: media.rids.clone(),
            ssrcs: media.ssrcs.clone(),
        });
    }
    Ok(publish)
}

fn line_section(offer: &SdpOffer, mid: &str, kind: LineKind) -> Result<LineSection, OfferError> {
    let media = find(offer, mid)?;
    let receives = matches!(media.direction, Direction::RecvOnly | Direction::SendRecv);
    if !receives || !fits(media, kind) {
        return Err(OfferError::Sections);
    }
    let codec = choose_codec(media, kind)?;
    Ok(LineSection { mid: media.mid, kind, pt: codec.pt, rtx: codec.rtx })
}

fn find<'o>(offer: &'o SdpOffer, mid: &str) -> Result<&'o OfferedMedia, OfferError> {
    let found = offer.media.iter().find(|media| media.mid.as_str() == mid && !media.rejected);
    found.ok_or(OfferError::Sections)
}

fn fits(media: &OfferedMedia, kind: LineKind) -> bool {
    matches!((media.kind, kind), (MediaKind::Video, LineKind::Video) | (MediaKind::Audio, LineKind::Audio))
}

/// VP8 and Opus: what every browser has.
fn choose_codec(media: &OfferedMedia, kind: LineKind) -> Result<&OfferedCodec, OfferError> {
    let name = match kind {
        LineKind::Video => "vp8",
        LineKind::Audio => "opus",
    };
    let found = media.codecs.iter().find(|codec| codec.name == name && codec.clock_rate == kind.clock_rate());
    found.ok_or(OfferError::Unsupported)
}

/// In a bundle one id means one extension, so the sections' maps can be laid over each other.
fn bundle_extensions(offer: &SdpOffer) -> ExtensionMap {
    let mut all = ExtensionMap::default();
    for media in &offer.media {
        for (id, uri) in media.extensions.entries() {
            all.set_uri(uri, id);
        }
    }
    all
}
