//! `/api/v1/me/push`.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use super::address::Endpoint;
use super::{PushEndpoint, PushInfo, store};
use crate::auth::Viewer;
use crate::body::JsonBody;
use crate::error::ApiError;
use crate::state::Social;

/// What a browser needs to be woken when something happens and no tab is open.
#[utoipa::path(get, path = "/api/v1/me/push", tag = "push", responses(
    (status = 200, body = PushInfo), (status = 401, description = "not_signed_in")))]
pub(crate) async fn info(State(social): State<Social>, viewer: Viewer) -> Result<Json<PushInfo>, ApiError> {
    let subscribed = store::count(&mut social.db(), viewer.account).await?;
    Ok(Json(PushInfo { public_key: social.vapid.public().to_owned(), subscribed }))
}

/// Wakes a browser from now on, as long as the session lasts. Of more than ten the oldest is forgotten.
#[utoipa::path(put, path = "/api/v1/me/push", tag = "push", request_body = PushEndpoint, responses(
    (status = 204), (status = 401, description = "not_signed_in"),
    (status = 422, description = "invalid_value"), (status = 429, description = "rate_limited")))]
pub(crate) async fn subscribe(
    State(social): State<Social>,
    viewer: Viewer,
    JsonBody(PushEndpoint { endpoint }): JsonBody<PushEndpoint>,
) -> Result<StatusCode, ApiError> {
    charge(&social, &viewer)?;
    let endpoint = Endpoint::parse(&endpoint, social.config.development)?;
    let mut tx = social.db().begin().await?;
    store::add(&mut tx, endpoint.as_str(), (viewer.account, viewer.session), social.clock.now()).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Wakes a browser no more; nothing happens if it was not woken.
#[utoipa::path(delete, path = "/api/v1/me/push", tag = "push", request_body = PushEndpoint, responses(
    (status = 204), (status = 401, description = "not_signed_in"),
    (status = 422, description = "invalid_value"), (status = 429, description = "rate_limited")))]
pub(crate) async fn unsubscribe(
    State(social): State<Social>,
    viewer: Viewer,
    JsonBody(PushEndpoint { endpoint }): JsonBody<PushEndpoint>,
) -> Result<StatusCode, ApiError> {
    charge(&social, &viewer)?;
    let endpoint = Endpoint::parse(&endpoint, social.config.development)?;
    store::remove(&mut social.db(), viewer.account, endpoint.as_str()).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn charge(social: &Social, viewer: &Viewer) -> Result<(), ApiError> {
    match social.limits.edits.charge(&viewer.account, social.clock.now().at) {
        true => Ok(()),
        false => Err(ApiError::rate_limited()),
    }
}
