//! What is told off the path of requests: followers hear that somebody has posted, and tabs of what other processes wrote.

use super::store;
use crate::db::{Db, DbError};
use crate::id::AccountId;
use crate::limits::{EVENT_LOOK_BACK, EVENT_LOOK_INTERVAL, FOLLOWER_BATCH};
use crate::page::Cursor;
use crate::state::Social;

impl Social {
    /// Tells for ever.
    pub(crate) async fn tell_for_ever(&self) {
        tokio::join!(self.tell_followers(), self.tell_of_conversations(), self.look_for_events());
    }

    async fn tell_followers(&self) {
        loop {
            let author = self.posted.next().await;
            if let Err(error) = self.tell_followers_of(author).await {
                tracing::warn!("cannot tell followers of a post: {error}");
            }
        }
    }

    /// One author after the other and page by page, so that somebody with many followers is no burst of work.
    async fn tell_followers_of(&self, author: AccountId) -> Result<(), DbError> {
        let mut db = self.db();
        let mut after = Cursor::NEWEST;
        while self.tabs.is_anybody_online() {
            let found = store::followers(&mut db, author, (after, FOLLOWER_BATCH)).await?;
            let Some((last, at)) = found.last().copied() else { break };
            found.into_iter().for_each(|(follower, _)| self.tabs.feed_changed(follower));
            after = Cursor { at, id: last.0 };
        }
        Ok(())
    }

    /// Processes that share a database do not know of each other: each looks what the others have written. One question
    /// for all tabs together.
    async fn look_for_events(&self) {
        if matches!(self.db, Db::Sqlite { .. }) {
            return;
        }
        loop {
            self.clock.sleep_until(self.clock.now().at + EVENT_LOOK_INTERVAL).await;
            if !self.tabs.is_anybody_online() {
                continue;
            }
            match store::recent_heads(&mut self.db(), self.clock.now().millis_before(EVENT_LOOK_BACK)).await {
                Ok(heads) => heads.into_iter().for_each(|(account, seq)| self.tabs.wake_behind(account, seq)),
                Err(error) => tracing::warn!("cannot look for events: {error}"),
            }
            self.look_for_messages().await;
        }
    }

    /// Conversations in which another process has written are told like those of this one; what tabs know already they hear
    /// twice, and know by its number.
    async fn look_for_messages(&self) {
        let since = self.clock.now().millis_before(EVENT_LOOK_BACK);
        match store::recently_written(&mut self.db(), since).await {
            Ok(found) => found.into_iter().for_each(|(conversation, seq)| self.changed.found(conversation, seq)),
            Err(error) => tracing::warn!("cannot look for messages: {error}"),
        }
    }
}
