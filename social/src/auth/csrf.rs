//! Against requests that a foreign page makes a browser send along with our cookie: whatever changes something must carry
//! a header of our own, which no foreign page can add without being asked first (CORS), and an origin, which the program
//! that listens has compared with ours.
//! (<https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html>)

use axum::extract::Request;
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::cookie;
use crate::caller::Caller;
use crate::error::{ApiError, Code};

/// The header; its value does not matter.
pub const HEADER: &str = "x-confab";

/// Refuses what changes something and may come from a foreign page.
pub async fn check(request: Request, next: Next) -> Response {
    if is_safe(request.method()) || is_ours(request.headers()) {
        return next.run(request).await;
    }
    refusal()
}

/// The same for routes that need no account: they may be called without all this, but then not with a cookie.
pub async fn check_if_signed_in(caller: Caller, request: Request, next: Next) -> Response {
    let is_signed_in = cookie::token(request.headers(), &caller).is_some();
    if is_safe(request.method()) || !is_signed_in || is_ours(request.headers()) {
        return next.run(request).await;
    }
    refusal()
}

fn is_safe(method: &Method) -> bool {
    [Method::GET, Method::HEAD, Method::OPTIONS].contains(method)
}

fn is_ours(headers: &HeaderMap) -> bool {
    headers.contains_key(HEADER) && headers.contains_key(header::ORIGIN)
}

fn refusal() -> Response {
    ApiError::new(Code::Csrf, "this request needs the headers x-confab and origin").into_response()
}
