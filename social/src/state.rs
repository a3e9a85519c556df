//! What all requests share.

use std::ops::Deref;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::sync::{Arc, OnceLock};

use rand::rngs::StdRng;
use tokio::sync::{Mutex, Notify, broadcast};

use crate::attachments::Turns;
use crate::auth::{Hasher, Viewer};
use crate::caller::Caller;
use crate::clock::{Clock, Moment};
use crate::config::SocialConfig;
use crate::db::{Db, OpenError};
use crate::error::ApiError;
use crate::events::{Changed, Posted, Revoked, Tabs};
use crate::id::{AccountId, EntryId};
use crate::limits::{
    ANSWERS_PER_MINUTE, ATTACHMENTS_PER_HOUR, CHUNKS_PER_MINUTE, COMMENTS_PER_MINUTE, CONFIRMATIONS_PER_MINUTE,
    CONNECTIONS_PER_MINUTE, CONVERSATIONS_PER_HOUR, EDITS_PER_MINUTE, LETTERS_PER_HOUR, LIKES_PER_MINUTE,
    LOGINS_PER_ADDRESS, LOGINS_PER_NAME, LOOKUPS_PER_MINUTE, MAIL_REQUESTS_PER_HOUR, MAILS_PER_HOUR, MARKS_PER_MINUTE,
    MESSAGES_PER_MINUTE, POST_IMAGES_PER_HOUR, POSTS_PER_MINUTE, READS_PER_MINUTE, REGISTRATIONS_PER_HOUR,
    RINGS_PER_MINUTE, SEARCH_BURST, SEARCHES_PER_MINUTE, TOKENS_PER_HOUR, UPLOADS_PER_HOUR,
};
use crate::mail::{self, MailConfigError, Templates, Transport};
use crate::pool::{Pool, PoolLimits};
use crate::push::{Pushes, Vapid};
use crate::rate::{AddressLimit, Limit, Quota};
use crate::rings::Calls;
use crate::search::Rooms;
use crate::secrets::{SecretError, SharedRng};
use crate::uploads::Blobs;

/// Why this part cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database cannot be used.
    #[error(transparent)]
    Database(#[from] OpenError),
    /// The key of pushes cannot be used.
    #[error(transparent)]
    Push(#[from] SecretError),
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
    /// Changes of a profile, of posts and of comments.
    pub(crate) edits: Limit<AccountId>,
    /// Follows, friendships and blocks.
    pub(crate) connections: Limit<AccountId>,
    /// Searches.
    pub(crate) searches: Limit<AccountId>,
    /// Marking and deleting notifications and letters.
    pub(crate) marks: Limit<AccountId>,
    /// New posts.
    pub(crate) posts: Limit<AccountId>,
    /// New comments.
    pub(crate) comments: Limit<AccountId>,
    /// New letters.
    pub(crate) letters: Limit<AccountId>,
    /// Likes, given or taken back.
    pub(crate) likes: Limit<AccountId>,
    /// Images for posts.
    pub(crate) post_images: Limit<AccountId>,
    /// New conversations and invitations.
    pub(crate) conversations: Limit<AccountId>,
    /// New messages.
    pub(crate) messages: Limit<AccountId>,
    /// Marks of what was read, and who types.
    pub(crate) reads: Limit<AccountId>,
    /// Calls.
    pub(crate) rings: Limit<AccountId>,
    /// Answers to calls, and calls that are given up.
    pub(crate) answers: Limit<AccountId>,
    /// New attachments.
    pub(crate) attachments: Limit<AccountId>,
    /// Chunks of attachments.
    pub(crate) chunks: Limit<AccountId>,
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
            marks: Limit::new(minute(MARKS_PER_MINUTE)),
            posts: Limit::new(minute(POSTS_PER_MINUTE)),
            comments: Limit::new(minute(COMMENTS_PER_MINUTE)),
            letters: Limit::new(hour(LETTERS_PER_HOUR)),
            likes: Limit::new(minute(LIKES_PER_MINUTE)),
            post_images: Limit::new(hour(POST_IMAGES_PER_HOUR)),
            conversations: Limit::new(hour(CONVERSATIONS_PER_HOUR)),
            messages: Limit::new(minute(MESSAGES_PER_MINUTE)),
            reads: Limit::new(minute(READS_PER_MINUTE)),
            rings: Limit::new(minute(RINGS_PER_MINUTE)),
            answers: Limit::new(minute(ANSWERS_PER_MINUTE)),
            attachments: Limit::new(hour(ATTACHMENTS_PER_HOUR)),
            chunks: Limit::new(minute(CHUNKS_PER_MINUTE)),
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
        for limit in [&self.confirmations, &self.uploads, &self.edits, &self.connections, &self.marks, &self.letters] {
            limit.forget_idle(now.at);
        }
        for limit in [&self.attachments, &self.chunks] {
            limit.forget_idle(now.at);
        }
        for limit in [&self.posts, &self.comments, &self.likes, &self.post_images, &self.searches] {
            limit.forget_idle(now.at);
        }
        for limit in [&self.conversations, &self.messages, &self.reads, &self.rings, &self.answers] {
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
    /// The files of attachments.
    pub(crate) attachments: Blobs,
    /// Who writes to one.
    pub(crate) turns: Turns,
    /// Sessions that ended before their time.
    pub(crate) revoked: broadcast::Sender<Revoked>,
    /// Counts lines of histories, for those of one millisecond.
    entries: AtomicU16,
    /// Whether deleted rows have left something behind.
    pub(crate) scrub_waits: AtomicBool,
    /// The rooms, once they are there.
    pub(crate) rooms: OnceLock<Arc<dyn Rooms>>,
    /// Who opens rooms for calls, once they are there.
    pub(crate) calls: OnceLock<Arc<dyn Calls>>,
    /// Wakes who ends rings.
    pub(crate) ring_waits: Notify,
    /// Open event sockets.
    pub(crate) tabs: Tabs,
    /// Who has posted, until followers are told.
    pub(crate) posted: Posted,
    pub(crate) changed: Changed,
    /// Who is to be woken.
    pub(crate) pushes: Pushes,
    /// The key by which push services know this server.
    pub(crate) vapid: Vapid,
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
            attachments: Blobs::new(config.data_dir.join("attachments")),
            turns: Turns::default(),
            revoked: broadcast::Sender::new(REVOCATIONS),
            entries: AtomicU16::new(0),
            scrub_waits: AtomicBool::new(false),
            rooms: OnceLock::new(),
            calls: OnceLock::new(),
            ring_waits: Notify::new(),
            tabs: Tabs::default(),
            posted: Posted::default(),
            changed: Changed::default(),
            pushes: Pushes::default(),
            vapid: Vapid::open(&config.data_dir.join("push.key"), &config.base_url)?,
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

    /// Who asks for what needs no account, which is charged to the address: the viewer, or nobody.
    ///
    /// # Errors
    /// When there were too many such calls.
    pub(crate) fn look_up(&self, caller: &Caller, viewer: Option<Viewer>) -> Result<AccountId, ApiError> {
        match self.limits.lookups.charge(caller.address, self.clock.now().at) {
            true => Ok(viewer.map_or(AccountId::NOBODY, |viewer| viewer.account)),
            false => Err(ApiError::rate_limited()),
        }
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
