//! What the synthetic packets carry: a true VP8 payload descriptor and frame header (RFC 7741,
//! <https://www.rfc-editor.org/rfc/rfc7741>) or an Opus TOC byte, then a [`Stamp`], then filling.

use super::Source;

/// Begins every stamp, so that a packet which is not ours is told from one that is.
const MAGIC: [u8; 4] = *b"CfSt";
/// Bytes of a stamp.
const STAMP_LEN: usize = 4 + 8 + 1 + 1 + 1 + 4 + 2 + 2 + 8;
/// Bytes of the payload descriptor that we write: X, I with 15 bits, L, T and K.
const DESCRIPTOR_LEN: usize = 6;
/// Bytes of a key frame's header: frame tag, start code, width, height.
const KEY_HEADER_LEN: usize = 10;
/// Bytes of another frame's header: the frame tag alone.
const DELTA_HEADER_LEN: usize = 3;
/// The table-of-contents byte of a 20 ms full-band stereo Opus frame (RFC 6716 section 3.1,
/// <https://www.rfc-editor.org/rfc/rfc6716>).
const OPUS_TOC: u8 = 0xfc;

/// Says whose packet this is and which part of which frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// The publishing client's [`super::ClientConfig::sender`].
    pub sender: u64,
    /// Which of its sources.
    pub source: Source,
    /// Which encoding, 0 is the lowest.
    pub layer: u8,
    /// Whether the frame is a key frame.
    pub keyframe: bool,
    /// The frame's number in its encoding, from 0; for sound the packet's number.
    pub frame: u32,
    /// The packet's place in the frame.
    pub index: u16,
    /// How many packets the frame has.
    pub count: u16,
    /// When it was sent: microseconds since [`super::ClientConfig::epoch`].
    pub sent: u64,
}

impl Stamp {
    /// How many frames of the same encoding the sender sent between `last` and this one; 0 if they are of different
    /// encodings.
    pub(crate) fn skipped_after(&self, last: &Self) -> u64 {
        let origin = |stamp: &Self| (stamp.sender, stamp.source, stamp.layer);
        if origin(self) != origin(last) {
            return 0;
        }
        u64::from(self.frame.saturating_sub(last.frame).saturating_sub(1))
    }

    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&MAGIC);
        out.extend_from_slice(&self.sender.to_be_bytes());
        out.extend_from_slice(&[self.source.index() as u8, self.layer, u8::from(self.keyframe)]);
        out.extend_from_slice(&self.frame.to_be_bytes());
        out.extend_from_slice(&self.index.to_be_bytes());
        out.extend_from_slice(&self.count.to_be_bytes());
        out.extend_from_slice(&self.sent.to_be_bytes());
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes.strip_prefix(&MAGIC)?;
        let sender = u64::from_be_bytes(take(&mut rest)?);
        let [source, layer, keyframe] = take(&mut rest)?;
        Some(Self {
            sender,
            source: *Source::ALL.get(usize::from(source))?,
            layer,
            keyframe: keyframe != 0,
            frame: u32::from_be_bytes(take(&mut rest)?),
            index: u16::from_be_bytes(take(&mut rest)?),
            count: u16::from_be_bytes(take(&mut rest)?),
            sent: u64::from_be_bytes(take(&mut rest)?),
        })
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (head, tail) = rest.split_first_chunk::<N>()?;
    *rest = tail;
    Some(*head)
}

/// The fields of a VP8 payload descriptor that matter to a receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vp8Descriptor {
    /// Whether the packet begins a frame (S set, partition 0).
    pub start: bool,
    /// 15 bits.
    pub picture_id: u16,
    /// TL0PICIDX: counts frames of the base layer.
    pub tl0_picture_index: u8,
    /// TID, 0 is the base layer.
    pub temporal_layer: u8,
    /// Y: the frame depends on nothing but the base layer.
    pub layer_sync: bool,
    /// KEYIDX, 5 bits.
    pub key_index: u8,
}

impl Vp8Descriptor {
    fn write(&self, out: &mut Vec<u8>) {
        let [high, low] = self.picture_id.to_be_bytes();
        let layer = self.temporal_layer << 6 | u8::from(self.layer_sync) << 5 | self.key_index & 0x1f;
        out.extend_from_slice(&[0x80 | u8::from(self.start) << 4, 0xf0, 0x80 | high, low]);
        out.extend_from_slice(&[self.tl0_picture_index, layer]);
    }

    /// Reads a descriptor of any legal form and gives what follows it. A picture id of 7 bits is refused: we never
    /// send one, and a server that shortens it loses the continuity that receivers need.
    fn read(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let mut rest = bytes;
        let [first] = take(&mut rest)?;
        let [extension] = if first & 0x80 == 0 { [0] } else { take(&mut rest)? };
        let [high, low] = if extension & 0x80 == 0 { return None } else { take(&mut rest)? };
        if high & 0x80 == 0 {
            return None;
        }
        let [tl0] = if extension & 0x40 == 0 { [0] } else { take(&mut rest)? };
        let [layer] = if extension & 0x30 == 0 { [0] } else { take(&mut rest)? };
        let descriptor = Self {
            start: first & 0x10 != 0 && first & 0x0f == 0,
            picture_id: u16::from_be_bytes([high & 0x7f, low]),
            tl0_picture_index: tl0,
            temporal_layer: if extension & 0x20 == 0 { 0 } else { layer >> 6 },
            layer_sync: layer & 0x20 != 0,
            key_index: layer & 0x1f,
        };
        Some((descriptor, rest))
    }
}

