//! Synthetic WebRTC clients for Confab, and a load bench made of them.
//!
//! - [`client`] is one client without sockets, clock or threads: the SFU's simulation drives it under virtual time,
//!   the bench over real sockets.
//! - [`swarm`] runs many of them against a server as a [`scenario`] says; [`measure`], [`counters`] and [`floor`]
//!   take the figures, [`report`] and [`summary`] sum up.
//! - [`signalling`] speaks Confab's HTTP and WebSocket protocol, [`local`] keeps it on this machine.

pub mod client;
pub mod counters;
pub mod floor;
pub mod histogram;
pub mod local;
pub mod measure;
pub mod report;
pub mod scenario;
pub mod signalling;
pub mod summary;
pub mod swarm;
