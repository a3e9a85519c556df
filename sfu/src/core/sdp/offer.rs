//! Reading an offer (RFC 8866 section 5, <https://www.rfc-editor.org/rfc/rfc8866#section-5>).
//!
//! What we do not know is skipped, and what is kept is bounded by the text: a line never yields more than a few
//! short strings.

use crate::config::SfuConfig;
use crate::control::OfferError;
use crate::core::rtp::{ExtensionMap, Mid, Pt, Rid, Ssrc};

/// Most lines of an offer. Browsers need about 60 a section, and sections are limited anyway.
const MAX_LINES: usize = 20_000;
/// Most attributes of one section, and of the part before the first one. Chromium with every codec needs about 230.
const MAX_ATTRIBUTES: usize = 300;

/// Feedback that we may answer to; other kinds are not kept.
const FEEDBACK: [&str; 5] = ["transport-cc", "nack", "nack pli", "ccm fir", "goog-remb"];

/// What a section carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MediaKind {
    /// Sound.
    Audio,
    /// Pictures.
    Video,
    /// Data channels.
    Application,
}

/// Which way a section's media flows, seen from who wrote the description.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Direction {
    /// Both ways; this is meant when nothing is said.
    #[default]
    SendRecv,
    /// The writer sends.
    SendOnly,
    /// The writer receives.
    RecvOnly,
    /// No media.
    Inactive,
}

impl Direction {
    fn parse(name: &str) -> Option<Self> {
        match name {
            "sendrecv" => Some(Self::SendRecv),
            "sendonly" => Some(Self::SendOnly),
            "recvonly" => Some(Self::RecvOnly),
            "inactive" => Some(Self::Inactive),
            _ => None,
        }
    }

    /// Whether the writer sends.
    pub fn sends(self) -> bool {
        matches!(self, Self::SendRecv | Self::SendOnly)
    }

    /// Whether the writer receives.
    pub fn receives(self) -> bool {
        matches!(self, Self::SendRecv | Self::RecvOnly)
    }
}

/// A codec of a section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferedCodec {
    /// Its payload type.
    pub pt: Pt,
    /// Its name in lower case, such as `vp8` or `opus`.
    pub name: String,
    /// Units of its timestamps per second.
    pub clock_rate: u32,
    /// Channels; 1 if nothing is said.
    pub channels: u8,
    /// Its parameters as they were offered; empty if there are none.
    pub fmtp: String,
    /// The feedback offered for it, as far as we know it, such as `nack pli`.
    pub feedback: Vec<String>,
    /// Payload type of its retransmissions (RFC 4588, <https://www.rfc-editor.org/rfc/rfc4588>).
    pub rtx: Option<Pt>,
}

/// A media section of an offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferedMedia {
    /// Its name.
    pub mid: Mid,
    /// What it carries.
    pub kind: MediaKind,
    /// Which way media flows, seen from the client.
    pub direction: Direction,
    /// The transport, such as `UDP/TLS/RTP/SAVPF`.
    pub protocol: String,
    /// The rest of the `m=` line: payload types, or `webrtc-datachannel`.
    pub formats: String,
    /// Codecs in the client's order of preference, without those of retransmission. A payload type without a name is
    /// left out.
    pub codecs: Vec<OfferedCodec>,
    /// The header extensions that we know.
    pub extensions: ExtensionMap,
    /// The encodings that the client may send.
    pub rids: Vec<Rid>,
    /// The streams that the client announces, each with its stream of retransmissions if there is one.
    pub ssrcs: Vec<(Ssrc, Option<Ssrc>)>,
    /// Whether the client does not want this section (any more): port 0 outside of a bundle.
    pub rejected: bool,
}

impl OfferedMedia {
    /// Whether a feedback is offered for any of its codecs.
    pub fn tells(&self, feedback: &str) -> bool {
        self.codecs.iter().any(|codec| codec.feedback.iter().any(|offered| offered == feedback))
    }
}

/// A client's offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SdpOffer {
    /// The client's ICE user name.
    pub ufrag: String,
    /// The client's ICE password.
    pub pwd: String,
    /// The client's certificate: `sha-256`, a space and 32 bytes in upper-case hexadecimal with colons.
    pub fingerprint: String,
    /// The sections, in their order.
    pub media: Vec<OfferedMedia>,
}

impl SdpOffer {
    /// Reads an offer of at most `limits.max_offer_bytes` and `limits.max_sections`.
    pub fn parse(text: &str, limits: &SfuConfig) -> Result<Self, OfferError> {
        if text.len() > limits.max_offer_bytes {
            return Err(OfferError::TooLarge);
        }
        let mut parser = Parser::default();
        for (number, line) in text.lines().enumerate() {
            if number >= MAX_LINES {
                return Err(OfferError::TooLarge);
            }
            parser.line(number, line, limits)?;
        }
        parser.finish()
    }
}

