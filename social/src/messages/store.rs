//! What the database knows of messages.

use sqlx::FromRow;
use uuid::Uuid;

use super::{Message, MessageKind};
use crate::attachments::{Attachment, store as attachments};
use crate::clock::Moment;
use crate::db::{DbError, Sql, Tx, args};
use crate::id::{AccountId, ConversationId, MessageId};
use crate::limits::{MAX_NOTIFIED_MEMBERS, MAX_PAGE_ITEMS};
use crate::posts::store::page_ids;
use crate::profiles::author::{AuthorRow, author_columns, author_joins};
use crate::search::fold;
use crate::visibility::{is_there, may_open, no_block};

/// A message with its author; or with somebody else if they have gone, so that a row is whole.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct MessageRow {
    pub(crate) id: MessageId,
    pub(crate) conversation_id: ConversationId,
    pub(crate) seq: i64,
    pub(crate) changed: i64,
    client_id: Uuid,
    kind: String,
    pub(crate) text: String,
    reply_to: Option<MessageId>,
    sent_at: i64,
    edited_at: Option<i64>,
    pub(crate) is_deleted: bool,
    has_author: bool,
    #[sqlx(flatten)]
    author: AuthorRow,
}

impl MessageRow {
    /// Who wrote it, unless they have gone.
    pub(crate) fn author(&self) -> Option<AccountId> {
        self.has_author.then_some(self.author.author_id)
    }

    pub(crate) fn kind(&self) -> MessageKind {
        MessageKind::parse(&self.kind)
    }

    fn show(self, attachments: Vec<Attachment>) -> Message {
        Message {
            id: self.id.0,
            conversation: self.conversation_id.0,
            seq: self.seq,
            changed: self.changed,
            client_id: self.client_id,
            kind: self.kind(),
            author: self.has_author.then(|| self.author.show()),
            text: self.text,
            attachments,
            reply_to: self.reply_to.map(|id| id.0),
            sent_at: self.sent_at,
            edited_at: self.edited_at,
            is_deleted: self.is_deleted,
        }
    }
}

/// Messages as they are seen, with what is attached to them, by one more question.
pub(crate) async fn show(db: &mut impl Sql, rows: Vec<MessageRow>) -> Result<Vec<Message>, DbError> {
    let mut shown = Vec::new();
    let mut rows = rows.into_iter();
    loop {
        let part: Vec<_> = rows.by_ref().take(MAX_PAGE_ITEMS).collect();
        if part.is_empty() {
            return Ok(shown);
        }
        let ids: Vec<_> = part.iter().map(|row| row.id.0).collect();
        let mut found = attachments::of_messages(db, &ids).await?;
        shown.extend(part.into_iter().map(|row| {
            let attachments = found.remove(&row.id.0).unwrap_or_default();
            row.show(attachments)
        }));
    }
}

/// The columns of [`MessageRow`], of messages `g` whose author, or somebody in their stead, is `a`.
macro_rules! columns {
    () => {
        concat!(
            "g.id, g.conversation_id, g.seq, g.changed, g.client_id, g.kind, g.text, g.reply_to, g.sent_at, g.edited_at,
            g.deleted_at IS NOT NULL AS is_deleted, (g.author_id IS NOT NULL AND ",
            is_there!("a"),
            ") AS has_author, ",
            author_columns!()
        )
    };
}

/// Selects messages that the viewer, `$1`, may read.
macro_rules! messages {
    ($rest:expr) => {
        concat!(
            "SELECT ",
            columns!(),
            " FROM messages g JOIN members m ON m.conversation_id = g.conversation_id AND m.account_id = $1
                AND m.state IN ('joined', 'requested')
            JOIN conversations c ON c.id = g.conversation_id JOIN accounts a ON a.id = COALESCE(g.author_id, $1)",
            author_joins!(),
            " WHERE g.seq > m.visible_after
                AND NOT EXISTS (SELECT 1 FROM hidden_messages WHERE account_id = $1 AND message_id = g.id) AND ",
            no_block!("$1", "g.author_id"),
            " AND ",
            may_open!("$1", "c"),
            " AND ",
            $rest
        )
    };
}

/// A message that the viewer may read.
pub(crate) async fn find(db: &mut impl Sql, viewer: AccountId, id: MessageId) -> Result<Option<MessageRow>, DbError> {
    db.opt(messages!("g.id = $2"), args![viewer, id]).await
}

/// Those of at most 100 messages that the viewer may read.
pub(crate) async fn by_ids(db: &mut impl Sql, viewer: AccountId, ids: &[MessageId]) -> Result<Vec<Message>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut values = args![viewer];
    values.extend(ids.iter().take(MAX_PAGE_ITEMS).map(|id| (*id).into()));
    values.resize(1 + MAX_PAGE_ITEMS, Uuid::nil().into());
    let rows: Vec<MessageRow> = db.all(messages!(concat!("g.id IN (", page_ids!(), ")")), values).await?;
    show(db, rows).await
}

