//! What the database knows of accounts and of the links that were mailed to them.

use sqlx::FromRow;

use crate::clock::Moment;
use crate::db::{DbError, Sql, args};
use crate::id::{AccountId, MailId};
use crate::mail::jobs::MailKind;
use crate::search;
use crate::secrets::SecretHash;

/// An account.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct Account {
    pub(crate) id: AccountId,
    pub(crate) username: String,
    pub(crate) email: String,
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    pub(crate) password: String,
    pub(crate) is_admin: bool,
    pub(crate) is_suspended: bool,
    pub(crate) created_at: i64,
    pub(crate) verified_at: Option<i64>,
    pub(crate) deletion_at: Option<i64>,
}

/// The columns of [`Account`], of the one for which a condition holds.
macro_rules! account {
    ($condition:literal) => {
        concat!(
            "SELECT id, username, email, first_name, last_name, password, is_admin, is_suspended, created_at,
                verified_at, deletion_at
            FROM accounts WHERE ",
            $condition
        )
    };
}

/// What a new account has.
pub(crate) struct NewAccount<'a> {
    pub(crate) id: AccountId,
    pub(crate) username: &'a str,
    pub(crate) username_key: &'a str,
    pub(crate) email: &'a str,
    pub(crate) email_key: &'a str,
    pub(crate) first_name: &'a str,
    pub(crate) last_name: &'a str,
    pub(crate) password: &'a str,
}

/// What a mailed link is for; in the database by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Verify,
    Reset,
}

impl Purpose {
    fn name(self) -> &'static str {
        match self {
            Self::Verify => "verify",
            Self::Reset => "reset",
        }
    }
}

pub(crate) async fn by_id(db: &mut impl Sql, id: AccountId) -> Result<Option<Account>, DbError> {
    db.opt(account!("id = $1"), args![id]).await
}

pub(crate) async fn by_username(db: &mut impl Sql, key: &str) -> Result<Option<Account>, DbError> {
    db.opt(account!("username_key = $1"), args![key]).await
}

pub(crate) async fn by_email(db: &mut impl Sql, key: &str) -> Result<Option<Account>, DbError> {
    db.opt(account!("email_key = $1"), args![key]).await
}

/// Whether anybody has an account, be it never verified or to be deleted.
pub(crate) async fn is_any(db: &mut impl Sql) -> Result<bool, DbError> {
    let found: Option<(AccountId,)> = db.opt("SELECT id FROM accounts LIMIT 1", args![]).await?;
    Ok(found.is_some())
}

/// Makes an account with an empty profile; whether both names were free.
pub(crate) async fn create(db: &mut impl Sql, new: &NewAccount<'_>, now: Moment) -> Result<bool, DbError> {
    let sql = "INSERT INTO accounts (id, username, username_key, email, email_key, first_name, last_name, password,
            is_admin, is_suspended, created_at, verified_at, deletion_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10, NULL, NULL) ON CONFLICT DO NOTHING";
    let NewAccount { id, username, username_key, email, email_key, first_name, last_name, password } = *new;
    let names = args![id, username, username_key, email, email_key, first_name, last_name, password];
    let made = db.run(sql, [names, args![false, now.millis()]].concat()).await?;
    if made == 0 {
        return Ok(false);
    }
    let sql = "INSERT INTO profiles (account_id, links, visibility, findable_by_email) VALUES ($1, $2, $3, $4)";
    db.run(sql, args![id, "[]", "{}", false]).await?;
    let sql =
        "INSERT INTO account_counts (account_id, followers, following, friends, posts) VALUES ($1, $2, $2, $2, $2)";
    db.run(sql, args![id, 0]).await?;
    search::index_names(db, id, [first_name, last_name]).await?;
    search::index_username(db, id, username).await?;
    Ok(true)
}

/// Forgets a registration that nobody verified, or the decoy of one, so that its address can register again.
pub(crate) async fn forget_unverified(db: &mut impl Sql, email_key: &str, decoy_key: &str) -> Result<u64, DbError> {
    let sql = "DELETE FROM accounts WHERE (email_key = $1 OR email_key = $2) AND verified_at IS NULL";
    db.run(sql, args![email_key, decoy_key]).await
}

pub(crate) async fn verify(db: &mut impl Sql, account: AccountId, now: Moment) -> Result<u64, DbError> {
    db.run("UPDATE accounts SET verified_at = $2 WHERE id = $1 AND verified_at IS NULL", args![account, now.millis()])
        .await
}

pub(crate) async fn set_password(db: &mut impl Sql, account: AccountId, hash: &str) -> Result<u64, DbError> {
    db.run("UPDATE accounts SET password = $2 WHERE id = $1", args![account, hash]).await
}