/// What has been read so far.
#[derive(Default)]
struct Parser {
    session: Credentials,
    session_direction: Direction,
    session_attributes: usize,
    sections: Vec<Section>,
}

/// The attributes of the transport, which may stand before the sections or in one of them.
#[derive(Default)]
struct Credentials {
    ufrag: Option<String>,
    pwd: Option<String>,
    fingerprint: Option<String>,
}

impl Credentials {
    fn attribute(&mut self, name: &str, value: &str) -> Result<(), OfferError> {
        match name {
            "ice-ufrag" => self.ufrag = Some(ice_text(value, 4)?),
            "ice-pwd" => self.pwd = Some(ice_text(value, 22)?),
            "fingerprint" => self.fingerprint = fingerprint(value)?.or(self.fingerprint.take()),
            // We are the DTLS server, so the client must be ready to be the client.
            "setup" if !matches!(value, "actpass" | "active") => return Err(OfferError::Unsupported),
            _ => {}
        }
        Ok(())
    }
}

impl Parser {
    fn line(&mut self, number: usize, line: &str, limits: &SfuConfig) -> Result<(), OfferError> {
        if line.chars().any(char::is_control) {
            return Err(OfferError::Malformed);
        }
        match (number, line.split_once('=')) {
            (0, Some(("v", "0"))) => Ok(()),
            // Blank lines at the end are common and harmless.
            (1.., _) if line.is_empty() => Ok(()),
            (0, _) | (_, None) => Err(OfferError::Malformed),
            (_, Some(("m", _))) if self.sections.len() >= limits.max_sections => Err(OfferError::TooLarge),
            (_, Some(("m", value))) => {
                self.sections.push(Section::new(value, self.session_direction)?);
                Ok(())
            }
            (_, Some(("a", value))) => self.attribute(value),
            (_, Some((kind, _))) if kind.len() == 1 => Ok(()),
            _ => Err(OfferError::Malformed),
        }
    }

    fn attribute(&mut self, attribute: &str) -> Result<(), OfferError> {
        let (name, value) = attribute.split_once(':').unwrap_or((attribute, ""));
        let count = self.sections.last_mut().map_or(&mut self.session_attributes, |section| &mut section.attributes);
        *count += 1;
        if *count > MAX_ATTRIBUTES {
            return Err(OfferError::TooLarge);
        }
        let Some(section) = self.sections.last_mut() else {
            self.session_direction = Direction::parse(name).unwrap_or(self.session_direction);
            return self.session.attribute(name, value);
        };
        section.credentials.attribute(name, value)?;
        section.attribute(name, value)
    }

    fn finish(mut self) -> Result<SdpOffer, OfferError> {
        // With everything bundled the first section that has a value speaks for all, before the session's.
        let sections = self.sections.iter_mut().map(|section| &mut section.credentials);
        let mut found = Credentials::default();
        for credentials in sections.chain([&mut self.session]) {
            found.ufrag = found.ufrag.or(credentials.ufrag.take());
            found.pwd = found.pwd.or(credentials.pwd.take());
            found.fingerprint = found.fingerprint.or(credentials.fingerprint.take());
        }
        let media = self.sections.into_iter().map(Section::finish).collect::<Result<Vec<_>, _>>()?;
        let mut mids: Vec<_> = media.iter().map(|section| section.mid).collect();
        mids.sort_unstable();
        mids.dedup();
        if mids.len() < media.len() {
            return Err(OfferError::Sections);
        }
        match (found.ufrag, found.pwd, found.fingerprint) {
            (Some(ufrag), Some(pwd), Some(fingerprint)) if !media.is_empty() => {
                Ok(SdpOffer { ufrag, pwd, fingerprint, media })
            }
            _ => Err(OfferError::Unsupported),
        }
    }
}

/// An ICE user name or password: `least` to 256 visible ASCII characters (RFC 8839 section 5.4,
/// <https://www.rfc-editor.org/rfc/rfc8839#section-5.4>).
fn ice_text(value: &str, least: usize) -> Result<String, OfferError> {
    let fits = (least..=256).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_graphic());
    if fits { Ok(value.to_owned()) } else { Err(OfferError::Malformed) }
}

