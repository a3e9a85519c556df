//! The end of notifications: between people, and of conversations.

use super::store;
use crate::clock::Moment;
use crate::db::{DbError, Sql, Tx};
use crate::events::{EventKind, News};
use crate::id::{AccountId, ConversationId};

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

/// Forgets what an account was notified of a locked conversation: it is in it no more, or has answered the invitation.
pub(crate) async fn forget_conversation(
    tx: &mut Tx,
    news: &mut News,
    (account, conversation): (AccountId, ConversationId),
    now: Moment,
) -> Result<(), DbError> {
    if !store::is_told_of_conversation(tx, (account, conversation), false).await? {
        return Ok(());
    }
    let numbered = news.number(tx, account).await?;
    store::remove_of_conversation(tx, (account, conversation)).await?;
    news.write(tx, numbered, (EventKind::Notifications, None), now).await
}

/// Tells all who were notified of a locked conversation that they were not, for it goes.
pub(crate) async fn conversation_goes(
    tx: &mut Tx,
    news: &mut News,
    conversation: ConversationId,
    now: Moment,
) -> Result<(), DbError> {
    for account in store::told_of_conversation(tx, conversation).await? {
        news.event(tx, (account, EventKind::Notifications), None, now).await?;
    }
    Ok(())
}

/// Whether an account was notified of something in a conversation and has not read it.
pub(crate) async fn is_unread(
    db: &mut impl Sql,
    account: AccountId,
    conversation: ConversationId,
) -> Result<bool, DbError> {
    store::is_told_of_conversation(db, (account, conversation), true).await
}

/// Marks what an account was notified of a locked conversation as read; but not of messages, if some of them are unread.
pub(crate) async fn read_conversation(
    tx: &mut Tx,
    news: &mut News,
    (account, conversation, has_unread): (AccountId, ConversationId, bool),
    now: Moment,
) -> Result<(), DbError> {
    let numbered = news.number(tx, account).await?;
    store::mark_read_of_conversation(tx, (account, conversation), has_unread).await?;
    news.write(tx, numbered, (EventKind::Notifications, None), now).await
}
