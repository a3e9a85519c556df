//! Pictures and covers: uploading, removing, serving.

use std::collections::HashSet;

use axum::Json;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::IntoParams;

use super::store;
use super::{Image, ImageKind};
use crate::activity::{self, ActivityKind};
use crate::auth::Viewer;
use crate::body::{Params, Segment, read};
use crate::conversations::pictures;
use crate::db::DbError;
use crate::error::{ApiError, Code};
use crate::id::AccountId;
use crate::limits::{BLOB_GRACE, MAX_UPLOAD, UPLOAD_TIMEOUT};
use crate::pool::PoolError;
use crate::posts;
use crate::state::Social;
use crate::uploads::image::process;
use crate::uploads::{BlobError, BlobKey, Crop, Encoded, Extension, Format, ImageError, Shape};

/// The part of an upload that is wanted, in pixels of the upright image; all four or none.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct CropQuery {
    /// Distance from the left edge.
    x: Option<u32>,
    /// Distance from the upper edge.
    y: Option<u32>,
    /// Width.
    width: Option<u32>,
    /// Height.
    height: Option<u32>,
}

impl CropQuery {
    /// That part, if one is wanted.
    ///
    /// # Errors
    /// When only some of the four are there, or nothing is wanted.
    pub(crate) fn crop(&self) -> Result<Option<Crop>, ApiError> {
        match (self.x, self.y, self.width, self.height) {
            (None, None, None, None) => Ok(None),
            (Some(x), Some(y), Some(width @ 1..), Some(height @ 1..)) => Ok(Some(Crop { x, y, width, height })),
            _ => Err(ApiError::invalid("crop", "x, y, width and height go together, and the last two are at least 1")),
        }
    }
}

/// Shows a new picture: the body is a JPEG, PNG, WebP or GIF of at most 10 MiB and 40 megapixels.
#[utoipa::path(put, path = "/api/v1/me/picture", tag = "me", params(CropQuery),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"), responses(
    (status = 200, body = Image), (status = 401, description = "not_signed_in"), (status = 413, description = "too_large"),
    (status = 415, description = "unsupported_image"), (status = 422, description = "bad_image"),
    (status = 429, description = "rate_limited"), (status = 507, description = "storage_full")))]
pub(crate) async fn put_picture(
    State(social): State<Social>,
    viewer: Viewer,
    Params(crop): Params<CropQuery>,
    request: Request,
) -> Result<Json<Image>, ApiError> {
    put(&social, &viewer, ImageKind::Picture, crop.crop()?, request.into_body()).await
}

/// Shows a new cover, in the same way.
#[utoipa::path(put, path = "/api/v1/me/cover", tag = "me", params(CropQuery),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"), responses(
    (status = 200, body = Image), (status = 401, description = "not_signed_in"), (status = 413, description = "too_large"),
    (status = 415, description = "unsupported_image"), (status = 422, description = "bad_image"),
    (status = 429, description = "rate_limited"), (status = 507, description = "storage_full")))]
pub(crate) async fn put_cover(
    State(social): State<Social>,
    viewer: Viewer,
    Params(crop): Params<CropQuery>,
    request: Request,
) -> Result<Json<Image>, ApiError> {
    put(&social, &viewer, ImageKind::Cover, crop.crop()?, request.into_body()).await
}

/// An upload that was made into two files.
#[derive(Debug)]
pub(crate) struct Received {
    /// The names of the large and the small one.
    pub(crate) keys: [String; 2],
    /// Width and height of the large one, in pixels.
    pub(crate) size: (u32, u32),
}

/// Makes an upload into files. Files first, then the row that knows them: a crash in between leaves files that no row
/// knows, and they are swept away.
pub(crate) async fn receive(
    social: &Social,
    body: Body,
    crop: Option<Crop>,
    shape: impl Into<Shape> + Send + 'static,
) -> Result<Received, ApiError> {
    let too_large = || ApiError::new(Code::TooLarge, "an image has at most 10 MiB");
    let bytes = read(body, MAX_UPLOAD, UPLOAD_TIMEOUT, too_large).await?;
    let made = social.images.run(move || process(&bytes, crop, shape)).await??;
    let extension = match made.format {
        Format::Jpeg => Extension::Jpeg,
        Format::Png => Extension::Png,
    };
    let size = (made.large.width, made.large.height);
    let large = keep(social, made.large, extension).await?;
    let small = keep(social, made.small, extension).await?;
    Ok(Received { keys: [large.to_string(), small.to_string()], size })
}

async fn put(
    social: &Social,
    viewer: &Viewer,
    kind: ImageKind,
    crop: Option<Crop>,
    body: Body,
) -> Result<Json<Image>, ApiError> {
    let now = social.clock.now();
    if !social.limits.uploads.charge(&viewer.account, now.at) {
        return Err(ApiError::rate_limited());
    }
    let Received { keys, size } = receive(social, body, crop, kind).await?;
    let mut tx = social.db().begin().await?;
    let old = store::remove_image(&mut tx, viewer.account, kind).await?;
    store::add_image(&mut tx, (viewer.account, kind), &keys, size, now).await?;
    activity::note(social, &mut tx, viewer.account, (activity_of(kind), None)).await?;
    let image = store::image(&mut tx, viewer.account, kind).await?;
    tx.commit().await?;
    forget_blobs(social, old).await;
    image.map(Json).ok_or_else(ApiError::internal)
}

async fn keep(social: &Social, image: Encoded, extension: Extension) -> Result<BlobKey, ApiError> {
    let kept = social.rng.with(|rng| social.blobs.put(image.bytes, extension, rng));
    Ok(kept.await?)
}

