//! Who follows whom, who are friends, and who wants to have nothing to do with whom.
//!
//! [`changes`] is what people do to each other, [`lists`] who they are, [`suggestions`] who else there is.

pub mod changes;
pub mod lists;
pub(crate) mod store;
pub mod suggestions;
pub(crate) mod takeout;

use serde::Serialize;
use ts_rs::TS;
use utoipa::ToSchema;

use crate::profiles::Person;

/// How far two people are on the way to being friends, from the viewer's side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Friendship {
    /// Not at all.
    None,
    /// The viewer has asked.
    Sent,
    /// The other has asked.
    Received,
    /// They are friends.
    Friends,
}

/// What is between a viewer and somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS, ToSchema)]
pub struct Connection {
    /// Whether the viewer follows the other.
    pub following: bool,
    /// Whether the other follows the viewer.
    pub follows_me: bool,
    /// Whether they are friends.
    pub friendship: Friendship,
}

/// Somebody whom the viewer may want to follow.
#[derive(Debug, Serialize, TS, ToSchema)]
pub struct Suggestion {
    /// The person.
    pub person: Person,
    /// How many of those whom the viewer follows follow the person.
    #[ts(type = "number")]
    pub mutual: i64,
}

/// People whom the viewer may want to follow.
#[derive(Debug, Serialize, TS, ToSchema)]
pub struct Suggestions {
    /// They, the best first.
    pub items: Vec<Suggestion>,
}
