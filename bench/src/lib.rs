//! Synthetic WebRTC clients for Confab, and a load bench made of them.
//!
//! - [`client`] is one client without sockets, clock or threads: the SFU's simulation drives it under virtual time,
//!   the bench over real sockets.

pub mod client;
pub mod histogram;
