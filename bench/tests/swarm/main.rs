//! The swarm from end to end: HTTP, WebSocket, UDP, report; against the smallest server that will do.

// Helpers of tests are tests: clippy excuses only the functions themselves.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod fake;

use std::path::Path;
use std::time::{Duration, Instant};

use tokio::sync::watch;

use confab_bench::measure::Process;
use confab_bench::report::Report;
use confab_bench::scenario::Scenario;
use confab_bench::signalling::Api;
use confab_bench::swarm;

fn smoke() -> Scenario {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/smoke.toml");
    Scenario { seconds: 2, ..Scenario::read(&file).unwrap() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scenario_is_run_and_summed_up() {
    let (scenario, api) = (smoke(), Api::new(&fake::start().await).await.unwrap());
    let cpu = Process::new(std::process::id()).unwrap();
    let outcome = swarm::run(&api, &scenario, Some(cpu), std::future::pending()).await.unwrap();
    let report = Report::new(&scenario, &outcome);
    let table = report.table();
    assert_eq!((report.clients, report.connected, report.failures.len()), (3, 3, 0), "{table}");
    assert!(report.frames > 6 * 15, "six slots at 15 frames per second for over two seconds: {table}");
    assert!(report.join_ms.p50.unwrap() < 5000.0 && report.first_frame_ms.p99.is_some(), "{table}");
    assert!(report.forwarded_per_second > 6.0 * 50.0, "sound alone is more: {table}");
    assert!(report.server.as_ref().unwrap().cpu_ns_per_packet.unwrap() > 0.0, "{table}");
    assert_eq!(report.violations, 0, "{table}");
    assert!(report.video.share < 0.05 && report.video_delay_ms.p50.unwrap() < 1000.0, "{table}");
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["scenario"]["name"], "smoke");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interrupt_ends_it_and_still_reports() {
    let scenario = Scenario { seconds: 500, ..smoke() };
    let tracks = watch::Sender::new(0);
    let mut published = tracks.subscribe();
    let api = Api::new(&fake::start_announcing(tracks).await).await.unwrap();
    // Everybody has joined when everybody's two tracks are there.
    let interrupt = async move { drop(published.wait_for(|count| *count == 6).await.unwrap()) };
    let began = Instant::now();
    let outcome = swarm::run(&api, &scenario, None, interrupt).await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(200) && outcome.interrupted, "it ended long before its time");
    assert_eq!(outcome.seen.len(), 3, "{:?}", outcome.failures);
}

#[tokio::test]
async fn other_machines_are_refused() {
    for server in ["http://192.0.2.1:8080", "http://[2001:db8::1]", "https://127.0.0.1", "ftp://127.0.0.1"] {
        assert!(Api::new(server).await.is_err(), "{server}");
    }
}
