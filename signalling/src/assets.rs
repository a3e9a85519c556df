//! The web app inside the binary.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rust_embed::{EmbeddedFile, RustEmbed};
use tower_http::compression::CompressionLayer;

use crate::AppState;
use crate::error::ApiError;
use crate::protocol::ErrorCode;

/// Files here have a hash of their content in their name.
const HASHED: &str = "assets/";
const INDEX: &str = "index.html";

#[derive(RustEmbed)]
#[folder = "../web/app/dist"]
struct Dist;

/// Serves the app's files, and the app itself for every other path: the app has routes of its own.
pub fn router() -> Router<AppState> {
    Router::new().fallback(axum::routing::get(serve)).layer(CompressionLayer::new())
}

async fn serve(uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    if let Some(file) = Dist::get(path) {
        let caching = if path.starts_with(HASHED) { "public, max-age=31536000, immutable" } else { "no-cache" };
        return answer(file, caching, &headers);
    }
    if path.starts_with(HASHED) {
        // An old page asks for a file of an old build: the app in its place would only confuse it.
        return ApiError::new(ErrorCode::RouteNotFound, "there is no such file").into_response();
    }
    match Dist::get(INDEX) {
        Some(file) => answer(file, "no-cache", &headers),
        None => ApiError::new(ErrorCode::RouteNotFound, "this build has no web app").into_response(),
    }
}

fn answer(file: EmbeddedFile, caching: &'static str, request: &HeaderMap) -> Response {
    let tag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(file.metadata.sha256_hash()));
    let is_known = request.get(header::IF_NONE_MATCH).is_some_and(|known| known == tag.as_str());
    let mut response = match is_known {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => Body::from(file.data).into_response(),
    };
    let kind = match file.metadata.mimetype() {
        text if text.starts_with("text/") => format!("{text}; charset=utf-8"),
        other => other.to_owned(),
    };
    let values = [(header::CONTENT_TYPE, kind), (header::ETAG, tag), (header::CACHE_CONTROL, caching.to_owned())];
    for (name, value) in values {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