fn activity_of(kind: ImageKind) -> ActivityKind {
    match kind {
        ImageKind::Picture => ActivityKind::PictureChanged,
        ImageKind::Cover => ActivityKind::CoverChanged,
    }
}

/// Removes the picture.
#[utoipa::path(delete, path = "/api/v1/me/picture", tag = "me", responses(
    (status = 204), (status = 401, description = "not_signed_in")))]
pub(crate) async fn delete_picture(State(social): State<Social>, viewer: Viewer) -> Result<StatusCode, ApiError> {
    delete(&social, &viewer, ImageKind::Picture).await
}

/// Removes the cover.
#[utoipa::path(delete, path = "/api/v1/me/cover", tag = "me", responses(
    (status = 204), (status = 401, description = "not_signed_in")))]
pub(crate) async fn delete_cover(State(social): State<Social>, viewer: Viewer) -> Result<StatusCode, ApiError> {
    delete(&social, &viewer, ImageKind::Cover).await
}

async fn delete(social: &Social, viewer: &Viewer, kind: ImageKind) -> Result<StatusCode, ApiError> {
    let mut tx = social.db().begin().await?;
    let old = store::remove_image(&mut tx, viewer.account, kind).await?;
    if !old.is_empty() {
        activity::note(social, &mut tx, viewer.account, (activity_of(kind), None)).await?;
    }
    tx.commit().await?;
    forget_blobs(social, old).await;
    Ok(StatusCode::NO_CONTENT)
}

/// An image. The address of somebody's picture or cover cannot be guessed, and who was told it may look; an image of a post
/// is there for those who may read the post, and for its author before it is in one; a group's picture for its members.
#[utoipa::path(get, path = "/media/{key}", tag = "people", params(("key" = String, Path)), responses(
    (status = 200, content_type = "image/jpeg"), (status = 404, description = "not_found")))]
pub(crate) async fn media(
    State(social): State<Social>,
    viewer: Option<Viewer>,
    Segment(key): Segment,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let key = key.parse::<BlobKey>().map_err(|_| ApiError::not_found())?;
    let name = key.to_string();
    let viewer = viewer.map_or(AccountId::NOBODY, |viewer| viewer.account);
    let mut db = social.db();
    let is_shown = store::is_shown(&mut db, &name).await?
        || posts::images::is_shown(&mut db, viewer, &name).await?
        || pictures::is_shown(&mut db, viewer, &name).await?;
    if !is_shown {
        return Err(ApiError::not_found());
    }
    // A name never gets other content. It may be gone, though: so a browser asks again after a minute.
    let tag = format!("\"{name}\"");
    let caching = (header::CACHE_CONTROL, "private, max-age=60".to_owned());
    if headers.get(header::IF_NONE_MATCH).is_some_and(|known| known == tag.as_str()) {
        return Ok((StatusCode::NOT_MODIFIED, [caching, (header::ETAG, tag)]).into_response());
    }
    let bytes = social.blobs.read(key).await?;
    let kind = if name.ends_with(".png") { "image/png" } else { "image/jpeg" };
    let headers = [
        caching,
        (header::ETAG, tag),
        (header::CONTENT_TYPE, kind.to_owned()),
        // Whatever it were, a browser would run nothing of it.
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox".to_owned()),
    ];
    Ok((headers, bytes).into_response())
}

/// Removes files that no row shows any more. What fails is left to the sweep.
pub(crate) async fn forget_blobs(social: &Social, keys: Vec<String>) {
    for key in keys.iter().filter_map(|key| key.parse::<BlobKey>().ok()) {
        if let Err(error) = social.blobs.remove(key).await {
            tracing::warn!("cannot remove an image: {error}");
        }
    }
}

/// A file's bytes, if it is there.
pub(crate) async fn read_blob(social: &Social, key: &str) -> Option<Vec<u8>> {
    social.blobs.read(key.parse().ok()?).await.ok()
}

/// Removes old files that no row knows: what a crash between a file and its row left.
pub(crate) async fn sweep_blobs(social: &Social) -> Result<(), DbError> {
    let before = social.clock.now().system_time() - BLOB_GRACE;
    let mut db = social.db();
    let mut shown: HashSet<String> = store::all_blob_keys(&mut db).await?.into_iter().collect();
    shown.extend(posts::images::all_blob_keys(&mut db).await?);
    shown.extend(pictures::all_blob_keys(&mut db).await?);
    match social.blobs.sweep(move |key| shown.contains(&key.to_string()), before).await {
        Ok(swept) if swept.unknown + swept.temporary > 0 => {
            tracing::info!("removed files of interrupted uploads: {swept:?}")
        }
        Ok(_) => {}
        Err(error) => tracing::error!("cannot look for files of interrupted uploads: {error}"),
    }
    Ok(())
}

impl From<BlobError> for ApiError {
    fn from(error: BlobError) -> Self {
        match error {
            BlobError::Full => Self::new(Code::StorageFull, "the server's disk is full"),
            BlobError::NotFound => Self::not_found(),
            BlobError::Failed(cause) => {
                tracing::error!("images: {cause}");
                Self::internal()
            }
        }
    }
}

impl From<PoolError> for ApiError {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Busy | PoolError::TooSlow => Self::new(Code::Busy, error.to_string()),
            PoolError::Failed => Self::internal(),
        }
    }
}

impl From<ImageError> for ApiError {
    fn from(error: ImageError) -> Self {
        let code = match error {
            ImageError::TooLarge | ImageError::TooManyPixels => Code::TooLarge,
            ImageError::Unsupported => Code::UnsupportedImage,
            ImageError::Broken | ImageError::OutsideCrop => Code::BadImage,
        };
        Self::new(code, error.to_string())
    }
}
