//! Power cuts while people upload files: what was acknowledged of each is on the disk, each goes on from there, and what
//! comes out in the end is what was sent.
//!
//! `KILLS=500 cargo nextest run --workspace -E 'binary(attaching)'` takes the cuts of a release.

// Helpers of tests fail by panicking, like tests.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

mod common;

use std::path::Path;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng as _, RngExt as _, SeedableRng as _};
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};
use tokio::task::JoinSet;

use self::common::process::{Process, uuid};

/// Cuts, unless `KILLS` says otherwise.
const KILLS: u32 = 15;

/// Who uploads.
const PEOPLE: [&str; 3] = ["ann", "ben", "carl"];

const PASSWORD: &str = "correct horse battery";

/// Bytes of a chunk: so few that a file takes several cuts.
const CHUNK: usize = 8 * 1024;

/// Somebody who uploads one file after the other, and goes on where the last cut interrupted.
struct Sender {
    cookie: String,
    rng: StdRng,
    /// The file under way, and what its upload is called.
    file: Vec<u8>,
    client_id: String,
    /// Its id, and how many bytes of it were acknowledged.
    known: Option<(String, usize)>,
    done: usize,
}

impl Sender {
    fn new(cookie: String, rng: StdRng) -> Self {
        Self { cookie, rng, file: Vec::new(), client_id: String::new(), known: None, done: 0 }
    }

    fn next_file(&mut self) {
        self.known = None;
        self.client_id = uuid(self.rng.random());
        self.file = vec![0; self.rng.random_range(10 * CHUNK..40 * CHUNK)];
        self.rng.fill_bytes(&mut self.file);
        // Nothing that anybody would decode.
        self.file[0] = 0;
    }

    /// An answer, unless the server is gone.
    async fn ask(
        &self,
        (http, url): (&reqwest::Client, &str),
        method: Method,
        path: &str,
        body: Vec<u8>,
    ) -> Option<Vec<u8>> {
        let request = http.request(method, format!("{url}{path}")).header("x-confab", "1").header("origin", url);
        let request = request.header("cookie", &self.cookie).header("content-type", "application/json");
        let response = request.body(body).send().await.ok()?;
        let status = response.status();
        let bytes = response.bytes().await.ok()?.to_vec();
        assert!(status.is_success(), "{path}: {status} {}", String::from_utf8_lossy(&bytes));
        Some(bytes)
    }

    /// Uploads until the server is gone.
    async fn send(mut self, http: reqwest::Client, url: String) -> Self {
        while self.send_some((&http, &url)).await.is_some() {}
        self
    }

    /// Sends one file, or what is left of it.
    async fn send_some(&mut self, to: (&reqwest::Client, &str)) -> Option<()> {
        if self.file.is_empty() {
            self.next_file();
        }
        let wish = json!({ "client_id": self.client_id, "name": "file", "size": self.file.len() });
        let mut state = read(&self.ask(to, Method::POST, "/api/v1/attachments", wish.to_string().into()).await?);
        loop {
            let (id, received) = (state["id"].as_str().unwrap().to_owned(), number(&state["received"]));
            if let Some((known, acknowledged)) = &self.known {
                // What a cut took back nobody was told of; what came on top was not heard.
                assert!(*known == id && *acknowledged <= received, "{acknowledged} bytes were acknowledged: {state}");
            }
            self.known = Some((id.clone(), received));
            if let Some(made) = state["attachment"].as_object() {
                let bytes = self.ask(to, Method::GET, made["url"].as_str().unwrap(), Vec::new()).await?;
                assert!(bytes == self.file, "{} bytes came out of {}", bytes.len(), self.file.len());
                self.done += 1;
                self.file.clear();
                // Many of them would be more than may wait for messages.
                self.ask(to, Method::DELETE, &format!("/api/v1/attachments/{id}"), Vec::new()).await?;
                return Some(());
            }
            let path = format!("/api/v1/attachments/{id}?offset={received}");
            let chunk = self.file[received..self.file.len().min(received + CHUNK)].to_vec();
            state = read(&self.ask(to, Method::PATCH, &path, chunk).await?);
        }
    }
}

