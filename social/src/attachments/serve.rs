//! `/media/attachments`: files on their way out. Whatever they are, no browser runs anything of them in our name: what is no
//! picture of ours and no sound or video is a download, and all come under a policy that allows nothing.

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream::try_unfold;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};

use super::AttachmentKind;
use super::store::{self, Row};
use crate::auth::Viewer;
use crate::body::Segment;
use crate::error::{ApiError, Code};
use crate::id::AttachmentId;
use crate::limits::MEDIA_PIECE;
use crate::state::Social;
use crate::uploads::{BlobError, BlobKey};

/// A file, or the part of it that a `Range` header asks for.
#[utoipa::path(get, path = "/media/attachments/{id}", tag = "attachments", params(("id" = Uuid, Path)), responses(
    (status = 200, content_type = "application/octet-stream"), (status = 206, content_type = "application/octet-stream"),
    (status = 304), (status = 401, description = "not_signed_in"), (status = 404, description = "not_found"),
    (status = 416, description = "invalid_value")))]
pub(crate) async fn file(
    State(social): State<Social>,
    viewer: Viewer,
    id: Segment,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let row = shown(&social, &viewer, &id).await?;
    let (key, media_type) = (row.blob_key.clone(), row.media_type.clone());
    answer(&social, &row, (key, media_type.unwrap_or_default()), &headers).await
}

/// The preview of an image: its longer edge has at most 640 pixels.
#[utoipa::path(get, path = "/media/attachments/{id}/preview", tag = "attachments", params(("id" = Uuid, Path)), responses(
    (status = 200, content_type = "image/jpeg"), (status = 206, content_type = "image/jpeg"), (status = 304),
    (status = 401, description = "not_signed_in"), (status = 404, description = "not_found"),
    (status = 416, description = "invalid_value")))]
pub(crate) async fn preview(
    State(social): State<Social>,
    viewer: Viewer,
    id: Segment,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let row = shown(&social, &viewer, &id).await?;
    let key = row.small_blob_key.clone().ok_or_else(ApiError::not_found)?;
    let media_type = row.media_type.clone().unwrap_or_default();
    answer(&social, &row, (key, media_type), &headers).await
}

async fn shown(social: &Social, viewer: &Viewer, id: &Segment) -> Result<Row, ApiError> {
    let found = store::shown(&mut social.db(), viewer.account, AttachmentId(id.id()?)).await?;
    found.ok_or_else(ApiError::not_found)
}

async fn answer(
    social: &Social,
    row: &Row,
    (key, media_type): (String, String),
    asked: &HeaderMap,
) -> Result<Response, ApiError> {
    // What is shown never changes.
    let tag = format!("\"{}.{}\"", row.id.0.simple(), if key == row.blob_key { "0" } else { "1" });
    // It may be gone; so a browser asks again after a minute.
    let caching = [(header::CACHE_CONTROL, "private, max-age=60".to_owned()), (header::ETAG, tag.clone())];
    if asked.get(header::IF_NONE_MATCH).is_some_and(|known| known == tag.as_str()) {
        return Ok((StatusCode::NOT_MODIFIED, caching).into_response());
    }
    let key: BlobKey = key.parse().map_err(|_| ApiError::not_found())?;
    let (mut file, length) = social.attachments.open(key).await?;
    let is_same = asked.get(header::IF_RANGE).is_none_or(|known| known == tag.as_str());
    let wanted = asked.get(header::RANGE).filter(|_| is_same).and_then(|range| range.to_str().ok());
    let (status, first, count) = match wanted.map_or(Range::All, |range| Range::parse(range, length)) {
        Range::All => (StatusCode::OK, 0, length),
        Range::Part { first, last } => (StatusCode::PARTIAL_CONTENT, first, last - first + 1),
        Range::Outside => return Ok(outside(length)),
    };
    if first > 0 {
        file.seek(std::io::SeekFrom::Start(first)).await.map_err(BlobError::from)?;
    }
    let is_file = row.kind().is_none_or(|kind| kind == AttachmentKind::File);
    let headers = [
        (header::CONTENT_TYPE, media_type),
        (header::CONTENT_LENGTH, count.to_string()),
        (header::CONTENT_DISPOSITION, disposition(is_file, &row.name)),
        (header::ACCEPT_RANGES, "bytes".to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        // Opened on its own, a browser shows it in a page of its own making, which must be allowed to load it.
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; img-src 'self'; media-src 'self'; sandbox".to_owned()),
    ];
    let mut response = (status, caching, headers, Body::from_stream(pieces(file, count))).into_response();
    if status == StatusCode::PARTIAL_CONTENT {
        let range = format!("bytes {first}-{}/{length}", first + count - 1);
        let range = HeaderValue::try_from(range).map_err(|_| ApiError::internal())?;
        response.headers_mut().insert(header::CONTENT_RANGE, range);
    }
    Ok(response)
}

fn outside(length: u64) -> Response {
    let error = ApiError::new(Code::InvalidValue, "the file has no such part");
    let range = [(header::CONTENT_RANGE, format!("bytes */{length}"))];
    (range, error.with_status(StatusCode::RANGE_NOT_SATISFIABLE)).into_response()
}

/// The next `count` bytes of a file, piece by piece.
fn pieces(file: tokio::fs::File, count: u64) -> impl futures_util::Stream<Item = std::io::Result<Bytes>> {
    try_unfold(file.take(count), |mut file| async move {
        let mut piece = Vec::with_capacity(MEDIA_PIECE);
        let most = u64::try_from(MEDIA_PIECE).unwrap_or(u64::MAX);
        let read = (&mut file).take(most).read_to_end(&mut piece).await?;
        Ok((read > 0).then(|| (piece.into(), file)))
    })
}

/// What a `Range` header asks for (<https://www.rfc-editor.org/rfc/rfc9110#name-range-requests>).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Range {
    /// Nothing, or what we do not understand: such headers are passed over.
    All,
    /// From this byte to that one, both included.
    Part { first: u64, last: u64 },
    /// What is not there.
    Outside,
}