/// Messages of a conversation before a place, the last first.
pub(crate) async fn before(
    db: &mut impl Sql,
    viewer: AccountId,
    conversation: ConversationId,
    (before, most): (i64, i64),
) -> Result<Vec<MessageRow>, DbError> {
    let sql = messages!("g.conversation_id = $2 AND g.seq < $3 ORDER BY g.seq DESC LIMIT $4");
    db.all(sql, args![viewer, conversation, before, most]).await
}

/// Messages of a conversation that were changed after a number, in the order of their changes.
pub(crate) async fn changed(
    db: &mut impl Sql,
    viewer: AccountId,
    conversation: ConversationId,
    (after, most): (i64, i64),
) -> Result<Vec<MessageRow>, DbError> {
    let sql = messages!("g.conversation_id = $2 AND g.changed > $3 ORDER BY g.changed LIMIT $4");
    db.all(sql, args![viewer, conversation, after, most]).await
}

/// Messages of a conversation that say something, the last first. It reads the conversation from its end until it has enough.
pub(crate) async fn search(
    db: &mut impl Sql,
    viewer: AccountId,
    conversation: ConversationId,
    query: &str,
    (before, most): (i64, i64),
) -> Result<Vec<MessageRow>, DbError> {
    let pattern = format!("%{}%", fold::letters(query).replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
    let sql = messages!(
        "g.conversation_id = $2 AND g.seq < $3 AND g.letters LIKE $5 ESCAPE '\\' ORDER BY g.seq DESC LIMIT $4"
    );
    db.all(sql, args![viewer, conversation, before, most, pattern]).await
}

/// What was changed in a conversation from a number on, as whoever is nobody's friend sees it: what is told to all tabs.
pub(crate) async fn told(
    db: &mut impl Sql,
    conversation: ConversationId,
    (from, most): (i64, i64),
) -> Result<Vec<MessageRow>, DbError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM messages g JOIN accounts a ON a.id = COALESCE(g.author_id, (SELECT id FROM accounts LIMIT 1))",
        author_joins!(),
        " WHERE g.conversation_id = $2 AND g.changed >= $3 ORDER BY g.changed LIMIT $4"
    );
    db.all(sql, args![AccountId::NOBODY, conversation, from, most]).await
}

/// The message that an author's client has written with this id of its own.
pub(crate) async fn by_client_id(
    db: &mut impl Sql,
    author: AccountId,
    client_id: Uuid,
) -> Result<Option<MessageId>, DbError> {
    let sql = "SELECT id FROM messages WHERE author_id = $1 AND client_id = $2";
    let found: Option<(MessageId,)> = db.opt(sql, args![author, client_id]).await?;
    Ok(found.map(|(id,)| id))
}

/// A message to be added.
pub(crate) struct NewRow<'a> {
    pub(crate) id: MessageId,
    pub(crate) conversation: ConversationId,
    /// The number that it took.
    pub(crate) seq: i64,
    /// Nobody writes that a room expires.
    pub(crate) author: Option<AccountId>,
    pub(crate) client_id: Uuid,
    pub(crate) kind: MessageKind,
    pub(crate) text: &'a str,
    pub(crate) reply_to: Option<MessageId>,
}

/// Adds a message, which its author has read; whether it did: their client may have sent it before.
pub(crate) async fn add(tx: &mut Tx, new: &NewRow<'_>, now: Moment) -> Result<bool, DbError> {
    let NewRow { id, conversation, seq, author, client_id, kind, text, reply_to } = *new;
    let sql = "INSERT INTO messages (conversation_id, seq, changed, id, author_id, client_id, kind, text, letters,
            reply_to, sent_at)
        VALUES ($1, $2, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (author_id, client_id) DO NOTHING";
    let values =
        args![conversation, seq, id, author, client_id, kind.name(), text, fold::letters(text), reply_to, now.millis()];
    if tx.run(sql, values).await? == 0 {
        return Ok(false);
    }
    let sql = "UPDATE conversations SET last_message = $2, last_at = $3 WHERE id = $1";
    tx.run(sql, args![conversation, seq, now.millis()]).await?;
    if let Some(author) = author {
        mark_read(tx, (conversation, author), seq).await?;
    }
    Ok(true)
}

