//! One outgoing RTP line: a slot's picture or sound, with one SSRC for ever, whatever it carries.

use std::time::{Duration, Instant};

use rand::{Rng, RngExt};

use super::requests::Requests;
use crate::core::negotiation::{Format, LineSection};
use crate::core::packets::Packet;
use crate::core::rewrite::{Numbers, Rewriter};
use crate::core::rtp::rtcp::write;
use crate::core::rtp::{Codec, Extensions, OutgoingHeader, Pt, SeqNo, Ssrc, write_header};
use crate::core::subscription::Subscription;

/// Interval of sender reports. Browsers need the first ones soon to synchronise sound and picture.
const REPORT_INTERVAL: Duration = Duration::from_secs(1);

/// The name in our source descriptions; the same for all, as one sender with one clock.
const CNAME: &str = "confab";

/// Retransmissions that may be sent for each packet forwarded, so that a viewer who asks for everything gets at most
/// this share on top of its stream. A path that loses a fifth each way needs 0.31 for full repair.
const RETRANSMISSIONS_PER_PACKET: f32 = 0.35;

/// Retransmissions that may be saved up for a burst of losses.
const RETRANSMISSION_BURST: f32 = 200.0;

/// Bytes of padding in a packet that carries nothing else: one byte counts them.
const PADDING: u8 = 224;

/// See the module's text.
#[derive(Debug)]
pub struct Line {
    /// The section that it is sent in.
    pub section: LineSection,
    /// Its stream.
    pub ssrc: Ssrc,
    /// What it shows.
    pub subscription: Subscription,
    /// Its numbers.
    pub rewriter: Rewriter,
    rtx: Option<Ssrc>,
    rtx_seq: SeqNo,
    rtx_credit: f32,
    requests: Requests,
    packets: u32,
    octets: u32,
    last_number: Option<u16>,
    report_due: Instant,
}

/// What a retransmission is sent as.
#[derive(Debug, Clone, Copy)]
pub struct Retransmission {
    /// The stream.
    pub ssrc: Ssrc,
    /// The payload type, which also tells the codec of what is retransmitted.
    pub pt: Pt,
    /// The number in the stream.
    pub seq: SeqNo,
}

/// A sender report that is due.
#[derive(Debug, Clone, Copy)]
pub struct DueReport {
    ssrc: Ssrc,
    ntp: u64,
    rtp: u32,
    packets: u32,
    octets: u32,
}

impl DueReport {
    /// Appends it, with the source description.
    pub fn write(&self, out: &mut Vec<u8>) {
        write::sender_report(out, self.ssrc, self.ntp, self.rtp, self.packets, self.octets, &[], CNAME);
    }
}

impl Line {
    /// A line that has carried nothing yet. `ssrcs` are its stream's and that of its retransmissions.
    pub fn new(section: LineSection, [ssrc, rtx]: [Ssrc; 2], now: Instant, rng: &mut impl Rng) -> Self {
        let retransmits = section.formats.iter().any(|format| format.rtx.is_some());
        Self {
            ssrc,
            subscription: Subscription::default(),
            rewriter: Rewriter::new(section.kind, rng.random()),
            rtx: retransmits.then_some(rtx),
            section,
            rtx_seq: SeqNo(0),
            rtx_credit: RETRANSMISSION_BURST,
            requests: Requests::default(),
            packets: 0,
            octets: 0,
            last_number: None,
            report_due: now,
        }
    }

    /// The stream of its retransmissions.
    pub fn rtx_ssrc(&self) -> Option<Ssrc> {
        self.rtx
    }

    /// Whether its packets carry transport-wide numbers: the client has agreed to tell of them in this section.
    pub fn takes_number(&self) -> bool {
        self.section.extensions.transport_cc != 0
    }

    /// The number of the packet sent last.
    pub fn last_number(&self) -> Option<u16> {
        self.last_number
    }

    /// The header extensions of a packet on its way to the viewer: never the publisher's own mid or rid.
    fn extensions(&self, packet: &Packet<'_>, number: Option<u16>) -> Extensions {
        Extensions {
            mid: Some(self.section.mid),
            transport_cc: number,
            audio_level: packet.audio_level,
            video_orientation: packet.video_orientation,
            ..Extensions::default()
        }
    }

