//! Session descriptions: reading a client's offer and writing our answer (RFC 8866,
//! <https://www.rfc-editor.org/rfc/rfc8866>; for WebRTC RFC 9429, <https://www.rfc-editor.org/rfc/rfc9429>).
//!
//! The text is our own on both sides, so that SSRCs, stream ids and sections are ours to choose.

mod answer;
mod offer;

pub use answer::{AnswerSection, AnswerTransport, write_answer};
pub use offer::{Direction, MediaKind, OfferedCodec, OfferedMedia, SdpOffer};

#[cfg(test)]
mod tests;
