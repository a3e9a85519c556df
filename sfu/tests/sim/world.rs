//! The world: a worker, clients, the links between them, and the only clock there is.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::OnceLock;
use std::time::{Duration, Instant, UNIX_EPOCH};

use confab_bench::client::{self, Change, Client, ClientConfig};
use confab_sfu::SfuConfig;
use confab_sfu::control::{
    AudioSlotBinding, Command, Event, Offer, OfferError, PeerState, Sections, SlotBinding, SlotSections, Source, Want,
};
use confab_sfu::core::endpoint::Endpoint;
use confab_sfu::core::outbox::Output;
use confab_sfu::core::stats::{Counters, DropReason, Snapshot};
use confab_sfu::core::transport::Engine;
use confab_sfu::core::worker::{Arrival, Epoch, Worker};
use confab_sfu::id::{ParticipantId, RoomId, TrackId};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::agent::Agent;
use crate::links::{Datagram, Link, LinkSpec};
use crate::raw::Raw;

/// Where the worker is.
pub const WORKER: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1)), 3478);

/// The finest step of time: engines may be due in nanoseconds.
const STEP: Duration = Duration::from_millis(1);

/// The worker's wall clock at the start.
pub const EPOCH_UNIX_SECONDS: u64 = 1_800_000_000;

/// Seeds for stories whose links are random.
pub const SEEDS: [u64; 5] = [1, 2, 3, 4, 5];

/// A client and all that belongs to it.
pub struct Node {
    pub agent: Agent,
    pub room: RoomId,
    pub participant: ParticipantId,
    pub tracks: Vec<(Source, TrackId)>,
    /// What its slots carry, as signalling was told last.
    pub slots: Vec<SlotBinding>,
    pub audio_slots: Vec<AudioSlotBinding>,
    /// The encodings of its camera: whether the server wishes for each, and whether the browser can send it.
    camera: [(bool, bool); 3],
    /// The state of its peer, as signalling was told last.
    pub state: Option<PeerState>,
    pub up: Link,
    pub down: Link,
    /// Its address as the world sees it, behind its NAT.
    pub public: SocketAddr,
    /// Datagrams that it sent, if somebody listens.
    pub recorded: Option<Vec<Vec<u8>>>,
}

impl Node {
    /// The id of the track that it publishes from `source`.
    pub fn track(&self, source: Source) -> TrackId {
        self.tracks.iter().find(|(one, _)| *one == source).unwrap().1
    }

    /// Sends what the server wishes for and the browser can send.
    fn fit_camera(&mut self) {
        let Agent::Client(client) = &mut self.agent else { return };
        for (layer, (wished, able)) in self.camera.into_iter().enumerate() {
            client.set_encoding_active(client::Source::Camera, layer, wished && able);
        }
    }

    /// The browser cannot send an encoding of the camera any more, or can again: a matter of size, speed or bandwidth,
    /// of which it says nothing.
    pub fn set_able(&mut self, layer: usize, able: bool) {
        self.camera[layer].1 = able;
        self.fit_camera();
    }

    fn next(&self) -> Instant {
        let links = [self.up.next(), self.down.next()].into_iter().flatten();
        links.fold(self.agent.next_timeout(), Instant::min)
    }
}

/// An event and when it came.
pub struct Told {
    pub at: Instant,
    pub event: Event,
}

/// See the module's text.
pub struct World {
    pub worker: Worker,
    pub nodes: Vec<Node>,
    pub told: Vec<Told>,
    pub start: Instant,
    pub now: Instant,
    pub rng: StdRng,
    /// Datagrams of the worker to addresses where nobody is, and their bytes.
    pub strays: Vec<(SocketAddr, usize)>,
    /// Media datagrams of the worker in which a stamp could be read: unprotected.
    pub plaintext: u64,
    by_address: HashMap<SocketAddr, usize>,
    request: u32,
}

/// How the stamp of a sender with a small number begins. Ciphertext has these eight bytes once in 10^19.
const STAMP: &[u8] = b"CfSt\0\0\0\0";

fn engine() -> Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| Engine::new().unwrap()).clone()
}

impl World {
    pub fn new(seed: u64) -> Self {
        Self::with_config(seed, SfuConfig::default())
    }

    pub fn with_config(seed: u64, config: SfuConfig) -> Self {
        Self::with_engine(seed, config, engine())
    }

