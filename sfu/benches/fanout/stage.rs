//! A worker and its clients in memory, without a network: one room, one publisher, many viewers.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime};

use confab_bench::client::{Change, Client, ClientConfig, Output as Sent, PublishSpec};
use confab_sfu::SfuConfig;
use confab_sfu::control::{Command, Event, Offer, Sections, SlotSections, Source, Want};
use confab_sfu::core::endpoint::Endpoint;
use confab_sfu::core::outbox::Output;
use confab_sfu::core::transport::Engine;
use confab_sfu::core::worker::{Arrival, Epoch, Worker};
use confab_sfu::id::{ParticipantId, RoomId, TrackId};
use rand::SeedableRng;
use rand::rngs::StdRng;

pub(crate) const WORKER: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1)), 7000);

/// Many packets of about 1100 bytes, and still less than a publisher may send.
const KILOBITS: u32 = 12_000;

/// Virtual time for everybody to connect and for the first keyframe.
const WARM_UP: Duration = Duration::from_secs(2);

/// A packet of the publisher, and when it arrives.
pub(crate) type Packet = (Instant, Vec<u8>);

/// See the module's text.
pub(crate) struct Stage {
    worker: Worker,
    clients: Vec<Client>,
    by_address: HashMap<SocketAddr, usize>,
    now: Instant,
}

pub(crate) fn engine() -> Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| Engine::new().expect("cryptography works")).clone()
}

pub(crate) fn address(number: usize) -> SocketAddr {
    SocketAddr::from(([10, 0, 1 + (number / 250) as u8, 1 + (number % 250) as u8], 4000))
}

impl Stage {
    /// `viewers` clients with `slots` slots each, all of whom watch the publisher in their first slot.
    pub(crate) fn new(viewers: usize, slots: usize) -> Self {
        let now = Instant::now();
        let epoch = Epoch { instant: now, wall: SystemTime::now() };
        let worker = Worker::new(SfuConfig::default(), engine(), vec![Endpoint::udp(WORKER)], epoch, [7; 32]);
        let mut stage = Self { worker, clients: Vec::new(), by_address: HashMap::new(), now };
        let mut rng = StdRng::seed_from_u64(1);
        let room = RoomId::random(&mut rng);
        stage.worker.open_room(room);
        let track = TrackId::random(&mut rng);
        for number in 0..=viewers {
            let participant = ParticipantId::random(&mut rng);
            let publish = if number == 0 { vec![PublishSpec::camera_single(KILOBITS)] } else { Vec::new() };
            stage.join(room, participant, number, publish, if number == 0 { 0 } else { slots });
            stage.worker.handle_command(
                now,
                if number == 0 {
                    Command::Publish { room, participant, track, source: Source::Camera, muted: false }
                } else {
                    let want = Want {
                        slot: 0,
                        video: Some(track),
                        audio: None,
                        width: 1280,
                        height: 720,
                        fps: 0,
                        pinned: false,
                    };
                    Command::Want { room, participant, wants: vec![want] }
                },
            );
        }
        stage.run(WARM_UP);
        stage
    }

    fn join(
        &mut self,
        room: RoomId,
        participant: ParticipantId,
        number: usize,
        publish: Vec<PublishSpec>,
        slots: usize,
    ) {
        let local = address(number);
        let config = ClientConfig { publish, slots, ..ClientConfig::new(local, number as u64 + 1, self.now) };
        let mut client = Client::new(config, self.now).expect("a client");
        let offer = client.offer(self.now, Change::default()).expect("an offer");
        let slots =
            offer.slots.iter().map(|(video, audio)| SlotSections { video: video.clone(), audio: audio.clone() });
        let publish = offer.publish.iter().map(|(_, mid)| (Source::Camera, mid.clone()));
        let sections = Sections { publish: publish.collect(), slots: slots.collect(), audio_slots: Vec::new() };
        // Nobody reads what the viewers are sent while it is measured. So they must not agree to tell of it: what
        // nobody tells of is held back. A number and its record are what that leaves out.
        let lines = offer.sdp.split_inclusive('\n').filter(|line| !line.trim_end().ends_with(" transport-cc"));
        let offer = Offer { sdp: lines.collect(), sections };
        self.worker.handle_command(self.now, Command::Offer { room, participant, request: 1, offer });
        let mut answer = None;
        while let Some(output) = self.worker.poll_output() {
            if let Output::Event { event: Event::Answer { answer: given, .. }, .. } = output {
                answer = Some(given.expect("an answer"));
            }
        }
        client.accept_answer(self.now, &answer.expect("an answer")).expect("a good answer");
        self.by_address.insert(local, self.clients.len());
        self.clients.push(client);
    }

