//! Power cuts while people post, like, comment and write letters: what was acknowledged is there, nothing is there twice, and the numbers
//! below the posts are those of the rows.
//!
//! `KILLS=500 cargo nextest run --workspace -E 'binary(posting)'` takes the cuts of a release.

// Helpers of tests fail by panicking, like tests.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};
use tokio::task::JoinSet;

use self::common::process::{Process, uuid};

/// Cuts, unless `KILLS` says otherwise.
const KILLS: u32 = 20;

/// Those of the demo's people who write.
const WRITERS: [&str; 6] = ["demo", "amara", "haruto.sato", "lena", "mateo", "priya"];

/// Posts of each writer that the others like and comment on: few, so that several meet at one.
const RECENT: usize = 4;

/// What somebody wants; done again until it is acknowledged, it must happen once.
#[derive(Debug, Clone)]
enum Wish {
    Post { client_id: String, text: String },
    Comment { client_id: String, post: String, text: String },
    Like { post: String, is_wanted: bool },
    Letter { client_id: String, to: &'static str, text: String },
}

impl Wish {
    fn call(&self) -> (Method, String, Value) {
        match self {
            Self::Post { client_id, text } => {
                let body = json!({ "client_id": client_id, "text": text, "audience": "public", "images": [] });
                (Method::POST, "/api/v1/posts".into(), body)
            }
            Self::Comment { client_id, post, text } => {
                let body = json!({ "client_id": client_id, "text": text });
                (Method::POST, format!("/api/v1/posts/{post}/comments"), body)
            }
            Self::Letter { client_id, to, text } => {
                let body = json!({ "client_id": client_id, "to": to, "subject": text, "text": text });
                (Method::POST, "/api/v1/letters".into(), body)
            }
            Self::Like { post, is_wanted } => {
                let method = if *is_wanted { Method::PUT } else { Method::DELETE };
                (method, format!("/api/v1/posts/{post}/like"), json!({}))
            }
        }
    }
}

/// All that was acknowledged.
#[derive(Debug, Clone, Default)]
struct Acknowledged {
    /// Texts of posts, by id.
    posts: BTreeMap<String, String>,
    /// Texts of comments, by id, with their posts.
    comments: BTreeMap<String, (String, String)>,
    /// Texts of letters, by id.
    letters: BTreeMap<String, String>,
    /// Who likes which post.
    likes: BTreeSet<(String, usize)>,
    /// The posts that others react to now.
    recent: Vec<String>,
}

/// Somebody who goes on where the last cut interrupted.
struct Writer {
    number: usize,
    cookie: String,
    rng: StdRng,
    /// What may or may not have happened.
    open: Option<Wish>,
    made: u32,
}

impl Writer {
    fn next(&mut self, known: &Mutex<Acknowledged>) -> Wish {
        if let Some(open) = self.open.take() {
            return open;
        }
        self.made += 1;
        let client_id = uuid(self.rng.random());
        let text = format!("writer {} writes {}", self.number, self.made);
        let known = known.lock().unwrap();
        if known.recent.is_empty() || self.rng.random_range(0..5) == 0 {
            return Wish::Post { client_id, text };
        }
        let post = known.recent[self.rng.random_range(0..known.recent.len())].clone();
        match self.rng.random_range(0..4) {
            0 => Wish::Letter { client_id, to: WRITERS[(self.number + 1) % WRITERS.len()], text },
            1 => Wish::Comment { client_id, post, text },
            // As often taken back as given.
            _ => Wish::Like { is_wanted: !known.likes.contains(&(post.clone(), self.number)), post },
        }
    }

    /// Writes until the server is gone.
    async fn write(mut self, http: reqwest::Client, url: String, known: Arc<Mutex<Acknowledged>>) -> Self {
        loop {
            let wish = self.next(&known);
            let (method, path, body) = wish.call();
            let request = http.request(method, format!("{url}{path}")).header("x-confab", "1").header("origin", &url);
            let answer = async {
                let response = request.header("cookie", &self.cookie).json(&body).send().await.ok()?;
                let status = response.status();
                Some((status, response.json::<Value>().await.ok()?))
            };
            match answer.await {
                Some((StatusCode::OK | StatusCode::CREATED, answer)) => self.note(wish, &answer, &known),
                Some((status, answer)) => panic!("{wish:?}: {status} {answer}"),
                None => {
                    self.open = Some(wish);
                    return self;
                }
            }
        }
    }

