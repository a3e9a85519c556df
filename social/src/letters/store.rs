//! What the database knows of letters.

use sqlx::FromRow;
use uuid::Uuid;

use super::{Letter, LetterSummary};
use crate::clock::Moment;
use crate::db::{DbError, Sql, Tx, args};
use crate::id::{AccountId, LetterId};
use crate::limits::MAX_EARLIER_LETTERS;
use crate::notifications::store::excerpt;
use crate::page::Cursor;
use crate::profiles::Author;
use crate::profiles::author::{AuthorRow, author_columns, author_joins};
use crate::visibility::{is_there, no_block};

/// A letter in the viewer's mailbox with its other side; or with the viewer if that has gone, so that a row is whole.
#[derive(Debug, FromRow)]
pub(crate) struct LetterRow {
    pub(crate) id: LetterId,
    pub(crate) thread_id: Uuid,
    reply_to: Option<Uuid>,
    #[sqlx(flatten)]
    other: AuthorRow,
    is_gone: bool,
    pub(crate) is_sent: bool,
    is_read: bool,
    subject: String,
    /// All of it, or its beginning.
    text: String,
    created_at: i64,
}

impl LetterRow {
    /// The other side, unless it has gone.
    pub(crate) fn other(&self) -> Option<AccountId> {
        (!self.is_gone).then_some(self.other.author_id)
    }

    /// Where it is in a list.
    pub(crate) fn cursor(&self) -> Cursor {
        Cursor::of_id(self.id.0)
    }

    /// The letter as the viewer, `me`, sees it.
    pub(crate) fn show(self, me: &Author) -> Letter {
        let other = (!self.is_gone).then(|| self.other.show());
        let (from, to) = if self.is_sent { (Some(me.clone()), other) } else { (other, Some(me.clone())) };
        Letter {
            id: self.id.0,
            from,
            to,
            subject: self.subject,
            text: self.text,
            created_at: self.created_at,
            is_read: self.is_read,
            is_mine: self.is_sent,
            reply_to: self.reply_to,
        }
    }

    /// The same in a list.
    pub(crate) fn summary(self, me: &Author) -> LetterSummary {
        let Letter { id, from, to, subject, text, created_at, is_read, is_mine, reply_to: _ } = self.show(me);
        let excerpt = excerpt(&text).unwrap_or_default();
        LetterSummary { id, from, to, subject, excerpt, created_at, is_read, is_mine }
    }
}

/// What follows FROM where letters that the viewer, `$1`, has are asked for: the copies `c` whose other side `a` may be seen,
/// or has gone; then `a` is the viewer.
macro_rules! shown {
    ($joins:expr, $rest:expr) => {
        concat!(
            " FROM letter_copies c JOIN accounts a ON a.id = COALESCE(c.other_id, $1) ",
            $joins,
            " WHERE c.account_id = $1 AND ",
            is_there!("a"),
            " AND ",
            no_block!("$1", "a.id"),
            " AND ",
            $rest
        )
    };
}

/// Selects [`LetterRow`]s with this text.
macro_rules! letters {
    ($text:literal, $rest:literal) => {
        concat!(
            "SELECT l.id, l.thread_id, c.other_id IS NULL AS is_gone, c.is_sent, c.is_read, l.subject, l.created_at,
                (SELECT r.letter_id FROM letter_copies r WHERE r.letter_id = l.reply_to AND r.account_id = $1)
                    AS reply_to, ",
            $text,
            " AS text, ",
            author_columns!(),
            shown!(concat!("JOIN letters l ON l.id = c.letter_id ", author_joins!()), $rest)
        )
    };
}

/// A letter that the viewer has.
pub(crate) async fn find(db: &mut impl Sql, viewer: AccountId, id: LetterId) -> Result<Option<LetterRow>, DbError> {
    db.opt(letters!("l.text", "c.letter_id = $2"), args![viewer, id]).await
}

/// The viewer as the one side of their letters.
pub(crate) async fn own(db: &mut impl Sql, viewer: AccountId) -> Result<Author, DbError> {
    let sql = concat!("SELECT ", author_columns!(), " FROM accounts a", author_joins!(), "WHERE a.id = $1");
    let row: AuthorRow = db.one(sql, args![viewer]).await?;
    Ok(row.show())
}

/// What the viewer has received, or sent, before `after`, the last first; with the beginnings of texts.
pub(crate) async fn list(
    db: &mut impl Sql,
    viewer: AccountId,
    is_sent: bool,
    (after, most): (Cursor, i64),
) -> Result<Vec<LetterRow>, DbError> {
    let sql =
        letters!("SUBSTR(l.text, 1, 200)", "c.is_sent = $2 AND c.letter_id < $3 ORDER BY c.letter_id DESC LIMIT $4");
    db.all(sql, args![viewer, is_sent, LetterId(after.id), most]).await
}

/// The same of what the viewer has not read.
pub(crate) async fn list_unread(
    db: &mut impl Sql,
    viewer: AccountId,
    (after, most): (Cursor, i64),
) -> Result<Vec<LetterRow>, DbError> {
    let sql =
        letters!("SUBSTR(l.text, 1, 200)", "c.is_read = $2 AND c.letter_id < $3 ORDER BY c.letter_id DESC LIMIT $4");
    db.all(sql, args![viewer, false, LetterId(after.id), most]).await
}

