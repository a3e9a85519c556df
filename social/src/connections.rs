//! Who follows whom, who are friends, and who wants to have nothing to do with whom.

use serde::Serialize;
use ts_rs::TS;
use utoipa::ToSchema;

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
