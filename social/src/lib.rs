//! Confab's accounts, profiles and people.

pub mod mail;
#[cfg(test)]
mod scratch;
pub mod uploads;