    pub fn with_engine(seed: u64, config: SfuConfig, engine: Engine) -> Self {
        // The one look at the real clock: an `Instant` cannot be made from nothing.
        let start = Instant::now();
        let epoch = Epoch { instant: start, wall: UNIX_EPOCH + Duration::from_secs(EPOCH_UNIX_SECONDS) };
        let mut rng = StdRng::seed_from_u64(seed);
        let worker = Worker::new(config, engine, vec![Endpoint::udp(WORKER)], epoch, rng.random());
        Self {
            worker,
            nodes: Vec::new(),
            told: Vec::new(),
            start,
            now: start,
            rng,
            strays: Vec::new(),
            plaintext: 0,
            by_address: HashMap::new(),
            request: 0,
        }
    }

    /// Opens a room.
    pub fn room(&mut self) -> RoomId {
        let room = RoomId::random(&mut self.rng);
        self.worker.open_room(room);
        room
    }

    /// The configuration of the next client: a microphone, a simulcast camera, one slot.
    pub fn config(&self) -> ClientConfig {
        let number = self.nodes.len() as u64 + 1;
        ClientConfig { epoch: self.start, ..ClientConfig::new(local_address(number), number, self.start) }
    }

    /// A client comes into a room and publishes all that it has. It is connected some time later.
    pub fn join(&mut self, room: RoomId, config: ClientConfig, link: LinkSpec) -> usize {
        let sources: Vec<Source> = config.publish.iter().map(|spec| source(spec.source)).collect();
        let local = config.local;
        let config = ClientConfig { seed: config.seed ^ self.rng.random::<u64>(), ..config };
        let client = Client::new(config, self.now).unwrap();
        let node = self.add(room, Agent::Client(Box::new(client)), local, link);
        self.offer(node, Change::default()).unwrap();
        for source in sources {
            self.publish(node, source);
        }
        node
    }

    /// A raw client comes into a room and publishes all that it has.
    pub fn join_raw(&mut self, room: RoomId, raw: Raw, link: LinkSpec) -> usize {
        let sources: Vec<Source> = raw.spec.publish.iter().map(|(source, _)| *source).collect();
        let (offer, local) = (raw.offer(), raw.local);
        let node = self.add(room, Agent::Raw(Box::new(raw)), local, link);
        let answer = self.negotiate(node, offer).unwrap();
        let now = self.now;
        self.raw(node).accept_answer(now, &answer);
        for source in sources {
            self.publish(node, source);
        }
        node
    }

    /// The address of the next client.
    pub fn next_address(&self) -> SocketAddr {
        local_address(self.nodes.len() as u64 + 1)
    }

