//! Comments on posts, and replies to them.
//!
//! Counters change in one order everywhere, so that two transactions never wait for each other: the post first, then its
//! comments, then those who are notified.

pub(crate) mod likes;
pub(crate) mod purge;
pub mod routes;
pub(crate) mod store;
pub(crate) mod write;

use serde::Serialize;
use ts_rs::TS;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::profiles::Author;

/// A comment on a post, or a reply to a comment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS, ToSchema)]
pub struct Comment {
    /// Its id; ids sort by time.
    #[ts(type = "string")]
    pub id: Uuid,
    /// The post's id.
    #[ts(type = "string")]
    pub post: Uuid,
    /// The id of the comment to which it replies, if it is a reply.
    #[ts(type = "string | null")]
    pub parent: Option<Uuid>,
    /// Who wrote it; nobody if it was removed and only its replies are left.
    pub author: Option<Author>,
    /// What it says; empty if it was removed.
    pub text: String,
    /// When it was written, in milliseconds since 1970.
    #[ts(type = "number")]
    pub created_at: i64,
    /// When it was last changed, in milliseconds since 1970, if it was.
    #[ts(type = "number | null")]
    pub edited_at: Option<i64>,
    /// How many people like it.
    #[ts(type = "number")]
    pub likes: i64,
    /// How many replies it has.
    #[ts(type = "number")]
    pub replies: i64,
    /// Whether the viewer likes it.
    pub liked: bool,
    /// Whether the viewer wrote it.
    pub is_mine: bool,
}
