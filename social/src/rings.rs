//! Rings: somebody calls the people of a conversation, for at most 30 s.
//!
//! A ring is a row with its deadline, so that a restart changes nothing of it: whoever has not answered by then has missed
//! it, and is notified once. The room of the call is opened by whoever has rooms ([`Calls`]). All that happens to a ring
//! happens while its conversation is locked, and tabs are told of it by a hint.

pub mod routes;
pub(crate) mod rules;
pub(crate) mod store;
pub(crate) mod takeout;
pub(crate) mod write;

use std::fmt::Debug;
use std::pin::Pin;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::id::AccountId;
use crate::profiles::Author;
use crate::state::Social;

/// What a call is meant to carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RingMedia {
    /// Pictures and sound.
    Video,
    /// Sound.
    Audio,
}

impl RingMedia {
    /// Its name in the database.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Video => "video",
            Self::Audio => "audio",
        }
    }

    /// What a name in the database means.
    pub(crate) fn parse(name: &str) -> Self {
        match name {
            "audio" => Self::Audio,
            _ => Self::Video,
        }
    }
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

impl RungState {
    const ALL: [(Self, &'static str); 5] = [
        (Self::Ringing, "ringing"),
        (Self::Accepted, "accepted"),
        (Self::Declined, "declined"),
        (Self::Busy, "busy"),
        (Self::Missed, "missed"),
    ];

    /// Its name in the database.
    pub(crate) fn name(self) -> &'static str {
        Self::ALL.iter().find(|(state, _)| *state == self).map_or("", |(_, name)| name)
    }

    /// What a name in the database means; that nobody is rung, if an older version does not know it.
    pub(crate) fn parse(name: &str) -> Self {
        Self::ALL.iter().find(|(_, known)| *known == name).map_or(Self::Missed, |(state, _)| *state)
    }
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

/// A room that is being opened: its id, as it stands in its link; none if there can be no more.
pub type Opening<'a> = Pin<Box<dyn Future<Output = Option<String>> + Send + 'a>>;

/// Who has rooms for calls, and knows who is in them.
pub trait Calls: Debug + Send + Sync {
    /// Opens a room of an account for people who are signed in.
    fn open(&self, owner: AccountId) -> Opening<'_>;

    /// The accounts that are in a room now. It must not block.
    fn people_in(&self, room: &str) -> Vec<AccountId>;

    /// Whether an account is in any room now. It must not block.
    fn is_in_call(&self, account: AccountId) -> bool;
}

impl Social {
    /// Lets people be called. The first call counts.
    pub fn open_calls(&self, calls: Arc<dyn Calls>) {
        // Who sets it twice has made a mistake that changes nothing.
        let _ = self.calls.set(calls);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_the_database_are_those_of_the_interface() {
        for (state, name) in RungState::ALL {
            assert_eq!(serde_json::to_value(state).unwrap(), name);
            assert_eq!(RungState::parse(state.name()), state);
        }
        for media in [RingMedia::Video, RingMedia::Audio] {
            assert_eq!(serde_json::to_value(media).unwrap(), media.name());
            assert_eq!(RingMedia::parse(media.name()), media);
        }
    }
}
