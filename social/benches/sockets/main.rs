//! What five thousand tabs cost that are open and idle, and how soon a message to a room of five thousand reaches the last of
//! them. A real server (`target/release/confab`, or the program that is named) in a process of its own, on SQLite; all tabs
//! are here. Server and tabs share the machine.
//!
//! `make bench-sockets` prints a table, writes `sockets.json` in `target/bench`, and fails if a target is missed. With
//! `-- small` there are few tabs, and no target counts.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, unreachable_pub)]
#![allow(missing_docs, reason = "a program that measures and prints")]

#[path = "../network/run/mod.rs"]
#[allow(dead_code, reason = "the other bench uses more of it")]
mod run;

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use uuid::Uuid;

use self::run::Size;
use self::run::seed::token;
use self::run::store::Store;

/// The most that an idle tab costs the server, in KiB.
const MEMORY: f64 = 40.0;

/// The longest that a message is on its way to the last of all tabs, in milliseconds.
const DELAY: f64 = 1000.0;

/// Messages that are measured.
const MESSAGES: usize = 10;

/// Tabs that open at the same time.
const AT_ONCE: usize = 50;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// A server that ends with this.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Server {
    fn start(program: &Path, folder: &Path) -> (Self, String) {
        let mut child = Command::new(program)
            .args(["--log", "error", "--listen", "127.0.0.1:0", "--metrics-listen", "off", "--media-port", "0"])
            .args(["--media-workers", "1", "--rate-limit-scale", "1000000", "--data-dir"])
            .arg(folder)
            .stdout(Stdio::piped())
            .spawn()
            .expect("build the server first: cargo build --release --bin confab");
        let line = BufReader::new(child.stdout.take().unwrap()).lines().next().unwrap().unwrap();
        let url = line.strip_prefix("Confab is ready: ").unwrap().trim_end_matches('/').to_owned();
        (Self(child), url)
    }

    /// What it has of the machine's memory for itself, in KiB (`man 5 proc_pid_smaps_rollup`).
    fn memory(&self) -> f64 {
        let rollup = std::fs::read_to_string(format!("/proc/{}/smaps_rollup", self.0.id())).unwrap();
        let fields = ["Private_Clean:", "Private_Dirty:"].map(|field| {
            let line = rollup.lines().find(|line| line.starts_with(field)).unwrap();
            line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap()
        });
        fields.iter().sum()
    }
}

/// Makes the accounts, and a room of all of them.
async fn fill(folder: &Path, accounts: usize) -> Uuid {
    let now = i64::try_from(std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_millis()).unwrap();
    let size = Size { accounts, follows: accounts * 2, posts: 0, seconds: 0, searches: 0 };
    run::fill(folder, None, &size, now).await;
    let room = Uuid::from_u128(1);
    let mut store = Store::open(folder, None).await;
    let sql = format!(
        "INSERT INTO conversations (id, kind, title, created_at, expires_at, is_warned, seq, changed_at, last_message,
            last_at, members) VALUES (x'{}', 'public_room', 'All', {now}, {}, TRUE, 0, {now}, 0, {now}, {accounts});
        INSERT INTO members (conversation_id, account_id, role, state, since, visible_after, read_to, delivered_to,
            is_muted) SELECT x'{}', id, 'member', 'joined', {now}, 0, 0, 0, FALSE FROM accounts",
        room.simple(),
        now + 7 * 24 * 3_600_000,
        room.simple(),
    );
    store.run(&sql).await;
    store.close().await;
    room
}

fn cookie(place: usize) -> String {
    format!("confab_session={}", token(place))
}

async fn open(url: &str, place: usize) -> Socket {
    let mut request = format!("{}/api/v1/events", url.replace("http://", "ws://")).into_client_request().unwrap();
    request.headers_mut().insert("cookie", cookie(place).parse().unwrap());
    request.headers_mut().insert("origin", url.parse().unwrap());
    let mut socket = connect_async(request).await.unwrap().0;
    let hello = socket.next().await.unwrap().unwrap();
    assert!(hello.to_text().unwrap().contains("\"hello\""), "{hello}");
    socket
}

/// Opens a tab for each of these accounts.
async fn open_all(url: &str, places: std::ops::Range<usize>) -> Vec<Socket> {
    let mut sockets = Vec::new();
    for first in places.clone().step_by(AT_ONCE) {
        let part = first..places.end.min(first + AT_ONCE);
        let mut opening = JoinSet::new();
        for place in part {
            let url = url.to_owned();
            opening.spawn(async move { open(&url, place).await });
        }
        sockets.extend(opening.join_all().await);
    }
    sockets
}

