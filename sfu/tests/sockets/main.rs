//! The SFU as it runs: threads and real UDP sockets, on loopback only. Strangers get nothing, not even a byte.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

mod streams;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket as StdSocket};
use std::time::{Duration, Instant};

use aws_lc_rs::hmac;
use confab_sfu::control::{Command, Event, Offer, OfferError, Sections};
use confab_sfu::core::endpoint::Protocol;
use confab_sfu::core::stats::DropReason;
use confab_sfu::core::worker::announced;
use confab_sfu::id::{ParticipantId, RoomId, TrackId};
use confab_sfu::{Sfu, SfuConfig, SfuHandle, StartError};
use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// Nothing here takes this long; what does, hangs.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long to look for what shall not come, or to wait before looking again.
const GLANCE: Duration = Duration::from_millis(20);

const LOCALHOST: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

fn config() -> SfuConfig {
    SfuConfig { workers: 1, public_addresses: vec![LOCALHOST], ..SfuConfig::default() }
}

async fn soon<T>(what: impl Future<Output = T>) -> T {
    timeout(PATIENCE, what).await.expect("this takes too long")
}

/// A number of the metrics; `reason` tells apart those of dropped datagrams.
fn metric(sfu: &Sfu, name: &str, reason: Option<DropReason>) -> u64 {
    let families = sfu.collector().collect();
    let family = families.iter().find(|family| family.name() == name).unwrap();
    let has = |metric: &prometheus::proto::Metric| {
        reason.is_none_or(|reason| metric.get_label().iter().any(|label| label.value() == reason.label()))
    };
    let metric = family.get_metric().iter().find(|metric| has(metric)).unwrap();
    (metric.get_counter().get_value() + metric.get_gauge().get_value()) as u64
}

fn received(sfu: &Sfu) -> u64 {
    metric(sfu, "confab_sfu_datagrams_received_total", None)
}

fn sent(sfu: &Sfu) -> u64 {
    metric(sfu, "confab_sfu_datagrams_sent_total", None)
}

/// Waits until the metrics, which are fresh once a second, say so.
async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !is_so() {
        assert!(begin.elapsed() < PATIENCE, "never: {what}");
        tokio::time::sleep(GLANCE).await;
    }
}

/// Somebody at an address that the SFU has never heard of.
async fn stranger(sfu: &Sfu) -> UdpSocket {
    let socket = UdpSocket::bind((LOCALHOST, 0)).await.unwrap();
    socket.connect(sfu.media_addresses()[0].address).await.unwrap();
    socket
}

async fn hears_nothing(socket: &UdpSocket) {
    let mut bytes = [0; 2048];
    let heard = timeout(GLANCE, socket.recv(&mut bytes)).await;
    assert!(heard.is_err(), "{heard:?}");
}

struct Room {
    handle: SfuHandle,
    id: RoomId,
    participant: ParticipantId,
    events: mpsc::Receiver<Event>,
}

impl Room {
    async fn open(sfu: &Sfu, seed: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let (id, participant) = (RoomId::random(&mut rng), ParticipantId::random(&mut rng));
        let handle = sfu.handle();
        let events = soon(handle.open_room(id)).await.unwrap();
        Self { handle, id, participant, events }
    }

    async fn offer(&self, sdp: &str) {
        let offer =
            Offer { sdp: sdp.into(), sections: Sections { audio_slots: vec!["0".into()], ..Default::default() } };
        let (room, participant) = (self.id, self.participant);
        soon(self.handle.command(Command::Offer { room, participant, request: 1, offer })).await.unwrap();
    }

    async fn answer(&mut self, sdp: &str) -> Result<String, OfferError> {
        self.offer(sdp).await;
        loop {
            if let Event::Answer { answer, .. } = soon(self.events.recv()).await.expect("the room is open") {
                return answer;
            }
        }
    }
}

/// The ICE user name and password of a client that does nothing else.
const CLIENT: (&str, &str) = ("abcd", "abcdefghijklmnopqrstuv");

fn sdp() -> String {
    let (ufrag, pwd) = CLIENT;
    let fingerprint = ["AB"; 32].join(":");
    format!(
        "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=recvonly\r\na=rtpmap:111 opus/48000/2\r\n\
         a=ice-ufrag:{ufrag}\r\na=ice-pwd:{pwd}\r\na=fingerprint:sha-256 {fingerprint}\r\n"
    )
}

fn attribute<'a>(sdp: &'a str, name: &str) -> &'a str {
    sdp.lines().find_map(|line| line.strip_prefix(&format!("a={name}:"))).unwrap()
}