fn read(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

fn number(value: &Value) -> usize {
    usize::try_from(value.as_u64().unwrap()).unwrap()
}

async fn post(http: &reqwest::Client, url: &str, path: &str, body: Value) -> reqwest::Response {
    let request = http.post(format!("{url}/api/v1/auth/{path}")).header("x-confab", "1").header("origin", url);
    let response = common::soon(request.json(&body).send()).await.unwrap();
    assert!(response.status().is_success(), "{path}: {}", response.status());
    response
}

/// Registers somebody, who clicks on the link of the mail and signs in; their cookie.
async fn person(http: &reqwest::Client, url: &str, username: &str) -> String {
    let email = format!("{username}@example.org");
    let names =
        json!({ "email": email, "first_name": "Ann", "last_name": "Lee", "username": username, "password": PASSWORD });
    post(http, url, "register", names).await;
    let mailed = async {
        loop {
            let outbox = http.get(format!("{url}/api/v1/outbox")).send().await.unwrap().json::<Value>().await.unwrap();
            let mut mails = outbox["items"].as_array().unwrap().iter();
            if let Some(mail) = mails.find(|mail| mail["to"] == email) {
                return mail["text"].as_str().unwrap().to_owned();
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let text = common::soon(mailed).await;
    let (_, link) = text.split_once("/verify#").unwrap();
    let token: String =
        link.chars().take_while(|letter| letter.is_ascii_alphanumeric() || "-_".contains(*letter)).collect();
    post(http, url, "verify", json!({ "token": token })).await;
    let response = post(http, url, "login", json!({ "identifier": username, "password": PASSWORD })).await;
    let cookie = response.headers()["set-cookie"].to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

/// Compares the rows with the files: no row says more than there is, and no whole one lacks its file.
async fn check(data: &Path, kill: u32) {
    let options = SqliteConnectOptions::new().filename(data.join("confab.db"));
    let mut db = options.connect().await.unwrap();
    let sql = "SELECT lower(hex(id)), size, received, kind IS NOT NULL, blob_key FROM attachments";
    let rows: Vec<(String, i64, i64, bool, String)> = sqlx::query_as(sql).fetch_all(&mut db).await.unwrap();
    db.close().await.unwrap();
    let folder = data.join("attachments");
    for (id, size, received, is_whole, key) in rows {
        let part = std::fs::metadata(folder.join("parts").join(&id)).map_or(0, |found| found.len());
        let blob = std::fs::metadata(folder.join(&key[..2]).join(&key[2..4]).join(&key)).map_or(0, |found| found.len());
        let there = if is_whole { blob } else { part.max(blob) };
        assert!(
            i64::try_from(there).unwrap() >= received,
            "after cut {kill}: {received} of {size} bytes, {there} are there"
        );
        assert!(!is_whole || received == size, "after cut {kill}");
    }
}

async fn cut(kills: u32) {
    let data = common::folder();
    let mut rng = StdRng::seed_from_u64(8);
    let mut server = Process::new(&data, None);
    server.start();
    let mut senders = Vec::new();
    for username in PEOPLE {
        let cookie = person(&reqwest::Client::new(), &server.url, username).await;
        senders.push(Sender::new(cookie, StdRng::from_rng(&mut rng)));
    }
    for kill in 0..kills {
        // No connection of the server before is used again.
        let http = reqwest::Client::new();
        let mut under_way = JoinSet::new();
        for sender in senders.drain(..) {
            under_way.spawn(sender.send(http.clone(), server.url.clone()));
        }
        tokio::time::sleep(Duration::from_millis(rng.random_range(20..300))).await;
        server.kill();
        senders = common::soon(under_way.join_all()).await;
        check(&data, kill).await;
        server.start();
    }
    // Whatever was interrupted is finished now.
    let http = reqwest::Client::new();
    for sender in &mut senders {
        sender.send_some((&http, &server.url)).await.unwrap();
    }
    server.kill();
    let done: usize = senders.iter().map(|sender| sender.done).sum();
    println!("{kills} cuts: {done} files");
    assert!(done >= PEOPLE.len(), "they hardly sent anything");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_9_during_uploads_loses_nothing_that_was_acknowledged() {
    let kills = std::env::var("KILLS").map_or(KILLS, |kills| kills.parse().unwrap());
    cut(kills).await;
}