/// A SHA-256 fingerprint in normal form; `None` if it is by another hash function (RFC 8122 section 5,
/// <https://www.rfc-editor.org/rfc/rfc8122#section-5>).
fn fingerprint(value: &str) -> Result<Option<String>, OfferError> {
    let (hash, digest) = value.split_once(' ').ok_or(OfferError::Malformed)?;
    if !hash.eq_ignore_ascii_case("sha-256") {
        return Ok(None);
    }
    let byte = |text: &str| text.len() == 2 && text.bytes().all(|digit| digit.is_ascii_hexdigit());
    if digest.split(':').count() == 32 && digest.split(':').all(byte) {
        Ok(Some(format!("sha-256 {}", digest.to_ascii_uppercase())))
    } else {
        Err(OfferError::Malformed)
    }
}

/// A section that is being read.
struct Section {
    kind: MediaKind,
    protocol: String,
    formats: String,
    /// Port 0 in the `m=` line.
    closed: bool,
    bundle_only: bool,
    mid: Option<Mid>,
    direction: Direction,
    codecs: Vec<OfferedCodec>,
    extensions: ExtensionMap,
    rids: Vec<Rid>,
    ssrcs: Vec<Ssrc>,
    /// Streams and their streams of retransmissions.
    pairs: Vec<(Ssrc, Ssrc)>,
    credentials: Credentials,
    attributes: usize,
}

impl Section {
    fn new(line: &str, direction: Direction) -> Result<Self, OfferError> {
        let mut words = line.splitn(4, ' ');
        let mut word = || words.next().filter(|word| !word.is_empty()).ok_or(OfferError::Malformed);
        let kind = match word()? {
            "audio" => MediaKind::Audio,
            "video" => MediaKind::Video,
            "application" => MediaKind::Application,
            _ => return Err(OfferError::Unsupported),
        };
        // The number of ports that may follow a slash has no meaning here.
        let port = word()?.split('/').next().unwrap_or_default();
        let port: u16 = port.parse().map_err(|_| OfferError::Malformed)?;
        let protocol = word()?.to_owned();
        let formats = word()?.to_owned();
        let codecs = if kind == MediaKind::Application { Vec::new() } else { offered_codecs(&formats)? };
        Ok(Self {
            kind,
            protocol,
            formats,
            closed: port == 0,
            bundle_only: false,
            mid: None,
            direction,
            codecs,
            extensions: ExtensionMap::default(),
            rids: Vec::new(),
            ssrcs: Vec::new(),
            pairs: Vec::new(),
            credentials: Credentials::default(),
            attributes: 0,
        })
    }

    fn attribute(&mut self, name: &str, value: &str) -> Result<(), OfferError> {
        match name {
            "mid" => self.mid = Some(Mid::parse(value).ok_or(OfferError::Malformed)?),
            "bundle-only" => self.bundle_only = true,
            "rtpmap" => self.rtpmap(value)?,
            "fmtp" => self.fmtp(value)?,
            "rtcp-fb" => self.feedback(value)?,
            "extmap" => self.extension(value),
            "rid" => self.rid(value)?,
            "ssrc" => self.ssrc(value)?,
            "ssrc-group" => self.ssrc_group(value)?,
            _ => self.direction = Direction::parse(name).unwrap_or(self.direction),
        }
        Ok(())
    }

    fn codec(&mut self, pt: &str) -> Result<Option<&mut OfferedCodec>, OfferError> {
        let pt = payload_type(pt)?;
        Ok(self.codecs.iter_mut().find(|codec| codec.pt == pt))
    }

    fn rtpmap(&mut self, value: &str) -> Result<(), OfferError> {
        let (pt, encoding) = value.split_once(' ').ok_or(OfferError::Malformed)?;
        let Some(codec) = self.codec(pt)? else { return Ok(()) };
        let mut parts = encoding.trim().split('/');
        codec.name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let clock_rate = parts.next().and_then(|rate| rate.parse().ok()).filter(|rate| *rate > 0);
        codec.clock_rate = clock_rate.ok_or(OfferError::Malformed)?;
        codec.channels = parts.next().map_or(Ok(1), str::parse).map_err(|_| OfferError::Malformed)?;
        Ok(())
    }

    fn fmtp(&mut self, value: &str) -> Result<(), OfferError> {
        let (pt, parameters) = value.split_once(' ').unwrap_or((value, ""));
        if let Some(codec) = self.codec(pt)? {
            codec.fmtp = parameters.to_owned();
        }
        Ok(())
    }

