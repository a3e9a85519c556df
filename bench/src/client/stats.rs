//! What a client counted. Plain values: read them, compare them, add them up.

use std::time::Instant;

use super::payload::Stamp;
use super::{Source, encoder};
use crate::histogram::Histogram;

/// Everything that one client counted.
#[derive(Debug, Clone, Default)]
pub struct ClientStats {
    /// When ICE and DTLS were first done.
    pub connected: Option<Instant>,
    /// Sources that the client publishes, in the order of its configuration.
    pub publish: Vec<PublishStats>,
    /// Slots, by number.
    pub slots: Vec<SlotStats>,
    /// Audio-only slots, by number.
    pub audio_slots: Vec<AudioStats>,
    /// What crossed the wire.
    pub wire: WireStats,
    /// Errors of the WebRTC engine; a healthy run has none.
    pub errors: Vec<String>,
}

impl ClientStats {
    /// The figures of one published source.
    pub fn source(&self, source: Source) -> Option<&PublishStats> {
        self.publish.iter().find(|publish| publish.source == source)
    }
}

/// Datagrams of one client.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WireStats {
    /// Datagrams handed to the driver.
    pub sent: u64,
    /// Their bytes.
    pub sent_bytes: u64,
    /// Datagrams that arrived.
    pub received: u64,
    /// Their bytes.
    pub received_bytes: u64,
    /// SRTP packets that arrived, retransmissions included.
    pub received_rtp: u64,
    /// Datagrams that are no STUN, DTLS, SRTP or SRTCP.
    pub malformed: u64,
    /// SRTP packets that arrived twice with the same bytes: the network copied them.
    pub copies: u64,
    /// SRTP packets whose SSRC and sequence number had been used for other bytes: the sender encrypted two packets
    /// with one nonce, which must never happen.
    pub reused_sequence_numbers: u64,
}

/// A published source.
#[derive(Debug, Clone)]
pub struct PublishStats {
    /// Which.
    pub source: Source,
    /// One for each rid, lowest first; one without simulcast.
    pub encodings: Vec<EncodingStats>,
}

impl PublishStats {
    pub(crate) fn new(source: Source, simulcast: bool) -> Self {
        let count = if simulcast { encoder::RIDS.len() } else { 1 };
        Self { source, encodings: vec![EncodingStats::default(); count] }
    }
}

/// One RTP stream that the client sends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EncodingStats {
    /// Packets, without retransmissions.
    pub packets: u64,
    /// Payload bytes.
    pub bytes: u64,
    /// Frames; packets of sound.
    pub frames: u64,
    /// Key frames among them.
    pub keyframes: u64,
    /// Picture loss indications that arrived.
    pub plis: u64,
    /// Full intra requests that arrived.
    pub firs: u64,
    /// Packets that NACKs asked for again; brought up to date once a second.
    pub nacks: u64,
}

/// One slot.
#[derive(Debug, Clone, Default)]
pub struct SlotStats {
    /// Its picture.
    pub video: VideoStats,
    /// Its sound.
    pub audio: AudioStats,
}

/// What every received RTP stream counts.
#[derive(Debug, Clone, Default)]
pub struct RtpStats {
    /// Packets, repaired ones included, each counted once.
    pub packets: u64,
    /// Payload bytes.
    pub bytes: u64,
    /// First sequence number, extended beyond 16 bits.
    pub first: Option<u64>,
    /// Highest sequence number, extended beyond 16 bits.
    pub last: Option<u64>,
    /// Sequence numbers between first and last that have not arrived, neither at first nor by retransmission.
    pub missing: u64,
    /// Packets that filled a gap: retransmitted or reordered.
    pub filled: u64,
    /// Times a later packet had an earlier timestamp.
    pub timestamp_regressions: u64,
    /// Times the sequence number jumped by 1000 or more.
    pub sequence_jumps: u64,
    /// Packets that do not carry a stamp or whose parts contradict each other.
    pub malformed: u64,
    /// The last packet's stamp.
    pub stamp: Option<Stamp>,
    /// When the last packet came.
    pub arrived: Option<Instant>,
    /// NACK messages sent; brought up to date once a second.
    pub nacks: u64,
}

/// The picture of a slot, as a decoder would have seen it.
#[derive(Debug, Clone, Default)]
pub struct VideoStats {
    /// The RTP stream.
    pub rtp: RtpStats,
    /// Frames of which all packets came and which a decoder could decode.
    pub frames: u64,
    /// Key frames among them.
    pub keyframes: u64,
    /// Frames given up: incomplete, or complete but not decodable.
    pub dropped: u64,
    /// Frames that the sender sent between two decoded ones of one encoding, and that were not decoded: whether they
    /// were given up or never came. The RTP numbers do not show it, since the server may close their gaps.
    pub skipped: u64,
    /// Later frames with a picture id that is not later (modulo 2^15).
    pub picture_id_regressions: u64,
    /// Gaps between decoded frames of at least max(3 d, d + 150 ms), d being the average of the last 30 gaps: the
    /// definition of `freezeCount` (<https://www.w3.org/TR/webrtc-stats/#dom-rtcinboundrtpstreamstats-freezecount>).
    pub freezes: u64,
    /// Their sum in microseconds.
    pub frozen_micros: u64,
    /// The longest gap between two decoded frames in microseconds.
    pub longest_gap_micros: u64,
    /// Keyframe requests sent.
    pub plis: u64,
    /// The stamp of the last decoded frame (its first packet's).
    pub decoded: Option<Stamp>,
    /// When it was decoded.
    pub decoded_at: Option<Instant>,
    /// From a frame's capture to its decoding.
    pub delay: Histogram,
    /// Every change of sender, source or encoding, oldest first; the first 1000.
    pub switches: Vec<Switch>,
}

/// A slot began to show another sender, source or encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Switch {
    /// When its first frame was decoded.
    pub at: Instant,
    /// The sender.
    pub sender: u64,
    /// Its source.
    pub source: Source,
    /// The encoding, 0 is the lowest.
    pub layer: u8,
}

/// The sound of a slot.
#[derive(Debug, Clone, Default)]
pub struct AudioStats {
    /// The RTP stream.
    pub rtp: RtpStats,
    /// Packets whose timestamp is not a whole number of 20 ms frames after the packet before: a browser conceals at
    /// each of them.
    pub misaligned: u64,
    /// Packets that the sender sent between two that came, and that were not there when the later one came.
    pub skipped: u64,
    /// From sending to arrival.
    pub delay: Histogram,
}
