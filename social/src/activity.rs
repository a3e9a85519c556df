//! What people did, for themselves to look up.

pub mod routes;
pub(crate) mod store;

use serde::Serialize;
use ts_rs::TS;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::db::{DbError, Sql};
use crate::id::AccountId;
use crate::state::Social;

/// Kinds of activities; in the database by their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ActivityKind {
    /// The account was made.
    Registered,
    /// Its address was verified.
    EmailVerified,
    /// The password was changed.
    PasswordChanged,
    /// The password was set anew by a link from a mail.
    PasswordReset,
    /// Something of the profile was changed; the detail names the fields.
    ProfileChanged,
    /// The picture was changed or removed.
    PictureChanged,
    /// The cover was changed or removed.
    CoverChanged,
    /// Other sessions were ended.
    SessionsRevoked,
    /// A meeting was made; the detail is its name.
    MeetingCreated,
    /// The account is to be deleted.
    DeletionRequested,
    /// It is not.
    DeletionCancelled,
    /// All data was downloaded.
    Exported,
    /// A post was written; the detail is its id, as for those that follow.
    Posted,
    /// A post was changed.
    PostEdited,
    /// A post was removed.
    PostDeleted,
    /// A post was commented on.
    Commented,
    /// A post was liked.
    Liked,
}

impl ActivityKind {
    const ALL: [(Self, &'static str); 17] = [
        (Self::Registered, "registered"),
        (Self::EmailVerified, "email_verified"),
        (Self::PasswordChanged, "password_changed"),
        (Self::PasswordReset, "password_reset"),
        (Self::ProfileChanged, "profile_changed"),
        (Self::PictureChanged, "picture_changed"),
        (Self::CoverChanged, "cover_changed"),
        (Self::SessionsRevoked, "sessions_revoked"),
        (Self::MeetingCreated, "meeting_created"),
        (Self::DeletionRequested, "deletion_requested"),
        (Self::DeletionCancelled, "deletion_cancelled"),
        (Self::Exported, "exported"),
        (Self::Posted, "posted"),
        (Self::PostEdited, "post_edited"),
        (Self::PostDeleted, "post_deleted"),
        (Self::Commented, "commented"),
        (Self::Liked, "liked"),
    ];

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }

    fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind)
    }
}

/// One of the things that somebody did.
#[derive(Debug, Serialize, TS, ToSchema)]
pub struct ActivityEntry {
    /// Its id.
    #[ts(type = "string")]
    pub id: Uuid,
    /// When, in milliseconds since 1970.
    #[ts(type = "number")]
    pub at: i64,
    /// What.
    pub kind: ActivityKind,
    /// More about it, for some kinds.
    pub detail: Option<String>,
}

/// Notes what somebody does now, in the transaction of what it tells of.
pub(crate) async fn note(
    social: &Social,
    db: &mut impl Sql,
    account: AccountId,
    (kind, detail): (ActivityKind, Option<String>),
) -> Result<(), DbError> {
    let now = social.clock.now();
    store::note(db, (social.entry_id(now), account), (kind, detail), now).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_the_database_are_those_of_the_interface() {
        for (kind, name) in ActivityKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), name);
            assert_eq!(ActivityKind::parse(kind.name()), Some(kind));
        }
    }
}
