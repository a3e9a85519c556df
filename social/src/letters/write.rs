//! Sending, reading and deleting letters: each in one transaction with all that it brings about.

use uuid::Uuid;

use super::store::{self, LetterRow, NewRow};
use crate::auth::Viewer;
use crate::connections::store::{self as connections, Pair};
use crate::db::Tx;
use crate::error::ApiError;
use crate::events::{EventKind, News};
use crate::id::{AccountId, LetterId};
use crate::limits::MAX_LETTERS;
use crate::notifications::notify::{About, Notice, notify};
use crate::notifications::{self, NotificationKind};
use crate::profiles::directory::by_username;
use crate::profiles::store as profiles;
use crate::state::Social;

/// A letter to be sent.
pub(super) struct Draft {
    /// What the sender's client calls it.
    pub(super) client_id: Uuid,
    /// The username of the person for whom it is.
    pub(super) to: String,
    pub(super) subject: String,
    pub(super) text: String,
    /// The letter that it answers.
    pub(super) reply_to: Option<LetterId>,
}

/// Sends a letter; none if the sender's client has sent it before.
pub(super) async fn send(social: &Social, viewer: &Viewer, draft: &Draft) -> Result<Option<LetterId>, ApiError> {
    let (now, from) = (social.clock.now(), viewer.account);
    let mut news = News::default();
    let mut tx = social.db().begin().await?;
    let found = by_username(&mut tx, from, &draft.to).await?;
    if found.is_me {
        return Err(ApiError::invalid("to", "this is you"));
    }
    let to = found.id;
    let answered = match draft.reply_to {
        Some(id) => Some(answered(&mut tx, viewer, to, id).await?),
        None => None,
    };
    // Whoever has written can be answered.
    if answered.as_ref().is_none_or(|letter| letter.is_sent) {
        found.reception().unless_refused()?;
    }
    let answers = answered.map(|letter| (letter.id, letter.thread_id));
    // Nothing slips past a block that is just being made, and nobody gets one letter too many.
    connections::lock(&mut tx, Pair { from, to }).await?;
    profiles::by_id(&mut tx, from, to).await?.ok_or_else(ApiError::not_found)?;
    let id = social.rng.with(|rng| LetterId::new(now, rng));
    let (subject, text) = (draft.subject.as_str(), draft.text.as_str());
    let new = NewRow { id, from, to, client_id: draft.client_id, answers, subject, text };
    if !store::add(&mut tx, &new, now).await? {
        return Ok(None);
    }
    has_room(&mut tx, from, to).await?;
    News::lock(&mut tx, [from, to]).await?;
    for account in [from, to] {
        news.event(&mut tx, (account, EventKind::Letters), None, now).await?;
    }
    let kind = NotificationKind::Letter;
    let about = About { letter: Some(id), ..About::default() };
    let notice = Notice { to, by: from, kind, about, at: now };
    notify(social, &mut tx, &mut news, notice).await?;
    tx.commit().await?;
    social.tell(news);
    Ok(Some(id))
}

/// Refuses the letter that was just put into both mailboxes if there was no room for it.
async fn has_room(tx: &mut Tx, from: AccountId, to: AccountId) -> Result<(), ApiError> {
    if store::kept(tx, from).await? > MAX_LETTERS {
        return Err(ApiError::limit_reached("your mailbox is full: one keeps at most 5000 letters; delete some"));
    }
    if store::kept(tx, to).await? > MAX_LETTERS {
        return Err(ApiError::limit_reached("the mailbox of this person is full").on("to"));
    }
    Ok(())
}

/// The letter of these two that is answered. Nobody deletes it until the transaction is over.
async fn answered(tx: &mut Tx, viewer: &Viewer, other: AccountId, id: LetterId) -> Result<LetterRow, ApiError> {
    let unknown = || ApiError::invalid("reply_to", "this letter is not there, or is between others");
    let row = locked(tx, viewer, id).await.map_err(|_| unknown())?;
    if row.other() != Some(other) {
        return Err(unknown());
    }
    Ok(row)
}

/// A letter that the viewer has, and that nobody deletes until the transaction is over.
async fn locked(tx: &mut Tx, viewer: &Viewer, id: LetterId) -> Result<LetterRow, ApiError> {
    store::find(tx, viewer.account, id).await?.ok_or_else(ApiError::not_found)?;
    store::lock(tx, id).await?;
    // What was asked before may have changed while this waited.
    store::find(tx, viewer.account, id).await?.ok_or_else(ApiError::not_found)
}

/// Marks a letter as read, and what the viewer was notified of it.
pub(super) async fn read(social: &Social, viewer: &Viewer, id: LetterId) -> Result<(), ApiError> {
    let (now, account) = (social.clock.now(), viewer.account);
    let mut news = News::default();
    let mut tx = social.db().begin().await?;
    store::find(&mut tx, account, id).await?.ok_or_else(ApiError::not_found)?;
    // First of all: whoever deletes it or notifies this account meanwhile waits for its next number.
    let numbered = news.number(&mut tx, account).await?;
    if !store::mark_read(&mut tx, (id, account)).await? {
        // Nothing is committed, and the number is given back.
        return Ok(());
    }
    news.write(&mut tx, numbered, (EventKind::Letters, None), now).await?;
    if notifications::store::mark_read_of_letter(&mut tx, account, id).await? > 0 {
        news.event(&mut tx, (account, EventKind::Notifications), None, now).await?;
    }
    tx.commit().await?;
    social.tell(news);
    Ok(())
}

/// Deletes a letter from the viewer's mailbox, and what they were notified of it.
pub(super) async fn remove(social: &Social, viewer: &Viewer, id: LetterId) -> Result<(), ApiError> {
    let (now, account) = (social.clock.now(), viewer.account);
    let mut news = News::default();
    let mut tx = social.db().begin().await?;
    locked(&mut tx, viewer, id).await?;
    // Before the letter: this goes with it otherwise, and nobody is told.
    news.event(&mut tx, (account, EventKind::Letters), None, now).await?;
    if notifications::store::remove_of_letter(&mut tx, account, id).await? > 0 {
        news.event(&mut tx, (account, EventKind::Notifications), None, now).await?;
    }
    if !store::remove(&mut tx, (id, account)).await? {
        return Err(ApiError::not_found());
    }
    tx.commit().await?;
    social.tell(news);
    Ok(())
}
