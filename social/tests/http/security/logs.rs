//! What is logged: nothing that opens anything, and no person.

use std::io::Write;
use std::sync::{Arc, Mutex, OnceLock};

use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

use super::relay::Relay;
use super::surface::operations;
use crate::support::{Engine, PASSWORD, World, email, registration};

/// All that this process logs.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Listens to everything, down to the database's driver.
fn listen() -> Log {
    static LOG: OnceLock<Log> = OnceLock::new();
    let start = || {
        let log = Log::default();
        let subscriber =
            tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone()).with_ansi(false);
        tracing::subscriber::set_global_default(subscriber.finish()).unwrap();
        log
    };
    LOG.get_or_init(start).clone()
}

async fn nothing_secret_is_logged(engine: Engine) {
    let log = listen();
    // Mails that are refused are logged.
    let relay = Relay::start("550 no such mailbox").await;
    let world = World::with(engine, |config| relay.configure(config)).await;
    let name = format!("canary{engine:?}").to_lowercase();
    let browser = world.browser();
    browser.post("/api/v1/auth/register", registration(&name)).await.expect(202);
    let verify = relay.token("/verify#").await;
    browser.post("/api/v1/auth/verify", json!({ "token": verify })).await.expect(200);
    browser.post("/api/v1/auth/verify", json!({ "token": verify })).await.refused(400, "invalid_token");
    browser.sign_in(&name, PASSWORD).await.expect(200);
    browser.sign_in(&name, "wrongcanary password").await.refused(401, "wrong_credentials");
    let session = browser.cookie().unwrap().replace("confab_session=", "");
    browser.post("/api/v1/auth/forgot", json!({ "email": email(&name) })).await.expect(202);
    let reset = relay.token("/reset#").await;
    browser.move_to("203.0.113.201");
    // These would end the session or the link.
    let ends = ["/api/v1/auth/logout", "/api/v1/me/deletion", "/api/v1/me/password"];
    for operation in operations(&world).iter().filter(|operation| !ends.contains(&operation.path.as_str())) {
        browser.send(operation.call(&browser)).await;
        let strange = browser.request(operation.method.clone(), &operation.some_path());
        browser.send(strange.header("content-type", "application/json").body(format!("{{\"{reset}"))).await;
    }
    let wish = json!({ "token": reset, "password": "canary password" });
    browser.post("/api/v1/auth/reset", wish).await.expect(204);
    world.social.sweep().await.unwrap();
    let log = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    assert!(log.contains("SELECT") && log.contains("a mail could not be sent"), "it hears what is logged");
    let secrets =
        [&verify, &reset, &session, &name, &email(&name), PASSWORD, "wrongcanary", "canary password", "203.0.113.201"];
    for secret in secrets {
        let line = log.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "logged: {secret}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_secret_is_logged_on_sqlite() {
    nothing_secret_is_logged(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_secret_is_logged_on_postgres() {
    nothing_secret_is_logged(Engine::Postgres).await;
}
