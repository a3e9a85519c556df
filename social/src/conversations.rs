//! Conversations: between two people, in groups, and in rooms that are gone after a week.
//!
//! A conversation numbers its changes without gaps: each message, each edit or deletion of one, and each change of its
//! name or members takes the next number, while its row is locked until that is committed. So numbers become visible in
//! their order, and whoever knows all changes up to a number asks for those behind it and has everything
//! ([`crate::messages`]). Tabs are told by [`crate::events`].

pub mod membership;
pub(crate) mod pictures;
pub(crate) mod purge;
pub mod rooms;
pub mod routes;
pub(crate) mod rules;
pub(crate) mod store;
pub(crate) mod takeout;
pub(crate) mod write;

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::messages::Message;
use crate::presence::Presence;
use crate::profiles::Author;

/// Kinds of conversations; in the database by their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConversationKind {
    /// Of two.
    Direct,
    /// Of those who were invited.
    Group,
    /// Of whoever comes, until it is gone.
    PublicRoom,
    /// Of those who were invited or let in, until it is gone.
    PrivateRoom,
}

impl ConversationKind {
    /// Its name in the database.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Group => "group",
            Self::PublicRoom => "public_room",
            Self::PrivateRoom => "private_room",
        }
    }

    /// What a name in the database means.
    pub(crate) fn parse(name: &str) -> Self {
        match name {
            "direct" => Self::Direct,
            "public_room" => Self::PublicRoom,
            "private_room" => Self::PrivateRoom,
            _ => Self::Group,
        }
    }

    /// Whether it is gone after a week.
    pub(crate) fn is_room(self) -> bool {
        matches!(self, Self::PublicRoom | Self::PrivateRoom)
    }
}

/// What somebody may do in a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Write, and leave.
    Member,
    /// Also change its name, invite people and remove members.
    Moderator,
    /// Also remove moderators and choose them.
    Owner,
}

impl Role {
    /// Its name in the database.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Moderator => "moderator",
            Self::Owner => "owner",
        }
    }

    /// What a name in the database means; the least if an older version does not know it.
    pub(crate) fn parse(name: &str) -> Self {
        match name {
            "owner" => Self::Owner,
            "moderator" => Self::Moderator,
            _ => Self::Member,
        }
    }
}

/// How far somebody is in a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MemberState {
    /// In it.
    Joined,
    /// A stranger has written, and waits for an answer or a yes.
    Requested,
    /// Invited, and has not said yes.
    Invited,
    /// Wants to be let into a private room.
    Asking,
}

impl MemberState {
    /// Its name in the database.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Joined => "joined",
            Self::Requested => "requested",
            Self::Invited => "invited",
            Self::Asking => "asking",
        }
    }

    /// What a name in the database means; the least if an older version does not know it.
    pub(crate) fn parse(name: &str) -> Self {
        match name {
            "joined" => Self::Joined,
            "requested" => Self::Requested,
            "asking" => Self::Asking,
            _ => Self::Invited,
        }
    }
}

/// A conversation as one who is in it, or asked to be, sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS, ToSchema)]
pub struct Conversation {
    /// Its id.
    #[ts(type = "string")]
    pub id: Uuid,
    /// What it is.
    pub kind: ConversationKind,
    /// Its name; none between two.
    pub title: Option<String>,
    /// Where the small version of a group's or room's picture is.
    pub picture: Option<String>,
    /// The other one of two; none if they have gone.
    pub other: Option<Author>,
    /// Whether the other one of two is here; none if they or the viewer do not show it.
    pub presence: Option<Presence>,
    /// What the viewer may do.
    pub role: Role,
    /// How far the viewer is in it.
    pub state: MemberState,
    /// How many are in it.
    #[ts(type = "number")]
    pub members: i64,
    /// The number of its last change.
    #[ts(type = "number")]
    pub seq: i64,
    /// The number of the last message that the viewer has read.
    #[ts(type = "number")]
    pub read_to: i64,
    /// How many messages by others are behind it, at most 100.
    #[ts(type = "number")]
    pub unread: i64,
    /// Between two: the number of the last message that the other one has read.
    #[ts(type = "number")]
    pub seen_to: i64,
    /// Between two: the number of the last message that has reached the other one.
    #[ts(type = "number")]
    pub delivered_to: i64,
    /// When a room is deleted, in milliseconds since 1970.
    #[ts(type = "number | null")]
    pub expires_at: Option<i64>,
    /// How many ask to be let into a private room; 0 for those who may not let them in.
    #[ts(type = "number")]
    pub asking: i64,
    /// Whether the viewer wants to hear nothing of it.
    pub is_muted: bool,
    /// The last message that the viewer may read.
    pub last: Option<Message>,
    /// When the last message was written, in milliseconds since 1970; for a new conversation, when it was made.
    #[ts(type = "number")]
    pub last_at: i64,
}

/// Somebody in a conversation, or invited to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS, ToSchema)]
pub struct Member {
    /// Who.
    pub person: Author,
    /// What they may do.
    pub role: Role,
    /// How far they are in it.
    pub state: MemberState,
    /// The number of the last message that they have read.
    #[ts(type = "number")]
    pub read_to: i64,
}

/// A room as everybody sees it who finds it or has its link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS, ToSchema)]
pub struct ChatRoom {
    /// Its id, which is that of its conversation.
    #[ts(type = "string")]
    pub id: Uuid,
    /// Its name.
    pub title: String,
    /// Whether everybody finds it and may come.
    pub is_public: bool,
    /// How many are in it.
    #[ts(type = "number")]
    pub members: i64,
    /// When the last message was written, in milliseconds since 1970; or when it was made.
    #[ts(type = "number")]
    pub last_at: i64,
    /// When it is deleted, in milliseconds since 1970.
    #[ts(type = "number")]
    pub expires_at: i64,
    /// How far the viewer is in it; none if they have nothing to do with it.
    pub state: Option<MemberState>,
}

/// How many conversations have messages that one has not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS, ToSchema)]
pub struct UnreadConversations {
    /// That number; muted ones do not count.
    #[ts(type = "number")]
    pub unread: i64,
    /// How many wait for a yes: strangers who wrote, and invitations.
    #[ts(type = "number")]
    pub requests: i64,
}
