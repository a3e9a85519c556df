//! `/api/v1/rings`, and `/api/v1/conversations/{id}/rings`.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Ring, RingMedia, store, write};
use crate::auth::Viewer;
use crate::body::{JsonBody, Segment};
use crate::error::ApiError;
use crate::id::{AccountId, ConversationId, RingId};
use crate::state::Social;

/// A call to begin.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRing {
    media: RingMedia,
}

/// What somebody says who is rung.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RingAnswer {
    /// Whether they come.
    accept: bool,
}

/// Rings the others in a conversation for 30 s. Where the one who asks rings already, it answers with that ring, by 200; where
/// somebody else rings, or is in the call that came of it, it joins that one.
#[utoipa::path(post, path = "/api/v1/conversations/{id}/rings", tag = "rings", params(("id" = Uuid, Path)),
    request_body = NewRing, responses((status = 201, body = Ring), (status = 200, body = Ring),
    (status = 401, description = "not_signed_in"),
    (status = 403, description = "not_allowed: a room, more than 50 people, or somebody who has not said yes"),
    (status = 404, description = "not_found"), (status = 422, description = "invalid_value"),
    (status = 429, description = "rate_limited")))]
pub(crate) async fn start(
    State(social): State<Social>,
    viewer: Viewer,
    id: Segment,
    JsonBody(NewRing { media }): JsonBody<NewRing>,
) -> Result<(StatusCode, Json<Ring>), ApiError> {
    if !social.limits.rings.charge(&viewer.account, social.clock.now().at) {
        return Err(ApiError::rate_limited());
    }
    let (ring, is_new) = write::start(&social, &viewer, (ConversationId(id.id()?), media)).await?;
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(shown(&social, viewer.account, ring).await?)))
}

async fn shown(social: &Social, viewer: AccountId, id: RingId) -> Result<Ring, ApiError> {
    let mut db = social.db();
    let row = store::find(&mut db, viewer, id).await?.ok_or_else(ApiError::not_found)?;
    Ok(store::show(&mut db, viewer, row, social.clock.now()).await?)
}

/// The rings of the one who asks, and by which they are rung, that somebody may still answer.
#[utoipa::path(get, path = "/api/v1/rings", tag = "rings", responses((status = 200, body = Vec<Ring>),
    (status = 401, description = "not_signed_in")))]
pub(crate) async fn list(State(social): State<Social>, viewer: Viewer) -> Result<Json<Vec<Ring>>, ApiError> {
    let (now, mut db) = (social.clock.now(), social.db());
    let mut rings = Vec::new();
    for row in store::ringing(&mut db, viewer.account, now).await? {
        rings.push(store::show(&mut db, viewer.account, row, now).await?);
    }
    Ok(Json(rings))
}

/// A ring of the one who asks, or by which they are rung.
#[utoipa::path(get, path = "/api/v1/rings/{id}", tag = "rings", params(("id" = Uuid, Path)), responses(
    (status = 200, body = Ring), (status = 401, description = "not_signed_in"),
    (status = 404, description = "not_found")))]
pub(crate) async fn show(State(social): State<Social>, viewer: Viewer, id: Segment) -> Result<Json<Ring>, ApiError> {
    Ok(Json(shown(&social, viewer.account, RingId(id.id()?)).await?))
}

/// Says whether one comes. The same answer again changes nothing.
#[utoipa::path(put, path = "/api/v1/rings/{id}/answer", tag = "rings", params(("id" = Uuid, Path)),
    request_body = RingAnswer, responses((status = 200, body = Ring), (status = 401, description = "not_signed_in"),
    (status = 403, description = "not_allowed: one's own"), (status = 404, description = "not_found"),
    (status = 409, description = "gone: it is over, or was answered otherwise"),
    (status = 422, description = "invalid_value"), (status = 429, description = "rate_limited")))]
pub(crate) async fn answer(
    State(social): State<Social>,
    viewer: Viewer,
    id: Segment,
    JsonBody(RingAnswer { accept }): JsonBody<RingAnswer>,
) -> Result<Json<Ring>, ApiError> {
    let id = RingId(id.id()?);
    charge(&social, &viewer)?;
    write::answer(&social, &viewer, id, accept).await?;
    Ok(Json(shown(&social, viewer.account, id).await?))
}

/// Gives up: who has not answered has missed the call.
#[utoipa::path(delete, path = "/api/v1/rings/{id}", tag = "rings", params(("id" = Uuid, Path)), responses(
    (status = 204), (status = 401, description = "not_signed_in"),
    (status = 403, description = "not_allowed: somebody else's"), (status = 404, description = "not_found"),
    (status = 429, description = "rate_limited")))]
pub(crate) async fn stop(State(social): State<Social>, viewer: Viewer, id: Segment) -> Result<StatusCode, ApiError> {
    let id = RingId(id.id()?);
    charge(&social, &viewer)?;
    write::stop(&social, &viewer, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn charge(social: &Social, viewer: &Viewer) -> Result<(), ApiError> {
    match social.limits.answers.charge(&viewer.account, social.clock.now().at) {
        true => Ok(()),
        false => Err(ApiError::rate_limited()),
    }
}
