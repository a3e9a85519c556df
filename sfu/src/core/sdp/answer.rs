//! Writing our answer.
//!
//! We are always ICE-lite and the DTLS server (`a=setup:passive`): the server picks the SRTP profile, and it picks
//! AES-GCM. All accepted sections share one transport (RFC 8843, <https://www.rfc-editor.org/rfc/rfc8843>).

use std::fmt::{self, Write};

use super::offer::{MediaKind, OfferedCodec, OfferedMedia, SdpOffer};
use crate::core::endpoint::{Endpoint, Protocol};
use crate::core::rtp::{ExtensionMap, Pt, Ssrc};

/// One name for all our streams: which streams belong together is told by the stream id.
const CNAME: &str = "confab";
/// Largest message on a data channel, in bytes.
const MAX_MESSAGE_BYTES: u32 = 262_144;

/// Our end of the transport.
#[derive(Debug, Clone, Copy)]
pub struct AnswerTransport<'a> {
    /// Our ICE user name.
    pub ufrag: &'a str,
    /// Our ICE password.
    pub pwd: &'a str,
    /// Our certificate, as in `a=fingerprint`: `sha-256 AA:BB..`.
    pub fingerprint: &'a str,
    /// Where we can be reached, the preferred one first.
    pub candidates: &'a [Endpoint],
    /// Number of the session; the same in every answer to one peer.
    pub session_id: u64,
    /// Number of the answer; one more in each answer to one peer.
    pub version: u32,
}

/// What we answer to one section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerSection<'a> {
    /// Refuse it.
    Reject,
    /// Keep it without media.
    Inactive,
    /// Open data channels.
    Data,
    /// The client sends.
    Receive {
        /// Payload types to agree on, the preferred one first.
        codecs: &'a [Pt],
    },
    /// We send.
    Send {
        /// Payload types to agree on, the preferred one first.
        codecs: &'a [Pt],
        /// Stream id; sections that share it are kept in sync.
        stream: &'a str,
        /// Track id.
        track: &'a str,
        /// Our stream.
        ssrc: Ssrc,
        /// Our stream of retransmissions.
        rtx: Option<Ssrc>,
    },
}

impl AnswerSection<'_> {
    /// The codecs agreed on that the client really offered.
    fn codecs<'o>(&self, media: &'o OfferedMedia) -> Vec<&'o OfferedCodec> {
        let wanted = match self {
            Self::Receive { codecs } | Self::Send { codecs, .. } => *codecs,
            // A section without media must still name a codec.
            Self::Inactive => return media.codecs.first().into_iter().collect(),
            Self::Reject | Self::Data => return Vec::new(),
        };
        wanted.iter().filter_map(|pt| media.codecs.iter().find(|codec| codec.pt == *pt)).collect()
    }

    fn direction(&self) -> &'static str {
        match self {
            Self::Receive { .. } => "recvonly",
            Self::Send { .. } => "sendonly",
            Self::Reject | Self::Inactive | Self::Data => "inactive",
        }
    }

    /// Whether we offer to send packets again: only if they have a stream of their own.
    fn retransmits(&self) -> bool {
        !matches!(self, Self::Send { rtx: None, .. })
    }
}

/// A section of the offer with our answer to it.
struct Section<'a> {
    media: &'a OfferedMedia,
    answer: AnswerSection<'a>,
    codecs: Vec<&'a OfferedCodec>,
}

impl<'a> Section<'a> {
    fn new(media: &'a OfferedMedia, answer: AnswerSection<'a>) -> Self {
        Self { media, answer, codecs: answer.codecs(media) }
    }

    fn is_data(&self) -> bool {
        self.answer == AnswerSection::Data && self.media.kind == MediaKind::Application
    }

    /// Media without a codec is refused, whatever was wanted: no valid answer could accept it.
    fn is_accepted(&self) -> bool {
        !self.media.rejected && (self.is_data() || !self.codecs.is_empty())
    }
}

