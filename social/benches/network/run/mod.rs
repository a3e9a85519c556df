//! One run on one database: a community is made, and then asked over HTTP.

pub mod load;
pub mod seed;
pub mod store;
mod words;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use confab_social::Social;
use confab_social::clock::{Clock as _, SystemClock};
use confab_social::config::{DatabaseUrl, MailConfig, SocialConfig};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde::Serialize;
use tokio::net::TcpListener;

use self::load::{Client, Figures, Request};
use self::seed::{Network, YEAR};
use self::store::Store;

/// Feeds that are asked for a second.
const FEEDS: u32 = 50;

/// Searches a second.
const SEARCHES: u32 = 10;

/// How large a community is, and how long it is asked.
#[derive(Debug, Clone, Serialize)]
pub struct Size {
    pub accounts: usize,
    pub follows: usize,
    pub posts: usize,
    /// Seconds of home feeds, and as many of deep pages.
    pub seconds: usize,
    /// Different queries, each asked once.
    pub searches: usize,
}

impl Size {
    /// So small that tests make it by the way.
    pub const SMALL: Self = Self { accounts: 300, follows: 5_000, posts: 5_000, seconds: 1, searches: 20 };
}

/// What was measured, in milliseconds.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Accounts, follows, posts, comments, followers of the account that posts, the most that one follows.
    pub there_are: [usize; 6],
    pub seconds_of_seeding: f64,
    pub home_feed: Figures,
    pub home_feed_deep: Figures,
    pub search: Figures,
    pub post_to_all: Figures,
}

/// Fills an empty data folder, or the Postgres database beside it, and measures.
pub async fn run(folder: &Path, postgres: Option<&str>, size: &Size) -> Report {
    let begin = Instant::now();
    let now = SystemClock.now().millis();
    let network = fill(folder, postgres, size, now).await;
    let social = open(folder, postgres).await;
    // The names; and it would notice posts that are not indexed.
    social.index_all().await.unwrap();
    let seconds_of_seeding = begin.elapsed().as_secs_f64().round();

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = Client::new(listener.local_addr().unwrap());
    let app = axum::Router::<()>::new().merge(confab_social::routes(&social).0);
    let server = tokio::spawn(async move { axum::serve(listener, app).await });
    let house = social.clone();
    let house = tokio::spawn(async move { house.keep_house().await });
    let report = measure(&client, &network, size, now).await;
    house.abort();
    server.abort();
    social.close().await;
    Report { seconds_of_seeding, ..report }
}

/// Makes a community in an empty database.
pub async fn fill(folder: &Path, postgres: Option<&str>, size: &Size, now: i64) -> Network {
    // This makes the tables.
    open(folder, postgres).await.close().await;
    let network = Network::new(size, now);
    let mut store = Store::open(folder, postgres).await;
    network.store(&mut store).await;
    store.close().await;
    network
}

async fn measure(client: &Client, network: &Network, size: &Size, now: i64) -> Report {
    let mut rng = StdRng::seed_from_u64(3);
    let mut who = |place: usize| match place % 10 {
        // Every tenth follows thousands.
        0 if size.accounts > seed::busy(0) => {
            seed::busy(rng.random_range(0..=(size.accounts - 1 - seed::busy(0)) / 1000))
        }
        _ => rng.random_range(0..size.accounts),
    };
    let count = size.seconds * FEEDS as usize;
    let mut times = StdRng::seed_from_u64(5);
    let mut feed = |place: usize, is_deep: bool| {
        // As if somebody had scrolled there: the page after a post of some day of the year.
        let after = seed::id_at(now - times.random_range(YEAR / 50..YEAR * 8 / 10), &mut times);
        let after = if is_deep { format!("?after=0.{}", after.simple()) } else { String::new() };
        Request { who: who(place), path: format!("/api/v1/feed/home{after}") }
    };
    let [warm_up, first, deep] = [(FEEDS as usize, false), (count, false), (count, true)]
        .map(|(count, is_deep)| (0..count).map(|place| feed(place, is_deep)).collect::<Vec<_>>());
    let search = |(place, query): (usize, &String)| {
        let query = url::form_urlencoded::byte_serialize(query.as_bytes()).collect::<String>();
        Request { who: who(place + 1), path: format!("/api/v1/search?q={query}") }
    };
    let searches = network.queries.iter().enumerate().map(search).collect();

    // Connections are opened and plans are made before it counts.
    client.steadily(FEEDS, warm_up).await;
    let home_feed = client.steadily(FEEDS, first).await;
    let home_feed_deep = client.steadily(FEEDS, deep).await;
    let search = client.steadily(SEARCHES, searches).await;
    let post_to_all = client.posts(0, 20).await;
    let there_are = network.counts();
    Report { there_are, seconds_of_seeding: 0.0, home_feed, home_feed_deep, search, post_to_all }
}

/// Opens it as the server does.
pub async fn open(folder: &Path, postgres: Option<&str>) -> Social {
    let config = SocialConfig {
        database_url: postgres.map(|url| DatabaseUrl(url.to_owned())),
        data_dir: folder.to_owned(),
        base_url: "https://meet.example.org".into(),
        registration: true,
        development: false,
        deletion_grace: Duration::from_secs(14 * 24 * 3600),
        hash_threads: 1,
        // All come from one address.
        rate_limit_scale: 1000,
        mail: MailConfig::Outbox,
    };
    Social::open(config, Arc::new(SystemClock), StdRng::seed_from_u64(1)).await.unwrap()
}
