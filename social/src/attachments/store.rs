//! What the database knows of attachments.

use std::collections::{HashMap, HashSet};

use sqlx::FromRow;
use uuid::Uuid;

use super::{Attachment, AttachmentKind, Files, UploadState};
use crate::clock::Moment;
use crate::db::{DbError, Sql, Tx, args};
use crate::error::ApiError;
use crate::id::{AccountId, AttachmentId, MessageId};
use crate::limits::{
    MAX_ATTACHED, MAX_STORED_BYTES, MAX_UPLOADS_AT_ONCE, MAX_WAITING_BYTES, WAITING_ATTACHMENT_LIFETIME,
};
use crate::messages::store as messages;
use crate::posts::store::{page_args, page_ids};

/// An attachment, as the database has it.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct Row {
    pub(super) id: AttachmentId,
    pub(super) message_id: Option<Uuid>,
    pub(super) name: String,
    pub(super) size: i64,
    pub(super) received: i64,
    pub(super) kind: Option<String>,
    pub(super) media_type: Option<String>,
    pub(super) blob_key: String,
    pub(super) small_blob_key: Option<String>,
    pub(super) width: Option<i64>,
    pub(super) height: Option<i64>,
    pub(super) created_at: i64,
}

macro_rules! columns {
    () => {
        "id, message_id, name, size, received, kind, media_type, blob_key, small_blob_key, width, height, created_at"
    };
}

impl Row {
    /// What it is, if all of it has arrived and was looked at.
    pub(super) fn kind(&self) -> Option<AttachmentKind> {
        self.kind.as_deref().map(AttachmentKind::parse)
    }

    /// How people see it, if it is whole.
    pub(crate) fn show(&self) -> Option<Attachment> {
        let url = format!("/media/attachments/{}", self.id.0);
        Some(Attachment {
            id: self.id.0,
            kind: self.kind()?,
            name: self.name.clone(),
            media_type: self.media_type.clone()?,
            size: self.size,
            width: self.width,
            height: self.height,
            preview_url: self.small_blob_key.is_some().then(|| format!("{url}/preview")),
            url,
        })
    }

    /// How far its upload is.
    pub(super) fn state(&self) -> UploadState {
        let attachment = self.show();
        // An image that was drawn anew has another size than its upload had.
        let size = if attachment.is_some() { self.received } else { self.size };
        UploadState { id: self.id.0, size, received: self.received, attachment }
    }

    /// Its files.
    pub(super) fn files(self) -> Files {
        Files {
            uploads: vec![self.id.0],
            keys: [Some(self.blob_key), self.small_blob_key].into_iter().flatten().collect(),
        }
    }
}

/// An upload that begins.
pub(super) struct New {
    pub(super) id: AttachmentId,
    pub(super) owner: AccountId,
    pub(super) client_id: Uuid,
    pub(super) name: String,
    pub(super) size: i64,
    pub(super) blob_key: String,
}

/// What became of an upload that is whole.
pub(super) struct Outcome {
    pub(super) kind: AttachmentKind,
    pub(super) media_type: &'static str,
    pub(super) name: String,
    pub(super) size: i64,
    pub(super) keys: (String, Option<String>),
    pub(super) pixels: Option<(i64, i64)>,
}

/// The upload that the owner's client calls so.
pub(super) async fn by_client_id(db: &mut impl Sql, owner: AccountId, client_id: Uuid) -> Result<Option<Row>, DbError> {
    let sql = concat!("SELECT ", columns!(), " FROM attachments WHERE account_id = $1 AND client_id = $2");
    db.opt(sql, args![owner, client_id]).await
}

/// An upload of the owner's.
pub(super) async fn own(db: &mut impl Sql, owner: AccountId, id: AttachmentId) -> Result<Option<Row>, DbError> {
    let sql = concat!("SELECT ", columns!(), " FROM attachments WHERE account_id = $1 AND id = $2");
    db.opt(sql, args![owner, id]).await
}

