//! Writing, changing and deleting messages: each in one transaction with all that it brings about.

use uuid::Uuid;

use super::store::{self, MessageRow, NewRow};
use super::{MessageKind, notices, rules};
use crate::attachments::store as attachments;
use crate::auth::Viewer;
use crate::clock::Moment;
use crate::conversations::store::{self as conversations, ConversationRow};
use crate::conversations::{ConversationKind, MemberState, Role};
use crate::db::Tx;
use crate::error::ApiError;
use crate::events::{Hint, News};
use crate::id::{AccountId, AttachmentId, ConversationId, MessageId};
use crate::limits::MAX_REQUEST_MESSAGES;
use crate::notifications::forget::{is_unread, read_conversation};
use crate::state::Social;

/// A message to be written.
pub(super) struct Draft {
    /// What the author's client calls it.
    pub(super) client_id: Uuid,
    pub(super) text: String,
    /// The message that it answers.
    pub(super) reply_to: Option<MessageId>,
    /// What is attached to it.
    pub(super) attachments: Vec<AttachmentId>,
}

/// A conversation in which the viewer is, and which nobody else changes until the transaction is over.
pub(crate) async fn locked(tx: &mut Tx, viewer: &Viewer, id: ConversationId) -> Result<ConversationRow, ApiError> {
    conversations::lock(tx, id).await?;
    conversations::find(tx, viewer.account, id).await?.ok_or_else(ApiError::not_found)
}

/// Writes a message; none if the author's client has written it before.
pub(super) async fn create(
    social: &Social,
    viewer: &Viewer,
    conversation: ConversationId,
    draft: &Draft,
) -> Result<Option<MessageId>, ApiError> {
    let (now, author) = (social.clock.now(), viewer.account);
    let mut news = News::default();
    let mut tx = social.db().begin().await?;
    let row = locked(&mut tx, viewer, conversation).await?;
    if store::by_client_id(&mut tx, author, draft.client_id).await?.is_some() {
        return Ok(None);
    }
    match row.state() {
        MemberState::Joined => {}
        // Who answers a stranger says yes.
        MemberState::Requested => {
            conversations::join(&mut tx, conversation, author, now).await?;
        }
        MemberState::Invited | MemberState::Asking => return Err(ApiError::not_found()),
    }
    if row.kind() == ConversationKind::Direct {
        may_write_more(&mut tx, viewer, conversation).await?;
    }
    if let Some(answered) = draft.reply_to {
        let found = store::find(&mut tx, author, answered).await?;
        let is_here = found.is_some_and(|found| found.conversation_id == conversation && !found.is_deleted);
        if !is_here {
            return Err(ApiError::invalid("reply_to", "this message is not in the conversation"));
        }
    }
    let id = social.rng.with(|rng| MessageId::new(now, rng));
    let seq = number(&mut tx, conversation, now).await?;
    let Draft { client_id, text, reply_to, attachments: attached } = draft;
    let kind = MessageKind::Text;
    let author = Some(author);
    let new = NewRow { id, conversation, seq, author, client_id: *client_id, kind, text, reply_to: *reply_to };
    if !store::add(&mut tx, &new, now).await? {
        return Ok(None);
    }
    attachments::attach(&mut tx, viewer.account, id.0, attached).await?;
    notices::written(social, (&mut tx, &mut news), conversation, (viewer.account, seq), now).await?;
    tx.commit().await?;
    news.hint(Hint::Written { conversation, seq });
    social.tell(news);
    Ok(Some(id))
}

/// Whoever writes to a stranger waits for an answer after a few messages.
async fn may_write_more(tx: &mut Tx, viewer: &Viewer, conversation: ConversationId) -> Result<(), ApiError> {
    let is_waiting = conversations::is_requested(tx, conversation, viewer.account).await?;
    if is_waiting && store::count_by(tx, conversation, viewer.account).await? >= MAX_REQUEST_MESSAGES {
        return Err(ApiError::limit_reached(
            "wait for an answer: at most 5 messages to somebody who does not know you",
        ));
    }
    Ok(())
}

/// The number of the next change of a locked conversation.
async fn number(tx: &mut Tx, conversation: ConversationId, now: Moment) -> Result<i64, ApiError> {
    conversations::number(tx, conversation, now).await?.ok_or_else(ApiError::not_found)
}

/// Writes down what somebody did in a locked conversation, or what happens to it, for all to read.
pub(crate) async fn note(
    social: &Social,
    (tx, news): (&mut Tx, &mut News),
    (conversation, author): (ConversationId, Option<AccountId>),
    (kind, text): (MessageKind, &str),
) -> Result<(), ApiError> {
    let now = social.clock.now();
    let id = social.rng.with(|rng| MessageId::new(now, rng));
    let seq = number(tx, conversation, now).await?;
    let new = NewRow { id, conversation, seq, author, client_id: id.0, kind, text, reply_to: None };
    store::add(tx, &new, now).await?;
    news.hint(Hint::Written { conversation, seq });
    Ok(())
}

