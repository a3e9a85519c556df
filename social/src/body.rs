//! What requests carry: small, on time, of the right type, with the right fields.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use futures_util::StreamExt as _;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::error::{ApiError, Code};
use crate::limits::{MAX_BODY, MAX_DISCARDED, REQUEST_TIMEOUT};

/// A body of at most `MOST` bytes that was read as `T`, which should deny unknown fields.
#[derive(Debug)]
pub struct JsonBody<T, const MOST: usize = MAX_BODY>(pub T);

impl<T: DeserializeOwned, S: Sync, const MOST: usize> FromRequest<S> for JsonBody<T, MOST> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        // A form of a foreign page can send no JSON type without asking first (CORS): this and the origin check stop
        // it.
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
        if !kind.split(';').next().unwrap_or("").trim().eq_ignore_ascii_case("application/json") {
            let error = ApiError::new(Code::InvalidMessage, "the content type must be application/json");
            return Err(error.with_status(StatusCode::UNSUPPORTED_MEDIA_TYPE));
        }
        let too_large = || ApiError::new(Code::MessageTooLarge, format!("a body has at most {} KiB", MOST / 1024));
        let body = read(request.into_body(), MOST, REQUEST_TIMEOUT, too_large).await?;
        // serde takes a list for a struct too, and an empty one for a struct whose fields are all optional.
        if body.trim_ascii_start().first() != Some(&b'{') {
            return Err(ApiError::new(Code::InvalidMessage, "the body must be a JSON object"));
        }
        let value = serde_json::from_slice(&body);
        value.map(Self).map_err(|error| ApiError::new(Code::InvalidMessage, short(&error)))
    }
}

/// The parameters behind a `?`, read as `T`, which should deny unknown fields.
#[derive(Debug)]
pub struct Params<T>(pub T);

impl<T: DeserializeOwned, S: Sync + Send> FromRequestParts<S> for Params<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let read = Query::<T>::from_request_parts(parts, state).await;
        read.map(|Query(value)| Self(value)).map_err(|error| {
            let text = error.body_text().chars().filter(|letter| !letter.is_control()).take(200).collect::<String>();
            ApiError::new(Code::InvalidMessage, text)
        })
    }
}

/// The one parameter of a path. What is no text, or one that databases do not take (Postgres has no NUL), names nothing.
#[derive(Debug)]
pub struct Segment(pub String);

impl<S: Sync + Send> FromRequestParts<S> for Segment {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match Path::<String>::from_request_parts(parts, state).await {
            Ok(Path(text)) if !text.contains('\0') => Ok(Self(text)),
            _ => Err(ApiError::not_found()),
        }
    }
}

impl Segment {
    /// The id that it is; what is none names nothing.
    ///
    /// # Errors
    /// That there is no such thing.
    pub fn id(&self) -> Result<Uuid, ApiError> {
        Uuid::try_parse(&self.0).map_err(|_| ApiError::not_found())
    }
}

/// The two parameters of a path.
#[derive(Debug)]
pub struct Segments(pub Segment, pub Segment);

impl<S: Sync + Send> FromRequestParts<S> for Segments {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match Path::<(String, String)>::from_request_parts(parts, state).await {
            Ok(Path((first, second))) if !first.contains('\0') && !second.contains('\0') => {
                Ok(Self(Segment(first), Segment(second)))
            }
            _ => Err(ApiError::not_found()),
        }
    }
}

/// Reads a body of at most `most` bytes that arrives within `time`.
///
/// # Errors
/// `too_large` when there is more; otherwise that it did not arrive in time.
pub async fn read(
    body: Body,
    most: usize,
    time: Duration,
    too_large: impl FnOnce() -> ApiError,
) -> Result<Bytes, ApiError> {
    let late = || {
        let error = ApiError::new(Code::InvalidMessage, "the body did not arrive in time");
        error.with_status(StatusCode::REQUEST_TIMEOUT)
    };
    let read = tokio::time::timeout(time, collect(body, most)).await.map_err(|_| late())?;
    read.ok_or_else(too_large)
}

/// All of a body, if it has at most `most` bytes and is not cut. Some of what is too much is read on and thrown away: a
/// client that is still writing when the connection closes would see that, and not the answer.
async fn collect(body: Body, most: usize) -> Option<Bytes> {
    let mut chunks = body.into_data_stream();
    let mut read = Vec::new();
    let mut rest = MAX_DISCARDED;
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.ok()?;
        if read.len() + chunk.len() <= most && rest == MAX_DISCARDED {
            read.extend_from_slice(&chunk);
        } else {
            rest = rest.checked_sub(chunk.len().max(1))?;
        }
    }
    (rest == MAX_DISCARDED).then(|| read.into())
}

/// What serde says of a text, without repeating much of it: unknown names are quoted in full there.
pub fn short(error: &serde_json::Error) -> String {
    error.to_string().chars().filter(|letter| !letter.is_control()).take(200).collect()
}