/// An ICE check (RFC 8445 section 7.1, RFC 8489). Without a password it has no integrity attribute.
fn check(ufrag: &str, password: Option<&str>, rng: &mut impl Rng) -> Vec<u8> {
    let mut message = vec![0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42];
    message.extend_from_slice(&rng.random::<[u8; 12]>());
    let push = |message: &mut Vec<u8>, kind: u16, value: &[u8]| {
        message.extend_from_slice(&kind.to_be_bytes());
        message.extend_from_slice(&(value.len() as u16).to_be_bytes());
        message.extend_from_slice(value);
        message.resize(message.len().next_multiple_of(4), 0);
    };
    let set_length = |message: &mut Vec<u8>, more: usize| {
        let length = (message.len() - 20 + more) as u16;
        message[2..4].copy_from_slice(&length.to_be_bytes());
    };
    push(&mut message, 0x0006, format!("{ufrag}:{}", CLIENT.0).as_bytes());
    push(&mut message, 0x0024, &0x6e00_01ffu32.to_be_bytes());
    push(&mut message, 0x802a, &7u64.to_be_bytes());
    push(&mut message, 0x0025, &[]);
    if let Some(password) = password {
        set_length(&mut message, 24);
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes());
        let tag = hmac::sign(&key, &message);
        push(&mut message, 0x0008, tag.as_ref());
    }
    set_length(&mut message, 8);
    let fingerprint = crc32(&message) ^ 0x5354_554e;
    push(&mut message, 0x8028, &fingerprint.to_be_bytes());
    message
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| crc >> 1 ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 })
    })
}

/// The start of a DTLS 1.2 handshake, padded as clients' are.
fn client_hello() -> Vec<u8> {
    let body: Vec<u8> = [&[0xfe, 0xfd][..], &[7; 32], &[0, 0, 0, 4, 0xc0, 0x2b, 0xc0, 0x2f, 1, 0]].concat();
    let length = (body.len() as u32).to_be_bytes();
    let handshake = [&[1][..], &length[1..], &[0; 5], &length[1..], &body].concat();
    let head = [22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0];
    [&head[..], &(handshake.len() as u16).to_be_bytes(), &handshake].concat()
}

const SIZES: [usize; 11] = [0, 1, 2, 12, 20, 100, 1200, 1500, 1501, 9000, 65_507];

#[tokio::test]
async fn strangers_hear_nothing_whatever_they_send() {
    let sfu = Sfu::start(&config()).unwrap();
    let mut rng = StdRng::seed_from_u64(1);
    let mut room = Room::open(&sfu, 1).await;
    let starts: [[u8; 2]; 11] =
        [[0, 1], [1, 1], [3, 9], [20, 254], [22, 254], [63, 0], [128, 200], [144, 96], [191, 206], [64, 0], [255, 255]];
    let mut count = 0;
    for round in 0..10 {
        let socket = stranger(&sfu).await;
        for (size, start) in SIZES.into_iter().flat_map(|size| starts.map(|start| (size, start))) {
            let mut datagram = vec![0; size];
            rng.fill_bytes(&mut datagram);
            datagram.iter_mut().zip(start).for_each(|(byte, start)| *byte = start);
            if round % 2 == 0 && size >= 8 {
                datagram[4..8].copy_from_slice(&[0x21, 0x12, 0xa4, 0x42]);
            }
            socket.send(&datagram).await.unwrap();
            count += 1;
            if size > 1500 || count % 50 == 0 {
                // The worker takes turns with commands: so the kernel's buffer never overflows.
                for _ in 0..3 {
                    assert_eq!(room.answer("nonsense").await, Err(OfferError::Malformed));
                }
            }
        }
        hears_nothing(&socket).await;
    }
    until("all are counted", || received(&sfu) == count).await;
    let dropped: u64 =
        DropReason::ALL.iter().map(|reason| metric(&sfu, "confab_sfu_packets_dropped_total", Some(*reason))).sum();
    assert_eq!((dropped, sent(&sfu)), (count, 0));
    for reason in [DropReason::UnknownSource, DropReason::UnknownProtocol, DropReason::Malformed] {
        assert!(metric(&sfu, "confab_sfu_packets_dropped_total", Some(reason)) > 100, "{reason:?}");
    }
    assert_eq!(metric(&sfu, "confab_sfu_peer_panics_total", None), 0);
}

