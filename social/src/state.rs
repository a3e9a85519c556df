//! What all requests share.

use std::ops::Deref;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::sync::{Arc, OnceLock};

use dashmap::DashMap;
use rand::rngs::StdRng;
use tokio::sync::{Mutex, Notify, broadcast};

use crate::auth::Hasher;
use crate::clock::{Clock, Moment};
use crate::config::SocialConfig;
use crate::db::{Db, OpenError};
use crate::events::Revoked;
use crate::id::{AccountId, EntryId};
use crate::limits::{
    CONFIRMATIONS_PER_MINUTE, CONNECTIONS_PER_MINUTE, EDITS_PER_MINUTE, LOGINS_PER_ADDRESS, LOGINS_PER_NAME,
    LOOKUPS_PER_MINUTE, MAIL_REQUESTS_PER_HOUR, MAILS_PER_HOUR, REGISTRATIONS_PER_HOUR, SEARCH_BURST,
    SEARCHES_PER_MINUTE, TOKENS_PER_HOUR, UPLOADS_PER_HOUR,
};
use crate::mail::{self, MailConfigError, Templates, Transport};
use crate::pool::{Pool, PoolLimits};
use crate::rate::{AddressLimit, Limit, Quota};
use crate::search::Rooms;
use crate::secrets::SharedRng;
use crate::uploads::Blobs;

