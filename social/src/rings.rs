//! Rings: somebody calls the people of a conversation, for at most 30 s.
//!
//! A ring is a row with its deadline, so that a restart changes nothing of it: whoever has not answered by then has missed
//! it, and is notified once. The room of the call is opened by whoever has rooms ([`Calls`]). All that happens to a ring
//! happens while its conversation is locked, and tabs are told of it by a hint.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::profiles::Author;

/// What a call is meant to carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RingMedia {
    /// Pictures and sound.
    Video,
    /// Sound.
    Audio,
}

/// Whether anybody is still being rung.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RingState {
    /// Somebody has not answered yet.
    Ringing,
    /// Nobody is rung any more.
    Over,
}

/// What became of somebody who is rung.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RungState {
    /// Has not answered yet.
    Ringing,
    /// Comes.
    Accepted,
    /// Does not come.
    Declined,
    /// Was in another call, or being rung for one.
    Busy,
    /// Has not answered in time.
    Missed,
}

/// Somebody who is rung.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS, ToSchema)]
pub struct RungPerson {
    /// Who.
    pub person: Author,
    /// What became of it.
    pub state: RungState,
}

/// Somebody calls the people of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS, ToSchema)]
pub struct Ring {
    /// Its id.
    #[ts(type = "string")]
    pub id: Uuid,
    /// The id of the conversation.
    #[ts(type = "string")]
    pub conversation: Uuid,
    /// The name of the group; none between two.
    pub title: Option<String>,
    /// Who calls.
    pub caller: Author,
    /// What the call is meant to carry.
    pub media: RingMedia,
    /// The id of the room in which they meet.
    pub room: String,
    /// Whether anybody is still being rung.
    pub state: RingState,
    /// Who is rung, as far as the viewer may see them.
    pub people: Vec<RungPerson>,
    /// When it began, in milliseconds since 1970.
    #[ts(type = "number")]
    pub started_at: i64,
    /// When it ends by itself, in milliseconds since 1970.
    #[ts(type = "number")]
    pub ends_at: i64,
}
