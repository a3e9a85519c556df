//! What the database knows of notifications.

use sqlx::FromRow;

use super::notify::About;
use super::{Notification, NotificationKind};
use crate::clock::Moment;
use crate::db::{DbError, Sql, Tx, args};
use crate::id::{AccountId, CommentId, ConversationId, LetterId, NotificationId, PostId};
use crate::limits::{EXCERPT_LENGTH, MAX_NOTIFICATIONS, NOTIFICATION_LIFETIME};
use crate::page::Cursor;
use crate::profiles::author::{AuthorRow, author_columns, author_joins};
use crate::visibility::{is_there, may_read, no_block};

/// A condition: somebody who did it is there to be seen, and the post, if it is about one, may be read.
macro_rules! is_shown {
    () => {
        concat!(
            "EXISTS (SELECT 1 FROM notification_actors na JOIN accounts a ON a.id = na.account_id
                WHERE na.notification_id = n.id AND ",
            is_there!("a"),
            " AND ",
            no_block!("$1", "a.id"),
            ") AND (n.post_id IS NULL OR EXISTS (SELECT 1 FROM posts p JOIN accounts pa ON pa.id = p.author_id
                WHERE p.id = n.post_id AND ",
            is_there!("pa"),
            " AND ",
            no_block!("$1", "pa.id"),
            " AND ",
            may_read!("$1", "p"),
            "))"
        )
    };
}

/// Notifications of `$1` for which the rest holds, one row for each of the last three people who did it and can be seen.
/// CROSS JOIN has SQLite read the few that are shown first (<https://www.sqlite.org/lang_select.html#crossjoin>).
/// Of comments and replies it quotes the last one of which it told; otherwise the comment, or else the post; of a letter what
/// it is about, of a conversation its name.
macro_rules! notifications {
    ($rest:literal) => {
        concat!(
            "WITH shown AS (
                SELECT n.id, n.kind, n.post_id, n.comment_id, n.letter_id, n.conversation_id, n.at, n.is_read
                FROM notifications n
                WHERE n.account_id = $1 AND ",
            is_shown!(),
            $rest,
            "), actors AS (
                SELECT shown.id, na.account_id, COUNT(*) OVER (PARTITION BY shown.id) AS people,
                    ROW_NUMBER() OVER (PARTITION BY shown.id ORDER BY na.at DESC, na.account_id DESC) AS place
                FROM shown CROSS JOIN notification_actors na JOIN accounts a ON a.id = na.account_id
                WHERE na.notification_id = shown.id AND ",
            is_there!("a"),
            " AND ",
            no_block!("$1", "a.id"),
            "), quoted AS (
                SELECT shown.id, CASE shown.kind
                    WHEN 'comment' THEN (SELECT c.id FROM comments c
                        JOIN actors ON actors.id = shown.id AND actors.account_id = c.author_id
                        WHERE c.post_id = shown.post_id AND c.parent_id IS NULL AND c.created_at <= shown.at
                        ORDER BY c.id DESC LIMIT 1)
                    WHEN 'reply' THEN (SELECT c.id FROM comments c
                        JOIN actors ON actors.id = shown.id AND actors.account_id = c.author_id
                        WHERE c.parent_id = shown.comment_id AND c.created_at <= shown.at
                        ORDER BY c.id DESC LIMIT 1)
                    ELSE shown.comment_id END AS comment_id
                FROM shown
            )
            SELECT shown.id, shown.kind, shown.post_id, quoted.comment_id, shown.letter_id, shown.conversation_id, shown.at,
                shown.is_read, actors.people,
                COALESCE(SUBSTR(c.text, 1, 200), SUBSTR(p.text, 1, 200), l.subject, v.title) AS excerpt, ",
            author_columns!(),
            " FROM shown JOIN actors ON actors.id = shown.id AND actors.place <= 3
                JOIN quoted ON quoted.id = shown.id JOIN accounts a ON a.id = actors.account_id",
            author_joins!(),
            "LEFT JOIN comments c ON c.id = quoted.comment_id LEFT JOIN posts p ON p.id = shown.post_id
            LEFT JOIN letters l ON l.id = shown.letter_id LEFT JOIN conversations v ON v.id = shown.conversation_id
            ORDER BY shown.at DESC, shown.id DESC, actors.place"
        )
    };
}