    /// Lets everybody run for a while.
    fn run(&mut self, time: Duration) {
        let end = self.now + time;
        while self.now < end {
            self.now += Duration::from_millis(5);
            for place in 0..self.clients.len() {
                self.clients[place].handle_timeout(self.now);
                self.carry(place);
            }
            self.worker.handle_timeout(self.now);
            self.deliver();
        }
    }

    /// Takes a client's datagrams to the worker.
    fn carry(&mut self, place: usize) {
        let source = address(place);
        while let Some(output) = self.clients[place].poll() {
            if let Sent::Transmit { bytes, .. } = output {
                let arrival = Arrival { time: self.now, source: Endpoint::udp(source), local: WORKER };
                self.worker.handle_datagram(self.now, arrival, &mut bytes.to_vec());
                self.deliver();
            }
        }
    }

    /// Takes the worker's datagrams to the clients.
    fn deliver(&mut self) {
        while let Some(output) = self.worker.poll_output() {
            let Output::Datagrams { path, bytes, segment } = output else { continue };
            let Some(&place) = self.by_address.get(&path.remote.address) else { continue };
            for datagram in bytes.chunks(segment) {
                self.clients[place].handle_datagram(self.now, WORKER, path.remote.address, datagram);
            }
        }
    }

    /// The publisher's next `count` media packets, encrypted, not yet given to anybody.
    pub(crate) fn packets(&mut self, count: usize) -> Vec<Packet> {
        let mut packets = Vec::with_capacity(count);
        while packets.len() < count {
            self.now += Duration::from_millis(1);
            self.clients[0].handle_timeout(self.now);
            while let Some(output) = self.clients[0].poll() {
                if let Sent::Transmit { bytes, .. } = output
                    && bytes.len() > 1000
                    && packets.len() < count
                {
                    packets.push((self.now, bytes.to_vec()));
                }
            }
        }
        packets
    }

    /// Hands packets to the worker in bursts of `burst`, and throws away what it wants sent. Returns how many
    /// datagrams that was.
    pub(crate) fn forward(&mut self, packets: &mut [Packet], burst: usize) -> usize {
        let mut sent = 0;
        for packets in packets.chunks_mut(burst) {
            for (time, packet) in packets {
                self.receive(*time, packet);
            }
            self.drain(|_, bytes, segment| sent += std::hint::black_box(bytes).len().div_ceil(segment));
        }
        sent
    }

    /// The worker takes one packet of the publisher, and lets time pass until then.
    pub(crate) fn receive(&mut self, now: Instant, packet: &mut [u8]) {
        if self.worker.next_timeout(now) <= now {
            self.worker.handle_timeout(now);
        }
        let arrival = Arrival { time: now, source: Endpoint::udp(address(0)), local: WORKER };
        self.worker.handle_datagram(now, arrival, packet);
    }

    /// Takes out what the worker wants sent: where to, the datagrams, and the length of each.
    pub(crate) fn drain(&mut self, mut send: impl FnMut(SocketAddr, &[u8], usize)) {
        while let Some(output) = self.worker.poll_output() {
            if let Output::Datagrams { path, bytes, segment } = output {
                send(path.remote.address, bytes, segment);
            }
        }
    }
}
