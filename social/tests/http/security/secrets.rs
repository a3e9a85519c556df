//! Cookies that were planted or stolen, and what who reads the database learns of them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use confab_social::secrets::SecretHash;
use serde_json::json;

use super::relay::Relay;
use crate::support::{Browser, Engine, PASSWORD, World, email, postgres, registration, story};

/// The token in a browser's cookie.
fn token_of(browser: &Browser) -> String {
    browser.cookie().unwrap().strip_prefix("confab_session=").unwrap().to_owned()
}

/// A browser that has this token, whoever gave it one.
fn holder(world: &World, token: &str) -> Browser {
    let browser = world.browser();
    browser.set_cookie(Some(format!("confab_session={token}")));
    browser
}

async fn assert_opens_nothing(world: &World, token: &str) {
    let thief = holder(world, token);
    thief.get("/api/v1/me").await.refused(401, "not_signed_in");
    thief.get("/api/v1/people").await.refused(401, "not_signed_in");
    thief.delete("/api/v1/me/sessions").await.refused(401, "not_signed_in");
}

/// Whether these bytes stand in what is stored, as they are or in hexadecimal digits.
fn is_stored(world: &World, bytes: &[u8]) -> bool {
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let in_text = |text: &[u8], wanted: &[u8]| text.windows(wanted.len()).any(|part| part == wanted);
    let mut places: Vec<_> = world.stored().into_iter().map(|(_, bytes)| bytes).collect();
    if world.engine == Engine::Postgres {
        places.push(postgres::dump(&world.database_url()).into_bytes());
    }
    places.iter().any(|place| in_text(place, bytes) || in_text(place, hex.as_bytes()))
}

/// The database has a token's hash, and in no form the token.
#[track_caller]
fn assert_only_hashed(world: &World, token: &str) {
    let bytes = URL_SAFE_NO_PAD.decode(token).unwrap();
    assert_eq!(bytes.len(), 32, "256 bits");
    assert!(is_stored(world, &SecretHash::of(token).bytes()), "the search finds what is there");
    assert!(!is_stored(world, &bytes) && !is_stored(world, token.as_bytes()));
}

story! {
    async fn a_planted_cookie_is_not_the_session(world: World) {
        world.person("ann").await;
        let mallory = world.person("mallory").await;
        let made_up = "B".repeat(43);
        for planted in [made_up, token_of(&mallory)] {
            let ann = holder(&world, &planted);
            ann.sign_in("ann", PASSWORD).await.expect(200);
            assert_ne!(token_of(&ann), planted);
            assert_eq!(ann.get("/api/v1/me").await.expect(200)["username"], "ann");
            assert_opens_nothing(&world, &planted).await;
        }
        // Not even beside the right one: which of two is the planted one cannot be told.
        let ann = world.browser();
        ann.sign_in("ann", PASSWORD).await.expect(200);
        ann.set_cookie(Some(format!("{}; confab_session={}", ann.cookie().unwrap(), "B".repeat(43))));
        ann.get("/api/v1/me").await.refused(401, "not_signed_in");
    }
}

story! {
    async fn every_sign_in_has_a_token_of_its_own_and_ends_the_one_before(world: World) {
        let ann = world.person("ann").await;
        let mut tokens = vec![token_of(&ann)];
        for _ in 0..3 {
            ann.sign_in("ann", PASSWORD).await.expect(200);
            tokens.push(token_of(&ann));
        }
        ann.post("/api/v1/auth/restore", json!({ "identifier": "ann", "password": PASSWORD })).await.expect(200);
        let last = token_of(&ann);
        for token in &tokens {
            assert_ne!(*token, last);
            assert_opens_nothing(&world, token).await;
        }
        assert_eq!(ann.get("/api/v1/me/sessions").await.expect(200)["items"].as_array().unwrap().len(), 1);
        // A failed try changes nothing.
        ann.sign_in("ann", "guessed password").await.refused(401, "wrong_credentials");
        ann.get("/api/v1/me").await.expect(200);
    }
}

story! {
    async fn whatever_ends_a_session_ends_its_token(world: World) {
        let stolen = |browser: &Browser| token_of(browser);
        let ann = world.person("ann").await;
        let token = stolen(&ann);
        ann.post("/api/v1/auth/logout", json!({})).await.expect(204);
        assert_opens_nothing(&world, &token).await;

        // Who changes the password goes on with another token, so that a stolen copy is worth nothing.
        ann.sign_in("ann", PASSWORD).await.expect(200);
        let other = world.browser();
        other.sign_in("ann", PASSWORD).await.expect(200);
        let tokens = [stolen(&ann), stolen(&other)];
        let change = json!({ "current": PASSWORD, "new": "another good password" });
        ann.post("/api/v1/me/password", change).await.expect(204);
        for token in tokens {
            assert_opens_nothing(&world, &token).await;
        }
        ann.get("/api/v1/me").await.expect(200);

        let token = stolen(&ann);
        let browser = world.browser();
        browser.post("/api/v1/auth/forgot", json!({ "email": email("ann") })).await.expect(202);
        let reset = world.token(&email("ann"), "/reset#").await;
        browser.post("/api/v1/auth/reset", json!({ "token": reset, "password": PASSWORD })).await.expect(204);
        assert_opens_nothing(&world, &token).await;

        ann.sign_in("ann", PASSWORD).await.expect(200);
        let token = stolen(&ann);
        ann.post("/api/v1/me/deletion", json!({ "password": PASSWORD })).await.expect(200);
        assert_opens_nothing(&world, &token).await;
        ann.post("/api/v1/auth/restore", json!({ "identifier": "ann", "password": PASSWORD })).await.expect(200);
        assert_opens_nothing(&world, &token).await;
    }
}

story! {
    async fn the_database_knows_no_secret(world: World) {
        let ann = world.person("ann").await;
        ann.get("/api/v1/me").await.expect(200);
        assert_only_hashed(&world, &token_of(&ann));
        world.browser().register("ben").await;
        assert_only_hashed(&world, &world.token(&email("ben"), "/verify#").await);
        world.browser().post("/api/v1/auth/forgot", json!({ "email": email("ann") })).await.expect(202);
        assert_only_hashed(&world, &world.token(&email("ann"), "/reset#").await);
        assert!(is_stored(&world, b"$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(!is_stored(&world, PASSWORD.as_bytes()));
    }
}

/// While a mail server puts us off, the mails wait in the database; their tokens do not.
async fn queued_mails_have_no_tokens(engine: Engine) {
    let relay = Relay::start("451 come back later").await;
    let world = World::with(engine, |config| relay.configure(config)).await;
    let browser = world.browser();
    browser.post("/api/v1/auth/register", registration("ann")).await.expect(202);
    let verify = relay.token("/verify#").await;
    assert!(is_stored(&world, b"verify"));
    assert_only_hashed(&world, &verify);
    // A link of a mail that may have arrived is good.
    browser.post("/api/v1/auth/verify", json!({ "token": verify })).await.expect(200);
    browser.post("/api/v1/auth/forgot", json!({ "email": email("ann") })).await.expect(202);
    assert_only_hashed(&world, &relay.token("/reset#").await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn queued_mails_have_no_tokens_on_sqlite() {
    queued_mails_have_no_tokens(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn queued_mails_have_no_tokens_on_postgres() {
    queued_mails_have_no_tokens(Engine::Postgres).await;
}