/// Writes the answer to `offer`. `sections` are the answers to its sections in their order; those that are missing
/// are refused, and so is a section that shares no codec with its answer.
pub fn write_answer(offer: &SdpOffer, transport: &AnswerTransport<'_>, sections: &[AnswerSection<'_>]) -> String {
    let answers = sections.iter().copied().chain(std::iter::repeat(AnswerSection::Reject));
    let sections: Vec<_> = offer.media.iter().zip(answers).map(|(media, answer)| Section::new(media, answer)).collect();
    let mut text = Text(String::with_capacity(1024 * (1 + sections.len())));
    text.session(transport, &sections);
    let first = sections.iter().position(Section::is_accepted);
    for (place, section) in sections.iter().enumerate() {
        if !section.is_accepted() {
            text.refused(section.media);
            continue;
        }
        text.transport(section, transport, first == Some(place));
        if section.is_data() {
            text.line(format_args!("a=sctp-port:5000"));
            text.line(format_args!("a=max-message-size:{MAX_MESSAGE_BYTES}"));
        } else {
            text.media(section);
        }
    }
    text.0
}

/// The answer so far.
struct Text(String);

impl Text {
    fn line(&mut self, line: fmt::Arguments<'_>) {
        // Writing to a String cannot fail.
        let _ = write!(self.0, "{line}\r\n");
    }

