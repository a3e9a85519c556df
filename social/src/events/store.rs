//! What the database knows of events, and of what tabs watch.

use sqlx::FromRow;
use uuid::Uuid;

use super::EventKind;
use super::chats::Listener;
use crate::clock::Moment;
use crate::db::{DbError, Sql, Tx, Value, args};
use crate::id::{AccountId, ConversationId, MessageId, PostId};
use crate::limits::{EVENT_LIFETIME, MAX_EVENTS, MAX_WATCHED, TRIM_EVENTS};
use crate::page::Cursor;
use crate::posts::PostCounts;
use crate::visibility::{is_there, may_read, no_block};

/// An event.
#[derive(Debug, FromRow)]
pub(super) struct Event {
    pub(super) seq: i64,
    kind: String,
    pub(super) subject: Option<Uuid>,
}

impl Event {
    pub(super) fn kind(&self) -> EventKind {
        EventKind::parse(&self.kind)
    }
}

/// The number of an account's next event. Its row stays locked until the transaction ends: numbers become visible in
/// their order, and none is left out.
pub(super) async fn next_number(tx: &mut Tx, account: AccountId) -> Result<i64, DbError> {
    let sql = "INSERT INTO event_heads (account_id, seq) VALUES ($1, $2)
        ON CONFLICT (account_id) DO UPDATE SET seq = event_heads.seq + 1 RETURNING seq";
    let (seq,): (i64,) = tx.one(sql, args![account, 1]).await?;
    Ok(seq)
}

/// Keeps the number of an account's next event for a transaction.
pub(super) async fn lock(tx: &mut Tx, account: AccountId) -> Result<u64, DbError> {
    let sql = "INSERT INTO event_heads (account_id, seq) VALUES ($1, $2)
        ON CONFLICT (account_id) DO UPDATE SET seq = event_heads.seq";
    tx.run(sql, args![account, 0]).await
}

/// Writes an event down. Now and then those go that are too many.
pub(super) async fn add(
    tx: &mut Tx,
    (account, seq): (AccountId, i64),
    (kind, subject): (EventKind, Option<Uuid>),
    now: Moment,
) -> Result<(), DbError> {
    let sql = "INSERT INTO events (account_id, seq, at, kind, subject) VALUES ($1, $2, $3, $4, $5)";
    tx.run(sql, args![account, seq, now.millis(), kind.name(), subject]).await?;
    if seq % TRIM_EVENTS == 0 {
        let sql = "DELETE FROM events WHERE account_id = $1 AND seq <= $2";
        tx.run(sql, args![account, seq - MAX_EVENTS]).await?;
    }
    Ok(())
}

/// The number of an account's last event; zero if there was none.
pub(super) async fn head(db: &mut impl Sql, account: AccountId) -> Result<i64, DbError> {
    let found: Option<(i64,)> = db.opt("SELECT seq FROM event_heads WHERE account_id = $1", args![account]).await?;
    Ok(found.map_or(0, |(seq,)| seq))
}

/// The events that follow `after`, in order.
pub(super) async fn following(
    db: &mut impl Sql,
    account: AccountId,
    (after, most): (i64, i64),
) -> Result<Vec<Event>, DbError> {
    let sql = "SELECT seq, kind, subject FROM events WHERE account_id = $1 AND seq > $2 ORDER BY seq LIMIT $3";
    db.all(sql, args![account, after, most]).await
}

/// The last numbers of the accounts that have had events since `since`, in milliseconds since 1970.
pub(super) async fn recent_heads(db: &mut impl Sql, since: i64) -> Result<Vec<(AccountId, i64)>, DbError> {
    db.all("SELECT account_id, MAX(seq) FROM events WHERE at > $1 GROUP BY account_id", args![since]).await
}

/// Forgets old events.
pub(crate) async fn sweep(db: &mut impl Sql, now: Moment) -> Result<u64, DbError> {
    db.run("DELETE FROM events WHERE at <= $1", args![now.millis_before(EVENT_LIFETIME)]).await
}

/// A post that a tab watches: who wrote it, and its numbers.
#[derive(Debug, FromRow)]
pub(super) struct Watched {
    pub(super) id: PostId,
    pub(super) author_id: AccountId,
    likes: i64,
    comments: i64,
}

impl Watched {
    pub(super) fn counts(&self) -> PostCounts {
        PostCounts { likes: self.likes, comments: self.comments }
    }
}

/// Posts that the viewer may read and of which the condition holds.
macro_rules! readable {
    ($condition:literal) => {
        concat!(
            "SELECT p.id, p.author_id, p.likes, p.comments FROM posts p JOIN accounts a ON a.id = p.author_id WHERE ",
            $condition,
            " AND ",
            is_there!("a"),
            " AND ",
            no_block!("$1", "a.id"),
            " AND ",
            may_read!("$1", "p")
        )
    };
}

