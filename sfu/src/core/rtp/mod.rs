//! RTP and RTCP on the wire, and the newtypes of their fields.
//!
//! Parsers take a datagram as it came and give a verdict ([`DropReason`](super::stats::DropReason)); none can panic and
//! none allocates for an RTP packet.

mod av1;
mod bytes;
mod codec;
mod dependency;
mod extension;
mod h264;
mod header;
mod layer;
mod red;
pub mod rtcp;
mod token;
pub mod vp8;
mod vp9;
mod window;

pub use codec::{Codec, PayloadInfo};
pub use dependency::{Dependency, Structure, Targets};
pub use extension::{AudioLevel, ExtensionMap, Extensions, dependency_descriptor};
pub use header::{OutgoingHeader, RtpHeader, is_rtcp, without_padding, write_header};
pub use layer::{Layer, Sizes, SwitchUp};
pub use red::Red;
pub use token::{Mid, Rid};
pub use window::{Seen, SeqWindow};

/// Synchronisation source: names one RTP stream inside a peer connection
/// (RFC 3550 section 3, <https://www.rfc-editor.org/rfc/rfc3550#section-3>).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ssrc(pub u32);

/// RTP payload type, 0 to 127. What it means is agreed on in the session description.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pt(pub u8);

/// Extended sequence number: how often the 16 bits of the header wrapped (the roll-over counter), then these 16 bits.
///
/// At most 48 bits are used: the packet index of SRTP (RFC 3711 section 3.3.1,
/// <https://www.rfc-editor.org/rfc/rfc3711#section-3.3.1>).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeqNo(pub u64);

impl SeqNo {
    /// Guesses the roll-over counter of `seq` as the one that brings it closest to `highest`, the highest number
    /// known to be genuine. The first packet of a stream has counter 0.
    ///
    /// With counter 0 a number that seems to lie before the start is taken for a jump ahead instead.
    pub fn extend(highest: Option<Self>, seq: u16) -> Self {
        let Some(highest) = highest else { return Self(seq.into()) };
        let cycle = highest.0 & !0xffff;
        let guess = cycle | u64::from(seq);
        let ahead = seq.wrapping_sub(highest.low());
        if ahead < 0x8000 && seq < highest.low() {
            Self(guess + 0x1_0000)
        } else if ahead > 0x8000 && seq > highest.low() {
            Self(guess.checked_sub(0x1_0000).unwrap_or(guess))
        } else {
            Self(guess)
        }
    }

    /// The 16 bits that the header carries.
    pub fn low(self) -> u16 {
        self.0 as u16
    }

    /// The roll-over counter.
    pub fn roc(self) -> u32 {
        (self.0 >> 16) as u32
    }
}

#[cfg(test)]
mod tests;
