//! `/healthz`, `/readyz` and `/metrics`.

use std::time::Instant;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use confab_sfu::id::RoomId;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::AppState;
use crate::error::ApiError;
use crate::limits::{PROBE_REUSE, PROBE_TIMEOUT};
use crate::protocol::ErrorCode;

/// The last probe's answer. One probe runs at a time, whoever asks.
#[derive(Debug, Default)]
pub struct Health {
    last: Mutex<Option<(Instant, Result<(), &'static str>)>>,
}

/// The process runs.
pub async fn alive() -> Json<Value> {
    Json(json!({ "status": "alive" }))
}

/// The server is fit for work: the SFU and the database answer, and the data folder takes writes.
///
/// # Errors
/// 503 with what is wrong.
pub async fn ready(State(state): State<AppState>) -> Result<Json<Value>, ApiError> {
    if state.is_stopping() {
        return Err(unready("the server stops"));
    }
    let now = state.services.clock.now().at;
    let mut last = state.health.last.lock().await;
    let result = match *last {
        Some((at, result)) if now.saturating_duration_since(at) < PROBE_REUSE => result,
        _ => {
            let result = probe(&state).await;
            *last = Some((now, result));
            result
        }
    };
    result.map_err(unready)?;
    Ok(Json(json!({ "status": "ready" })))
}

fn unready(why: &'static str) -> ApiError {
    ApiError::new(ErrorCode::Internal, why).with_status(StatusCode::SERVICE_UNAVAILABLE)
}

async fn probe(state: &AppState) -> Result<(), &'static str> {
    let room = state.services.rng.with(RoomId::random);
    match tokio::time::timeout(PROBE_TIMEOUT, state.services.media.probe(room)).await {
        Ok(Ok(())) => {}
        _ => return Err("the SFU does not answer"),
    }
    match tokio::time::timeout(PROBE_TIMEOUT, state.social.ping()).await {
        Ok(Ok(())) => {}
        _ => return Err("the database does not answer"),
    }
    let path = state.config.data_dir.join("probe");
    let write = tokio::task::spawn_blocking(move || {
        std::fs::write(&path, "The server can write here.\n").and_then(|()| std::fs::remove_file(&path))
    });
    match tokio::time::timeout(PROBE_TIMEOUT, write).await {
        Ok(Ok(Ok(()))) => Ok(()),
        _ => Err("the data folder cannot be written"),
    }
}

/// All metrics.
///
/// # Errors
/// When they cannot be written, which is a bug.
pub async fn metrics(State(state): State<AppState>) -> Result<impl IntoResponse, ApiError> {
    let text = state.services.metrics.render().map_err(|error| {
        tracing::error!("cannot write metrics: {error}");
        ApiError::internal()
    })?;
    Ok(([(header::CONTENT_TYPE, prometheus::TEXT_FORMAT)], text))
}
