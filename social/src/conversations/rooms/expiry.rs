//! The end of rooms.

use super::store;
use crate::conversations::store as conversations;
use crate::db::DbError;
use crate::error::ApiError;
use crate::events::{Hint, News};
use crate::id::ConversationId;
use crate::limits::ROOM_WARNING;
use crate::messages::MessageKind;
use crate::messages::write::note;
use crate::notifications::forget::conversation_goes;
use crate::state::Social;

/// Warns in rooms that are deleted within a day, and deletes those whose time is over. What a server that was down has
/// missed, it does when it is back.
pub(crate) async fn sweep(social: &Social) -> Result<(), DbError> {
    let now = social.clock.now();
    for id in store::expired(&mut social.db(), now).await? {
        delete(social, id).await?;
    }
    for id in store::to_warn(&mut social.db(), now.millis_after(ROOM_WARNING)).await? {
        if let Err(error) = warn(social, id).await {
            tracing::error!("cannot warn in a room: {error}");
        }
    }
    Ok(())
}

async fn delete(social: &Social, id: ConversationId) -> Result<(), DbError> {
    let mut news = News::default();
    let mut tx = social.db().begin().await?;
    conversations::lock(&mut tx, id).await?;
    conversation_goes(&mut tx, &mut news, id, social.clock.now()).await?;
    for account in store::remove(&mut tx, id).await? {
        news.hint(Hint::Conversation { account, conversation: id });
    }
    tx.commit().await?;
    social.tell(news);
    Ok(())
}

async fn warn(social: &Social, id: ConversationId) -> Result<(), ApiError> {
    let mut news = News::default();
    let mut tx = social.db().begin().await?;
    if store::warned(&mut tx, id).await? {
        note(social, (&mut tx, &mut news), (id, None), (MessageKind::Expires, "")).await?;
    }
    tx.commit().await?;
    social.tell(news);
    Ok(())
}
