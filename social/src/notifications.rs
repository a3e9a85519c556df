//! Notifications: what others did that concerns somebody.
//!
//! Whatever somebody does writes its notification in its own transaction ([`notify`]). A notification is shown, and
//! counted, only while somebody is left who did it and whom the viewer may see, and while the viewer may read the post
//! that it is about: this is asked whenever it is shown, not when it is made.

pub(crate) mod forget;
pub(crate) mod notify;
pub mod routes;
pub(crate) mod store;

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::profiles::Author;

/// Kinds of notifications; in the database by their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NotificationKind {
    /// Somebody follows the account now.
    Follow,
    /// Somebody asks to be friends.
    FriendRequest,
    /// Somebody has agreed to be friends.
    FriendAccepted,
    /// Somebody likes a post.
    PostLiked,
    /// Somebody likes a comment.
    CommentLiked,
    /// Somebody has commented on a post.
    Comment,
    /// Somebody has replied to a comment.
    Reply,
    /// Somebody has named the account in a post or comment.
    Mention,
    /// Somebody has written a letter.
    Letter,
    /// Somebody has written in a conversation of which all was read.
    Message,
    /// Somebody has invited the account to a group or room.
    GroupInvitation,
    /// Somebody has called, and the account has not answered.
    MissedCall,
}

impl NotificationKind {
    const ALL: [(Self, &'static str); 12] = [
        (Self::Follow, "follow"),
        (Self::FriendRequest, "friend_request"),
        (Self::FriendAccepted, "friend_accepted"),
        (Self::PostLiked, "post_liked"),
        (Self::CommentLiked, "comment_liked"),
        (Self::Comment, "comment"),
        (Self::Reply, "reply"),
        (Self::Mention, "mention"),
        (Self::Letter, "letter"),
        (Self::Message, "message"),
        (Self::GroupInvitation, "group_invitation"),
        (Self::MissedCall, "missed_call"),
    ];

    /// Its name in the database.
    pub(crate) fn name(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }

    /// What a name in the database means, unless a newer version wrote it.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind)
    }
}

/// One thing that happened, by one or more people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS, ToSchema)]
pub struct Notification {
    /// Its id.
    #[ts(type = "string")]
    pub id: Uuid,
    /// What happened.
    pub kind: NotificationKind,
    /// When it last happened, in milliseconds since 1970.
    #[ts(type = "number")]
    pub at: i64,
    /// Whether it was read.
    pub is_read: bool,
    /// Who did it: the last three.
    pub actors: Vec<Author>,
    /// How many more did it.
    #[ts(type = "number")]
    pub others: i64,
    /// The id of the post that it is about, if it is about one.
    #[ts(type = "string | null")]
    pub post: Option<Uuid>,
    /// The id of the comment that it is about, if it is about one.
    #[ts(type = "string | null")]
    pub comment: Option<Uuid>,
    /// The id of the letter that it is about, if it is about one.
    #[ts(type = "string | null")]
    pub letter: Option<Uuid>,
    /// The id of the conversation that it is about, if it is about one.
    #[ts(type = "string | null")]
    pub conversation: Option<Uuid>,
    /// The beginning of what the comment, or else the post, says; what the letter is about; the name of the group.
    pub excerpt: Option<String>,
}

/// How many notifications are unread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS, ToSchema)]
pub struct Unread {
    /// That number.
    #[ts(type = "number")]
    pub unread: i64,
}

/// What somebody wants to be notified of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NotificationSettings {
    /// The kinds that are not wanted.
    #[schema(max_items = 32)]
    pub muted: Vec<NotificationKind>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_the_database_are_those_of_the_interface() {
        for (kind, name) in NotificationKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), name);
            assert_eq!(NotificationKind::parse(kind.name()), Some(kind));
        }
    }
}
