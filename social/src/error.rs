//! Errors as HTTP answers: a status, and `{"error":{"code","message"}}` with a stable code.

use std::borrow::Cow;
use std::time::Duration;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use ts_rs::TS;
use utoipa::ToSchema;

use crate::db::DbError;

/// Why a request was refused or failed. Stable: clients decide by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "SocialErrorCode")]
pub enum Code {
    /// The body is no JSON, or not what this route takes.
    InvalidMessage,
    /// The body is too large.
    MessageTooLarge,
    /// A value breaks its rule; `field` says which.
    InvalidValue,
    /// The request has no `x-confab` header or no origin: a foreign page may have sent it.
    Csrf,
    /// Nobody is signed in.
    NotSignedIn,
    /// There is no such thing, or none that this viewer may see.
    NotFound,
    /// The viewer may see it, and may not do this with it.
    NotAllowed,
    /// The username belongs to somebody else.
    UsernameTaken,
    /// No account has this name and password.
    WrongCredentials,
    /// The account's own password is wrong.
    WrongPassword,
    /// The link is unknown, used or expired.
    InvalidToken,
    /// The address has not been verified yet.
    EmailNotVerified,
    /// The account is about to be deleted.
    DeletionPending,
    /// The account was suspended.
    Suspended,
    /// Too many calls.
    RateLimited,
    /// There are as many of these as there may be.
    LimitReached,
    /// It is over, or was answered otherwise.
    Gone,
    /// Too much to do at the moment.
    Busy,
    /// The file is too large.
    TooLarge,
    /// The file is no image of a kind that we take.
    UnsupportedImage,
    /// The image is damaged.
    BadImage,
    /// The upload goes on elsewhere; `received` says where.
    WrongOffset,
    /// No space is left.
    StorageFull,
    /// The server failed.
    Internal,
}

/// A refused or failed request.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct ApiError {
    status: StatusCode,
    code: Code,
    message: Cow<'static, str>,
    field: Option<&'static str>,
    deletion_at: Option<i64>,
    received: Option<i64>,
    retry_after: Option<Duration>,
}

impl ApiError {
    /// An error with the status that its code usually has.
    pub fn new(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        let retry_after = match code {
            Code::RateLimited => Some(Duration::from_secs(60)),
            Code::Busy => Some(Duration::from_secs(2)),
            _ => None,
        };
        let message = message.into();
        Self { status: status(code), code, message, field: None, deletion_at: None, received: None, retry_after }
    }

    /// The same error with another status.
    #[must_use]
    pub fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// The same error, which lasts for `time`.
    #[must_use]
    pub fn retry_after(self, time: Duration) -> Self {
        Self { retry_after: Some(time), ..self }
    }

    /// A value that breaks its rule.
    pub fn invalid(field: &'static str, rule: impl Into<Cow<'static, str>>) -> Self {
        Self { field: Some(field), ..Self::new(Code::InvalidValue, rule) }
    }

    /// A value that belongs to somebody else.
    pub fn username_taken() -> Self {
        Self { field: Some("username"), ..Self::new(Code::UsernameTaken, "this username is taken") }
    }

    /// An account that will be deleted at `at`, in milliseconds since 1970.
    pub fn deletion_pending(at: i64) -> Self {
        let error = Self::new(Code::DeletionPending, "this account will be deleted; it can be restored until then");
        Self { deletion_at: Some(at), ..error }
    }

    /// A chunk of an upload of which so many bytes have arrived, and that does not begin there.
    pub fn wrong_offset(received: i64) -> Self {
        Self { received: Some(received), ..Self::new(Code::WrongOffset, "the next chunk begins elsewhere") }
    }

    /// Nobody is signed in.
    pub fn not_signed_in() -> Self {
        Self::new(Code::NotSignedIn, "sign in first")
    }

    /// Unknown, foreign, hidden: whoever guesses learns nothing.
    pub fn not_found() -> Self {
        Self::new(Code::NotFound, "there is no such thing")
    }

    /// The viewer may see it, and may not do this with it.
    pub fn not_allowed(rule: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::NotAllowed, rule)
    }

    /// Whether there is no such thing.
    pub fn is_not_found(&self) -> bool {
        self.code == Code::NotFound
    }

    /// Too many calls.
    pub fn rate_limited() -> Self {
        Self::new(Code::RateLimited, "too many tries; wait a while")
    }

    /// One more would be too many.
    pub fn limit_reached(rule: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::LimitReached, rule)
    }

    /// The same error, of a field of the body.
    #[must_use]
    pub fn on(self, field: &'static str) -> Self {
        Self { field: Some(field), ..self }
    }

    /// A failure of ours. The cause belongs in the log.
    pub fn internal() -> Self {
        Self::new(Code::Internal, "the server failed to do this; try again")
    }

    /// The stable code.
    pub fn code(&self) -> Code {
        self.code
    }
}

fn status(code: Code) -> StatusCode {
    match code {
        Code::InvalidMessage | Code::InvalidToken => StatusCode::BAD_REQUEST,
        Code::MessageTooLarge | Code::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Code::InvalidValue | Code::BadImage => StatusCode::UNPROCESSABLE_ENTITY,
        Code::UnsupportedImage => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Code::NotSignedIn | Code::WrongCredentials => StatusCode::UNAUTHORIZED,
        Code::Csrf | Code::WrongPassword | Code::EmailNotVerified | Code::DeletionPending => StatusCode::FORBIDDEN,
        Code::Suspended | Code::NotAllowed => StatusCode::FORBIDDEN,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::UsernameTaken | Code::LimitReached | Code::WrongOffset | Code::Gone => StatusCode::CONFLICT,
        Code::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        Code::Busy => StatusCode::SERVICE_UNAVAILABLE,
        Code::StorageFull => StatusCode::INSUFFICIENT_STORAGE,
        Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The body of every error.
#[derive(Serialize, ToSchema)]
pub(crate) struct ErrorBody {
    error: ErrorDetail,
}

/// What went wrong.
#[derive(Serialize, ToSchema)]
struct ErrorDetail {
    code: Code,
    /// For people, in English.
    message: Cow<'static, str>,
    /// The field of the body that is wrong, if one is.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'static str>,
    /// When the account will be deleted, in milliseconds since 1970; with `deletion_pending`.
    #[serde(skip_serializing_if = "Option::is_none")]
    deletion_at: Option<i64>,
    /// Where the next chunk of the upload begins, in bytes; with `wrong_offset`.
    #[serde(skip_serializing_if = "Option::is_none")]
    received: Option<i64>,
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let Self { status, code, message, field, deletion_at, received, retry_after } = self;
        let body = ErrorBody { error: ErrorDetail { code, message, field, deletion_at, received } };
        let mut response = (status, Json(body)).into_response();
        if let Some(time) = retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(time.as_secs().max(1)));
        }
        // Metrics count errors by their code, in one place for all routes.
        response.extensions_mut().insert(code);
        response
    }
}

impl From<DbError> for ApiError {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Full => Self::new(Code::StorageFull, "the server's disk is full"),
            DbError::Unavailable(cause) => {
                tracing::error!("the database does not answer: {cause}");
                Self::new(Code::Busy, "the database does not answer; try again")
            }
            DbError::Other(cause) => {
                tracing::error!("database: {cause}");
                Self::internal()
            }
        }
    }
}
