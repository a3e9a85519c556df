//! Confab's selective forwarding unit.

pub mod config;
pub mod control;
pub mod core;
pub mod handle;
pub mod id;

pub use config::SfuConfig;
pub use handle::{SfuHandle, SfuStopped};
