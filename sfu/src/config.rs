//! Every limit and interval of the SFU, with its unit and what another value would cost.

use std::net::IpAddr;
use std::time::Duration;

/// The SFU's settings. `Default` is right for one machine with a public or a local address.
#[derive(Debug, Clone)]
pub struct SfuConfig {
    /// Worker threads, each with one UDP port. More than cores costs context switches.
    pub workers: usize,
    /// First UDP port; worker `n` takes `media_port + n`. 0 lets the system choose.
    pub media_port: u16,
    /// First TCP port for clients whose network lets no UDP through; worker `n` takes `tcp_port + n`. 0 takes the
    /// number of the worker's UDP port, or any if that is taken; `None` does without TCP.
    pub tcp_port: Option<u16>,
    /// TCP connections of one worker. Each costs a descriptor and 4 kB, and up to 1 MiB while its client is slow.
    pub max_tcp_connections: usize,
    /// TCP connections of one worker from one address (of IPv6, one network of 64 bits). A client has one for each of
    /// our addresses while it tries them, and one in a call; a whole office may share an address.
    pub max_tcp_connections_by_address: usize,
    /// Addresses to announce in candidates in place of this machine's own (behind a 1:1 NAT).
    pub public_addresses: Vec<IpAddr>,
    /// Silence (no datagram of any kind) after which a peer is reported as silent. Browsers send an ICE check about
    /// every 2.5 s; lower values mistake a short outage for an end, higher ones show ghosts for longer.
    pub silence_timeout: Duration,
    /// Silence after which a peer is closed and its memory freed.
    pub expiry_timeout: Duration,
    /// Time for a new peer to finish ICE and DTLS.
    pub connect_timeout: Duration,
    /// Interval of the worker's tick: NACKs, receiver reports, transport-cc feedback, speakers. Lower costs CPU with
    /// every peer, higher delays repair.
    pub tick: Duration,
    /// Least time between two keyframe requests for one encoding, however many viewers ask.
    pub keyframe_interval: Duration,
    /// Loudest people who are heard by viewers who do not see them. At least the number of audio slots of a client
    /// is useful; more costs downlink.
    pub loudest: usize,
    /// Bytes of an SDP offer.
    pub max_offer_bytes: usize,
    /// Media sections of an offer.
    pub max_sections: usize,
    /// Slots of one peer.
    pub max_slots: usize,
    /// Peers in one room.
    pub max_room_peers: usize,
    /// Peers of one worker.
    pub max_worker_peers: usize,
    /// What is kept of each encoding of a picture for retransmission.
    pub packet_history: PacketHistory,
    /// RTP streams (SSRCs) that one peer may send. More are dropped and counted.
    pub max_streams: usize,
    /// Bytes of a datagram. Browsers send at most 1200, and Ethernet carries 1500; larger ones, which arrive in
    /// fragments, would only fill the packets' history and could not be sent on.
    pub max_datagram_bytes: usize,
}

/// How much of an encoding is kept. Memory is taken as the encoding's rate needs it: 1.5 s of 150 kbit/s are 28 kB, of
/// 2.5 Mbit/s 470 kB. The other two only bound what a flood can take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PacketHistory {
    /// Time that the packets kept span at least. A viewer asks for a packet for about as long as its jitter buffer
    /// waits, which is well below 1 s, and its last request takes a round trip. Less leaves losses to keyframes, more
    /// costs memory with every encoding.
    pub time: Duration,
    /// Bytes of payload: 1.5 s of 11 Mbit/s. A faster encoding has a shorter history.
    pub bytes: usize,
    /// Packets, rounded down to a power of two: 1.5 s of 1365 a second. Each costs about 100 bytes beside its payload.
    pub packets: usize,
}

impl Default for SfuConfig {
    fn default() -> Self {
        Self {
            workers: std::thread::available_parallelism().map_or(1, |cores| cores.get()),
            media_port: 0,
            tcp_port: Some(0),
            max_tcp_connections: 1000,
            max_tcp_connections_by_address: 100,
            public_addresses: Vec::new(),
            silence_timeout: Duration::from_secs(10),
            expiry_timeout: Duration::from_secs(45),
            connect_timeout: Duration::from_secs(20),
            tick: Duration::from_millis(20),
            keyframe_interval: Duration::from_millis(500),
            loudest: 3,
            max_offer_bytes: 256 * 1024,
            max_sections: 128,
            max_slots: 50,
            max_room_peers: 500,
            max_worker_peers: 5000,
            packet_history: PacketHistory { time: Duration::from_millis(1500), bytes: 2 << 20, packets: 2048 },
            max_streams: 64,
            max_datagram_bytes: 1500,
        }
    }
}
