//! Accounts and people over HTTP: each noun's stories, told on SQLite and on Postgres.
//!
//! `story!` makes two tests of one story. Postgres is a throw-away cluster that the first test starts
//! ([`support::postgres`]); each story has a database of its own.

// Helpers of tests fail by panicking, like tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]

mod support;

mod accounts;
mod attachments;
mod chat_notices;
mod comments;
mod connections;
mod conversations;
mod counters;
mod deletion;
mod directory;
mod events;
mod feeds;
mod images;
mod letters;
mod live;
mod media;
mod network;
mod notices;
mod notifications;
mod posts;
mod profiles;
mod push;
mod rings;
mod rooms;
mod search;
mod security;
mod sessions;
