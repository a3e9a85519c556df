//! Who is notified of what is written, and until when.

use super::store;
use super::write::locked;
use crate::auth::Viewer;
use crate::clock::Moment;
use crate::db::{DbError, Tx};
use crate::error::ApiError;
use crate::events::News;
use crate::id::{AccountId, ConversationId};
use crate::notifications::NotificationKind;
use crate::notifications::forget::{is_unread, read_conversation};
use crate::notifications::notify::{About, Notice, notify};
use crate::state::Social;

/// Notifies of the message that took this number those who had read all that was before it: of the next ones they hear when
/// they have read this. Its author has read all.
pub(super) async fn written(
    social: &Social,
    (tx, news): (&mut Tx, &mut News),
    conversation: ConversationId,
    (author, seq): (AccountId, i64),
    now: Moment,
) -> Result<(), DbError> {
    let notified = store::had_read_all(tx, conversation, (author, seq)).await?;
    let was_notified = is_unread(tx, author, conversation).await?;
    News::lock(tx, notified.iter().copied().chain(was_notified.then_some(author))).await?;
    if was_notified {
        read_conversation(tx, news, (author, conversation, false), now).await?;
    }
    for to in notified {
        let about = About::conversation(conversation);
        let notice = Notice { to, by: author, kind: NotificationKind::Message, about, at: now };
        notify(social, tx, news, notice).await?;
    }
    Ok(())
}

/// Marks what the viewer was notified of a conversation as read. If something else was written meanwhile, that stays news.
pub(super) async fn read(social: &Social, viewer: &Viewer, conversation: ConversationId) -> Result<(), ApiError> {
    if !is_unread(&mut social.db(), viewer.account, conversation).await? {
        return Ok(());
    }
    let mut news = News::default();
    let mut tx = social.db().begin().await?;
    let row = locked(&mut tx, viewer, conversation).await?;
    let told = (viewer.account, conversation, row.has_unread());
    read_conversation(&mut tx, &mut news, told, social.clock.now()).await?;
    tx.commit().await?;
    social.tell(news);
    Ok(())
}
