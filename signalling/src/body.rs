//! JSON bodies of requests: small, on time, of the right type, with the right fields.

use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use serde::de::DeserializeOwned;

use crate::error::ApiError;
use crate::limits::{MAX_BODY, REQUEST_TIMEOUT};
use crate::protocol::ErrorCode;

/// A body that was read as `T`, which should deny unknown fields.
#[derive(Debug)]
pub struct JsonBody<T>(pub T);

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        // A form of a foreign page can send no JSON type without asking first (CORS): this and the origin check stop
        // it.
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
        if !kind.split(';').next().unwrap_or("").trim().eq_ignore_ascii_case("application/json") {
            let error = ApiError::new(ErrorCode::InvalidMessage, "the content type must be application/json");
            return Err(error.with_status(StatusCode::UNSUPPORTED_MEDIA_TYPE));
        }
        let reading = tokio::time::timeout(REQUEST_TIMEOUT, to_bytes(request.into_body(), MAX_BODY));
        let body = reading.await.map_err(|_| {
            let error = ApiError::new(ErrorCode::InvalidMessage, "the body did not arrive in time");
            error.with_status(StatusCode::REQUEST_TIMEOUT)
        })?;
        let body = body.map_err(|_| ApiError::new(ErrorCode::MessageTooLarge, "a body has at most 16 KiB"))?;
        let value = serde_json::from_slice(&body);
        value.map(Self).map_err(|error| ApiError::new(ErrorCode::InvalidMessage, short(&error)))
    }
}

/// What serde says of a text, without repeating much of it: unknown names are quoted in full there.
pub fn short(error: &serde_json::Error) -> String {
    error.to_string().chars().filter(|letter| !letter.is_control()).take(200).collect()
}
