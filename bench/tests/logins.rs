//! People who try passwords, at 200 a second, while others talk: the call must not notice.

// Helpers of tests are tests: clippy excuses only the functions themselves.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "second_stack/server.rs"]
mod server;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use confab_bench::report::Report;
use confab_bench::scenario::Scenario;
use confab_bench::signalling::Api;
use confab_bench::swarm;
use serde_json::json;
use tokio::task::JoinSet;

use self::server::Server;

const A_SECOND: u32 = 200;
const SECONDS: u32 = 10;

/// The limit of an address would end this at once; what is tried here is the pool of threads behind it.
const FLAGS: [&str; 2] = ["--rate-limit-scale", "100000"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_logins_a_second_disturb_no_call() {
    let server = Server::start(&FLAGS);
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/smoke.toml");
    let scenario = Scenario { seconds: u64::from(SECONDS) + 2, ..Scenario::read(&file).unwrap() };
    let api = Api::new(&server.url).await.unwrap();
    let (outcome, answers) =
        tokio::join!(swarm::run(&api, &scenario, None, std::future::pending()), flood(server.url.clone()));
    let report = Report::new(&scenario, &outcome.unwrap());
    let table = report.table();
    println!("answers by status: {answers:?}\n{table}");
    assert_eq!((report.connected, report.failures.len()), (3, 0), "{table}");
    assert!(report.video.share < 0.01 && report.audio.share < 0.01, "{table}");
    // A wrong name is refused after a hash; what finds the queue full is told to come back.
    assert_eq!(answers.values().sum::<u32>(), A_SECOND * SECONDS, "{answers:?}");
    assert!(answers.keys().all(|status| [401, 503].contains(status)), "{answers:?}");
    assert!(answers[&401] >= SECONDS, "some are served: {answers:?}");
}

/// Tries as many passwords as it says, evenly; how many answers there were of each status.
async fn flood(url: String) -> BTreeMap<u16, u32> {
    let http = reqwest::Client::new();
    let mut ticks = tokio::time::interval(Duration::from_secs(1) / A_SECOND);
    let mut under_way = JoinSet::new();
    for number in 0..A_SECOND * SECONDS {
        ticks.tick().await;
        let body = json!({ "identifier": format!("nobody{number}"), "password": "a guessed password" });
        let request = http.post(format!("{url}/api/v1/auth/login")).header("x-confab", "1").header("origin", &url);
        let request = request.json(&body);
        under_way.spawn(async move { request.send().await.unwrap().status().as_u16() });
    }
    under_way.join_all().await.into_iter().fold(BTreeMap::new(), |mut answers, status| {
        *answers.entry(status).or_default() += 1;
        answers
    })
}
