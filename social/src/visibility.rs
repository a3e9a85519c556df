//! May this viewer see that? The only place that knows.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::id::AccountId;

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

/// What a viewer is to the one whom they look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Relation {
    /// The same person.
    Own,
    /// Anybody else, signed in or not.
    Stranger,
}

/// What `viewer`, if anybody is signed in, is to `owner`.
pub(crate) fn relation(viewer: Option<AccountId>, owner: AccountId) -> Relation {
    if viewer == Some(owner) { Relation::Own } else { Relation::Stranger }
}

impl Relation {
    /// Whether a field of this visibility is shown.
    pub(crate) fn sees(self, visibility: Visibility) -> bool {
        match self {
            Self::Own => true,
            Self::Stranger => visibility == Visibility::Public,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_see_what_is_public() {
        let table = [Visibility::Public, Visibility::Followers, Visibility::Nobody];
        assert_eq!(table.map(|visibility| Relation::Stranger.sees(visibility)), [true, false, false]);
        assert!(table.iter().all(|visibility| Relation::Own.sees(*visibility)));
    }
}
