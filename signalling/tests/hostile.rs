//! What hostile clients send to a server with its real SFU, and clients that take their time: each gets a clear answer or
//! is cut, and nobody else notices.

// Helpers of tests fail by panicking, like tests.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::{Duration, Instant};

use common::{Client, PlayedSfu, TestServer, soon};
use confab_sfu::{Sfu, SfuConfig};
use confab_signalling::config::Config;
use confab_signalling::{AppState, Parts, router, server};
use confab_social::clock::ManualClock;
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;

/// A server in front of a real SFU on ports of its own.
async fn real() -> TestServer {
    let folder = common::folder();
    let config = Config::load(["confab", "--data-dir", folder.to_str().unwrap()].map(Into::into)).unwrap();
    let sfu = SfuConfig { workers: 1, public_addresses: vec![[127, 0, 0, 1].into()], ..SfuConfig::default() };
    let sfu = Sfu::start(&sfu).unwrap();
    let clock = Arc::new(ManualClock::new());
    let parts = Parts { config, clock: clock.clone(), rng: StdRng::seed_from_u64(1), sfu: sfu.handle() };
    let state = AppState::new(parts).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(server::serve(listener, None, router(state.clone()), state.stopping.subscribe()));
    TestServer { address, clock, state, sfu: PlayedSfu::start().1, http: reqwest::Client::new() }
}

const HEAD: &str = "v=0\r\na=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuv\r\na=fingerprint:sha-256 \
    00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF\r\n";

fn section(mid: &str) -> String {
    format!("m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:{mid}\r\na=recvonly\r\na=rtpmap:111 opus/48000/2\r\n")
}

fn offer(request: u32, sdp: &str, audio_slots: &[&str]) -> Value {
    let sections = json!({ "publish": [], "slots": [], "audio_slots": audio_slots });
    json!({ "type": "offer", "request": request, "sdp": sdp, "sections": sections })
}

/// A good offer is answered: client, room and SFU are well.
async fn is_well(client: &mut Client) {
    client.send(&offer(77, &format!("{HEAD}{}", section("0")), &["0"])).await;
    let answer = client.until("answer").await;
    assert_eq!(answer["request"], 77);
    assert!(answer["sdp"].as_str().unwrap().contains("a=ice-lite"), "{answer}");
}

#[tokio::test]
async fn descriptions_that_make_no_sense_are_refused_and_the_connection_goes_on() {
    let server = real().await;
    let room = server.make_room().await;
    let mut ann = server.join(&room, "Ann", false).await;
    let mut eve = server.join(&room, "Eve", false).await;
    let good = format!("{HEAD}{}", section("0"));
    let many: String = (0..300).map(|mid| section(&mid.to_string())).collect();
    let bad: Vec<(String, &[&str])> = vec![
        (String::new(), &[]),
        ("hello".into(), &[]),
        ("v=0".into(), &[]),
        ("v=0\r\n".repeat(20_001), &[]),
        ("\0".repeat(1000), &[]),
        (format!("{HEAD}{many}"), &["0"]),
        (format!("{HEAD}{}{}", section("0"), section("0")), &["0"]),
        (format!("{HEAD}{}", section(&"m".repeat(17))), &[]),
        (good.replace("SAVPF 111", "SAVPF 128"), &["0"]),
        (good.replace("SAVPF 111", "SAVPF 99999999999999999999"), &["0"]),
        (good.replace("audio 9", "audio 70000"), &["0"]),
        (good.replace("sha-256 00", "sha-256"), &["0"]),
        (good.replace("a=fingerprint", "a=nothing"), &["0"]),
        (good.replace("ice-ufrag:abcd", "ice-ufrag:a"), &["0"]),
        (good.replace("ice-pwd:", &format!("ice-pwd:{}", "x".repeat(300))), &["0"]),
        (good.replace("recvonly", "sendonly"), &["0"]),
        (good.replace("opus/48000/2", "speex/8000"), &["0"]),
        (good.replace("\r\na=mid", "\r\na=setup:passive\r\na=mid"), &["0"]),
        (format!("{good}{}", "a=rtcp-fb:* nack\r\n".repeat(400)), &["0"]),
        (format!("{good}a=ssrc:{}\r\n", "9".repeat(100_000)), &["0"]),
        (good.clone(), &["1"]),
        (good.clone(), &["0", "0"]),
    ];
    for (number, (sdp, mids)) in bad.iter().enumerate() {
        // An offer counts for many messages.
        server.clock.advance(Duration::from_secs(1));
        let request = number as u32;
        let begin = Instant::now();
        eve.send(&offer(request, sdp, mids)).await;
        let error = eve.until("error").await;
        assert_eq!((&error["code"], &error["request"]), (&json!("offer_rejected"), &json!(request)), "{number}");
        assert!(error.to_string().len() < 200 && begin.elapsed() < Duration::from_secs(5), "{number}: {error}");
    }
    is_well(&mut eve).await;
    is_well(&mut ann).await;
}