/// Why this part cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database cannot be used.
    #[error(transparent)]
    Database(#[from] OpenError),
    /// Mail cannot be sent as configured.
    #[error(transparent)]
    Mail(#[from] MailConfigError),
}

/// The rate limits of this part; each belongs to the routes that its comment names.
#[derive(Debug)]
pub(crate) struct Limits {
    /// Sign-in and restore, by what was typed.
    pub(crate) names: Limit<String>,
    /// Sign-in and restore, by address.
    pub(crate) logins: AddressLimit,
    /// Register.
    pub(crate) registrations: AddressLimit,
    /// Mails that anybody can have sent to an e-mail address, by that.
    pub(crate) mails: Limit<String>,
    /// Resend and forgot, by address.
    pub(crate) mail_requests: AddressLimit,
    /// Verify and reset.
    pub(crate) tokens: AddressLimit,
    /// Whatever an account confirms by its password.
    pub(crate) confirmations: Limit<AccountId>,
    /// Uploads.
    pub(crate) uploads: Limit<AccountId>,
    /// Changes of a profile.
    pub(crate) edits: Limit<AccountId>,
    /// Follows, friendships and blocks.
    pub(crate) connections: Limit<AccountId>,
    /// Searches.
    pub(crate) searches: Limit<AccountId>,
    /// Reads that need no account.
    pub(crate) lookups: AddressLimit,
}

impl Limits {
    fn new(scale: u32) -> Self {
        let [minute, hour] = [Quota::per_minute, Quota::per_hour].map(|quota| move |calls| quota(calls, scale));
        Self {
            names: Limit::new(minute(LOGINS_PER_NAME)),
            logins: AddressLimit::new(minute(LOGINS_PER_ADDRESS)),
            registrations: AddressLimit::new(hour(REGISTRATIONS_PER_HOUR)),
            mails: Limit::new(hour(MAILS_PER_HOUR)),
            mail_requests: AddressLimit::new(hour(MAIL_REQUESTS_PER_HOUR)),
            tokens: AddressLimit::new(hour(TOKENS_PER_HOUR)),
            confirmations: Limit::new(minute(CONFIRMATIONS_PER_MINUTE)),
            uploads: Limit::new(hour(UPLOADS_PER_HOUR)),
            edits: Limit::new(minute(EDITS_PER_MINUTE)),
            connections: Limit::new(minute(CONNECTIONS_PER_MINUTE)),
            searches: Limit::new(Quota::per_second(
                scale.saturating_mul(SEARCHES_PER_MINUTE) / 60,
                scale.saturating_mul(SEARCH_BURST),
            )),
            lookups: AddressLimit::new(minute(LOOKUPS_PER_MINUTE)),
        }
    }

    pub(crate) fn forget_idle(&self, now: Moment) {
        for limit in [&self.logins, &self.registrations, &self.mail_requests, &self.tokens, &self.lookups] {
            limit.forget_idle(now.at);
        }
        for limit in [&self.names, &self.mails] {
            limit.forget_idle(now.at);
        }
        for limit in [&self.confirmations, &self.uploads, &self.edits, &self.connections, &self.searches] {
            limit.forget_idle(now.at);
        }
    }
}

/// The inside of [`Social`].
#[derive(Debug)]
pub struct Inner {
    /// What the operator chose.
    pub config: SocialConfig,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Ids and secrets.
    pub rng: SharedRng,
    pub(crate) db: Db,
    pub(crate) hasher: Hasher,
    pub(crate) limits: Limits,
    pub(crate) mail: Transport,
    pub(crate) templates: Templates,
    /// Wakes who sends mails.
    pub(crate) mail_waits: Notify,
    /// Wakes who purges accounts.
    pub(crate) deletion_waits: Notify,
    /// Held while accounts are purged.
    pub(crate) purging: Mutex<()>,
    pub(crate) blobs: Blobs,
    pub(crate) images: Pool,
    /// Sessions that ended before their time.
    pub(crate) revoked: broadcast::Sender<Revoked>,
    /// Counts lines of histories, for those of one millisecond.
    entries: AtomicU16,
    /// Whether deleted rows have left something behind.
    pub(crate) scrub_waits: AtomicBool,
    /// Open event sockets of each account.
    pub(crate) sockets: DashMap<AccountId, usize>,
    /// The rooms, once they are there.
    pub(crate) rooms: OnceLock<Arc<dyn Rooms>>,
}

/// Accounts and people, as all requests share them. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Social(Arc<Inner>);

impl Deref for Social {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Social {
    /// Opens the database and the folders.
    ///
    /// # Errors
    /// When one of them cannot be used.
    pub async fn open(config: SocialConfig, clock: Arc<dyn Clock>, rng: StdRng) -> Result<Self, StartError> {
        let rng = SharedRng::new(rng);
        let db = open_db(&config).await?;
        let blobs = Blobs::new(config.data_dir.join("images"));
        let inner = Inner {
            mail: Transport::open(&config.mail, &config.data_dir)?,
            templates: Templates::new(&config.base_url, mail::NAME),
            hasher: Hasher::new(config.hash_threads, rng.clone()),
            limits: Limits::new(config.rate_limit_scale),
            mail_waits: Notify::new(),
            deletion_waits: Notify::new(),
            purging: Mutex::new(()),
            images: Pool::new(PoolLimits::default()),
            revoked: broadcast::Sender::new(REVOCATIONS),
            entries: AtomicU16::new(0),
            scrub_waits: AtomicBool::new(false),
            sockets: DashMap::new(),
            rooms: OnceLock::new(),
            config,
            clock,
            rng,
            db,
            blobs,
        };
        Ok(Self(Arc::new(inner)))
    }

    /// A handle to the database.
    pub(crate) fn db(&self) -> Db {
        self.db.clone()
    }

    /// The id of a new line of a history.
    pub(crate) fn entry_id(&self, now: Moment) -> EntryId {
        let order = self.entries.fetch_add(1, Ordering::Relaxed);
        self.rng.with(|rng| EntryId::in_order(now, order, rng))
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), crate::db::DbError> {
        self.db.ping().await
    }

    /// Writes everything down and lets go of the database.
    pub async fn close(&self) {
        self.db.close().await;
    }
}

/// Revocations that a slow event socket may be behind; one that misses some asks the database.
const REVOCATIONS: usize = 1024;

/// Opens the database that the configuration names.
///
/// # Errors
/// When it cannot be used.
pub(crate) async fn open_db(config: &SocialConfig) -> Result<Db, OpenError> {
    match &config.database_url {
        Some(url) => Db::postgres(&url.0).await,
        None => Db::sqlite(&database_path(&config.data_dir)).await,
    }
}

fn database_path(data_dir: &Path) -> std::path::PathBuf {
    data_dir.join("confab.db")
}
