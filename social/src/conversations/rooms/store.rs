//! What the database knows of rooms.

use sqlx::FromRow;

use crate::clock::Moment;
use crate::conversations::{ChatRoom, ConversationKind, MemberState};
use crate::db::{DbError, Sql, Tx, args};
use crate::id::{AccountId, ConversationId};
use crate::page::Cursor;

/// A room, and how far the viewer is in it.
#[derive(Debug, FromRow)]
pub(crate) struct RoomRow {
    id: ConversationId,
    kind: String,
    title: String,
    members: i64,
    last_at: i64,
    expires_at: i64,
    state: Option<String>,
}

impl RoomRow {
    /// Where it is in the list.
    pub(super) fn cursor(&self) -> Cursor {
        Cursor { at: self.last_at, id: self.id.0 }
    }

    pub(super) fn show(self) -> ChatRoom {
        let Self { id, kind, title, members, last_at, expires_at, state } = self;
        let is_public = ConversationKind::parse(&kind) == ConversationKind::PublicRoom;
        let state = state.as_deref().map(MemberState::parse);
        ChatRoom { id: id.0, title, is_public, members, last_at, expires_at, state }
    }
}

/// Selects [`RoomRow`]s `c`, with the place `m` of the viewer, `$1`.
macro_rules! rooms {
    ($rest:literal) => {
        concat!(
            "SELECT c.id, c.kind, c.title, c.members, c.last_at, c.expires_at, m.state
            FROM conversations c LEFT JOIN members m ON m.conversation_id = c.id AND m.account_id = $1 WHERE ",
            $rest
        )
    };
}

/// Public rooms, those with the last messages first.
pub(crate) async fn public(
    db: &mut impl Sql,
    viewer: AccountId,
    (after, most): (Cursor, i64),
) -> Result<Vec<RoomRow>, DbError> {
    let sql =
        rooms!("c.kind = 'public_room' AND (c.last_at, c.id) < ($2, $3) ORDER BY c.last_at DESC, c.id DESC LIMIT $4");
    db.all(sql, args![viewer, after.at, ConversationId(after.id), most]).await
}

/// A room, public or private.
pub(crate) async fn find(db: &mut impl Sql, viewer: AccountId, id: ConversationId) -> Result<Option<RoomRow>, DbError> {
    db.opt(rooms!("c.id = $2 AND c.expires_at IS NOT NULL"), args![viewer, id]).await
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

/// Keeps somebody out of a room until they are invited.
pub(crate) async fn keep_out(tx: &mut Tx, id: ConversationId, account: AccountId) -> Result<u64, DbError> {
    let sql = "INSERT INTO removed_members (conversation_id, account_id) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    tx.run(sql, args![id, account]).await
}

/// Lets somebody come again who was kept out.
pub(crate) async fn forgive(tx: &mut Tx, id: ConversationId, account: AccountId) -> Result<u64, DbError> {
    tx.run("DELETE FROM removed_members WHERE conversation_id = $1 AND account_id = $2", args![id, account]).await
}

/// Whether somebody is kept out of a room.
pub(crate) async fn is_kept_out(tx: &mut Tx, id: ConversationId, account: AccountId) -> Result<bool, DbError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM removed_members WHERE conversation_id = $1 AND account_id = $2)";
    let (is_kept_out,): (bool,) = tx.one(sql, args![id, account]).await?;
    Ok(is_kept_out)
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
