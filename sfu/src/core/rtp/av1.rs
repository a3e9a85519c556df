//! AV1 payloads (<https://aomediacodec.github.io/av1-rtp-spec/>, section 4).

use super::Sizes;
use super::bytes::{Bits, Reader};
use super::codec::PictureStart;

/// The type of an OBU with a sequence header.
const SEQUENCE_HEADER: u8 = 1;

/// What the payload tells of its picture: bit N of the aggregation header marks the first packet of a coded video
/// sequence, which is where a decoder can begin.
pub(super) fn picture_start(payload: &[u8]) -> PictureStart {
    let [header, elements @ ..] = payload else { return PictureStart::default() };
    // A sequence cannot begin with the rest of an OBU (bit Z).
    let keyframe = header & 0x88 == 0x08;
    let size = || {
        let mut reader = Reader(elements);
        // With one element its length is left out.
        let first = if header >> 4 & 3 == 1 { elements } else { element(&mut reader)? };
        sequence_size(first)
    };
    PictureStart { keyframe, sizes: Sizes::one(keyframe.then(size).flatten()), ..PictureStart::default() }
}

/// The next element with a length before it (LEB128, here at most three bytes).
fn element<'a>(reader: &mut Reader<'a>) -> Option<&'a [u8]> {
    let mut len = 0;
    for place in 0..3 {
        let byte = reader.u8()?;
        len |= usize::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            return reader.take(len);
        }
    }
    None
}

/// Width and height by a sequence header (AV1 bitstream section 5.5.1); `None` for other OBUs and for headers with
/// timing information, which encoders for conversations leave out.
fn sequence_size(obu: &[u8]) -> Option<(u16, u16)> {
    let mut reader = Reader(obu);
    let header = reader.u8()?;
    if header >> 3 & 0x0f != SEQUENCE_HEADER {
        return None;
    }
    if header & 0x04 != 0 {
        let _extension = reader.u8()?;
    }
    let content = if header & 0x02 != 0 { element(&mut reader)? } else { reader.0 };
    let mut bits = Bits::new(content);
    let (_profile, _still_picture) = (bits.number(3)?, bits.flag()?);
    if bits.flag()? {
        let _level = bits.number(5)?;
    } else {
        if bits.flag()? {
            return None;
        }
        let display_delay = bits.flag()?;
        for _ in 0..=bits.number(5)? {
            let (_operating_point, level) = (bits.number(12)?, bits.number(5)?);
            if level > 7 {
                let _tier = bits.flag()?;
            }
            if display_delay && bits.flag()? {
                let _delay = bits.number(4)?;
            }
        }
    }
    let (width_bits, height_bits) = (bits.number(4)? + 1, bits.number(4)? + 1);
    let mut side = |count: u32| u16::try_from(bits.number(count)? + 1).ok();
    Some((side(width_bits)?, side(height_bits)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A sequence header of 640x360 without a size field, and the same with one.
    const HEADER: [u8; 9] = [0x08, 0x00, 0x00, 0x00, 0x2c, 0xc4, 0xff, 0x67, 0x40];
    const SIZED: [u8; 10] = [0x0a, 0x08, 0x00, 0x00, 0x00, 0x2c, 0xc4, 0xff, 0x67, 0x40];

    #[test]
    fn a_decoder_begins_at_a_new_sequence() {
        let counted = |header: u8, obu: &[u8]| [&[header, obu.len() as u8][..], obu, &[0x32, 1]].concat();
        for (payload, keyframe, size, what) in [
            (&counted(0x28, &HEADER)[..], true, true, "two elements"),
            (&counted(0x08, &SIZED), true, true, "any number of elements, and a size field"),
            (&[&[0x18][..], &HEADER].concat(), true, true, "one element"),
            (&counted(0x68, &HEADER), true, true, "the last element goes on in the next packet"),
            (&counted(0x28, &HEADER)[..6], true, false, "cut"),
            (&[0x18, 0x32, 0x10], true, false, "a frame without a header"),
            (&counted(0x20, &HEADER), false, false, "the same sequence goes on"),
            (&counted(0xa8, &HEADER), false, false, "a rest cannot begin anything"),
            (&[0x10, 0x32], false, false, "a frame"),
            (&[0x08], true, false, "a header alone"),
            (&[], false, false, "nothing"),
        ] {
            let expected =
                PictureStart { keyframe, sizes: Sizes::one(size.then_some((640, 360))), ..PictureStart::default() };
            assert_eq!(picture_start(payload), expected, "{what}");
        }
    }

    #[test]
    fn lengths_end() {
        assert_eq!(element(&mut Reader(&[0x82, 0x00, 7, 8, 9])), Some(&[7, 8][..]));
        assert_eq!(element(&mut Reader(&[0x80, 0x80, 0x80, 0x00])), None);
        assert_eq!(element(&mut Reader(&[0xff, 0x7f])), None);
    }
}
