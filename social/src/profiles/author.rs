//! Who wrote or did something, in the rows of what they wrote or did.

use sqlx::FromRow;

use super::{Author, ProfileField, view};
use crate::id::AccountId;
use crate::visibility::{Relation, Visibility};

/// Columns of an author; `#[sqlx(flatten)]` takes them into another row.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct AuthorRow {
    pub(crate) author_id: AccountId,
    author_username: String,
    author_first_name: String,
    author_last_name: String,
    author_visibility: String,
    author_picture: Option<String>,
    author_is_me: bool,
    author_is_friend: bool,
    author_is_followed: bool,
}

/// The columns of [`AuthorRow`], of the accounts `a` as the viewer, `$1`, sees them.
macro_rules! author_columns {
    () => {
        "a.id AS author_id, a.username AS author_username, a.first_name AS author_first_name,
        a.last_name AS author_last_name, pr.visibility AS author_visibility, ai.small_blob_key AS author_picture,
        a.id = $1 AS author_is_me,
        EXISTS (SELECT 1 FROM friends WHERE account_id = $1 AND friend_id = a.id) AS author_is_friend,
        EXISTS (SELECT 1 FROM follows WHERE follower_id = $1 AND followed_id = a.id) AS author_is_followed"
    };
}
pub(crate) use author_columns;

/// What these columns need beside `accounts a`.
macro_rules! author_joins {
    () => {
        " JOIN profiles pr ON pr.account_id = a.id LEFT JOIN images ai ON ai.account_id = a.id AND ai.kind = 'picture' "
    };
}
pub(crate) use author_joins;

impl AuthorRow {
    /// The author as the viewer sees them.
    pub(crate) fn show(self) -> Author {
        let relation = self.relation();
        let visibility = view::parse(&self.author_visibility).get(&ProfileField::Picture).copied();
        let picture = self.author_picture.filter(|_| relation.sees(visibility.unwrap_or(Visibility::Nobody)));
        Author {
            id: self.author_id.0,
            username: self.author_username,
            first_name: self.author_first_name,
            last_name: self.author_last_name,
            picture: picture.map(|key| format!("/media/{key}")),
        }
    }

    /// Whether the viewer is the author.
    pub(crate) fn is_viewer(&self) -> bool {
        self.author_is_me
    }

    /// What the viewer is to the author.
    pub(crate) fn relation(&self) -> Relation {
        Relation::closest(self.author_is_me, self.author_is_friend, self.author_is_followed)
    }
}
