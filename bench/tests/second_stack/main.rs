//! Another WebRTC stack than ours as a client: webrtc-rs with its interceptors publishes and watches through the
//! real server. Two tests check the client side by itself, one against str0m and one against a fake server.

// Helpers of tests are tests: clippy excuses only the functions themselves.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../swarm/fake.rs"]
mod fake;
mod peer;
mod server;

use std::collections::HashSet;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use confab_bench::client::Source;
use confab_bench::signalling::{Api, ClientMessage, Connection, ServerMessage, Track, Want};
use peer::Peer;
use server::Server;
use str0m::change::SdpOffer;
use str0m::media::{Mid, Pt};
use str0m::net::{Protocol, Receive};
use str0m::rtp::RtpWrite;
use str0m::{Candidate, Event, Input, Output, Rtc};
use tokio::net::UdpSocket;

const ALICE: u64 = 0xa11ce;
/// About 2 s of media.
const ENOUGH_FRAMES: usize = 60;
const ENOUGH_SOUNDS: usize = 100;

fn check(peer: &Peer) {
    let received = peer.received();
    let (frames, sounds) = (received.frames(), received.sounds.len());
    assert!(frames >= ENOUGH_FRAMES && sounds >= ENOUGH_SOUNDS, "{frames} frames, {sounds} sounds");
    assert_eq!(received.foreign, 0);
    assert!(received.pictures.iter().all(|(_, stamp)| stamp.sender == ALICE && stamp.source == Source::Camera));
    assert!(received.sounds.iter().all(|stamp| stamp.sender == ALICE && stamp.source == Source::Microphone));
    // A server that looks for more bandwidth sends packets again that the viewer has, which this stack does not tell apart.
    let mut seen = HashSet::new();
    let new = received.pictures.iter().filter(|(_, stamp)| seen.insert((stamp.frame, stamp.index)));
    let ids = new.map(|(descriptor, _)| descriptor.picture_id).collect::<Vec<_>>();
    assert!(ids.windows(2).all(|two| (two[1].wrapping_sub(two[0]) & 0x7fff) <= 1), "picture ids follow each other");
}

