//! Confab's rooms: links that lead to them, the WebSocket that goes on in them, and the web app that shows them.
//!
//! [`router`] is the map: accounts and people are `confab_social`'s routes; `/api/v1/rooms` makes and shows rooms and hands out tickets ([`rooms`]), `/api/v1/ws` takes
//! a ticket and becomes a participant's connection ([`connection`]), which talks to the room's state machine
//! ([`room`]), which commands the SFU ([`media`]). Everything else is the web app ([`assets`]).

pub mod assets;
pub mod caller;
mod calls;
pub mod config;
pub mod connection;
pub mod error;
pub mod headers;
pub mod health;
pub mod limits;
pub mod links;
pub mod media;
pub mod metrics;
pub mod outbox;
pub mod protocol;
pub mod room;
pub mod rooms;
pub mod server;
pub mod state;
pub mod tickets;

use axum::http::StatusCode;
use axum::routing::{any, get, post};
use axum::{Router, middleware};
use confab_social::auth::csrf;
use tower_http::catch_panic::CatchPanicLayer;

pub use self::state::{AppState, Parts, StartError};
use crate::error::ApiError;
use crate::protocol::ErrorCode;

/// The path of the WebSocket.
pub const WEBSOCKET_PATH: &str = "/api/v1/ws";

/// All routes of the main listener.
pub fn router(state: AppState) -> Router {
    let api = Router::new()
        .route("/api/v1/rooms", post(rooms::create))
        .route("/api/v1/rooms/{id}", get(rooms::show))
        .route("/api/v1/rooms/{id}/join", post(rooms::join))
        .route(WEBSOCKET_PATH, get(connection::upgrade))
        .layer(middleware::from_fn(csrf::check_if_signed_in))
        .merge(confab_social::routes(&state.social).0)
        .route("/api", any(no_route))
        .route("/api/{*rest}", any(no_route))
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn_with_state(state.clone(), caller::check_origin));
    Router::new()
        .merge(api)
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .merge(assets::router())
        .method_not_allowed_fallback(wrong_method)
        .layer(CatchPanicLayer::custom(|_| axum::response::IntoResponse::into_response(ApiError::internal())))
        .layer(middleware::from_fn_with_state(state.clone(), headers::add))
        .layer(middleware::from_fn_with_state(state.clone(), caller::identify))
        .with_state(state)
}

/// The routes of the metrics listener, which is for the operator only.
pub fn metrics_router(state: AppState) -> Router {
    Router::new().route("/metrics", get(health::metrics)).fallback(no_route).with_state(state)
}

async fn no_route() -> ApiError {
    ApiError::new(ErrorCode::RouteNotFound, "there is no such route")
}

async fn wrong_method() -> ApiError {
    ApiError::new(ErrorCode::RouteNotFound, "this route has other methods").with_status(StatusCode::METHOD_NOT_ALLOWED)
}

/// An empty folder for one test, found again and emptied by its next run.
#[cfg(test)]
pub(crate) fn test_folder(name: &str) -> std::path::PathBuf {
    let program = std::env::current_exe().unwrap();
    let folder = std::env::temp_dir().join("confab-tests").join(program.file_name().unwrap()).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}
