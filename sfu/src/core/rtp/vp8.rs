//! The VP8 payload descriptor (RFC 7741 section 4.2, <https://www.rfc-editor.org/rfc/rfc7741#section-4.2>).

use super::bytes::Reader;
use super::codec::PictureStart;
use super::{Layer, Sizes, SwitchUp};
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

    /// What it tells of its picture.
    pub(super) fn picture_start(&self) -> PictureStart {
        PictureStart {
            keyframe: self.keyframe,
            sizes: Sizes::one(self.size),
            layer: Layer { spatial: 0, temporal: self.temporal_id },
            begins: self.start_of_frame,
            ends: false,
            switch_up: if self.layer_sync { SwitchUp::ToThis } else { SwitchUp::Nowhere },
        }
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Frame header of a 640x360 keyframe, with scaling bits set in the height.
    const KEYFRAME: [u8; 10] = [0x50, 0x01, 0x02, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x41];

    fn payload(descriptor: &[u8], frame: &[u8]) -> Vec<u8> {
        [descriptor, frame].concat()
    }

    #[test]
    fn a_bare_descriptor_is_one_byte() {
        let descriptor = Vp8Descriptor::parse(&payload(&[0x10], &KEYFRAME)).unwrap();
        assert!(descriptor.start_of_frame && descriptor.keyframe && !descriptor.non_reference);
        assert_eq!(descriptor.size, Some((640, 360)));
        assert_eq!((descriptor.len, descriptor.picture_id, descriptor.tl0_pic_idx), (1, None, None));
        assert_eq!((descriptor.temporal_id, descriptor.layer_sync, descriptor.key_idx), (0, false, None));
    }

    #[test]
    fn only_the_first_packet_of_a_frame_can_start_a_keyframe() {
        // First byte of the descriptor, first byte of the frame; start of a frame, keyframe.
        let cases = [
            (0x10, 0x50, true, true),
            (0x10, 0x51, true, false),
            (0x30, 0x51, true, false),
            (0x00, 0x50, false, false),
            (0x11, 0x50, false, false),
            (0x14, 0x50, false, false),
        ];
        for (first, frame, start, keyframe) in cases {
            let descriptor = Vp8Descriptor::parse(&[first, frame]).unwrap();
            assert_eq!((descriptor.start_of_frame, descriptor.keyframe), (start, keyframe), "{first:x} {frame:x}");
            assert_eq!(descriptor.size, None, "the header is not whole");
            assert_eq!(descriptor.non_reference, first == 0x30);
        }
    }

    #[test]
    fn chromium_with_everything_reads_and_is_rewritten_in_place() {
        let original = payload(&[0x90, 0xf0, 0x92, 0x34, 0x56, 0x6b], &[0x11, 1, 2]);
        let descriptor = Vp8Descriptor::parse(&original).unwrap();
        assert_eq!(descriptor.picture_id, Some(PictureId { value: 0x1234, bits: 15 }));
        assert_eq!(descriptor.tl0_pic_idx, Some(0x56));
        assert_eq!((descriptor.temporal_id, descriptor.layer_sync, descriptor.key_idx), (1, true, Some(11)));
        assert_eq!(descriptor.len, 6);
        let mut rewritten = original.clone();
        descriptor.rewrite(&mut rewritten, 0xffff, 9);
        assert_eq!(rewritten, payload(&[0x90, 0xf0, 0xff, 0xff, 9, 0x6b], &[0x11, 1, 2]));
    }

    #[test]
    fn a_short_picture_id_stays_short() {
        let mut bytes = payload(&[0x90, 0x80, 0x7e], &[0x11]);
        let descriptor = Vp8Descriptor::parse(&bytes).unwrap();
        assert_eq!(descriptor.picture_id, Some(PictureId { value: 0x7e, bits: 7 }));
        descriptor.rewrite(&mut bytes, 0x0481, 9);
        assert_eq!(bytes, [0x90, 0x80, 0x01, 0x11]);
    }

    #[test]
    fn rewriting_leaves_alone_what_is_not_there() {
        for descriptor in [&[0x10][..], &[0x90, 0x20, 0x40], &[0x90, 0x00]] {
            let original = payload(descriptor, &[0x11]);
            let mut bytes = original.clone();
            Vp8Descriptor::parse(&bytes).unwrap().rewrite(&mut bytes, 1, 2);
            assert_eq!(bytes, original);
        }
    }

    #[test]
    fn a_cut_descriptor_is_malformed() {
        let whole = payload(&[0x90, 0xf0, 0x92, 0x34, 0x56, 0x6b], &[0x11]);
        for len in 0..whole.len() {
            assert_eq!(Vp8Descriptor::parse(&whole[..len]), Err(DropReason::Malformed), "{len}");
        }
        assert!(Vp8Descriptor::parse(&whole).is_ok());
    }

    proptest! {
        #[test]
        fn rewriting_changes_the_numbers_and_nothing_else(
            bytes in prop::collection::vec(any::<u8>(), 1..40), picture_id in 0..0x8000_u16, tl0: u8,
        ) {
            let Ok(before) = Vp8Descriptor::parse(&bytes) else { return Ok(()) };
            let mut rewritten = bytes.clone();
            before.rewrite(&mut rewritten, picture_id, tl0);
            let after = Vp8Descriptor::parse(&rewritten).unwrap();
            let expected = Vp8Descriptor {
                picture_id: before.picture_id.map(|PictureId { bits, .. }| {
                    PictureId { value: picture_id & ((1 << bits) - 1), bits }
                }),
                tl0_pic_idx: before.tl0_pic_idx.map(|_| tl0),
                ..before
            };
            prop_assert_eq!(after, expected);
            prop_assert_eq!(&rewritten[before.len..], &bytes[before.len..]);
            // The first packet's writer can take it back, even into a buffer that is too short.
            before.rewrite(&mut rewritten[..1], 0, 0);
        }
    }
}