/// All that the viewer has before `after`, the last first; with whole texts.
pub(crate) async fn list_whole(
    db: &mut impl Sql,
    viewer: AccountId,
    (after, most): (Cursor, i64),
) -> Result<Vec<LetterRow>, DbError> {
    let sql = letters!("l.text", "c.letter_id < $2 ORDER BY c.letter_id DESC LIMIT $3");
    db.all(sql, args![viewer, LetterId(after.id), most]).await
}

/// The letters before this one that the viewer has, the last first; with the beginnings of texts.
pub(crate) async fn earlier(
    db: &mut impl Sql,
    viewer: AccountId,
    (thread, id): (Uuid, LetterId),
) -> Result<Vec<LetterRow>, DbError> {
    let sql =
        letters!("SUBSTR(l.text, 1, 200)", "l.thread_id = $2 AND c.letter_id < $3 ORDER BY c.letter_id DESC LIMIT $4");
    db.all(sql, args![viewer, thread, id, MAX_EARLIER_LETTERS]).await
}

/// How many letters the viewer has not read.
pub(crate) async fn unread(db: &mut impl Sql, viewer: AccountId) -> Result<i64, DbError> {
    let sql = concat!("SELECT COUNT(*)", shown!("", "c.is_read = $2"));
    let (unread,): (i64,) = db.one(sql, args![viewer, false]).await?;
    Ok(unread)
}

/// How many letters an account keeps, hidden ones too.
pub(crate) async fn kept(tx: &mut Tx, account: AccountId) -> Result<i64, DbError> {
    let sql = "SELECT COUNT(*) FROM letter_copies WHERE account_id = $1";
    let (kept,): (i64,) = tx.one(sql, args![account]).await?;
    Ok(kept)
}

/// The letter that a sender's client has made with this id of its own.
pub(crate) async fn by_client_id(
    db: &mut impl Sql,
    sender: AccountId,
    client_id: Uuid,
) -> Result<Option<LetterId>, DbError> {
    let sql = "SELECT id FROM letters WHERE sender_id = $1 AND client_id = $2";
    let found: Option<(LetterId,)> = db.opt(sql, args![sender, client_id]).await?;
    Ok(found.map(|(id,)| id))
}

/// Makes whoever deletes or answers a letter wait.
pub(crate) async fn lock(tx: &mut Tx, id: LetterId) -> Result<u64, DbError> {
    tx.run("UPDATE letters SET copies = copies WHERE id = $1", args![id]).await
}

/// A letter to be sent.
pub(crate) struct NewRow<'a> {
    pub(crate) id: LetterId,
    pub(crate) from: AccountId,
    pub(crate) to: AccountId,
    pub(crate) client_id: Uuid,
    /// The letter that it answers, and the first of those.
    pub(crate) answers: Option<(LetterId, Uuid)>,
    pub(crate) subject: &'a str,
    pub(crate) text: &'a str,
}

/// Puts a letter into both mailboxes; whether the sender's client had not made it before. If it had, the transaction must not
/// be committed.
pub(crate) async fn add(tx: &mut Tx, new: &NewRow<'_>, now: Moment) -> Result<bool, DbError> {
    let NewRow { id, from, to, client_id, answers, subject, text } = *new;
    let (reply_to, thread) = (answers.map(|(id, _)| id), answers.map_or(id.0, |(_, thread)| thread));
    let sql = "INSERT INTO letters (id, thread_id, reply_to, sender_id, client_id, created_at, copies, subject, text)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (sender_id, client_id) DO NOTHING";
    let row = args![id, thread, reply_to, from, client_id, now.millis(), 2, subject, text];
    if tx.run(sql, row).await? == 0 {
        return Ok(false);
    }
    for (account, other, is_sent) in [(from, to, true), (to, from, false)] {
        let sql = "INSERT INTO letter_copies (letter_id, account_id, other_id, is_sent, is_read)
            VALUES ($1, $2, $3, $4, $4)";
        tx.run(sql, args![id, account, other, is_sent]).await?;
    }
    Ok(true)
}

/// Marks a letter as read; whether it was unread.
pub(crate) async fn mark_read(tx: &mut Tx, (id, account): (LetterId, AccountId)) -> Result<bool, DbError> {
    let sql = "UPDATE letter_copies SET is_read = $3 WHERE letter_id = $1 AND account_id = $2 AND NOT is_read";
    Ok(tx.run(sql, args![id, account, true]).await? > 0)
}

/// Removes an account's copy, and the letter if it was the last; whether there was one. The letter is locked.
pub(crate) async fn remove(tx: &mut Tx, (id, account): (LetterId, AccountId)) -> Result<bool, DbError> {
    let sql = "DELETE FROM letter_copies WHERE letter_id = $1 AND account_id = $2";
    if tx.run(sql, args![id, account]).await? == 0 {
        return Ok(false);
    }
    tx.run("UPDATE letters SET copies = copies - 1 WHERE id = $1", args![id]).await?;
    tx.run("DELETE FROM letters WHERE id = $1 AND copies = 0", args![id]).await?;
    Ok(true)
}
