//! The bench of a large community, with a small one and without its time limits: so it goes on working.

use crate::support::{folder, postgres};

#[path = "../../benches/network/run/mod.rs"]
mod run;

use self::run::{Report, Size};

fn check(report: &Report) {
    let [accounts, follows, posts, comments, followers, _] = report.there_are;
    assert_eq!((accounts, posts, comments, followers), (300, 5_000, 1_000, 299));
    assert!((4_000..6_000).contains(&follows), "{follows}");
    let counts = [&report.home_feed, &report.home_feed_deep, &report.search, &report.post_to_all];
    assert_eq!(counts.map(|figures| figures.count), [50, 50, 20, 20]);
    assert!(counts.iter().all(|figures| figures.p50 > 0.0 && figures.p50 <= figures.p95 && figures.p95 <= figures.max));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_small_community_is_measured_on_sqlite() {
    check(&run::run(&folder(), None, &Size::SMALL).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_small_community_is_measured_on_postgres() {
    let url = postgres::database().await;
    check(&run::run(&folder(), Some(&url), &Size::SMALL).await);
    postgres::remove(&url).await;
}
