//! Search over people, posts and rooms.

use serde::Serialize;
use ts_rs::TS;
use utoipa::ToSchema;

use crate::posts::Post;
use crate::profiles::Person;

/// A room that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS, ToSchema)]
pub struct FoundRoom {
    /// Its id, as it stands in its link.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// The best of what was found.
#[derive(Debug, Serialize, TS, ToSchema)]
pub struct SearchResult {
    /// People.
    pub people: Vec<Person>,
    /// Posts, the newest first.
    pub posts: Vec<Post>,
    /// Rooms of the one who asks.
    pub rooms: Vec<FoundRoom>,
}
