//! The sans-IO core: no socket, clock, thread, lock or `async` in here. `now` and randomness are parameters.

pub mod feedback;
pub mod rtp;
pub mod sdp;
pub mod srtp;
pub mod stats;
