//! The RTP header (RFC 3550 section 5.1, <https://www.rfc-editor.org/rfc/rfc3550#section-5.1>).

use super::extension::{ExtensionMap, Extensions};
use super::{Pt, Ssrc};
use crate::core::stats::DropReason;

const VERSION: u8 = 2;
const FIXED_LEN: usize = 12;

/// Whether a datagram of the RTP family (first byte 128 to 191) is RTCP: by its second byte (RFC 5761 section 4,
/// <https://www.rfc-editor.org/rfc/rfc5761#section-4>).
pub fn is_rtcp(packet: &[u8]) -> bool {
    matches!(packet.get(1), Some(192..=223))
}

/// The header of a received RTP packet. SRTP leaves it readable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RtpHeader {
    /// Whether the payload ends in padding.
    pub padding: bool,
    /// The marker: for video the last packet of a frame, for audio the first one after silence.
    pub marker: bool,
    /// The payload type.
    pub pt: Pt,
    /// The sequence number's low 16 bits.
    pub seq: u16,
    /// When the payload was sampled, in units of the codec's clock rate.
    pub timestamp: u32,
    /// The stream.
    pub ssrc: Ssrc,
    /// Bytes of the header, with its list of contributing sources and its extension.
    pub len: usize,
    /// The extension's kind (its first two bytes, "defined by profile").
    pub extension_profile: u16,
    /// Where the extension's elements start in the packet, in bytes.
    pub extension_at: usize,
    /// Bytes of the extension's elements; 0 if there is no extension.
    pub extension_len: usize,
}

impl RtpHeader {
    /// Reads the header at the start of `packet`, protected or not.
    pub fn parse(packet: &[u8]) -> Result<Self, DropReason> {
        let fixed = packet.first_chunk::<FIXED_LEN>().ok_or(DropReason::Malformed)?;
        let [flags, kind, s0, s1, t0, t1, t2, t3, r0, r1, r2, r3] = *fixed;
        if flags >> 6 != VERSION {
            return Err(DropReason::Malformed);
        }
        let mut header = Self {
            padding: flags & 0x20 != 0,
            marker: kind & 0x80 != 0,
            pt: Pt(kind & 0x7f),
            seq: u16::from_be_bytes([s0, s1]),
            timestamp: u32::from_be_bytes([t0, t1, t2, t3]),
            ssrc: Ssrc(u32::from_be_bytes([r0, r1, r2, r3])),
            len: FIXED_LEN + 4 * usize::from(flags & 0x0f),
            extension_profile: 0,
            extension_at: 0,
            extension_len: 0,
        };
        if flags & 0x10 != 0 {
            let head = packet.get(header.len..).and_then(<[u8]>::first_chunk::<4>).ok_or(DropReason::Malformed)?;
            let [p0, p1, words0, words1] = *head;
            header.extension_profile = u16::from_be_bytes([p0, p1]);
            header.extension_at = header.len + 4;
            header.extension_len = 4 * usize::from(u16::from_be_bytes([words0, words1]));
            header.len = header.extension_at + header.extension_len;
        }
        if packet.len() < header.len { Err(DropReason::Malformed) } else { Ok(header) }
    }

    /// The extension's elements.
    pub(super) fn extension<'p>(&self, packet: &'p [u8]) -> &'p [u8] {
        packet.get(self.extension_at..).and_then(|rest| rest.get(..self.extension_len)).unwrap_or_default()
    }
}

/// The payload without the padding that `header` announces; empty if there is nothing but padding. `payload` must be
/// plaintext, as the length of the padding is encrypted too.
pub fn without_padding<'p>(header: &RtpHeader, payload: &'p [u8]) -> Result<&'p [u8], DropReason> {
    if !header.padding {
        return Ok(payload);
    }
    let padding = usize::from(*payload.last().ok_or(DropReason::Malformed)?);
    match payload.len().checked_sub(padding) {
        Some(len) if padding > 0 => payload.get(..len).ok_or(DropReason::Malformed),
        _ => Err(DropReason::Malformed),
    }
}

/// The header of an RTP packet to send. There are no contributing sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OutgoingHeader {
    /// The marker.
    pub marker: bool,
    /// Whether the payload ends in padding; its last byte then counts the padding's bytes, itself included.
    pub padding: bool,
    /// The payload type, 0 to 127.
    pub pt: Pt,
    /// The sequence number's low 16 bits.
    pub seq: u16,
    /// When the payload was sampled, in units of the codec's clock rate.
    pub timestamp: u32,
    /// The stream.
    pub ssrc: Ssrc,
}

/// Appends a header to `out` and returns its length in bytes. Extensions that `map` gives no id are left out.
pub fn write_header(out: &mut Vec<u8>, header: &OutgoingHeader, extensions: &Extensions, map: &ExtensionMap) -> usize {
    let start = out.len();
    let mut fixed = [0; FIXED_LEN];
    fixed[0] = VERSION << 6 | u8::from(header.padding) << 5;
    fixed[1] = u8::from(header.marker) << 7 | header.pt.0 & 0x7f;
    fixed[2..4].copy_from_slice(&header.seq.to_be_bytes());
    fixed[4..8].copy_from_slice(&header.timestamp.to_be_bytes());
    fixed[8..].copy_from_slice(&header.ssrc.0.to_be_bytes());
    out.extend_from_slice(&fixed);
    if extensions.write(map, out) {
        out[start] |= 0x10;
    }
    out.len() - start
}
