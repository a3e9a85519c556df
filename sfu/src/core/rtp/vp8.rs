//! The VP8 payload descriptor (RFC 7741 section 4.2, <https://www.rfc-editor.org/rfc/rfc7741#section-4.2>).

use super::bytes::Reader;
use crate::core::stats::DropReason;

/// Number of a frame, which wraps at 7 or 15 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PictureId {
    /// The number.
    pub value: u16,
    /// Bits that it has on the wire: 7 or 15.
    pub bits: u8,
}

/// What a VP8 payload says about its frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Vp8Descriptor {
    /// Whether a frame starts here: S is 1 and the partition is number 0.
    pub start_of_frame: bool,
    /// Whether a keyframe starts here.
    pub keyframe: bool,
    /// Whether no other frame refers to this one.
    pub non_reference: bool,
    /// The frame's number.
    pub picture_id: Option<PictureId>,
    /// Number of the latest frame of temporal layer 0, which wraps at 8 bits.
    pub tl0_pic_idx: Option<u8>,
    /// Temporal layer, 0 to 3; 0 if the descriptor does not say.
    pub temporal_id: u8,
    /// Whether this frame refers to layer 0 only, so that a decoder may go up to its layer here.
    pub layer_sync: bool,
    /// Number of the keyframe that this frame descends from, which wraps at 5 bits.
    pub key_idx: Option<u8>,
    /// Width and height in pixels, told by the first packet of a keyframe.
    pub size: Option<(u16, u16)>,
    /// Bytes of the descriptor.
    pub len: usize,
    /// Where the picture id is, in bytes; of use only if there is one.
    picture_id_at: usize,
    /// Where the index is, in bytes; of use only if there is one.
    tl0_pic_idx_at: usize,
}

impl Vp8Descriptor {
    /// Reads the descriptor at the start of an RTP payload, and the frame header behind it.
    pub fn parse(payload: &[u8]) -> Result<Self, DropReason> {
        Self::read(payload).ok_or(DropReason::Malformed)
    }

    fn read(payload: &[u8]) -> Option<Self> {
        let mut reader = Reader(payload);
        let first = reader.u8()?;
        let mut descriptor = Self {
            start_of_frame: first & 0x17 == 0x10,
            keyframe: false,
            non_reference: first & 0x20 != 0,
            picture_id: None,
            tl0_pic_idx: None,
            temporal_id: 0,
            layer_sync: false,
            key_idx: None,
            size: None,
            len: 0,
            picture_id_at: 0,
            tl0_pic_idx_at: 0,
        };
        let optional = if first & 0x80 != 0 { reader.u8()? } else { 0 };
        descriptor.read_optional(optional, &mut reader, payload.len())?;
        descriptor.len = payload.len() - reader.0.len();
        if descriptor.start_of_frame {
            descriptor.keyframe = reader.0.first()? & 1 == 0;
        }
        if descriptor.keyframe {
            descriptor.size = keyframe_size(reader);
        }
        // A descriptor without a payload is no VP8.
        (!reader.0.is_empty()).then_some(descriptor)
    }

    fn read_optional(&mut self, present: u8, reader: &mut Reader<'_>, payload_len: usize) -> Option<()> {
        if present & 0x80 != 0 {
            self.picture_id_at = payload_len - reader.0.len();
            let short = reader.u8()?;
            self.picture_id = Some(if short & 0x80 == 0 {
                PictureId { value: short.into(), bits: 7 }
            } else {
                PictureId { value: u16::from_be_bytes([short & 0x7f, reader.u8()?]), bits: 15 }
            });
        }
        if present & 0x40 != 0 {
            self.tl0_pic_idx_at = payload_len - reader.0.len();
            self.tl0_pic_idx = Some(reader.u8()?);
        }
        if present & 0x30 != 0 {
            let byte = reader.u8()?;
            if present & 0x20 != 0 {
                self.temporal_id = byte >> 6;
                self.layer_sync = byte & 0x20 != 0;
            }
            if present & 0x10 != 0 {
                self.key_idx = Some(byte & 0x1f);
            }
        }
        Some(())
    }

    /// Writes other numbers into the descriptor of `payload`, in place and in the same number of bits; what the
    /// descriptor does not have is left out.
    pub fn rewrite(&self, payload: &mut [u8], picture_id: u16, tl0_pic_idx: u8) {
        let [high, low] = picture_id.to_be_bytes();
        match self.picture_id {
            Some(PictureId { bits: 7, .. }) => put(payload, self.picture_id_at, low & 0x7f),
            Some(_) => {
                put(payload, self.picture_id_at, high | 0x80);
                put(payload, self.picture_id_at + 1, low);
            }
            None => {}
        }
        if self.tl0_pic_idx.is_some() {
            put(payload, self.tl0_pic_idx_at, tl0_pic_idx);
        }
    }
}

fn put(payload: &mut [u8], at: usize, value: u8) {
    if let Some(byte) = payload.get_mut(at) {
        *byte = value;
    }
}

/// Width and height from the header of a keyframe (RFC 6386 section 9.1,
/// <https://www.rfc-editor.org/rfc/rfc6386#section-9.1>); their upper two bits tell how to scale and are left out.
fn keyframe_size(mut frame: Reader<'_>) -> Option<(u16, u16)> {
    let _tag = frame.u24()?;
    if frame.u24()? != 0x9d_01_2a {
        return None;
    }
    let mut side = || frame.array().map(|bytes| u16::from_le_bytes(bytes) & 0x3fff);
    Some((side()?, side()?))
}
