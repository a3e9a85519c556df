//! Headers that every answer has, and the count of answers that are errors.

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::AppState;
use crate::protocol::ErrorCode;
use confab_social::caller::Caller;

/// Only what we serve runs, nothing is embedded anywhere, nothing is sent anywhere else. `blob:` is for media that the
/// page itself makes; `ws:` and `wss:` because older browsers do not take `'self'` for them.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data: blob:; \
     media-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 5] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    // A room's address is a secret: no other site may learn it from a link in the chat.
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(self), microphone=(self), display-capture=(self), geolocation=(), payment=(), usb=()",
    ),
];

/// Adds the headers to whatever the rest answers.
pub async fn add(State(state): State<AppState>, caller: Caller, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let metrics = &state.services.metrics;
    if let Some(code) = response.extensions().get::<ErrorCode>() {
        metrics.error(code);
    }
    if let Some(code) = response.extensions().get::<confab_social::error::Code>() {
        metrics.error(code);
    }
    for (name, value) in HEADERS {
        // What has a stricter policy of its own keeps it.
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    if caller.is_secure {
        let year = HeaderValue::from_static("max-age=31536000");
        response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
    response
}