/// Writes one VP8 packet of about `len` bytes; never shorter than its headers and stamp.
pub fn write_video(descriptor: &Vp8Descriptor, size: (u16, u16), stamp: &Stamp, len: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(len.max(DESCRIPTOR_LEN + KEY_HEADER_LEN + STAMP_LEN));
    descriptor.write(&mut out);
    if descriptor.start {
        write_frame_header(stamp.keyframe, size, &mut out);
    }
    stamp.write(&mut out);
    fill(&mut out, len, stamp);
    out
}

/// RFC 6386 section 9.1 (<https://www.rfc-editor.org/rfc/rfc6386>): bit 0 clear in a key frame, then version 0,
/// show_frame, and a first partition of 1 byte.
fn write_frame_header(keyframe: bool, (width, height): (u16, u16), out: &mut Vec<u8>) {
    out.extend_from_slice(&[0x10 | 0x20 | u8::from(!keyframe), 0, 0]);
    if keyframe {
        out.extend_from_slice(&[0x9d, 0x01, 0x2a]);
        out.extend_from_slice(&(width & 0x3fff).to_le_bytes());
        out.extend_from_slice(&(height & 0x3fff).to_le_bytes());
    }
}

/// Filling that differs from packet to packet, so that mixed-up payloads cannot look alike.
fn fill(out: &mut Vec<u8>, len: usize, stamp: &Stamp) {
    let byte = (stamp.frame as u8).wrapping_mul(31).wrapping_add(stamp.index as u8);
    if out.len() < len {
        out.resize(len, byte);
    }
}

/// Reads a VP8 packet. `None` if it is not one of ours or was damaged on the way.
pub fn read_video(payload: &[u8]) -> Option<(Vp8Descriptor, Stamp)> {
    let (descriptor, frame) = Vp8Descriptor::read(payload)?;
    let header = match (descriptor.start, frame.first()? & 1 == 0) {
        (false, _) => 0,
        (true, true) => KEY_HEADER_LEN,
        (true, false) => DELTA_HEADER_LEN,
    };
    let stamp = Stamp::read(frame.get(header..)?)?;
    let is_start = stamp.index == 0;
    let is_key = !descriptor.start || (header == KEY_HEADER_LEN) == stamp.keyframe;
    (is_start == descriptor.start && is_key).then_some((descriptor, stamp))
}

/// Writes one Opus packet of about `len` bytes.
pub fn write_audio(stamp: &Stamp, len: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(len.max(1 + STAMP_LEN));
    out.push(OPUS_TOC);
    stamp.write(&mut out);
    fill(&mut out, len, stamp);
    out
}

/// Reads an Opus packet.
pub fn read_audio(payload: &[u8]) -> Option<Stamp> {
    Stamp::read(payload.strip_prefix(&[OPUS_TOC])?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(keyframe: bool, index: u16) -> Stamp {
        Stamp { sender: 7, source: Source::Screen, layer: 2, keyframe, frame: 9, index, count: 3, sent: 123_456 }
    }

    fn descriptor(start: bool) -> Vp8Descriptor {
        Vp8Descriptor {
            start,
            picture_id: 0x7abc,
            tl0_picture_index: 200,
            temporal_layer: 2,
            layer_sync: true,
            key_index: 17,
        }
    }

    #[test]
    fn video_packets_read_back() {
        for (keyframe, index) in [(true, 0), (true, 1), (false, 0), (false, 2)] {
            let (descriptor, stamp) = (descriptor(index == 0), stamp(keyframe, index));
            let packet = write_video(&descriptor, (1280, 720), &stamp, 900);
            assert_eq!(packet.len(), 900);
            assert_eq!(read_video(&packet), Some((descriptor, stamp)));
        }
    }

    #[test]
    fn str0m_reads_the_descriptor_too() {
        let packet = write_video(&descriptor(true), (640, 360), &stamp(true, 0), 100);
        let parsed = str0m::rtp::Vp8Descriptor::parse(&packet).unwrap();
        assert!(parsed.starts_keyframe(&packet));
        assert_eq!(&packet[DESCRIPTOR_LEN + 3..DESCRIPTOR_LEN + 10], [0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01]);
    }

    #[test]
    fn audio_packets_read_back() {
        let stamp = Stamp { source: Source::Microphone, count: 1, ..stamp(false, 0) };
        assert_eq!(read_audio(&write_audio(&stamp, 80)), Some(stamp));
        assert_eq!(read_audio(&write_audio(&stamp, 0)), Some(stamp));
    }

    #[test]
    fn damage_is_noticed() {
        let packet = write_video(&descriptor(true), (640, 360), &stamp(true, 0), 100);
        assert_eq!(read_video(&packet[..30]), None);
        assert_eq!(read_video(&[]), None);
        let mut wrong_frame_type = packet;
        wrong_frame_type[DESCRIPTOR_LEN] |= 1;
        assert_eq!(read_video(&wrong_frame_type), None);
    }
}
