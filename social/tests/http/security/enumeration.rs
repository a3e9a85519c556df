//! Who has an account here is told neither by what is answered nor by how long it takes.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Answer, Browser, PASSWORD, World, email, registration, story};

/// All of an answer that does not depend on when it was given.
fn seen(answer: &Answer) -> (u16, Value, Vec<String>) {
    let headers = answer.headers.iter().filter(|(name, _)| *name != "date");
    (answer.status, answer.json(), headers.map(|header| format!("{header:?}")).collect())
}

fn guess(identifier: &str) -> Value {
    json!({ "identifier": identifier, "password": "guessed password" })
}

/// What a registration sends with this address.
fn wish(username: &str, email: &str) -> Value {
    let mut wish = registration(username);
    wish["email"] = json!(email);
    wish
}

story! {
    async fn the_answer_does_not_tell_who_has_an_account(world: World) {
        world.person("ann").await;
        world.browser().register("ben").await;
        let leaver = world.person("leaver").await;
        leaver.post("/api/v1/me/deletion", json!({ "password": PASSWORD })).await.expect(200);
        let browser = world.browser();
        for path in ["/api/v1/auth/login", "/api/v1/auth/restore"] {
            let unknown = browser.post(path, guess("nobody")).await;
            unknown.refused(401, "wrong_credentials");
            for name in ["ann", "ANN@example.org", "ben", "ben@example.org", "leaver", "nobody@example.org", "", "a\0", "@"] {
                assert_eq!(seen(&browser.post(path, guess(name)).await), seen(&unknown), "{path}: {name}");
            }
        }
        for path in ["/api/v1/auth/forgot", "/api/v1/auth/resend"] {
            let unknown = browser.post(path, json!({ "email": "nobody@example.org" })).await;
            assert_eq!(unknown.expect(202), json!({}));
            for name in ["ann", "ben", "leaver"] {
                let answer = browser.post(path, json!({ "email": email(name) })).await;
                assert_eq!(seen(&answer), seen(&unknown), "{path}: {name}");
            }
        }
        let unknown = browser.post("/api/v1/auth/register", wish("new0", "new0@example.org")).await;
        assert_eq!(unknown.expect(202), json!({}));
        for (index, name) in ["ann", "ben", "leaver"].into_iter().enumerate() {
            let answer = browser.post("/api/v1/auth/register", wish(&format!("new{}", index + 1), &email(name))).await;
            assert_eq!(seen(&answer), seen(&unknown), "{name}");
        }
    }
}

/// Two ways of asking, told apart by their numbers: 0 for what is known, 1 for what is not.
trait Ask: AsyncFn(usize, usize) -> Answer {}

impl<F: AsyncFn(usize, usize) -> Answer> Ask for F {}

async fn time(ask: &impl Ask, kind: usize, round: usize) -> f64 {
    let start = Instant::now();
    let answer = ask(kind, round).await;
    let took = start.elapsed();
    assert!([202, 401].contains(&answer.status), "{} {}", answer.status, answer.json());
    took.as_secs_f64()
}

fn median(sorted: &[f64]) -> f64 {
    sorted[sorted.len() / 2]
}

/// Asserts that the median difference is less than 10 ms or 15 % of the median.
///
/// The pairs are interleaved, each first in turn, so that what else the machine does disturbs both alike. It measures until
/// it is clear which side of the bound the median difference is on (its 99.7 % confidence interval, by order statistics),
/// at least `least` pairs and at most ten times as many: a busy machine takes longer, and does not fail.
async fn assert_same_time(what: &str, least: usize, ask: impl Ask) {
    let (mut known, mut unknown, mut differences) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..10 * least {
        let first = round % 2;
        let mut took = [0.0; 2];
        for kind in [first, 1 - first] {
            took[kind] = time(&ask, kind, round).await;
        }
        known.push(took[0]);
        unknown.push(took[1]);
        differences.push(took[0] - took[1]);
        if differences.len() < least {
            continue;
        }
        for list in [&mut known, &mut unknown, &mut differences] {
            list.sort_by(f64::total_cmp);
        }
        let count = differences.len();
        let bound = (0.15 * median(&unknown)).max(Duration::from_millis(10).as_secs_f64());
        #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let reach = (1.5 * (count as f64).sqrt()).ceil() as usize;
        let [low, middle, high] = [count / 2 - reach, count / 2, count / 2 + reach].map(|index| differences[index]);
        let text = format!(
            "{what}, {count} pairs: known {:.2} ms, unknown {:.2} ms, median difference {:.2} ms ({:.2} to {:.2}), bound {:.2} ms",
            1e3 * median(&known),
            1e3 * median(&unknown),
            1e3 * middle,
            1e3 * low,
            1e3 * high,
            1e3 * bound,
        );
        let is_last = round + 1 == 10 * least;
        if (-bound..bound).contains(&low) && (-bound..bound).contains(&high) || is_last && middle.abs() < bound {
            println!("{text}");
            return;
        }
        assert!(low < bound && high > -bound && !is_last, "{text}");
    }
}

/// A name that was not used yet.
fn fresh(kind: usize, round: usize) -> String {
    format!("fresh{kind}x{round}")
}

story! {
    async fn signing_in_takes_as_long_for_nobody(world: World) {
        world.person("ann").await;
        let browser = world.browser();
        let ask = async |kind: usize, round: usize| {
            let name = if kind == 0 { "ann".to_owned() } else { fresh(kind, round) };
            browser.post("/api/v1/auth/login", guess(&name)).await
        };
        assert_same_time("login", 40, ask).await;
    }
}

story! {
    async fn registering_takes_as_long_with_a_known_address(world: World) {
        world.person("ann").await;
        let browser = world.browser();
        let ask = async |kind: usize, round: usize| {
            let name = fresh(kind, round);
            let address = if kind == 0 { email("ann") } else { email(&name) };
            browser.post("/api/v1/auth/register", wish(&name, &address)).await
        };
        assert_same_time("register", 40, ask).await;
    }
}

/// Asks for mails to somebody who can have them, and to nobody.
async fn assert_mails_take_the_same_time(browser: &Browser, path: &str, known: &str) {
    let ask = async |kind: usize, round: usize| {
        let address = if kind == 0 { email(known) } else { email(&fresh(kind, round)) };
        browser.post(path, json!({ "email": address })).await
    };
    assert_same_time(path, 100, ask).await;
}

story! {
    async fn forgetting_takes_as_long_for_nobody(world: World) {
        world.person("ann").await;
        assert_mails_take_the_same_time(&world.browser(), "/api/v1/auth/forgot", "ann").await;
    }
}

story! {
    async fn asking_for_the_mail_again_takes_as_long_for_nobody(world: World) {
        world.browser().register("ann").await;
        assert_mails_take_the_same_time(&world.browser(), "/api/v1/auth/resend", "ann").await;
    }
}