pub(crate) async fn set_names(db: &mut impl Sql, account: AccountId, first: &str, last: &str) -> Result<(), DbError> {
    db.run("UPDATE accounts SET first_name = $2, last_name = $3 WHERE id = $1", args![account, first, last]).await?;
    search::index_names(db, account, [first, last]).await
}

/// When the account will be purged; `None` keeps it.
pub(crate) async fn set_deletion(db: &mut impl Sql, account: AccountId, at: Option<i64>) -> Result<u64, DbError> {
    db.run("UPDATE accounts SET deletion_at = $2 WHERE id = $1", args![account, at]).await
}

/// Makes an account an administrator, or an administrator an account.
pub(crate) async fn set_admin(db: &mut impl Sql, username_key: &str, is_admin: bool) -> Result<bool, DbError> {
    let sql = "UPDATE accounts SET is_admin = $2 WHERE username_key = $1";
    Ok(db.run(sql, args![username_key, is_admin]).await? > 0)
}

/// Puts a mail into the queue, in the transaction of what it tells of. Without an account nothing will be sent, at the
/// same cost.
pub(crate) async fn queue_mail(
    db: &mut impl Sql,
    (id, account): (MailId, Option<AccountId>),
    kind: MailKind,
    now: Moment,
) -> Result<u64, DbError> {
    let sql = "INSERT INTO mails (id, account_id, kind, created_at, due_at, tries) VALUES ($1, $2, $3, $4, $4, $5)";
    db.run(sql, args![id, account, kind.name(), now.millis(), 0]).await
}

/// Remembers a link's token.
pub(crate) async fn add_token(
    db: &mut impl Sql,
    (token, account): (SecretHash, AccountId),
    purpose: Purpose,
    expires_at: i64,
) -> Result<u64, DbError> {
    let sql = "INSERT INTO mail_tokens (token_hash, account_id, purpose, expires_at) VALUES ($1, $2, $3, $4)";
    db.run(sql, args![token, account, purpose.name(), expires_at]).await
}

/// Spends a token and all others of its account and purpose: whose it was, if it was good.
pub(crate) async fn spend_token(
    db: &mut impl Sql,
    token: SecretHash,
    purpose: Purpose,
    now: Moment,
) -> Result<Option<AccountId>, DbError> {
    let sql = "DELETE FROM mail_tokens WHERE token_hash = $1 AND purpose = $2 AND expires_at > $3 RETURNING account_id";
    let found: Option<(AccountId,)> = db.opt(sql, args![token, purpose.name(), now.millis()]).await?;
    let Some((account,)) = found else { return Ok(None) };
    forget_tokens(db, account, purpose).await?;
    Ok(Some(account))
}

/// Makes all links of one purpose useless.
pub(crate) async fn forget_tokens(db: &mut impl Sql, account: AccountId, purpose: Purpose) -> Result<u64, DbError> {
    db.run("DELETE FROM mail_tokens WHERE account_id = $1 AND purpose = $2", args![account, purpose.name()]).await
}

pub(crate) async fn sweep_tokens(db: &mut impl Sql, now: Moment) -> Result<u64, DbError> {
    db.run("DELETE FROM mail_tokens WHERE expires_at <= $1", args![now.millis()]).await
}

/// Accounts whose time has come: deleted by their owners, or never verified.
pub(crate) async fn due_for_purge(
    db: &mut impl Sql,
    now: Moment,
    unverified_before: i64,
) -> Result<Vec<AccountId>, DbError> {
    let sql = "SELECT id FROM accounts WHERE deletion_at <= $1 OR (verified_at IS NULL AND created_at <= $2) LIMIT 100";
    let found: Vec<(AccountId,)> = db.all(sql, args![now.millis(), unverified_before]).await?;
    Ok(found.into_iter().map(|(id,)| id).collect())
}

/// When the time of the next account that its owner has deleted comes.
pub(crate) async fn next_deletion(db: &mut impl Sql) -> Result<Option<i64>, DbError> {
    let found: (Option<i64>,) =
        db.one("SELECT MIN(deletion_at) FROM accounts WHERE deletion_at IS NOT NULL", args![]).await?;
    Ok(found.0)
}

/// Removes an account and all that hangs on it, if it is due by the rule of [`due_for_purge`].
pub(crate) async fn purge(
    db: &mut impl Sql,
    account: AccountId,
    now: Moment,
    unverified_before: i64,
) -> Result<u64, DbError> {
    let sql = "DELETE FROM accounts
        WHERE id = $1 AND (deletion_at <= $2 OR (verified_at IS NULL AND created_at <= $3))";
    db.run(sql, args![account, now.millis(), unverified_before]).await
}