/// Begins an upload; none if the owner's client has begun it before.
///
/// # Errors
/// When the owner has too many, or too much.
pub(super) async fn add(tx: &mut Tx, new: &New, now: Moment) -> Result<Option<Row>, ApiError> {
    // Two at once count each other: the second one waits here for the first.
    tx.run("UPDATE account_counts SET posts = posts WHERE account_id = $1", args![new.owner]).await?;
    let sql = concat!(
        "INSERT INTO attachments
            (id, account_id, client_id, message_id, position, name, size, received, blob_key, created_at)
        VALUES ($1, $2, $3, NULL, 0, $4, $5, 0, $6, $7) ON CONFLICT (account_id, client_id) DO NOTHING RETURNING ",
        columns!()
    );
    let values = args![new.id, new.owner, new.client_id, new.name.as_str(), new.size];
    let row: Option<Row> = tx.opt(sql, [values, args![new.blob_key.as_str(), now.millis()]].concat()).await?;
    let sql = "SELECT COUNT(CASE WHEN kind IS NULL THEN 1 END),
            CAST(COALESCE(SUM(CASE WHEN message_id IS NULL THEN size ELSE 0 END), 0) AS BIGINT),
            CAST(COALESCE(SUM(size), 0) AS BIGINT)
        FROM attachments WHERE account_id = $1";
    let (uploads, waiting, stored): (i64, i64, i64) = tx.one(sql, args![new.owner]).await?;
    match row {
        None => Ok(None),
        Some(_) if uploads > MAX_UPLOADS_AT_ONCE => Err(ApiError::limit_reached("at most 10 uploads at a time")),
        Some(_) if waiting > MAX_WAITING_BYTES => Err(ApiError::limit_reached("at most 200 MiB wait for a message")),
        Some(_) if stored > MAX_STORED_BYTES => Err(ApiError::limit_reached("your attachments take up 2 GiB")),
        row => Ok(row),
    }
}

/// Notes how much has arrived; whether the upload was there and had what it should have.
pub(super) async fn set_received(
    db: &mut impl Sql,
    id: AttachmentId,
    (before, after): (i64, i64),
) -> Result<bool, DbError> {
    let sql = "UPDATE attachments SET received = $3 WHERE id = $1 AND received = $2 AND kind IS NULL";
    Ok(db.run(sql, args![id, before, after]).await? > 0)
}

/// Notes what became of an upload; nothing if it is gone.
pub(super) async fn finish(db: &mut Tx, id: AttachmentId, outcome: Outcome) -> Result<Option<Row>, DbError> {
    let sql = concat!(
        "UPDATE attachments SET kind = $2, media_type = $3, name = $4, size = $5, blob_key = $6, small_blob_key = $7,
            width = $8, height = $9
        WHERE id = $1 AND kind IS NULL RETURNING ",
        columns!()
    );
    let Outcome { kind, media_type, name, size, keys: (large, small), pixels } = outcome;
    let values = args![id, kind.name(), media_type, name, size, large, small];
    let pixels = args![pixels.map(|(width, _)| width), pixels.map(|(_, height)| height)];
    db.opt(sql, [values, pixels].concat()).await
}

/// Removes what waits for a message; its files, if it was there.
pub(super) async fn remove_waiting(tx: &mut Tx, owner: AccountId, id: AttachmentId) -> Result<Option<Files>, DbError> {
    let sql = concat!(
        "DELETE FROM attachments WHERE id = $1 AND account_id = $2 AND message_id IS NULL RETURNING ",
        columns!()
    );
    let row: Option<Row> = tx.opt(sql, args![id, owner]).await?;
    Ok(row.map(Row::files))
}

/// Removes what has waited for too long; its files.
pub(super) async fn remove_forgotten(tx: &mut Tx, now: Moment) -> Result<Files, DbError> {
    let sql = concat!("DELETE FROM attachments WHERE message_id IS NULL AND created_at <= $1 RETURNING ", columns!());
    Ok(files(tx.all(sql, args![now.millis_before(WAITING_ATTACHMENT_LIFETIME)]).await?))
}

fn files(rows: Vec<Row>) -> Files {
    rows.into_iter().map(Row::files).collect()
}

