//! The queue of mails: a row is written in the transaction of what it tells of, so that no crash loses it; the text and
//! the token in it are made when it is sent, so that no token is stored in the clear. A mail may be sent twice when the
//! process dies between sending it and removing its row; it is never lost.

use sqlx::FromRow;

use super::{MailError, Message};
use crate::accounts::store::{self as accounts, Account, Purpose};
use crate::clock::Moment;
use crate::db::{DbError, Sql, args};
use crate::id::{AccountId, MailId};
use crate::limits::{MAIL_BACKOFF, MAIL_TRIES, RESET_LIFETIME, VERIFY_LIFETIME};
use crate::secrets::Secret;
use crate::state::Social;

/// Mails of one round.
const ROUND: i64 = 50;

/// What a mail tells; in the database by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MailKind {
    /// The link that verifies an address.
    Verify,
    /// Somebody tried to register with an address that has an account.
    AlreadyRegistered,
    /// The link that sets a new password.
    Reset,
    /// The password was changed.
    PasswordChanged,
    /// The account is to be deleted.
    DeletionRequested,
}

impl MailKind {
    const ALL: [(Self, &'static str); 5] = [
        (Self::Verify, "verify"),
        (Self::AlreadyRegistered, "already_registered"),
        (Self::Reset, "reset"),
        (Self::PasswordChanged, "password_changed"),
        (Self::DeletionRequested, "deletion_requested"),
    ];

    pub(crate) fn name(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }

    fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind)
    }
}

#[derive(Debug, FromRow)]
struct Job {
    id: MailId,
    account_id: Option<AccountId>,
    kind: String,
    tries: i64,
}

/// Puts a mail into the queue, in the transaction of what it tells of; who commits that wakes the sender. Without an
/// account nothing will be sent, at the same cost.
pub(crate) async fn queue(
    social: &Social,
    db: &mut impl Sql,
    account: Option<AccountId>,
    kind: MailKind,
) -> Result<(), DbError> {
    let now = social.clock.now();
    let id = social.rng.with(|rng| MailId::new(now, rng));
    accounts::queue_mail(db, (id, account), kind, now).await?;
    Ok(())
}

/// Sends what is due; whether there may be more.
pub(crate) async fn deliver(social: &Social) -> Result<bool, DbError> {
    let sql = "SELECT id, account_id, kind, tries FROM mails WHERE due_at <= $1 ORDER BY due_at, id LIMIT $2";
    let jobs: Vec<Job> = social.db().all(sql, args![social.clock.now().millis(), ROUND]).await?;
    let is_full = jobs.len() as i64 == ROUND;
    for job in jobs {
        let sent = attempt(social, &job).await?;
        settle(social, &job, sent).await?;
    }
    Ok(is_full)
}

async fn attempt(social: &Social, job: &Job) -> Result<Result<(), MailError>, DbError> {
    let (Some(kind), Some(id)) = (MailKind::parse(&job.kind), job.account_id) else { return Ok(Ok(())) };
    let Some(account) = accounts::by_id(&mut social.db(), id).await? else { return Ok(Ok(())) };
    let message = compose(social, &account, kind).await?;
    Ok(social.mail.send(&message, social.clock.now().system_time()).await)
}

async fn compose(social: &Social, account: &Account, kind: MailKind) -> Result<Message, DbError> {
    let now = social.clock.now();
    let (templates, to, name) = (&social.templates, account.email.as_str(), account.first_name.as_str());
    Ok(match kind {
        MailKind::Verify => {
            let token = mint(social, account, Purpose::Verify, now.millis_after(VERIFY_LIFETIME)).await?;
            templates.verify(to, name, token.expose(), VERIFY_LIFETIME)
        }
        MailKind::Reset => {
            let token = mint(social, account, Purpose::Reset, now.millis_after(RESET_LIFETIME)).await?;
            templates.reset(to, name, token.expose(), RESET_LIFETIME)
        }
        MailKind::AlreadyRegistered => templates.already_registered(to, name),
        MailKind::PasswordChanged => templates.password_changed(to, name),
        MailKind::DeletionRequested => {
            let at = account.deletion_at.and_then(|at| u64::try_from(at).ok()).unwrap_or(0);
            templates.deletion_requested(to, name, at)
        }
    })
}

/// A token of which the database keeps the hash.
async fn mint(social: &Social, account: &Account, purpose: Purpose, expires_at: i64) -> Result<Secret, DbError> {
    let token = social.rng.with(Secret::random);
    accounts::add_token(&mut social.db(), (token.hash(), account.id), purpose, expires_at).await?;
    Ok(token)
}

async fn settle(social: &Social, job: &Job, sent: Result<(), MailError>) -> Result<(), DbError> {
    let mut db = social.db();
    match sent {
        Err(error) if error.is_retryable() && job.tries + 1 < MAIL_TRIES => {
            tracing::warn!("a mail could not be sent and will be tried again: {error}");
            let due_at = retry_at(social.clock.now(), job.tries);
            let sql = "UPDATE mails SET tries = tries + 1, due_at = $2 WHERE id = $1";
            db.run(sql, args![job.id, due_at]).await?;
        }
        failed => {
            if let Err(error) = failed {
                tracing::error!("a mail could not be sent: {error}");
            }
            db.run("DELETE FROM mails WHERE id = $1", args![job.id]).await?;
        }
    }
    Ok(())
}

/// Each wait is twice the one before, up to an hour.
fn retry_at(now: Moment, tries: i64) -> i64 {
    let doublings = u32::try_from(tries.clamp(0, 7)).unwrap_or(0);
    now.millis_after((MAIL_BACKOFF * 2_u32.pow(doublings)).min(std::time::Duration::from_secs(3600)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{Clock as _, ManualClock};

    #[test]
    fn waits_double_up_to_an_hour() {
        let now = ManualClock::new().now();
        let waits: Vec<_> = (0..9).map(|tries| (retry_at(now, tries) - now.millis()) / 1000).collect();
        assert_eq!(waits, [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]);
    }

    #[test]
    fn kinds_have_names() {
        for (kind, name) in MailKind::ALL {
            assert_eq!((MailKind::parse(name), kind.name()), (Some(kind), name));
        }
    }
}