/// A notification and one of those who did it.
#[derive(Debug, FromRow)]
struct Row {
    id: NotificationId,
    kind: String,
    post_id: Option<PostId>,
    comment_id: Option<CommentId>,
    letter_id: Option<LetterId>,
    conversation_id: Option<ConversationId>,
    at: i64,
    is_read: bool,
    people: i64,
    excerpt: Option<String>,
    #[sqlx(flatten)]
    actor: AuthorRow,
}

/// Puts together what belongs together. A kind that a newer version has written is not shown.
fn gather(rows: Vec<Row>) -> Vec<Notification> {
    let mut found: Vec<Notification> = Vec::new();
    for row in rows {
        let Some(kind) = NotificationKind::parse(&row.kind) else { continue };
        if found.last().is_none_or(|last| last.id != row.id.0) {
            found.push(Notification {
                id: row.id.0,
                kind,
                at: row.at,
                is_read: row.is_read,
                actors: Vec::new(),
                others: row.people,
                post: row.post_id.map(|post| post.0),
                comment: row.comment_id.map(|comment| comment.0),
                letter: row.letter_id.map(|letter| letter.0),
                conversation: row.conversation_id.map(|conversation| conversation.0),
                excerpt: row.excerpt.as_deref().and_then(excerpt),
            });
        }
        if let Some(last) = found.last_mut() {
            last.actors.push(row.actor.show());
            last.others -= 1;
        }
    }
    found
}

/// The beginning of a text on one line; none of what has no text.
pub(crate) fn excerpt(text: &str) -> Option<String> {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let is_long = line.chars().count() > EXCERPT_LENGTH;
    let short = if is_long { line.chars().take(EXCERPT_LENGTH - 1).chain(['…']).collect() } else { line };
    (!short.is_empty()).then_some(short)
}

/// An account's notifications before `after`, those that grew last first; perhaps only unread ones.
pub(crate) async fn list(
    db: &mut impl Sql,
    viewer: AccountId,
    only_unread: bool,
    (after, most): (Cursor, i64),
) -> Result<Vec<Notification>, DbError> {
    let sql = notifications!(
        " AND (n.at, n.id) < ($2, $3) AND NOT (n.is_read AND $4) ORDER BY n.at DESC, n.id DESC LIMIT $5"
    );
    let rows = db.all(sql, args![viewer, after.at, NotificationId(after.id), only_unread, most]).await?;
    Ok(gather(rows))
}

/// One of an account's notifications, if it is shown.
pub(crate) async fn one(
    db: &mut impl Sql,
    viewer: AccountId,
    id: NotificationId,
) -> Result<Option<Notification>, DbError> {
    let rows = db.all(notifications!(" AND n.id = $2"), args![viewer, id]).await?;
    Ok(gather(rows).pop())
}

/// How many of an account's notifications are unread.
pub(crate) async fn unread(db: &mut impl Sql, viewer: AccountId) -> Result<i64, DbError> {
    let sql =
        concat!("SELECT COUNT(*) FROM notifications n WHERE n.account_id = $1 AND NOT n.is_read AND ", is_shown!());
    let (unread,): (i64,) = db.one(sql, args![viewer]).await?;
    Ok(unread)
}

/// Whether `to` wants to be told of what `by` does, and may be.
pub(super) async fn is_wanted(
    tx: &mut Tx,
    (to, by): (AccountId, AccountId),
    kind: NotificationKind,
) -> Result<bool, DbError> {
    let sql = concat!(
        "SELECT NOT EXISTS (SELECT 1 FROM muted_kinds WHERE account_id = $1 AND kind = $3) AND ",
        no_block!("$1", "$2")
    );
    let (is_wanted,): (bool,) = tx.one(sql, args![to, by, kind.name()]).await?;
    Ok(is_wanted)
}

