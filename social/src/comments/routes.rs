//! `/api/v1/posts/{id}/comments` and `/api/v1/comments`.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::store::CommentRow;
use super::write::{self, Draft};
use super::{Comment, store};
use crate::auth::Viewer;
use crate::body::{JsonBody, Params, Segment};
use crate::caller::Caller;
use crate::error::ApiError;
use crate::id::{AccountId, CommentId, PostId};
use crate::page::{Cursor, Page, PageQuery};
use crate::posts::{rules, store as posts};
use crate::state::Social;

/// A comment to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewComment {
    /// Made up by the client; sent again, it makes no second comment.
    client_id: Uuid,
    #[schema(min_length = 1, max_length = 2000)]
    text: String,
    /// The comment to which it replies. A reply has no replies: one answers in the same thread.
    parent: Option<Uuid>,
}

/// A change of a comment.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CommentChange {
    #[schema(min_length = 1, max_length = 2000)]
    text: String,
}

/// Comments on a post that reply to none, the oldest first; no account is needed.
#[utoipa::path(get, path = "/api/v1/posts/{id}/comments", tag = "comments", params(("id" = Uuid, Path), PageQuery),
    responses((status = 200, body = Page<Comment>), (status = 404, description = "not_found"),
    (status = 429, description = "rate_limited")))]
pub(crate) async fn list(
    State(social): State<Social>,
    caller: Caller,
    viewer: Option<Viewer>,
    id: Segment,
    Params(query): Params<PageQuery>,
) -> Result<Json<Page<Comment>>, ApiError> {
    let viewer = social.look_up(&caller, viewer)?;
    let post = PostId(id.id()?);
    let mut db = social.db();
    posts::readable(&mut db, viewer, post).await?.ok_or_else(ApiError::not_found)?;
    let found = store::on_post(&mut db, viewer, post, query.window_from(Cursor::OLDEST)?).await?;
    Ok(Json(query.page(found, CommentRow::cursor, CommentRow::show)))
}

/// Comments on a post, or replies to a comment on it. Sent again with the same `client_id` it answers with the comment that
/// there is, by 200.
#[utoipa::path(post, path = "/api/v1/posts/{id}/comments", tag = "comments", params(("id" = Uuid, Path)),
    request_body = NewComment, responses(
    (status = 201, body = Comment), (status = 200, body = Comment), (status = 401, description = "not_signed_in"),
    (status = 404, description = "not_found"), (status = 422, description = "invalid_value"),
    (status = 429, description = "rate_limited")))]
pub(crate) async fn create(
    State(social): State<Social>,
    viewer: Viewer,
    id: Segment,
    JsonBody(new): JsonBody<NewComment>,
) -> Result<(StatusCode, Json<Comment>), ApiError> {
    let NewComment { client_id, text, parent } = new;
    let post = PostId(id.id()?);
    let draft = Draft { client_id, text: rules::comment(&text)?, parent: parent.map(CommentId) };
    let mut db = social.db();
    let mut made = None;
    let known = store::by_client_id(&mut db, viewer.account, client_id).await?;
    if known.is_none() {
        if !social.limits.comments.charge(&viewer.account, social.clock.now().at) {
            return Err(ApiError::rate_limited());
        }
        made = write::create(&social, &viewer, post, &draft).await?;
    }
    let (status, id) = match (known, made) {
        (None, Some(id)) => (StatusCode::CREATED, Some(id)),
        (Some(id), _) => (StatusCode::OK, Some(id)),
        // The same was sent twice at once, and the other one was quicker.
        (None, None) => (StatusCode::OK, store::by_client_id(&mut db, viewer.account, client_id).await?),
    };
    let id = id.ok_or_else(ApiError::not_found)?;
    Ok((status, Json(shown(&social, viewer.account, id).await?)))
}

async fn shown(social: &Social, viewer: AccountId, id: CommentId) -> Result<Comment, ApiError> {
    let found = store::find(&mut social.db(), viewer, id).await?;
    found.map(CommentRow::show).ok_or_else(ApiError::not_found)
}

/// A comment; no account is needed.
#[utoipa::path(get, path = "/api/v1/comments/{id}", tag = "comments", params(("id" = Uuid, Path)), responses(
    (status = 200, body = Comment), (status = 404, description = "not_found"),
    (status = 429, description = "rate_limited")))]
pub(crate) async fn show(
    State(social): State<Social>,
    caller: Caller,
    viewer: Option<Viewer>,
    id: Segment,
) -> Result<Json<Comment>, ApiError> {
    let viewer = social.look_up(&caller, viewer)?;
    Ok(Json(shown(&social, viewer, CommentId(id.id()?)).await?))
}

/// Replies to a comment, the oldest first; no account is needed.
#[utoipa::path(get, path = "/api/v1/comments/{id}/replies", tag = "comments", params(("id" = Uuid, Path), PageQuery),
    responses((status = 200, body = Page<Comment>), (status = 404, description = "not_found"),
    (status = 429, description = "rate_limited")))]
pub(crate) async fn replies(
    State(social): State<Social>,
    caller: Caller,
    viewer: Option<Viewer>,
    id: Segment,
    Params(query): Params<PageQuery>,
) -> Result<Json<Page<Comment>>, ApiError> {
    let viewer = social.look_up(&caller, viewer)?;
    let parent = CommentId(id.id()?);
    let mut db = social.db();
    store::find(&mut db, viewer, parent).await?.ok_or_else(ApiError::not_found)?;
    let found = store::replies(&mut db, viewer, parent, query.window_from(Cursor::OLDEST)?).await?;
    Ok(Json(query.page(found, CommentRow::cursor, CommentRow::show)))
}

/// Changes a comment of the one who asks.
#[utoipa::path(patch, path = "/api/v1/comments/{id}", tag = "comments", params(("id" = Uuid, Path)),
    request_body = CommentChange, responses(
    (status = 200, body = Comment), (status = 401, description = "not_signed_in"),
    (status = 404, description = "not_found"), (status = 422, description = "invalid_value"),
    (status = 429, description = "rate_limited")))]
pub(crate) async fn change(
    State(social): State<Social>,
    viewer: Viewer,
    id: Segment,
    JsonBody(change): JsonBody<CommentChange>,
) -> Result<Json<Comment>, ApiError> {
    if !social.limits.edits.charge(&viewer.account, social.clock.now().at) {
        return Err(ApiError::rate_limited());
    }
    let id = CommentId(id.id()?);
    write::change(&social, &viewer, id, &rules::comment(&change.text)?).await?;
    Ok(Json(shown(&social, viewer.account, id).await?))
}

/// Removes a comment that the one who asks wrote, or that is on a post of theirs. With replies it stays, without author and
/// text, until they have gone.
#[utoipa::path(delete, path = "/api/v1/comments/{id}", tag = "comments", params(("id" = Uuid, Path)), responses(
    (status = 204), (status = 401, description = "not_signed_in"), (status = 404, description = "not_found")))]
pub(crate) async fn remove(State(social): State<Social>, viewer: Viewer, id: Segment) -> Result<StatusCode, ApiError> {
    write::remove(&social, &viewer, CommentId(id.id()?)).await?;
    Ok(StatusCode::NO_CONTENT)
}
