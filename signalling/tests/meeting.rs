//! Meetings over real sockets, with a played SFU.

// Helpers of tests fail by panicking, like tests.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use std::time::Duration;

use common::{TestServer, soon};
use confab_sfu::control::{Command, Event, PeerState, SlotBinding, Source, Speaker};
use confab_sfu::id::{ParticipantId, TrackId};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

#[tokio::test]
async fn a_room_has_the_codec_that_its_maker_chose() {
    let server = TestServer::start(&[]).await;
    for codec in ["vp8", "vp9", "h264", "av1"] {
        let room = server.make_room_with(&json!({ "codec": codec })).await;
        assert_eq!(server.join(&room, "Ann", true).await.welcome["room"]["codec"], codec);
    }
}

#[tokio::test]
async fn two_people_meet() {
    let server = TestServer::start(&[]).await;
    let room = server.make_room().await;
    assert_eq!(room.url, format!("http://{}/r/{}", server.address, room.id));
    let mut ann = server.join(&room, "Ann", true).await;
    assert_eq!((&ann.welcome["role"], &ann.welcome["resumed"]), (&json!("host"), &json!(false)));
    assert_eq!(ann.welcome["room"], json!({ "id": room.id, "name": "Standup", "locked": false, "codec": "vp8" }));
    let mut ben = server.join(&room, " Ben ", false).await;
    assert_eq!(ann.until("participant_joined").await["participant"]["name"], "Ben");

    let offer = json!({
        "type": "offer", "request": 1, "sdp": "v=0",
        "sections": {
            "publish": [{ "source": "camera", "mid": "0" }],
            "slots": [{ "video": "1", "audio": "2" }],
            "audio_slots": ["3"],
        },
    });
    ann.send(&offer).await;
    assert_eq!(ann.until("answer").await, json!({ "type": "answer", "request": 1, "sdp": "v=0 the answer" }));
    let Command::Offer { offer, .. } = server.sfu.command(|command| matches!(command, Command::Offer { .. })).await
    else {
        panic!("no offer")
    };
    assert_eq!(offer.sections.publish, [(Source::Camera, "0".to_owned())]);
    assert_eq!(offer.sections.audio_slots, ["3"]);

    ann.send(&json!({ "type": "publish", "source": "camera", "muted": false })).await;
    let published = ben.until("track_published").await;
    assert_eq!(published, ann.until("track_published").await);
    let track = published["track"]["id"].clone();
    let want =
        json!({ "slot": 0, "video": track, "audio": null, "width": 640, "height": 360, "fps": 30, "pinned": false });
    ben.send(&json!({ "type": "wants", "wants": [want] })).await;
    let Command::Want { wants, .. } = server.sfu.command(|command| matches!(command, Command::Want { .. })).await
    else {
        panic!("no want")
    };
    let track: TrackId = serde_json::from_value(track).unwrap();
    assert_eq!(wants[0].video, Some(track));

    let participant: ParticipantId = ben.id().parse().unwrap();
    let slots = vec![SlotBinding { slot: 0, video: Some(track), audio: None }];
    server.sfu.event(&room.id, Event::Slots { participant, slots, audio_slots: vec![] });
    assert_eq!(ben.until("slots").await["slots"][0]["video"], json!(track.to_string()));
    let speakers = vec![Speaker { participant: ann.id().parse().unwrap(), level: 100 }];
    server.sfu.event(&room.id, Event::Speakers { speakers });
    assert_eq!(ben.until("speakers").await["speakers"][0]["participant"], ann.id());

    ben.send(&json!({ "type": "chat", "text": "hello", "client_id": 7 })).await;
    assert_eq!(ben.until("chat").await["client_id"], 7);
    assert_eq!(ann.until("chat").await["client_id"], Value::Null);
    let (status, shown) = server.get(&format!("/api/v1/rooms/{}", room.id.to_uppercase())).await;
    let expected = json!({
        "id": room.id, "name": "Standup", "guests": true, "locked": false,
        "participants": [{ "name": "Ann" }, { "name": "Ben" }], "participant_count": 2,
    });
    assert_eq!((status, shown), (200, expected));

    ben.send(&json!({ "type": "leave" })).await;
    assert_eq!(ben.close_code().await, 1000);
    assert_eq!(ann.until("participant_left").await["reason"], "left");
}