/// Those of these posts (100 at most; more are not looked at) that the viewer may read.
pub(super) async fn readable(
    db: &mut impl Sql,
    viewer: AccountId,
    posts: impl IntoIterator<Item = PostId>,
) -> Result<Vec<Watched>, DbError> {
    let sql = readable!(
        "p.id IN ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23,
        $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44, $45,
        $46, $47, $48, $49, $50, $51, $52, $53, $54, $55, $56, $57, $58, $59, $60, $61, $62, $63, $64, $65, $66, $67,
        $68, $69, $70, $71, $72, $73, $74, $75, $76, $77, $78, $79, $80, $81, $82, $83, $84, $85, $86, $87, $88, $89,
        $90, $91, $92, $93, $94, $95, $96, $97, $98, $99, $100, $101)"
    );
    // There is no post with the nil id.
    let ids = posts.into_iter().map(Value::from).chain(std::iter::repeat(Value::from(PostId(Uuid::nil()))));
    db.all(sql, args![viewer].into_iter().chain(ids.take(MAX_WATCHED)).collect()).await
}

/// A post, if the viewer may read it.
pub(super) async fn readable_one(
    db: &mut impl Sql,
    viewer: AccountId,
    post: PostId,
) -> Result<Option<Watched>, DbError> {
    db.opt(readable!("p.id = $2"), args![viewer, post]).await
}

/// Whether there is a block between two accounts.
pub(super) async fn is_blocked(db: &mut impl Sql, one: AccountId, other: AccountId) -> Result<bool, DbError> {
    let (is_free,): (bool,) = db.one(concat!("SELECT ", no_block!("$1", "$2")), args![one, other]).await?;
    Ok(!is_free)
}

/// Followers of an author who may read the author's last post, those who came last first.
pub(super) async fn followers(
    db: &mut impl Sql,
    author: AccountId,
    (after, most): (Cursor, i64),
) -> Result<Vec<(AccountId, i64)>, DbError> {
    let sql = concat!(
        "SELECT f.follower_id, f.created_at FROM follows f
            JOIN posts p ON p.id = (SELECT id FROM posts WHERE author_id = $1 ORDER BY id DESC LIMIT 1)
        WHERE f.followed_id = $1 AND (f.created_at, f.follower_id) < ($2, $3) AND ",
        may_read!("f.follower_id", "p"),
        " ORDER BY f.created_at DESC, f.follower_id DESC LIMIT $4"
    );
    db.all(sql, args![author, after.at, AccountId(after.id), most]).await
}

/// Who is told of a conversation: who is in it, and to whom a stranger has written.
pub(super) async fn listeners(db: &mut impl Sql, conversation: ConversationId) -> Result<Vec<Listener>, DbError> {
    let sql = "SELECT account_id, visible_after FROM members WHERE conversation_id = $1
        AND state IN ('joined', 'requested')";
    db.all(sql, args![conversation]).await
}

/// Conversations in which something was changed since `since`, in milliseconds since 1970, and the numbers of their last
/// changes.
pub(super) async fn recently_written(db: &mut impl Sql, since: i64) -> Result<Vec<(ConversationId, i64)>, DbError> {
    db.all("SELECT id, seq FROM conversations WHERE changed_at > $1 AND seq > 0", args![since]).await
}

/// How far somebody has read a conversation, and how far it has reached them.
pub(super) async fn progress(
    db: &mut impl Sql,
    conversation: ConversationId,
    account: AccountId,
) -> Result<Option<(i64, i64)>, DbError> {
    let sql = "SELECT read_to, delivered_to FROM members WHERE conversation_id = $1 AND account_id = $2";
    db.opt(sql, args![conversation, account]).await
}

/// Between whom and an account there is a block.
pub(super) async fn blocked_with(db: &mut impl Sql, account: AccountId) -> Result<Vec<AccountId>, DbError> {
    let sql = "SELECT blocked_id FROM blocks WHERE blocker_id = $1
        UNION ALL SELECT blocker_id FROM blocks WHERE blocked_id = $1";
    let found: Vec<(AccountId,)> = db.all(sql, args![account]).await?;
    Ok(found.into_iter().map(|(id,)| id).collect())
}

/// Who has deleted a message for themselves.
pub(super) async fn hidden_from(db: &mut impl Sql, message: MessageId) -> Result<Vec<AccountId>, DbError> {
    let sql = "SELECT account_id FROM hidden_messages WHERE message_id = $1";
    let found: Vec<(AccountId,)> = db.all(sql, args![message]).await?;
    Ok(found.into_iter().map(|(id,)| id).collect())
}