/// The comment to which another replies.
pub(super) async fn parent(tx: &mut Tx, reply: Option<CommentId>) -> Result<Option<CommentId>, DbError> {
    let found: Option<(Option<CommentId>,)> =
        tx.opt("SELECT parent_id FROM comments WHERE id = $1", args![reply]).await?;
    Ok(found.and_then(|(parent,)| parent))
}

/// Joins the unread notification that has this key, or makes it by the new id; its id.
pub(super) async fn open(
    tx: &mut Tx,
    (new, account): (NotificationId, AccountId),
    (kind, key): (NotificationKind, &str),
    About { post, comment, letter, conversation }: About,
    now: Moment,
) -> Result<NotificationId, DbError> {
    let sql = "INSERT INTO notifications (id, account_id, kind, post_id, comment_id, letter_id, conversation_id,
            open_key, at, is_read)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        ON CONFLICT (account_id, open_key) DO UPDATE SET at = excluded.at RETURNING id";
    let row = args![new, account, kind.name(), post, comment, letter, conversation, key, now.millis(), false];
    let (id,): (NotificationId,) = tx.one(sql, row).await?;
    Ok(id)
}

pub(super) async fn add_actor(
    tx: &mut Tx,
    notification: NotificationId,
    actor: AccountId,
    now: Moment,
) -> Result<u64, DbError> {
    let sql = "INSERT INTO notification_actors (notification_id, account_id, at) VALUES ($1, $2, $3)
        ON CONFLICT (notification_id, account_id) DO UPDATE SET at = excluded.at";
    tx.run(sql, args![notification, actor, now.millis()]).await
}

/// Forgets the oldest of an account's notifications when there are too many.
pub(super) async fn trim(tx: &mut Tx, account: AccountId) -> Result<u64, DbError> {
    let sql = "DELETE FROM notifications WHERE account_id = $1 AND (at, id) < (SELECT at, id FROM notifications
        WHERE account_id = $1 ORDER BY at DESC, id DESC LIMIT 1 OFFSET $2)";
    tx.run(sql, args![account, MAX_NOTIFICATIONS - 1]).await
}

/// The notifications of `to` that tell, among others, of what `by` did to exactly this.
pub(super) async fn told(
    tx: &mut Tx,
    (to, by): (AccountId, AccountId),
    kind: NotificationKind,
    (post, comment): (Option<PostId>, Option<CommentId>),
) -> Result<Vec<NotificationId>, DbError> {
    let sql = "SELECT n.id FROM notification_actors na JOIN notifications n ON n.id = na.notification_id
        WHERE na.account_id = $2 AND n.account_id = $1 AND n.kind = $3
            AND (n.post_id = $4 OR (n.post_id IS NULL AND $4 IS NULL))
            AND (n.comment_id = $5 OR (n.comment_id IS NULL AND $5 IS NULL))";
    ids(tx.all(sql, args![to, by, kind.name(), post, comment]).await)
}

/// The notifications of `to` that tell of comments or replies below this post, of which `by` has written one but has none
/// any more besides the one that goes.
pub(super) async fn told_of_comments(
    tx: &mut Tx,
    (to, by): (AccountId, AccountId),
    kind: NotificationKind,
    (post, comment): (Option<PostId>, Option<CommentId>),
) -> Result<Vec<NotificationId>, DbError> {
    let sql = "SELECT n.id FROM notification_actors na JOIN notifications n ON n.id = na.notification_id
        WHERE na.account_id = $2 AND n.account_id = $1 AND n.kind = $3 AND n.post_id = $4 AND NOT EXISTS (
            SELECT 1 FROM comments c WHERE c.post_id = n.post_id AND c.author_id = $2 AND c.id <> $5
                AND (c.parent_id = n.comment_id OR (c.parent_id IS NULL AND n.comment_id IS NULL)))";
    ids(tx.all(sql, args![to, by, kind.name(), post, comment]).await)
}

/// The notifications of `to` that tell, among others, of anything that `by` did.
pub(super) async fn all_told(tx: &mut Tx, to: AccountId, by: AccountId) -> Result<Vec<NotificationId>, DbError> {
    let sql = "SELECT n.id FROM notification_actors na JOIN notifications n ON n.id = na.notification_id
        WHERE na.account_id = $2 AND n.account_id = $1";
    ids(tx.all(sql, args![to, by]).await)
}