#[tokio::test]
async fn a_description_of_a_megabyte_closes_its_own_socket() {
    let server = real().await;
    let room = server.make_room().await;
    let mut ann = server.join(&room, "Ann", false).await;
    for bytes in [300 * 1024, 1024 * 1024] {
        let mut eve = server.join(&room, "Eve", false).await;
        eve.push(Message::text(offer(1, &"x".repeat(bytes), &[]).to_string())).await;
        assert_eq!(eve.until("error").await["code"], "message_too_large");
        assert_eq!(eve.close_code().await, 1009, "{bytes}");
    }
    is_well(&mut ann).await;
}

#[tokio::test]
async fn offers_come_two_a_second() {
    let server = real().await;
    let room = server.make_room().await;
    let mut ann = server.join(&room, "Ann", false).await;
    let mut eve = server.join(&room, "Eve", false).await;
    for request in 1..=20 {
        eve.push(Message::text(offer(request, "v=0", &[]).to_string())).await;
    }
    // Up to ten are looked at, but only so many wait at a time.
    while eve.until("error").await["code"] != "rate_limited" {}
    assert_eq!(eve.close_code().await, 1008);
    is_well(&mut ann).await;
    let mut eve = server.join(&room, "Eve", false).await;
    for _ in 0..20 {
        server.clock.advance(Duration::from_millis(500));
        is_well(&mut eve).await;
    }
}

#[tokio::test]
async fn twenty_forged_origins_are_refused() {
    for listed in [false, true] {
        let args: &[&str] = if listed { &["--allowed-origin", "https://meet.example.org:8443"] } else { &[] };
        let server = TestServer::start(args).await;
        let room = server.make_room().await;
        let own =
            if listed { "https://meet.example.org:8443".to_owned() } else { format!("http://{}", server.address) };
        let (scheme, rest) = own.split_once("://").unwrap();
        let (host, port) = rest.split_once(':').unwrap();
        let other = if scheme == "http" { "https" } else { "http" };
        let forged = [
            "null".to_owned(),
            String::new(),
            "*".into(),
            "http://evil.example".into(),
            "file://".into(),
            rest.into(),
            format!("//{rest}"),
            format!("{scheme}:{rest}"),
            format!("{other}://{rest}"),
            format!("ws://{rest}"),
            format!("{scheme}://{host}"),
            format!("{scheme}://{host}:1"),
            format!("{scheme}://{host}:0{port}"),
            format!("{own}/"),
            format!("{own}/path"),
            format!("{own}.evil.example"),
            format!("{own}@evil.example"),
            format!("{scheme}://evil.example@{rest}"),
            format!("{scheme}://evil.{rest}"),
            format!("{scheme}://evil-{rest}"),
            format!("{}://{rest}", scheme.to_uppercase()),
            format!("{own}, {own}"),
            format!("{own} http://evil.example"),
        ];
        let ticket = server.ticket(&room, "Ann", false).await;
        for origin in forged {
            let mut request = server.handshake(&format!("confab.v1, ticket.{ticket}"));
            request.headers_mut().insert("origin", origin.parse().unwrap());
            let (status, body) = server.refusal(request).await;
            assert_eq!((status, &body["error"]["code"]), (403, &json!("origin_not_allowed")), "{origin:?}");
        }
        let mut request = server.handshake(&format!("confab.v1, ticket.{ticket}"));
        request.headers_mut().insert("origin", own.parse().unwrap());
        soon(tokio_tungstenite::connect_async(request)).await.unwrap();
    }
}

