//! What a community of 20,000 people costs, on SQLite and on Postgres: the home feed at 50 requests a second, also far
//! down, search while people type, and a post by somebody whom everybody follows. Over HTTP on loopback, by the routes
//! themselves; server, database and clients share the machine.
//!
//! `make bench-social` prints a table, writes `social.json` in `target/bench`, and fails if a target is missed. With
//! `-- small` everything is small, and no target counts; `-- sqlite` or `-- postgres` measures one of them. SQLite writes as it does in
//! production (each commit is synced); the Postgres is that of the tests, of Debian's package, with 32 MB of shared buffers
//! and without fsync, which only the posts would notice.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, unreachable_pub)]
#![allow(missing_docs, reason = "a program that measures and prints")]

#[path = "../../tests/http/support/postgres.rs"]
mod postgres;
mod run;

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use self::run::load::Figures;
use self::run::{Report, Size};

/// What people wait for at most, in milliseconds: 95 of 100 feeds and searches, and each post.
const FEED: f64 = 50.0;
const SEARCH: f64 = 150.0;
const POST: f64 = 100.0;

/// The size whose figures count. All but one follow the first. More follows are chosen than wanted: some would be of oneself
/// or of somebody blocked, and are not made.
const FULL: Size = Size { accounts: 20_001, follows: 1_020_000, posts: 500_000, seconds: 20, searches: 200 };

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let has = |name: &str| arguments.iter().any(|argument| argument == name);
    let size = if has("small") { Size::SMALL } else { FULL };
    let mut reports = BTreeMap::new();
    let mut is_good = true;
    for name in ["sqlite", "postgres"] {
        if has("sqlite") != has("postgres") && !has(name) {
            continue;
        }
        let report = on(name, &size).await;
        let (lines, is_met) = judge(&report);
        println!("\n{name}: {}", described(&report));
        println!("{:<18}{:>8}{:>10}{:>10}{:>10}{:>10}   target", "ms", "count", "p50", "p95", "p99", "max");
        lines.iter().for_each(|(line, _)| println!("{line}"));
        is_good &= is_met;
        let verdicts: BTreeMap<_, _> = lines.into_iter().map(|(_, verdict)| verdict).collect();
        reports.insert(name, json!({ "report": report, "targets": verdicts }));
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/bench");
    std::fs::create_dir_all(&folder).unwrap();
    let whole = json!({ "size": size, "databases": reports, "verdict": verdict(is_good) });
    std::fs::write(folder.join("social.json"), serde_json::to_vec_pretty(&whole).unwrap()).unwrap();
    println!("\n{}", verdict(is_good));
    if !is_good && !has("small") {
        std::process::exit(1);
    }
}

async fn on(name: &str, size: &Size) -> Report {
    let folder = std::env::temp_dir().join(format!("confab-bench-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let report = if name == "postgres" {
        let url = postgres::database().await;
        let report = run::run(&folder, Some(&url), size).await;
        postgres::remove(&url).await;
        report
    } else {
        run::run(&folder, None, size).await
    };
    std::fs::remove_dir_all(&folder).unwrap();
    report
}

fn described(report: &Report) -> String {
    let [accounts, follows, posts, comments, followers, following] = report.there_are;
    format!(
        "{accounts} accounts, {follows} follows (at most {followers} followers, {following} followed), {posts} posts, \
         {comments} comments; made in {} s",
        report.seconds_of_seeding
    )
}

/// A kind of requests: its name, its figures, which of them counts, how it is found, and how many milliseconds it may be.
type Row<'a> = (&'static str, &'a Figures, &'static str, fn(&Figures) -> f64, f64);

/// A line of the table, and what the report says under which name.
type Line = (String, (String, Value));

/// A line for each kind of request, and whether all are good.
fn judge(report: &Report) -> (Vec<Line>, bool) {
    let rows: [Row<'_>; 4] = [
        ("home feed", &report.home_feed, "p95", |figures| figures.p95, FEED),
        ("home feed, deep", &report.home_feed_deep, "p95", |figures| figures.p95, FEED),
        ("search", &report.search, "p95", |figures| figures.p95, SEARCH),
        ("post to all", &report.post_to_all, "max", |figures| figures.max, POST),
    ];
    let is_good = rows.iter().all(|(_, figures, _, of, most)| of(figures) <= *most);
    let line = |(name, figures, which, of, most): Row<'_>| {
        let Figures { count, p50, p95, p99, max } = figures;
        let verdict = verdict(of(figures) <= most);
        let text =
            format!("{name:<18}{count:>8}{p50:>10.2}{p95:>10.2}{p99:>10.2}{max:>10.2}   {which} <= {most}: {verdict}");
        let value = json!({ "figure": which, "at_most_ms": most, "is_ms": of(figures), "verdict": verdict });
        (text, (name.to_owned(), value))
    };
    (rows.into_iter().map(line).collect(), is_good)
}

fn verdict(is_good: bool) -> &'static str {
    if is_good { "PASS" } else { "FAIL" }
}
