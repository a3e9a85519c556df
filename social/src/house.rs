//! What is done without being asked: mails are sent, calls end, people are told what happened, what has expired is forgotten, what was deleted goes.

use std::sync::atomic::Ordering;

use crate::accounts::{purge, store as accounts};
use crate::attachments;
use crate::clock::Moment;
use crate::conversations;
use crate::db::DbError;
use crate::events;
use crate::limits::{BLOB_ROUNDS, HISTORY_LIFETIME, MAIL_INTERVAL, SCRUB_INTERVAL, SWEEP_INTERVAL};
use crate::mail::jobs;
use crate::notifications;
use crate::posts;
use crate::profiles;
use crate::rings;
use crate::sessions::store as sessions;
use crate::state::Social;

impl Social {
    /// Keeps house for ever.
    pub async fn keep_house(&self) {
        tokio::join!(
            self.index_what_was(),
            self.send_mails(),
            self.tell_for_ever(),
            self.push_for_ever(),
            self.end_rings(),
            self.sweep_for_ever(),
            self.purge_for_ever()
        );
    }

    /// Sends mails: new ones at once, others when they are due again.
    async fn send_mails(&self) {
        loop {
            match jobs::deliver(self).await {
                Ok(true) => continue,
                Ok(false) => {}
                Err(error) => tracing::error!("cannot look for mails: {error}"),
            }
            let interval = self.clock.sleep_until(self.clock.now().at + MAIL_INTERVAL);
            tokio::select! {
                () = interval => {}
                () = self.mail_waits.notified() => {}
            }
        }
    }

    /// Makes what an older version wrote searchable, once.
    async fn index_what_was(&self) {
        if let Err(error) = self.index_all().await {
            tracing::error!("cannot make all names and posts searchable: {error}");
        }
    }

    async fn sweep_for_ever(&self) {
        for round in 0_u32.. {
            let swept = match round % BLOB_ROUNDS {
                0 => self.sweep_files().await.and(self.sweep().await),
                _ => self.sweep().await,
            };
            if let Err(error) = swept {
                tracing::error!("cannot clean up the database: {error}");
            }
            self.clock.sleep_until(self.clock.now().at + SWEEP_INTERVAL).await;
        }
    }

    /// Removes files that no row knows.
    async fn sweep_files(&self) -> Result<(), DbError> {
        profiles::sweep_blobs(self).await?;
        attachments::sweep_files(self).await
    }

    /// Purges accounts when their time has come: until then their owners may come back, as they were told, and no longer.
    async fn purge_for_ever(&self) {
        loop {
            let next = self.purge().await.unwrap_or_else(|error| {
                tracing::error!("cannot purge accounts: {error}");
                None
            });
            let now = self.clock.now();
            let most = if self.scrub_waits.load(Ordering::Relaxed) { SCRUB_INTERVAL } else { SWEEP_INTERVAL };
            let wait = next.map_or(most, |at| now.until(at).min(most));
            tokio::select! {
                () = self.clock.sleep_until(now.at + wait) => {}
                () = self.deletion_waits.notified() => {}
            }
        }
    }

    /// Purges the accounts whose time has come; when that of the next one comes, in milliseconds since 1970.
    ///
    /// # Errors
    /// When the database fails; what was not done is done in the next round.
    pub async fn purge(&self) -> Result<Option<i64>, DbError> {
        // One at a time: whoever finds nothing due knows that nothing is left.
        let _turn = self.purging.lock().await;
        purge::run(self).await?;
        accounts::next_deletion(&mut self.db()).await
    }

    /// One round of cleaning up.
    ///
    /// # Errors
    /// When the database fails; what was not done is done in the next round.
    pub async fn sweep(&self) -> Result<(), DbError> {
        let now: Moment = self.clock.now();
        self.limits.forget_idle(now);
        let mut db = self.db();
        sessions::sweep(&mut db, now).await?;
        accounts::sweep_tokens(&mut db, now).await?;
        posts::images::sweep(self).await?;
        attachments::sweep(self).await?;
        sessions::sweep_logins(&mut db, now.millis_before(HISTORY_LIFETIME)).await?;
        events::store::sweep(&mut db, now).await?;
        notifications::store::sweep(&mut db, now).await?;
        rings::store::sweep(&mut db, now).await?;
        conversations::rooms::expiry::sweep(self).await?;
        Ok(())
    }
}
