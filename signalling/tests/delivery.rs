//! Twenty people write two thousand messages in a group while their sockets are cut at random and the server is killed and
//! started again twenty times: each message that was acknowledged is with each of them exactly once, and all see them in
//! the same order.

// Helpers of tests fail by panicking, like tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, unreachable_pub)]

mod common;
#[path = "../../social/tests/http/support/postgres.rs"]
mod postgres;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use self::common::process::Process;

const MEMBERS: usize = 20;

/// Messages of each.
const MESSAGES: usize = 100;

const KILLS: usize = 20;

/// One in so many events is the last of its socket.
const CUT: u32 = 50;

/// Between two tries to reach a server that is just starting.
const PAUSE: Duration = Duration::from_millis(20);

/// All of it takes seconds.
const PATIENCE: Duration = Duration::from_secs(300);

/// Somebody's browser.
#[derive(Clone)]
struct Browser {
    url: String,
    cookie: String,
    http: reqwest::Client,
}

impl Browser {
    async fn sign_in(url: &str, username: &str) -> Self {
        let http = reqwest::Client::builder().pool_max_idle_per_host(0).build().unwrap();
        let mut browser = Self { url: url.to_owned(), cookie: String::new(), http };
        let body = json!({ "identifier": username, "password": "confab-demo" });
        let request = browser.request(Method::POST, "/api/v1/auth/login").json(&body);
        let response = common::soon(request.send()).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{username}");
        let cookie = response.headers()["set-cookie"].to_str().unwrap();
        browser.cookie = cookie.split(';').next().unwrap().to_owned();
        browser
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.url)).header("cookie", &self.cookie);
        request.header("x-confab", "1").header("origin", &self.url)
    }

    /// Asks until the server answers.
    async fn call(&self, method: Method, path: &str, body: &Value) -> Value {
        loop {
            let request = self.request(method.clone(), path);
            let request = if method == Method::GET { request } else { request.json(body) };
            let answer = async {
                let response = request.send().await.ok()?;
                let status = response.status();
                Some((status, response.text().await.ok()?))
            };
            match answer.await {
                Some((status, text)) if status.is_success() => return serde_json::from_str(&text).unwrap_or_default(),
                // A server that was killed in the middle of an answer may have sent its head.
                Some((status, text)) => panic!("{method} {path}: {status} {text}"),
                None => tokio::time::sleep(PAUSE).await,
            }
        }
    }

    async fn connect(&self) -> WebSocketStream<MaybeTlsStream<TcpStream>> {
        loop {
            let address = self.url.replace("http://", "ws://");
            let mut request = format!("{address}/api/v1/events").into_client_request().unwrap();
            request.headers_mut().insert("cookie", self.cookie.parse().unwrap());
            request.headers_mut().insert("origin", self.url.parse().unwrap());
            match connect_async(request).await {
                Ok((socket, _)) => return socket,
                Err(_) => tokio::time::sleep(PAUSE).await,
            }
        }
    }
}

/// What a tab knows of the conversation: all its changes up to a number.
#[derive(Default)]
struct Log {
    known: i64,
    /// Ids and texts by place.
    messages: BTreeMap<i64, (String, String)>,
    /// How many events told something new, and how often changes were asked for.
    told: usize,
    asked: usize,
}

impl Log {
    fn put(&mut self, message: &Value) {
        let text = |name: &str| message[name].as_str().unwrap().to_owned();
        if message["kind"] != "text" {
            return;
        }
        let old = self.messages.insert(message["seq"].as_i64().unwrap(), (text("id"), text("text")));
        assert!(old.is_none_or(|(id, _)| id == text("id")), "two messages have one place");
    }

    async fn ask(&mut self, browser: &Browser, conversation: &str) {
        loop {
            self.asked += 1;
            let path = format!("/api/v1/conversations/{conversation}/changes?after={}", self.known);
            let changes = browser.call(Method::GET, &path, &Value::Null).await;
            changes["items"].as_array().unwrap().iter().for_each(|message| self.put(message));
            self.known = changes["seq"].as_i64().unwrap();
            if changes["more"] == false {
                return;
            }
        }
    }

    async fn hear(&mut self, event: &Value, browser: &Browser, conversation: &str) {
        match (event["type"].as_str().unwrap(), event["change"].as_i64()) {
            ("messages_gap", _) => self.ask(browser, conversation).await,
            ("message", Some(change)) if change == self.known + 1 => {
                self.known = change;
                self.told += 1;
                self.put(&event["message"]);
            }
            ("message", Some(change)) if change > self.known => self.ask(browser, conversation).await,
            _ => {}
        }
    }
}

