//! The sans-IO core: no socket, clock, thread, lock or `async` in here. `now` and randomness are parameters.
//!
//! In reading order:
//!
//! 1. [`worker`] owns whole rooms and peers, and is all that the shell sees; [`outbox`] is what it wants done,
//!    [`timers`] say when.
//! 2. [`demux`] finds a datagram's peer by its [`endpoint`]; [`peer`] is one far end, with its [`transport`] (ICE,
//!    DTLS; [`stun`]), [`sdp`] and [`negotiation`], [`srtp`], [`rtp`] and [`feedback`].
//! 3. [`room`] has members and [`publication`]s; a [`subscription`] is one viewer's view of one of them.
//! 4. What the way to a viewer can take: [`estimate`], in [`bitrate`]s.
//! 5. Pure decisions: [`select`], [`rewrite`], [`allocate`], [`keyframe`], [`speaker`].
//! 6. [`framing`] cuts streams into datagrams; [`packets`] keeps what may be asked for again; [`stats`] counts.

pub mod allocate;
pub mod bitrate;
pub mod demux;
pub mod endpoint;
pub mod estimate;
pub mod feedback;
pub mod framing;
pub mod keyframe;
pub mod negotiation;
pub mod outbox;
pub mod packets;
pub mod peer;
pub mod publication;
pub mod rates;
pub mod rewrite;
pub mod room;
pub mod rtp;
pub mod sdp;
pub mod select;
pub mod speaker;
pub mod srtp;
pub mod stats;
pub mod stun;
pub mod subscription;
pub mod timers;
pub mod transport;
pub mod wishes;
pub mod worker;