/// A message that the viewer may read and that still says something, in a conversation that is locked.
async fn said(tx: &mut Tx, viewer: &Viewer, id: MessageId) -> Result<(ConversationRow, MessageRow), ApiError> {
    let found = store::find(tx, viewer.account, id).await?.ok_or_else(ApiError::not_found)?;
    let conversation = locked(tx, viewer, found.conversation_id).await?;
    // What was asked before may have changed while this waited.
    let found = store::find(tx, viewer.account, id).await?.ok_or_else(ApiError::not_found)?;
    match found.kind() == MessageKind::Text && !found.is_deleted && conversation.state() == MemberState::Joined {
        true => Ok((conversation, found)),
        false => Err(ApiError::not_found()),
    }
}

/// Changes what a message of the viewer's says.
pub(super) async fn change(social: &Social, viewer: &Viewer, id: MessageId, text: &str) -> Result<(), ApiError> {
    let text = rules::text(text)?;
    let now = social.clock.now();
    let mut news = News::default();
    let mut tx = social.db().begin().await?;
    let (_, old) = said(&mut tx, viewer, id).await?;
    if old.author() != Some(viewer.account) {
        return Err(ApiError::not_found());
    }
    if old.text == text {
        return Ok(());
    }
    let conversation = old.conversation_id;
    let seq = number(&mut tx, conversation, now).await?;
    store::change(&mut tx, id, (&text, seq), now).await?;
    tx.commit().await?;
    news.hint(Hint::Written { conversation, seq });
    social.tell(news);
    Ok(())
}

/// Deletes what a message says, for all: its author may, and whoever looks after the group.
pub(super) async fn remove(social: &Social, viewer: &Viewer, id: MessageId) -> Result<(), ApiError> {
    let now = social.clock.now();
    let mut news = News::default();
    let mut tx = social.db().begin().await?;
    let (row, old) = said(&mut tx, viewer, id).await?;
    let looks_after = row.kind() != ConversationKind::Direct && row.role() >= Role::Moderator;
    if old.author() != Some(viewer.account) && !looks_after {
        return Err(ApiError::not_found());
    }
    let conversation = old.conversation_id;
    let seq = number(&mut tx, conversation, now).await?;
    store::remove(&mut tx, id, seq, now).await?;
    let files = attachments::remove_of_message(&mut tx, id.0).await?;
    tx.commit().await?;
    crate::attachments::forget(social, files).await;
    news.hint(Hint::Written { conversation, seq });
    social.tell(news);
    Ok(())
}

/// Deletes a message for the viewer alone.
pub(super) async fn hide(social: &Social, viewer: &Viewer, id: MessageId) -> Result<(), ApiError> {
    let mut news = News::default();
    let mut db = social.db();
    let found = store::find(&mut db, viewer.account, id).await?.ok_or_else(ApiError::not_found)?;
    store::hide(&mut db, viewer.account, id).await?;
    news.hint(Hint::Cleared { account: viewer.account, conversation: found.conversation_id });
    news.hint(Hint::Conversation { account: viewer.account, conversation: found.conversation_id });
    social.tell(news);
    Ok(())
}

/// Deletes for the viewer alone all that is in a conversation.
pub(super) async fn clear(social: &Social, viewer: &Viewer, conversation: ConversationId) -> Result<(), ApiError> {
    let mut news = News::default();
    let mut tx = social.db().begin().await?;
    locked(&mut tx, viewer, conversation).await?;
    store::clear(&mut tx, conversation, viewer.account).await?;
    if is_unread(&mut tx, viewer.account, conversation).await? {
        let told = (viewer.account, conversation, false);
        read_conversation(&mut tx, &mut news, told, social.clock.now()).await?;
    }
    tx.commit().await?;
    news.hint(Hint::Cleared { account: viewer.account, conversation });
    news.hint(Hint::Conversation { account: viewer.account, conversation });
    social.tell(news);
    Ok(())
}

/// Notes that the viewer has read up to a place, as far as there are messages.
pub(super) async fn read(
    social: &Social,
    viewer: &Viewer,
    (conversation, to): (ConversationId, i64),
) -> Result<(), ApiError> {
    let mut db = social.db();
    let row = conversations::find(&mut db, viewer.account, conversation).await?.ok_or_else(ApiError::not_found)?;
    if !row.reads() {
        return Err(ApiError::not_found());
    }
    let to = to.min(row.last_message);
    if store::mark_read(&mut db, (conversation, viewer.account), to).await? {
        let mut news = News::default();
        news.hint(Hint::Conversation { account: viewer.account, conversation });
        // A stranger is not told that one has looked.
        if row.state() == MemberState::Joined {
            news.hint(Hint::Seen { conversation, account: viewer.account });
        }
        social.tell(news);
    }
    notices::read(social, viewer, conversation).await
}