#[tokio::test]
async fn who_knows_a_user_name_but_no_password_hears_nothing() {
    let sfu = Sfu::start(&config()).unwrap();
    let mut room = Room::open(&sfu, 1).await;
    let answer = room.answer(&sdp()).await.unwrap();
    let (ufrag, password) = (attribute(&answer, "ice-ufrag"), attribute(&answer, "ice-pwd"));
    let mut rng = StdRng::seed_from_u64(2);
    let mut cut = check(ufrag, Some(password), &mut rng);
    cut.truncate(cut.len() - 9);
    let mut flipped = check(ufrag, Some(password), &mut rng);
    flipped[10] ^= 1;
    let of_ours = check(ufrag, Some(password), &mut rng);
    let mut response = of_ours.clone();
    response[0] = 1;
    let forged = [
        check("nobody", Some("bogus"), &mut rng),
        check("nobody", Some(password), &mut rng),
        check("", None, &mut rng),
        check(ufrag, Some("bogus"), &mut rng),
        check(ufrag, Some(CLIENT.1), &mut rng),
        check(ufrag, Some(""), &mut rng),
        check(ufrag, None, &mut rng),
        cut,
        flipped,
        response,
        client_hello(),
        vec![0x80; 200],
    ];
    let mut count = 0;
    for datagram in &forged {
        let socket = stranger(&sfu).await;
        for _ in 0..10 {
            socket.send(datagram).await.unwrap();
            count += 1;
        }
        hears_nothing(&socket).await;
    }
    until("all are counted", || received(&sfu) == count).await;
    assert_eq!((sent(&sfu), metric(&sfu, "confab_sfu_sent_bytes_total", None)), (0, 0));

    // With the password there is an answer, so it is not for want of a good check; and it is no larger.
    let socket = stranger(&sfu).await;
    socket.send(&of_ours).await.unwrap();
    let mut bytes = [0; 2048];
    let length = soon(socket.recv(&mut bytes)).await.unwrap();
    assert_eq!(bytes[..2], [1, 1]);
    assert!(length <= of_ours.len(), "{length} for {}", of_ours.len());
}

#[tokio::test]
async fn genuine_checks_from_ever_new_addresses_are_answered_a_few_times() {
    let sfu = Sfu::start(&config()).unwrap();
    let mut room = Room::open(&sfu, 1).await;
    let answer = room.answer(&sdp()).await.unwrap();
    let (ufrag, password) = (attribute(&answer, "ice-ufrag"), attribute(&answer, "ice-pwd"));
    let mut rng = StdRng::seed_from_u64(3);
    let mut sockets = Vec::new();
    for _ in 0..100 {
        let socket = stranger(&sfu).await;
        socket.send(&check(ufrag, Some(password), &mut rng)).await.unwrap();
        sockets.push(socket);
    }
    until("all are counted", || received(&sfu) == 100).await;
    // Each of these gets an answer, and at most four requests of ours to prove that it hears us.
    assert!((32..=34 * 5).contains(&sent(&sfu)), "{}", sent(&sfu));
    // The one in use is still served.
    sockets[31].send(&check(ufrag, Some(password), &mut rng)).await.unwrap();
    let mut bytes = [0; 2048];
    let mut answers = 0;
    while answers < 2 {
        soon(sockets[31].recv(&mut bytes)).await.unwrap();
        answers += usize::from(bytes[..2] == [1, 1]);
    }
}

#[tokio::test]
async fn a_taken_port_is_told_with_its_number() {
    let taken = StdSocket::bind((Ipv6Addr::UNSPECIFIED, 0)).or_else(|_| StdSocket::bind((Ipv4Addr::UNSPECIFIED, 0)));
    let port = taken.as_ref().unwrap().local_addr().unwrap().port();
    let error = Sfu::start(&SfuConfig { media_port: port, ..config() }).unwrap_err();
    assert!(matches!(error, StartError::Port { port: told, .. } if told == port), "{error:?}");
    assert!(error.to_string().starts_with(&format!("cannot open UDP port {port} for media: ")), "{error}");
}

#[tokio::test]
async fn each_worker_has_a_port() {
    let sfu = Sfu::start(&SfuConfig { workers: 3, ..config() }).unwrap();
    let mut ports: Vec<u16> = sfu.media_addresses().iter().map(|media| media.address.port()).collect();
    ports.sort_unstable();
    ports.dedup();
    assert_eq!(ports.len(), 3);
    for port in ports {
        let socket = UdpSocket::bind((LOCALHOST, 0)).await.unwrap();
        socket.send_to(b"\x00", (LOCALHOST, port)).await.unwrap();
    }
    until("each worker has received one", || received(&sfu) == 3).await;
}

#[tokio::test]
async fn threads_and_ports_are_free_when_the_last_handle_is_gone() {
    let sfu = Sfu::start(&config()).unwrap();
    let port = sfu.media_addresses()[0].address.port();
    let room = Room::open(&sfu, 1).await;
    drop(sfu);
    assert!(StdSocket::bind((Ipv4Addr::UNSPECIFIED, port)).is_err(), "a handle is left");
    let Room { handle, mut events, .. } = room;
    drop(handle);
    assert_eq!(soon(events.recv()).await, None);
    until("the port is free", || StdSocket::bind((Ipv4Addr::UNSPECIFIED, port)).is_ok()).await;
}

