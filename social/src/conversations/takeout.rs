//! What somebody wrote in conversations, for that person to take along.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::db::{DbError, Sql, args};
use crate::id::AccountId;

/// A message that one has written.
#[derive(Debug, Serialize, ToSchema, sqlx::FromRow)]
pub(crate) struct OwnMessage {
    id: Uuid,
    conversation: Uuid,
    text: String,
    sent_at: i64,
    edited_at: Option<i64>,
}

/// A conversation in which one is.
#[derive(Debug, Serialize, ToSchema, sqlx::FromRow)]
pub(crate) struct OwnConversation {
    id: Uuid,
    kind: String,
    title: String,
    role: String,
    state: String,
    since: i64,
}

/// At most `most` messages, the last first.
pub(crate) async fn messages(db: &mut impl Sql, account: AccountId, most: i64) -> Result<Vec<OwnMessage>, DbError> {
    let sql = "SELECT id, conversation_id AS conversation, text, sent_at, edited_at FROM messages
        WHERE author_id = $1 AND kind = 'text' AND deleted_at IS NULL ORDER BY id DESC LIMIT $2";
    db.all(sql, args![account, most]).await
}

/// At most `most` conversations.
pub(crate) async fn conversations(
    db: &mut impl Sql,
    account: AccountId,
    most: i64,
) -> Result<Vec<OwnConversation>, DbError> {
    let sql = "SELECT c.id, c.kind, c.title, m.role, m.state, m.since
        FROM members m JOIN conversations c ON c.id = m.conversation_id WHERE m.account_id = $1 LIMIT $2";
    db.all(sql, args![account, most]).await
}