/// Gives what waits, is whole and belongs to the author of a message to it, in this order.
///
/// # Errors
/// When there are too many, or one is somebody else's, not whole, or in a message already.
pub(crate) async fn attach(tx: &mut Tx, owner: AccountId, message: Uuid, ids: &[AttachmentId]) -> Result<(), ApiError> {
    if ids.len() > MAX_ATTACHED {
        return Err(ApiError::invalid("attachments", "at most 10"));
    }
    let sql = "UPDATE attachments SET message_id = $3, position = $4
        WHERE id = $1 AND account_id = $2 AND message_id IS NULL AND kind IS NOT NULL";
    for (position, id) in (0_i64..).zip(ids) {
        if tx.run(sql, args![*id, owner, message, position]).await? == 0 {
            let rule = "each is an upload of yours that is complete and in no other message";
            return Err(ApiError::invalid("attachments", rule));
        }
    }
    Ok(())
}

/// The attachments of at most 100 messages, each message's in order.
pub(crate) async fn of_messages(
    db: &mut impl Sql,
    messages: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Attachment>>, DbError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM attachments WHERE account_id <> $1 AND message_id IN (",
        page_ids!(),
        ") ORDER BY message_id, position"
    );
    let mut found: HashMap<Uuid, Vec<Attachment>> = HashMap::new();
    if messages.is_empty() {
        return Ok(found);
    }
    let rows: Vec<Row> = db.all(sql, page_args(AccountId::NOBODY, messages)).await?;
    for row in rows {
        if let (Some(message), Some(shown)) = (row.message_id, row.show()) {
            found.entry(message).or_default().push(shown);
        }
    }
    Ok(found)
}

/// Removes the attachments of a message; their files, which are to be forgotten after the commit. The rows of a
/// conversation that goes as a whole go with it, and their files by the sweep.
pub(crate) async fn remove_of_message(tx: &mut Tx, message: Uuid) -> Result<Files, DbError> {
    let sql = concat!("DELETE FROM attachments WHERE message_id = $1 RETURNING ", columns!());
    Ok(files(tx.all(sql, args![message]).await?))
}

/// The files of an account, waiting or not.
pub(crate) async fn files_of_account(db: &mut impl Sql, account: AccountId) -> Result<Files, DbError> {
    let sql = concat!("SELECT ", columns!(), " FROM attachments WHERE account_id = $1");
    Ok(files(db.all(sql, args![account]).await?))
}

/// At most `most` attachments of an account, the last first.
pub(super) async fn of_account(db: &mut impl Sql, account: AccountId, most: i64) -> Result<Vec<Row>, DbError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM attachments WHERE account_id = $1 AND kind IS NOT NULL ORDER BY id DESC LIMIT $2"
    );
    db.all(sql, args![account, most]).await
}

/// The names of all blobs, and the uploads that are not whole.
pub(super) async fn all_files(db: &mut impl Sql) -> Result<(HashSet<String>, HashSet<Uuid>), DbError> {
    let sql = "SELECT id, kind IS NULL AS uploading, blob_key, small_blob_key FROM attachments";
    let rows: Vec<(Uuid, bool, String, Option<String>)> = db.all(sql, args![]).await?;
    let uploads = rows.iter().filter(|(_, uploading, ..)| *uploading).map(|(id, ..)| *id).collect();
    Ok((rows.into_iter().flat_map(|(.., large, small)| [Some(large), small]).flatten().collect(), uploads))
}

/// The whole attachment that the viewer may open: their own, waiting or not, and those of messages that they may read.
pub(super) async fn shown(db: &mut impl Sql, viewer: AccountId, id: AttachmentId) -> Result<Option<Row>, DbError> {
    let sql = concat!("SELECT ", columns!(), " FROM attachments WHERE id = $1 AND kind IS NOT NULL");
    let found: Option<Row> = db.opt(sql, args![id]).await?;
    let Some(row) = found else { return Ok(None) };
    let may_open = match row.message_id {
        Some(message) => messages::find(db, viewer, MessageId(message)).await?.is_some(),
        None => own(db, viewer, id).await?.is_some(),
    };
    Ok(may_open.then_some(row))
}
