//! The task that owns one room: it feeds the room with inputs and does what the room wants done, in order.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::ws::Utf8Bytes;
use confab_sfu::SfuStopped;
use confab_sfu::control::{Command, Event};
use confab_sfu::id::{ParticipantId, RoomId};
use tokio::sync::{mpsc, oneshot};

use super::present::PresentIn;
use super::registry::{Registry, Services};
use super::{ConnectionId, Disconnect, Joiner, Output, Room, Summary};
use crate::outbox::{Frame, Outbox};
use crate::protocol::{ClientMessage, CloseReason, ErrorCode, ServerMessage};
use confab_social::events::Revoked;
use confab_social::secrets::SecretHash;

/// What others ask of a room. A reply that never comes means that the room is over.
#[derive(Debug)]
pub(super) enum Input {
    Join { joiner: Joiner, outbox: Outbox, reply: oneshot::Sender<Result<ConnectionId, ErrorCode>> },
    Claim { token: SecretHash, reply: oneshot::Sender<Option<ParticipantId>> },
    Resume { who: ParticipantId, outbox: Outbox, reply: oneshot::Sender<Result<ConnectionId, ErrorCode>> },
    Message { from: ConnectionId, message: ClientMessage },
    Disconnected { connection: ConnectionId, how: Disconnect },
    Inspect { reply: oneshot::Sender<Summary> },
    SignOut(Revoked),
    Stop,
}

/// A room, its connections and what it acts upon.
pub(super) struct Task {
    id: RoomId,
    room: Room,
    outboxes: HashMap<ConnectionId, Outbox>,
    connections: u64,
    /// Participants that the metrics count already.
    counted: i64,
    /// Tells who is here.
    present: PresentIn,
    services: Arc<Services>,
    is_over: bool,
}

impl Task {
    pub(super) fn new(id: RoomId, room: Room, services: Arc<Services>) -> Self {
        let present = services.present.of(id);
        Self { id, room, outboxes: HashMap::new(), connections: 0, counted: 0, present, services, is_over: false }
    }

    /// Runs the room until it is over.
    pub(super) async fn run(mut self, mut inbox: mpsc::Receiver<Input>, registry: Registry) {
        self.services.metrics.rooms.inc();
        // Void, unless an earlier task of this room broke.
        let _ = self.services.media.command(Command::CloseRoom { room: self.id }).await;
        match self.services.media.open_room(self.id).await {
            Ok(events) => self.live(&mut inbox, events).await,
            Err(stopped) => self.give_up(stopped).await,
        }
        self.services.metrics.rooms.dec();
        // Only now may a new task open the room again. Whoever still waits in this inbox gets no reply and tries that.
        registry.forget(self.id);
    }

    async fn live(&mut self, inbox: &mut mpsc::Receiver<Input>, mut events: mpsc::Receiver<Event>) {
        while !self.is_over {
            let clock = &self.services.clock;
            let deadline = self.room.deadline();
            tokio::select! {
                Some(input) = inbox.recv() => self.input(input),
                event = events.recv() => match event {
                    Some(event) => self.room.event(event, clock.now()),
                    // The SFU lost the room, the link is as good as before: clients come back and find a new one.
                    None => self.room.close(CloseReason::ServerStopping),
                },
                () = async {
                    match deadline {
                        Some(deadline) => clock.sleep_until(deadline).await,
                        None => std::future::pending().await,
                    }
                } => self.room.tick(clock.now()),
            }
            if let Err(stopped) = self.act().await {
                self.give_up(stopped).await;
            }
        }
    }

    /// Closes the room when the SFU is gone. What the room still wants of the SFU is void.
    async fn give_up(&mut self, stopped: SfuStopped) {
        tracing::error!(room = ?self.id, "{stopped}");
        self.room.close(CloseReason::ServerStopping);
        while !self.is_over {
            let _ = self.act().await;
        }
    }

    fn input(&mut self, input: Input) {
        let now = self.services.clock.now();
        match input {
            Input::Join { joiner, outbox, reply } => {
                let connection = self.connect(outbox);
                let joined = self.room.join(joiner, connection, now);
                self.connected(connection, joined.map(|_| ()), reply);
            }
            Input::Claim { token, reply } => {
                let _ = reply.send(self.room.claim(token));
            }
            Input::Resume { who, outbox, reply } => {
                let connection = self.connect(outbox);
                let resumed = self.room.resume(who, connection, now);
                self.connected(connection, resumed, reply);
            }
            Input::SignOut(revoked) => self.room.sign_out(&revoked),
            Input::Message { from, message } => self.room.receive(from, message, now),
            Input::Disconnected { connection, how } => {
                self.outboxes.remove(&connection);
                self.room.disconnected(connection, how, now);
            }
            Input::Inspect { reply } => {
                let _ = reply.send(self.room.summary());
            }
            Input::Stop => self.room.close(CloseReason::ServerStopping),
        }
    }

    fn connect(&mut self, outbox: Outbox) -> ConnectionId {
        self.connections += 1;
        let connection = ConnectionId(self.connections);
        self.outboxes.insert(connection, outbox);
        connection
    }

    /// Answers who wants in. One that does not wait for it any more has gone again.
    fn connected(
        &mut self,
        connection: ConnectionId,
        result: Result<(), ErrorCode>,
        reply: oneshot::Sender<Result<ConnectionId, ErrorCode>>,
    ) {
        if result.is_err() {
            self.outboxes.remove(&connection);
        }
        if reply.send(result.map(|()| connection)) == Err(Ok(connection)) {
            self.outboxes.remove(&connection);
            self.room.disconnected(connection, Disconnect::Lost, self.services.clock.now());
        }
    }

    /// Does what the room wants done.
    async fn act(&mut self) -> Result<(), SfuStopped> {
        // Before anybody hears of it.
        let participants = i64::try_from(self.room.participants()).unwrap_or(i64::MAX);
        if participants != self.counted {
            self.services.metrics.participants.add(participants - self.counted);
            self.counted = participants;
            self.present.set(self.room.accounts());
        }
        while let Some(output) = self.room.poll_output() {
            match output {
                Output::Send { to, message } => self.send(&to, &message),
                Output::Close { connection, code } => {
                    if let Some(outbox) = self.outboxes.remove(&connection) {
                        outbox.push(Frame::Close(code));
                    }
                }
                Output::Sfu(command) => self.services.media.command(command).await?,
                Output::FirstFrame(time) => self.services.metrics.first_frame.observe(time.as_secs_f64()),
                Output::Over { ended } => {
                    self.is_over = true;
                    if ended && let Err(error) = self.services.links.end(self.id).await {
                        tracing::error!(room = ?self.id, "cannot write down that a room has ended: {error}");
                    }
                }
            }
        }
        Ok(())
    }

    fn send(&self, to: &[ConnectionId], message: &ServerMessage) {
        if let ServerMessage::Error { code, .. } = message {
            self.services.metrics.error(code);
        }
        match serde_json::to_string(message) {
            Ok(text) => {
                let frame = Frame::Text(Utf8Bytes::from(text));
                to.iter().filter_map(|id| self.outboxes.get(id)).for_each(|outbox| outbox.push(frame.clone()));
            }
            Err(error) => tracing::error!("cannot write a message: {error}"),
        }
    }
}
