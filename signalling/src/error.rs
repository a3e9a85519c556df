//! Errors as HTTP answers: a status, and `{"error":{"code","message"}}` with a code of the protocol.

use std::borrow::Cow;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::protocol::ErrorCode;

/// A refused or failed HTTP request.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct ApiError {
    status: StatusCode,
    code: ErrorCode,
    message: Cow<'static, str>,
}

impl ApiError {
    /// An error with the status that its code usually has.
    pub fn new(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self { status: status(code), code, message: message.into() }
    }

    /// The same error with another status.
    #[must_use]
    pub fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// The stable code.
    pub fn code(&self) -> ErrorCode {
        self.code
    }

    /// Unknown, ended, malformed, forbidden: whoever guesses learns nothing.
    pub fn room_not_found() -> Self {
        Self::new(ErrorCode::RoomNotFound, "there is no such room")
    }

    /// Missing, wrong, expired and used tickets are not told apart either.
    pub fn invalid_ticket() -> Self {
        Self::new(ErrorCode::InvalidTicket, "the ticket or token is missing, wrong, expired or used")
    }

    /// Too many calls from one address.
    pub fn rate_limited() -> Self {
        Self::new(ErrorCode::RateLimited, "too many requests from this address; wait a minute")
    }

    /// A failure of ours. The cause belongs in the log.
    pub fn internal() -> Self {
        Self::new(ErrorCode::Internal, "the server failed to do this; try again")
    }
}

fn status(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::RoomNotFound | ErrorCode::NotFound | ErrorCode::RouteNotFound => StatusCode::NOT_FOUND,
        ErrorCode::RoomLocked | ErrorCode::OriginNotAllowed | ErrorCode::NotAllowed => StatusCode::FORBIDDEN,
        ErrorCode::RoomFull | ErrorCode::InvalidState => StatusCode::CONFLICT,
        ErrorCode::InvalidTicket | ErrorCode::SignInRequired => StatusCode::UNAUTHORIZED,
        ErrorCode::UnsupportedVersion
        | ErrorCode::InvalidMessage
        | ErrorCode::InvalidValue
        | ErrorCode::OfferRejected => StatusCode::BAD_REQUEST,
        ErrorCode::MessageTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorCode::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        ErrorCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

#[derive(Serialize)]
struct Body {
    error: Detail,
}

#[derive(Serialize)]
struct Detail {
    code: ErrorCode,
    message: Cow<'static, str>,
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = Body { error: Detail { code: self.code, message: self.message } };
        let mut response = (self.status, Json(body)).into_response();
        if self.status == StatusCode::TOO_MANY_REQUESTS {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
        }
        // Metrics count errors by their code, in one place for all routes.
        response.extensions_mut().insert(self.code);
        response
    }
}