/// Listens with one socket after the other, until all that there is is known.
async fn listen(browser: Browser, conversation: Arc<str>, mut rng: StdRng, end: watch::Receiver<Option<i64>>) -> Log {
    let mut log = Log::default();
    let mut ending = end.clone();
    let is_over = |log: &Log| end.borrow().is_some_and(|last| log.known >= last);
    while !is_over(&log) {
        let mut socket = browser.connect().await;
        log.ask(&browser, &conversation).await;
        while !is_over(&log) {
            let message = tokio::select! {
                message = socket.next() => message,
                // The last number is known now, and perhaps it was reached before.
                _ = ending.changed() => continue,
            };
            match message {
                Some(Ok(Message::Text(text))) => {
                    let event = serde_json::from_str(&text).unwrap();
                    log.hear(&event, &browser, &conversation).await;
                    if rng.random_range(0..CUT) == 0 {
                        break;
                    }
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => break,
            }
        }
    }
    log
}

/// Writes messages one after the other; their ids and texts.
async fn speak(
    number: usize,
    browser: Browser,
    conversation: Arc<str>,
    done: watch::Sender<usize>,
) -> Vec<(String, String)> {
    let mut written = Vec::new();
    for count in 0..MESSAGES {
        let text = format!("{number} says {count}");
        let client_id = sqlx::types::Uuid::from_u128((number * MESSAGES + count + 1) as u128);
        let path = format!("/api/v1/conversations/{conversation}/messages");
        let answer = browser.call(Method::POST, &path, &json!({ "client_id": client_id, "text": text })).await;
        written.push((answer["id"].as_str().unwrap().to_owned(), text));
        done.send_modify(|done| *done += 1);
    }
    written
}

/// Signs in as many people as there shall be, the first of whom makes a group of all.
async fn gather(url: &str) -> (Vec<Browser>, Arc<str>) {
    let first = Browser::sign_in(url, "demo").await;
    let people = first.call(Method::GET, "/api/v1/people?limit=100", &Value::Null).await;
    let names: Vec<_> =
        people["items"].as_array().unwrap().iter().map(|one| one["username"].as_str().unwrap()).collect();
    let others: Vec<_> = names.into_iter().filter(|name| *name != "demo").take(MEMBERS - 1).collect();
    assert_eq!(others.len(), MEMBERS - 1);
    let wish = json!({ "title": "All of us", "people": others });
    let group = first.call(Method::POST, "/api/v1/conversations", &wish).await;
    let conversation: Arc<str> = group["id"].as_str().unwrap().into();
    let mut browsers = vec![first];
    for name in others {
        let browser = Browser::sign_in(url, name).await;
        let path = format!("/api/v1/conversations/{conversation}/membership");
        browser.call(Method::PUT, &path, &json!({})).await;
        browsers.push(browser);
    }
    (browsers, conversation)
}

async fn story(database: Option<String>) {
    let mut server = Process::new(&common::folder(), database);
    server.demo();
    server.start();
    let (browsers, conversation) = gather(&server.url).await;
    let mut rng = StdRng::seed_from_u64(11);
    let (end, ended) = watch::channel(None);
    let (done, mut progress) = watch::channel(0);
    let (mut listeners, mut speakers) = (JoinSet::new(), JoinSet::new());
    for (number, browser) in browsers.iter().enumerate() {
        let rng = StdRng::from_rng(&mut rng);
        listeners.spawn(listen(browser.clone(), Arc::clone(&conversation), rng, ended.clone()));
        speakers.spawn(speak(number, browser.clone(), Arc::clone(&conversation), done.clone()));
    }
    for kill in 1..=KILLS {
        progress.wait_for(|done| *done >= kill * MEMBERS * MESSAGES / (KILLS + 1)).await.unwrap();
        server.restart();
    }
    let written: BTreeSet<_> = speakers.join_all().await.into_iter().flatten().collect();
    assert_eq!(written.len(), MEMBERS * MESSAGES);
    let path = format!("/api/v1/conversations/{conversation}");
    let shown = browsers[0].call(Method::GET, &path, &Value::Null).await;
    end.send_replace(shown["seq"].as_i64());
    let logs = listeners.join_all().await;
    let first: Vec<_> = logs[0].messages.iter().collect();
    for log in &logs {
        // Those who came later have not read that others came before them; texts are the same for all.
        assert_eq!(log.messages.iter().collect::<Vec<_>>(), first);
        let texts: BTreeSet<_> = log.messages.values().cloned().collect();
        assert_eq!(texts, written);
        assert_eq!(log.messages.len(), written.len());
    }
    let sum = |of: fn(&Log) -> usize| logs.iter().map(of).sum::<usize>();
    println!(
        "{} messages were told by events, changes were asked for {} times",
        sum(|log| log.told),
        sum(|log| log.asked)
    );
    // It was not all found by asking: much is told as it happens, though whoever has asked just then knows it already.
    assert!(sum(|log| log.told) > logs.len() * written.len() / 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_message_is_with_all_exactly_once_and_in_order_on_sqlite() {
    tokio::time::timeout(PATIENCE, story(None)).await.expect("this takes too long");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_message_is_with_all_exactly_once_and_in_order_on_postgres() {
    let url = postgres::database().await;
    tokio::time::timeout(PATIENCE, story(Some(url.clone()))).await.expect("this takes too long");
    postgres::remove(&url).await;
}
