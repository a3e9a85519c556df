//! Messages of conversations: written, changed, deleted, read, found.
//!
//! A message has a place, the number that it took when it was written, and the number of its last change. A client that
//! knows all changes up to a number asks for those behind it ([`MessageChanges`]) and puts each where its place is; what it
//! hears twice it knows by the number. Sent again with the same `client_id`, a message is written once.

mod notices;
pub mod routes;
pub(crate) mod rules;
pub(crate) mod store;
pub(crate) mod write;

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::attachments::Attachment;
use crate::profiles::Author;

/// Kinds of messages; in the database by their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    /// What somebody wrote.
    Text,
    /// The author has made the group.
    Created,
    /// The author has joined it.
    Joined,
    /// The author has left it, or was removed by somebody whom the text does not name.
    Left,
    /// The author has given it another name, which the text is.
    Renamed,
    /// The room is deleted in a day. Nobody is its author.
    Expires,
}

impl MessageKind {
    /// Its name in the database.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Created => "created",
            Self::Joined => "joined",
            Self::Left => "left",
            Self::Renamed => "renamed",
            Self::Expires => "expires",
        }
    }

    /// What a name in the database means.
    pub(crate) fn parse(name: &str) -> Self {
        match name {
            "created" => Self::Created,
            "joined" => Self::Joined,
            "left" => Self::Left,
            "renamed" => Self::Renamed,
            "expires" => Self::Expires,
            _ => Self::Text,
        }
    }
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS, ToSchema)]
pub struct Message {
    /// Its id.
    #[ts(type = "string")]
    pub id: Uuid,
    /// The conversation's id.
    #[ts(type = "string")]
    pub conversation: Uuid,
    /// Its place.
    #[ts(type = "number")]
    pub seq: i64,
    /// The number of its last change.
    #[ts(type = "number")]
    pub changed: i64,
    /// What its author's client calls it.
    #[ts(type = "string")]
    pub client_id: Uuid,
    /// What it is.
    pub kind: MessageKind,
    /// Who wrote it; none if they have gone.
    pub author: Option<Author>,
    /// What it says; nothing if it was deleted, or has attachments only.
    pub text: String,
    /// What is attached to it, at most 10.
    pub attachments: Vec<Attachment>,
    /// The message that it answers.
    #[ts(type = "string | null")]
    pub reply_to: Option<Uuid>,
    /// When it was written, in milliseconds since 1970.
    #[ts(type = "number")]
    pub sent_at: i64,
    /// When it was last changed, in milliseconds since 1970.
    #[ts(type = "number | null")]
    pub edited_at: Option<i64>,
    /// Whether it was deleted for all.
    pub is_deleted: bool,
}

/// Changes of a conversation behind a number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS, ToSchema)]
pub struct MessageChanges {
    /// The messages that are new or have changed, by the numbers of their last changes, which are not all there are: some
    /// are of something else, or of messages that the viewer does not see.
    pub items: Vec<Message>,
    /// All changes up to this number are in the list, or in those before it.
    #[ts(type = "number")]
    pub seq: i64,
    /// Whether there are more behind it.
    pub more: bool,
}
