//! Payloads with the stamps of the synthetic client.

use confab_bench::client::{Source, Stamp};

const MAGIC: &[u8] = b"CfSt";

fn index(source: Source) -> u8 {
    Source::ALL.iter().position(|one| *one == source).unwrap() as u8
}

/// A picture of one packet.
pub fn picture(stamp: &Stamp) -> Vec<u8> {
    let [high, low] = ((stamp.frame as u16) & 0x7fff).to_be_bytes();
    let mut out = vec![0x90, 0xf0, 0x80 | high, low, stamp.frame as u8, 0];
    out.extend_from_slice(&[0x10 | 0x20 | u8::from(!stamp.keyframe), 0, 0]);
    if stamp.keyframe {
        out.extend_from_slice(&[0x9d, 0x01, 0x2a, 0x40, 0x01, 0xb4, 0x00]);
    }
    write(stamp, &mut out);
    out
}

/// A VP9 picture of one packet (RFC 9628 section 4.2).
pub fn vp9_picture(stamp: &Stamp) -> Vec<u8> {
    let predicted = if stamp.keyframe { 0 } else { 0x40 };
    let mut out = vec![0x8c | predicted, stamp.frame as u8 & 0x7f, 0x82];
    write(stamp, &mut out);
    out
}

/// A packet of sound.
pub fn sound(stamp: &Stamp) -> Vec<u8> {
    let mut out = vec![0xfc];
    write(stamp, &mut out);
    out
}

fn write(stamp: &Stamp, out: &mut Vec<u8>) {
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(&stamp.sender.to_be_bytes());
    out.extend_from_slice(&[index(stamp.source), stamp.layer, u8::from(stamp.keyframe)]);
    out.extend_from_slice(&stamp.frame.to_be_bytes());
    out.extend_from_slice(&stamp.index.to_be_bytes());
    out.extend_from_slice(&stamp.count.to_be_bytes());
    out.extend_from_slice(&stamp.sent.to_be_bytes());
}

/// The stamp somewhere near a payload's start.
pub fn find_stamp(payload: &[u8]) -> Option<Stamp> {
    let head = &payload[..payload.len().min(24)];
    let at = head.windows(4).position(|window| window == MAGIC)? + 4;
    let bytes: &[u8; 27] = payload.get(at..at + 27)?.try_into().ok()?;
    let number =
        |from: usize, to: usize| bytes[from..to].iter().fold(0u64, |value, byte| value << 8 | u64::from(*byte));
    Some(Stamp {
        sender: number(0, 8),
        source: *Source::ALL.get(usize::from(bytes[8]))?,
        layer: bytes[9],
        keyframe: bytes[10] != 0,
        frame: number(11, 15) as u32,
        index: number(15, 17) as u16,
        count: number(17, 19) as u16,
        sent: number(19, 27),
    })
}
