//! What a client's offer means for its peer: which sections publish what, and which lines we send in.

use super::rewrite::LineKind;
use super::rtp::{Codec, ExtensionMap, Mid, Pt, Rid, Ssrc};
use super::sdp::{Direction, MediaKind, OfferedCodec, OfferedMedia, SdpOffer};
use crate::config::SfuConfig;
use crate::control::{OfferError, Sections, Source};

/// Encodings of one publication: `l`, `m` and `h`, and one to spare.
pub const MAX_ENCODINGS: usize = 4;

/// A codec and its payload types in one section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Format {
    /// The codec.
    pub codec: Codec,
    /// Its payload type.
    pub pt: Pt,
    /// That of its retransmissions.
    pub rtx: Option<Pt>,
    /// That of packets which carry earlier ones along (RFC 2198).
    pub red: Option<Pt>,
    /// Whether the client prefers such packets to plain ones.
    pub prefers_red: bool,
}

impl Format {
    /// Its payload types, the preferred one first.
    fn payload_types(&self) -> impl Iterator<Item = Pt> + use<> {
        let (first, last) = if self.prefers_red { (self.red, None) } else { (None, self.red) };
        first.into_iter().chain([self.pt]).chain(last)
    }
}

/// A section in which the client sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishSection {
    /// The section.
    pub mid: Mid,
    /// What it carries.
    pub source: Source,
    /// The one codec agreed on: the first of the client's preferences that we forward.
    pub format: Format,
    /// The simulcast encodings as offered; none means one encoding.
    pub rids: Vec<Rid>,
    /// Streams that the offer announced, each with that of its retransmissions.
    pub ssrcs: Vec<(Ssrc, Option<Ssrc>)>,
}

/// A section in which we send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineSection {
    /// The section.
    pub mid: Mid,
    /// Sound or picture.
    pub kind: LineKind,
    /// All codecs that the client takes and that we forward, for a line carries whatever is published; each once.
    pub formats: Vec<Format>,
    /// The header extensions of this section; transport-wide numbers only if the client tells of them, since what
    /// nobody tells of would count as lost.
    pub extensions: ExtensionMap,
}

impl LineSection {
    /// How a codec is sent in this section, if the client takes it.
    pub fn format(&self, codec: Codec) -> Option<&Format> {
        self.formats.iter().find(|format| format.codec == codec)
    }

    /// Whether the client takes the codec in this section.
    pub fn takes(&self, codec: Codec) -> bool {
        self.format(codec).is_some()
    }
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
        plan.lines.shrink_to_fit();
        plan.slots.shrink_to_fit();
        Ok(plan)
    }

    /// The payload types agreed on in a section, the preferred one first; none if the section has no purpose.
    pub fn payload_types(&self, mid: Mid) -> Vec<Pt> {
        let publish = self.publish.iter().filter(|section| section.mid == mid).map(|section| &section.format);
        let lines = self.lines.iter().filter(|section| section.mid == mid).flat_map(|section| &section.formats);
        publish.chain(lines).flat_map(Format::payload_types).collect()
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
        let format = formats(media, kind).next().ok_or(OfferError::Unsupported)?;
        publish.push(PublishSection {
            mid: media.mid,
            source: *source,
            format,
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
    let mut unique: Vec<Format> = Vec::new();
    for format in formats(media, kind) {
        // Browsers offer H.264 under several payload types that differ in nothing we care about.
        if unique.iter().all(|known| known.codec != format.codec) {
            unique.push(format);
        }
    }
    if unique.is_empty() {
        return Err(OfferError::Unsupported);
    }
    let mut extensions = media.extensions;
    if !media.tells("transport-cc") {
        extensions.transport_cc = 0;
    }
    Ok(LineSection { mid: media.mid, kind, formats: unique, extensions })
}

fn find<'o>(offer: &'o SdpOffer, mid: &str) -> Result<&'o OfferedMedia, OfferError> {
    let found = offer.media.iter().find(|media| media.mid.as_str() == mid && !media.rejected);
    found.ok_or(OfferError::Sections)
}

fn fits(media: &OfferedMedia, kind: LineKind) -> bool {
    matches!((media.kind, kind), (MediaKind::Video, LineKind::Video) | (MediaKind::Audio, LineKind::Audio))
}

/// What a section offers of the codecs that we forward, in the client's order of preference.
fn formats(media: &OfferedMedia, kind: LineKind) -> impl Iterator<Item = Format> {
    let known = media.codecs.iter().filter_map(|offered| {
        let codec = Codec::from_sdp(&offered.name, offered.clock_rate, &offered.fmtp)?;
        let red = media.codecs.iter().position(|red| carries(red, offered.pt));
        let place = media.codecs.iter().position(|known| known.pt == offered.pt);
        let prefers_red = red.is_some() && red < place;
        let red = red.and_then(|place| Some(media.codecs.get(place)?.pt));
        Some(Format { codec, pt: offered.pt, rtx: offered.rtx, red, prefers_red })
    });
    known.filter(move |format| format.codec.is_video() == (kind == LineKind::Video))
}

/// Whether `red` is sound of payload type `block` with earlier sound: `111/111` in its parameters, one for each block.
fn carries(red: &OfferedCodec, block: Pt) -> bool {
    let is_red = red.name == "red" && red.clock_rate == LineKind::Audio.clock_rate();
    is_red && red.fmtp.split('/').all(|listed| listed.trim().parse() == Ok(block.0))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::SlotSections;

    #[test]
    fn only_sections_that_tell_of_them_get_transport_wide_numbers() {
        let offer = include_str!("sdp/fixtures/firefox.offer.sdp");
        let (sound, picture) = ("a=rtcp-fb:109 transport-cc\n", "a=extmap:7 http://www.ietf.org/id/draft-holmer");
        for (name, text, expected) in [
            ("all", offer.to_owned(), [7, 7]),
            ("no feedback for sound", offer.replace(sound, ""), [7, 0]),
            ("no extension", offer.replace(picture, "a=extmap:7 http://example.org"), [0, 0]),
        ] {
            let config = SfuConfig::default();
            let slots = vec![SlotSections { video: "2".into(), audio: "3".into() }];
            let sections = Sections { publish: Vec::new(), slots, audio_slots: Vec::new() };
            let offer = SdpOffer::parse(&text, &config).unwrap();
            let plan = Plan::default().extend(&offer, &sections, &config).unwrap();
            let ids: Vec<u8> = plan.lines.iter().map(|line| line.extensions.transport_cc).collect();
            assert_eq!(ids, expected, "{name}");
        }
    }
}