impl Range {
    /// Of a file of so many bytes. Several parts at once nobody needs who plays or resumes: all is the answer to that.
    fn parse(text: &str, length: u64) -> Self {
        let number = |text: &str| {
            let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            // What has more digits than a number lies behind every end.
            is_number.then(|| text.parse().unwrap_or(u64::MAX))
        };
        let Some((first, last)) = text.strip_prefix("bytes=").and_then(|part| part.trim().split_once('-')) else {
            return Self::All;
        };
        let (first, last) = match (first, last) {
            ("", count) => match number(count) {
                Some(0) => return Self::Outside,
                Some(count) => (length.saturating_sub(count), u64::MAX),
                None => return Self::All,
            },
            (first, "") => match number(first) {
                Some(first) => (first, u64::MAX),
                None => return Self::All,
            },
            (first, last) => match (number(first), number(last)) {
                (Some(first), Some(last)) if first <= last => (first, last),
                _ => return Self::All,
            },
        };
        match first < length {
            true => Self::Part { first, last: last.min(length - 1) },
            false => Self::Outside,
        }
    }
}

/// Whether it is a download, and what it is called (<https://www.rfc-editor.org/rfc/rfc6266>): in ASCII for old clients, and
/// as it is for all others.
fn disposition(is_file: bool, name: &str) -> String {
    let is_safe = |letter: char| (' '..='~').contains(&letter) && !"\"\\%".contains(letter);
    let plain: String = name.chars().map(|letter| if is_safe(letter) { letter } else { '_' }).collect();
    // The letters that RFC 8187 allows as they are.
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte);
    let encode = |byte: u8| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    let encoded: String = name.bytes().map(encode).collect();
    let kind = if is_file { "attachment" } else { "inline" };
    format!("{kind}; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_part_is_understood_and_nothing_else() {
        for (text, expected) in [
            ("bytes=0-0", Range::Part { first: 0, last: 0 }),
            ("bytes=0-", Range::Part { first: 0, last: 99 }),
            ("bytes=10-19", Range::Part { first: 10, last: 19 }),
            ("bytes=90-1000", Range::Part { first: 90, last: 99 }),
            ("bytes=99-99999999999999999999999", Range::Part { first: 99, last: 99 }),
            ("bytes=-10", Range::Part { first: 90, last: 99 }),
            ("bytes=-1000", Range::Part { first: 0, last: 99 }),
            ("bytes=100-", Range::Outside),
            ("bytes=99999999999999999999999-", Range::Outside),
            ("bytes=-0", Range::Outside),
        ] {
            assert_eq!(Range::parse(text, 100), expected, "{text}");
        }
        for text in
            ["", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=5-4", "bytes=0-1,5-6", "items=0-5", "bytes=+1-2"]
        {
            assert_eq!(Range::parse(text, 100), Range::All, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_part_lies_inside(text in "(bytes=)?[0-9]{0,25}-?[0-9]{0,25},?", length in 1..u64::MAX) {
            if let Range::Part { first, last } = Range::parse(&text, length) {
                prop_assert!(first <= last && last < length);
            }
        }

        #[test]
        fn no_name_breaks_its_header(name: String) {
            let line = disposition(true, &name);
            prop_assert!(HeaderValue::try_from(&line).is_ok());
            let inner = line.strip_prefix("attachment; filename=\"").unwrap();
            let (plain, encoded) = inner.split_once("\"; filename*=UTF-8''").unwrap();
            prop_assert!(!plain.contains(['"', '\\']) && line.is_ascii());
            prop_assert!(!encoded.contains(['"', ';', ' ', ',', '\'']));
        }
    }

    #[test]
    fn names_are_written_in_both_ways() {
        assert_eq!(
            disposition(true, "报告 \"1\".pdf"),
            "attachment; filename=\"__ _1_.pdf\"; filename*=UTF-8''%E6%8A%A5%E5%91%8A%20%221%22.pdf"
        );
        assert_eq!(disposition(false, "a.mp3"), "inline; filename=\"a.mp3\"; filename*=UTF-8''a.mp3");
    }
}
