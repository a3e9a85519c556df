//! The VP9 payload descriptor (RFC 9628 section 4.2, <https://www.rfc-editor.org/rfc/rfc9628#section-4.2>).

use super::bytes::Reader;
use super::codec::PictureStart;
use super::{Layer, Sizes, SwitchUp};

/// What the payload tells of its picture; `None` if it is shorter than its descriptor says.
pub(super) fn picture_start(payload: &[u8]) -> Option<PictureStart> {
    let mut reader = Reader(payload);
    let first = reader.u8()?;
    let has = |bit: u8| first & bit != 0;
    let (picture_id, predicted, layers, flexible) = (has(0x80), has(0x40), has(0x20), has(0x10));
    let (begin, ends, structure) = (has(0x08), has(0x04), has(0x02));
    if picture_id && reader.u8()? & 0x80 != 0 {
        reader.u8()?;
    }
    let (mut layer, mut switch_up) = (Layer::default(), SwitchUp::Nowhere);
    if layers {
        let byte = reader.u8()?;
        layer = Layer { spatial: byte >> 1 & 7, temporal: byte >> 5 };
        if byte & 0x10 != 0 {
            switch_up = SwitchUp::Above;
        }
        if !flexible {
            let _tl0_pic_idx = reader.u8()?;
        }
    }
    if predicted && flexible {
        // At most three references; the last bit says whether another one follows.
        let _ = (0..3).try_fold((), |(), _| (reader.u8()? & 1 != 0).then_some(()));
    }
    let sizes = if structure { scalability_structure(&mut reader)? } else { Sizes::default() };
    // The lowest spatial layer has nothing below it to be predicted from, so without prediction from earlier pictures
    // a decoder can begin with it.
    let begins = begin && layer.spatial == 0;
    let keyframe = begins && !predicted;
    (!reader.0.is_empty()).then_some(PictureStart { keyframe, sizes, layer, begins, ends, switch_up })
}

/// The sizes of the spatial layers, if the structure tells them (section 4.2.1).
fn scalability_structure(reader: &mut Reader<'_>) -> Option<Sizes> {
    let first = reader.u8()?;
    let mut sizes = Sizes::default();
    if first & 0x10 != 0 {
        let count = usize::from(first >> 5) + 1;
        let mut all = Reader(reader.take(4 * count)?);
        sizes = std::iter::from_fn(|| Some((all.u16()?, all.u16()?))).collect();
    }
    if first & 0x08 != 0 {
        for _ in 0..reader.u8()? {
            let references = reader.u8()? >> 2 & 3;
            reader.take(references.into())?;
        }
    }
    Some(sizes)
}

#[cfg(test)]
mod tests {
    use super::*;

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
            let start = picture_start(&[descriptor, &[0x82]].concat()).unwrap();
            assert_eq!((start.keyframe, start.sizes), (keyframe, Sizes::default()), "{what}");
            for len in 0..=descriptor.len() {
                assert_eq!(picture_start(&descriptor[..len]), None, "{what}, cut to {len}");
            }
        }
    }

    #[test]
    fn layers_and_switching_points_are_told() {
        // The byte of layer indices; then layer, beginning of a picture, switching point.
        for (first, indices, layer, begins, switch_up) in [
            (0xa8, 0x10, (0, 0), true, SwitchUp::Above),
            (0xe8, 0x30, (0, 1), true, SwitchUp::Above),
            (0xe8, 0x40, (0, 2), true, SwitchUp::Nowhere),
            (0xe0, 0x40, (0, 2), false, SwitchUp::Nowhere),
            (0xe8, 0x43, (1, 2), false, SwitchUp::Nowhere),
            (0xe8, 0x15, (2, 0), false, SwitchUp::Above),
        ] {
            let start = picture_start(&[first, 0x12, indices, 0x07, 0x82]).unwrap();
            let (spatial, temporal) = layer;
            assert_eq!(start.layer, Layer { spatial, temporal });
            assert_eq!((start.begins, start.switch_up), (begins, switch_up), "{first:x} {indices:x}");
            assert!(!start.ends);
        }
        assert!(picture_start(&[0xa4, 0x12, 0x02, 0x07, 0x82]).unwrap().ends);
        let without = picture_start(&[0xc8, 0x12, 0x82]).unwrap();
        assert_eq!((without.layer, without.begins), (Layer::default(), true));
    }

    #[test]
    fn the_structure_tells_the_size() {
        // Two layers, sizes, and a group of two pictures of which the second has one reference.
        let structure = [0x38, 0x01, 0x40, 0x00, 0xb4, 0x02, 0x80, 0x01, 0x68, 2, 0x00, 0x14, 0x01];
        let payload = [&[0x8a, 0x12][..], &structure, &[0x82]].concat();
        let sizes = picture_start(&payload).unwrap().sizes;
        assert_eq!([0, 1, 2].map(|spatial| sizes.of(spatial)), [Some((320, 180)), Some((640, 360)), None]);
        assert_eq!(sizes.largest(), Some((640, 360)));
        for len in 0..payload.len() {
            assert_eq!(picture_start(&payload[..len]), None, "{len}");
        }
        // Without sizes.
        assert_eq!(picture_start(&[0x8a, 0x12, 0x00, 0x82]).unwrap().sizes.largest(), None);
    }
}
