//! The simulation: whole calls under a virtual clock. Real clients (ICE, DTLS and SRTP by str0m) talk to one real
//! worker over links that lose, delay and reorder, and every story ends with what people would have seen and heard.
//!
//! One seed makes one run, but for the randomness inside str0m's ICE and DTLS; no oracle depends on that. Nothing here
//! waits for a real clock.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "test code")]
#![allow(unreachable_pub, reason = "a test exports nothing, so all of it is unreachable")]

mod agent;
mod links;
mod oracles;
mod patient;
mod raw;
mod stories;
mod world;
