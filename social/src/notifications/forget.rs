//! The end of notifications because of what happened to what they are about.

use super::store;
use crate::clock::Moment;
use crate::db::{DbError, Tx};
use crate::events::{EventKind, News};
use crate::id::{AccountId, CommentId, PostId};

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

/// Forgets all notifications about a post and its comments, before it is deleted.
pub(crate) async fn forget_post(tx: &mut Tx, news: &mut News, post: PostId, now: Moment) -> Result<(), DbError> {
    for account in store::told_of_post(tx, post).await? {
        let numbered = news.number(tx, account).await?;
        store::remove_of_post(tx, account, post).await?;
        news.write(tx, numbered, (EventKind::Notifications, None), now).await?;
    }
    Ok(())
}

/// Forgets all notifications about a comment (likes, mentions, replies), before it is deleted or emptied. That it was
/// written is taken back by `retract`.
pub(crate) async fn forget_comment(
    tx: &mut Tx,
    news: &mut News,
    comment: CommentId,
    now: Moment,
) -> Result<(), DbError> {
    for account in store::told_of_comment(tx, comment).await? {
        let numbered = news.number(tx, account).await?;
        store::remove_of_comment(tx, account, comment).await?;
        news.write(tx, numbered, (EventKind::Notifications, None), now).await?;
    }
    Ok(())
}
