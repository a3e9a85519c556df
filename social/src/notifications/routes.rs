//! `/api/v1/notifications` and `/api/v1/me/notification-settings`.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::{Notification, NotificationSettings, Unread, store};
use crate::auth::Viewer;
use crate::body::{JsonBody, Params, Segment};
use crate::db::Tx;
use crate::error::ApiError;
use crate::events::{EventKind, News};
use crate::id::NotificationId;
use crate::page::{Cursor, Page, PageQuery};
use crate::state::Social;

/// Which notifications.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct NotificationQuery {
    /// The `next` of the page before.
    after: Option<String>,
    /// The most items, from 1 to 100.
    limit: Option<usize>,
    /// Only those that are unread.
    #[serde(default)]
    unread: bool,
}

/// The notifications of the one who asks, those that happened last first.
#[utoipa::path(get, path = "/api/v1/notifications", tag = "notifications", params(NotificationQuery), responses(
    (status = 200, body = Page<Notification>), (status = 401, description = "not_signed_in")))]
pub(crate) async fn list(
    State(social): State<Social>,
    viewer: Viewer,
    Params(NotificationQuery { after, limit, unread }): Params<NotificationQuery>,
) -> Result<Json<Page<Notification>>, ApiError> {
    let query = PageQuery::new(after, limit);
    let found = store::list(&mut social.db(), viewer.account, unread, query.window()?).await?;
    let key = |found: &Notification| Cursor { at: found.at, id: found.id };
    Ok(Json(query.page(found, key, |found| found)))
}

/// How many of them are unread.
#[utoipa::path(get, path = "/api/v1/notifications/unread", tag = "notifications", responses(
    (status = 200, body = Unread), (status = 401, description = "not_signed_in")))]
pub(crate) async fn unread(State(social): State<Social>, viewer: Viewer) -> Result<Json<Unread>, ApiError> {
    Ok(Json(Unread { unread: store::unread(&mut social.db(), viewer.account).await? }))
}

/// Marks all as read.
#[utoipa::path(put, path = "/api/v1/notifications/read", tag = "notifications", responses(
    (status = 204), (status = 401, description = "not_signed_in"), (status = 429, description = "rate_limited")))]
pub(crate) async fn read_all(State(social): State<Social>, viewer: Viewer) -> Result<StatusCode, ApiError> {
    change(&social, &viewer, async |tx| Ok(store::mark_all_read(tx, viewer.account).await? > 0)).await
}

/// Marks one as read.
#[utoipa::path(put, path = "/api/v1/notifications/{id}/read", tag = "notifications", params(("id" = String, Path)),
    responses((status = 204), (status = 401, description = "not_signed_in"),
    (status = 404, description = "not_found"), (status = 429, description = "rate_limited")))]
pub(crate) async fn read(
    State(social): State<Social>,
    viewer: Viewer,
    Segment(id): Segment,
) -> Result<StatusCode, ApiError> {
    let id = parse(&id)?;
    let mark = async |tx: &mut Tx| store::mark_read(tx, viewer.account, id).await?.ok_or_else(ApiError::not_found);
    change(&social, &viewer, mark).await
}

/// Deletes one.
#[utoipa::path(delete, path = "/api/v1/notifications/{id}", tag = "notifications", params(("id" = String, Path)),
    responses((status = 204), (status = 401, description = "not_signed_in"),
    (status = 404, description = "not_found"), (status = 429, description = "rate_limited")))]
pub(crate) async fn delete(
    State(social): State<Social>,
    viewer: Viewer,
    Segment(id): Segment,
) -> Result<StatusCode, ApiError> {
    let id = parse(&id)?;
    let remove = async |tx: &mut Tx| match store::remove(tx, viewer.account, id).await? {
        0 => Err(ApiError::not_found()),
        _ => Ok(true),
    };
    change(&social, &viewer, remove).await
}

/// Deletes all.
#[utoipa::path(delete, path = "/api/v1/notifications", tag = "notifications", responses(
    (status = 204), (status = 401, description = "not_signed_in"), (status = 429, description = "rate_limited")))]
pub(crate) async fn delete_all(State(social): State<Social>, viewer: Viewer) -> Result<StatusCode, ApiError> {
    change(&social, &viewer, async |tx| Ok(store::remove_all(tx, viewer.account).await? > 0)).await
}

/// What the one who asks does not want to be notified of.
#[utoipa::path(get, path = "/api/v1/me/notification-settings", tag = "notifications", responses(
    (status = 200, body = NotificationSettings), (status = 401, description = "not_signed_in")))]
pub(crate) async fn settings(
    State(social): State<Social>,
    viewer: Viewer,
) -> Result<Json<NotificationSettings>, ApiError> {
    Ok(Json(NotificationSettings { muted: store::muted(&mut social.db(), viewer.account).await? }))
}

/// Changes that. What there is already stays.
#[utoipa::path(put, path = "/api/v1/me/notification-settings", tag = "notifications",
    request_body = NotificationSettings, responses(
    (status = 200, body = NotificationSettings), (status = 401, description = "not_signed_in"),
    (status = 422, description = "invalid_value"), (status = 429, description = "rate_limited")))]
pub(crate) async fn change_settings(
    State(social): State<Social>,
    viewer: Viewer,
    JsonBody(NotificationSettings { muted }): JsonBody<NotificationSettings>,
) -> Result<Json<NotificationSettings>, ApiError> {
    charge(&social, &viewer)?;
    if muted.len() > MOST_KINDS {
        return Err(ApiError::invalid("muted", "at most 32 kinds"));
    }
    let muted: BTreeSet<_> = muted.into_iter().collect();
    let mut tx = social.db().begin().await?;
    store::mute(&mut tx, viewer.account, muted.iter().copied()).await?;
    tx.commit().await?;
    Ok(Json(NotificationSettings { muted: muted.into_iter().collect() }))
}

/// Kinds in a list of them; there are fewer, some perhaps twice.
const MOST_KINDS: usize = 32;

fn charge(social: &Social, viewer: &Viewer) -> Result<(), ApiError> {
    match social.limits.marks.charge(&viewer.account, social.clock.now().at) {
        true => Ok(()),
        false => Err(ApiError::rate_limited()),
    }
}

fn parse(id: &str) -> Result<NotificationId, ApiError> {
    Uuid::try_parse(id).map(NotificationId).map_err(|_| ApiError::not_found())
}

/// Changes the viewer's notifications and tells all tabs; nothing is told if `work` says that nothing changed.
async fn change(
    social: &Social,
    viewer: &Viewer,
    work: impl AsyncFnOnce(&mut Tx) -> Result<bool, ApiError>,
) -> Result<StatusCode, ApiError> {
    charge(social, viewer)?;
    let mut news = News::default();
    let mut tx = social.db().begin().await?;
    // First of all: whoever notifies this account meanwhile waits for its next number.
    let numbered = news.number(&mut tx, viewer.account).await?;
    // If nothing changed, the number is given back with the transaction.
    if work(&mut tx).await? {
        news.write(&mut tx, numbered, (EventKind::Notifications, None), social.clock.now()).await?;
        tx.commit().await?;
        social.tell(news);
    }
    Ok(StatusCode::NO_CONTENT)
}
