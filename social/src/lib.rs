//! Confab's people: accounts, sessions, mail, profiles, images; connections, posts, comments, conversations, rings, letters, notifications, search.
//!
//! [`Social`] is what all requests share; [`routes`] is the map of the routes and at the same time their description
//! (OpenAPI). Each noun has its folder: types and rules, `routes` (thin handlers), `store` (one function for each question
//! to the database). [`db`] knows both databases, [`visibility`] alone knows who may see what. Time and randomness are
//! parameters ([`clock`], [`secrets::SharedRng`]), so no test sleeps.
//!
//! This crate knows neither rooms nor media. `signalling` puts its routes beside its own, tells it who calls
//! ([`caller::Caller`]), and asks it who is signed in ([`auth::Viewer`]).

// What the bench fills databases with is used by tests in here, too.
#[cfg(test)]
extern crate self as confab_social;

pub mod accounts;
pub mod activity;
pub mod attachments;
pub mod auth;
pub mod body;
pub mod caller;
pub mod clock;
pub mod comments;
pub mod config;
pub mod connections;
pub mod conversations;
pub mod db;
mod demo;
mod device;
pub mod error;
pub mod events;
mod export;
mod house;
pub mod id;
pub mod letters;
pub mod limits;
pub mod mail;
pub mod messages;
pub mod names;
pub mod notifications;
mod openapi;
pub mod page;
#[cfg(test)]
mod plans;
pub mod pool;
pub mod posts;
pub mod presence;
pub mod profiles;
pub mod push;
pub mod rate;
pub mod rings;
#[cfg(test)]
mod scratch;
pub mod search;
pub mod secrets;
pub mod sessions;
mod state;
pub mod uploads;
pub mod visibility;

pub use self::demo::DemoError;
pub use self::openapi::{ServerInfo, routes};
pub use self::state::{Social, StartError};
