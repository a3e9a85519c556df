//! Peers that join and then do nothing: what a join costs, and what such a peer costs from then on.

use std::fmt;
use std::net::SocketAddr;
use std::time::{Duration, Instant, SystemTime};

use confab_bench::client::{Change, Client, ClientConfig, Output as Sent};
use confab_sfu::SfuConfig;
use confab_sfu::control::{Command, Event, Offer, Sections, SlotSections};
use confab_sfu::core::endpoint::Endpoint;
use confab_sfu::core::outbox::Output;
use confab_sfu::core::worker::{Arrival, Epoch, Worker};
use confab_sfu::id::{ParticipantId, RoomId};
use rand::SeedableRng;
use rand::rngs::StdRng;

use super::stage::{WORKER, address, engine};
use super::thread_cpu;

/// Peers, how many of them share a room, and the slots of each.
const PEERS: usize = 2000;
const ROOM: usize = 50;
const SLOTS: usize = 20;

/// How often a browser sends an ICE check.
const CHECKS: Duration = Duration::from_millis(2500);

/// Virtual time in which nothing is measured, and in which it is.
const SETTLE: Duration = Duration::from_secs(8);
const MEASURED: Duration = Duration::from_secs(60);

/// The step of virtual time.
const STEP: Duration = Duration::from_millis(5);

/// See the module's text.
pub(crate) struct Idle {
    /// CPU time for a second of all of them, in percent of a core.
    pub(crate) cpu_percent: f64,
    /// Heap of one of them.
    pub(crate) heap_bytes: f64,
    /// CPU time of one join, from the offer to the first quiet moment after DTLS: the median.
    pub(crate) join_ms: f64,
    /// Steps of time a second, of 200, in which anything was due.
    timeouts: f64,
}

impl fmt::Display for Idle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{PEERS} idle peers with {SLOTS} slots, each with an ICE check every {CHECKS:?};")?;
        writeln!(f, "  something was due by time in {:.1} of 200 steps a second", self.timeouts)?;
        let each = self.cpu_percent * 1e4 / PEERS as f64;
        writeln!(f, "  CPU {:.2} % of a core, {each:.1} us a peer and second", self.cpu_percent)?;
        writeln!(f, "  heap {:.1} KiB a peer", self.heap_bytes / 1024.0)?;
        write!(f, "  a join {:.3} ms of CPU", self.join_ms)
    }
}

/// A worker, with the memory and the CPU time that its calls take. What it wants sent is put into buffers that were
/// made before, so that nothing of it counts as the worker's.
struct Metered {
    worker: Worker,
    now: Instant,
    heap: i64,
    timeouts: usize,
    spent: Duration,
    sent: Vec<u8>,
    trains: Vec<(SocketAddr, std::ops::Range<usize>, usize)>,
    answer: String,
}

impl Metered {
    fn run(&mut self, call: impl FnOnce(&mut Worker, Instant)) {
        self.sent.clear();
        self.trains.clear();
        self.answer.clear();
        let begin = thread_cpu();
        let info = allocation_counter::measure(|| {
            call(&mut self.worker, self.now);
            while let Some(output) = self.worker.poll_output() {
                match output {
                    Output::Datagrams { path, bytes, segment } => {
                        let start = self.sent.len();
                        self.sent.extend_from_slice(bytes);
                        self.trains.push((path.remote.address, start..self.sent.len(), segment));
                    }
                    Output::Event { event: Event::Answer { answer, .. }, .. } => {
                        self.answer.push_str(&answer.expect("an answer"));
                    }
                    _ => {}
                }
            }
        });
        self.spent += thread_cpu() - begin;
        self.heap += info.bytes_current;
    }

    /// Hands datagrams in, and lets time pass. Counts how often something was due.
    fn take(&mut self, datagrams: &mut [(SocketAddr, Vec<u8>)]) {
        let mut timeouts = 0;
        self.run(|worker, now| {
            let timeouts = &mut timeouts;
            for (source, bytes) in datagrams {
                let arrival = Arrival { time: now, source: Endpoint::udp(*source), local: WORKER };
                worker.handle_datagram(now, arrival, bytes);
            }
            if worker.next_timeout(now) <= now {
                *timeouts += 1;
                worker.handle_timeout(now);
            }
        });
        self.timeouts += timeouts;
    }
}

