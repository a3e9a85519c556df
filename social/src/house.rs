//! What is done without being asked: mails are sent, what has expired is forgotten, what was deleted goes.

use crate::accounts::{purge, store as accounts};
use crate::clock::Moment;
use crate::db::DbError;
use crate::limits::{HISTORY_LIFETIME, MAIL_INTERVAL, SWEEP_INTERVAL};
use crate::mail::jobs;
use crate::profiles;
use crate::sessions::store as sessions;
use crate::state::Social;

impl Social {
    /// Keeps house for ever.
    pub async fn keep_house(&self) {
        tokio::join!(self.send_mails(), self.sweep_for_ever());
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

    async fn sweep_for_ever(&self) {
        loop {
            if let Err(error) = self.sweep().await {
                tracing::error!("cannot clean up the database: {error}");
            }
            self.clock.sleep_until(self.clock.now().at + SWEEP_INTERVAL).await;
        }
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
        sessions::sweep_logins(&mut db, now.millis_before(HISTORY_LIFETIME)).await?;
        purge::run(self).await?;
        profiles::sweep_blobs(self).await
    }
}
