//! People call each other through the real server: the room of a ring takes both, and who is in it is busy.

// Helpers of tests fail by panicking, like tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use futures_util::{SinkExt as _, StreamExt as _};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// The server of the demo's people.
struct Server {
    child: Child,
    url: String,
}

impl Server {
    fn start(data: &Path) -> Self {
        let confab = || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_confab"));
            command.env_clear().args(["--log", "error", "--data-dir"]).arg(data);
            command
        };
        assert!(confab().arg("demo").stdout(Stdio::null()).status().unwrap().success());
        let mut child = confab()
            .args(["--listen", "127.0.0.1:0", "--metrics-listen", "off", "--media-port", "0", "--media-workers", "1"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let line = BufReader::new(child.stdout.take().unwrap()).lines().next().unwrap().unwrap();
        let url = line.strip_prefix("Confab is ready: ").unwrap().trim_end_matches('/').to_owned();
        Self { child, url }
    }

    /// A call of somebody, who may be nobody.
    async fn call(&self, cookie: &str, method: Method, path: &str, body: Value) -> (u16, Value) {
        let request = reqwest::Client::new().request(method, format!("{}/api/v1/{path}", self.url));
        let request = request.header("x-confab", "1").header("origin", &self.url).header("cookie", cookie);
        let response = common::soon(request.json(&body).send()).await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap_or_default())
    }

    async fn sign_in(&self, username: &str) -> String {
        let body = json!({ "identifier": username, "password": "confab-demo" });
        let request = reqwest::Client::new().post(format!("{}/api/v1/auth/login", self.url)).json(&body);
        let request = request.header("x-confab", "1").header("origin", &self.url);
        let response = common::soon(request.send()).await.unwrap();
        let cookie = response.headers()["set-cookie"].to_str().unwrap();
        cookie.split(';').next().unwrap().to_owned()
    }

    /// The conversation of somebody with somebody else, neither of whom is a stranger.
    async fn conversation(&self, (cookie, name): (&str, &str), (other_cookie, other): (&str, &str)) -> String {
        for (cookie, name) in [(cookie, other), (other_cookie, name)] {
            let (status, _) = self.call(cookie, Method::PUT, &format!("people/{name}/follow"), json!({})).await;
            assert_eq!(status, 200);
        }
        let (_, made) = self.call(cookie, Method::PUT, &format!("people/{other}/conversation"), json!({})).await;
        let id = made["id"].as_str().unwrap().to_owned();
        self.call(other_cookie, Method::PUT, &format!("conversations/{id}/membership"), json!({})).await;
        id
    }

    async fn ring(&self, cookie: &str, conversation: &str) -> Value {
        let path = format!("conversations/{conversation}/rings");
        let (status, ring) = self.call(cookie, Method::POST, &path, json!({ "media": "video" })).await;
        assert_eq!(status, 201, "{ring}");
        ring
    }

    /// Joins a room and hears its welcome.
    async fn join(&self, cookie: &str, room: &str) -> WebSocketStream<MaybeTlsStream<TcpStream>> {
        let (status, joined) = self.call(cookie, Method::POST, &format!("rooms/{room}/join"), json!({})).await;
        assert_eq!(status, 200, "{joined}");
        let address = format!("{}/api/v1/ws", self.url.replace("http://", "ws://"));
        let mut request = address.into_client_request().unwrap();
        let protocols = format!("confab.v1, ticket.{}", joined["ticket"].as_str().unwrap());
        request.headers_mut().insert("sec-websocket-protocol", protocols.parse().unwrap());
        let (mut socket, _) = common::soon(connect_async(request)).await.unwrap();
        socket.send(Message::text(json!({ "type": "hello", "version": 1 }).to_string())).await.unwrap();
        loop {
            let Message::Text(text) = common::soon(socket.next()).await.unwrap().unwrap() else { continue };
            let message: Value = serde_json::from_str(&text).unwrap();
            if message["type"] == "welcome" {
                return socket;
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_room_of_a_ring_takes_both_and_who_is_in_it_is_busy() {
    let server = Server::start(&common::folder());
    let [robin, amara, lena] =
        [server.sign_in("demo").await, server.sign_in("amara").await, server.sign_in("lena").await];
    let between = server.conversation((&robin, "demo"), (&amara, "amara")).await;
    let other = server.conversation((&lena, "lena"), (&amara, "amara")).await;
    let ring = server.ring(&robin, &between).await;
    let room = ring["room"].as_str().unwrap();
    let answer = format!("rings/{}/answer", ring["id"].as_str().unwrap());
    let (status, answered) = server.call(&amara, Method::PUT, &answer, json!({ "accept": true })).await;
    assert_eq!((status, &answered["state"]), (200, &json!("over")));
    let guest = json!({ "name": "Guest" });
    assert_eq!(server.call("", Method::POST, &format!("rooms/{room}/join"), guest).await.0, 401);
    let robin_here = server.join(&robin, room).await;
    let amara_here = server.join(&amara, room).await;
    // Who is in a call is not rung; who calls where there is a call joins it.
    let busy = server.ring(&lena, &other).await;
    assert_eq!((&busy["state"], &busy["people"][0]["state"]), (&json!("over"), &json!("busy")));
    let again = format!("conversations/{between}/rings");
    let (status, joined) = server.call(&amara, Method::POST, &again, json!({ "media": "audio" })).await;
    assert_eq!((status, &joined["id"]), (200, &ring["id"]));
    // Whoever has left can be called again.
    for mut socket in [robin_here, amara_here] {
        socket.send(Message::text(json!({ "type": "leave" }).to_string())).await.unwrap();
        while let Some(Ok(_)) = common::soon(socket.next()).await {}
    }
    let rung = server.ring(&lena, &other).await;
    assert_eq!((&rung["state"], &rung["people"][0]["state"]), (&json!("ringing"), &json!("ringing")));
}
