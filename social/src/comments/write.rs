//! Making, changing and removing comments: each in one transaction with all that it brings about.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::store::{self, Added, CommentRow, NewRow};
use crate::activity::{self, ActivityKind};
use crate::auth::Viewer;
use crate::db::{DbError, Tx};
use crate::error::ApiError;
use crate::events::{EventKind, Hint, News};
use crate::id::{AccountId, CommentId, PostId};
use crate::notifications;
use crate::notifications::NotificationKind;
use crate::notifications::notify::retract;
use crate::posts::mentions::{self, Written};
use crate::posts::store as posts;
use crate::state::Social;

/// A comment to be made.
pub(super) struct Draft {
    /// What the author's client calls it.
    pub(super) client_id: Uuid,
    pub(super) text: String,
    /// The comment to which it replies, or a reply in the same thread.
    pub(super) parent: Option<CommentId>,
}

/// Makes a comment; none if the author's client has made it before.
pub(super) async fn create(
    social: &Social,
    viewer: &Viewer,
    post: PostId,
    draft: &Draft,
) -> Result<Option<CommentId>, ApiError> {
    let (now, author) = (social.clock.now(), viewer.account);
    let mut news = News::default();
    let mut tx = social.db().begin().await?;
    let on = posts::readable(&mut tx, author, post).await?.ok_or_else(ApiError::not_found)?;
    let parent = match draft.parent {
        Some(id) => Some(thread(&mut tx, author, post, id).await?),
        None => None,
    };
    let id = social.rng.with(|rng| CommentId::new(now, rng));
    let parent_id = parent.as_ref().map(|row| row.id);
    let new = NewRow { id, post, parent: parent_id, author, client_id: draft.client_id, text: &draft.text };
    match store::add(&mut tx, &new, now).await? {
        Added::New => {}
        Added::Known => return Ok(None),
        Added::Gone => return Err(ApiError::not_found()),
    }
    let parent_author = parent.as_ref().and_then(CommentRow::author);
    let written = Written { by: author, post, comment: Some(id), thread: parent_author };
    let names = mentions::names(&draft.text);
    let notices = notices(&mut tx, &written, (on.author_id, parent_author), &names).await?;
    activity::note(social, &mut tx, author, (ActivityKind::Commented, Some(post.0.to_string()))).await?;
    mentions::notify_all(social, &mut tx, &mut news, &written, notices).await?;
    tx.commit().await?;
    news.hint(Hint::PostChanged { post });
    social.tell(news);
    Ok(Some(id))
}

/// The comment on a post that begins the thread in which this one is.
async fn thread(tx: &mut Tx, viewer: AccountId, post: PostId, id: CommentId) -> Result<CommentRow, ApiError> {
    let unknown = || ApiError::invalid("parent", "this comment is not there, or is on another post");
    let named = store::find(tx, viewer, id).await?.filter(|row| row.post_id == post).ok_or_else(unknown)?;
    match named.parent_id {
        None => Ok(named),
        Some(first) => store::find(tx, viewer, first).await?.ok_or_else(unknown),
    }
}

/// Who hears of a new comment, and as what: nobody twice.
async fn notices(
    tx: &mut Tx,
    written: &Written,
    (post_author, parent_author): (AccountId, Option<AccountId>),
    names: &[String],
) -> Result<BTreeMap<AccountId, NotificationKind>, DbError> {
    let readers = mentions::readers(tx, written, [Some(post_author), parent_author], names).await?;
    let kind = |account| match account {
        _ if parent_author == Some(account) => NotificationKind::Reply,
        _ if post_author == account => NotificationKind::Comment,
        _ => NotificationKind::Mention,
    };
    Ok(readers.into_iter().map(|(account, _)| (account, kind(account))).collect())
}

/// Changes what a comment of the viewer's says.
pub(super) async fn change(social: &Social, viewer: &Viewer, id: CommentId, text: &str) -> Result<(), ApiError> {
    let (now, author) = (social.clock.now(), viewer.account);
    let mut news = News::default();
    let mut tx = social.db().begin().await?;
    let old = locked(&mut tx, viewer, id).await?;
    if old.author() == Some(author) && old.text == text {
        return Ok(());
    }
    if !store::change(&mut tx, (id, author), text, now).await? {
        return Err(ApiError::not_found());
    }
    let known = mentions::names(&old.text);
    let mut named = mentions::names(text);
    named.retain(|name| !known.contains(name));
    let written = Written { by: author, post: old.post_id, comment: Some(id), thread: old.parent_author_id };
    // These two have heard of the comment itself.
    let heard = [Some(old.post_author_id), old.parent_author_id];
    let mut mentioned = mentions::readers(&mut tx, &written, [None; 2], &named).await?;
    mentioned.retain(|(account, _)| !heard.contains(&Some(*account)));
    let notices = mentioned.into_iter().map(|(account, _)| (account, NotificationKind::Mention)).collect();
    mentions::notify_all(social, &mut tx, &mut news, &written, notices).await?;
    tx.commit().await?;
    news.hint(Hint::PostChanged { post: old.post_id });
    social.tell(news);
    Ok(())
}

/// A comment that the viewer may read, on a post that nobody else changes until the transaction is over.
pub(super) async fn locked(tx: &mut Tx, viewer: &Viewer, id: CommentId) -> Result<CommentRow, ApiError> {
    let found = store::find(tx, viewer.account, id).await?.ok_or_else(ApiError::not_found)?;
    posts::lock(tx, found.post_id).await?;
    // What was asked before may have changed while this waited.
    store::find(tx, viewer.account, id).await?.ok_or_else(ApiError::not_found)
}

/// Removes a comment that the viewer wrote, or that is on a post of theirs.
pub(super) async fn remove(social: &Social, viewer: &Viewer, id: CommentId) -> Result<(), ApiError> {
    let now = social.clock.now();
    let mut news = News::default();
    let mut tx = social.db().begin().await?;
    let row = locked(&mut tx, viewer, id).await?;
    let author = row.author().ok_or_else(ApiError::not_found)?;
    let about = notifications::store::told_of_comment(&mut tx, id).await?;
    if ![author, row.post_author_id].contains(&viewer.account) {
        return Err(ApiError::not_found());
    }
    let written = Written { by: author, post: row.post_id, comment: Some(id), thread: row.parent_author_id };
    let names = mentions::names(&row.text);
    let told = notices(&mut tx, &written, (row.post_author_id, row.parent_author_id), &names).await?;
    News::lock(&mut tx, about.iter().chain(told.keys()).copied()).await?;
    for account in about {
        news.event(&mut tx, (account, EventKind::Notifications), None, now).await?;
    }
    for (to, kind) in told {
        retract(social, &mut tx, &mut news, written.notice(to, kind)).await?;
    }
    notifications::store::remove_of_comment(&mut tx, id).await?;
    store::remove(&mut tx, &row).await?;
    tx.commit().await?;
    news.hint(Hint::PostChanged { post: row.post_id });
    social.tell(news);
    Ok(())
}
