//! Confab's selective forwarding unit (SFU): it receives each participant's media once and forwards to every viewer
//! what the viewer wants to see, without decoding anything.
//!
//! # Bird's-eye view
//!
//! [`Sfu::start`] runs one thread for each worker. A worker ([`core::worker::Worker`]) owns whole rooms and is
//! sans-IO: datagrams, commands and time go in, datagrams and events come out. The shell (`io`) around it owns the
//! sockets. Signalling holds a [`SfuHandle`], sends [`control::Command`]s and receives [`control::Event`]s.
//!
//! # The walk of one media packet
//!
//! ```text
//! io::udp::receive -> Worker::handle_datagram -> Demux::route -> Peer::receive_rtp (Srtp::unprotect_rtp)
//!   -> Room::receive -> Publication::receive -> Room::fan_out -> Subscription::forward { select, Rewriter }
//!   -> Peer::send (Srtp::protect_rtp into the outbox) -> io::udp::send
//! ```

pub mod config;
pub mod control;
pub mod core;
pub mod handle;
pub mod id;
mod io;

pub use config::SfuConfig;
pub use handle::{SfuHandle, SfuStopped};
pub use io::{Sfu, StartError};
