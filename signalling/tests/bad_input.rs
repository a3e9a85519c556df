//! Everything that a hostile or broken client may send: a clear answer, nothing lost, nobody else disturbed.

// Helpers of tests fail by panicking, like tests.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use common::{Client, TestServer, soon};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_tungstenite::tungstenite::Message;

#[tokio::test]
async fn rooms_that_are_not_there_all_look_alike() {
    let server = TestServer::start(&[]).await;
    let unknown = server.get("/api/v1/rooms/0000-0000-0000-0000").await;
    assert_eq!((unknown.0, &unknown.1["error"]["code"]), (404, &json!("room_not_found")));
    for id in ["x", "0000-0000-0000-000u", "%00", "..%2f..%2fetc%2fpasswd", &"a".repeat(5000)] {
        assert_eq!(server.get(&format!("/api/v1/rooms/{id}")).await, unknown, "{id}");
    }
    let join = server.post("/api/v1/rooms/0000-0000-0000-0000/join", &json!({ "name": "Ann" })).await;
    assert_eq!(join, unknown);
}

#[tokio::test]
async fn ten_misses_a_minute_and_no_more_answers() {
    let server = TestServer::start(&[]).await;
    let room = server.make_room().await;
    for _ in 0..10 {
        assert_eq!(server.get("/api/v1/rooms/0000-0000-0000-0000").await.0, 404);
    }
    let path = format!("/api/v1/rooms/{}", room.id);
    for path in ["/api/v1/rooms/0000-0000-0000-0000", &path] {
        let (status, body) = server.get(path).await;
        assert_eq!((status, &body["error"]["code"]), (429, &json!("rate_limited")), "hits are hidden too");
    }
    server.clock.advance(Duration::from_secs(60));
    assert_eq!(server.get(&path).await.0, 200);
}

#[tokio::test]
async fn creations_and_joins_are_limited_by_address() {
    let server = TestServer::start(&[]).await;
    let room = server.make_room().await;
    for _ in 1..30 {
        server.make_room().await;
    }
    assert_eq!(server.post("/api/v1/rooms", &json!({})).await.0, 429);
    let path = format!("/api/v1/rooms/{}/join", room.id);
    for _ in 0..60 {
        assert_eq!(server.post(&path, &json!({ "name": "Ann" })).await.0, 200);
    }
    assert_eq!(server.post(&path, &json!({ "name": "Ann" })).await.0, 429);
}

