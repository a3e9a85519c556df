//! What the database knows of sessions and logins.

use sqlx::FromRow;

use crate::clock::Moment;
use crate::db::{DbError, Sql, args};
use crate::id::{AccountId, EntryId, SessionId};
use crate::limits::{MAX_SESSIONS, SEEN_PRECISION, SESSION_IDLE, SESSION_LIFETIME};
use crate::page::Cursor;
use crate::secrets::SecretHash;

/// A session.
#[derive(Debug, FromRow)]
pub(crate) struct Session {
    pub(crate) id: SessionId,
    pub(crate) account_id: AccountId,
    pub(crate) created_at: i64,
    pub(crate) seen_at: i64,
    pub(crate) user_agent: String,
    pub(crate) address: String,
}

/// A try to sign in.
#[derive(Debug, FromRow)]
pub(crate) struct Login {
    pub(crate) id: EntryId,
    pub(crate) at: i64,
    pub(crate) user_agent: String,
    pub(crate) address: String,
    pub(crate) succeeded: bool,
}

/// From where somebody signs in.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) user_agent: String,
    pub(crate) address: String,
}

/// The session that this token opens, unless it has expired or its account may not be used.
pub(crate) async fn by_token(db: &mut impl Sql, token: SecretHash, now: Moment) -> Result<Option<Session>, DbError> {
    let sql = "SELECT s.id, s.account_id, s.created_at, s.seen_at, s.user_agent, s.address
        FROM sessions s JOIN accounts a ON a.id = s.account_id
        WHERE s.token_hash = $1 AND s.seen_at > $2 AND s.created_at > $3
            AND a.verified_at IS NOT NULL AND a.deletion_at IS NULL AND a.is_suspended = $4";
    let (idle, old) = (now.millis_before(SESSION_IDLE), now.millis_before(SESSION_LIFETIME));
    db.opt(sql, args![token, idle, old, false]).await
}

/// Whether the session's last use is old enough to be noted again.
pub(crate) fn is_due(session: &Session, now: Moment) -> bool {
    session.seen_at <= now.millis_before(SEEN_PRECISION)
}

pub(crate) async fn note_use(db: &mut impl Sql, session: SessionId, now: Moment) -> Result<u64, DbError> {
    db.run("UPDATE sessions SET seen_at = $2 WHERE id = $1", args![session, now.millis()]).await
}

/// Begins a session; the oldest one beyond the limit ends.
pub(crate) async fn begin(
    db: &mut impl Sql,
    (session, account): (SessionId, AccountId),
    token: SecretHash,
    place: &Place,
    now: Moment,
) -> Result<(), DbError> {
    let sql = "INSERT INTO sessions (id, account_id, token_hash, created_at, seen_at, user_agent, address)
        VALUES ($1, $2, $3, $4, $4, $5, $6)";
    let Place { user_agent, address } = place;
    db.run(sql, args![session, account, token, now.millis(), user_agent.as_str(), address.as_str()]).await?;
    let sql = "DELETE FROM sessions WHERE account_id = $1 AND id NOT IN
        (SELECT id FROM sessions WHERE account_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2)";
    db.run(sql, args![account, MAX_SESSIONS]).await?;
    Ok(())
}

/// Gives a session another token: the one before opens nothing any more, whoever has a copy.
pub(crate) async fn rotate(db: &mut impl Sql, session: SessionId, token: SecretHash) -> Result<u64, DbError> {
    db.run("UPDATE sessions SET token_hash = $2 WHERE id = $1", args![session, token]).await
}

pub(crate) async fn of_account(db: &mut impl Sql, account: AccountId) -> Result<Vec<Session>, DbError> {
    let sql = "SELECT id, account_id, created_at, seen_at, user_agent, address
        FROM sessions WHERE account_id = $1 ORDER BY seen_at DESC, id DESC";
    db.all(sql, args![account]).await
}

/// Ends one session of this account; whether there was such a one.
pub(crate) async fn end(db: &mut impl Sql, account: AccountId, session: SessionId) -> Result<bool, DbError> {
    Ok(db.run("DELETE FROM sessions WHERE account_id = $1 AND id = $2", args![account, session]).await? > 0)
}

/// Ends the session that this token opens.
pub(crate) async fn end_by_token(db: &mut impl Sql, token: SecretHash) -> Result<u64, DbError> {
    db.run("DELETE FROM sessions WHERE token_hash = $1", args![token]).await
}

/// Ends all sessions of this account but one.
pub(crate) async fn end_all(db: &mut impl Sql, account: AccountId, but: Option<SessionId>) -> Result<u64, DbError> {
    let but = but.unwrap_or(SessionId(uuid::Uuid::nil()));
    db.run("DELETE FROM sessions WHERE account_id = $1 AND id <> $2", args![account, but]).await
}

/// Forgets sessions that have expired.
pub(crate) async fn sweep(db: &mut impl Sql, now: Moment) -> Result<u64, DbError> {
    let (idle, old) = (now.millis_before(SESSION_IDLE), now.millis_before(SESSION_LIFETIME));
    db.run("DELETE FROM sessions WHERE seen_at <= $1 OR created_at <= $2", args![idle, old]).await
}

pub(crate) async fn note_login(
    db: &mut impl Sql,
    (id, account): (EntryId, AccountId),
    place: &Place,
    succeeded: bool,
    now: Moment,
) -> Result<u64, DbError> {
    let sql = "INSERT INTO logins (id, account_id, at, user_agent, address, succeeded) VALUES ($1, $2, $3, $4, $5, $6)";
    let Place { user_agent, address } = place;
    db.run(sql, args![id, account, now.millis(), user_agent.as_str(), address.as_str(), succeeded]).await
}

/// The newest logins before `after`.
pub(crate) async fn logins(
    db: &mut impl Sql,
    account: AccountId,
    (after, most): (Cursor, i64),
) -> Result<Vec<Login>, DbError> {
    let sql = "SELECT id, at, user_agent, address, succeeded FROM logins
        WHERE account_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
    db.all(sql, args![account, EntryId(after.id), most]).await
}

/// Forgets logins and activities of long ago.
pub(crate) async fn sweep_logins(db: &mut impl Sql, before: i64) -> Result<u64, DbError> {
    db.run("DELETE FROM logins WHERE at <= $1", args![before]).await
}

/// Whether the session still opens anything.
pub(crate) async fn exists(db: &mut impl Sql, session: SessionId, now: Moment) -> Result<bool, DbError> {
    let sql = "SELECT s.seen_at FROM sessions s JOIN accounts a ON a.id = s.account_id
        WHERE s.id = $1 AND s.created_at > $2 AND a.deletion_at IS NULL AND a.is_suspended = $3";
    let found: Option<(i64,)> = db.opt(sql, args![session, now.millis_before(SESSION_LIFETIME), false]).await?;
    Ok(found.is_some())
}