    /// Puts a client into the world, without any signalling.
    pub fn add(&mut self, room: RoomId, agent: Agent, local: SocketAddr, link: LinkSpec) -> usize {
        let node = Node {
            agent,
            room,
            participant: ParticipantId::random(&mut self.rng),
            tracks: Vec::new(),
            slots: Vec::new(),
            audio_slots: Vec::new(),
            camera: [(true, true); 3],
            state: None,
            up: Link::new(link, self.rng.random()),
            down: Link::new(link, self.rng.random()),
            public: local,
            recorded: None,
        };
        self.by_address.insert(local, self.nodes.len());
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    /// Another program takes a client's place, at another address.
    pub fn replace(&mut self, node: usize, agent: Agent, local: SocketAddr) {
        self.by_address.remove(&self.nodes[node].public);
        self.by_address.insert(local, node);
        self.nodes[node].public = local;
        self.nodes[node].agent = agent;
    }

    /// Forgets the newest node, which has left.
    pub fn remove_last(&mut self) {
        let node = self.nodes.pop().unwrap();
        self.by_address.remove(&node.public);
    }

    /// A client offers, and takes the answer in if there is one.
    pub fn offer(&mut self, node: usize, change: Change) -> Result<(), OfferError> {
        let now = self.now;
        let offer = self.client(node).offer(now, change).unwrap();
        let answer = self.negotiate(node, sfu_offer(&offer))?;
        self.client(node).accept_answer(now, &answer).unwrap();
        self.turn();
        Ok(())
    }

    /// Hands an offer to the worker and gives its answer.
    pub fn negotiate(&mut self, node: usize, offer: Offer) -> Result<String, OfferError> {
        self.request += 1;
        let (room, participant, request) = (self.nodes[node].room, self.nodes[node].participant, self.request);
        self.command(Command::Offer { room, participant, request, offer });
        let answers = self.told.iter().rev().filter_map(|told| match &told.event {
            Event::Answer { request, answer, .. } => Some((*request, answer.clone())),
            _ => None,
        });
        answers.into_iter().find(|(number, _)| *number == request).unwrap().1
    }

    pub fn publish(&mut self, node: usize, source: Source) -> TrackId {
        let track = TrackId::random(&mut self.rng);
        let (room, participant) = (self.nodes[node].room, self.nodes[node].participant);
        self.nodes[node].tracks.push((source, track));
        self.command(Command::Publish { room, participant, track, source, muted: false });
        track
    }

    pub fn mute(&mut self, node: usize, source: Source, muted: bool) {
        let (room, track) = (self.nodes[node].room, self.nodes[node].track(source));
        self.command(Command::Mute { room, track, muted });
    }

    /// A viewer wants the camera and the microphone of others in its slots, one after the other, at one size.
    pub fn watch(&mut self, viewer: usize, publishers: &[usize], (width, height): (u16, u16)) {
        let wants = publishers.iter().zip(0u16..).map(|(&publisher, slot)| {
            let has = |wanted| self.nodes[publisher].tracks.iter().find(|(one, _)| *one == wanted).map(|found| found.1);
            let (video, audio) = (has(Source::Camera), has(Source::Microphone));
            Want { slot, video, audio, width, height, fps: 0, pinned: false }
        });
        let wants = wants.collect();
        self.want(viewer, wants);
    }

    pub fn want(&mut self, viewer: usize, wants: Vec<Want>) {
        let (room, participant) = (self.nodes[viewer].room, self.nodes[viewer].participant);
        self.command(Command::Want { room, participant, wants });
    }

    pub fn leave(&mut self, node: usize) {
        let (room, participant) = (self.nodes[node].room, self.nodes[node].participant);
        self.command(Command::Leave { room, participant });
    }

    pub fn command(&mut self, command: Command) {
        self.worker.handle_command(self.now, command);
        self.drain_worker();
    }

    /// The client's NAT gives it another port from now on; what is sent to the old one is lost.
    pub fn rebind(&mut self, node: usize) {
        let old = self.nodes[node].public;
        let new = SocketAddr::new(old.ip(), old.port() + 1);
        self.by_address.remove(&old);
        self.by_address.insert(new, node);
        self.nodes[node].public = new;
    }

    /// Whether a client can send and receive anything.
    pub fn set_link(&mut self, node: usize, up: bool) {
        self.nodes[node].up.up = up;
        self.nodes[node].down.up = up;
    }

    pub fn client(&mut self, node: usize) -> &mut Client {
        self.nodes[node].agent.client()
    }

    pub fn raw(&mut self, node: usize) -> &mut Raw {
        self.nodes[node].agent.raw()
    }

    pub fn stats(&self, node: usize) -> &client::ClientStats {
        self.nodes[node].agent.stats()
    }

    pub fn counters(&self) -> &Counters {
        self.worker.counters()
    }

    pub fn dropped(&self, reason: DropReason) -> u64 {
        self.worker.counters().dropped(reason)
    }

    pub fn snapshot(&self) -> Snapshot {
        self.worker.snapshot(self.now)
    }

    /// Events since `since`, with their times.
    pub fn told_since(&self, since: Instant) -> impl Iterator<Item = (Instant, &Event)> {
        self.told.iter().filter(move |told| told.at >= since).map(|told| (told.at, &told.event))
    }

    /// A datagram from nowhere in particular reaches the worker.
    pub fn inject(&mut self, source: SocketAddr, bytes: &[u8]) {
        let mut bytes = bytes.to_vec();
        let arrival = Arrival { time: self.now, source: Endpoint::udp(source), local: WORKER };
        self.worker.handle_datagram(self.now, arrival, &mut bytes);
        self.drain_worker();
    }

    /// Lets time pass.
    pub fn run(&mut self, duration: Duration) {
        let end = self.now + duration;
        while self.now < end {
            let nodes = self.nodes.iter().map(Node::next);
            let next = nodes.fold(self.worker.next_timeout(self.now), Instant::min);
            self.now = next.max(self.now + STEP).min(end);
            self.turn();
        }
    }

    /// Lets time pass until `done`, at most `limit`. Gives how long it took, or `None`.
    pub fn run_until(&mut self, limit: Duration, mut done: impl FnMut(&mut Self) -> bool) -> Option<Duration> {
        let start = self.now;
        loop {
            if done(self) {
                return Some(self.now - start);
            }
            if self.now >= start + limit {
                return None;
            }
            self.run(STEP * 10);
        }
    }

    /// Lets time pass until all clients are connected, as both sides see it.
    pub fn connect(&mut self) -> Duration {
        let both = |node: &Node| node.state == Some(PeerState::Connected) && node.agent.is_connected();
        let connected = |world: &mut Self| world.nodes.iter().all(both);
        self.run_until(Duration::from_secs(10), connected).expect("everybody connects")
    }

    /// Does everything that is due now.
    pub fn turn(&mut self) {
        let now = self.now;
        for place in 0..self.nodes.len() {
            if self.nodes[place].next() <= now {
                self.turn_node(place);
            }
        }
        if self.worker.next_timeout(now) <= now {
            self.worker.handle_timeout(now);
            self.drain_worker();
        }
    }

    fn turn_node(&mut self, place: usize) {
        let (now, node) = (self.now, &mut self.nodes[place]);
        for datagram in node.down.receive(now) {
            node.agent.handle_datagram(now, datagram.source, &datagram.bytes);
        }
        node.agent.handle_timeout(now);
        while let Some((destination, bytes)) = node.agent.poll() {
            if let Some(recorded) = &mut node.recorded {
                recorded.push(bytes.clone());
            }
            node.up.send(now, Datagram { source: node.public, destination, bytes });
        }
        for mut datagram in node.up.receive(now) {
            let arrival = Arrival { time: now, source: Endpoint::udp(datagram.source), local: datagram.destination };
            self.worker.handle_datagram(now, arrival, &mut datagram.bytes);
        }
        self.drain_worker();
    }

    fn drain_worker(&mut self) {
        while let Some(output) = self.worker.poll_output() {
            match output {
                Output::Datagrams { path, bytes, segment } => {
                    for bytes in bytes.chunks(segment) {
                        let media = bytes.first().is_some_and(|first| *first >= 128);
                        self.plaintext += u64::from(media && bytes.windows(8).any(|window| window == STAMP));
                        let Some(&place) = self.by_address.get(&path.remote.address) else {
                            self.strays.push((path.remote.address, bytes.len()));
                            continue;
                        };
                        let datagram =
                            Datagram { source: WORKER, destination: path.remote.address, bytes: bytes.to_vec() };
                        self.nodes[place].down.send(self.now, datagram);
                    }
                }
                Output::Event { room, event } => {
                    take_event(&mut self.nodes, room, &event);
                    self.told.push(Told { at: self.now, event });
                }
                Output::RoomLost { .. } => panic!("a bug cost a room"),
            }
        }
    }
}

/// What a client learns from its signalling.
fn take_event(nodes: &mut [Node], room: RoomId, event: &Event) {
    let (Event::Peer { participant, .. } | Event::Slots { participant, .. } | Event::Wishes { participant, .. }) =
        event
    else {
        return;
    };
    let found = nodes.iter_mut().find(|node| node.room == room && node.participant == *participant);
    let Some(node) = found else { return };
    match event {
        Event::Peer { state, .. } => node.state = Some(*state),
        Event::Slots { slots, audio_slots, .. } => {
            let shows =
                |slots: &[SlotBinding], slot: u16| slots.iter().any(|one| one.slot == slot && one.video.is_some());
            for before in node.slots.iter().filter(|before| before.video.is_some() && !shows(slots, before.slot)) {
                node.agent.slot_emptied(before.slot.into());
            }
            node.slots.clone_from(slots);
            node.audio_slots.clone_from(audio_slots);
        }
        Event::Wishes { track, encodings, .. } if node.tracks.contains(&(Source::Camera, *track)) => {
            node.camera.iter_mut().zip(encodings).for_each(|((wished, _), news)| *wished = *news);
            node.fit_camera();
        }
        _ => {}
    }
}

/// The address of the client with this number.
pub fn local_address(number: u64) -> SocketAddr {
    SocketAddr::from(([10, 0, (number >> 8) as u8, number as u8], 5000))
}

pub fn source(source: client::Source) -> Source {
    match source {
        client::Source::Microphone => Source::Microphone,
        client::Source::Camera => Source::Camera,
        client::Source::Screen => Source::Screen,
        client::Source::ScreenAudio => Source::ScreenAudio,
    }
}

/// A client's offer as signalling hands it on.
pub fn sfu_offer(offer: &client::Offer) -> Offer {
    let slots = offer.slots.iter().map(|(video, audio)| SlotSections { video: video.clone(), audio: audio.clone() });
    let publish = offer.publish.iter().map(|(one, mid)| (source(*one), mid.clone()));
    let sections =
        Sections { publish: publish.collect(), slots: slots.collect(), audio_slots: offer.audio_slots.clone() };
    Offer { sdp: offer.sdp.clone(), sections }
}
