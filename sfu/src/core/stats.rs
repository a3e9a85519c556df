//! Plain counters of the core, and the reasons for which packets are dropped.

/// Why a packet was not used. A bad packet is a verdict, not an error; the name is also the metric's label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum DropReason {
    /// No peer has this address or ICE user name.
    UnknownSource,
    /// The first byte belongs to no protocol that we speak (RFC 7983, <https://www.rfc-editor.org/rfc/rfc7983>).
    UnknownProtocol,
    /// Shorter or longer than the protocol allows, or its lengths contradict each other.
    Malformed,
    /// The engine refused a STUN or DTLS datagram.
    Handshake,
    /// SRTP before the keys are known.
    NoKeys,
    /// SRTP authentication failed.
    Authentication,
    /// Received before, or too old to tell.
    Replay,
    /// The peer sends more RTP streams than it may.
    TooManyStreams,
    /// The peer sends more packets or bytes of media, or more RTCP, than it may.
    OverRate,
    /// No media section matches the stream.
    UnknownStream,
    /// The section's track is not published, or is muted.
    Unpublished,
    /// A codec that was not agreed on.
    UnknownCodec,
    /// Padding without media: a bandwidth probe.
    Padding,
    /// A retransmission of something that had arrived, or of a stream that is not known yet.
    Duplicate,
    /// Older than the packets that are kept.
    TooOld,
    /// A datagram that the engine wanted to send and that is no STUN or DTLS. Must stay 0: under the SRTP keys it
    /// would reuse a nonce.
    EngineMedia,
    /// The socket would not take the datagram.
    SendFailed,
}

impl DropReason {
    /// Every reason, in the order of their numbers.
    pub const ALL: [Self; 17] = [
        Self::UnknownSource,
        Self::UnknownProtocol,
        Self::Malformed,
        Self::Handshake,
        Self::NoKeys,
        Self::Authentication,
        Self::Replay,
        Self::TooManyStreams,
        Self::OverRate,
        Self::UnknownStream,
        Self::Unpublished,
        Self::UnknownCodec,
        Self::Padding,
        Self::Duplicate,
        Self::TooOld,
        Self::EngineMedia,
        Self::SendFailed,
    ];

    /// The metric's label.
    pub fn label(self) -> &'static str {
        match self {
            Self::UnknownSource => "unknown_source",
            Self::UnknownProtocol => "unknown_protocol",
            Self::Malformed => "malformed",
            Self::Handshake => "handshake",
            Self::NoKeys => "no_keys",
            Self::Authentication => "authentication",
            Self::Replay => "replay",
            Self::TooManyStreams => "too_many_streams",
            Self::OverRate => "over_rate",
            Self::UnknownStream => "unknown_stream",
            Self::Unpublished => "unpublished",
            Self::UnknownCodec => "unknown_codec",
            Self::Padding => "padding",
            Self::Duplicate => "duplicate",
            Self::TooOld => "too_old",
            Self::EngineMedia => "engine_media",
            Self::SendFailed => "send_failed",
        }
    }
}

/// What one worker has counted since it started.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counters {
    /// Datagrams received.
    pub datagrams_received: u64,
    /// Bytes in them.
    pub bytes_received: u64,
    /// Datagrams sent.
    pub datagrams_sent: u64,
    /// Bytes in them.
    pub bytes_sent: u64,
    /// RTP packets that passed authentication.
    pub packets_received: u64,
    /// RTP packets sent to viewers, without retransmissions.
    pub packets_forwarded: u64,
    /// Packets retransmitted to viewers.
    pub packets_retransmitted: u64,
    /// Packets of pictures that waited for their turn.
    pub packets_paced: u64,
    /// Packets that waited too long, and were not sent.
    pub packets_overflowed: u64,
    /// Clusters of probes begun.
    pub probes: u64,
    /// Packets sent as probes.
    pub packets_probed: u64,
    /// Bytes in them.
    pub padding_bytes: u64,
    /// Packets that viewers asked for again.
    pub packets_nacked: u64,
    /// Packets asked of publishers again.
    pub packets_requested: u64,
    /// Keyframes asked of publishers.
    pub keyframes_requested: u64,
    /// Keyframes that viewers asked for.
    pub keyframes_wanted: u64,
    /// SDP offers answered.
    pub negotiations: u64,
    /// Peers that were closed because a bug made their drive panic.
    pub peer_panics: u64,
    /// Rooms that were closed because a bug made them panic.
    pub room_panics: u64,
    /// Datagrams dropped, by [`DropReason`].
    pub dropped: [u64; DropReason::ALL.len()],
}

impl Counters {
    /// Counts a dropped datagram.
    pub fn drop(&mut self, reason: DropReason) {
        self.dropped[reason as usize] += 1;
    }

    /// Datagrams dropped for `reason`.
    pub fn dropped(&self, reason: DropReason) -> u64 {
        self.dropped[reason as usize]
    }
}

/// What one worker tells the outside once a second.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Counters since the start.
    pub counters: Counters,
    /// Rooms now.
    pub rooms: usize,
    /// Peers now.
    pub peers: usize,
    /// Published tracks now.
    pub publications: usize,
    /// Encodings that sent something within the last second.
    pub encodings: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_listed_in_the_order_of_their_numbers_with_distinct_labels() {
        for (index, reason) in DropReason::ALL.into_iter().enumerate() {
            assert_eq!(reason as usize, index);
        }
        let labels: std::collections::HashSet<_> = DropReason::ALL.map(DropReason::label).into_iter().collect();
        assert_eq!(labels.len(), DropReason::ALL.len());
    }
}
