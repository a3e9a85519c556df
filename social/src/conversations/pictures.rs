//! `/api/v1/conversations/{id}/picture`: what a group or room looks like. A picture belongs to who has set it, and goes with
//! their account.

use std::collections::HashSet;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;

use super::routes::shown;
use super::{Conversation, Role, write};
use crate::auth::Viewer;
use crate::body::{Params, Segment};
use crate::db::{DbError, Sql, Tx, args};
use crate::error::ApiError;
use crate::events::News;
use crate::id::{AccountId, ConversationId};
use crate::messages::MessageKind;
use crate::messages::write::note;
use crate::profiles::images::{CropQuery, Received, receive};
use crate::profiles::{ImageKind, forget_blobs};
use crate::state::Social;

/// Gives a group or room another picture: the body is a JPEG, PNG, WebP or GIF of at most 10 MiB and 40 megapixels.
#[utoipa::path(put, path = "/api/v1/conversations/{id}/picture", tag = "conversations",
    params(("id" = Uuid, Path), CropQuery),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"), responses(
    (status = 200, body = Conversation), (status = 401, description = "not_signed_in"),
    (status = 403, description = "not_allowed"), (status = 404, description = "not_found"),
    (status = 413, description = "too_large"), (status = 415, description = "unsupported_image"),
    (status = 422, description = "bad_image"), (status = 429, description = "rate_limited"),
    (status = 507, description = "storage_full")))]
pub(crate) async fn put(
    State(social): State<Social>,
    viewer: Viewer,
    id: Segment,
    Params(crop): Params<CropQuery>,
    request: Request,
) -> Result<Json<Conversation>, ApiError> {
    let (id, crop) = (ConversationId(id.id()?), crop.crop()?);
    // Nothing is decoded for who may not set it; whether they still may is asked again when it is there.
    may_change(&social, &viewer, id).await?;
    if !social.limits.uploads.charge(&viewer.account, social.clock.now().at) {
        return Err(ApiError::rate_limited());
    }
    let Received { keys, .. } = receive(&social, request.into_body(), crop, ImageKind::Picture).await?;
    let mut news = News::default();
    let mut tx = social.db().begin().await?;
    write::looked_after(&mut tx, &viewer, (id, Role::Moderator)).await?;
    let old = remove(&mut tx, id).await?;
    add(&mut tx, (id, viewer.account), &keys).await?;
    note(&social, (&mut tx, &mut news), (id, Some(viewer.account)), (MessageKind::Pictured, "")).await?;
    tx.commit().await?;
    social.tell(news);
    forget_blobs(&social, old).await;
    Ok(Json(shown(&social, viewer.account, id).await?))
}

/// Removes a group's or room's picture.
#[utoipa::path(delete, path = "/api/v1/conversations/{id}/picture", tag = "conversations", params(("id" = Uuid, Path)),
    responses((status = 204), (status = 401, description = "not_signed_in"),
    (status = 403, description = "not_allowed"), (status = 404, description = "not_found"),
    (status = 429, description = "rate_limited")))]
pub(crate) async fn delete(State(social): State<Social>, viewer: Viewer, id: Segment) -> Result<StatusCode, ApiError> {
    let id = ConversationId(id.id()?);
    if !social.limits.edits.charge(&viewer.account, social.clock.now().at) {
        return Err(ApiError::rate_limited());
    }
    let mut news = News::default();
    let mut tx = social.db().begin().await?;
    write::looked_after(&mut tx, &viewer, (id, Role::Moderator)).await?;
    let old = remove(&mut tx, id).await?;
    if !old.is_empty() {
        note(&social, (&mut tx, &mut news), (id, Some(viewer.account)), (MessageKind::Pictured, "")).await?;
    }
    tx.commit().await?;
    social.tell(news);
    forget_blobs(&social, old).await;
    Ok(StatusCode::NO_CONTENT)
}

async fn may_change(social: &Social, viewer: &Viewer, id: ConversationId) -> Result<(), ApiError> {
    let mut tx = social.db().begin().await?;
    write::looked_after(&mut tx, viewer, (id, Role::Moderator)).await.map(drop)
}

async fn add(
    tx: &mut Tx,
    (id, account): (ConversationId, AccountId),
    [key, small]: &[String; 2],
) -> Result<u64, DbError> {
    let sql =
        "INSERT INTO group_pictures (conversation_id, account_id, blob_key, small_blob_key) VALUES ($1, $2, $3, $4)";
    tx.run(sql, args![id, account, key.as_str(), small.as_str()]).await
}

/// Forgets a picture; the keys of its files.
async fn remove(tx: &mut Tx, id: ConversationId) -> Result<Vec<String>, DbError> {
    let sql = "DELETE FROM group_pictures WHERE conversation_id = $1 RETURNING blob_key, small_blob_key";
    Ok(flat(tx.all(sql, args![id]).await?))
}

/// Whether the viewer may see this file: as who is in the conversation, or was asked to be.
pub(crate) async fn is_shown(db: &mut impl Sql, viewer: AccountId, key: &str) -> Result<bool, DbError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM group_pictures p JOIN members m ON m.conversation_id = p.conversation_id
        WHERE (p.blob_key = $2 OR p.small_blob_key = $2) AND m.account_id = $1)";
    let (is_shown,): (bool,) = db.one(sql, args![viewer, key]).await?;
    Ok(is_shown)
}

/// The keys of the files of the pictures that an account has set.
pub(crate) async fn blob_keys(db: &mut impl Sql, account: AccountId) -> Result<Vec<String>, DbError> {
    let sql = "SELECT blob_key, small_blob_key FROM group_pictures WHERE account_id = $1 ORDER BY conversation_id";
    Ok(flat(db.all(sql, args![account]).await?))
}

/// The keys of all files.
pub(crate) async fn all_blob_keys(db: &mut impl Sql) -> Result<HashSet<String>, DbError> {
    let found = db.all("SELECT blob_key, small_blob_key FROM group_pictures", args![]).await?;
    Ok(flat(found).into_iter().collect())
}

fn flat(found: Vec<(String, String)>) -> Vec<String> {
    found.into_iter().flat_map(|(key, small)| [key, small]).collect()
}
