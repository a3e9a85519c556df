//! The ring of an encoding's newest packets, in plaintext: what retransmission to viewers is served from.

use super::rtp::{AudioLevel, PayloadInfo, SeqNo};

/// A publisher's packet: what a viewer's copy is made from.
#[derive(Debug, Clone, Copy)]
pub struct Packet<'a> {
    /// Extended sequence number.
    pub seq: SeqNo,
    /// RTP timestamp.
    pub timestamp: u32,
    /// The marker bit: the last packet of a picture, or the first of a talk spurt.
    pub marker: bool,
    /// Its codec, and what that tells of the payload.
    pub info: PayloadInfo,
    /// Loudness, for sound.
    pub audio_level: Option<AudioLevel>,
    /// How the picture is to be turned (3GPP TS 26.114 section 7.4.5).
    pub video_orientation: Option<u8>,
    /// The payload, without padding.
    pub payload: &'a [u8],
}

#[derive(Debug, Default)]
struct Entry {
    seq: u64,
    timestamp: u32,
    marker: bool,
    info: Option<PayloadInfo>,
    video_orientation: Option<u8>,
    payload: Vec<u8>,
}

/// A ring of the newest packets, found by sequence number. Its buffers are reused: once it has gone round, storing a
/// packet allocates nothing.
#[derive(Debug)]
pub struct PacketRing {
    entries: Vec<Entry>,
    capacity: usize,
}

impl PacketRing {
    /// A ring of `capacity` packets; memory is taken as packets come.
    pub fn new(capacity: usize) -> Self {
        Self { entries: Vec::new(), capacity: capacity.max(1) }
    }

    /// Keeps a copy of a packet, in place of the one `capacity` numbers before it.
    pub fn store(&mut self, packet: &Packet<'_>) {
        let place = self.place(packet.seq);
        if place >= self.entries.len() {
            self.entries.resize_with(place + 1, Entry::default);
        }
        let Some(entry) = self.entries.get_mut(place) else { return };
        entry.seq = packet.seq.0;
        entry.timestamp = packet.timestamp;
        entry.marker = packet.marker;
        entry.info = Some(packet.info);
        entry.video_orientation = packet.video_orientation;
        entry.payload.clear();
        entry.payload.extend_from_slice(packet.payload);
    }

    /// The packet with this number, if it is still there.
    pub fn get(&self, seq: SeqNo) -> Option<Packet<'_>> {
        let entry = self.entries.get(self.place(seq))?;
        // A place that was never filled has no codec.
        let info = entry.info?;
        (entry.seq == seq.0).then(|| Packet {
            seq,
            timestamp: entry.timestamp,
            marker: entry.marker,
            info,
            audio_level: None,
            video_orientation: entry.video_orientation,
            payload: &entry.payload,
        })
    }

    fn place(&self, seq: SeqNo) -> usize {
        (seq.0 % self.capacity as u64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::rtp::Codec;

    fn packet(seq: u64, payload: &[u8]) -> Packet<'_> {
        Packet {
            seq: SeqNo(seq),
            timestamp: seq as u32,
            marker: false,
            info: PayloadInfo::parse(Codec::Opus, payload).unwrap(),
            audio_level: None,
            video_orientation: None,
            payload,
        }
    }

    #[test]
    fn it_keeps_the_newest_and_forgets_the_rest() {
        let mut ring = PacketRing::new(4);
        assert!(ring.get(SeqNo(0)).is_none());
        for seq in 10..16u64 {
            ring.store(&packet(seq, &[seq as u8; 3]));
        }
        for seq in 0..20 {
            let found = ring.get(SeqNo(seq)).map(|packet| packet.payload[0]);
            assert_eq!(found, (12..16).contains(&seq).then_some(seq as u8), "{seq}");
        }
    }
}