#[tokio::test]
async fn each_server_has_a_certificate_of_its_own() {
    let mut fingerprints = Vec::new();
    for _ in 0..2 {
        let sfu = Sfu::start(&config()).unwrap();
        let answer = Room::open(&sfu, 1).await.answer(&sdp()).await.unwrap();
        fingerprints.push(attribute(&answer, "fingerprint").to_owned());
    }
    assert_ne!(fingerprints[0], fingerprints[1]);
    assert!(fingerprints.iter().all(|fingerprint| fingerprint.len() == "sha-256 ".len() + 95), "{fingerprints:?}");
}

#[tokio::test]
async fn the_machines_addresses_are_announced() {
    let sfu = Sfu::start(&SfuConfig { workers: 1, ..SfuConfig::default() }).unwrap();
    let all: Vec<_> = sfu.media_addresses().iter().map(|media| media.address).collect();
    let interfaces = if_addrs::get_if_addrs().unwrap();
    let expected = announced(interfaces.iter().map(|interface| interface.ip()), all[0].port());
    assert_eq!(all, [&expected[..], &expected].concat(), "once over UDP, then over TCP on the same port");
    let answer = Room::open(&sfu, 1).await.answer(&sdp()).await.unwrap();
    for address in all {
        assert!(answer.contains(&format!(" {} {} typ host", address.ip(), address.port())), "{answer}");
    }
}

#[test]
fn loopback_is_announced_only_when_there_is_nothing_else() {
    let parse = |text: &[&str]| -> Vec<IpAddr> { text.iter().map(|text| text.parse().unwrap()).collect() };
    for (have, announce) in [
        (&["::1", "127.0.0.1"][..], &["127.0.0.1", "::1"][..]),
        (&["2001:db8::2", "127.0.0.1", "192.0.2.1", "::1"], &["192.0.2.1", "2001:db8::2"]),
        (&["127.0.0.1", "2001:db8::2"], &["2001:db8::2"]),
        (&["192.0.2.1", "192.0.2.1", "fe80::1", "169.254.1.1", "0.0.0.0", "::"], &["192.0.2.1"]),
        (&["fe80::1", "127.0.0.1"], &["127.0.0.1"]),
        (&[], &[]),
    ] {
        let addresses: Vec<IpAddr> = announced(parse(have), 9).iter().map(SocketAddr::ip).collect();
        assert_eq!(addresses, parse(announce), "{have:?}");
    }
}

#[tokio::test]
async fn commands_for_unknown_rooms_are_void() {
    let sfu = Sfu::start(&config()).unwrap();
    let mut rng = StdRng::seed_from_u64(4);
    let (room, participant, track) =
        (RoomId::random(&mut rng), ParticipantId::random(&mut rng), TrackId::random(&mut rng));
    let offer = Offer { sdp: sdp(), sections: Sections::default() };
    for command in [
        Command::Offer { room, participant, request: 1, offer },
        Command::Want { room, participant, wants: Vec::new() },
        Command::Mute { room, track, muted: true },
        Command::Unpublish { room, track },
        Command::Leave { room, participant },
        Command::CloseRoom { room },
        Command::CloseRoom { room },
    ] {
        soon(sfu.handle().command(command)).await.unwrap();
    }
    let mut other = Room::open(&sfu, 5).await;
    other.answer(&sdp()).await.unwrap();
    until("there is one room with one peer", || {
        (metric(&sfu, "confab_sfu_rooms", None), metric(&sfu, "confab_sfu_peers", None)) == (1, 1)
    })
    .await;
}

#[tokio::test]
async fn a_room_whose_events_nobody_reads_is_closed_alone() {
    let sfu = Sfu::start(&config()).unwrap();
    let mut deaf = Room::open(&sfu, 1).await;
    let mut other = Room::open(&sfu, 2).await;
    deaf.answer(&sdp()).await.unwrap();
    other.answer(&sdp()).await.unwrap();
    // Each is answered by an event.
    for _ in 0..5000 {
        deaf.offer("nonsense").await;
    }
    assert_eq!(other.answer("nonsense").await, Err(OfferError::Malformed));
    until("the room is gone, with its peer", || {
        (metric(&sfu, "confab_sfu_rooms", None), metric(&sfu, "confab_sfu_peers", None)) == (1, 1)
    })
    .await;
    let mut unread = 0;
    while soon(deaf.events.recv()).await.is_some() {
        unread += 1;
    }
    assert_eq!(unread, 4096);
    other.answer(&sdp()).await.unwrap();
}
