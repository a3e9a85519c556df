//! A server of this crate alone on a local port, with a clock that the test winds on.

mod browser;
mod calls;
pub mod database;
mod events;
pub mod postgres;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use confab_social::Social;
use confab_social::caller::Caller;
use confab_social::clock::ManualClock;
use confab_social::config::{DatabaseUrl, MailConfig, SocialConfig};
use confab_social::mail::OutboxMail;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub use self::browser::{Answer, Browser};
pub use self::calls::Rooms;
pub use self::events::Events;

/// Nothing here takes this long; what does, hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// A password that the rules allow.
pub const PASSWORD: &str = "correct horse battery";

/// Which database a story is told on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// Tells one story on both databases.
macro_rules! story {
    ($(#[$meta:meta])* async fn $name:ident($world:ident: $kind:ident) $body:block) => {
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn tell($world: $kind) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                tell(crate::support::World::new(crate::support::Engine::Sqlite).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                tell(crate::support::World::new(crate::support::Engine::Postgres).await).await;
            }
        }
    };
}
pub(crate) use story;

/// Waits, but not for ever.
pub async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, what).await.expect("this takes too long")
}

/// A server and all that a story may do to it.
pub struct World {
    pub address: SocketAddr,
    pub clock: Arc<ManualClock>,
    pub social: Social,
    pub folder: PathBuf,
    pub engine: Engine,
    /// The rooms of calls.
    pub rooms: Arc<Rooms>,
    house: JoinHandle<()>,
}

impl World {
    pub async fn new(engine: Engine) -> Self {
        Self::with(engine, |_| {}).await
    }

