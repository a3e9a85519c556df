//! What the database knows of rooms.

use sqlx::FromRow;

use crate::clock::Moment;
use crate::conversations::ChatRoom;
use crate::db::{DbError, Sql, Tx, args};
use crate::id::{AccountId, ConversationId};
use crate::page::Cursor;

/// A public room, and whether the viewer is in it.
#[derive(Debug, FromRow)]
pub(crate) struct RoomRow {
    id: ConversationId,
    title: String,
    members: i64,
    last_at: i64,
    expires_at: i64,
    is_joined: bool,
}

impl RoomRow {
    /// Where it is in the list.
    pub(super) fn cursor(&self) -> Cursor {
        Cursor { at: self.last_at, id: self.id.0 }
    }

    pub(super) fn show(self) -> ChatRoom {
        let Self { id, title, members, last_at, expires_at, is_joined } = self;
        ChatRoom { id: id.0, title, members, last_at, expires_at, is_joined }
    }
}

/// Public rooms, those with the last messages first.
pub(crate) async fn public(
    db: &mut impl Sql,
    viewer: AccountId,
    (after, most): (Cursor, i64),
) -> Result<Vec<RoomRow>, DbError> {
    let sql = "SELECT c.id, c.title, c.members, c.last_at, c.expires_at, EXISTS (SELECT 1 FROM members
                WHERE conversation_id = c.id AND account_id = $1 AND state = 'joined') AS is_joined
        FROM conversations c WHERE c.kind = 'public_room' AND (c.last_at, c.id) < ($2, $3)
        ORDER BY c.last_at DESC, c.id DESC LIMIT $4";
    db.all(sql, args![viewer, after.at, ConversationId(after.id), most]).await
}

/// The kind of a room, whoever asks; none if there is no such room.
pub(crate) async fn kind(db: &mut impl Sql, id: ConversationId) -> Result<Option<String>, DbError> {
    let sql = "SELECT kind FROM conversations WHERE id = $1 AND expires_at IS NOT NULL";
    let found: Option<(String,)> = db.opt(sql, args![id]).await?;
    Ok(found.map(|(kind,)| kind))
}

/// How many rooms an account looks after as their owner.
pub(crate) async fn owned(db: &mut impl Sql, account: AccountId) -> Result<i64, DbError> {
    let sql = "SELECT COUNT(*) FROM members m JOIN conversations c ON c.id = m.conversation_id
        WHERE m.account_id = $1 AND m.role = 'owner' AND c.expires_at IS NOT NULL";
    let (count,): (i64,) = db.one(sql, args![account]).await?;
    Ok(count)
}

/// Rooms whose people are to be warned: those that are deleted before `until`, in milliseconds since 1970.
pub(super) async fn to_warn(db: &mut impl Sql, until: i64) -> Result<Vec<ConversationId>, DbError> {
    let sql = "SELECT id FROM conversations WHERE expires_at <= $1 AND is_warned = $2 LIMIT 100";
    let found: Vec<(ConversationId,)> = db.all(sql, args![until, false]).await?;
    Ok(found.into_iter().map(|(id,)| id).collect())
}

/// Notes that a room's people were warned; whether that is new.
pub(super) async fn warned(tx: &mut Tx, id: ConversationId) -> Result<bool, DbError> {
    let sql = "UPDATE conversations SET is_warned = $2 WHERE id = $1 AND is_warned <> $2";
    Ok(tx.run(sql, args![id, true]).await? > 0)
}

/// Rooms whose time is over.
pub(super) async fn expired(db: &mut impl Sql, now: Moment) -> Result<Vec<ConversationId>, DbError> {
    let sql = "SELECT id FROM conversations WHERE expires_at <= $1 LIMIT 100";
    let found: Vec<(ConversationId,)> = db.all(sql, args![now.millis()]).await?;
    Ok(found.into_iter().map(|(id,)| id).collect())
}

/// Deletes a room and all that was written in it; who was in it.
pub(super) async fn remove(tx: &mut Tx, id: ConversationId) -> Result<Vec<AccountId>, DbError> {
    let found: Vec<(AccountId,)> =
        tx.all("SELECT account_id FROM members WHERE conversation_id = $1", args![id]).await?;
    tx.run("DELETE FROM conversations WHERE id = $1", args![id]).await?;
    Ok(found.into_iter().map(|(id,)| id).collect())
}
