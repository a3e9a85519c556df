//! The rooms that are live: one task each, started by the first who comes, gone when nobody has been there for a while.

use std::sync::Arc;

use confab_sfu::id::{ParticipantId, RoomId};
use confab_social::events::Revoked;
use dashmap::DashMap;
use rand::SeedableRng;
use rand::rngs::StdRng;
use tokio::sync::{mpsc, oneshot};

use super::present::Present;
use super::task::{Input, Task};
use super::{ConnectionId, Disconnect, Joiner, Room, RoomSettings, Summary};
use crate::limits::ROOM_INBOX;
use crate::links::{Link, Links};
use crate::media::Media;
use crate::metrics::Metrics;
use crate::outbox::Outbox;
use crate::protocol::{ClientMessage, ErrorCode, RoomInfo};
use confab_social::clock::Clock;
use confab_social::secrets::SecretHash;
use confab_social::secrets::SharedRng;

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
    /// Who is in which room.
    pub present: Present,
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
        let info = RoomInfo { id, name: link.name, locked: false, codec: link.codec };
        let start = |info: RoomInfo| {
            let (inbox, requests) = mpsc::channel(ROOM_INBOX);
            let rng = self.services.rng.with(StdRng::from_rng);
            let room = Room::new(info, self.services.settings.clone(), rng, self.services.clock.now());
            let task = Task::new(id, room, Arc::clone(&self.services));
            tokio::spawn(task.run(requests, self.clone()));
            RoomHandle { inbox }
        };
        let mut room = self.rooms.entry(id).or_insert_with(|| start(info.clone()));
        if room.inbox.is_closed() {
            // Its task ended without a word, which only a bug can do; the link shall still work.
            *room = start(info);
        }
        room.clone()
    }

    /// The room's live state, if there is one.
    pub fn get(&self, id: RoomId) -> Option<RoomHandle> {
        self.rooms.get(&id).map(|room| room.clone())
    }

    /// The rooms that are live now.
    pub fn live(&self) -> Vec<RoomId> {
        self.rooms.iter().map(|entry| *entry.key()).collect()
    }

    /// Tells every room that sessions ended: their people leave it.
    pub async fn sign_out(&self, revoked: &Revoked) {
        let rooms: Vec<_> = self.rooms.iter().map(|entry| entry.value().clone()).collect();
        for room in rooms {
            let _ = room.send(Input::SignOut(revoked.clone())).await;
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::protocol::Role;
    use crate::{AppState, Parts, outbox};
    use confab_social::clock::ManualClock;

    #[tokio::test]
    async fn a_room_whose_task_broke_is_made_anew() {
        let folder = crate::test_folder("registry");
        let config = Config::load(["confab", "--data-dir", folder.to_str().unwrap()].map(Into::into)).unwrap();
        // Nothing reads the commands: a queue is all that the room needs.
        let (sfu, _inboxes) = confab_sfu::SfuHandle::new(1);
        let rng = StdRng::seed_from_u64(1);
        let state = AppState::new(Parts { config, clock: Arc::new(ManualClock::new()), rng, sfu }).await.unwrap();
        let id = state.services.rng.with(RoomId::random);
        let (inbox, _) = mpsc::channel(1);
        state.registry.rooms.insert(id, RoomHandle { inbox });
        let host_key = confab_social::secrets::SecretHash::of("key");
        let link = Link {
            name: None,
            codec: crate::protocol::VideoCodec::Vp8,
            host_key,
            owner: None,
            guests: true,
            used_millis: 0,
        };
        let room = state.registry.enter(id, link);
        let joiner = Joiner { name: "Ann".into(), role: Role::Guest, person: None };
        assert!(room.join(joiner, outbox::outbox().0).await.unwrap().is_ok());
        assert!(!state.registry.get(id).unwrap().inbox.is_closed());
    }
}
