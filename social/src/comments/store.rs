//! What the database knows of comments.

use sqlx::FromRow;
use uuid::Uuid;

use super::Comment;
use crate::clock::Moment;
use crate::db::{DbError, Sql, Tx, args};
use crate::id::{AccountId, CommentId, PostId};
use crate::page::Cursor;
use crate::profiles::author::{AuthorRow, author_columns, author_joins};
use crate::profiles::store::{Row, people};
use crate::visibility::{is_there, may_read, no_block};

/// A comment that the viewer may read, with its author; or with that of the post if it was removed, so that a row is whole.
#[derive(Debug, FromRow)]
pub(crate) struct CommentRow {
    pub(crate) id: CommentId,
    pub(crate) post_id: PostId,
    pub(crate) parent_id: Option<CommentId>,
    #[sqlx(flatten)]
    author: AuthorRow,
    pub(crate) is_removed: bool,
    pub(crate) post_author_id: AccountId,
    pub(crate) parent_author_id: Option<AccountId>,
    pub(crate) text: String,
    created_at: i64,
    edited_at: Option<i64>,
    pub(crate) likes: i64,
    replies: i64,
    pub(crate) liked: bool,
}

impl CommentRow {
    /// Who wrote it, unless it was removed.
    pub(crate) fn author(&self) -> Option<AccountId> {
        (!self.is_removed).then_some(self.author.author_id)
    }

    /// Where it is in a list.
    pub(crate) fn cursor(&self) -> Cursor {
        Cursor::of_id(self.id.0)
    }

    /// The comment as the viewer sees it.
    pub(crate) fn show(self) -> Comment {
        let is_mine = !self.is_removed && self.author.is_viewer();
        Comment {
            id: self.id.0,
            post: self.post_id.0,
            parent: self.parent_id.map(|id| id.0),
            author: (!self.is_removed).then(|| self.author.show()),
            text: self.text,
            created_at: self.created_at,
            edited_at: self.edited_at,
            likes: self.likes,
            replies: self.replies,
            liked: self.liked,
            is_mine,
        }
    }
}

/// Selects [`CommentRow`]s that the viewer, `$1`, may read: the post `p` by `o`, the comment `c` by `a`, and the comment `u`
/// to which it replies, below whose author `ua` a whole thread is hidden.
macro_rules! comments {
    ($rest:literal) => {
        concat!(
            "SELECT c.id, c.post_id, c.parent_id, c.author_id IS NULL AS is_removed, p.author_id AS post_author_id,
                u.author_id AS parent_author_id, c.text, c.created_at, c.edited_at, c.likes, c.replies,
                EXISTS (SELECT 1 FROM comment_likes WHERE comment_id = c.id AND account_id = $1) AS liked, ",
            author_columns!(),
            " FROM comments c JOIN posts p ON p.id = c.post_id JOIN accounts o ON o.id = p.author_id
            JOIN accounts a ON a.id = COALESCE(c.author_id, p.author_id) ",
            author_joins!(),
            " LEFT JOIN comments u ON u.id = c.parent_id LEFT JOIN accounts ua ON ua.id = u.author_id
            WHERE ",
            is_there!("o"),
            " AND ",
            no_block!("$1", "o.id"),
            " AND ",
            may_read!("$1", "p"),
            " AND ",
            is_there!("a"),
            " AND ",
            no_block!("$1", "a.id"),
            " AND (ua.id IS NULL OR (",
            is_there!("ua"),
            " AND ",
            no_block!("$1", "ua.id"),
            ")) AND ",
            $rest
        )
    };
}

/// A comment that the viewer may read.
pub(crate) async fn find(db: &mut impl Sql, viewer: AccountId, id: CommentId) -> Result<Option<CommentRow>, DbError> {
    db.opt(comments!("c.id = $2"), args![viewer, id]).await
}

/// The comment that an author's client has made with this id of its own.
pub(crate) async fn by_client_id(
    db: &mut impl Sql,
    author: AccountId,
    client_id: Uuid,
) -> Result<Option<CommentId>, DbError> {
    let sql = "SELECT id FROM comments WHERE author_id = $1 AND client_id = $2";
    let found: Option<(CommentId,)> = db.opt(sql, args![author, client_id]).await?;
    Ok(found.map(|(id,)| id))
}

/// Comments on a post that reply to none, the oldest first.
pub(crate) async fn on_post(
    db: &mut impl Sql,
    viewer: AccountId,
    post: PostId,
    (after, most): (Cursor, i64),
) -> Result<Vec<CommentRow>, DbError> {
    // All these parents are NULL: naming them in the order lets the index of threads be read in its own.
    let sql = comments!(
        "c.post_id = $2 AND c.parent_id IS NULL AND c.id > $3 ORDER BY c.post_id, c.parent_id, c.id LIMIT $4"
    );
    db.all(sql, args![viewer, post, CommentId(after.id), most]).await
}

/// Replies to a comment, the oldest first.
pub(crate) async fn replies(
    db: &mut impl Sql,
    viewer: AccountId,
    parent: CommentId,
    (after, most): (Cursor, i64),
) -> Result<Vec<CommentRow>, DbError> {
    let sql = comments!("c.parent_id = $2 AND c.id > $3 ORDER BY c.id LIMIT $4");
    db.all(sql, args![viewer, parent, CommentId(after.id), most]).await
}