    fn note(&self, wish: Wish, answer: &Value, known: &Mutex<Acknowledged>) {
        let mut known = known.lock().unwrap();
        let id = answer["id"].as_str().unwrap_or_default().to_owned();
        match wish {
            Wish::Post { text, .. } => {
                known.posts.insert(id.clone(), text);
                known.recent.push(id);
                let most = RECENT * WRITERS.len();
                if known.recent.len() > most {
                    known.recent.remove(0);
                }
            }
            Wish::Comment { post, text, .. } => {
                known.comments.insert(id, (post, text));
            }
            Wish::Letter { text, .. } => {
                known.letters.insert(id, text);
            }
            Wish::Like { post, is_wanted: true } => {
                known.likes.insert((post, self.number));
            }
            Wish::Like { post, is_wanted: false } => {
                known.likes.remove(&(post, self.number));
            }
        }
    }
}

async fn sign_in(http: &reqwest::Client, url: &str, username: &str) -> String {
    let body = json!({ "identifier": username, "password": "confab-demo" });
    let request = http.post(format!("{url}/api/v1/auth/login")).header("x-confab", "1").header("origin", url);
    let response = common::soon(request.json(&body).send()).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK, "{username}");
    let cookie = response.headers()["set-cookie"].to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

async fn cut(kills: u32) {
    let data = common::folder();
    let mut server = Process::new(&data, None);
    server.demo();
    let mut rng = StdRng::seed_from_u64(7);
    let known = Arc::new(Mutex::new(Acknowledged::default()));
    server.start();
    let mut writers = Vec::new();
    for (number, username) in WRITERS.iter().enumerate() {
        let cookie = sign_in(&reqwest::Client::new(), &server.url, username).await;
        writers.push(Writer { number, cookie, rng: StdRng::from_rng(&mut rng), open: None, made: 0 });
    }
    for kill in 0..kills {
        // No connection of the server before is used again.
        let http = reqwest::Client::new();
        let mut under_way = JoinSet::new();
        for writer in writers.drain(..) {
            under_way.spawn(writer.write(http.clone(), server.url.clone(), Arc::clone(&known)));
        }
        tokio::time::sleep(Duration::from_millis(rng.random_range(20..200))).await;
        server.kill();
        writers = common::soon(under_way.join_all()).await;
        let sure = known.lock().unwrap().clone();
        check(&data, &sure, &writers, kill).await;
        server.start();
    }
    server.kill();
    let known = known.lock().unwrap();
    println!(
        "{kills} cuts: {} posts, {} comments, {} likes, {} letters",
        known.posts.len(),
        known.comments.len(),
        known.likes.len(),
        known.letters.len()
    );
    let fewest = known.posts.len().min(known.comments.len()).min(known.letters.len());
    assert!(fewest >= 10, "they hardly wrote anything");
}

/// Rows that are wrong, of which there must be none.
const WRONG: [&str; 9] = [
    "SELECT COUNT(*) FROM posts WHERE likes <> (SELECT COUNT(*) FROM post_likes WHERE post_id = posts.id)",
    "SELECT COUNT(*) FROM posts WHERE comments <> (SELECT COUNT(*) FROM comments WHERE post_id = posts.id)",
    "SELECT COUNT(*) FROM account_counts c
        WHERE posts <> (SELECT COUNT(*) FROM posts WHERE author_id = c.account_id)",
    "SELECT COUNT(*) FROM event_heads h
        WHERE seq <> (SELECT COUNT(*) FROM events e WHERE e.account_id = h.account_id)
            AND seq <> (SELECT MAX(seq) FROM events e WHERE e.account_id = h.account_id)",
    "SELECT COUNT(*) - COUNT(DISTINCT text) FROM posts WHERE text LIKE 'writer %'",
    "SELECT COUNT(*) - COUNT(DISTINCT text) FROM comments WHERE text LIKE 'writer %'",
    "SELECT COUNT(*) - COUNT(DISTINCT text) FROM letters WHERE text LIKE 'writer %'",
    "SELECT COUNT(*) FROM letters l WHERE copies <> 2
        OR copies <> (SELECT COUNT(*) FROM letter_copies WHERE letter_id = l.id)",
    // What was written was told, too: the event is of the same transaction.
    "SELECT COUNT(*) FROM letter_copies c
        WHERE NOT EXISTS (SELECT 1 FROM event_heads WHERE account_id = c.account_id)",
];

/// Compares what was acknowledged with the rows.
async fn check(data: &Path, known: &Acknowledged, writers: &[Writer], kill: u32) {
    let options = SqliteConnectOptions::new().filename(data.join("confab.db"));
    let mut db = options.connect().await.unwrap();
    let (state,): (String,) = sqlx::query_as("PRAGMA integrity_check").fetch_one(&mut db).await.unwrap();
    assert_eq!(state, "ok", "after cut {kill}");
    for sql in WRONG {
        let (count,): (i64,) = sqlx::query_as(sql).fetch_one(&mut db).await.unwrap();
        assert_eq!(count, 0, "after cut {kill}: {sql}");
    }
    let rows = |sql: &'static str| sqlx::query_as::<_, (Vec<u8>, String)>(sql);
    let posts = rows("SELECT id, text FROM posts WHERE text LIKE 'writer %'").fetch_all(&mut db).await.unwrap();
    let comments = rows("SELECT id, text FROM comments WHERE text LIKE 'writer %'").fetch_all(&mut db).await.unwrap();
    let letters = rows("SELECT id, text FROM letters WHERE text LIKE 'writer %'").fetch_all(&mut db).await.unwrap();
    let likes = rows(
        "SELECT l.post_id, a.username FROM post_likes l JOIN accounts a ON a.id = l.account_id
        JOIN posts p ON p.id = l.post_id WHERE p.text LIKE 'writer %'",
    );
    let likes = likes.fetch_all(&mut db).await.unwrap();
    db.close().await.unwrap();
    // What is there beyond is what the cut left open: at most one thing of each.
    let is_open = |text: &str| {
        writers.iter().any(|writer| {
            matches!(&writer.open,
        Some(Wish::Post { text: open, .. } | Wish::Comment { text: open, .. } | Wish::Letter { text: open, .. })
            if open == text)
        })
    };
    let hex = |id: &[u8]| uuid_text(id);
    let found: BTreeMap<_, _> = posts.iter().map(|(id, text)| (hex(id), text.clone())).collect();
    compare(&known.posts, &found, is_open, kill);
    let found: BTreeMap<_, _> = comments.iter().map(|(id, text)| (hex(id), text.clone())).collect();
    let texts = known.comments.iter().map(|(id, (_, text))| (id.clone(), text.clone())).collect();
    compare(&texts, &found, is_open, kill);
    let found: BTreeMap<_, _> = letters.iter().map(|(id, text)| (hex(id), text.clone())).collect();
    compare(&known.letters, &found, is_open, kill);
    let number = |name: &str| WRITERS.iter().position(|writer| *writer == name).unwrap();
    let found: BTreeSet<_> = likes.iter().map(|(id, name)| (hex(id), number(name))).collect();
    for (post, who) in known.likes.symmetric_difference(&found) {
        let writer = writers.iter().find(|writer| writer.number == *who).unwrap();
        let is_open = matches!(&writer.open, Some(Wish::Like { post: open, .. }) if open == post);
        assert!(is_open, "after cut {kill}: the like of {post} by {who}");
    }
}

#[track_caller]
fn compare(
    known: &BTreeMap<String, String>,
    found: &BTreeMap<String, String>,
    is_open: impl Fn(&str) -> bool,
    kill: u32,
) {
    for (id, text) in known {
        assert_eq!(found.get(id), Some(text), "after cut {kill}, {id} is lost");
    }
    for (id, text) in found {
        assert!(known.contains_key(id) || is_open(text), "after cut {kill}, nobody was told of {id}: {text}");
    }
}

fn uuid_text(bytes: &[u8]) -> String {
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_9_while_people_write_loses_nothing_and_doubles_nothing() {
    let kills = std::env::var("KILLS").map_or(KILLS, |kills| kills.parse().unwrap());
    cut(kills).await;
}