fn ids(found: Result<Vec<(NotificationId,)>, DbError>) -> Result<Vec<NotificationId>, DbError> {
    found.map(|found| found.into_iter().map(|(id,)| id).collect())
}

/// Takes somebody out of a notification, which goes if nobody is left.
pub(super) async fn remove_actor(tx: &mut Tx, notification: NotificationId, actor: AccountId) -> Result<(), DbError> {
    let sql = "DELETE FROM notification_actors WHERE notification_id = $1 AND account_id = $2";
    tx.run(sql, args![notification, actor]).await?;
    let sql = "DELETE FROM notifications WHERE id = $1
        AND NOT EXISTS (SELECT 1 FROM notification_actors WHERE notification_id = $1)";
    tx.run(sql, args![notification]).await?;
    Ok(())
}

/// Who was told of a post or its comments, in the order of their ids: these notifications go when the post does.
pub(crate) async fn told_of_post(tx: &mut Tx, post: PostId) -> Result<Vec<AccountId>, DbError> {
    let sql = "SELECT DISTINCT account_id FROM notifications WHERE post_id = $1 ORDER BY account_id";
    let found: Vec<(AccountId,)> = tx.all(sql, args![post]).await?;
    Ok(found.into_iter().map(|(account,)| account).collect())
}

/// Who was told of a comment, in the order of their ids: these notifications go when the comment does.
pub(crate) async fn told_of_comment(tx: &mut Tx, comment: CommentId) -> Result<Vec<AccountId>, DbError> {
    let sql = "SELECT DISTINCT account_id FROM notifications WHERE comment_id = $1 ORDER BY account_id";
    let found: Vec<(AccountId,)> = tx.all(sql, args![comment]).await?;
    Ok(found.into_iter().map(|(account,)| account).collect())
}

/// Forgets all notifications about a comment, which may stay as an empty place while it has replies.
pub(crate) async fn remove_of_comment(tx: &mut Tx, comment: CommentId) -> Result<u64, DbError> {
    tx.run("DELETE FROM notifications WHERE comment_id = $1", args![comment]).await
}

/// Marks one of an account's notifications as read. Whether it was unread; none if there is no such one.
pub(super) async fn mark_read(tx: &mut Tx, account: AccountId, id: NotificationId) -> Result<Option<bool>, DbError> {
    let sql = "SELECT is_read FROM notifications WHERE account_id = $1 AND id = $2";
    let Some((is_read,)): Option<(bool,)> = tx.opt(sql, args![account, id]).await? else { return Ok(None) };
    let sql = "UPDATE notifications SET is_read = $3, open_key = NULL WHERE account_id = $1 AND id = $2";
    tx.run(sql, args![account, id, true]).await?;
    Ok(Some(!is_read))
}

/// Marks what an account was notified of a letter as read; how many of it was unread.
pub(crate) async fn mark_read_of_letter(tx: &mut Tx, account: AccountId, letter: LetterId) -> Result<u64, DbError> {
    let sql = "UPDATE notifications SET is_read = $3, open_key = NULL
        WHERE account_id = $1 AND letter_id = $2 AND NOT is_read";
    tx.run(sql, args![account, letter, true]).await
}

/// Forgets what an account was notified of a letter; how many.
pub(crate) async fn remove_of_letter(tx: &mut Tx, account: AccountId, letter: LetterId) -> Result<u64, DbError> {
    tx.run("DELETE FROM notifications WHERE account_id = $1 AND letter_id = $2", args![account, letter]).await
}

/// Whether an account was notified of a conversation; perhaps only of what it has not read.
pub(super) async fn is_told_of_conversation(
    db: &mut impl Sql,
    (account, conversation): (AccountId, ConversationId),
    only_unread: bool,
) -> Result<bool, DbError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM notifications WHERE account_id = $1 AND conversation_id = $2
        AND NOT (is_read AND $3))";
    let (is_told,): (bool,) = db.one(sql, args![account, conversation, only_unread]).await?;
    Ok(is_told)
}

