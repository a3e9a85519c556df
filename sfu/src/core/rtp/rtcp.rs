//! RTCP: reports and feedback about RTP streams (RFC 3550 section 6,
//! <https://www.rfc-editor.org/rfc/rfc3550#section-6>; RFC 4585 section 6,
//! <https://www.rfc-editor.org/rfc/rfc4585#section-6>).

mod transport_cc;
pub mod write;

pub use transport_cc::TransportCcFeedback;

use super::Ssrc;
use super::bytes::Reader;
use crate::core::stats::DropReason;

const VERSION: u8 = 2;

/// Packet types (<https://www.iana.org/assignments/rtp-parameters/rtp-parameters.xhtml#rtp-parameters-4>).
mod kind {
    pub(super) const SENDER_REPORT: u8 = 200;
    pub(super) const RECEIVER_REPORT: u8 = 201;
    pub(super) const SOURCE_DESCRIPTION: u8 = 202;
    pub(super) const BYE: u8 = 203;
    pub(super) const TRANSPORT_FEEDBACK: u8 = 205;
    pub(super) const PAYLOAD_FEEDBACK: u8 = 206;
}

/// Formats of feedback packets; those of 205 and of 206 are counted apart.
mod format {
    pub(super) const NACK: u8 = 1;
    pub(super) const TRANSPORT_CC: u8 = 15;
    pub(super) const PLI: u8 = 1;
    pub(super) const FIR: u8 = 4;
    pub(super) const APPLICATION: u8 = 15;
}

/// How well a stream arrives (RFC 3550 section 6.4.1, <https://www.rfc-editor.org/rfc/rfc3550#section-6.4.1>).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ReportBlock {
    /// The stream reported on.
    pub ssrc: Ssrc,
    /// Packets lost since the report before, in 256ths.
    pub fraction_lost: u8,
    /// Packets lost since the start: 24 bits, negative when duplicates outweigh losses.
    pub cumulative_lost: i32,
    /// Highest sequence number received: wraps in the upper 16 bits.
    pub highest_seq: u32,
    /// Mean deviation of the packets' spacing, in units of the codec's clock rate.
    pub jitter: u32,
    /// The middle 32 bits of the latest sender report's time, or 0.
    pub last_sr: u32,
    /// Time since that report arrived, in 65536ths of a second, or 0.
    pub delay_since_sr: u32,
}

/// One packet of an RTCP compound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RtcpPacket {
    /// What a sender has sent, and how its clocks relate.
    SenderReport {
        /// The stream.
        ssrc: Ssrc,
        /// Time of the report: seconds since 1900 in 32.32 fixed point.
        ntp: u64,
        /// The same moment in the stream's timestamps.
        rtp: u32,
        /// Packets sent since the start; wraps.
        packets: u32,
        /// Payload bytes sent since the start; wraps.
        octets: u32,
        /// On streams that the sender receives.
        reports: Vec<ReportBlock>,
    },
    /// Reports of someone who does not send.
    ReceiverReport {
        /// Who reports.
        ssrc: Ssrc,
        /// On streams that it receives.
        reports: Vec<ReportBlock>,
    },
    /// Packets to send again (RFC 4585 section 6.2.1).
    Nack {
        /// Their stream.
        media: Ssrc,
        /// Their sequence numbers, in the order in which they were asked for.
        lost: Vec<u16>,
    },
    /// A keyframe is needed: a picture is lost (RFC 4585 section 6.3.1).
    Pli {
        /// Of this stream.
        media: Ssrc,
    },
    /// Keyframes are needed (RFC 5104 section 4.3.1, <https://www.rfc-editor.org/rfc/rfc5104#section-4.3.1>).
    Fir {
        /// Of these streams.
        media: Vec<Ssrc>,
    },
    /// When packets of the whole transport arrived.
    TransportCc(TransportCcFeedback),
    /// The receiver's estimate of the bandwidth (draft-alvestrand-rmcat-remb-03,
    /// <https://datatracker.ietf.org/doc/html/draft-alvestrand-rmcat-remb-03>).
    Remb {
        /// Bits per second.
        bitrate: u64,
        /// The streams it covers.
        ssrcs: Vec<Ssrc>,
    },
    /// Streams end.
    Bye {
        /// The streams.
        ssrcs: Vec<Ssrc>,
    },
    /// A packet of another type, by its number.
    Other(u8),
}

/// Hands every packet of a compound to `each`, reduced-size ones too (RFC 5506,
/// <https://www.rfc-editor.org/rfc/rfc5506>).
///
/// The compound is checked as a whole first: if its lengths do not add up, `each` is never called. A packet whose
/// inside is broken ends the walk; those before it have been handed over by then. A list that a packet yields is
/// never longer than the packet in bits.
pub fn parse_rtcp(packet: &[u8], mut each: impl FnMut(RtcpPacket)) -> Result<(), DropReason> {
    walk(packet, |_| Some(()))?;
    walk(packet, |part| {
        each(part.parse()?);
        Some(())
    })
}