#[tokio::test]
async fn a_lost_socket_resumes_and_a_spent_token_does_not() {
    let server = TestServer::start(&[]).await;
    let room = server.make_room().await;
    let mut ann = server.join(&room, "Ann", false).await;
    let mut ben = server.join(&room, "Ben", false).await;
    let (token, id) = (ben.resume_token(), ben.id().to_owned());
    ben.send(&json!({
        "type": "offer", "request": 1, "sdp": "v=0", "sections": { "publish": [], "slots": [], "audio_slots": [] },
    }))
    .await;
    ben.until("answer").await;
    ben.ping(1).await;
    ben.vanish();
    let change = ann.until("participant_connection").await;
    assert_eq!((&change["participant"], &change["connection"]), (&json!(id), &json!("reconnecting")));

    server.clock.advance(Duration::from_secs(20));
    let back = server.enter(&token).await;
    assert_eq!((&back.welcome["you"], &back.welcome["resumed"]), (&json!(id), &json!(true)));
    assert_eq!(ann.until("participant_connection").await["connection"], "connected");
    for spent in [token.as_str(), "resume.", "resume.x", &format!("resume.{}.{}", room.id, "A".repeat(43))] {
        let (status, body) = server.refusal(server.handshake(&format!("confab.v1, {spent}"))).await;
        assert_eq!((status, &body["error"]["code"]), (401, &json!("invalid_ticket")), "{spent}");
    }

    // From another window, while the old one is still there.
    let mut other = server.enter(&back.resume_token()).await;
    let mut back = back;
    assert_eq!(back.until("closed").await["reason"], "replaced");
    assert_eq!(back.close_code().await, 1000);
    other.ping(2).await;

    // The client is killed, then the SFU hears nothing of it any more.
    other.vanish();
    ann.until("participant_connection").await;
    server.sfu.event(&room.id, Event::Peer { participant: id.parse().unwrap(), state: PeerState::Silent });
    let left = ann.until("participant_left").await;
    assert_eq!((&left["participant"], &left["reason"]), (&json!(id), &json!("lost")));
}

#[tokio::test]
async fn closing_a_tab_leaves_and_a_broken_line_does_not() {
    let server = TestServer::start(&[]).await;
    let room = server.make_room().await;
    let mut ann = server.join(&room, "Ann", false).await;
    for code in [1000, 1001] {
        server.join(&room, "Ben", false).await.close(code).await;
        assert_eq!(ann.until("participant_left").await["reason"], "left");
    }
    server.join(&room, "Ben", false).await.close(4000).await;
    assert_eq!(ann.until("participant_connection").await["connection"], "reconnecting");
    // It never had a peer connection: 2 s are enough.
    server.clock.advance(Duration::from_secs(2));
    assert_eq!(ann.until("participant_left").await["reason"], "lost");
}

#[tokio::test]
async fn hosts_moderate() {
    let server = TestServer::start(&[]).await;
    let room = server.make_room().await;
    let mut host = server.join(&room, "Ann", true).await;
    let mut guest = server.join(&room, "Ben", false).await;
    guest.send(&json!({ "type": "lock_room", "locked": true })).await;
    assert_eq!(guest.until("error").await["code"], "not_allowed");

    let late = server.ticket(&room, "Carl", false).await;
    host.send(&json!({ "type": "lock_room", "locked": true })).await;
    assert_eq!(guest.until("room_locked").await["locked"], true);
    let path = format!("/api/v1/rooms/{}/join", room.id);
    let (status, body) = server.post(&path, &json!({ "name": "Dan" })).await;
    assert_eq!((status, &body["error"]["code"]), (403, &json!("room_locked")));
    let mut late = server.connect(&format!("ticket.{late}")).await;
    late.send(&json!({ "type": "hello", "version": 1 })).await;
    assert_eq!(late.until("error").await["code"], "room_locked", "a ticket from before helps nobody in");
    assert_eq!(late.close_code().await, 1008);

    host.send(&json!({ "type": "remove_participant", "participant": guest.id() })).await;
    assert_eq!(guest.until("closed").await["reason"], "removed");
    assert_eq!(guest.close_code().await, 1000);
    let (status, _) = server.refusal(server.handshake(&format!("confab.v1, {}", guest.resume_token()))).await;
    assert_eq!(status, 401);

    let ticket = server.ticket(&room, "Ann", true).await;
    host.send(&json!({ "type": "end_room" })).await;
    assert_eq!(host.until("closed").await["reason"], "room_ended");
    let gone = server.get(&format!("/api/v1/rooms/{}", room.id)).await;
    assert_eq!(gone, server.get("/api/v1/rooms/0000-0000-0000-0000").await, "ended and unknown look alike");
    let (status, _) = server.refusal(server.handshake(&format!("confab.v1, ticket.{ticket}"))).await;
    assert_eq!(status, 401);
}