fn enough(peer: &Peer) -> bool {
    let received = peer.received();
    received.sounds.len() >= ENOUGH_SOUNDS && received.frames() >= ENOUGH_FRAMES
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn webrtc_rs_sends_to_and_receives_from_str0m() {
    let mut peer = Peer::new().await;
    let offer = peer.offer(true, 1).await;
    let mid = |section: &String| Mid::from(section.as_str());
    let slots = [(offer.publish[0].1.clone(), &offer.slots[0].1), (offer.publish[1].1.clone(), &offer.slots[0].0)]
        .map(|(from, to)| (mid(&from), mid(to)));
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let mut rtc = Rtc::builder().set_rtp_mode(true).set_ice_lite(true).build(Instant::now());
    rtc.add_local_candidate(Candidate::host(socket.local_addr().unwrap(), "udp").unwrap());
    let answer = rtc.sdp_api().accept_offer(SdpOffer::from_sdp_string(&offer.sdp).unwrap()).unwrap();
    let echo = tokio::spawn(echo(rtc, socket, slots));
    peer.accept(answer.to_sdp_string()).await;
    peer.send_until(ALICE, || enough(&peer)).await;
    check(&peer);
    peer.close().await;
    echo.abort();
}

/// Sends what arrives in the client's sections back in its slot.
async fn echo(mut rtc: Rtc, socket: UdpSocket, slots: [(Mid, Mid); 2]) {
    let local = socket.local_addr().unwrap();
    let mut buffer = vec![0; 2000];
    loop {
        let wait = loop {
            match rtc.poll_output().unwrap() {
                Output::Timeout(at) => break at.saturating_duration_since(Instant::now()),
                Output::Transmit(sent) => drop(socket.send_to(&sent.contents, sent.destination).await),
                Output::Event(Event::RtpPacket(packet)) => send_back(&mut rtc, &packet, &slots),
                Output::Event(_) => {}
            }
        };
        match tokio::time::timeout(wait.min(Duration::from_secs(1)), socket.recv_from(&mut buffer)).await {
            Ok(received) => receive(&mut rtc, received.unwrap(), local, &buffer),
            Err(_) => rtc.handle_input(Input::Timeout(Instant::now())).unwrap(),
        }
    }
}

fn receive(rtc: &mut Rtc, (len, source): (usize, SocketAddr), local: SocketAddr, buffer: &[u8]) {
    let receive = Receive::new(Protocol::Udp, source, local, &buffer[..len]).unwrap();
    rtc.handle_input(Input::Receive(Instant::now(), receive)).unwrap();
}

fn send_back(rtc: &mut Rtc, packet: &str0m::rtp::RtpPacket, slots: &[(Mid, Mid); 2]) {
    let mut api = rtc.direct_api();
    let from = api.stream_rx(&packet.header.ssrc).unwrap().mid();
    let (_, to) = slots.iter().find(|(mid, _)| *mid == from).unwrap();
    let (pt, payload): (Pt, _) = (packet.header.payload_type, packet.payload.to_vec());
    let write = RtpWrite::new(pt, packet.seq_no, packet.header.timestamp, Instant::now(), payload)
        .marker(packet.header.marker)
        .nackable(true);
    api.stream_tx_by_mid(*to, None).unwrap().write_rtp(write);
    rtc.handle_input(Input::Timeout(Instant::now())).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn webrtc_rs_publishes_and_watches_through_the_server() {
    let server = Server::start(&[]);
    let viewer = publish_and_watch(&server.url).await;
    let first = viewer.received().pictures[0].1;
    assert!(first.keyframe && first.index == 0, "a slot begins with a key frame: {first:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn webrtc_rs_publishes_and_watches_through_a_fake_server() {
    publish_and_watch(&fake::start().await).await;
}

/// One publishes, the other watches. Gives the viewer.
async fn publish_and_watch(url: &str) -> Peer {
    let api = Api::new(url).await.unwrap();
    let room = api.create_room("second stack").await.unwrap();

    let mut publisher = Peer::new().await;
    let mut alice = api.connect(&api.join(&room.id, "Alice").await.unwrap()).await.unwrap();
    welcome(&mut alice).await;
    negotiate(&mut publisher, &mut alice, true, 0).await;
    for source in [Source::Microphone, Source::Camera] {
        alice.send(&ClientMessage::Publish { source, muted: false }).await.unwrap();
    }

    let mut viewer = Peer::new().await;
    let mut bob = api.connect(&api.join(&room.id, "Bob").await.unwrap()).await.unwrap();
    let mut tracks = welcome(&mut bob).await;
    negotiate(&mut viewer, &mut bob, false, 1).await;
    while tracks.len() < 2 {
        if let ServerMessage::TrackPublished { track, .. } = bob.next().await.unwrap() {
            tracks.push(track);
        }
    }
    let id = |source| tracks.iter().find(|track| track.source == source).map(|track| track.id.clone());
    let (video, audio) = (id(Source::Camera), id(Source::Microphone));
    let want = Want { slot: 0, video, audio, width: 640, height: 360, fps: 0, pinned: false };
    bob.send(&ClientMessage::Wants { wants: vec![want.clone()] }).await.unwrap();

    publisher.send_until(ALICE, || enough(&viewer)).await;
    check(&viewer);
    loop {
        let ServerMessage::Slots { slots } = bob.next().await.unwrap() else { continue };
        if slots.iter().any(|slot| slot.slot == 0 && slot.video == want.video && slot.audio == want.audio) {
            break;
        }
    }
    publisher.close().await;
    viewer.close().await;
    viewer
}

/// The tracks that are there already.
async fn welcome(connection: &mut Connection) -> Vec<Track> {
    match connection.next().await.unwrap() {
        ServerMessage::Welcome { participants, .. } => participants.into_iter().flat_map(|one| one.tracks).collect(),
        other => panic!("expected the welcome, got {other:?}"),
    }
}

async fn negotiate(peer: &mut Peer, connection: &mut Connection, publish: bool, slots: usize) {
    let offer = peer.offer(publish, slots).await;
    connection.send(&ClientMessage::offer(1, &offer)).await.unwrap();
    peer.accept(connection.answer(1).await.unwrap()).await;
}
