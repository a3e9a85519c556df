//! `/api/v1/attachments`.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{UploadState, rules, store, write};
use crate::auth::Viewer;
use crate::body::{JsonBody, Params, Segment, read};
use crate::error::{ApiError, Code};
use crate::id::AttachmentId;
use crate::limits::{MAX_CHUNK, UPLOAD_TIMEOUT};
use crate::state::Social;

/// A file to be uploaded.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAttachment {
    /// Made up by the client; sent again, it begins no second upload.
    client_id: Uuid,
    /// Folders in it are left out, and so is what would turn or hide letters.
    #[schema(max_length = 255)]
    name: String,
    /// Bytes, at most 64 MiB.
    #[schema(minimum = 1, maximum = 67_108_864)]
    size: i64,
}

/// Where a chunk begins.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ChunkQuery {
    /// Bytes that have arrived before it: the `received` of the last answer.
    offset: Option<i64>,
}

/// Begins an upload. Sent again with the same `client_id` it answers with how far that one is, by 200.
#[utoipa::path(post, path = "/api/v1/attachments", tag = "attachments", request_body = NewAttachment, responses(
    (status = 201, body = UploadState), (status = 200, body = UploadState), (status = 401, description = "not_signed_in"),
    (status = 409, description = "limit_reached"), (status = 422, description = "invalid_value"),
    (status = 429, description = "rate_limited")))]
pub(crate) async fn begin(
    State(social): State<Social>,
    viewer: Viewer,
    JsonBody(new): JsonBody<NewAttachment>,
) -> Result<(StatusCode, Json<UploadState>), ApiError> {
    let (name, size) = (rules::name(&new.name)?, rules::size(new.size)?);
    let mut db = social.db();
    if let Some(known) = store::by_client_id(&mut db, viewer.account, new.client_id).await? {
        return Ok((StatusCode::OK, Json(known.state())));
    }
    if !social.limits.attachments.charge(&viewer.account, social.clock.now().at) {
        return Err(ApiError::rate_limited());
    }
    if let Some(row) = write::begin(&social, viewer.account, (new.client_id, name, size)).await? {
        return Ok((StatusCode::CREATED, Json(row.state())));
    }
    // The same was sent twice at once, and the other one was quicker.
    let known = store::by_client_id(&mut db, viewer.account, new.client_id).await?.ok_or_else(ApiError::not_found)?;
    Ok((StatusCode::OK, Json(known.state())))
}

/// Adds a chunk of at most 4 MiB. With the last one the file is looked at: what is no picture of JPEG, PNG, WebP or GIF
/// stays as it is; such a picture, of at most 10 MiB and 40 megapixels, is drawn anew. If the last answer says that the
/// server was busy, an empty chunk at the end asks for the outcome again. A refused file is forgotten.
#[utoipa::path(patch, path = "/api/v1/attachments/{id}", tag = "attachments", params(("id" = Uuid, Path), ChunkQuery),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"), responses(
    (status = 200, body = UploadState), (status = 401, description = "not_signed_in"),
    (status = 404, description = "not_found"), (status = 409, description = "wrong_offset"),
    (status = 413, description = "too_large"), (status = 415, description = "unsupported_image"),
    (status = 422, description = "bad_image"), (status = 429, description = "rate_limited"),
    (status = 503, description = "busy"), (status = 507, description = "storage_full")))]
pub(crate) async fn append(
    State(social): State<Social>,
    viewer: Viewer,
    Params(ChunkQuery { offset }): Params<ChunkQuery>,
    id: Segment,
    request: Request,
) -> Result<Json<UploadState>, ApiError> {
    let (owner, id) = (viewer.account, AttachmentId(id.id()?));
    store::own(&mut social.db(), owner, id).await?.ok_or_else(ApiError::not_found)?;
    let offset = offset.ok_or_else(|| ApiError::invalid("offset", "where the chunk begins"))?;
    if !social.limits.chunks.charge(&owner, social.clock.now().at) {
        return Err(ApiError::rate_limited());
    }
    let busy = || ApiError::new(Code::Busy, "too many chunks at once");
    let place = social.turns.place(owner).ok_or_else(busy)?;
    let too_large = || ApiError::new(Code::TooLarge, "a chunk has at most 4 MiB");
    let bytes = read(request.into_body(), MAX_CHUNK, UPLOAD_TIMEOUT, too_large).await?;
    drop(place);
    // On a task of its own: a client that goes away would else let go of the turn while its chunk is still being written.
    let social = social.clone();
    let written = tokio::spawn(async move { write::append(&social, (owner, id), offset, bytes).await });
    written.await.map_err(|_| ApiError::internal())?.map(Json)
}

/// How far an upload is.
#[utoipa::path(get, path = "/api/v1/attachments/{id}", tag = "attachments", params(("id" = Uuid, Path)), responses(
    (status = 200, body = UploadState), (status = 401, description = "not_signed_in"),
    (status = 404, description = "not_found")))]
pub(crate) async fn show(
    State(social): State<Social>,
    viewer: Viewer,
    id: Segment,
) -> Result<Json<UploadState>, ApiError> {
    let row = store::own(&mut social.db(), viewer.account, AttachmentId(id.id()?)).await?;
    row.map(|row| Json(row.state())).ok_or_else(ApiError::not_found)
}

/// Removes what waits for a message, whole or not.
#[utoipa::path(delete, path = "/api/v1/attachments/{id}", tag = "attachments", params(("id" = Uuid, Path)), responses(
    (status = 204), (status = 401, description = "not_signed_in"), (status = 404, description = "not_found")))]
pub(crate) async fn discard(State(social): State<Social>, viewer: Viewer, id: Segment) -> Result<StatusCode, ApiError> {
    match write::discard(&social, viewer.account, AttachmentId(id.id()?)).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(ApiError::not_found()),
    }
}
