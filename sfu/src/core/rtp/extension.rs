//! RTP header extensions (RFC 8285, <https://www.rfc-editor.org/rfc/rfc8285>).

use super::bytes::Reader;
use super::header::RtpHeader;
use super::token::{Mid, Rid};

/// Marks elements of the one-byte form (RFC 8285 section 4.2).
const ONE_BYTE: u16 = 0xbede;
/// Marks elements of the two-byte form, in the upper 12 bits (RFC 8285 section 4.3).
const TWO_BYTE: u16 = 0x1000;
/// Highest id that the one-byte form can carry; 15 is reserved.
const MAX_ONE_BYTE_ID: u8 = 14;

/// Which id each extension has in one media section: 1 to 14, or up to 255 in the two-byte form; 0 if it was not
/// agreed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct ExtensionMap {
    /// The section's [`Mid`] (RFC 8843 section 15).
    pub mid: u8,
    /// The encoding's [`Rid`] (RFC 8852 section 3.1).
    pub rid: u8,
    /// The [`Rid`] of the encoding that this stream retransmits (RFC 8852 section 3.2).
    pub repaired_rid: u8,
    /// The transport-wide sequence number (draft-holmer-rmcat-transport-wide-cc-extensions-01).
    pub transport_cc: u8,
    /// The time of sending (<https://webrtc.googlesource.com/src/+/main/docs/native-code/rtp-hdrext/abs-send-time>).
    pub abs_send_time: u8,
    /// The [`AudioLevel`] (RFC 6464).
    pub audio_level: u8,
    /// How the picture is turned (3GPP TS 26.114 section 7.4.5).
    pub video_orientation: u8,
    /// The dependency descriptor of AV1, which we read and never send.
    pub dependency_descriptor: u8,
}

impl ExtensionMap {
    const URIS: [&'static str; 8] = [
        "urn:ietf:params:rtp-hdrext:sdes:mid",
        "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
        "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",
        "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
        "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
        "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
        "urn:3gpp:video-orientation",
        Self::DEPENDENCY_DESCRIPTOR,
    ];

    /// The URI of the dependency descriptor.
    pub const DEPENDENCY_DESCRIPTOR: &'static str =
        "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension";

    fn ids(&self) -> [u8; 8] {
        [
            self.mid,
            self.rid,
            self.repaired_rid,
            self.transport_cc,
            self.abs_send_time,
            self.audio_level,
            self.video_orientation,
            self.dependency_descriptor,
        ]
    }

    /// Gives the extension named `uri` an id. False if the extension is not one of ours, or `id` is 0 or belongs to
    /// another one.
    pub fn set_uri(&mut self, uri: &str, id: u8) -> bool {
        let Some(place) = Self::URIS.iter().position(|known| *known == uri) else { return false };
        let taken = self.ids().iter().enumerate().any(|(other, &used)| used == id && other != place);
        if id == 0 || taken {
            return false;
        }
        let slots = [
            &mut self.mid,
            &mut self.rid,
            &mut self.repaired_rid,
            &mut self.transport_cc,
            &mut self.abs_send_time,
            &mut self.audio_level,
            &mut self.video_orientation,
            &mut self.dependency_descriptor,
        ];
        if let Some(slot) = slots.into_iter().nth(place) {
            *slot = id;
        }
        true
    }

    /// The ids agreed on, with their extensions' URIs.
    pub fn entries(&self) -> impl Iterator<Item = (u8, &'static str)> + use<> {
        self.ids().into_iter().zip(Self::URIS).filter(|(id, _)| *id != 0)
    }
}

/// Loudness of an audio packet (RFC 6464, <https://www.rfc-editor.org/rfc/rfc6464>).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AudioLevel {
    /// Whether the sender thinks that this is speech.
    pub voice: bool,
    /// Level in -dBov: 0 is loudest, 127 is silence.
    pub level: u8,
}

/// The extensions of one packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Extensions {
    /// The media section.
    pub mid: Option<Mid>,
    /// The encoding.
    pub rid: Option<Rid>,
    /// The encoding that this packet retransmits.
    pub repaired_rid: Option<Rid>,
    /// The transport-wide sequence number.
    pub transport_cc: Option<u16>,
    /// The time of sending: seconds modulo 64 in 6.18 fixed point, 24 bits.
    pub abs_send_time: Option<u32>,
    /// The loudness.
    pub audio_level: Option<AudioLevel>,
    /// How the picture is turned: the byte of 3GPP TS 26.114 section 7.4.5.
    pub video_orientation: Option<u8>,
}

impl Extensions {
    /// Reads the extensions of `packet` that `map` knows. What is broken or unknown is left out.
    pub fn parse(header: &RtpHeader, packet: &[u8], map: &ExtensionMap) -> Self {
        let mut extensions = Self::default();
        elements(header, packet).for_each(|(id, value)| extensions.set(id, value, map));
        extensions
    }

