//! What somebody has attached, for that person to take along.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Attachment, store};
use crate::db::DbError;
use crate::id::AccountId;
use crate::state::Social;

/// An attachment in a file of text.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OwnAttachment {
    attachment: Attachment,
    /// The message that has it.
    message: Option<Uuid>,
    created_at: i64,
    /// Its bytes in base64, unless there are too many.
    data: Option<String>,
}

/// At most `most` attachments, the last first, with the bytes of those that fit into `room`, of which that is taken.
pub(crate) async fn attachments(
    social: &Social,
    account: AccountId,
    most: i64,
    room: &mut usize,
) -> Result<Vec<OwnAttachment>, DbError> {
    let mut all = Vec::new();
    for row in store::of_account(&mut social.db(), account, most).await? {
        let Some(attachment) = row.show() else { continue };
        let left = usize::try_from(attachment.size).ok().and_then(|size| room.checked_sub(size));
        let bytes = match (left, row.blob_key.parse()) {
            (Some(left), Ok(key)) => {
                *room = left;
                social.attachments.read(key).await.ok()
            }
            _ => None,
        };
        let data = bytes.map(|bytes| STANDARD.encode(bytes));
        all.push(OwnAttachment { attachment, message: row.message_id, created_at: row.created_at, data });
    }
    Ok(all)
}
