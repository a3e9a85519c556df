//! `/api/v1/outbox`: the mails that were not sent, for who tries Confab out.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use ts_rs::TS;
use utoipa::ToSchema;

use super::OutboxMail;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::state::Social;

/// The newest mails.
#[derive(Debug, Serialize, TS, ToSchema)]
pub struct OutboxList {
    /// The newest first.
    pub items: Vec<OutboxMail>,
}

/// The mails in the outbox, in development mode and only for browsers on this machine: they open every account.
#[utoipa::path(get, path = "/api/v1/outbox", tag = "server", responses(
    (status = 200, body = OutboxList), (status = 404, description = "not_found")))]
pub(crate) async fn outbox(State(social): State<Social>, caller: Caller) -> Result<Json<OutboxList>, ApiError> {
    if !social.config.development || !caller.address.is_loopback() {
        return Err(ApiError::not_found());
    }
    let items = social.mail.list().await.map_err(|error| {
        tracing::error!("outbox: {error}");
        ApiError::internal()
    })?;
    Ok(Json(OutboxList { items }))
}
