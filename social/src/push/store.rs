//! What the database knows of browsers that are to be woken.

use crate::clock::Moment;
use crate::db::{DbError, Sql, Tx, args};
use crate::id::{AccountId, SessionId};
use crate::limits::MAX_SUBSCRIPTIONS;
use crate::visibility::is_there;

/// Wakes a browser for this account and as long as this session lasts; the oldest one beyond the limit is forgotten. A
/// browser in which somebody else was signed in before is woken for them no more.
pub(super) async fn add(
    tx: &mut Tx,
    endpoint: &str,
    (account, session): (AccountId, SessionId),
    now: Moment,
) -> Result<(), DbError> {
    let sql = "INSERT INTO push_subscriptions (endpoint, account_id, session_id, created_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (endpoint) DO UPDATE SET account_id = excluded.account_id, session_id = excluded.session_id,
            created_at = excluded.created_at";
    tx.run(sql, args![endpoint, account, session, now.millis()]).await?;
    let sql = "DELETE FROM push_subscriptions WHERE account_id = $1 AND endpoint <> $2 AND endpoint NOT IN
        (SELECT endpoint FROM push_subscriptions WHERE account_id = $1 AND endpoint <> $2
            ORDER BY created_at DESC, endpoint LIMIT $3)";
    tx.run(sql, args![account, endpoint, MAX_SUBSCRIPTIONS - 1]).await?;
    Ok(())
}

pub(super) async fn remove(db: &mut impl Sql, account: AccountId, endpoint: &str) -> Result<u64, DbError> {
    let sql = "DELETE FROM push_subscriptions WHERE account_id = $1 AND endpoint = $2";
    db.run(sql, args![account, endpoint]).await
}

pub(super) async fn count(db: &mut impl Sql, account: AccountId) -> Result<i64, DbError> {
    let sql = "SELECT COUNT(*) FROM push_subscriptions WHERE account_id = $1";
    let (count,): (i64,) = db.one(sql, args![account]).await?;
    Ok(count)
}

/// Where an account's browsers are woken.
pub(super) async fn endpoints(db: &mut impl Sql, account: AccountId) -> Result<Vec<String>, DbError> {
    let sql = concat!(
        "SELECT s.endpoint FROM push_subscriptions s JOIN accounts a ON a.id = s.account_id WHERE s.account_id = $1 AND ",
        is_there!("a")
    );
    let found: Vec<(String,)> = db.all(sql, args![account]).await?;
    Ok(found.into_iter().map(|(endpoint,)| endpoint).collect())
}
