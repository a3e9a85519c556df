//! Datagrams at a worker that waits for a client's first one. A fuzzer cannot guess a password, so checks of ICE may be
//! given the right one here; all else is as it comes.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::time::Duration;

use aws_lc_rs::hmac;
use confab_sfu::control::{Command, Event, Source};
use confab_sfu::core::endpoint::Endpoint;
use confab_sfu::core::outbox::Output;
use confab_sfu::core::worker::{Arrival, Worker};

use crate::bytes::Bytes;
use crate::raw::sdp::{Answer, ONLY_OPUS, ONLY_VP8, RawSpec};
use crate::scene::{Ids, check_counters, new_worker};
use crate::world::WORKER;

const MAGIC_COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];

pub(crate) fn run(data: &[u8]) {
    let (mut worker, mut now) = new_worker();
    let answer = offer(&mut worker, now);
    let mut proved = HashSet::new();
    let mut input = Bytes(data);
    while !input.is_empty() {
        let (kind, number) = (input.u8(), input.u8());
        let address = SocketAddr::from(([198, 51, 100, number & 0x7f], 5000));
        let source = if number & 0x80 == 0 { Endpoint::udp(address) } else { Endpoint::tcp(address) };
        let mut datagram = match kind % 4 {
            0 => input.piece().to_vec(),
            1 => {
                proved.insert(source);
                check(&answer, &mut input)
            }
            2 => [&[22, 254, 253], input.piece()].concat(),
            _ => {
                now += Duration::from_millis(input.u16().into());
                worker.handle_timeout(now);
                Vec::new()
            }
        };
        worker.handle_datagram(now, Arrival { time: now, source, local: WORKER }, &mut datagram);
        while let Some(output) = worker.poll_output() {
            let Output::Datagrams { path, bytes, segment } = output else { continue };
            assert!(proved.contains(&path.remote), "an address that proved nothing was answered");
            assert!(!bytes.is_empty() && segment <= 1500);
        }
    }
    check_counters(&worker);
}

/// A client that offers a camera and a slot.
fn offer(worker: &mut Worker, now: std::time::Instant) -> Answer {
    let Ids { room, participants: [participant, _], .. } = Ids::new();
    let spec = RawSpec {
        ufrag: "abcd".into(),
        pwd: "abcdefghijklmnopqrstuv".into(),
        fingerprint: format!("sha-256 {}", ["AB"; 32].join(":")),
        publish: vec![(Source::Camera, &["l", "h"])],
        slots: 1,
        audio_slots: 0,
        video: ONLY_VP8,
        audio: ONLY_OPUS,
        remb: true,
        transport_cc: true,
    };
    worker.open_room(room);
    worker.handle_command(now, Command::Offer { room, participant, request: 1, offer: spec.offer() });
    let mut found = None;
    while let Some(output) = worker.poll_output() {
        if let Output::Event { event: Event::Answer { answer, .. }, .. } = output {
            found = Some(Answer::parse(&answer.expect("the offer is good")));
        }
    }
    found.expect("an offer is answered")
}

/// A STUN message with any attributes and the right password (RFC 8489).
fn check(answer: &Answer, input: &mut Bytes<'_>) -> Vec<u8> {
    let (flags, attributes) = (input.u8(), input.piece());
    // Mostly requests; sometimes one of the other kinds.
    let kind = if flags & 0xf0 == 0xf0 { [flags & 1, input.u8()] } else { [0, 1] };
    let mut message = [&kind[..], &[0, 0], &MAGIC_COOKIE, &[flags; 12]].concat();
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
    if flags & 1 == 0 {
        push(&mut message, 0x0006, format!("{}:abcd", answer.ufrag).as_bytes());
    }
    if flags & 2 == 0 {
        push(&mut message, 0x0024, &[0x6e, 0, 0x1e, 0xff]);
        push(&mut message, 0x802a, &[7; 8]);
    }
    if flags & 4 == 0 {
        push(&mut message, 0x0025, &[]);
    }
    message.extend_from_slice(attributes);
    set_length(&mut message, 24);
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, answer.pwd.as_bytes());
    let tag = hmac::sign(&key, &message);
    push(&mut message, 0x0008, tag.as_ref());
    message
}
