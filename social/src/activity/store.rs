//! What the database knows of activities.

use sqlx::FromRow;

use super::ActivityKind;
use crate::clock::Moment;
use crate::db::{DbError, Sql, args};
use crate::id::{AccountId, EntryId};
use crate::page::Cursor;

/// An activity.
#[derive(Debug, FromRow)]
pub(crate) struct Activity {
    pub(crate) id: EntryId,
    pub(crate) at: i64,
    pub(crate) kind: String,
    pub(crate) detail: Option<String>,
}

/// Notes an activity, in the transaction of what it tells of.
pub(crate) async fn note(
    db: &mut impl Sql,
    (id, account): (EntryId, AccountId),
    (kind, detail): (ActivityKind, Option<String>),
    now: Moment,
) -> Result<u64, DbError> {
    let sql = "INSERT INTO activities (id, account_id, at, kind, detail) VALUES ($1, $2, $3, $4, $5)";
    db.run(sql, args![id, account, now.millis(), kind.name(), detail]).await
}

/// The newest activities before `after`.
pub(crate) async fn list(
    db: &mut impl Sql,
    account: AccountId,
    (after, most): (Cursor, i64),
) -> Result<Vec<Activity>, DbError> {
    let sql = "SELECT id, at, kind, detail FROM activities WHERE account_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
    db.all(sql, args![account, EntryId(after.id), most]).await
}