fn walk(packet: &[u8], mut each: impl FnMut(Part<'_>) -> Option<()>) -> Result<(), DropReason> {
    let mut rest = Reader(packet);
    if rest.0.is_empty() {
        return Err(DropReason::Malformed);
    }
    while !rest.0.is_empty() {
        Part::split(&mut rest).and_then(&mut each).ok_or(DropReason::Malformed)?;
    }
    Ok(())
}

/// One packet of a compound, not yet understood.
struct Part<'a> {
    /// Five bits: a number of entries, or a format.
    count: u8,
    kind: u8,
    body: Reader<'a>,
}

impl<'a> Part<'a> {
    fn split(rest: &mut Reader<'a>) -> Option<Self> {
        let [flags, kind, words0, words1] = rest.array()?;
        if flags >> 6 != VERSION {
            return None;
        }
        let mut body = rest.take(4 * usize::from(u16::from_be_bytes([words0, words1])))?;
        if flags & 0x20 != 0 {
            let padding = usize::from(*body.last()?);
            body = body.get(..body.len().checked_sub(padding)?)?;
        }
        Some(Self { count: flags & 0x1f, kind, body: Reader(body) })
    }

    fn parse(mut self) -> Option<RtcpPacket> {
        match self.kind {
            kind::SENDER_REPORT => Some(RtcpPacket::SenderReport {
                ssrc: self.ssrc()?,
                ntp: self.body.u64()?,
                rtp: self.body.u32()?,
                packets: self.body.u32()?,
                octets: self.body.u32()?,
                reports: self.reports()?,
            }),
            kind::RECEIVER_REPORT => Some(RtcpPacket::ReceiverReport { ssrc: self.ssrc()?, reports: self.reports()? }),
            kind::BYE => {
                let ssrcs = (0..self.count).map(|_| self.ssrc()).collect::<Option<_>>()?;
                Some(RtcpPacket::Bye { ssrcs })
            }
            kind::TRANSPORT_FEEDBACK => self.transport_feedback(),
            kind::PAYLOAD_FEEDBACK => self.payload_feedback(),
            other => Some(RtcpPacket::Other(other)),
        }
    }

    fn ssrc(&mut self) -> Option<Ssrc> {
        self.body.u32().map(Ssrc)
    }

    fn reports(&mut self) -> Option<Vec<ReportBlock>> {
        (0..self.count).map(|_| self.report()).collect()
    }

    fn report(&mut self) -> Option<ReportBlock> {
        let ssrc = self.ssrc()?;
        let fraction_lost = self.body.u8()?;
        Some(ReportBlock {
            ssrc,
            fraction_lost,
            // Shifting up and down again extends the sign of the 24 bits.
            cumulative_lost: ((self.body.u24()? << 8) as i32) >> 8,
            highest_seq: self.body.u32()?,
            jitter: self.body.u32()?,
            last_sr: self.body.u32()?,
            delay_since_sr: self.body.u32()?,
        })
    }

    fn transport_feedback(&mut self) -> Option<RtcpPacket> {
        let sender = self.ssrc()?;
        let media = self.ssrc()?;
        match self.count {
            format::NACK => Some(RtcpPacket::Nack { media, lost: self.nack()? }),
            format::TRANSPORT_CC => TransportCcFeedback::parse(sender, media, self.body).map(RtcpPacket::TransportCc),
            _ => Some(RtcpPacket::Other(self.kind)),
        }
    }

    fn nack(&mut self) -> Option<Vec<u16>> {
        let mut lost = Vec::new();
        while !self.body.0.is_empty() {
            let first = self.body.u16()?;
            let following = self.body.u16()?;
            lost.push(first);
            lost.extend((0..16).filter(|bit| following >> bit & 1 != 0).map(|bit| first.wrapping_add(bit + 1)));
        }
        Some(lost)
    }

    fn payload_feedback(&mut self) -> Option<RtcpPacket> {
        let _sender = self.ssrc()?;
        let media = self.ssrc()?;
        match self.count {
            format::PLI => Some(RtcpPacket::Pli { media }),
            format::FIR => {
                // An entry is the stream, a number and three bytes of nothing.
                let media = self.body.0.chunks_exact(8).filter_map(|entry| Reader(entry).u32().map(Ssrc)).collect();
                Some(RtcpPacket::Fir { media })
            }
            format::APPLICATION if self.body.0.starts_with(b"REMB") => self.remb(),
            _ => Some(RtcpPacket::Other(self.kind)),
        }
    }

    fn remb(&mut self) -> Option<RtcpPacket> {
        let _name = self.body.u32()?;
        let count = self.body.u8()?;
        let value = self.body.u24()?;
        let bitrate = u128::from(value & 0x3_ffff) << (value >> 18);
        let ssrcs = (0..count).map(|_| self.ssrc()).collect::<Option<_>>()?;
        Some(RtcpPacket::Remb { bitrate: u64::try_from(bitrate).unwrap_or(u64::MAX), ssrcs })
    }
}

#[cfg(test)]
mod tests;