#[tokio::test]
async fn a_room_that_the_sfu_lost_is_closed_and_can_be_entered_again() {
    let server = TestServer::start(&[]).await;
    let room = server.make_room().await;
    let mut ann = server.join(&room, "Ann", false).await;
    server.sfu.lose(&room.id);
    assert_eq!(ann.until("closed").await["reason"], "server_stopping");
    ann.close_code().await;
    server.join(&room, "Ann", false).await.ping(1).await;
}

#[tokio::test]
async fn an_empty_room_forgets_its_chat_and_lives_on() {
    let server = TestServer::start(&["--empty-room-grace", "60s", "--empty-room-ttl", "24h"]).await;
    let room = server.make_room().await;
    for (pause, remembered) in [(59, 1), (60, 0)] {
        let mut ann = server.join(&room, "Ann", false).await;
        ann.send(&json!({ "type": "chat", "text": "note", "client_id": 1 })).await;
        ann.until("chat").await;
        ann.close(1000).await;
        // The room has seen it when it shows nobody.
        let path = format!("/api/v1/rooms/{}", room.id);
        while server.get(&path).await.1["participant_count"] != 0 {}
        server.clock.advance(Duration::from_secs(pause));
        if remembered == 0 {
            server.sfu.command(|command| matches!(command, Command::CloseRoom { .. })).await;
        }
        let back = server.join(&room, "Ann", false).await;
        assert_eq!(back.welcome["chat"].as_array().unwrap().len().min(1), remembered);
        back.close(1000).await;
    }
    while server.get(&format!("/api/v1/rooms/{}", room.id)).await.1["participant_count"] != 0 {}
    server.clock.advance(Duration::from_secs(24 * 3600));
    assert_eq!(server.get(&format!("/api/v1/rooms/{}", room.id)).await.0, 404);
}

#[tokio::test]
async fn dead_sockets_are_found_by_pings() {
    let server = TestServer::start(&[]).await;
    let room = server.make_room().await;
    let mut ann = server.join(&room, "Ann", false).await;
    // Ben's end takes what comes, but never answers: its socket is not read.
    let _ben = server.join(&room, "Ben", false).await;
    ann.until("participant_joined").await;
    for _ in 0..2 {
        server.clock.advance(Duration::from_secs(15));
        // Reading answers the ping that the advance caused.
        ann.ping(1).await;
    }
    server.clock.advance(Duration::from_secs(15));
    assert_eq!(ann.until("participant_connection").await["connection"], "reconnecting");
    server.clock.advance(Duration::from_secs(2));
    assert_eq!(ann.until("participant_left").await["reason"], "lost");
}

#[tokio::test]
async fn a_client_that_does_not_read_is_cut_off_and_others_go_on() {
    let server = TestServer::start(&["--rate-limit-scale", "100"]).await;
    let room = server.make_room().await;
    let mut writers = Vec::new();
    for _ in 0..8 {
        writers.push(server.join(&room, "Writer", false).await);
    }
    let _sleeper = server.join(&room, "Sleeper", false).await;
    // 8 writers of 90 lines of 8 kB are 5.8 MB: more than a queue and the kernel's buffers hold.
    for line in 0..90 {
        for writer in &mut writers {
            let text = "🙂".repeat(2000);
            writer.send(&json!({ "type": "chat", "text": text, "client_id": line })).await;
        }
        for writer in &mut writers {
            while writer.until("chat").await["client_id"] != line {}
        }
    }
    while server.state.services.metrics.websockets.get() != 8 {
        server.get("/healthz").await;
    }
    for writer in &mut writers {
        writer.ping(5).await;
    }
}

