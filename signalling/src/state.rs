//! What all requests share.

use std::io;
use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::FromRef;
use confab_sfu::SfuHandle;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use tokio::sync::watch;

use crate::calls::CallRooms;
use crate::config::Config;
use crate::health::Health;
use crate::limits::{
    CREATIONS_PER_MINUTE, JOINS_PER_MINUTE, MISSES_PER_MINUTE, SOCKETS_PER_ADDRESS, STOP_TIMEOUT, SWEEP_INTERVAL,
};
use crate::links::{Links, StoreError};
use crate::media::Media;
use crate::metrics::Metrics;
use crate::room::present::Present;
use crate::room::registry::Services;
use crate::room::{Registry, RoomSettings};
use crate::server::Places;
use crate::tickets::Tickets;
use confab_social::Social;
use confab_social::clock::Clock;
use confab_social::id::AccountId;
use confab_social::rate::{AddressLimit, Quota};
use confab_social::search::{FoundRoom, Rooms};
use confab_social::secrets::{SecretError, SharedRng, load_or_create};

/// Limits for each address.
#[derive(Debug)]
pub struct AddressLimits {
    /// Look-ups of rooms that do not exist.
    pub misses: AddressLimit,
    /// Rooms made.
    pub creations: AddressLimit,
    /// Join calls.
    pub joins: AddressLimit,
}

/// The parts from which a state is made.
#[derive(Debug)]
pub struct Parts {
    /// The configuration.
    pub config: Config,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub rng: StdRng,
    /// The SFU.
    pub sfu: SfuHandle,
}

/// Why the server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data folder cannot be made.
    #[error("cannot make the data folder: {0}")]
    Folder(#[source] io::Error),
    /// The rooms cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The secret cannot be used.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// Accounts and people cannot be used.
    #[error(transparent)]
    Social(#[from] confab_social::StartError),
    /// A metric is wrong, which is a bug.
    #[error("metrics: {0}")]
    Metrics(#[from] prometheus::Error),
}

/// The inside of [`AppState`].
#[derive(Debug)]
pub struct Inner {
    /// The configuration.
    pub config: Config,
    /// Signs and checks tickets.
    pub tickets: Tickets,
    /// What rooms act upon too: clock, generator, SFU, metrics, links.
    pub services: Arc<Services>,
    /// Accounts and people.
    pub social: Social,
    /// The live rooms.
    pub registry: Registry,
    /// Limits for each address.
    pub limits: AddressLimits,
    /// Open WebSockets.
    pub sockets: Places,
    /// Whether this server is fit for work.
    pub health: Health,
    /// Turns true when the server stops.
    pub stopping: watch::Sender<bool>,
}

/// What all requests share. Cheap to clone.
#[derive(Debug, Clone)]
pub struct AppState(Arc<Inner>);

impl Deref for AppState {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl FromRef<AppState> for Social {
    fn from_ref(state: &AppState) -> Self {
        state.social.clone()
    }
}

impl AppState {
    /// Reads what is stored and makes the rest.
    ///
    /// # Errors
    /// When the data folder, its secret, its rooms or the database cannot be used.
    pub async fn new(parts: Parts) -> Result<Self, StartError> {
        let Parts { config, clock, mut rng, sfu } = parts;
        make_folder(&config.data_dir).map_err(StartError::Folder)?;
        let now = clock.now();
        // The folder's lock comes with the links: before it, nothing may be written.
        let links = Links::open(&config.data_dir, config.empty_room_ttl, now)?;
        let secret = load_or_create(&config.data_dir.join("secret"), &mut rng)?;
        let social = Social::open(config.social(), Arc::clone(&clock), StdRng::from_rng(&mut rng)).await?;
        let settings = RoomSettings {
            max_participants: config.max_room_participants,
            empty_grace: config.empty_room_grace,
            ice_servers: config.ice_servers.clone(),
        };
        let metrics = Metrics::new(Duration::from_millis(now.unix_millis))?;
        let (rng, media) = (SharedRng::new(rng), Media::new(sfu));
        let services = Arc::new(Services { clock, rng, media, metrics, links, present: Present::default(), settings });
        social.find_rooms(Arc::new(MadeRooms(Arc::clone(&services))));
        social.open_calls(Arc::new(CallRooms(Arc::clone(&services))));
        let limit = |calls| AddressLimit::new(Quota::per_minute(calls, config.rate_limit_scale));
        let limits = AddressLimits {
            misses: limit(MISSES_PER_MINUTE),
            creations: limit(CREATIONS_PER_MINUTE),
            joins: limit(JOINS_PER_MINUTE),
        };
        let scale = usize::try_from(config.rate_limit_scale).unwrap_or(usize::MAX);
        Ok(Self(Arc::new(Inner {
            tickets: Tickets::new(&secret),
            social,
            registry: Registry::new(Arc::clone(&services)),
            limits,
            sockets: Places::new(SOCKETS_PER_ADDRESS.saturating_mul(scale)),
            health: Health::default(),
            stopping: watch::Sender::new(false),
            services,
            config,
        })))
    }

    /// Keeps house for ever.
    pub async fn keep_house(&self) {
        tokio::join!(self.social.keep_house(), self.keep_rooms(), self.remove_signed_out());
    }

    /// Takes people out of meetings whose session was ended elsewhere.
    async fn remove_signed_out(&self) {
        let mut revocations = self.social.revocations();
        while let Some(revoked) = revocations.next().await {
            self.registry.sign_out(&revoked).await;
        }
    }

    /// Forgets what has expired, and notes which rooms are in use.
    async fn keep_rooms(&self) {
        let clock = &self.services.clock;
        loop {
            clock.sleep_until(clock.now().at + SWEEP_INTERVAL).await;
            let now = clock.now();
            for limit in [&self.limits.misses, &self.limits.creations, &self.limits.joins] {
                limit.forget_idle(now.at);
            }
            self.tickets.sweep(now);
            for room in self.registry.live() {
                if let Err(error) = self.services.links.touch(room, now).await {
                    tracing::error!("cannot note that a room is in use: {error}");
                }
            }
            if let Err(error) = self.services.links.sweep(now).await {
                tracing::error!("cannot rewrite the rooms' file: {error}");
            }
        }
    }

    /// Stops: not ready any more, every client is told, and their sockets get a while to end.
    pub async fn stop(&self) {
        self.stopping.send_replace(true);
        let ending = async {
            self.registry.stop().await;
            self.sockets.all_free().await;
        };
        if tokio::time::timeout(STOP_TIMEOUT, ending).await.is_err() {
            tracing::warn!("some clients did not close their connection in time");
        }
        self.social.close().await;
    }

    /// Whether the server stops.
    pub fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }
}

/// Whose rooms there are, for who searches.
#[derive(Debug)]
struct MadeRooms(Arc<Services>);

impl Rooms for MadeRooms {
    fn made_by(&self, owner: AccountId) -> Vec<FoundRoom> {
        let made = self.0.links.made_by(owner, self.0.clock.now()).into_iter();
        made.filter_map(|(room, link)| Some(FoundRoom { id: room.to_string(), name: link.name? })).collect()
    }
}

/// The folder has secrets: it is its owner's only.
fn make_folder(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}
