//! What a bug in one peer, and viewers that come and go, do to the rest of a worker.

use std::time::Duration;

use super::*;
use crate::control::{SlotSections, Source, Want};
use crate::id::TrackId;

struct World {
    worker: Worker,
    room: RoomId,
    now: Instant,
    rng: StdRng,
    events: Vec<Event>,
}

impl World {
    fn new() -> Self {
        let now = Instant::now();
        let epoch = Epoch { instant: now, wall: UNIX_EPOCH + Duration::from_secs(1_800_000_000) };
        let address = SocketAddr::from(([192, 0, 2, 1], 3478));
        let mut worker =
            Worker::new(SfuConfig::default(), Engine::new().unwrap(), vec![Endpoint::udp(address)], epoch, [1; 32]);
        let mut rng = StdRng::from_seed([2; 32]);
        let room = RoomId::random(&mut rng);
        worker.open_room(room);
        Self { worker, room, now, rng, events: Vec::new() }
    }

    fn command(&mut self, command: Command) {
        self.worker.handle_command(self.now, command);
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(output) = self.worker.poll_output() {
            if let Output::Event { event, .. } = output {
                self.events.push(event);
            }
        }
    }

    /// The answer to an offer of one slot by the client with this number.
    fn offer(&mut self, participant: ParticipantId, client: u8) -> Result<String, OfferError> {
        let (room, offer) = (self.room, offer(client));
        self.command(Command::Offer { room, participant, request: 7, offer });
        let mut answers = self.events.drain(..).filter_map(|event| match event {
            Event::Answer { request: 7, answer, .. } => Some(answer),
            _ => None,
        });
        answers.next_back().unwrap()
    }

    fn participant(&mut self) -> ParticipantId {
        ParticipantId::random(&mut self.rng)
    }

    fn peer(&mut self, participant: ParticipantId) -> &mut Peer {
        self.worker.peers.values_mut().find(|peer| peer.participant == participant).unwrap()
    }
}

fn offer(client: u8) -> Offer {
    let fingerprint = vec![format!("{client:02X}"); 32].join(":");
    let section = |kind: &str, mid: &str, codec: &str| {
        format!("m={kind} 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:{mid}\r\na=recvonly\r\na=rtpmap:96 {codec}\r\n")
    };
    let sdp = format!(
        "v=0\r\na=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuv\r\na=fingerprint:sha-256 {fingerprint}\r\n{}{}",
        section("video", "v", "VP8/90000"),
        section("audio", "a", "opus/48000/2"),
    );
    let slots = vec![SlotSections { video: "v".into(), audio: "a".into() }];
    Offer { sdp, sections: crate::control::Sections { slots, ..Default::default() } }
}

#[test]
fn a_bug_costs_one_peer() {
    let mut world = World::new();
    let [ann, bob, eve] = std::array::from_fn(|_| world.participant());
    for (participant, client) in [(ann, 1), (bob, 2), (eve, 3)] {
        world.offer(participant, client).unwrap();
    }
    world.peer(bob).is_broken = true;
    assert_eq!(world.offer(bob, 2), Err(OfferError::Unsupported));
    assert_eq!((world.worker.peers.len(), world.worker.counters.peer_panics), (2, 1));

    world.peer(eve).is_broken = true;
    world.now += Duration::from_secs(1);
    world.worker.handle_timeout(world.now);
    world.drain();
    assert_eq!((world.worker.peers.len(), world.worker.counters.peer_panics), (1, 2));
    assert!(world.events.contains(&Event::Peer { participant: eve, state: PeerState::Closed }), "{:?}", world.events);
    for (participant, client) in [(ann, 1), (bob, 4), (eve, 3)] {
        world.offer(participant, client).unwrap();
    }
}

#[test]
fn viewers_that_start_over_again_and_again_leave_nothing_behind() {
    let mut world = World::new();
    let [ann, bob] = std::array::from_fn(|_| world.participant());
    let (room, track) = (world.room, TrackId::random(&mut world.rng));
    world.command(Command::Publish { room, participant: ann, track, source: Source::Camera, muted: true });
    let want = Want { slot: 0, video: Some(track), audio: None, width: 640, height: 360, fps: 0, pinned: false };
    world.command(Command::Want { room, participant: bob, wants: vec![want] });
    for client in 0..100 {
        world.offer(bob, client).unwrap();
        world.now += Duration::from_secs(1);
        world.worker.handle_timeout(world.now);
        world.drain();
    }
    let subscribers = format!("{:?}", world.worker.rooms).matches("Subscriber {").count();
    assert_eq!((world.worker.peers.len(), subscribers), (1, 1));
}

#[test]
fn datagrams_that_no_network_carries_whole_are_dropped() {
    let mut world = World::new();
    let source = Endpoint::udp(([192, 0, 2, 7], 5000).into());
    let arrival = Arrival { time: world.now, source, local: world.worker.candidates[0].address };
    for (length, reason) in [(1500, DropReason::UnknownSource), (1501, DropReason::Malformed)] {
        world.worker.handle_datagram(world.now, arrival, &mut vec![0x80; length]);
        assert_eq!(world.worker.counters.dropped(reason), 1, "{length}");
    }
}

/// What a bug in a room itself does: it costs that room, and signalling learns of it.
#[test]
fn a_bug_in_a_room_costs_that_room() {
    for by_command in [true, false] {
        let mut world = World::new();
        let [ann, bob, eve] = std::array::from_fn(|_| world.participant());
        world.offer(ann, 1).unwrap();
        world.offer(bob, 2).unwrap();
        let broken = std::mem::replace(&mut world.room, RoomId::random(&mut world.rng));
        let room = world.room;
        world.worker.open_room(room);
        world.offer(eve, 3).unwrap();
        let key = world.worker.room_keys[&broken];
        world.worker.rooms[key].is_broken = true;
        if by_command {
            world.worker.handle_command(world.now, Command::Leave { room: broken, participant: ann });
        } else {
            world.now += Duration::from_millis(300);
            world.worker.handle_timeout(world.now);
        }
        let lost =
            std::iter::from_fn(|| world.worker.poll_output().map(|output| output == Output::RoomLost { room: broken }));
        assert_eq!(lost.filter(|&lost| lost).count(), 1, "{by_command}");
        assert_eq!((world.worker.rooms.len(), world.worker.peers.len()), (1, 1));
        assert_eq!((world.worker.counters.room_panics, world.worker.counters.peer_panics), (1, 0));
        world.room = broken;
        world.worker.open_room(broken);
        world.offer(ann, 1).unwrap();
        world.worker.handle_timeout(world.now + Duration::from_secs(1));
        assert_eq!(world.worker.peers.len(), 2);
    }
}

/// After a moment nobody looks at a room and peers in which nothing happens.
#[test]
fn whoever_has_nothing_due_is_not_touched() {
    let mut world = World::new();
    for client in 0..20 {
        let participant = world.participant();
        world.offer(participant, client).unwrap();
        // As if ICE checks went on all the time.
        world.peer(participant).last_heard = world.now + Duration::from_secs(60);
    }
    let start = world.now;
    let mut runs = Vec::new();
    for _ in 0..10_000 {
        world.now = world.worker.next_timeout(world.now);
        if world.now >= start + Duration::from_secs(18) {
            break;
        }
        world.worker.handle_timeout(world.now);
        world.drain();
        runs.push((world.now - start).as_secs());
    }
    let late = runs.iter().filter(|&&at| at >= 8).count();
    assert!(runs.len() > 20 && late <= 20, "{runs:?}");
}
