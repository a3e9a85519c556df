//! What a transaction tells of, collected while it runs and told when it has happened.

use std::collections::BTreeSet;

use crate::clock::Moment;
use crate::db::{DbError, Sql, Tx, args};
use crate::id::{AccountId, PostId};
use crate::state::Social;

/// Kinds of numbered events; in the database by their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EventKind {
    /// The subject, a notification, is new or has grown.
    Notification,
    /// Notifications were read or removed.
    Notifications,
    /// Connections have changed.
    Connections,
}

impl EventKind {
    /// Its name in the database.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Notification => "notification",
            Self::Notifications => "notifications",
            Self::Connections => "connections",
        }
    }
}

/// Something to tell that is not worth a row: whoever misses it sees it when they look again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hint {
    /// The author has posted: followers may look.
    Posted { author: AccountId },
    /// The post, its numbers or its comments have changed.
    PostChanged { post: PostId },
    /// The post has gone, or has another audience.
    PostGone { post: PostId },
    /// There is a block between the two: neither is told anything of the other from now on.
    Blocked { accounts: [AccountId; 2] },
}

/// What to tell when a transaction has happened, by [`Social::tell`].
#[derive(Debug, Default)]
#[must_use = "what has happened is to be told"]
pub(crate) struct News {
    pub(crate) accounts: BTreeSet<AccountId>,
    pub(crate) hints: Vec<Hint>,
}

impl News {
    /// Numbers an event for an account and writes it down, in the transaction of what it tells of.
    pub(crate) async fn event(
        &mut self,
        tx: &mut Tx,
        (account, kind): (AccountId, EventKind),
        subject: Option<uuid::Uuid>,
        now: Moment,
    ) -> Result<(), DbError> {
        let sql = "INSERT INTO event_heads (account_id, seq) VALUES ($1, $2)
            ON CONFLICT (account_id) DO UPDATE SET seq = event_heads.seq + 1 RETURNING seq";
        let (seq,): (i64,) = tx.one(sql, args![account, 1]).await?;
        let sql = "INSERT INTO events (account_id, seq, at, kind, subject) VALUES ($1, $2, $3, $4, $5)";
        tx.run(sql, args![account, seq, now.millis(), kind.name(), subject]).await?;
        self.accounts.insert(account);
        Ok(())
    }

    /// Adds what is told without a number.
    pub(crate) fn hint(&mut self, hint: Hint) {
        self.hints.push(hint);
    }
}

impl Social {
    /// Tells what has happened. To be called when the transaction is committed.
    pub(crate) fn tell(&self, news: News) {
        let News { accounts: _, hints: _ } = news;
    }
}
