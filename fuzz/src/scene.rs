//! A worker and two clients with their keys in their own hands, under a clock of their own.

use std::net::SocketAddr;
use std::sync::OnceLock;
use std::time::{Duration, Instant, UNIX_EPOCH};

use confab_sfu::SfuConfig;
use confab_sfu::control::{Command, Event, Source, Want};
use confab_sfu::core::endpoint::Endpoint;
use confab_sfu::core::outbox::Output;
use confab_sfu::core::stats::DropReason;
use confab_sfu::core::transport::Engine;
use confab_sfu::core::worker::{Arrival, Epoch, Worker};
use confab_sfu::id::{ParticipantId, RoomId, TrackId};
use rand::SeedableRng;
use rand::rngs::StdRng;

use crate::raw::Raw;
use crate::world::WORKER;

/// Steps of a millisecond in which both clients must have connected.
const MAX_STEPS: u32 = 5_000;

/// The same ids in every run.
pub(crate) struct Ids {
    pub(crate) room: RoomId,
    pub(crate) participants: [ParticipantId; 2],
    /// Camera and microphone.
    pub(crate) tracks: [TrackId; 2],
}

impl Ids {
    pub(crate) fn new() -> Self {
        let rng = &mut StdRng::seed_from_u64(1);
        Self {
            room: RoomId::random(rng),
            participants: [ParticipantId::random(rng), ParticipantId::random(rng)],
            tracks: [TrackId::random(rng), TrackId::random(rng)],
        }
    }
}

/// A worker, and the time at which it starts.
pub(crate) fn new_worker() -> (Worker, Instant) {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    let engine = ENGINE.get_or_init(|| Engine::new().expect("the engine starts")).clone();
    let now = Instant::now();
    let epoch = Epoch { instant: now, wall: UNIX_EPOCH + Duration::from_secs(1_800_000_000) };
    (Worker::new(SfuConfig::default(), engine, vec![Endpoint::udp(WORKER)], epoch, [7; 32]), now)
}

/// What a bug of ours would have left behind.
pub(crate) fn check_counters(worker: &Worker) {
    assert_eq!(worker.counters().peer_panics, 0);
    assert_eq!(worker.counters().dropped(DropReason::EngineMedia), 0);
}

/// A call: a publisher of a camera with three encodings and a microphone, and a viewer of both. They are connected.
pub(crate) struct Scene {
    pub(crate) worker: Worker,
    pub(crate) now: Instant,
    /// The publisher and the viewer.
    pub(crate) clients: [Raw; 2],
    pub(crate) ids: Ids,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let (worker, now) = new_worker();
        let address = |last| SocketAddr::from(([198, 51, 100, last], 5000));
        let publish = [(Source::Camera, &["l", "m", "h"][..]), (Source::Microphone, &[])];
        let clients = [Raw::publisher(address(1), now, &publish), Raw::viewer(address(2), now, 1)];
        let mut scene = Self { worker, now, clients, ids: Ids::new() };
        let room = scene.ids.room;
        scene.worker.open_room(room);
        for place in 0..2 {
            scene.offer(place);
        }
        let [camera, microphone] = scene.ids.tracks;
        let participant = scene.ids.participants[0];
        for (track, source) in [(camera, Source::Camera), (microphone, Source::Microphone)] {
            scene.command(Command::Publish { room, participant, track, source, muted: false });
        }
        scene.want(1280);
        for _ in 0..MAX_STEPS {
            if scene.clients.iter().all(Raw::is_connected) {
                return scene;
            }
            scene.wait(Duration::from_millis(1));
        }
        panic!("the clients do not connect");
    }

    fn offer(&mut self, place: usize) {
        let offer = self.clients[place].offer();
        let (room, participant) = (self.ids.room, self.ids.participants[place]);
        self.worker.handle_command(self.now, Command::Offer { room, participant, request: 1, offer });
        while let Some(output) = self.worker.poll_output() {
            if let Output::Event { event: Event::Answer { answer, .. }, .. } = output {
                self.clients[place].accept_answer(self.now, &answer.expect("the offer is good"));
            }
        }
    }

    /// The viewer wants the camera at this width; 0 pauses it.
    pub(crate) fn want(&mut self, width: u16) {
        let [camera, microphone] = self.ids.tracks.map(Some);
        let wants =
            vec![Want { slot: 0, video: camera, audio: microphone, width, height: width, fps: 0, pinned: false }];
        self.command(Command::Want { room: self.ids.room, participant: self.ids.participants[1], wants });
    }

    pub(crate) fn command(&mut self, command: Command) {
        self.worker.handle_command(self.now, command);
        self.exchange();
    }

    /// Lets time pass in one step, as a machine that was busy elsewhere would.
    pub(crate) fn wait(&mut self, time: Duration) {
        self.now += time;
        for client in &mut self.clients {
            client.handle_timeout(self.now);
        }
        self.worker.handle_timeout(self.now);
        self.exchange();
    }

    /// A datagram reaches the worker from a client's address.
    pub(crate) fn inject(&mut self, place: usize, bytes: &[u8]) {
        let arrival = Arrival { time: self.now, source: Endpoint::udp(self.clients[place].local), local: WORKER };
        self.worker.handle_datagram(self.now, arrival, &mut bytes.to_vec());
        self.exchange();
    }

    /// Carries datagrams both ways until there are none.
    pub(crate) fn exchange(&mut self) {
        loop {
            let mut quiet = true;
            for client in &mut self.clients {
                while let Some((_, mut bytes)) = client.poll() {
                    let arrival = Arrival { time: self.now, source: Endpoint::udp(client.local), local: WORKER };
                    self.worker.handle_datagram(self.now, arrival, &mut bytes);
                    quiet = false;
                }
            }
            while let Some(output) = self.worker.poll_output() {
                let Output::Datagrams { path, bytes, segment } = output else { continue };
                quiet = false;
                let client = self.clients.iter_mut().find(|client| Endpoint::udp(client.local) == path.remote);
                let client = client.expect("nobody else has proved an address");
                for datagram in bytes.chunks(segment) {
                    client.handle_datagram(self.now, WORKER, datagram);
                }
            }
            if quiet {
                return;
            }
        }
    }
}