#[tokio::test]
async fn what_was_good_before_the_room_ended_is_not_good_after() {
    let server = real().await;
    let room = server.make_room().await;
    let mut host = server.join(&room, "Ann", true).await;
    let eve = server.join(&room, "Eve", false).await;
    let ticket = server.ticket(&room, "Eve", false).await;
    let gone = server.join(&room, "Eve", false).await;
    host.send(&json!({ "type": "remove_participant", "participant": gone.id() })).await;
    host.until("participant_left").await;
    let removed = gone.resume_token();
    let handshake = |secret: &str| server.handshake(&format!("confab.v1, {secret}"));
    assert_eq!(server.refusal(handshake(&removed)).await.0, 401, "removed");
    host.send(&json!({ "type": "end_room" })).await;
    assert_eq!(host.until("closed").await["reason"], "room_ended");
    for secret in [format!("ticket.{ticket}"), eve.resume_token(), host.resume_token()] {
        let (status, body) = server.refusal(handshake(&secret)).await;
        assert_eq!((status, &body["error"]["code"]), (401, &json!("invalid_ticket")));
    }
    assert_eq!(server.get(&format!("/api/v1/rooms/{}", room.id)).await.0, 404);
}

#[tokio::test]
async fn text_that_no_eye_should_meet_is_refused() {
    let server = real().await;
    let room = server.make_room().await;
    let mut ann = server.join(&room, "Ann", false).await;
    let mut eve = server.join(&room, "Eve", false).await;
    for text in ["", " \n\t ", "a\0b", "\u{1b}[2J", "\u{7}", &"x".repeat(2001), &"é".repeat(2001)] {
        eve.send(&json!({ "type": "chat", "text": text, "client_id": 1 })).await;
        assert_eq!(eve.until("error").await["code"], "invalid_value", "{text:?}");
    }
    eve.send(&json!({ "type": "chat", "text": "<script>", "client_id": 1 })).await;
    assert_eq!(ann.until("chat").await["line"]["text"], "<script>", "the first line that came through");
}

/// The machine's time is a paused one here: it jumps to the next timer whenever nothing else happens.
#[tokio::test]
async fn hundreds_who_dribble_are_cut_and_delay_nobody() {
    let server = TestServer::start(&[]).await;
    // Only now: the database's threads would seem to take for ever.
    tokio::time::pause();
    let head = "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ";
    let body =
        "POST /api/v1/rooms HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{";
    let mut slow = Vec::new();
    for (count, start) in [(200, head), (100, body)] {
        for _ in 0..count {
            let mut stream = TcpStream::connect(server.address).await.unwrap();
            slow.push(tokio::spawn(async move {
                let begin = tokio::time::Instant::now();
                stream.write_all(start.as_bytes()).await.unwrap();
                // A byte a second, as long as the server takes it.
                while begin.elapsed() < Duration::from_secs(60) {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    let waits = stream.try_read(&mut [0]).is_err_and(|error| error.kind() == ErrorKind::WouldBlock);
                    if !waits || stream.write_all(b" ").await.is_err() {
                        break;
                    }
                }
                begin.elapsed()
            }));
        }
    }
    // In real time: the paused clock stands still while a request is under way.
    let mut delays = Vec::new();
    for _ in 0..20 {
        let begin = Instant::now();
        assert_eq!(server.get("/healthz").await.0, 200);
        delays.push(begin.elapsed());
    }
    delays.sort_unstable();
    // What nine of ten keep within: one delay that the machine itself made tells nothing of us.
    assert!(delays[18] < Duration::from_millis(300), "{delays:?}");
    for one in slow {
        let cut = one.await.unwrap();
        assert!((9..=15).contains(&cut.as_secs()), "{cut:?}");
    }
}
