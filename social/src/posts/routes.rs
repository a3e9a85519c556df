//! `/api/v1/posts`.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;
use uuid::Uuid;

use super::rules::{self, ImageChoice};
use super::write::{self, Change, Draft};
use super::{Post, PostVersion, store};
use crate::auth::Viewer;
use crate::body::{JsonBody, Segment};
use crate::caller::Caller;
use crate::error::ApiError;
use crate::id::{AccountId, PostId};
use crate::limits::MAX_POST_BODY;
use crate::state::Social;
use crate::visibility::Audience;

/// A post to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPost {
    /// Made up by the client; sent again, it makes no second post.
    client_id: Uuid,
    #[schema(max_length = 5000)]
    text: String,
    audience: Audience,
    #[serde(default)]
    #[schema(max_items = 4)]
    images: Vec<ImageChoice>,
}

/// A change of a post: what is absent stays. Images that are not named any more go.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PostChange {
    #[schema(max_length = 5000)]
    text: Option<String>,
    audience: Option<Audience>,
    #[schema(max_items = 4)]
    images: Option<Vec<ImageChoice>>,
}

/// What a post said before it was changed, the last first; at most 100 versions are kept.
#[derive(Debug, Serialize, TS, ToSchema)]
pub struct PostHistory {
    /// The versions, without the present one.
    pub items: Vec<PostVersion>,
}

/// Makes a post. Sent again with the same `client_id` it answers with the post that there is, by 200.
#[utoipa::path(post, path = "/api/v1/posts", tag = "posts", request_body = NewPost, responses(
    (status = 201, body = Post), (status = 200, body = Post), (status = 401, description = "not_signed_in"),
    (status = 422, description = "invalid_value"), (status = 429, description = "rate_limited")))]
pub(crate) async fn create(
    State(social): State<Social>,
    viewer: Viewer,
    JsonBody(new): JsonBody<NewPost, MAX_POST_BODY>,
) -> Result<(StatusCode, Json<Post>), ApiError> {
    let NewPost { client_id, text, audience, images } = new;
    let draft = Draft { client_id, text: rules::text(&text)?, audience, images: rules::images(images)? };
    rules::is_something(&draft.text, draft.images.len())?;
    let mut db = social.db();
    let mut made = None;
    let known = store::by_client_id(&mut db, viewer.account, client_id).await?;
    if known.is_none() {
        if !social.limits.posts.charge(&viewer.account, social.clock.now().at) {
            return Err(ApiError::rate_limited());
        }
        made = write::create(&social, &viewer, &draft).await?;
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

async fn shown(social: &Social, viewer: AccountId, id: PostId) -> Result<Post, ApiError> {
    store::find(&mut social.db(), viewer, id).await?.ok_or_else(ApiError::not_found)
}

/// A post that the one who asks may read; no account is needed.
#[utoipa::path(get, path = "/api/v1/posts/{id}", tag = "posts", params(("id" = Uuid, Path)), responses(
    (status = 200, body = Post), (status = 404, description = "not_found"),
    (status = 429, description = "rate_limited")))]
pub(crate) async fn show(
    State(social): State<Social>,
    caller: Caller,
    viewer: Option<Viewer>,
    id: Segment,
) -> Result<Json<Post>, ApiError> {
    let viewer = social.look_up(&caller, viewer)?;
    Ok(Json(shown(&social, viewer, PostId(id.id()?)).await?))
}

/// Changes a post of the one who asks.
#[utoipa::path(patch, path = "/api/v1/posts/{id}", tag = "posts", params(("id" = Uuid, Path)),
    request_body = PostChange, responses(
    (status = 200, body = Post), (status = 401, description = "not_signed_in"), (status = 404, description = "not_found"),
    (status = 422, description = "invalid_value"), (status = 429, description = "rate_limited")))]
pub(crate) async fn change(
    State(social): State<Social>,
    viewer: Viewer,
    id: Segment,
    JsonBody(change): JsonBody<PostChange, MAX_POST_BODY>,
) -> Result<Json<Post>, ApiError> {
    if !social.limits.edits.charge(&viewer.account, social.clock.now().at) {
        return Err(ApiError::rate_limited());
    }
    let id = PostId(id.id()?);
    let change = Change {
        text: change.text.map(|text| rules::text(&text)).transpose()?,
        audience: change.audience,
        images: change.images.map(rules::images).transpose()?,
    };
    write::change(&social, &viewer, id, change).await?;
    Ok(Json(shown(&social, viewer.account, id).await?))
}

/// Removes a post of the one who asks.
#[utoipa::path(delete, path = "/api/v1/posts/{id}", tag = "posts", params(("id" = Uuid, Path)), responses(
    (status = 204), (status = 401, description = "not_signed_in"), (status = 404, description = "not_found")))]
pub(crate) async fn remove(State(social): State<Social>, viewer: Viewer, id: Segment) -> Result<StatusCode, ApiError> {
    write::remove(&social, &viewer, PostId(id.id()?)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What a post of the one who asks said before it was changed.
#[utoipa::path(get, path = "/api/v1/posts/{id}/history", tag = "posts", params(("id" = Uuid, Path)), responses(
    (status = 200, body = PostHistory), (status = 401, description = "not_signed_in"),
    (status = 404, description = "not_found")))]
pub(crate) async fn history(
    State(social): State<Social>,
    viewer: Viewer,
    id: Segment,
) -> Result<Json<PostHistory>, ApiError> {
    let id = PostId(id.id()?);
    let mut db = social.db();
    store::own(&mut db, viewer.account, id).await?.ok_or_else(ApiError::not_found)?;
    Ok(Json(PostHistory { items: store::versions(&mut db, id).await? }))
}
