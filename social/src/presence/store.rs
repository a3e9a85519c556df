//! What the database knows of who is here: a row for each who shows it.

use crate::db::{DbError, Sql, args};
use crate::id::AccountId;
use crate::posts::store::{page_args, page_ids};
use crate::visibility::no_block;

/// Moves ahead until when at most 100 accounts are here, those that show it.
pub(super) async fn renew(db: &mut impl Sql, accounts: &[AccountId], here_until: i64) -> Result<u64, DbError> {
    let sql = concat!(
        "INSERT INTO presence (account_id, here_until)
        SELECT account_id, CAST($1 AS BIGINT) FROM profiles WHERE shows_presence AND account_id IN (",
        page_ids!(),
        ") ON CONFLICT (account_id) DO UPDATE SET here_until = excluded.here_until"
    );
    db.run(sql, page_args(here_until, accounts)).await
}

/// Somebody has gone.
pub(super) async fn leave(db: &mut impl Sql, account: AccountId, at: i64) -> Result<u64, DbError> {
    db.run("UPDATE presence SET here_until = $2 WHERE account_id = $1", args![account, at]).await
}

/// Forgets when somebody was here.
pub(super) async fn forget(db: &mut impl Sql, account: AccountId) -> Result<u64, DbError> {
    db.run("DELETE FROM presence WHERE account_id = $1", args![account]).await
}

/// Until when somebody is, or was, here; none if they do not show it.
pub(super) async fn here_until(db: &mut impl Sql, account: AccountId) -> Result<Option<i64>, DbError> {
    let sql = "SELECT here_until FROM presence WHERE account_id = $1";
    let found: Option<(i64,)> = db.opt(sql, args![account]).await?;
    Ok(found.map(|(at,)| at))
}

/// Who may know whether somebody is here: who is in a conversation of two with them and shows it too.
pub(crate) async fn watchers(db: &mut impl Sql, account: AccountId) -> Result<Vec<AccountId>, DbError> {
    let sql = concat!(
        "SELECT w.account_id FROM members m JOIN conversations c ON c.id = m.conversation_id
            JOIN members w ON w.conversation_id = c.id AND w.account_id <> $1
            JOIN profiles p ON p.account_id = w.account_id
        WHERE m.account_id = $1 AND m.state = 'joined' AND c.kind = 'direct' AND w.state = 'joined'
            AND p.shows_presence AND ",
        no_block!("$1", "w.account_id")
    );
    let found: Vec<(AccountId,)> = db.all(sql, args![account]).await?;
    Ok(found.into_iter().map(|(account,)| account).collect())
}

/// A column: until when the account of the member `o`, with its profile `pr`, is here, if the viewer, `$1`, may know.
macro_rules! seen_by_viewer {
    () => {
        "(SELECT ps.here_until FROM presence ps
            JOIN profiles vp ON vp.account_id = $1 AND vp.shows_presence
            JOIN members me ON me.account_id = $1 AND me.conversation_id = o.conversation_id AND me.state = 'joined'
        WHERE ps.account_id = o.account_id AND pr.shows_presence AND o.state = 'joined') AS here_until"
    };
}
pub(crate) use seen_by_viewer;
