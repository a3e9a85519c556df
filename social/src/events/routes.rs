//! `/api/v1/events`.

use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use serde::Deserialize;
use utoipa::IntoParams;

use super::socket;
use super::tabs::Place;
use crate::auth::Viewer;
use crate::body::Params;
use crate::error::{ApiError, Code};
use crate::limits::{EVENT_READ_BUFFER, EVENT_WRITE_BUFFER, MAX_EVENT_MESSAGE};
use crate::state::Social;

/// What a tab knows already.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct EventQuery {
    /// The number of the last event that the tab knows: it is told those that follow, or that there is a gap.
    after: Option<i64>,
}

/// Opens the event socket of a tab.
#[utoipa::path(get, path = "/api/v1/events", tag = "events", params(EventQuery), responses(
    (status = 101, description = "A WebSocket with messages of type SocialEvent, which takes SocialRequest. It closes \
        with 4401 when the session has ended, and with 1008 after a message that it does not take"),
    (status = 401, description = "not_signed_in"),
    (status = 429, description = "rate_limited: too many tabs")))]
pub(crate) async fn connect(
    State(social): State<Social>,
    viewer: Viewer,
    headers: HeaderMap,
    Params(EventQuery { after }): Params<EventQuery>,
    upgrade: WebSocketUpgrade,
) -> Result<Response, ApiError> {
    // Browsers open WebSockets to other origins without asking, and send our cookie along.
    if !headers.contains_key(header::ORIGIN) {
        return Err(ApiError::new(Code::Csrf, "this request needs the header origin"));
    }
    let place = Place::take(&social, viewer.account).ok_or_else(ApiError::rate_limited)?;
    let upgrade = upgrade
        .max_message_size(MAX_EVENT_MESSAGE)
        .read_buffer_size(EVENT_READ_BUFFER)
        .write_buffer_size(0)
        .max_write_buffer_size(EVENT_WRITE_BUFFER);
    Ok(upgrade.on_upgrade(move |socket| async move {
        socket::serve(socket, (&social, viewer), &place.tab, after).await;
        drop(place);
    }))
}
