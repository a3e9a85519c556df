//! Uploads from their beginning to what becomes of them, and their end.
//!
//! What is acknowledged is on the disk before the row says so, so a crash loses nothing that a client was told of: it asks
//! how far it had come, and goes on there. The file becomes a blob under a name that its row has from the beginning, so
//! that a crash in the middle of that is only done again.

use axum::body::Bytes;
use uuid::Uuid;

use super::rules::with_extension;
use super::sniff::{self, Found};
use super::store::{self, New, Outcome, Row};
use super::{AttachmentKind, UploadState};
use crate::db::DbError;
use crate::error::{ApiError, Code};
use crate::id::{AccountId, AttachmentId};
use crate::limits::{BLOB_GRACE, MAX_UPLOAD};
use crate::state::Social;
use crate::uploads::image::process;
use crate::uploads::{BlobError, BlobKey, Encoded, Extension, Format, ImageError, Shape};

/// Files of attachments that are gone.
#[derive(Debug, Default, PartialEq, Eq)]
#[must_use = "files stay on the disk until the sweep finds them, if nobody forgets them"]
pub(crate) struct Files {
    /// What had arrived of these uploads.
    pub(super) uploads: Vec<Uuid>,
    /// Names of blobs.
    pub(super) keys: Vec<String>,
}

impl FromIterator<Files> for Files {
    fn from_iter<I: IntoIterator<Item = Files>>(all: I) -> Self {
        all.into_iter().fold(Self::default(), |mut sum, files| {
            sum.uploads.extend(files.uploads);
            sum.keys.extend(files.keys);
            sum
        })
    }
}

/// Removes files that no row knows any more. What fails is left to the sweep.
pub(crate) async fn forget(social: &Social, files: Files) {
    for upload in files.uploads {
        if let Err(error) = social.attachments.remove_part(upload).await {
            tracing::warn!("cannot remove an upload: {error}");
        }
    }
    for key in files.keys.iter().filter_map(|key| key.parse::<BlobKey>().ok()) {
        if let Err(error) = social.attachments.remove(key).await {
            tracing::warn!("cannot remove an attachment: {error}");
        }
    }
}

/// Begins an upload; none if the owner's client has begun it before.
pub(super) async fn begin(
    social: &Social,
    owner: AccountId,
    (client_id, name, size): (Uuid, String, i64),
) -> Result<Option<Row>, ApiError> {
    let now = social.clock.now();
    let (id, key) = social.rng.with(|rng| (AttachmentId::new(now, rng), BlobKey::new(Extension::Binary, rng)));
    let mut tx = social.db().begin().await?;
    let new = New { id, owner, client_id, name, size, blob_key: key.to_string() };
    let row = store::add(&mut tx, &new, now).await?;
    tx.commit().await?;
    Ok(row)
}

/// Adds a chunk to an upload. Whoever has sent the last one hears of the outcome; an empty chunk at the end asks for it
/// again.
///
/// # Errors
/// When the chunk begins elsewhere than where the last one ended; when it is too long; when what has arrived is refused,
/// which ends the upload.
pub(super) async fn append(
    social: &Social,
    (owner, id): (AccountId, AttachmentId),
    offset: i64,
    bytes: Bytes,
) -> Result<UploadState, ApiError> {
    let _turn = social.turns.of(id).await;
    let mut row = store::own(&mut social.db(), owner, id).await?.ok_or_else(ApiError::not_found)?;
    if row.kind().is_some() {
        return Ok(row.state());
    }
    if offset != row.received {
        return Err(ApiError::wrong_offset(row.received));
    }
    let after = offset.saturating_add(i64::try_from(bytes.len()).unwrap_or(i64::MAX));
    if after > row.size {
        return Err(ApiError::new(Code::TooLarge, "this is more than was announced"));
    }
    if offset == 0 && sniff::is_picture(&bytes) && is_too_large(row.size) {
        return Err(refuse(social, owner, id, ImageError::TooLarge.into()).await);
    }
    if !bytes.is_empty() {
        keep(social, &row, bytes, after).await?;
        row.received = after;
    }
    match row.received == row.size {
        true => finish(social, owner, row).await,
        false => Ok(row.state()),
    }
}

fn is_too_large(size: i64) -> bool {
    usize::try_from(size).is_ok_and(|size| size > MAX_UPLOAD)
}

/// Writes a chunk down, and then that it has arrived.
async fn keep(social: &Social, row: &Row, bytes: Bytes, after: i64) -> Result<(), ApiError> {
    match social.attachments.append(row.id.0, u64::try_from(row.received).unwrap_or(0), bytes).await {
        Ok(()) => {}
        Err(BlobError::NotFound) => return Err(go_back(social, row).await?),
        Err(error) => return Err(error.into()),
    }
    if !store::set_received(&mut social.db(), row.id, (row.received, after)).await? {
        // It was removed meanwhile.
        forget(social, row.clone().files()).await;
        return Err(ApiError::not_found());
    }
    Ok(())
}

/// Less is there than was noted, as when a folder comes from an older backup than the database: from where to go on.
async fn go_back(social: &Social, row: &Row) -> Result<ApiError, ApiError> {
    let there = social.attachments.part_length(row.id.0).await?;
    let there = i64::try_from(there).unwrap_or(0).min(row.received);
    store::set_received(&mut social.db(), row.id, (row.received, there)).await?;
    Ok(ApiError::wrong_offset(there))
}