    fn feedback(&mut self, value: &str) -> Result<(), OfferError> {
        let (pt, feedback) = value.split_once(' ').ok_or(OfferError::Malformed)?;
        if !FEEDBACK.contains(&feedback) {
            return Ok(());
        }
        let pt = if pt == "*" { None } else { Some(payload_type(pt)?) };
        for codec in self.codecs.iter_mut().filter(|codec| pt.is_none_or(|pt| codec.pt == pt)) {
            if codec.feedback.iter().all(|known| known != feedback) {
                codec.feedback.push(feedback.to_owned());
            }
        }
        Ok(())
    }

    /// An extension that we do not know, or an id that no form of header can carry, is simply not agreed on.
    fn extension(&mut self, value: &str) {
        let mut words = value.split(' ');
        let (Some(place), Some(uri)) = (words.next(), words.next()) else { return };
        let (id, direction) = place.split_once('/').unwrap_or((place, "sendrecv"));
        if let (Ok(id), true) = (id.parse(), direction != "inactive") {
            self.extensions.set_uri(uri, id);
        }
    }

    fn rid(&mut self, value: &str) -> Result<(), OfferError> {
        let mut words = value.split(' ');
        let (name, direction) = (words.next().unwrap_or_default(), words.next());
        let rid = Rid::parse(name).ok_or(OfferError::Malformed)?;
        if direction == Some("send") && !self.rids.contains(&rid) {
            self.rids.push(rid);
        }
        Ok(())
    }

    fn ssrc(&mut self, value: &str) -> Result<(), OfferError> {
        let number = value.split(' ').next().unwrap_or_default();
        let ssrc = Ssrc(number.parse().map_err(|_| OfferError::Malformed)?);
        if !self.ssrcs.contains(&ssrc) {
            self.ssrcs.push(ssrc);
        }
        Ok(())
    }

    /// Of the groups of RFC 5576 only those of retransmission matter here.
    fn ssrc_group(&mut self, value: &str) -> Result<(), OfferError> {
        let mut words = value.split(' ');
        if words.next() != Some("FID") {
            return Ok(());
        }
        let mut ssrc = || words.next().and_then(|number| number.parse().ok()).map(Ssrc).ok_or(OfferError::Malformed);
        self.pairs.push((ssrc()?, ssrc()?));
        Ok(())
    }

    fn finish(mut self) -> Result<OfferedMedia, OfferError> {
        let retransmissions: Vec<_> = self.codecs.extract_if(.., |codec| codec.name == "rtx").collect();
        self.codecs.retain(|codec| !codec.name.is_empty());
        for rtx in retransmissions {
            let Some(main) = associated(&rtx.fmtp) else { continue };
            if let Some(codec) = self.codecs.iter_mut().find(|codec| codec.pt == main && codec.rtx.is_none()) {
                codec.rtx = Some(rtx.pt);
            }
        }
        let pairs = &self.pairs;
        let is_main = |ssrc: &Ssrc| pairs.iter().all(|(_, rtx)| rtx != ssrc);
        let rtx_of = |ssrc: Ssrc| pairs.iter().find(|(main, _)| *main == ssrc).map(|(_, rtx)| *rtx);
        let ssrcs = self.ssrcs.into_iter().filter(is_main).map(|ssrc| (ssrc, rtx_of(ssrc))).collect();
        Ok(OfferedMedia {
            mid: self.mid.ok_or(OfferError::Malformed)?,
            kind: self.kind,
            direction: self.direction,
            protocol: self.protocol,
            formats: self.formats,
            codecs: self.codecs,
            extensions: self.extensions,
            rids: self.rids,
            ssrcs,
            rejected: self.closed && !self.bundle_only,
        })
    }
}

/// The payload types of an `m=` line, as codecs that have no name yet.
fn offered_codecs(formats: &str) -> Result<Vec<OfferedCodec>, OfferError> {
    let mut codecs: Vec<OfferedCodec> = Vec::new();
    for format in formats.split(' ').filter(|format| !format.is_empty()) {
        let pt = payload_type(format)?;
        if codecs.iter().any(|codec| codec.pt == pt) {
            return Err(OfferError::Malformed);
        }
        codecs.push(OfferedCodec {
            pt,
            name: String::new(),
            clock_rate: 0,
            channels: 1,
            fmtp: String::new(),
            feedback: Vec::new(),
            rtx: None,
        });
    }
    Ok(codecs)
}

fn payload_type(text: &str) -> Result<Pt, OfferError> {
    text.parse().ok().filter(|pt| *pt <= 127).map(Pt).ok_or(OfferError::Malformed)
}

/// The payload type that an `rtx` codec retransmits: its parameter `apt` (RFC 4588 section 8.1).
fn associated(fmtp: &str) -> Option<Pt> {
    let number = fmtp.split(';').find_map(|parameter| parameter.trim().strip_prefix("apt="))?;
    payload_type(number).ok()
}
