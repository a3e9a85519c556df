//! What a receiver tells a sender: arrival times for congestion control, packets to send again, and reception
//! reports. Plain structs, driven by `now`.

mod nack;
mod report;
mod transport_cc;

pub use nack::{NackTracker, Received};
pub use report::ReceiveReport;
pub use transport_cc::TransportCcRecorder;

#[cfg(test)]
mod tests;