/// A comment to be added.
pub(crate) struct NewRow<'a> {
    pub(crate) id: CommentId,
    pub(crate) post: PostId,
    pub(crate) parent: Option<CommentId>,
    pub(crate) author: AccountId,
    pub(crate) client_id: Uuid,
    pub(crate) text: &'a str,
}

/// What came of adding a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Added {
    /// It is there.
    New,
    /// The author's client has made it before; the transaction must not be committed.
    Known,
    /// The post or the comment to which it replies has gone meanwhile; the same.
    Gone,
}

/// Adds a comment and counts it.
pub(crate) async fn add(tx: &mut Tx, new: &NewRow<'_>, now: Moment) -> Result<Added, DbError> {
    if tx.run("UPDATE posts SET comments = comments + 1 WHERE id = $1", args![new.post]).await? == 0 {
        return Ok(Added::Gone);
    }
    if let Some(parent) = new.parent {
        let counted = tx.run("UPDATE comments SET replies = replies + 1 WHERE id = $1", args![parent]).await?;
        if counted == 0 {
            return Ok(Added::Gone);
        }
    }
    let sql = "INSERT INTO comments
            (id, post_id, parent_id, author_id, client_id, text, created_at, edited_at, likes, replies)
        VALUES ($1, $2, $3, $4, $5, $6, $7, NULL, $8, $8) ON CONFLICT (author_id, client_id) DO NOTHING";
    let NewRow { id, post, parent, author, client_id, text } = *new;
    let added = tx.run(sql, args![id, post, parent, author, client_id, text, now.millis(), 0]).await?;
    Ok(if added == 0 { Added::Known } else { Added::New })
}

/// Changes what a comment of its author says; whether there is one.
pub(crate) async fn change(
    db: &mut impl Sql,
    (id, author): (CommentId, AccountId),
    text: &str,
    now: Moment,
) -> Result<bool, DbError> {
    let sql = "UPDATE comments SET text = $3, edited_at = $4 WHERE id = $1 AND author_id = $2";
    Ok(db.run(sql, args![id, author, text, now.millis()]).await? > 0)
}

/// Removes a comment, when its post is locked; with replies it stays without author and text until they have gone.
pub(crate) async fn remove(tx: &mut Tx, row: &CommentRow) -> Result<(), DbError> {
    let sql = "UPDATE comments SET author_id = NULL, text = '', edited_at = NULL, likes = 0
        WHERE id = $1 AND replies > 0";
    if tx.run(sql, args![row.id]).await? > 0 {
        tx.run("DELETE FROM comment_likes WHERE comment_id = $1", args![row.id]).await?;
        return Ok(());
    }
    let mut gone = i64::try_from(tx.run("DELETE FROM comments WHERE id = $1", args![row.id]).await?).unwrap_or(0);
    if let Some(parent) = row.parent_id {
        tx.run("UPDATE comments SET replies = replies - 1 WHERE id = $1", args![parent]).await?;
        let sql = "DELETE FROM comments WHERE id = $1 AND author_id IS NULL AND replies = 0";
        gone += i64::try_from(tx.run(sql, args![parent]).await?).unwrap_or(0);
    }
    tx.run("UPDATE posts SET comments = comments - $2 WHERE id = $1", args![row.post_id, gone]).await?;
    Ok(())
}

/// Adds a like and counts it, unless it was there; how many there are then. None: nothing has changed, and the transaction
/// must not be committed.
pub(crate) async fn like(
    tx: &mut Tx,
    (comment, account): (CommentId, AccountId),
    now: Moment,
) -> Result<Option<i64>, DbError> {
    let sql = "UPDATE comments SET likes = likes + 1 WHERE id = $1 AND author_id IS NOT NULL RETURNING likes";
    let Some((likes,)): Option<(i64,)> = tx.opt(sql, args![comment]).await? else { return Ok(None) };
    let sql = "INSERT INTO comment_likes (comment_id, account_id, created_at) VALUES ($1, $2, $3)
        ON CONFLICT DO NOTHING";
    let added = tx.run(sql, args![comment, account, now.millis()]).await?;
    Ok((added > 0).then_some(likes))
}

/// Takes a like back, in the same way.
pub(crate) async fn unlike(tx: &mut Tx, (comment, account): (CommentId, AccountId)) -> Result<Option<i64>, DbError> {
    let sql = "UPDATE comments SET likes = likes - 1 WHERE id = $1 RETURNING likes";
    let Some((likes,)): Option<(i64,)> = tx.opt(sql, args![comment]).await? else { return Ok(None) };
    let sql = "DELETE FROM comment_likes WHERE comment_id = $1 AND account_id = $2";
    let removed = tx.run(sql, args![comment, account]).await?;
    Ok((removed > 0).then_some(likes))
}

/// Who likes a comment, the last first.
pub(crate) async fn likers(
    db: &mut impl Sql,
    viewer: AccountId,
    comment: CommentId,
    (after, most): (Cursor, i64),
) -> Result<Vec<Row>, DbError> {
    let sql = people!(
        "JOIN comment_likes l ON l.account_id = a.id",
        "l.created_at",
        "AND l.comment_id = $2 AND (l.created_at, l.account_id) < ($3, $4)
        ORDER BY l.created_at DESC, l.account_id DESC LIMIT $5"
    );
    db.all(sql, args![viewer, comment, after.at, AccountId(after.id), most]).await
}
