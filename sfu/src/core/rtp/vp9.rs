//! The VP9 payload descriptor (RFC 9628 section 4.2, <https://www.rfc-editor.org/rfc/rfc9628#section-4.2>).

use super::bytes::Reader;
use super::codec::PictureStart;

/// What the payload tells of its picture; `None` if it is shorter than its descriptor says.
pub(super) fn picture_start(payload: &[u8]) -> Option<PictureStart> {
    let mut reader = Reader(payload);
    let first = reader.u8()?;
    let has = |bit: u8| first & bit != 0;
    let (picture_id, predicted, layers, flexible, begin, structure) =
        (has(0x80), has(0x40), has(0x20), has(0x10), has(0x08), has(0x02));
    if picture_id && reader.u8()? & 0x80 != 0 {
        reader.u8()?;
    }
    let mut spatial_id = 0;
    if layers {
        spatial_id = reader.u8()? >> 1 & 7;
        if !flexible {
            let _tl0_pic_idx = reader.u8()?;
        }
    }
    if predicted && flexible {
        // At most three references; the last bit says whether another one follows.
        let _ = (0..3).try_fold((), |(), _| (reader.u8()? & 1 != 0).then_some(()));
    }
    let size = if structure { scalability_structure(&mut reader)? } else { None };
    // The lowest spatial layer has nothing below it to be predicted from, so without prediction from earlier pictures
    // a decoder can begin with it.
    let keyframe = begin && !predicted && spatial_id == 0;
    (!reader.0.is_empty()).then_some(PictureStart { keyframe, size })
}

/// The size of the largest spatial layer, if the structure tells it (section 4.2.1).
fn scalability_structure(reader: &mut Reader<'_>) -> Option<Option<(u16, u16)>> {
    let first = reader.u8()?;
    let mut size = None;
    if first & 0x10 != 0 {
        for _ in 0..=first >> 5 {
            size = Some((reader.u16()?, reader.u16()?));
        }
    }
    if first & 0x08 != 0 {
        for _ in 0..reader.u8()? {
            let references = reader.u8()? >> 2 & 3;
            reader.take(references.into())?;
        }
    }
    Some(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(keyframe: bool, size: Option<(u16, u16)>) -> Option<PictureStart> {
        Some(PictureStart { keyframe, size })
    }

    #[test]
    fn a_keyframe_begins_where_the_lowest_layer_does() {
        for (descriptor, keyframe, what) in [
            (&[0x08][..], true, "the shortest"),
            (&[0x8c, 0x92, 0x34], true, "picture id of 15 bits, in one packet"),
            (&[0x88, 0x12], true, "picture id of 7 bits"),
            (&[0x80, 0x12], false, "a later packet of it"),
            (&[0xc8, 0x12], false, "predicted"),
            (&[0xa8, 0x12, 0x00, 0x07], true, "the lowest layer, with its index"),
            (&[0xa8, 0x12, 0x02, 0x07], false, "a layer above"),
            (&[0xb8, 0x12, 0x00], true, "flexible mode has no index"),
            (&[0xf8, 0x12, 0x00, 0x03, 0x03, 0x02], false, "three references"),
        ] {
            assert_eq!(picture_start(&[descriptor, &[0x82]].concat()), start(keyframe, None), "{what}");
            for len in 0..=descriptor.len() {
                assert_eq!(picture_start(&descriptor[..len]), None, "{what}, cut to {len}");
            }
        }
    }

    #[test]
    fn the_structure_tells_the_size() {
        // Two layers, sizes, and a group of two pictures of which the second has one reference.
        let structure = [0x38, 0x01, 0x40, 0x00, 0xb4, 0x02, 0x80, 0x01, 0x68, 2, 0x00, 0x14, 0x01];
        let payload = [&[0x8a, 0x12][..], &structure, &[0x82]].concat();
        assert_eq!(picture_start(&payload), start(true, Some((640, 360))));
        for len in 0..payload.len() {
            assert_eq!(picture_start(&payload[..len]), None, "{len}");
        }
        // Without sizes.
        assert_eq!(picture_start(&[0x8a, 0x12, 0x00, 0x82]), start(true, None));
    }
}
