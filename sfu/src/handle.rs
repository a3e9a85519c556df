//! [`SfuHandle`]: the async face of the SFU. It places rooms on workers and carries commands to them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use dashmap::DashMap;
use tokio::sync::mpsc;

use crate::control::{Command, Event};
use crate::id::RoomId;

/// Commands that wait for one worker. A worker drains its queue every turn, so a full one means a stuck machine;
/// senders then wait.
const COMMAND_QUEUE: usize = 4096;

/// Events that wait for one room. A room that does not read its events is closed rather than waited for.
const EVENT_QUEUE: usize = 4096;

/// What a worker receives from its handles.
#[derive(Debug)]
pub enum Request {
    /// Make a room and send its events here. The worker drops `events` when the room closes.
    OpenRoom {
        /// The room.
        room: RoomId,
        /// Where its events go.
        events: mpsc::Sender<Event>,
    },
    /// A command for a room that was opened before.
    Command(Command),
}

/// The SFU has stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the SFU has stopped")]
pub struct SfuStopped;

/// A cheap, cloneable handle to all workers.
#[derive(Debug, Clone)]
pub struct SfuHandle {
    workers: Arc<[WorkerSlot]>,
    placement: Arc<DashMap<RoomId, usize>>,
}

#[derive(Debug)]
struct WorkerSlot {
    requests: mpsc::Sender<Request>,
    rooms: AtomicUsize,
}

impl SfuHandle {
    /// A handle to `workers` workers, and each worker's end. [`crate::Sfu::start`] runs real workers on these ends;
    /// a test may read them itself and play the SFU.
    pub fn new(workers: usize) -> (Self, Vec<mpsc::Receiver<Request>>) {
        let (slots, inboxes): (Vec<_>, Vec<_>) = (0..workers)
            .map(|_| {
                let (requests, inbox) = mpsc::channel(COMMAND_QUEUE);
                (WorkerSlot { requests, rooms: AtomicUsize::new(0) }, inbox)
            })
            .unzip();
        (Self { workers: slots.into(), placement: Arc::default() }, inboxes)
    }

    /// Opens `room` on the running worker with the fewest rooms. The receiver ends when the room is closed, by
    /// [`Command::CloseRoom`] or because it fell too far behind.
    ///
    /// # Errors
    /// When the SFU has stopped.
    pub async fn open_room(&self, room: RoomId) -> Result<mpsc::Receiver<Event>, SfuStopped> {
        let (events, receiver) = mpsc::channel(EVENT_QUEUE);
        let index = self.place(room).ok_or(SfuStopped)?;
        self.request(index, Request::OpenRoom { room, events }).await?;
        Ok(receiver)
    }

    /// Sends a command to the worker that has its room. Commands of one caller arrive in order.
    ///
    /// # Errors
    /// When the SFU has stopped. A room that is not open is no error: the command is void.
    pub async fn command(&self, command: Command) -> Result<(), SfuStopped> {
        let room = command.room();
        let Some(index) = self.placement.get(&room).map(|entry| *entry) else {
            return Ok(());
        };
        if matches!(command, Command::CloseRoom { .. }) && self.placement.remove(&room).is_some() {
            self.workers[index].rooms.fetch_sub(1, Ordering::Relaxed);
        }
        self.request(index, Request::Command(command)).await
    }

    fn place(&self, room: RoomId) -> Option<usize> {
        // A worker that a bug has ended takes no rooms; those that it had are opened anew elsewhere.
        let running = (0..self.workers.len()).filter(|&index| !self.workers[index].requests.is_closed());
        let least = running.min_by_key(|&index| self.workers[index].rooms.load(Ordering::Relaxed))?;
        Some(*self.placement.entry(room).or_insert_with(|| {
            self.workers[least].rooms.fetch_add(1, Ordering::Relaxed);
            least
        }))
    }

    async fn request(&self, index: usize, request: Request) -> Result<(), SfuStopped> {
        self.workers[index].requests.send(request).await.map_err(|_| SfuStopped)
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;

    #[tokio::test]
    async fn rooms_of_a_worker_that_ended_are_opened_elsewhere() {
        let (handle, mut inboxes) = SfuHandle::new(2);
        let mut rng = StdRng::seed_from_u64(1);
        let [first, second] = std::array::from_fn(|_| RoomId::random(&mut rng));
        let _ = (handle.open_room(first).await.unwrap(), handle.open_room(second).await.unwrap());
        drop(inboxes.remove(0));
        assert_eq!(handle.command(Command::CloseRoom { room: first }).await, Err(SfuStopped));
        handle.open_room(first).await.unwrap();
        let mut opened = Vec::new();
        while let Ok(Request::OpenRoom { room, .. }) = inboxes[0].try_recv() {
            opened.push(room);
        }
        assert_eq!(opened, [second, first]);
        drop(inboxes);
        assert!(handle.open_room(RoomId::random(&mut rng)).await.is_err());
    }
}
