//! Making, changing and removing posts: each in one transaction with all that it brings about.

use super::mentions::{self, Written};
use super::rules::{self, Attached};
use super::{images, store};
use crate::activity::{self, ActivityKind};
use crate::auth::Viewer;
use crate::error::ApiError;
use crate::events::{EventKind, Hint, News};
use crate::id::PostId;
use crate::limits::MAX_POST_VERSIONS;
use crate::notifications;
use crate::profiles::forget_blobs;
use crate::state::Social;
use crate::visibility::Audience;

/// A post to be made.
pub(super) struct Draft {
    /// What the author's client calls it.
    pub(super) client_id: uuid::Uuid,
    pub(super) text: String,
    pub(super) audience: Audience,
    pub(super) images: Vec<Attached>,
}

/// A change of a post: what is absent stays.
pub(super) struct Change {
    pub(super) text: Option<String>,
    pub(super) audience: Option<Audience>,
    pub(super) images: Option<Vec<Attached>>,
}

/// Makes a post; none if the author's client has made it before.
pub(super) async fn create(social: &Social, viewer: &Viewer, draft: &Draft) -> Result<Option<PostId>, ApiError> {
    let (now, author) = (social.clock.now(), viewer.account);
    let id = social.rng.with(|rng| PostId::new(now, rng));
    let mut news = News::default();
    let mut tx = social.db().begin().await?;
    if !store::add(&mut tx, (id, author, draft.client_id), (&draft.text, draft.audience), now).await? {
        return Ok(None);
    }
    images::attach(&mut tx, (id, author), &draft.images).await?;
    let detail = Some(id.0.to_string());
    activity::note(social, &mut tx, author, (ActivityKind::Posted, detail)).await?;
    let written = Written { by: author, post: id, comment: None, thread: None };
    mentions::notify_named(social, &mut tx, &mut news, &written, &mentions::names(&draft.text)).await?;
    tx.commit().await?;
    news.hint(Hint::Posted { author });
    social.tell(news);
    Ok(Some(id))
}

/// Changes a post of the viewer's. What it said until now is kept.
pub(super) async fn change(social: &Social, viewer: &Viewer, id: PostId, change: Change) -> Result<(), ApiError> {
    let (now, author) = (social.clock.now(), viewer.account);
    let mut news = News::default();
    let mut tx = social.db().begin().await?;
    store::lock(&mut tx, id).await?;
    let old = store::own(&mut tx, author, id).await?.ok_or_else(ApiError::not_found)?;
    let text = change.text.unwrap_or_else(|| old.text.clone());
    let audience = change.audience.unwrap_or(old.audience);
    if change.images.is_none() && (&text, audience) == (&old.text, old.audience) {
        return Ok(());
    }
    let files = match &change.images {
        Some(images) => images::attach(&mut tx, (id, author), images).await?,
        None => Vec::new(),
    };
    let images = images::count(&mut tx, id).await?;
    rules::is_something(&text, usize::try_from(images).unwrap_or(0))?;
    if (&text, audience) != (&old.text, old.audience) {
        let version = social.entry_id(now);
        let most = i64::try_from(MAX_POST_VERSIONS).unwrap_or(i64::MAX);
        store::keep_version(&mut tx, (version, id), &old, most).await?;
    }
    store::change(&mut tx, id, (&text, audience), now).await?;
    activity::note(social, &mut tx, author, (ActivityKind::PostEdited, Some(id.0.to_string()))).await?;
    let known = mentions::names(&old.text);
    let mut named = mentions::names(&text);
    named.retain(|name| !known.contains(name));
    let written = Written { by: author, post: id, comment: None, thread: None };
    mentions::notify_named(social, &mut tx, &mut news, &written, &named).await?;
    tx.commit().await?;
    forget_blobs(social, files).await;
    // Whoever may read it no more has to take it away.
    let hint = match audience.is_narrower_than(old.audience) {
        true => Hint::PostGone { post: id },
        false => Hint::PostChanged { post: id },
    };
    news.hint(hint);
    social.tell(news);
    Ok(())
}

/// Removes a post of the viewer's, with its images, comments and likes.
pub(super) async fn remove(social: &Social, viewer: &Viewer, id: PostId) -> Result<(), ApiError> {
    let now = social.clock.now();
    let mut news = News::default();
    let mut tx = social.db().begin().await?;
    store::lock(&mut tx, id).await?;
    store::own(&mut tx, viewer.account, id).await?.ok_or_else(ApiError::not_found)?;
    let files = images::keys_of_post(&mut tx, id).await?;
    let told = notifications::store::told_of_post(&mut tx, id).await?;
    if !store::remove(&mut tx, viewer.account, id).await? {
        return Err(ApiError::not_found());
    }
    for account in told {
        news.event(&mut tx, (account, EventKind::Notifications), None, now).await?;
    }
    activity::note(social, &mut tx, viewer.account, (ActivityKind::PostDeleted, Some(id.0.to_string()))).await?;
    tx.commit().await?;
    forget_blobs(social, files).await;
    news.hint(Hint::PostGone { post: id });
    social.tell(news);
    Ok(())
}
