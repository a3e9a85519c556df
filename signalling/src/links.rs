//! Meeting links: which rooms exist. Kept in memory and in `rooms.jsonl`, where each line is one change that was synced
//! to the disk before anybody was told of it.

mod store;

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use confab_sfu::id::RoomId;
use confab_social::id::AccountId;
use dashmap::DashMap;
use tokio::sync::Mutex;

use self::store::{Change, Store};
use crate::limits::MAX_ROOMS;
use crate::protocol::VideoCodec;
use confab_social::clock::Moment;
use confab_social::secrets::SecretHash;

pub use self::store::StoreError;

/// A room as it is stored: what its link leads to.
#[derive(Clone, PartialEq, Eq)]
pub struct Link {
    /// The name that it was given.
    pub name: Option<String>,
    /// The codec for its pictures.
    pub codec: VideoCodec,
    /// Who presents the key of this hash is a host.
    pub host_key: SecretHash,
    /// Whose account made it: that person is a host without a key.
    pub owner: Option<AccountId>,
    /// Whether people without an account may join.
    pub guests: bool,
    /// When somebody was last in it, in milliseconds since 1970.
    pub used_millis: u64,
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link").field("used_millis", &self.used_millis).finish_non_exhaustive()
    }
}

/// Why a room cannot be made or changed.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// [`MAX_ROOMS`] exist.
    #[error("there are too many rooms")]
    TooMany,
    /// The disk refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// All rooms that exist.
#[derive(Debug)]
pub struct Links {
    rooms: DashMap<RoomId, Link>,
    /// The rooms of each account that made some. Some may have gone since.
    made: DashMap<AccountId, Vec<RoomId>>,
    /// Time since its last use after which a room expires.
    ttl: Duration,
    store: Arc<Mutex<Store>>,
}

impl Links {
    /// Reads the rooms in `folder`, and rewrites their file without what is outdated.
    ///
    /// # Errors
    /// When the file cannot be read or written, is damaged elsewhere than at its end, or is in use by another process.
    pub fn open(folder: &Path, ttl: Duration, now: Moment) -> Result<Self, StoreError> {
        let (mut store, mut rooms) = Store::open(folder)?;
        rooms.retain(|_, link| !is_expired(link, ttl, now));
        store.rewrite(rooms.iter().map(|(room, link)| (*room, link.clone())).collect())?;
        let made: DashMap<AccountId, Vec<RoomId>> = DashMap::new();
        for (room, link) in &rooms {
            if let Some(owner) = link.owner {
                made.entry(owner).or_default().push(*room);
            }
        }
        Ok(Self { rooms: rooms.into_iter().collect(), made, ttl, store: Arc::new(Mutex::new(store)) })
    }

    /// Makes a room. When this returns, it survives a crash.
    ///
    /// # Errors
    /// When there are too many rooms, or the disk refuses.
    pub async fn create(&self, room: RoomId, link: Link) -> Result<(), LinkError> {
        if self.rooms.len() >= MAX_ROOMS {
            return Err(LinkError::TooMany);
        }
        let change = Change::create(room, &link);
        let owner = link.owner;
        // Before it is written, or else a rewrite of the file right after would leave it out. Nobody knows its id yet.
        self.rooms.insert(room, link);
        if let Some(owner) = owner {
            self.made.entry(owner).or_default().push(room);
        }
        self.write(change).await.inspect_err(|_| {
            self.rooms.remove(&room);
        })
    }

    /// The room, if it exists and has not expired.
    pub fn resolve(&self, room: RoomId, now: Moment) -> Option<Link> {
        self.rooms.get(&room).filter(|link| !is_expired(link, self.ttl, now)).map(|link| link.clone())
    }

    /// The rooms that an account has made, those that were used last first.
    pub fn made_by(&self, owner: AccountId, now: Moment) -> Vec<(RoomId, Link)> {
        let rooms = self.made.get(&owner).map(|rooms| rooms.clone()).unwrap_or_default();
        let mut made: Vec<_> = rooms.into_iter().filter_map(|room| Some((room, self.resolve(room, now)?))).collect();
        made.sort_by_key(|(room, link)| (std::cmp::Reverse(link.used_millis), *room));
        made
    }

    /// Notes that somebody is in the room. Written down only when the last note is old, to spare the disk.
    ///
    /// # Errors
    /// When the disk refuses.
    pub async fn touch(&self, room: RoomId, now: Moment) -> Result<(), LinkError> {
        let note_every = (self.ttl / 4).min(Duration::from_secs(3600));
        let is_due = {
            let Some(mut link) = self.rooms.get_mut(&room) else { return Ok(()) };
            let age = Duration::from_millis(now.unix_millis.saturating_sub(link.used_millis));
            if age >= note_every {
                link.used_millis = now.unix_millis;
            }
            age >= note_every
        };
        if is_due {
            self.write(Change::Use { id: room, at: now.unix_millis }).await?;
        }
        Ok(())
    }

    /// Ends a room for ever.
    ///
    /// # Errors
    /// When the disk refuses; in this process the room is gone all the same.
    pub async fn end(&self, room: RoomId) -> Result<(), LinkError> {
        if self.rooms.remove(&room).is_some() {
            self.write(Change::End { id: room }).await?;
        }
        Ok(())
    }

    /// Forgets expired rooms, and rewrites the file when most of it is outdated.
    ///
    /// # Errors
    /// When the disk refuses.
    pub async fn sweep(&self, now: Moment) -> Result<(), LinkError> {
        self.rooms.retain(|_, link| !is_expired(link, self.ttl, now));
        self.made.retain(|_, rooms| {
            rooms.retain(|room| self.rooms.contains_key(room));
            !rooms.is_empty()
        });
        let mut store = Arc::clone(&self.store).lock_owned().await;
        if !store.is_wasteful(self.rooms.len()) {
            return Ok(());
        }
        let rooms = self.rooms.iter().map(|entry| (*entry.key(), entry.value().clone())).collect();
        on_a_thread(move || store.rewrite(rooms)).await
    }

    async fn write(&self, change: Change) -> Result<(), LinkError> {
        let mut store = Arc::clone(&self.store).lock_owned().await;
        on_a_thread(move || store.append(&change)).await
    }
}

/// Syncing a disk takes milliseconds, in which an async thread would serve nobody.
async fn on_a_thread(work: impl FnOnce() -> Result<(), StoreError> + Send + 'static) -> Result<(), LinkError> {
    Ok(tokio::task::spawn_blocking(work).await.unwrap_or(Err(StoreError::Interrupted))?)
}

fn is_expired(link: &Link, ttl: Duration, now: Moment) -> bool {
    Duration::from_millis(now.unix_millis.saturating_sub(link.used_millis)) >= ttl
}

#[cfg(test)]
mod tests;
