//! What a receiver tells a sender: arrival times for congestion control, packets to send again, and reception
//! reports; and what a sender remembers of what it sent. Plain structs, driven by `now`.

mod nack;
mod report;
mod sent;
mod transport_cc;

pub use nack::{NackTracker, Received};
pub use report::ReceiveReport;
pub use sent::{Awaited, SentPackets};
pub use transport_cc::TransportCcRecorder;

#[cfg(test)]
mod tests;