/// Has each tab listen, and say when it was told of a message.
fn listen(sockets: Vec<Socket>) -> mpsc::UnboundedReceiver<(String, Instant)> {
    let (told, all) = mpsc::unbounded_channel();
    for mut socket in sockets {
        let told = told.clone();
        tokio::spawn(async move {
            while let Some(Ok(message)) = socket.next().await {
                if let Message::Text(text) = message {
                    let event: Value = serde_json::from_str(&text).unwrap();
                    if let Some(text) = event["message"]["text"].as_str()
                        && told.send((text.to_owned(), Instant::now())).is_err()
                    {
                        return;
                    }
                }
            }
        });
    }
    all
}

/// Writes a message, and waits until all have been told; how long each of them waited, in milliseconds.
async fn tell(
    (url, room): (&str, Uuid),
    number: usize,
    told: &mut mpsc::UnboundedReceiver<(String, Instant)>,
    tabs: usize,
) -> Vec<f64> {
    let (text, begin) = (format!("Message {number}"), Instant::now());
    let request = reqwest::Client::new().post(format!("{url}/api/v1/conversations/{room}/messages"));
    let request = request.header("cookie", cookie(0)).header("x-confab", "1").header("origin", url);
    let body = json!({ "client_id": Uuid::from_u128(number as u128 + 1), "text": text });
    let answer = request.json(&body).send().await.unwrap();
    assert_eq!(answer.status(), 201, "{}", answer.text().await.unwrap());
    let mut times = Vec::new();
    while times.len() < tabs {
        let (said, at) =
            tokio::time::timeout(Duration::from_secs(30), told.recv()).await.expect("all are told").unwrap();
        assert_eq!(said, text, "messages come in their order");
        times.push(at.saturating_duration_since(begin).as_secs_f64() * 1000.0);
    }
    times.sort_by(f64::total_cmp);
    times
}

fn verdict(is_good: bool) -> &'static str {
    if is_good { "PASS" } else { "FAIL" }
}

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let is_small = arguments.iter().any(|argument| argument == "small");
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target");
    let program = arguments.iter().find(|argument| *argument != "small").map(PathBuf::from);
    let program = program.unwrap_or_else(|| target.join("release/confab"));
    // The first tabs make what the server keeps anyway: they are not counted.
    let (warm_up, tabs) = if is_small { (20, 200) } else { (200, 5_000) };
    let folder = std::env::temp_dir().join(format!("confab-bench-sockets-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let room = fill(&folder, tabs).await;

    let (server, url) = Server::start(&program, &folder);
    let mut sockets = open_all(&url, 0..warm_up).await;
    let before = server.memory();
    sockets.extend(open_all(&url, warm_up..tabs).await);
    let memory = (server.memory() - before) / (tabs - warm_up) as f64;
    let mut told = listen(sockets);
    let mut last = Vec::new();
    let mut middle = Vec::new();
    for number in 0..MESSAGES {
        let times = tell((&url, room), number, &mut told, tabs).await;
        middle.push(times[times.len() / 2]);
        last.push(times[times.len() - 1]);
    }
    drop(server);
    std::fs::remove_dir_all(&folder).unwrap();

    let (longest, typical) = (last.iter().copied().fold(0.0, f64::max), middle[middle.len() / 2]);
    let [memory_verdict, delay_verdict] = [memory <= MEMORY, longest <= DELAY];
    let is_good = memory_verdict && delay_verdict;
    println!("{tabs} tabs: {memory:.1} KiB each, at most {MEMORY}: {}", verdict(memory_verdict));
    println!(
        "a message to all: the middle one after {typical:.0} ms, the last after {longest:.0} ms in the worst of {MESSAGES}, at \
         most {DELAY}: {}",
        verdict(delay_verdict)
    );
    let report = json!({
        "tabs": tabs, "kib_each": memory, "middle_ms": middle, "last_ms": last,
        "targets": { "kib_each": MEMORY, "last_ms": DELAY }, "verdict": verdict(is_good),
    });
    std::fs::create_dir_all(target.join("bench")).unwrap();
    std::fs::write(target.join("bench/sockets.json"), serde_json::to_vec_pretty(&report).unwrap()).unwrap();
    if !is_small && !is_good {
        std::process::exit(1);
    }
}
