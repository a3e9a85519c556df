//! What a transaction tells of, collected while it runs and told when it has happened.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::store;
use crate::clock::Moment;
use crate::db::{DbError, Tx};
use crate::id::{AccountId, ConversationId, PostId, RingId};
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
    /// Letters have come, or were sent, read or deleted.
    Letters,
}

impl EventKind {
    /// Its name in the database.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Notification => "notification",
            Self::Notifications => "notifications",
            Self::Connections => "connections",
            Self::Letters => "letters",
        }
    }

    /// What a name in the database means; what an older version does not know makes tabs ask for their notifications.
    pub(super) fn parse(name: &str) -> Self {
        match name {
            "notification" => Self::Notification,
            "connections" => Self::Connections,
            "letters" => Self::Letters,
            _ => Self::Notifications,
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
    /// Something was written or changed in a conversation, which took this number.
    Written { conversation: ConversationId, seq: i64 },
    /// A conversation is another one for an account: it was asked to be in it, has read it, has left it.
    Conversation { account: AccountId, conversation: ConversationId },
    /// An account has deleted messages of a conversation for itself alone.
    Cleared { account: AccountId, conversation: ConversationId },
    /// An account has read, or been reached by, more of a conversation.
    Seen { conversation: ConversationId, account: AccountId },
    /// A ring that concerns an account has begun or changed.
    Ring { account: AccountId, ring: RingId },
    /// There is a block between the two: neither is told anything of the other from now on.
    Blocked { accounts: [AccountId; 2] },
}

/// The number of an event that has no row yet. Until the transaction ends, nobody else numbers events of this account or
/// changes its notifications: whoever changes those takes the number first.
#[derive(Debug)]
#[must_use = "numbers have no gaps"]
pub(crate) struct Numbered {
    account: AccountId,
    seq: i64,
}

/// What to tell when a transaction has happened, by [`Social::tell`].
#[derive(Debug, Default)]
#[must_use = "what has happened is to be told"]
pub(crate) struct News {
    accounts: BTreeSet<AccountId>,
    notified: BTreeSet<AccountId>,
    hints: Vec<Hint>,
}

impl News {
    /// Keeps the next numbers of several accounts for this transaction. For one that will write events for several of
    /// them in any order: two of those would wait for each other otherwise.
    pub(crate) async fn lock(tx: &mut Tx, accounts: impl IntoIterator<Item = AccountId>) -> Result<(), DbError> {
        let accounts: BTreeSet<_> = accounts.into_iter().collect();
        for account in accounts {
            store::lock(tx, account).await?;
        }
        Ok(())
    }

    /// Numbers an event for an account and writes it down, in the transaction of what it tells of. Whoever writes events
    /// for several accounts does so in the order of their ids, or after [`News::lock`].
    pub(crate) async fn event(
        &mut self,
        tx: &mut Tx,
        (account, kind): (AccountId, EventKind),
        subject: Option<Uuid>,
        now: Moment,
    ) -> Result<(), DbError> {
        let numbered = self.number(tx, account).await?;
        self.write(tx, numbered, (kind, subject), now).await
    }

    /// Takes the number of an account's next event, before what it tells of is known.
    pub(crate) async fn number(&mut self, tx: &mut Tx, account: AccountId) -> Result<Numbered, DbError> {
        Ok(Numbered { account, seq: store::next_number(tx, account).await? })
    }

    /// Writes down an event that has its number.
    pub(crate) async fn write(
        &mut self,
        tx: &mut Tx,
        Numbered { account, seq }: Numbered,
        (kind, subject): (EventKind, Option<Uuid>),
        now: Moment,
    ) -> Result<(), DbError> {
        store::add(tx, (account, seq), (kind, subject), now).await?;
        self.accounts.insert(account);
        if kind == EventKind::Notification {
            self.notified.insert(account);
        }
        Ok(())
    }

    /// Adds what is told without a number.
    pub(crate) fn hint(&mut self, hint: Hint) {
        self.hints.push(hint);
    }
}

impl Social {
    /// Tells what has happened. To be called when the transaction is committed. Never waits: tabs are woken, and look for
    /// themselves.
    pub(crate) fn tell(&self, news: News) {
        let News { accounts, notified, hints } = news;
        // First of all, so that nothing after it reaches who is blocked.
        for hint in &hints {
            if let Hint::Blocked { accounts: [one, other] } = *hint {
                self.tabs.forget_posts_between(one, other);
            }
        }
        for account in accounts {
            self.tabs.wake(account);
        }
        for account in notified {
            self.pushes.add(account, self.clock.now().at);
        }
        for hint in hints {
            match hint {
                Hint::Posted { author } => {
                    self.tabs.feed_changed(author);
                    self.posted.add(author);
                }
                Hint::PostChanged { post } => self.tabs.post_changed(post),
                Hint::PostGone { post } => self.tabs.post_gone(post),
                Hint::Written { conversation, seq } => self.changed.written(conversation, seq),
                Hint::Seen { conversation, account } => self.changed.seen(conversation, account),
                Hint::Cleared { account, conversation } => self.tell_cleared(account, conversation),
                Hint::Conversation { account, conversation } => self.tabs.conversation_changed(account, conversation),
                Hint::Ring { account, ring } => self.tabs.ring_changed(account, ring),
                Hint::Blocked { .. } => {}
            }
        }
    }
}
