//! Posts: what people write for others to read, with images, likes and comments.
//!
//! [`write`] makes, changes and removes posts, [`feed`] lists them, [`store`] asks the database, [`rules`] knows which texts
//! are good, [`mentions`] who is named in them and is to hear of it.

pub mod feed;
pub(crate) mod images;
pub(crate) mod likes;
pub(crate) mod mentions;
pub(crate) mod purge;
pub mod routes;
pub(crate) mod rules;
pub(crate) mod store;
pub(crate) mod takeout;
mod write;

use serde::Serialize;
use ts_rs::TS;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::profiles::Author;
use crate::visibility::Audience;

/// An image of a post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS, ToSchema)]
pub struct PostImage {
    /// Its id, by which a post that is being written or edited names it.
    #[ts(type = "string")]
    pub id: Uuid,
    /// Where the large one is.
    pub url: String,
    /// Where the small one is.
    pub small_url: String,
    /// Pixels of the large one.
    #[ts(type = "number")]
    pub width: i64,
    /// Pixels of the large one.
    #[ts(type = "number")]
    pub height: i64,
    /// What it shows, for people who do not see it; empty if nobody has said.
    pub alt: String,
}

/// A post as somebody reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS, ToSchema)]
pub struct Post {
    /// Its id; ids sort by time.
    #[ts(type = "string")]
    pub id: Uuid,
    /// Who wrote it.
    pub author: Author,
    /// What it says; empty if images say it all.
    pub text: String,
    /// Who may read it.
    pub audience: Audience,
    /// Its images, in order.
    pub images: Vec<PostImage>,
    /// When it was written, in milliseconds since 1970.
    #[ts(type = "number")]
    pub created_at: i64,
    /// When it was last changed, in milliseconds since 1970, if it was.
    #[ts(type = "number | null")]
    pub edited_at: Option<i64>,
    /// How many people like it, and how many comments and replies it has.
    pub counts: PostCounts,
    /// Whether the viewer likes it.
    pub liked: bool,
    /// Whether the viewer wrote it.
    pub is_mine: bool,
}

/// The numbers below a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS, ToSchema)]
pub struct PostCounts {
    /// How many people like it.
    #[ts(type = "number")]
    pub likes: i64,
    /// How many comments and replies it has.
    #[ts(type = "number")]
    pub comments: i64,
}

/// What a like changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS, ToSchema)]
pub struct Liked {
    /// Whether the viewer likes it now.
    pub liked: bool,
    /// How many people do.
    #[ts(type = "number")]
    pub likes: i64,
}

/// What a post said for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS, ToSchema)]
pub struct PostVersion {
    /// When it began to say so, in milliseconds since 1970.
    #[ts(type = "number")]
    pub at: i64,
    /// The text.
    pub text: String,
    /// Who might read it.
    pub audience: Audience,
}