#[tokio::test]
async fn bodies_are_read_strictly() {
    let server = TestServer::start(&[]).await;
    let room = server.make_room().await;
    let path = format!("/api/v1/rooms/{}/join", room.id);
    for (body, code) in [
        (json!({}), "invalid_value"),
        (json!({ "name": 1 }), "invalid_message"),
        (json!({ "name": "Ann", "role": "host" }), "invalid_message"),
        (json!({ "name": "Ann", "is_admin": true }), "invalid_message"),
        (json!([]), "invalid_message"),
        (json!({ "name": "" }), "invalid_value"),
        (json!({ "name": " \n " }), "invalid_value"),
        (json!({ "name": "x".repeat(10 * 1024) }), "invalid_value"),
        (json!({ "name": "a\u{0}b" }), "invalid_value"),
        (json!({ "name": "\u{202e}nnA" }), "invalid_value"),
        (json!({ "name": "x".repeat(20 * 1024) }), "message_too_large"),
        (json!({ "name": "Ann", "host_key": "guess" }), "not_allowed"),
    ] {
        let (status, answer) = server.post(&path, &body).await;
        assert_eq!(answer["error"]["code"], code, "{body}");
        assert!((400..=413).contains(&status), "{status}");
        assert!(answer.to_string().len() < 600, "{answer}");
    }
    for body in [json!({ "name": "x".repeat(101) }), json!({ "name": "a\u{7}" })] {
        assert_eq!(server.post("/api/v1/rooms", &body).await.1["error"]["code"], "invalid_value");
    }
    let (status, answer) = server.post("/api/v1/rooms", &json!({ "codec": "theora" })).await;
    assert_eq!((status, &answer["error"]["code"]), (400, &json!("invalid_message")));
    for kind in ["text/plain", "application/x-www-form-urlencoded", ""] {
        let request = server.http.post(server.url(&path)).header("content-type", kind).body(r#"{"name":"Ann"}"#);
        assert_eq!(request.send().await.unwrap().status().as_u16(), 415, "{kind}");
    }
    let request = server.http.post(server.url(&path)).header("content-type", "application/json").body("{\"name\":");
    assert_eq!(request.send().await.unwrap().status().as_u16(), 400);
    let wrong = server.http.delete(server.url(&path)).send().await.unwrap();
    assert_eq!(wrong.status().as_u16(), 405);
    assert_eq!(wrong.json::<Value>().await.unwrap()["error"]["code"], "route_not_found");
    let (status, body) = server.get("/api/v1/nothing").await;
    assert_eq!((status, &body["error"]["code"]), (404, &json!("route_not_found")));
}

#[tokio::test]
async fn pages_of_other_origins_are_refused_everywhere() {
    let server = TestServer::start(&[]).await;
    let room = server.make_room().await;
    let own = format!("http://{}", server.address);
    let ticket = server.ticket(&room, "Ann", false).await;
    for origin in ["null", "http://evil.example", &format!("{own}.evil.example"), &own.replace("http", "https"), ""] {
        let mut request = server.handshake(&format!("confab.v1, ticket.{ticket}"));
        request.headers_mut().insert("origin", origin.parse().unwrap());
        let (status, body) = server.refusal(request).await;
        assert_eq!((status, &body["error"]["code"]), (403, &json!("origin_not_allowed")), "{origin}");
        let request = server.http.post(server.url("/api/v1/rooms")).header("origin", origin).json(&json!({}));
        assert_eq!(request.send().await.unwrap().status().as_u16(), 403, "{origin}");
    }
    let mut request = server.handshake(&format!("confab.v1, ticket.{ticket}"));
    request.headers_mut().insert("origin", own.parse().unwrap());
    soon(tokio_tungstenite::connect_async(request)).await.unwrap();
}

#[tokio::test]
async fn pages_of_listed_origins_may_ask_and_read() {
    let server = TestServer::start(&["--allowed-origin", "https://www.example.org"]).await;
    let url = server.url("/api/v1/rooms");
    let ask = |origin: &str| server.http.request(reqwest::Method::OPTIONS, &url).header("origin", origin).send();
    let response = ask("https://www.example.org").await.unwrap();
    assert_eq!(response.status().as_u16(), 204);
    assert_eq!(response.headers()["access-control-allow-origin"], "https://www.example.org");
    assert_eq!(response.headers()["access-control-allow-headers"], "content-type, x-confab");
    let response = ask("https://evil.example").await.unwrap();
    assert_eq!(response.status().as_u16(), 403);
    assert!(!response.headers().contains_key("access-control-allow-origin"));
    let request = server.http.post(&url).header("origin", "https://www.example.org").json(&json!({}));
    let response = request.send().await.unwrap();
    assert_eq!(response.status().as_u16(), 201);
    assert_eq!(response.headers()["access-control-allow-origin"], "https://www.example.org");
    assert!(!response.headers().contains_key("access-control-allow-credentials"));
}

#[tokio::test]
async fn tickets_are_single_short_and_unforgeable() {
    let server = TestServer::start(&[]).await;
    let room = server.make_room().await;
    let used = server.ticket(&room, "Ann", false).await;
    server.enter(&format!("ticket.{used}")).await;
    let expired = server.ticket(&room, "Ann", false).await;
    server.clock.advance(Duration::from_secs(30));
    let good = server.ticket(&room, "Ann", false).await;
    let parts: Vec<_> = good.split('.').collect();
    let claims = String::from_utf8(URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
    let host = URL_SAFE_NO_PAD.encode(claims.replace("guest", "host"));
    let none = URL_SAFE_NO_PAD.encode(r#"{"typ":"JWT","alg":"none"}"#);
    for protocols in [
        String::new(),
        "confab.v1".into(),
        format!("ticket.{good}"),
        format!("confab.v2, ticket.{good}"),
        format!("confab.v1, ticket.{good}, ticket.{good}"),
        format!("confab.v1, {good}"),
        format!("confab.v1, resume.{good}"),
        "confab.v1, ticket.".into(),
        "confab.v1, ticket.x".into(),
        format!("confab.v1, ticket.{used}"),
        format!("confab.v1, ticket.{expired}"),
        format!("confab.v1, ticket.{none}.{}.", parts[1]),
        format!("confab.v1, ticket.{none}.{}.{}", parts[1], parts[2]),
        format!("confab.v1, ticket.{}.{host}.{}", parts[0], parts[2]),
    ] {
        let (status, body) = server.refusal(server.handshake(&protocols)).await;
        assert_eq!((status, &body["error"]["code"]), (401, &json!("invalid_ticket")), "{protocols}");
    }
    let text = String::from_utf8(server.state.services.metrics.render().unwrap()).unwrap();
    assert!(text.contains("confab_rooms 1"), "nothing was allocated for them");
    server.enter(&format!("ticket.{good}")).await;
}

#[tokio::test]
async fn a_request_without_an_upgrade_does_not_spend_the_ticket() {
    let server = TestServer::start(&[]).await;
    let room = server.make_room().await;
    let ticket = server.ticket(&room, "Ann", false).await;
    let protocols = format!("confab.v1, ticket.{ticket}");
    let request = server.http.get(server.url("/api/v1/ws")).header("sec-websocket-protocol", protocols);
    assert_eq!(request.send().await.unwrap().status().as_u16(), 400);
    server.enter(&format!("ticket.{ticket}")).await;
}

#[tokio::test]
async fn the_first_message_is_hello_and_comes_soon() {
    let server = TestServer::start(&[]).await;
    let room = server.make_room().await;
    for first in [
        json!({ "type": "hello", "version": 2 }),
        json!({ "type": "leave" }),
        json!({ "type": "end_room" }),
        json!("hello"),
    ] {
        let ticket = server.ticket(&room, "Ann", true).await;
        let mut client = server.connect(&format!("ticket.{ticket}")).await;
        client.send(&first).await;
        assert_eq!(client.until("error").await["code"], "unsupported_version", "{first}");
        assert_eq!(client.close_code().await, 1002);
    }
    let ticket = server.ticket(&room, "Ann", false).await;
    let mut silent = server.connect(&format!("ticket.{ticket}")).await;
    // The answered ping shows that the connection waits, so that the clock may be wound on.
    silent.send_frame(Message::Ping(Default::default())).await;
    silent.control_pong().await;
    server.clock.advance(Duration::from_secs(10));
    assert_eq!(silent.until("error").await["code"], "unsupported_version");
    assert_eq!(silent.close_code().await, 1002);
}

/// A room with somebody who must not notice anything, and somebody who misbehaves.
async fn pair(server: &TestServer) -> (Client, Client) {
    let room = server.make_room().await;
    (server.join(&room, "Ann", false).await, server.join(&room, "Eve", false).await)
}

#[tokio::test]
async fn nonsense_is_answered_ten_times() {
    let server = TestServer::start(&[]).await;
    let (mut ann, mut eve) = pair(&server).await;
    let deep = format!("{}{}", "[".repeat(300), "]".repeat(300));
    let nested = format!(r#"{{"type":"chat","client_id":1,"text":{deep}}}"#);
    let long = format!(r#"{{"type":"{}"}}"#, "x".repeat(1000));
    let nonsense = ["", "hello", "{", "null", r#"{"type":"become_host"}"#, r#"{"type":"leave","now":1}"#];
    for text in nonsense.into_iter().chain([deep.as_str(), &nested, &long]) {
        eve.send_frame(Message::text(text)).await;
        let error = eve.until("error").await;
        assert_eq!(error["code"], "invalid_message", "{text}");
        assert!(error.to_string().len() < 400, "{error}");
        eve.ping(1).await;
    }
    eve.send_frame(Message::text("the tenth")).await;
    assert_eq!(eve.close_code().await, 1008);
    ann.ping(1).await;
}

#[tokio::test]
async fn binary_and_oversized_messages_close_only_their_socket() {
    let server = TestServer::start(&[]).await;
    let room = server.make_room().await;
    let mut ann = server.join(&room, "Ann", false).await;
    let chat = |bytes: usize| json!({ "type": "chat", "client_id": 1, "text": "x".repeat(bytes) }).to_string();
    let offer = |bytes: usize| {
        let sections = json!({ "publish": [], "slots": [], "audio_slots": [] });
        json!({ "type": "offer", "request": 1, "sdp": "x".repeat(bytes), "sections": sections }).to_string()
    };
    for (frame, code) in [
        (Message::binary("junk"), 1003),
        (Message::text(chat(64 * 1024)), 1009),
        (Message::text("x".repeat(65 * 1024)), 1009),
        (Message::text(offer(256 * 1024)), 1009),
        (Message::text(offer(500 * 1024)), 1009),
    ] {
        let mut eve = server.join(&room, "Eve", false).await;
        eve.send_frame(frame).await;
        assert_eq!(eve.close_code().await, code);
    }
    let mut eve = server.join(&room, "Eve", false).await;
    eve.send_frame(Message::text(offer(200 * 1024))).await;
    eve.until("answer").await;
    eve.push(Message::text("x".repeat(4 * 1024 * 1024))).await;
    ann.ping(1).await;
}

#[tokio::test]
async fn a_flood_closes_only_its_socket() {
    let server = TestServer::start(&[]).await;
    let (mut ann, mut eve) = pair(&server).await;
    let mut sent = 0;
    while sent < 10_000 && eve.push(Message::text(r#"{"type":"ping","nonce":1}"#)).await {
        sent += 1;
        if sent % 1000 == 0 {
            ann.ping(sent).await;
        }
    }
    assert_eq!(eve.until("error").await["code"], "rate_limited");
    assert_eq!(eve.close_code().await, 1008);
    ann.ping(1).await;
}

#[tokio::test]
async fn sockets_are_limited_by_address() {
    let server = TestServer::start(&[]).await;
    let room = server.make_room().await;
    let here = server.address.ip();
    assert!((0..200).all(|_| server.state.sockets.take(here)));
    let ticket = format!("ticket.{}", server.ticket(&room, "Ann", false).await);
    let (status, body) = server.refusal(server.handshake(&format!("confab.v1, {ticket}"))).await;
    assert_eq!((status, &body["error"]["code"]), (429, &json!("rate_limited")));
    server.state.sockets.free(here);
    server.enter(&ticket).await.ping(1).await;
}

/// The machine's time is a paused one here: it jumps to the next timer whenever nothing else happens.
#[tokio::test]
async fn dawdling_requests_are_cut() {
    let server = TestServer::start(&[]).await;
    // Only now: the database's threads would seem to take for ever.
    tokio::time::pause();
    let head = "POST /api/v1/rooms HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{";
    for start in ["", "GET / HTTP/1.1\r\nHost: x\r\nX-Slow:", head] {
        let begin = tokio::time::Instant::now();
        let mut stream = tokio::net::TcpStream::connect(server.address).await.unwrap();
        stream.write_all(start.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(begin.elapsed() >= Duration::from_secs(10), "{start:?}");
        assert!(begin.elapsed() <= Duration::from_secs(25), "{start:?}: {:?}", begin.elapsed());
        assert_eq!(answer.starts_with("HTTP/1.1 408"), start == head, "{answer}");
    }
}

#[tokio::test]
async fn what_a_foreign_page_sends_with_somebodys_cookie_is_refused() {
    let server = TestServer::start(&[]).await;
    let own = format!("http://{}", server.address);
    // Whether the cookie is good is not even looked at.
    let cookie = format!("confab_session={}", "A".repeat(43));
    let send = async |path: &str, headers: &[(&str, &str)]| {
        let request = server.http.post(server.url(path)).header("cookie", &cookie).json(&json!({}));
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let response = soon(request.send()).await.unwrap();
        let status = response.status().as_u16();
        (status, response.json::<Value>().await.map_or(Value::Null, |body| body["error"]["code"].clone()))
    };
    for path in ["/api/v1/auth/logout", "/api/v1/me/password", "/api/v1/rooms"] {
        for origin in ["https://evil.example", "null", &format!("{own}.evil.example"), &own.replace("http", "https")] {
            let foreign = send(path, &[("x-confab", "1"), ("origin", origin)]).await;
            assert_eq!(foreign, (403, json!("origin_not_allowed")), "{path} from {origin}");
        }
        for headers in [&[][..], &[("origin", own.as_str())], &[("x-confab", "1")]] {
            assert_eq!(send(path, headers).await, (403, json!("csrf")), "{path} with {headers:?}");
        }
        let ours = send(path, &[("x-confab", "1"), ("origin", &own)]).await;
        assert_ne!(ours.0, 403, "{path}: {}", ours.1);
    }
    // Who has no cookie makes rooms without all this.
    server.make_room().await;
}
