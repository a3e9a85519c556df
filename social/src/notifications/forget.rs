//! The end of notifications between people.

use super::store;
use crate::clock::Moment;
use crate::db::{DbError, Tx};
use crate::events::{EventKind, News};
use crate::id::AccountId;

/// Forgets what either of two accounts was told of the other, for there is a block between them now.
pub(crate) async fn forget_between(
    tx: &mut Tx,
    news: &mut News,
    (one, other): (AccountId, AccountId),
    now: Moment,
) -> Result<(), DbError> {
    for (to, by) in [(one.min(other), one.max(other)), (one.max(other), one.min(other))] {
        let found = store::all_told(tx, to, by).await?;
        if found.is_empty() {
            continue;
        }
        let numbered = news.number(tx, to).await?;
        for id in found {
            store::remove_actor(tx, id, by).await?;
        }
        news.write(tx, numbered, (EventKind::Notifications, None), now).await?;
    }
    Ok(())
}