/// Joins everybody, waits, and measures.
pub(crate) fn measure() -> Idle {
    let now = Instant::now();
    let epoch = Epoch { instant: now, wall: SystemTime::now() };
    let worker = Worker::new(SfuConfig::default(), engine(), vec![Endpoint::udp(WORKER)], epoch, [9; 32]);
    let (sent, trains, answer) =
        (Vec::with_capacity(4 << 20), Vec::with_capacity(1 << 16), String::with_capacity(1 << 20));
    let mut metered = Metered { worker, now, heap: 0, timeouts: 0, spent: Duration::ZERO, sent, trains, answer };
    let mut rng = StdRng::seed_from_u64(2);
    let mut checks = Vec::with_capacity(PEERS);
    let mut joins = Vec::with_capacity(PEERS);
    let mut room = RoomId::random(&mut rng);
    for number in 0..PEERS {
        if number % ROOM == 0 {
            room = RoomId::random(&mut rng);
            metered.worker.open_room(room);
        }
        let begin = metered.spent;
        checks.push(join(&mut metered, room, ParticipantId::random(&mut rng), number));
        joins.push(metered.spent - begin);
    }
    wait(&mut metered, &checks, SETTLE);
    let (begin, timeouts) = (metered.spent, metered.timeouts);
    wait(&mut metered, &checks, MEASURED);
    joins.sort_unstable();
    Idle {
        cpu_percent: (metered.spent - begin).as_secs_f64() / MEASURED.as_secs_f64() * 100.0,
        heap_bytes: metered.heap as f64 / PEERS as f64,
        join_ms: joins[PEERS / 2].as_secs_f64() * 1e3,
        timeouts: (metered.timeouts - timeouts) as f64 / MEASURED.as_secs_f64(),
    }
}

/// Lets everybody send a check now and then, the same one each time: a browser's differs only in its number.
fn wait(metered: &mut Metered, checks: &[Vec<u8>], time: Duration) {
    let start = metered.now;
    let sent_by = |time: Duration| (time.as_secs_f64() / CHECKS.as_secs_f64() * PEERS as f64) as usize;
    while metered.now < start + time {
        let before = sent_by(metered.now - start);
        metered.now += STEP;
        let due = (before..sent_by(metered.now - start)).map(|check| check % PEERS);
        let mut datagrams: Vec<_> = due.map(|number| (address(number), checks[number].clone())).collect();
        metered.take(&mut datagrams);
        assert!(metered.trains.len() >= datagrams.len(), "each check has its answer");
    }
}

/// Joins one client, which is then forgotten but for one of its ICE checks.
fn join(metered: &mut Metered, room: RoomId, participant: ParticipantId, number: usize) -> Vec<u8> {
    let now = metered.now;
    let config = ClientConfig { slots: SLOTS, ..ClientConfig::new(address(number), number as u64 + 1, now) };
    let mut client = Client::new(config, now).expect("a client");
    let offer = client.offer(now, Change::default()).expect("an offer");
    metered.run(|worker, now| {
        // Made in here, since the worker takes it: else its end would count as memory given back.
        let slots =
            offer.slots.iter().map(|(video, audio)| SlotSections { video: video.clone(), audio: audio.clone() });
        let sections = Sections { publish: Vec::new(), slots: slots.collect(), audio_slots: Vec::new() };
        let offer = Offer { sdp: offer.sdp.clone(), sections };
        worker.handle_command(now, Command::Offer { room, participant, request: 1, offer });
    });
    client.accept_answer(now, &metered.answer).expect("a good answer");
    let mut check = Vec::new();
    for _ in 0..1000 {
        // Quick, so that nobody is silent for long until all have joined.
        metered.now += STEP / 5;
        client.handle_timeout(metered.now);
        let mut datagrams = outgoing(&mut client, number);
        if datagrams.is_empty() && client.stats().connected.is_some() {
            return check;
        }
        let checks = datagrams.iter().filter(|(_, bytes)| bytes.first() == Some(&0));
        checks.for_each(|(_, bytes)| check.clone_from(bytes));
        metered.take(&mut datagrams);
        for (_, range, segment) in &metered.trains {
            for datagram in metered.sent[range.clone()].chunks(*segment) {
                client.handle_datagram(metered.now, WORKER, address(number), datagram);
            }
        }
    }
    unreachable!("client {number} did not connect");
}

fn outgoing(client: &mut Client, number: usize) -> Vec<(SocketAddr, Vec<u8>)> {
    let outputs = std::iter::from_fn(|| client.poll());
    let datagram = |output| match output {
        Sent::Transmit { bytes, .. } => Some((address(number), bytes.to_vec())),
        _ => None,
    };
    outputs.filter_map(datagram).collect()
}