#[tokio::test]
async fn a_stopping_server_says_goodbye() {
    let server = TestServer::start(&[]).await;
    let room = server.make_room().await;
    let mut ann = server.join(&room, "Ann", false).await;
    let ticket = server.ticket(&room, "Ben", false).await;
    let mut ben = server.connect(&format!("ticket.{ticket}")).await;
    let leaving = async {
        for client in [&mut ann, &mut ben] {
            assert_eq!(client.until("closed").await["reason"], "server_stopping");
            assert_eq!(client.close_code().await, 1001);
        }
    };
    soon(async { tokio::join!(server.state.stop(), leaving) }).await;
}

#[tokio::test]
async fn no_address_is_told_to_anybody() {
    let server = TestServer::start(&["--trusted-proxy", "127.0.0.1"]).await;
    let room = server.make_room().await;
    let mut ann = server.join(&room, "Ann", false).await;
    let ticket = server.ticket(&room, "Ben", false).await;
    let mut request = server.handshake(&format!("confab.v1, ticket.{ticket}"));
    request.headers_mut().insert("x-forwarded-for", "203.0.113.77".parse().unwrap());
    let (mut socket, _) = soon(tokio_tungstenite::connect_async(request)).await.unwrap();
    use futures_util::SinkExt as _;
    socket.send(Message::text(json!({ "type": "hello", "version": 1 }).to_string())).await.unwrap();
    let joined = ann.until("participant_joined").await.to_string();
    assert!(!joined.contains("203.0.113") && !joined.contains("127.0.0.1"), "{joined}");
}

#[tokio::test]
async fn health_and_headers() {
    let server = TestServer::start(&[]).await;
    assert_eq!(server.get("/healthz").await, (200, json!({ "status": "alive" })));
    assert_eq!(server.get("/readyz").await, (200, json!({ "status": "ready" })));
    for path in ["/", "/r/k3vq-8c2m-x0tz-9hdr", "/healthz", "/api/nothing", "/assets/gone.js", "/api/v1/ws"] {
        let response = server.http.get(server.url(path)).send().await.unwrap();
        for header in ["content-security-policy", "x-content-type-options", "referrer-policy", "permissions-policy"] {
            assert!(response.headers().contains_key(header), "{path}: {header}");
        }
        assert!(!response.headers().contains_key("strict-transport-security"), "{path}");
    }
    let page = server.http.get(server.url("/r/k3vq-8c2m-x0tz-9hdr")).send().await.unwrap();
    assert_eq!((page.status().as_u16(), &page.headers()["cache-control"]), (200, &"no-cache".parse().unwrap()));
    assert!(page.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
    let tag = page.headers()["etag"].clone();
    let again = server.http.get(server.url("/")).header("if-none-match", tag).send().await.unwrap();
    assert_eq!(again.status().as_u16(), 304);
    server.state.stopping.send_replace(true);
}

#[tokio::test]
async fn metrics_tell_what_happened() {
    let server = TestServer::start(&[]).await;
    let room = server.make_room().await;
    let mut ann = server.join(&room, "Ann", false).await;
    ann.send(&json!({ "type": "first_frame", "milliseconds": 700 })).await;
    ann.ping(1).await;
    server.post("/api/v1/rooms/0/join", &json!({ "name": "x" })).await;
    let text = String::from_utf8(server.state.services.metrics.render().unwrap()).unwrap();
    for line in [
        "confab_rooms 1",
        "confab_participants 1",
        "confab_websockets 1",
        "confab_room_joins_total{result=\"joined\"} 1",
        "confab_room_joins_total{result=\"room_not_found\"} 1",
        "confab_messages_total{type=\"first_frame\"} 1",
        "confab_errors_total{code=\"room_not_found\"} 1",
        "confab_first_frame_seconds_count 1",
        "confab_welcome_seconds_count 1",
        "confab_start_time_seconds 1800000000",
    ] {
        assert!(text.lines().any(|other| other == line), "{line} is not in\n{text}");
    }
}
