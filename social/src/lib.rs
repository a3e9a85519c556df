//! Confab's accounts, profiles and people.

#[cfg(test)]
mod scratch;
pub mod uploads;
