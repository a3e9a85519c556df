//! Somebody's letters, for that person to take along.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Letter;
use super::store::{self, LetterRow};
use crate::db::{DbError, Sql};
use crate::id::AccountId;
use crate::limits::{MAX_EXPORTED_LETTERS, MAX_PAGE_ITEMS};
use crate::page::Cursor;

/// A letter that somebody has sent or received.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OwnLetter {
    id: Uuid,
    /// The username of who wrote it; nobody if that account has gone.
    from: Option<String>,
    /// The username of who it is for; nobody if that account has gone.
    to: Option<String>,
    subject: String,
    /// What it says; nothing of those, the oldest, for which an export has no room.
    text: Option<String>,
    created_at: i64,
    is_read: bool,
    reply_to: Option<Uuid>,
}

/// All letters, the last first, and their texts until they are too many.
pub(crate) async fn letters(db: &mut impl Sql, account: AccountId) -> Result<Vec<OwnLetter>, DbError> {
    let me = store::own(db, account).await?;
    let most = i64::try_from(MAX_PAGE_ITEMS).unwrap_or(i64::MAX);
    let mut room = MAX_EXPORTED_LETTERS;
    let (mut all, mut after) = (Vec::new(), Cursor::NEWEST);
    loop {
        let found = store::list_whole(db, account, (after, most)).await?;
        let Some(last) = found.last() else { return Ok(all) };
        after = LetterRow::cursor(last);
        for letter in found.into_iter().map(|row| row.show(&me)) {
            let left = room.checked_sub(letter.text.len());
            room = left.unwrap_or(0);
            all.push(own(letter, left.is_some()));
        }
    }
}

fn own(letter: Letter, is_whole: bool) -> OwnLetter {
    OwnLetter {
        id: letter.id,
        from: letter.from.map(|from| from.username),
        to: letter.to.map(|to| to.username),
        subject: letter.subject,
        text: is_whole.then_some(letter.text),
        created_at: letter.created_at,
        is_read: letter.is_read,
        reply_to: letter.reply_to,
    }
}