    fn session(&mut self, transport: &AnswerTransport<'_>, sections: &[Section<'_>]) {
        self.line(format_args!("v=0"));
        self.line(format_args!("o=- {} {} IN IP4 0.0.0.0", transport.session_id, transport.version));
        self.line(format_args!("s=-"));
        self.line(format_args!("t=0 0"));
        let accepted = sections.iter().filter(|section| section.is_accepted());
        let mids: String = accepted.map(|section| format!(" {}", section.media.mid)).collect();
        self.line(format_args!("a=group:BUNDLE{mids}"));
        self.line(format_args!("a=ice-lite"));
        self.line(format_args!("a=extmap-allow-mixed"));
        self.line(format_args!("a=msid-semantic: WMS *"));
        self.line(format_args!("a=fingerprint:{}", transport.fingerprint));
    }

    fn media_line(&mut self, media: &OfferedMedia, port: u16, formats: &str) {
        let kind = match media.kind {
            MediaKind::Audio => "audio",
            MediaKind::Video => "video",
            MediaKind::Application => "application",
        };
        self.line(format_args!("m={kind} {port} {} {formats}", media.protocol));
        self.line(format_args!("c=IN IP4 0.0.0.0"));
        self.line(format_args!("a=mid:{}", media.mid));
    }

    fn refused(&mut self, media: &OfferedMedia) {
        self.media_line(media, 0, &media.formats);
        self.line(format_args!("a=inactive"));
    }

    fn transport(&mut self, section: &Section<'_>, transport: &AnswerTransport<'_>, first: bool) {
        if section.is_data() {
            self.media_line(section.media, 9, &section.media.formats);
        } else {
            let mut formats: Vec<String> = section.codecs.iter().map(|codec| codec.pt.0.to_string()).collect();
            if section.answer.retransmits() {
                formats.extend(section.codecs.iter().filter_map(|codec| codec.rtx).map(|pt| pt.0.to_string()));
            }
            self.media_line(section.media, 9, &formats.join(" "));
        }
        self.line(format_args!("a=ice-ufrag:{}", transport.ufrag));
        self.line(format_args!("a=ice-pwd:{}", transport.pwd));
        self.line(format_args!("a=setup:passive"));
        if !first {
            return;
        }
        for (place, candidate) in transport.candidates.iter().enumerate() {
            let (ip, port) = (candidate.address.ip(), candidate.address.port());
            let (number, priority) = (place + 1, candidate_priority(candidate.protocol, place));
            match candidate.protocol {
                Protocol::Udp => {
                    self.line(format_args!("a=candidate:{number} 1 udp {priority} {ip} {port} typ host"));
                }
                Protocol::Tcp => self
                    .line(format_args!("a=candidate:{number} 1 tcp {priority} {ip} {port} typ host tcptype passive")),
            }
        }
        self.line(format_args!("a=end-of-candidates"));
    }

    fn media(&mut self, section: &Section<'_>) {
        self.line(format_args!("a={}", section.answer.direction()));
        self.line(format_args!("a=rtcp-mux"));
        self.line(format_args!("a=rtcp-rsize"));
        // Descriptors are of use where we receive AV1; we never send them.
        let describes = matches!(section.answer, AnswerSection::Receive { .. })
            && section.codecs.iter().any(|codec| codec.name == "av1");
        let agreed = |uri: &str| describes || uri != ExtensionMap::DEPENDENCY_DESCRIPTOR;
        for (id, uri) in section.media.extensions.entries().filter(|(_, uri)| agreed(uri)) {
            self.line(format_args!("a=extmap:{id} {uri}"));
        }
        for codec in &section.codecs {
            self.codec(codec, &section.answer);
        }
        match section.answer {
            AnswerSection::Receive { .. } => self.simulcast(section.media),
            AnswerSection::Send { stream, track, ssrc, rtx, .. } => self.streams(stream, track, ssrc, rtx),
            AnswerSection::Reject | AnswerSection::Inactive | AnswerSection::Data => {}
        }
    }

    fn codec(&mut self, codec: &OfferedCodec, answer: &AnswerSection<'_>) {
        let pt = codec.pt.0;
        let (name, clock_rate) = (spelling(&codec.name), codec.clock_rate);
        if codec.channels > 1 {
            self.line(format_args!("a=rtpmap:{pt} {name}/{clock_rate}/{}", codec.channels));
        } else {
            self.line(format_args!("a=rtpmap:{pt} {name}/{clock_rate}"));
        }
        // Our own feedback is transport-wide; the older estimate of the receiver is of use where the client receives.
        let sends = matches!(answer, AnswerSection::Send { .. });
        for feedback in codec.feedback.iter().filter(|feedback| sends || *feedback != "goog-remb") {
            self.line(format_args!("a=rtcp-fb:{pt} {feedback}"));
        }
        if !codec.fmtp.is_empty() {
            self.line(format_args!("a=fmtp:{pt} {}", codec.fmtp));
        }
        if let Some(Pt(rtx)) = codec.rtx.filter(|_| answer.retransmits()) {
            self.line(format_args!("a=rtpmap:{rtx} rtx/{clock_rate}"));
            self.line(format_args!("a=fmtp:{rtx} apt={pt}"));
        }
    }

    /// Agrees to every encoding that was offered (RFC 8853 section 5.3,
    /// <https://www.rfc-editor.org/rfc/rfc8853#section-5.3>).
    fn simulcast(&mut self, media: &OfferedMedia) {
        if media.rids.is_empty() {
            return;
        }
        for rid in &media.rids {
            self.line(format_args!("a=rid:{rid} recv"));
        }
        let rids: Vec<_> = media.rids.iter().map(|rid| rid.as_str()).collect();
        self.line(format_args!("a=simulcast:recv {}", rids.join(";")));
    }

    fn streams(&mut self, stream: &str, track: &str, ssrc: Ssrc, rtx: Option<Ssrc>) {
        self.line(format_args!("a=msid:{stream} {track}"));
        if let Some(rtx) = rtx {
            // Without the group Chromium cannot tell what a retransmission belongs to.
            self.line(format_args!("a=ssrc-group:FID {} {}", ssrc.0, rtx.0));
        }
        for Ssrc(ssrc) in std::iter::once(ssrc).chain(rtx) {
            self.line(format_args!("a=ssrc:{ssrc} cname:{CNAME}"));
            self.line(format_args!("a=ssrc:{ssrc} msid:{stream} {track}"));
        }
    }
}

/// Priority of the host candidate at `place` in our order of preference (RFC 8445 section 5.1.2.1,
/// <https://www.rfc-editor.org/rfc/rfc8445#section-5.1.2.1>): component 1, and a type preference of 126, or 90 over
/// TCP, which is below every path over UDP. Among the host candidates over TCP a passive one has direction preference 4
/// (RFC 6544 section 4.2, <https://www.rfc-editor.org/rfc/rfc6544#section-4.2>).
fn candidate_priority(protocol: Protocol, place: usize) -> u32 {
    let place = u32::try_from(place).unwrap_or(u32::MAX);
    let (kind, preference) = match protocol {
        Protocol::Udp => (126, 0xffff_u32.saturating_sub(place)),
        Protocol::Tcp => (90, 4 << 13 | 0x1fff_u32.saturating_sub(place)),
    };
    kind << 24 | preference << 8 | 255
}

/// The name as browsers write it; names are compared without case, but not every client does so.
fn spelling(name: &str) -> &str {
    match name {
        "vp8" => "VP8",
        "vp9" => "VP9",
        "av1" => "AV1",
        "h264" => "H264",
        "h265" => "H265",
        other => other,
    }
}
