//! One thread for each worker: wait, receive a batch, let the core handle it, carry out what it wants.

use std::collections::HashMap;
use std::io;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use tokio::time::sleep_until;

use super::SharedSnapshot;
use super::clock::Now;
use super::gather::Gather;
use super::tcp::{Limits, MediaListener, StreamEvent, StreamIo, What};
use super::udp::{MediaIo, MediaSocket};
use crate::control::{Command, Event};
use crate::core::endpoint::{Endpoint, Protocol};
use crate::core::outbox::Output;
use crate::core::stats::DropReason;
use crate::core::worker::{Arrival, Worker};
use crate::handle::Request;
use crate::id::RoomId;

/// Batches taken before the effects of the first are carried out: bounds the delay that a flood adds.
const BATCHES_PER_TURN: usize = 4;

/// How often metrics see fresh numbers.
const SNAPSHOT_INTERVAL: Duration = Duration::from_secs(1);

/// Datagrams taken from connections before their effects are carried out, likewise.
const STREAM_EVENTS_PER_TURN: usize = 64;

/// What a worker is reached by.
pub(super) struct Ports {
    pub(super) socket: MediaSocket,
    pub(super) listener: Option<MediaListener>,
    pub(super) limits: Limits,
}

/// Starts the worker's thread. It ends when all handles are gone.
pub(super) fn spawn(
    index: u16,
    worker: Worker,
    ports: Ports,
    inbox: mpsc::Receiver<Request>,
    snapshot: SharedSnapshot,
) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (io, streams) = {
        let _entered = runtime.enter();
        (ports.socket.into_async()?, StreamIo::start(ports.listener, ports.limits)?)
    };
    let now = Now::read().instant;
    let (rooms, gather) = (HashMap::new(), Gather::new(now));
    let shell = Shell { worker, io, streams, rooms, gather, snapshot, snapshot_due: now, is_snapshot_stale: true };
    std::thread::Builder::new().name(format!("sfu-{index}")).spawn(move || runtime.block_on(shell.run(inbox)))?;
    Ok(())
}

struct Shell {
    worker: Worker,
    io: MediaIo,
    streams: StreamIo,
    rooms: HashMap<RoomId, mpsc::Sender<Event>>,
    gather: Gather,
    snapshot: SharedSnapshot,
    snapshot_due: Instant,
    /// Whether something happened that the snapshot does not tell of: an idle worker is not woken for it.
    is_snapshot_stale: bool,
}

impl Shell {
    async fn run(mut self, mut inbox: mpsc::Receiver<Request>) {
        loop {
            let snapshot = self.is_snapshot_stale.then_some(self.snapshot_due);
            let deadline = self.worker.next_timeout(Now::read().instant);
            let deadline = snapshot.map_or(deadline, |snapshot| snapshot.min(deadline));
            tokio::select! {
                request = inbox.recv() => match request {
                    Some(request) => self.handle_request(request),
                    None => return,
                },
                readable = self.io.readable() => {
                    if let Err(error) = readable {
                        tracing::error!(%error, "the media port failed");
                        return;
                    }
                    // The thread has nothing else to do; the runtime's own timers are too coarse for this.
                    if let Some(pause) = self.gather.pause(Now::read().instant) {
                        std::thread::sleep(pause);
                    }
                    self.receive();
                }
                Some(event) = self.streams.next() => self.receive_from_streams(event),
                () = sleep_until(deadline.into()) => {}
            }
            let now = Now::read().instant;
            if now >= self.worker.next_timeout(now) {
                self.worker.handle_timeout(now);
            }
            self.carry_out();
            self.publish_snapshot(now);
        }
    }

    fn handle_request(&mut self, request: Request) {
        match request {
            Request::OpenRoom { room, events } => {
                self.rooms.insert(room, events);
                self.worker.open_room(room);
            }
            Request::Command(command) => {
                if let Command::CloseRoom { room } = command {
                    self.rooms.remove(&room);
                }
                self.worker.handle_command(Now::read().instant, command);
            }
        }
    }

    fn receive(&mut self) {
        for _ in 0..BATCHES_PER_TURN {
            let now = Now::read();
            let fallback = self.worker.candidates().first().map(|candidate| candidate.address);
            let worker = &mut self.worker;
            let received = self.io.receive(now, fallback, |arrival, datagram| {
                worker.handle_datagram(now.instant, arrival, datagram);
            });
            match received {
                Ok(true) => {}
                Ok(false) => return,
                // An ICMP error for some datagram sent before; the socket goes on.
                Err(error) => return tracing::debug!(%error, "receiving failed"),
            }
        }
    }

    fn receive_from_streams(&mut self, first: StreamEvent) {
        let now = Now::read().instant;
        let mut first = Some(first);
        for _ in 0..STREAM_EVENTS_PER_TURN {
            let next = first.take().or_else(|| self.streams.try_next());
            let Some(StreamEvent { remote, local, at, what }) = next else { return };
            let source = Endpoint::tcp(remote);
            match what {
                What::Opened(_) => {}
                What::Datagram(mut datagram) => {
                    self.worker.handle_datagram(now, Arrival { time: at, source, local }, &mut datagram);
                }
                What::Closed => self.worker.handle_disconnect(source),
            }
        }
    }

    fn carry_out(&mut self) {
        let mut failed = 0;
        let mut overrun = Vec::new();
        let (mut sent, mut bytes_sent) = (0, 0);
        while let Some(output) = self.worker.poll_output() {
            match output {
                Output::Datagrams { path, bytes, segment } => {
                    let refused = match path.remote.protocol {
                        Protocol::Udp => self.io.send(path, bytes, segment),
                        Protocol::Tcp => self.streams.send(path.remote.address, bytes, segment),
                    };
                    failed += refused;
                    sent += (bytes.len().div_ceil(segment.max(1)) - refused) as u64;
                    bytes_sent += bytes.len().saturating_sub(refused * segment) as u64;
                }
                Output::Event { room, event } => {
                    if self.rooms.get(&room).is_some_and(|events| events.try_send(event).is_err()) {
                        overrun.push(room);
                    }
                }
                // With its sender gone the events end.
                Output::RoomLost { room } => drop(self.rooms.remove(&room)),
            }
        }
        self.worker.count_sent(sent, bytes_sent);
        self.gather.record(sent);
        (0..failed).for_each(|_| self.worker.count_drop(DropReason::SendFailed));
        for room in overrun {
            tracing::warn!("a room was closed because its events were not read");
            self.rooms.remove(&room);
            self.worker.handle_command(Now::read().instant, Command::CloseRoom { room });
        }
    }

    fn publish_snapshot(&mut self, now: Instant) {
        self.is_snapshot_stale = now < self.snapshot_due;
        if self.is_snapshot_stale {
            return;
        }
        self.snapshot_due = now + SNAPSHOT_INTERVAL;
        if let Ok(mut snapshot) = self.snapshot.lock() {
            *snapshot = self.worker.snapshot(now);
        }
    }
}