/// Makes what has arrived into an attachment.
async fn finish(social: &Social, owner: AccountId, row: Row) -> Result<UploadState, ApiError> {
    let key: BlobKey = row.blob_key.parse().map_err(|_| ApiError::internal())?;
    match social.attachments.finish(row.id.0, key).await {
        Ok(()) => {}
        Err(BlobError::NotFound) => return Err(go_back(social, &row).await?),
        Err(error) => return Err(error.into()),
    }
    let found = social.attachments.inspect(key, sniff::look).await?;
    let outcome = match found {
        Found::Plain(kind, media_type) => {
            let keys = (row.blob_key.clone(), None);
            Outcome { kind, media_type, name: row.name.clone(), size: row.size, keys, pixels: None }
        }
        Found::Photo => {
            let rule = "this photo says where it was taken, and cannot be drawn anew: send it as JPEG, PNG or WebP";
            return Err(refuse(social, owner, row.id, ApiError::new(Code::UnsupportedImage, rule)).await);
        }
        Found::Picture if is_too_large(row.size) => {
            return Err(refuse(social, owner, row.id, ImageError::TooLarge.into()).await);
        }
        Found::Picture => {
            let bytes = social.attachments.read(key).await?;
            match social.images.run(move || process(&bytes, None, Shape::POST)).await? {
                Ok(made) => drawn(social, &row.name, made.format, [made.large, made.small]).await?,
                Err(error) => return Err(refuse(social, owner, row.id, error.into()).await),
            }
        }
    };
    let is_other = outcome.keys.0 != row.blob_key;
    let new = Files {
        uploads: Vec::new(),
        keys: [Some(outcome.keys.0.clone()), outcome.keys.1.clone()].into_iter().flatten().collect(),
    };
    let mut tx = social.db().begin().await?;
    let Some(finished) = store::finish(&mut tx, row.id, outcome).await? else {
        forget(social, [row.files(), new].into_iter().collect()).await;
        return Err(ApiError::not_found());
    };
    tx.commit().await?;
    if is_other {
        // What came is not what is kept: its positions and comments go with it.
        forget(social, row.files()).await;
    }
    Ok(finished.state())
}

/// Keeps a picture that was drawn anew.
async fn drawn(social: &Social, name: &str, format: Format, [large, small]: [Encoded; 2]) -> Result<Outcome, ApiError> {
    let extension = match format {
        Format::Jpeg => Extension::Jpeg,
        Format::Png => Extension::Png,
    };
    let pixels = (i64::from(large.width), i64::from(large.height));
    let size = i64::try_from(large.bytes.len()).unwrap_or(i64::MAX);
    let mut keys = Vec::new();
    for image in [large, small] {
        let put = social.rng.with(|rng| social.attachments.put(image.bytes, extension, rng));
        keys.push(put.await?.to_string());
    }
    let small = keys.pop();
    Ok(Outcome {
        kind: AttachmentKind::Image,
        media_type: extension.content_type(),
        name: with_extension(name, extension.as_str()),
        size,
        keys: (keys.pop().unwrap_or_default(), small),
        pixels: Some(pixels),
    })
}

/// Ends an upload that nobody may have.
async fn refuse(social: &Social, owner: AccountId, id: AttachmentId, error: ApiError) -> ApiError {
    match remove_waiting(social, owner, id).await {
        Ok(_) => error,
        Err(failed) => failed.into(),
    }
}

/// Removes what waits for a message; whether it was there.
async fn remove_waiting(social: &Social, owner: AccountId, id: AttachmentId) -> Result<bool, DbError> {
    let mut tx = social.db().begin().await?;
    let Some(files) = store::remove_waiting(&mut tx, owner, id).await? else { return Ok(false) };
    tx.commit().await?;
    forget(social, files).await;
    Ok(true)
}

/// Removes what waits for a message, when nobody writes to it.
pub(super) async fn discard(social: &Social, owner: AccountId, id: AttachmentId) -> Result<bool, DbError> {
    let _turn = social.turns.of(id).await;
    remove_waiting(social, owner, id).await
}

/// Removes what has waited for too long.
pub(crate) async fn sweep(social: &Social) -> Result<(), DbError> {
    let mut tx = social.db().begin().await?;
    let files = store::remove_forgotten(&mut tx, social.clock.now()).await?;
    tx.commit().await?;
    forget(social, files).await;
    Ok(())
}

/// Removes old files that no row knows: what a crash between a file and its row left, and what went with a conversation.
pub(crate) async fn sweep_files(social: &Social) -> Result<(), DbError> {
    let before = social.clock.now().system_time() - BLOB_GRACE;
    let (keys, uploads) = store::all_files(&mut social.db()).await?;
    let parts = social.attachments.sweep_parts(move |part| uploads.contains(&part), before).await;
    let blobs = social.attachments.sweep(move |key| keys.contains(&key.to_string()), before).await;
    match (parts, blobs) {
        (Ok(parts), Ok(blobs)) if parts + blobs.unknown + blobs.temporary > 0 => {
            tracing::info!("removed {parts} interrupted uploads and files of attachments that are gone: {blobs:?}");
        }
        (Err(error), _) | (_, Err(error)) => {
            tracing::error!("cannot look for files of attachments that are gone: {error}")
        }
        _ => {}
    }
    Ok(())
}
