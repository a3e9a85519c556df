//! Letters between two people: an inbox, what was sent, a page for each letter.
//!
//! Each of the two has a copy, which nobody but its owner sees and deletes; the letter goes with the last of them. A copy is
//! shown, and counted, only while its other side may be seen. When that account has gone, the copy stays as one from or to
//! nobody.
//!
//! Rows are locked in one order: letters first, then the numbers of accounts, then those of events, then copies.

pub(crate) mod purge;
pub mod routes;
pub(crate) mod rules;
pub(crate) mod store;
pub(crate) mod takeout;
pub(crate) mod write;

use serde::Serialize;
use ts_rs::TS;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::profiles::Author;

/// A letter in the viewer's mailbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS, ToSchema)]
pub struct Letter {
    /// Its id; ids sort by time.
    #[ts(type = "string")]
    pub id: Uuid,
    /// Who wrote it; nobody if that account has gone.
    pub from: Option<Author>,
    /// For whom it is; nobody if that account has gone.
    pub to: Option<Author>,
    /// What it is about: 1 to 200 characters on one line.
    pub subject: String,
    /// What it says: 1 to 20000 characters.
    pub text: String,
    /// When it was sent, in milliseconds since 1970.
    #[ts(type = "number")]
    pub created_at: i64,
    /// Whether the viewer has read it; what they wrote is read.
    pub is_read: bool,
    /// Whether the viewer wrote it.
    pub is_mine: bool,
    /// The id of the letter that it answers, if it answers one that the viewer has.
    #[ts(type = "string | null")]
    pub reply_to: Option<Uuid>,
}

/// A letter in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS, ToSchema)]
pub struct LetterSummary {
    /// Its id; ids sort by time.
    #[ts(type = "string")]
    pub id: Uuid,
    /// Who wrote it; nobody if that account has gone.
    pub from: Option<Author>,
    /// For whom it is; nobody if that account has gone.
    pub to: Option<Author>,
    /// What it is about: 1 to 200 characters on one line.
    pub subject: String,
    /// The beginning of what it says, on one line: at most 140 characters.
    pub excerpt: String,
    /// When it was sent, in milliseconds since 1970.
    #[ts(type = "number")]
    pub created_at: i64,
    /// Whether the viewer has read it; what they wrote is read.
    pub is_read: bool,
    /// Whether the viewer wrote it.
    pub is_mine: bool,
}

/// A letter and what was written before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS, ToSchema)]
pub struct LetterThread {
    /// The letter.
    pub letter: Letter,
    /// Those of the letters before it, each of which answers one of the others, that the viewer has: at most 50, the last
    /// first.
    pub earlier: Vec<LetterSummary>,
}

/// How many letters are unread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS, ToSchema)]
pub struct UnreadLetters {
    /// That number.
    #[ts(type = "number")]
    pub unread: i64,
}