    /// Appends header and payload of a packet in its codec's `format`, with its transport-wide number if it has one;
    /// returns the header's length. Earlier sound that it carries along goes out to a viewer who takes it, and is left
    /// out for others.
    pub fn write_media(
        &mut self,
        out: &mut Vec<u8>,
        format: &Format,
        numbers: Numbers,
        packet: &Packet<'_>,
        number: Option<u16>,
    ) -> usize {
        self.last_number = Some(numbers.seq.low());
        self.packets = self.packets.wrapping_add(1);
        let (pt, payload) = match (packet.info.red, format.red) {
            (Some(_), Some(red)) => (red, packet.payload),
            (Some(red), None) => (format.pt, red.primary(packet.payload)),
            (None, _) => (format.pt, packet.payload),
        };
        let packet = &Packet { payload, ..*packet };
        self.octets = self.octets.wrapping_add(payload.len() as u32);
        self.rtx_credit = (self.rtx_credit + RETRANSMISSIONS_PER_PACKET).min(RETRANSMISSION_BURST);
        let header = OutgoingHeader {
            marker: packet.marker,
            padding: false,
            pt,
            seq: numbers.seq.low(),
            timestamp: numbers.timestamp,
            ssrc: self.ssrc,
        };
        let length = write_header(out, &header, &self.extensions(packet, number), &self.section.extensions);
        let start = out.len();
        append_payload(out, numbers, packet);
        if let (Some(red), Some(payload)) = (packet.info.red.filter(|_| pt != format.pt), out.get_mut(start..)) {
            red.rewrite(payload, format.pt);
        }
        length
    }

    /// Whether the viewer may have a retransmission: to look a packet up is more work than to ask for it.
    pub fn may_retransmit(&self) -> bool {
        self.rtx.is_some() && self.rtx_credit >= 1.0
    }

    /// How many copies of a packet that the viewer asks for it is sent.
    pub fn copies(&mut self, seq: u16) -> usize {
        self.requests.copies(seq)
    }

    /// One retransmission of the viewer's share is used up.
    pub fn charge_retransmission(&mut self) {
        self.rtx_credit -= 1.0;
    }

    /// The stream, payload type and number of the next retransmission, of a packet with `codec`; `None` when the viewer
    /// takes none of it.
    pub fn next_retransmission(&mut self, codec: Codec) -> Option<Retransmission> {
        let ssrc = self.rtx?;
        let pt = self.section.format(codec)?.rtx?;
        self.rtx_seq = SeqNo(self.rtx_seq.0 + 1);
        Some(Retransmission { ssrc, pt, seq: self.rtx_seq })
    }

    /// Appends header and payload of a retransmission (RFC 4588 section 4,
    /// <https://www.rfc-editor.org/rfc/rfc4588#section-4>); returns the header's length.
    pub fn write_retransmission(
        &self,
        out: &mut Vec<u8>,
        repair: Retransmission,
        numbers: Numbers,
        packet: &Packet<'_>,
        number: Option<u16>,
    ) -> usize {
        let header = OutgoingHeader {
            marker: packet.marker,
            padding: false,
            pt: repair.pt,
            seq: repair.seq.low(),
            timestamp: numbers.timestamp,
            ssrc: repair.ssrc,
        };
        let length = write_header(out, &header, &self.extensions(packet, number), &self.section.extensions);
        out.extend_from_slice(&numbers.seq.low().to_be_bytes());
        append_payload(out, numbers, packet);
        length
    }

    /// The stream, payload type and number of the next packet of padding, and its timestamp; `None` if the line has no
    /// retransmission stream.
    pub fn next_padding(&mut self, now: Instant) -> Option<(Retransmission, u32)> {
        let timestamp = self.rewriter.timestamp_at(now).unwrap_or_default();
        let codec = self.section.formats.iter().find(|format| format.rtx.is_some())?.codec;
        Some((self.next_retransmission(codec)?, timestamp))
    }

    /// Appends a packet of nothing but padding (RFC 3550 section 5.1,
    /// <https://www.rfc-editor.org/rfc/rfc3550#section-5.1>); returns the header's length.
    pub fn write_padding(&self, out: &mut Vec<u8>, repair: Retransmission, timestamp: u32, number: u16) -> usize {
        let header = OutgoingHeader {
            marker: false,
            padding: true,
            pt: repair.pt,
            seq: repair.seq.low(),
            timestamp,
            ssrc: repair.ssrc,
        };
        let extensions =
            Extensions { mid: Some(self.section.mid), transport_cc: Some(number), ..Extensions::default() };
        let length = write_header(out, &header, &extensions, &self.section.extensions);
        out.resize(out.len() + usize::from(PADDING) - 1, 0);
        out.push(PADDING);
        length
    }

    /// When its next sender report is due, if it carries anything then.
    pub fn report_due(&self) -> Instant {
        self.report_due
    }

    /// The sender report, when one is due. A line that has carried nothing has none: a report without media would
    /// spoil the browser's lip-sync for the line's whole life.
    pub fn sender_report(&mut self, now: Instant, ntp: u64) -> Option<DueReport> {
        self.subscription.current?;
        if now < self.report_due {
            return None;
        }
        let rtp = self.rewriter.timestamp_at(now)?;
        self.report_due = now + REPORT_INTERVAL;
        Some(DueReport { ssrc: self.ssrc, ntp, rtp, packets: self.packets, octets: self.octets })
    }
}

fn append_payload(out: &mut Vec<u8>, numbers: Numbers, packet: &Packet<'_>) {
    let start = out.len();
    out.extend_from_slice(packet.payload);
    if let Some(payload) = out.get_mut(start..) {
        packet.info.rewrite(payload, numbers.picture_id, numbers.tl0_pic_idx);
    }
}
