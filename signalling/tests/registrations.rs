//! Power cuts while people register: whoever was told that it worked is there, and nobody is there by half.

// Helpers of tests fail by panicking, like tests.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use self::common::process::Process;

const PEOPLE: usize = 200;

/// Registrations under way at once: a queue of the hashing threads is longer.
const AT_ONCE: usize = 20;

async fn post(http: &reqwest::Client, url: &str, path: &str, body: &Value) -> Option<u16> {
    let request = http.post(format!("{url}{path}")).header("x-confab", "1").header("origin", url);
    request.json(body).send().await.ok().map(|response| response.status().as_u16())
}

fn wish(number: usize) -> Value {
    json!({
        "email": format!("person{number}@example.org"), "first_name": "Ann", "last_name": "Lee",
        "username": format!("person{number}"), "password": "correct horse battery",
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_9_among_registrations_loses_none_and_halves_none() {
    let data = common::folder();
    let mut acknowledged = BTreeSet::new();
    let mut next = 0;
    // Each round is killed a while after its first success; the last one may finish.
    for round in 0..5 {
        let mut server = Process::new(&data, None);
        server.start();
        let url = server.url.clone();
        let http = Arc::new(reqwest::Client::new());
        let (done, mut successes) = mpsc::unbounded_channel();
        let mut under_way = JoinSet::new();
        let numbers = next..(next + PEOPLE / 5);
        next = numbers.end;
        let places = Arc::new(tokio::sync::Semaphore::new(AT_ONCE));
        for number in numbers {
            let (http, url, done, places) = (Arc::clone(&http), url.clone(), done.clone(), Arc::clone(&places));
            under_way.spawn(async move {
                let _place = places.acquire().await.unwrap();
                if post(&http, &url, "/api/v1/auth/register", &wish(number)).await == Some(202) {
                    done.send(number).unwrap();
                }
            });
        }
        drop(done);
        let before_the_cut = 5 + 7 * round;
        while let Some(number) = common::soon(successes.recv()).await {
            acknowledged.insert(number);
            if acknowledged.len() % (PEOPLE / 5) == before_the_cut % (PEOPLE / 5) && round < 4 {
                break;
            }
        }
        server.kill();
        while let Some(number) = common::soon(successes.recv()).await {
            acknowledged.insert(number);
        }
        under_way.join_all().await;
    }
    assert!(acknowledged.len() >= PEOPLE / 5, "{}", acknowledged.len());
    check(&data, &acknowledged).await;
}

/// Everybody who was told so is known and gets a mail; everybody else can register anew.
async fn check(data: &Path, acknowledged: &BTreeSet<usize>) {
    let mut server = Process::new(data, None);
    server.start();
    let http = reqwest::Client::new();
    let begin = Instant::now();
    let mut mailed = BTreeSet::new();
    while !acknowledged.is_subset(&mailed) {
        assert!(begin.elapsed() < Duration::from_secs(60), "{:?}", acknowledged - &mailed);
        mailed = outbox(data);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    for number in 0..PEOPLE {
        let username = json!({ "identifier": format!("person{number}"), "password": "correct horse battery" });
        let status = common::soon(post(&http, &server.url, "/api/v1/auth/login", &username)).await.unwrap();
        // Known and not verified, or not known at all: nothing in between.
        match acknowledged.contains(&number) {
            true => assert_eq!(status, 403, "person{number} is lost"),
            false => assert!([401, 403].contains(&status), "person{number}: {status}"),
        }
        if status == 403 {
            let anew = common::soon(post(&http, &server.url, "/api/v1/auth/register", &wish(number))).await;
            assert_eq!(anew, Some(202), "person{number} has a name and no account that goes with it");
        }
    }
}

/// Who got a mail with a link.
fn outbox(data: &Path) -> BTreeSet<usize> {
    let Ok(files) = std::fs::read_dir(data.join("outbox")) else { return BTreeSet::new() };
    let texts = files.filter_map(|file| std::fs::read_to_string(file.unwrap().path()).ok());
    let number = |text: String| text.split("person").nth(1)?.split('@').next()?.parse().ok();
    texts.filter(|text| text.contains("/verify#")).filter_map(number).collect()
}
