//! The rooms that are live: one task each, started by the first who comes, gone when nobody has been there for a while.

use std::sync::Arc;

use confab_sfu::id::{ParticipantId, RoomId};
use dashmap::DashMap;
use rand::SeedableRng;
use rand::rngs::StdRng;
use tokio::sync::{mpsc, oneshot};

use super::task::{Input, Task};
use super::{ConnectionId, Disconnect, Joiner, Room, RoomSettings, Summary};
use crate::SharedRng;
use crate::clock::Clock;
use crate::limits::ROOM_INBOX;
use crate::links::{Link, Links};
use crate::media::Media;
use crate::metrics::Metrics;
use crate::outbox::Outbox;
use crate::protocol::{ClientMessage, ErrorCode, RoomInfo};
use crate::secrets::SecretHash;

/// What every room's task acts upon.
#[derive(Debug)]
pub struct Services {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Seeds each room's own generator.
    pub rng: SharedRng,
    /// The SFU.
    pub media: Media,
    /// What is counted.
    pub metrics: Metrics,
    /// The links that lead to rooms.
    pub links: Links,
    /// What the operator chose.
    pub settings: RoomSettings,
}

/// All live rooms. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Registry {
    rooms: Arc<DashMap<RoomId, RoomHandle>>,
    services: Arc<Services>,
}

/// A live room's address.
#[derive(Debug, Clone)]
pub struct RoomHandle {
    inbox: mpsc::Sender<Input>,
}

/// The room is over. A new one may stand in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the room is over")]
pub struct RoomOver;

impl Registry {
    /// No rooms.
    pub fn new(services: Arc<Services>) -> Self {
        Self { rooms: Arc::default(), services }
    }

    /// The room's live state, made if there is none. The caller has seen that its link exists.
    pub fn enter(&self, id: RoomId, link: Link) -> RoomHandle {
        let start = || {
            let (inbox, requests) = mpsc::channel(ROOM_INBOX);
            let rng = self.services.rng.with(StdRng::from_rng);
            let info = RoomInfo { id, name: link.name, locked: false, codec: link.codec };
            let room = Room::new(info, self.services.settings.clone(), rng, self.services.clock.now());
            let task = Task::new(id, room, Arc::clone(&self.services));
            tokio::spawn(task.run(requests, self.clone()));
            RoomHandle { inbox }
        };
        self.rooms.entry(id).or_insert_with(start).clone()
    }

    /// The room's live state, if there is one.
    pub fn get(&self, id: RoomId) -> Option<RoomHandle> {
        self.rooms.get(&id).map(|room| room.clone())
    }

    /// The rooms that are live now.
    pub fn live(&self) -> Vec<RoomId> {
        self.rooms.iter().map(|entry| *entry.key()).collect()
    }

    /// Tells every room that the server stops.
    pub async fn stop(&self) {
        let rooms: Vec<_> = self.rooms.iter().map(|entry| entry.value().clone()).collect();
        for room in rooms {
            let _ = room.send(Input::Stop).await;
        }
    }

    pub(super) fn forget(&self, id: RoomId) {
        self.rooms.remove(&id);
    }
}

impl RoomHandle {
    /// Lets somebody in; what the room has to say comes through the outbox, the welcome first.
    ///
    /// # Errors
    /// The room is over, or it refuses: locked or full.
    pub async fn join(&self, joiner: Joiner, outbox: Outbox) -> Result<Result<ConnectionId, ErrorCode>, RoomOver> {
        self.ask(|reply| Input::Join { joiner, outbox, reply }).await
    }

    /// Spends a resume token: whose it is, if it is good.
    ///
    /// # Errors
    /// The room is over.
    pub async fn claim(&self, token: SecretHash) -> Result<Option<ParticipantId>, RoomOver> {
        self.ask(|reply| Input::Claim { token, reply }).await
    }

    /// Brings back a participant whose token was claimed.
    ///
    /// # Errors
    /// The room is over, or the participant has left.
    pub async fn resume(
        &self,
        who: ParticipantId,
        outbox: Outbox,
    ) -> Result<Result<ConnectionId, ErrorCode>, RoomOver> {
        self.ask(|reply| Input::Resume { who, outbox, reply }).await
    }

    /// Hands over a client's message. Waits while the room is busy.
    ///
    /// # Errors
    /// The room is over.
    pub async fn message(&self, from: ConnectionId, message: ClientMessage) -> Result<(), RoomOver> {
        self.send(Input::Message { from, message }).await
    }

    /// Says that a connection ended.
    ///
    /// # Errors
    /// The room is over.
    pub async fn disconnected(&self, connection: ConnectionId, how: Disconnect) -> Result<(), RoomOver> {
        self.send(Input::Disconnected { connection, how }).await
    }

    /// What the room looks like from outside.
    ///
    /// # Errors
    /// The room is over.
    pub async fn inspect(&self) -> Result<Summary, RoomOver> {
        self.ask(|reply| Input::Inspect { reply }).await
    }

    async fn send(&self, input: Input) -> Result<(), RoomOver> {
        self.inbox.send(input).await.map_err(|_| RoomOver)
    }

    async fn ask<T>(&self, input: impl FnOnce(oneshot::Sender<T>) -> Input) -> Result<T, RoomOver> {
        let (reply, answer) = oneshot::channel();
        self.send(input(reply)).await?;
        answer.await.map_err(|_| RoomOver)
    }
}
