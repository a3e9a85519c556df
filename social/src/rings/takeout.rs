//! Somebody's calls, for that person to take along.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::db::{DbError, Sql, args};
use crate::id::AccountId;

/// A call that somebody has made, or that was made to them.
#[derive(Debug, Serialize, ToSchema, sqlx::FromRow)]
pub(crate) struct OwnRing {
    id: Uuid,
    conversation: Uuid,
    media: String,
    started_at: i64,
    /// What became of it; nothing of those that one has made.
    state: Option<String>,
}

/// All that are kept: those of the last day.
pub(crate) async fn rings(db: &mut impl Sql, account: AccountId, most: i64) -> Result<Vec<OwnRing>, DbError> {
    let sql = "SELECT r.id, r.conversation_id AS conversation, r.media, r.started_at, rp.state
        FROM rings r LEFT JOIN ring_people rp ON rp.ring_id = r.id AND rp.account_id = $1
        WHERE r.caller_id = $1 OR r.id IN (SELECT ring_id FROM ring_people WHERE account_id = $1)
        ORDER BY r.id DESC LIMIT $2";
    db.all(sql, args![account, most]).await
}
