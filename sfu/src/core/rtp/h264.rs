//! H.264 payloads (RFC 6184 section 5, <https://www.rfc-editor.org/rfc/rfc6184#section-5>).

use super::Sizes;
use super::bytes::{Bits, Reader};
use super::codec::PictureStart;

/// Types of NAL units: a sequence parameter set, several units in one packet, a part of one unit.
const SPS: u8 = 7;
const STAP_A: u8 = 24;
const FU_A: u8 = 28;

/// Bytes of a sequence parameter set that are looked at. Those of WebRTC encoders have about 15.
const MAX_SPS: usize = 64;

/// What the payload tells of its picture.
///
/// A decoder begins at the sequence parameter set, which browsers send before each IDR picture: who begins at the IDR
/// picture itself has cut off what it needs.
pub(super) fn picture_start(payload: &[u8]) -> PictureStart {
    let sps = match payload {
        [first, ..] if first & 0x1f == SPS => Some(payload),
        [first, units @ ..] if first & 0x1f == STAP_A => aggregated_sps(Reader(units)),
        // The first part of a unit has its type in the second byte; the unit's content follows that.
        [first, second, ..] if first & 0x1f == FU_A && second & 0x9f == 0x80 | SPS => payload.get(1..),
        _ => None,
    };
    let size = sps.and_then(|unit| size(unit.get(1..)?));
    PictureStart { keyframe: sps.is_some(), sizes: Sizes::one(size), ..PictureStart::default() }
}

fn aggregated_sps(mut units: Reader<'_>) -> Option<&[u8]> {
    loop {
        let len = units.u16()?;
        let unit = units.take(len.into())?;
        if unit.first()? & 0x1f == SPS {
            return Some(unit);
        }
    }
}

/// Width and height by a sequence parameter set of the baseline profile (ITU-T H.264 section 7.3.2.1.1); `None` for
/// other profiles, which are not agreed on.
fn size(sps: &[u8]) -> Option<(u16, u16)> {
    let mut buffer = [0; MAX_SPS];
    let mut bits = Bits::new(without_emulation(sps, &mut buffer));
    let profile = bits.number(8)?;
    let _constraints_and_level = bits.number(16)?;
    if profile != 66 {
        return None;
    }
    let (_id, _max_frame_num) = (bits.exp_golomb()?, bits.exp_golomb()?);
    match bits.exp_golomb()? {
        0 => {
            let _max_order_count = bits.exp_golomb()?;
        }
        1 => {
            bits.flag()?;
            let (_non_ref, _top_to_bottom) = (bits.exp_golomb()?, bits.exp_golomb()?);
            for _ in 0..bits.exp_golomb()?.min(255) {
                bits.exp_golomb()?;
            }
        }
        _ => {}
    }
    let (_references, _gaps) = (bits.exp_golomb()?, bits.flag()?);
    let (width, height) = (bits.exp_golomb()?.checked_add(1)?, bits.exp_golomb()?.checked_add(1)?);
    let fields = if bits.flag()? { 1 } else { 2 };
    if fields == 2 {
        let _adaptive = bits.flag()?;
    }
    let _direct = bits.flag()?;
    let mut crop = [0; 4];
    if bits.flag()? {
        for side in &mut crop {
            *side = bits.exp_golomb()?;
        }
    }
    let [left, right, top, bottom] = crop;
    // Sizes are in macroblocks of 16 pixels, cuts in pairs of pixels, for the colours have half the resolution.
    let side = |blocks: u32, cut: u32| u16::try_from(blocks.checked_mul(16)?.checked_sub(cut.checked_mul(2)?)?).ok();
    let rows = bottom.checked_add(top)?.checked_mul(fields)?;
    Some((side(width, left.checked_add(right)?)?, side(height.checked_mul(fields)?, rows)?))
}

/// The bytes without those that an encoder put in after two zeros so that no start code appears (section 7.4.1).
fn without_emulation<'b>(unit: &[u8], buffer: &'b mut [u8; MAX_SPS]) -> &'b [u8] {
    let (mut len, mut zeros) = (0, 0);
    for &byte in unit {
        if zeros == 2 && byte == 3 {
            zeros = 0;
            continue;
        }
        zeros = if byte == 0 { (zeros + 1).min(2) } else { 0 };
        let Some(place) = buffer.get_mut(len) else { break };
        *place = byte;
        len += 1;
    }
    buffer.get(..len).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 640x360 in constrained baseline, with rows cut off at the bottom.
    const SPS: [u8; 10] = [0x67, 0x42, 0xc0, 0x1f, 0xda, 0x02, 0x80, 0xbf, 0xe5, 0x40];

    #[test]
    fn a_decoder_begins_at_the_parameter_set() {
        let part = |head: u8| [&[0x7c, head][..], &SPS[1..]].concat();
        let two = [&[0x78, 0, 2, 0x09, 0xf0, 0, 10][..], &SPS, &[0, 2, 0x68, 0xce]].concat();
        for (payload, keyframe, what) in [
            (&SPS[..], true, "alone"),
            (&two, true, "in an aggregation, behind another unit"),
            (&two[..5], false, "an aggregation without it"),
            (&two[..12], false, "an aggregation that is cut"),
            (&[0x78, 0, 0, 0, 10], false, "an empty unit"),
            (&part(0x87), true, "the first part"),
            (&part(0x07), false, "a later part"),
            (&part(0x47), false, "the last part"),
            (&part(0x85), false, "a part of an IDR picture"),
            (&[0x65, 0x88], false, "an IDR picture: its parameters came before"),
            (&[0x68, 0xce], false, "a picture parameter set"),
            (&[0x41, 0x9a], false, "a picture that refers to others"),
            (&[], false, "nothing"),
        ] {
            let start = picture_start(payload);
            assert_eq!(start.keyframe, keyframe, "{what}");
            assert_eq!(start.sizes.largest(), keyframe.then_some((640, 360)), "{what}");
        }
    }

    #[test]
    fn a_size_that_makes_no_sense_is_none() {
        for len in 1..SPS.len() {
            assert!(picture_start(&SPS[..len]).keyframe);
        }
        assert_eq!(picture_start(&SPS[..6]).sizes.largest(), None, "cut");
        assert_eq!(picture_start(&[0x67, 0x64, 0, 0x1f, 0xac]).sizes.largest(), None, "another profile");
        assert_eq!(picture_start(&[&[0x67, 0x42][..], &[0; 80]].concat()).sizes.largest(), None, "no end of zeros");
    }

    #[test]
    fn bytes_against_start_codes_are_taken_out() {
        let mut buffer = [0; MAX_SPS];
        assert_eq!(without_emulation(&[1, 0, 0, 3, 1, 0, 0, 0, 3, 3], &mut buffer), [1, 0, 0, 1, 0, 0, 0, 3]);
        assert_eq!(without_emulation(&[7; 100], &mut buffer).len(), MAX_SPS);
    }
}
