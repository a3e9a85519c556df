//! What the network sends, made up by a fuzzer. A target is a function of bytes that panics when something does not
//! hold: that no input breaks a parser goes without saying, so each target also checks what must be true of the
//! outcome.
//!
//! The same functions run in two ways: under libFuzzer (`make fuzz`), and over the committed corpus in `corpus/` with
//! all other tests, so that what was once found stays found.

#![expect(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a target reports by panicking")]

mod bytes;
mod datagram;
mod dependency;
mod frames;
mod media;
mod message;
mod payload;
#[path = "../../sfu/tests/sim/raw/mod.rs"]
#[expect(dead_code, unreachable_pub, reason = "the simulation's client, which has more than is needed here")]
mod raw;
mod rtcp;
mod rtp;
mod scene;
mod sdp;

/// Where the worker is, as the simulation's client knows it.
mod world {
    use std::net::{IpAddr, Ipv4Addr, SocketAddr};

    pub(crate) const WORKER: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), 3478);
}

/// One target: panics if `data` breaks a promise.
pub type Target = fn(data: &[u8]);

/// All targets, by the names of their folders in `corpus/`.
pub const TARGETS: [(&str, Target); 9] = [
    ("rtp", rtp::run),
    ("rtcp", rtcp::run),
    ("payload", payload::run),
    ("dependency", dependency::run),
    ("frames", frames::run),
    ("sdp", sdp::run),
    ("message", message::run),
    ("datagram", datagram::run),
    ("media", media::run),
];

/// The target of this name.
pub fn target(name: &str) -> Option<Target> {
    TARGETS.iter().find(|(known, _)| *known == name).map(|(_, target)| *target)
}