/// Notes that somebody has read all up to a place, which then has reached them, too; whether that is new.
pub(crate) async fn mark_read(
    db: &mut impl Sql,
    (conversation, account): (ConversationId, AccountId),
    to: i64,
) -> Result<bool, DbError> {
    let sql = "UPDATE members SET read_to = $3 WHERE conversation_id = $1 AND account_id = $2 AND read_to < $3";
    let is_new = db.run(sql, args![conversation, account, to]).await? > 0;
    mark_delivered(db, (conversation, account), to).await?;
    Ok(is_new)
}

/// Notes that all up to a place has reached a tab of somebody; whether that is new.
pub(crate) async fn mark_delivered(
    db: &mut impl Sql,
    (conversation, account): (ConversationId, AccountId),
    to: i64,
) -> Result<bool, DbError> {
    let sql =
        "UPDATE members SET delivered_to = $3 WHERE conversation_id = $1 AND account_id = $2 AND delivered_to < $3";
    Ok(db.run(sql, args![conversation, account, to]).await? > 0)
}

/// Changes what a message says; `changed` is the number that this took.
pub(crate) async fn change(
    tx: &mut Tx,
    id: MessageId,
    (text, changed): (&str, i64),
    now: Moment,
) -> Result<u64, DbError> {
    let sql = "UPDATE messages SET text = $2, letters = $3, changed = $4, edited_at = $5 WHERE id = $1";
    tx.run(sql, args![id, text, fold::letters(text), changed, now.millis()]).await
}

/// Deletes what a message says, for all; `changed` is the number that this took.
pub(crate) async fn remove(tx: &mut Tx, id: MessageId, changed: i64, now: Moment) -> Result<u64, DbError> {
    let sql = "UPDATE messages SET text = '', letters = '', changed = $2, deleted_at = $3 WHERE id = $1";
    tx.run(sql, args![id, changed, now.millis()]).await
}

/// Deletes a message for one.
pub(crate) async fn hide(db: &mut impl Sql, account: AccountId, id: MessageId) -> Result<u64, DbError> {
    let sql = "INSERT INTO hidden_messages (account_id, message_id) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    db.run(sql, args![account, id]).await
}

/// Deletes for one all that is in a conversation.
pub(crate) async fn clear(db: &mut impl Sql, conversation: ConversationId, account: AccountId) -> Result<u64, DbError> {
    let sql = "UPDATE members SET visible_after = (SELECT seq FROM conversations WHERE id = $1),
            read_to = (SELECT seq FROM conversations WHERE id = $1)
        WHERE conversation_id = $1 AND account_id = $2";
    db.run(sql, args![conversation, account]).await
}

/// Who is to be notified of the message that took this number in a locked conversation: the others in it, or the one whom a
/// stranger writes to and who has not said no, if they want to hear of it and had nothing unread. Of rooms and of large
/// conversations nobody.
pub(crate) async fn had_read_all(
    db: &mut impl Sql,
    conversation: ConversationId,
    (author, seq): (AccountId, i64),
) -> Result<Vec<AccountId>, DbError> {
    // Saying no to a stranger clears what they wrote.
    let sql = concat!(
        "SELECT m.account_id FROM conversations c JOIN members m ON m.conversation_id = c.id
        WHERE c.id = $2 AND c.expires_at IS NULL AND c.members <= $4 AND m.account_id <> $1 AND NOT m.is_muted
            AND (m.state = 'joined' OR (m.state = 'requested' AND m.visible_after = 0))
            AND NOT EXISTS (SELECT 1 FROM messages g WHERE g.conversation_id = $2 AND g.seq > m.read_to
                AND g.seq > m.visible_after AND g.seq < $3 AND g.kind = 'text' AND g.deleted_at IS NULL
                AND (g.author_id IS NULL OR (g.author_id <> m.account_id AND ",
        no_block!("m.account_id", "g.author_id"),
        "))) ORDER BY m.account_id"
    );
    let found: Vec<(AccountId,)> = db.all(sql, args![author, conversation, seq, MAX_NOTIFIED_MEMBERS]).await?;
    Ok(found.into_iter().map(|(account,)| account).collect())
}

/// How many messages somebody has written in a conversation.
pub(crate) async fn count_by(
    db: &mut impl Sql,
    conversation: ConversationId,
    author: AccountId,
) -> Result<i64, DbError> {
    let sql = "SELECT COUNT(*) FROM messages WHERE conversation_id = $1 AND author_id = $2";
    let (count,): (i64,) = db.one(sql, args![conversation, author]).await?;
    Ok(count)
}

/// Empties all messages of an account.
pub(crate) async fn empty(tx: &mut Tx, author: AccountId, now: Moment) -> Result<(), DbError> {
    let sql = "UPDATE messages SET text = '', letters = '', deleted_at = $2 WHERE author_id = $1 AND kind = 'text'";
    tx.run(sql, args![author, now.millis()]).await.map(drop)
}