/// Who was notified of a conversation, in the order of their ids: these notifications go when the conversation does.
pub(crate) async fn told_of_conversation(tx: &mut Tx, conversation: ConversationId) -> Result<Vec<AccountId>, DbError> {
    let sql = "SELECT DISTINCT account_id FROM notifications WHERE conversation_id = $1 ORDER BY account_id";
    let found: Vec<(AccountId,)> = tx.all(sql, args![conversation]).await?;
    Ok(found.into_iter().map(|(account,)| account).collect())
}

/// Marks what an account was notified of a conversation as read; but not of messages, if some of them are unread.
pub(super) async fn mark_read_of_conversation(
    tx: &mut Tx,
    (account, conversation): (AccountId, ConversationId),
    has_unread: bool,
) -> Result<u64, DbError> {
    let sql = "UPDATE notifications SET is_read = $3, open_key = NULL
        WHERE account_id = $1 AND conversation_id = $2 AND NOT is_read AND NOT (kind = 'message' AND $4)";
    tx.run(sql, args![account, conversation, true, has_unread]).await
}

/// Forgets what an account was notified of a conversation.
pub(super) async fn remove_of_conversation(
    tx: &mut Tx,
    (account, conversation): (AccountId, ConversationId),
) -> Result<u64, DbError> {
    let sql = "DELETE FROM notifications WHERE account_id = $1 AND conversation_id = $2";
    tx.run(sql, args![account, conversation]).await
}

/// Marks all of an account's notifications as read; how many.
pub(crate) async fn mark_all_read(tx: &mut Tx, account: AccountId) -> Result<u64, DbError> {
    let sql = "UPDATE notifications SET is_read = $2, open_key = NULL WHERE account_id = $1 AND NOT is_read";
    tx.run(sql, args![account, true]).await
}

pub(super) async fn remove(tx: &mut Tx, account: AccountId, id: NotificationId) -> Result<u64, DbError> {
    tx.run("DELETE FROM notifications WHERE account_id = $1 AND id = $2", args![account, id]).await
}

pub(super) async fn remove_all(tx: &mut Tx, account: AccountId) -> Result<u64, DbError> {
    tx.run("DELETE FROM notifications WHERE account_id = $1", args![account]).await
}

/// The kinds that an account does not want.
pub(crate) async fn muted(db: &mut impl Sql, account: AccountId) -> Result<Vec<NotificationKind>, DbError> {
    let sql = "SELECT kind FROM muted_kinds WHERE account_id = $1 ORDER BY kind";
    let found: Vec<(String,)> = db.all(sql, args![account]).await?;
    Ok(found.iter().filter_map(|(name,)| NotificationKind::parse(name)).collect())
}

/// Has an account want all kinds but these.
pub(super) async fn mute(
    tx: &mut Tx,
    account: AccountId,
    kinds: impl IntoIterator<Item = NotificationKind> + Send,
) -> Result<(), DbError> {
    tx.run("DELETE FROM muted_kinds WHERE account_id = $1", args![account]).await?;
    let kinds: Vec<_> = kinds.into_iter().collect();
    for kind in kinds {
        let sql = "INSERT INTO muted_kinds (account_id, kind) VALUES ($1, $2)";
        tx.run(sql, args![account, kind.name()]).await?;
    }
    Ok(())
}

/// Forgets old notifications, and with them those of people who have all gone.
pub(crate) async fn sweep(db: &mut impl Sql, now: Moment) -> Result<u64, DbError> {
    db.run("DELETE FROM notifications WHERE at <= $1", args![now.millis_before(NOTIFICATION_LIFETIME)]).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_the_beginning_of_a_text_on_one_line() {
        assert_eq!(excerpt(" one\n\ntwo  three "), Some("one two three".into()));
        assert_eq!(excerpt(" \n"), None);
        let long = excerpt(&"ä".repeat(200)).unwrap();
        assert_eq!((long.chars().count(), long.chars().last()), (EXCERPT_LENGTH, Some('…')));
    }
}
