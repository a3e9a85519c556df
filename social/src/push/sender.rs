//! Who is to be woken, and when: at once, and then at most every ten seconds while more happens.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use futures_util::StreamExt as _;
use tokio::sync::Notify;

use super::address::Endpoint;
use super::client::{self, Outcome};
use super::store;
use crate::db::DbError;
use crate::id::AccountId;
use crate::limits::{MAX_PUSHES, PUSH_BACKOFF, PUSH_INTERVAL, PUSH_TRIES, PUSHES_AT_ONCE};
use crate::state::Social;

/// Pushes that wait. They are not written down: who was not woken sees what is new when they come.
#[derive(Debug, Default)]
pub(crate) struct Pushes {
    waiting: Mutex<Waiting>,
    bell: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    accounts: BTreeMap<AccountId, Turn>,
    /// Pushes that have failed.
    again: VecDeque<Job>,
}

/// When an account's browsers may be woken again, and whether there is reason to.
#[derive(Debug)]
struct Turn {
    due: Instant,
    is_wanted: bool,
}

/// One push to one browser.
#[derive(Debug, Clone)]
struct Job {
    account: AccountId,
    endpoint: String,
    due: Instant,
    tries: u32,
}

impl Pushes {
    /// Has an account's browsers woken. What does not fit is dropped.
    pub(crate) fn add(&self, account: AccountId, now: Instant) {
        let mut waiting = self.waiting();
        if waiting.accounts.len() < MAX_PUSHES || waiting.accounts.contains_key(&account) {
            let turn = waiting.accounts.entry(account).or_insert(Turn { due: now, is_wanted: true });
            turn.is_wanted = true;
            self.bell.notify_one();
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The accounts and the pushes whose time has come.
    fn take(&self, now: Instant) -> (Vec<AccountId>, Vec<Job>) {
        let mut waiting = self.waiting();
        waiting.accounts.retain(|_, turn| turn.is_wanted || turn.due > now);
        let mut due = Vec::new();
        for (account, turn) in waiting.accounts.iter_mut().filter(|(_, turn)| turn.is_wanted && turn.due <= now) {
            due.push(*account);
            *turn = Turn { due: now + PUSH_INTERVAL, is_wanted: false };
        }
        let (again, later) = waiting.again.drain(..).partition(|job| job.due <= now);
        waiting.again = later;
        (due, again.into())
    }

    /// When something is due next.
    fn next(&self) -> Option<Instant> {
        let waiting = self.waiting();
        let turns = waiting.accounts.values().map(|turn| turn.due);
        turns.chain(waiting.again.iter().map(|job| job.due)).min()
    }

    fn add_again(&self, job: Job) {
        let mut waiting = self.waiting();
        if waiting.again.len() < MAX_PUSHES {
            waiting.again.push_back(job);
        }
    }
}

impl Social {
    /// Wakes browsers for ever.
    pub(crate) async fn push_for_ever(&self) {
        loop {
            let now = self.clock.now().at;
            let (accounts, mut jobs) = self.pushes.take(now);
            for account in accounts {
                match self.jobs_of(account, now).await {
                    Ok(new) => jobs.extend(new),
                    Err(error) => tracing::warn!("cannot look for browsers to wake: {error}"),
                }
            }
            futures_util::stream::iter(jobs).for_each_concurrent(PUSHES_AT_ONCE, |job| self.push(job)).await;
            let next = self.pushes.next();
            let sleep = async {
                match next {
                    Some(due) => self.clock.sleep_until(due).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = sleep => {}
                () = self.pushes.bell.notified() => {}
            }
        }
    }

    /// Nothing for who has a tab open: that is told already.
    async fn jobs_of(&self, account: AccountId, now: Instant) -> Result<Vec<Job>, DbError> {
        if self.tabs.is_online(account) {
            return Ok(Vec::new());
        }
        let found = store::endpoints(&mut self.db(), account).await?;
        Ok(found.into_iter().map(|endpoint| Job { account, endpoint, due: now, tries: 0 }).collect())
    }

    async fn push(&self, job: Job) {
        let outcome = match Endpoint::parse(&job.endpoint, self.config.development) {
            Ok(endpoint) => client::push(self, &endpoint).await,
            // It was taken by a server for development.
            Err(_) => Outcome::Gone,
        };
        match outcome {
            Outcome::Taken => {}
            Outcome::Refused => tracing::warn!("a push service has refused a push"),
            Outcome::Gone => {
                if let Err(error) = store::remove(&mut self.db(), job.account, &job.endpoint).await {
                    tracing::warn!("cannot forget a browser: {error}");
                }
            }
            Outcome::Failed if job.tries + 1 < PUSH_TRIES => {
                let due = self.clock.now().at + PUSH_BACKOFF * 2_u32.pow(job.tries);
                self.pushes.add_again(Job { due, tries: job.tries + 1, ..job });
            }
            Outcome::Failed => tracing::debug!("a push was given up"),
        }
    }
}
