//! May this viewer see that? The only place that knows.
//!
//! Who is seen at all, and who may read what, are conditions of SQL ([`is_there`], [`no_block`], [`may_read`]) that every
//! question to the database contains, where the viewer is `$1` by convention; so nothing is read that is then to be hidden.
//! Which fields of a profile are shown follows from the [`Relation`] that comes with its row. Whoever is not signed in asks
//! as [`crate::id::AccountId::NOBODY`].

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// Who may see a field of a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Everybody who has the link.
    #[default]
    Public,
    /// Who follows the person.
    Followers,
    /// Only the person.
    Nobody,
}

/// Who may read a post, and with it its comments and likes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Everybody, also without an account.
    #[default]
    Public,
    /// Who follows the author, and friends.
    Followers,
    /// Friends.
    Friends,
}

impl Audience {
    /// Its name in the database.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Followers => "followers",
            Self::Friends => "friends",
        }
    }

    /// Whether some may read what is for `other` and not what is for this.
    pub(crate) fn is_narrower_than(self, other: Self) -> bool {
        let width = |audience| match audience {
            Self::Public => 2,
            Self::Followers => 1,
            Self::Friends => 0,
        };
        width(self) < width(other)
    }

    /// What a name in the database means; the narrowest if an older version does not know it.
    pub(crate) fn parse(name: &str) -> Self {
        match name {
            "public" => Self::Public,
            "followers" => Self::Followers,
            _ => Self::Friends,
        }
    }
}

/// What a viewer is to the one whom they look at, no block being between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Relation {
    /// The same person.
    Own,
    /// Both have agreed to be friends.
    Friend,
    /// The viewer follows the other.
    Follower,
    /// Anybody else, signed in or not.
    Stranger,
}

impl Relation {
    /// The closest that holds.
    pub(crate) fn closest(is_own: bool, is_friend: bool, is_follower: bool) -> Self {
        match (is_own, is_friend, is_follower) {
            (true, ..) => Self::Own,
            (_, true, _) => Self::Friend,
            (.., true) => Self::Follower,
            _ => Self::Stranger,
        }
    }

    /// Whether a field of this visibility is shown.
    pub(crate) fn sees(self, visibility: Visibility) -> bool {
        match self {
            Self::Own => true,
            Self::Friend | Self::Follower => visibility != Visibility::Nobody,
            Self::Stranger => visibility == Visibility::Public,
        }
    }
}

/// A condition: the account (an alias of `accounts`) is verified, not suspended, and not about to be deleted.
macro_rules! is_there {
    ($account:literal) => {
        concat!(
            $account,
            ".verified_at IS NOT NULL AND ",
            $account,
            ".deletion_at IS NULL AND NOT ",
            $account,
            ".is_suspended"
        )
    };
}
pub(crate) use is_there;

/// A condition: neither has blocked the other.
macro_rules! no_block {
    ($viewer:literal, $other:literal) => {
        concat!(
            "NOT EXISTS (SELECT 1 FROM blocks WHERE blocker_id = ",
            $viewer,
            " AND blocked_id = ",
            $other,
            ")",
            " AND NOT EXISTS (SELECT 1 FROM blocks WHERE blocker_id = ",
            $other,
            " AND blocked_id = ",
            $viewer,
            ")"
        )
    };
}
pub(crate) use no_block;

/// A condition: the viewer is in the audience of a post (an alias of `posts`). Asks nothing about blocks.
macro_rules! may_read {
    ($viewer:literal, $post:literal) => {
        concat!(
            "(",
            $post,
            ".audience = 'public' OR ",
            $post,
            ".author_id = ",
            $viewer,
            " OR (",
            $post,
            ".audience = 'followers' AND EXISTS (SELECT 1 FROM follows WHERE follower_id = ",
            $viewer,
            " AND followed_id = ",
            $post,
            ".author_id))",
            " OR EXISTS (SELECT 1 FROM friends WHERE account_id = ",
            $viewer,
            " AND friend_id = ",
            $post,
            ".author_id))"
        )
    };
}
pub(crate) use may_read;

/// A condition: no block is between the viewer and the other one of a conversation of two (an alias of `conversations`). In
/// a group neither sees what the other writes, and both see the rest.
macro_rules! may_open {
    ($viewer:literal, $conversation:literal) => {
        concat!(
            "(",
            $conversation,
            ".kind <> 'direct' OR NOT EXISTS (SELECT 1 FROM members bm WHERE bm.conversation_id = ",
            $conversation,
            ".id AND bm.account_id <> ",
            $viewer,
            " AND NOT (",
            no_block!($viewer, "bm.account_id"),
            ")))"
        )
    };
}
pub(crate) use may_open;

#[cfg(test)]
mod tests {
    use super::*;

    const RELATIONS: [Relation; 4] = [Relation::Own, Relation::Friend, Relation::Follower, Relation::Stranger];

    #[test]
    fn fields_are_seen_by_whom_they_are_for() {
        let seen = |visibility| RELATIONS.map(|relation| relation.sees(visibility));
        assert_eq!(seen(Visibility::Public), [true, true, true, true]);
        assert_eq!(seen(Visibility::Followers), [true, true, true, false]);
        assert_eq!(seen(Visibility::Nobody), [true, false, false, false]);
    }

    #[test]
    fn audiences_are_ordered_by_who_is_left_out() {
        let all = [Audience::Public, Audience::Followers, Audience::Friends];
        for (place, one) in all.into_iter().enumerate() {
            for (other_place, other) in all.into_iter().enumerate() {
                assert_eq!(one.is_narrower_than(other), place > other_place, "{one:?} {other:?}");
            }
        }
    }

    #[test]
    fn names_in_the_database_are_those_of_the_interface() {
        for audience in [Audience::Public, Audience::Followers, Audience::Friends] {
            assert_eq!(serde_json::to_value(audience).unwrap(), audience.name());
            assert_eq!(Audience::parse(audience.name()), audience);
        }
        assert_eq!(Audience::parse("of a later version"), Audience::Friends);
    }
}
