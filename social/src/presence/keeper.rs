//! Keeps the rows of those who have tabs at this process, and tells who may know.

use std::time::Duration;

use super::rounds::{News, Rounds};
use super::{Presence, store};
use crate::clock::Moment;
use crate::db::DbError;
use crate::events::SocialEvent;
use crate::id::AccountId;
use crate::limits::{MAX_PAGE_ITEMS, PRESENCE_GRACE, PRESENCE_LEASE, PRESENCE_PACE};
use crate::state::Social;

impl Social {
    /// Keeps them for ever.
    pub(crate) async fn keep_presence(&self) {
        let mut rounds = Rounds::default();
        loop {
            let now = self.clock.now();
            let news = rounds.next(&self.tabs.online(), now);
            if let Err(error) = self.note_presence(&news, now).await {
                // The next renewal mends who is here; who has gone is so by itself.
                tracing::warn!("cannot note who is here: {error}");
            }
            // A storm of tabs is one round.
            self.clock.sleep_until(now.at + PRESENCE_PACE).await;
            tokio::select! {
                () = self.clock.sleep_until(now.at + PRESENCE_GRACE) => {}
                () = self.tabs.come_and_go() => {}
            }
        }
    }

    async fn note_presence(&self, news: &News, now: Moment) -> Result<(), DbError> {
        let mut db = self.db();
        for accounts in news.renewed.chunks(MAX_PAGE_ITEMS) {
            store::renew(&mut db, accounts, now.millis_after(PRESENCE_LEASE)).await?;
        }
        for (account, at) in &news.gone {
            store::leave(&mut db, *account, *at).await?;
        }
        for account in news.come.iter().chain(news.gone.iter().map(|(account, _)| account)) {
            // Of somebody who hides it, nobody hears that there is something to hide.
            if let Some(here_until) = store::here_until(&mut db, *account).await? {
                self.tell_presence(*account, Some(Presence::of(here_until, now))).await?;
            }
        }
        Ok(())
    }

    /// Shows or hides whether somebody is here, as they wish from now on.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn show_presence(&self, account: AccountId, is_shown: bool) -> Result<(), DbError> {
        let now = self.clock.now();
        let mut db = self.db();
        if is_shown {
            let lease = if self.tabs.is_online(account) { PRESENCE_LEASE } else { Duration::ZERO };
            let here_until = now.millis_after(lease);
            store::renew(&mut db, &[account], here_until).await?;
            self.tell_presence(account, Some(Presence::of(here_until, now))).await?;
        } else {
            store::forget(&mut db, account).await?;
            self.tell_presence(account, None).await?;
        }
        // Whoever hides it sees it of nobody.
        self.tabs.send(account, &SocialEvent::MessagesGap.line());
        Ok(())
    }

    async fn tell_presence(&self, account: AccountId, presence: Option<Presence>) -> Result<(), DbError> {
        if !self.tabs.is_anybody_online() {
            return Ok(());
        }
        let line = SocialEvent::Presence { account: account.0, presence }.line();
        for watcher in store::watchers(&mut self.db(), account).await? {
            self.tabs.send(watcher, &line);
        }
        Ok(())
    }
}
