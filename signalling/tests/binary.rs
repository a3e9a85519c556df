//! The program itself: its command line, its start, its end, and what survives it.

// Helpers of tests fail by panicking, like tests.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

fn confab() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_confab"));
    command.env_clear();
    command
}

fn run(command: &mut Command) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = command.output().unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

#[test]
fn a_wrong_configuration_is_one_line_and_exit_code_2() {
    let folder = common::folder();
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("confab.toml");
    std::fs::write(&file, "listen = '127.0.0.1:0'\nnonsense = 1\n").unwrap();
    let cases = [
        run(confab().args(["--listen", "nowhere"])),
        run(confab().args(["--nonsense"])),
        run(confab().args(["--media-workers", "0"])),
        run(confab().args(["--tls-cert", "only.pem"])),
        run(confab().env("CONFAB_EMPTY_ROOM_TTL", "soon")),
        run(confab().arg("--config").arg(&file)),
        run(confab().args(["--config", "/nonexistent"])),
    ];
    for (code, stdout, stderr) in cases {
        assert_eq!((code, stdout.as_str(), stderr.lines().count()), (Some(2), "", 1), "{stderr}");
        assert!(stderr.starts_with("confab: ") && !stderr.contains("panicked"), "{stderr}");
    }
    let (code, stdout, stderr) = run(confab().arg("--help"));
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert!(stdout.contains("--listen") && stdout.contains("CONFAB_LISTEN"));
}

/// A running program; killed when dropped.
struct Running {
    child: Child,
    url: String,
    metrics: String,
}

impl Running {
    fn start(data: &Path, port: u16) -> Self {
        let mut child = confab()
            .args(["--listen", &format!("127.0.0.1:{port}"), "--metrics-listen", "127.0.0.1:0", "--log", "trace"])
            .args(["--media-port", "0", "--media-workers", "1"])
            .arg("--data-dir")
            .arg(data)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let url = match lines.next() {
            Some(line) => line.strip_prefix("Confab is ready: ").unwrap().to_owned(),
            None => {
                let mut stderr = String::new();
                child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
                panic!("it did not start: {stderr}");
            }
        };
        let metrics = lines.find(|line| line.contains("metrics")).unwrap();
        Self { child, url, metrics: metrics.split_whitespace().last().unwrap().to_owned() }
    }

    fn signal(&self, name: &str) {
        assert!(Command::new("kill").args([name, &self.child.id().to_string()]).status().unwrap().success());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn post(url: String, body: Value) -> Value {
    let response = common::soon(reqwest::Client::new().post(url).json(&body).send()).await.unwrap();
    assert!(response.status().is_success(), "{}", response.status());
    response.json().await.unwrap()
}

#[tokio::test]
async fn a_link_survives_kill_9_and_a_stop_is_quick_and_quiet() {
    let data = common::folder();
    let mut first = Running::start(&data, 0);
    let made = post(format!("{}/api/v1/rooms", first.url), json!({ "name": "Standup" })).await;
    let id = made["id"].as_str().unwrap();
    assert_eq!(made["url"], format!("{}/r/{id}", first.url));
    first.signal("-KILL");
    first.child.wait().unwrap();

    let mut second = Running::start(&data, first.url.rsplit(':').next().unwrap().parse().unwrap());
    assert_eq!(second.url, first.url);
    let room = format!("{}/api/v1/rooms/{id}", second.url);
    let shown: Value = reqwest::get(&room).await.unwrap().json().await.unwrap();
    assert_eq!(shown["name"], "Standup");
    let joined = post(format!("{room}/join"), json!({ "name": "Ann", "host_key": made["host_key"] })).await;
    let metrics = reqwest::get(&second.metrics).await.unwrap().text().await.unwrap();
    assert!(metrics.contains("confab_start_time_seconds"), "{metrics}");
    let ready = reqwest::get(format!("{}/readyz", second.url)).await.unwrap();
    assert_eq!(ready.status().as_u16(), 200);

    let begin = Instant::now();
    second.signal("-TERM");
    let status = second.child.wait().unwrap();
    assert!(status.success() && begin.elapsed() < Duration::from_secs(5), "{status} {:?}", begin.elapsed());
    let mut log = String::new();
    second.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    for secret in [id, "Standup", "Ann", made["host_key"].as_str().unwrap(), joined["ticket"].as_str().unwrap()] {
        assert!(!log.contains(secret), "{secret} is in the log:\n{log}");
    }
}

#[test]
fn a_taken_port_is_one_line() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let data = common::folder();
    let mut command = confab();
    let command = command.args(["--listen", &address, "--media-port", "0", "--metrics-listen", "off", "--data-dir"]);
    let (code, stdout, stderr) = run(command.arg(data));
    assert_eq!((code, stdout.as_str(), stderr.lines().count()), (Some(1), "", 1), "{stderr}");
    assert!(stderr.contains(&address), "{stderr}");
}
