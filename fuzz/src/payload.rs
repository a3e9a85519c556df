//! Payloads of all codecs: a codec, a picture's numbers, then a payload.

use confab_sfu::core::rtp::{Codec, PayloadInfo};

use crate::bytes::Bytes;

/// Most bytes of a payload that a line's numbers may take.
const MAX_NUMBERS: usize = 3;

pub(crate) fn run(data: &[u8]) {
    let mut input = Bytes(data);
    let codecs = [Codec::Vp8, Codec::Vp9, Codec::H264, Codec::Av1, Codec::Opus];
    let codec = codecs[usize::from(input.u8()) % codecs.len()];
    let (picture_id, tl0_pic_idx) = (input.u16() & 0x7fff, input.u8());
    let payload = input.0;
    let Ok(info) = PayloadInfo::parse(codec, payload) else { return };
    assert_eq!(info.codec, codec);
    assert!(!(payload.is_empty() && info.entry), "nothing begins with a probe");

    let mut rewritten = payload.to_vec();
    info.rewrite(&mut rewritten, picture_id, tl0_pic_idx);
    assert_eq!(rewritten.len(), payload.len());
    let changed = rewritten.iter().zip(payload).filter(|(new, old)| new != old).count();
    assert!(changed <= if codec == Codec::Vp8 { MAX_NUMBERS } else { 0 });
    let again = PayloadInfo::parse(codec, &rewritten).expect("what we rewrote can be read");
    let told = |info: &PayloadInfo| (info.entry, info.sizes, info.layer, info.begins, info.ends, info.switch_up);
    assert_eq!(told(&again), told(&info));
    // The writing can be undone: so it hit the numbers and nothing else.
    again.rewrite(&mut rewritten, info.picture_id(), info.tl0_pic_idx());
    assert_eq!(rewritten, payload);
}