    /// A server whose configuration the story changes.
    pub async fn with(engine: Engine, change: impl FnOnce(&mut SocialConfig)) -> Self {
        let folder = folder();
        let database_url = match engine {
            Engine::Sqlite => None,
            Engine::Postgres => Some(DatabaseUrl(postgres::database().await)),
        };
        let mut config = SocialConfig {
            database_url,
            data_dir: folder.clone(),
            base_url: "https://meet.example.org".into(),
            registration: true,
            development: true,
            deletion_grace: Duration::from_secs(14 * 24 * 3600),
            hash_threads: 2,
            rate_limit_scale: 1000,
            mail: MailConfig::Outbox,
        };
        change(&mut config);
        let clock = Arc::new(ManualClock::new());
        let social = Social::open(config, clock.clone(), StdRng::seed_from_u64(1)).await.unwrap();
        let rooms = Arc::new(Rooms::default());
        social.open_calls(rooms.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = confab_social::routes(&social).0.layer(axum::middleware::from_fn(identify));
        let app = Router::<()>::new().merge(app).into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, app).await });
        let house = social.clone();
        let house = tokio::spawn(async move { house.keep_house().await });
        Self { address, clock, social, folder, engine, rooms, house }
    }

    /// Nothing is done any more without being asked, as if the server had been killed.
    pub fn stop_house(&self) {
        self.house.abort();
    }

    /// Another process on the same database keeps house.
    pub async fn keep_house_again(&self) {
        let config = self.social.config.clone();
        let social = Social::open(config, self.clock.clone(), StdRng::seed_from_u64(2)).await.unwrap();
        tokio::spawn(async move { social.keep_house().await });
    }

    /// Where the Postgres database is, in a story that is told there.
    pub fn database_url(&self) -> String {
        self.social.config.database_url.as_ref().unwrap().0.clone()
    }

    /// Somebody's browser, with cookies of its own and nobody signed in.
    pub fn browser(&self) -> Browser {
        Browser::new(self.address)
    }

    /// A browser in which somebody has just registered, verified and signed in.
    pub async fn person(&self, username: &str) -> Browser {
        let browser = self.browser();
        // Somebody may have had this name before.
        let old: Vec<_> = self.outbox().await.into_iter().map(|mail| mail.id).collect();
        browser.register(username).await;
        let is_new = |mail: &OutboxMail| !old.contains(&mail.id) && mail.text.contains("/verify#");
        let token = token_in(&self.mail(&email(username), is_new).await.text, "/verify#");
        assert_eq!(browser.post("/api/v1/auth/verify", json!({ "token": token })).await.status, 200);
        browser.sign_in(username, PASSWORD).await.expect(200);
        browser
    }

    /// The mails that were sent, the newest first.
    pub async fn outbox(&self) -> Vec<OutboxMail> {
        let list = self.browser().get("/api/v1/outbox").await.expect(200);
        serde_json::from_value(list["items"].clone()).unwrap()
    }

    /// Waits for the newest mail to an address of which `is_it` holds.
    pub async fn mail(&self, to: &str, is_it: impl Fn(&OutboxMail) -> bool) -> OutboxMail {
        let look = async {
            loop {
                if let Some(mail) = self.outbox().await.into_iter().find(|mail| mail.to == to && is_it(mail)) {
                    return mail;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        soon(look).await
    }

    /// The token in the newest mail to an address that has a link with this path.
    pub async fn token(&self, to: &str, path: &str) -> String {
        let mail = self.mail(to, |mail| mail.text.contains(path)).await;
        token_in(&mail.text, path)
    }

    /// Lets time pass.
    pub fn wait(&self, time: Duration) {
        self.clock.advance(time);
    }

    /// The files of images that are kept.
    pub fn images(&self) -> Vec<PathBuf> {
        let is_image = |path: &PathBuf| path.extension().is_some_and(|kind| kind == "jpg" || kind == "png");
        self.stored().into_iter().map(|(path, _)| path).filter(is_image).collect()
    }

    /// The bytes of all files in the data folder, the outbox apart: what an account must leave nothing in.
    pub fn stored(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut found = Vec::new();
        let mut folders = vec![self.folder.clone()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                match path.is_dir() {
                    true if path.ends_with("outbox") => {}
                    true => folders.push(path),
                    false => found.push((path.clone(), std::fs::read(&path).unwrap())),
                }
            }
        }
        found
    }
}

/// The token of a link in a text.
pub fn token_in(text: &str, path: &str) -> String {
    let (_, rest) = text.split_once(path).unwrap();
    rest.chars().take_while(|letter| letter.is_ascii_alphanumeric() || "-_".contains(*letter)).collect()
}

/// A photo whose left half is red and whose right half is blue.
pub fn photo(width: u32, height: u32) -> Vec<u8> {
    let pixel = |x: u32, _| if x < width / 2 { image::Rgb([220, 20, 20]) } else { image::Rgb([20, 20, 220]) };
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::RgbImage::from_fn(width, height, pixel).write_to(&mut bytes, image::ImageFormat::Jpeg).unwrap();
    bytes.into_inner()
}

/// An id as a client makes one up.
pub fn fresh_id() -> uuid::Uuid {
    uuid::Uuid::from_u128(rand::random())
}

/// The address with which a person of a story registers.
pub fn email(username: &str) -> String {
    format!("{username}@example.org")
}

/// What somebody fills in to register.
pub fn registration(username: &str) -> Value {
    json!({
        "email": email(username),
        "first_name": "Ann",
        "last_name": "Lee",
        "username": username,
        "password": PASSWORD,
    })
}

/// Says who calls, as the program that listens does.
async fn identify(
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    mut request: Request,
    next: axum::middleware::Next,
) -> axum::response::Response {
    // A story may play several addresses.
    let played = request.headers().get("x-test-address").map(|address| address.to_str().unwrap().parse().unwrap());
    let address = played.unwrap_or(peer.ip());
    request.extensions_mut().insert(Caller { address, is_secure: false, own_origin: None });
    next.run(request).await
}

/// An empty folder for one test, found again and emptied by its next run.
pub fn folder() -> PathBuf {
    let test = std::thread::current().name().unwrap_or("test").replace("::", "-");
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("http").join(test);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}