    fn set(&mut self, id: u8, value: &[u8], map: &ExtensionMap) {
        if id == map.mid {
            self.mid = Mid::from_bytes(value);
        } else if id == map.rid {
            self.rid = Rid::from_bytes(value);
        } else if id == map.repaired_rid {
            self.repaired_rid = Rid::from_bytes(value);
        } else if id == map.transport_cc {
            self.transport_cc = value.try_into().ok().map(u16::from_be_bytes);
        } else if id == map.abs_send_time {
            self.abs_send_time = Reader(value).u24().filter(|_| value.len() == 3);
        } else if id == map.audio_level {
            self.audio_level = one(value).map(|byte| AudioLevel { voice: byte & 0x80 != 0, level: byte & 0x7f });
        } else if id == map.video_orientation {
            self.video_orientation = one(value);
        }
    }

    /// Appends the extension block, if there is anything to write.
    pub(super) fn write(&self, map: &ExtensionMap, out: &mut Vec<u8>) -> bool {
        let start = out.len();
        let two_byte = map.ids().into_iter().max() > Some(MAX_ONE_BYTE_ID);
        let profile = if two_byte { TWO_BYTE } else { ONE_BYTE };
        out.extend_from_slice(&profile.to_be_bytes());
        out.extend_from_slice(&[0, 0]);
        self.write_elements(map, &mut Elements { out, two_byte });
        let len = out.len() - start - 4;
        if len == 0 {
            out.truncate(start);
            return false;
        }
        let words = len.div_ceil(4);
        out.resize(start + 4 + 4 * words, 0);
        out[start + 2..start + 4].copy_from_slice(&(words as u16).to_be_bytes());
        true
    }

    fn write_elements(&self, map: &ExtensionMap, elements: &mut Elements<'_>) {
        if let Some(mid) = &self.mid {
            elements.push(map.mid, mid.as_bytes());
        }
        if let Some(rid) = &self.rid {
            elements.push(map.rid, rid.as_bytes());
        }
        if let Some(rid) = &self.repaired_rid {
            elements.push(map.repaired_rid, rid.as_bytes());
        }
        if let Some(seq) = self.transport_cc {
            elements.push(map.transport_cc, &seq.to_be_bytes());
        }
        if let Some(time) = self.abs_send_time {
            elements.push(map.abs_send_time, &time.to_be_bytes()[1..]);
        }
        if let Some(AudioLevel { voice, level }) = self.audio_level {
            elements.push(map.audio_level, &[u8::from(voice) << 7 | level & 0x7f]);
        }
        if let Some(orientation) = self.video_orientation {
            elements.push(map.video_orientation, &[orientation]);
        }
    }
}

/// The dependency descriptor of `packet`; empty if there is none.
pub fn dependency_descriptor<'p>(header: &RtpHeader, packet: &'p [u8], map: &ExtensionMap) -> &'p [u8] {
    if map.dependency_descriptor == 0 {
        return &[];
    }
    let found = elements(header, packet).find(|(id, _)| *id == map.dependency_descriptor);
    found.map_or(&[], |(_, value)| value)
}

/// The elements of a packet's extension, up to the first broken one: ids, which are never 0, and values.
fn elements<'p>(header: &RtpHeader, packet: &'p [u8]) -> impl Iterator<Item = (u8, &'p [u8])> + use<'p> {
    let (one_byte, two_byte) = (header.extension_profile == ONE_BYTE, header.extension_profile & 0xfff0 == TWO_BYTE);
    let mut rest = Reader(if one_byte || two_byte { header.extension(packet) } else { &[] });
    std::iter::from_fn(move || {
        loop {
            let head = rest.u8()?;
            // Padding between elements is a zero byte.
            if head == 0 {
                continue;
            }
            if two_byte {
                return rest.u8().and_then(|len| rest.take(len.into())).map(|value| (head, value));
            }
            let value = rest.take(usize::from(head & 0x0f) + 1);
            match head >> 4 {
                // Id 15 ends the elements (RFC 8285 section 4.2), and id 0 has no meaning.
                15 => return None,
                0 if value.is_some() => {}
                id => return value.map(|value| (id, value)),
            }
        }
    })
}

fn one(value: &[u8]) -> Option<u8> {
    value.try_into().ok().map(|[byte]: [u8; 1]| byte)
}

/// Where elements are written, and in which form.
struct Elements<'a> {
    out: &'a mut Vec<u8>,
    two_byte: bool,
}

impl Elements<'_> {
    /// Appends one element of 1 to 16 bytes, unless its extension was not agreed on.
    fn push(&mut self, id: u8, value: &[u8]) {
        if id == 0 {
            return;
        }
        let len = value.len() as u8;
        if self.two_byte {
            self.out.extend_from_slice(&[id, len]);
        } else {
            self.out.push(id << 4 | (len - 1));
        }
        self.out.extend_from_slice(value);
    }
}
