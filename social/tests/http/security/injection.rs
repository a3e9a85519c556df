//! Bodies, paths and parameters that are too long, of the wrong kind, or meant for the database.

use serde_json::{Value, json};

use super::surface::{Operation, encode, everything_of, operations, with};
use crate::support::{Answer, Browser, PASSWORD, World, story};

/// Refused, and in our words.
#[track_caller]
fn assert_refused(answer: &Answer, what: &str) {
    let code = answer.json()["error"]["code"].clone();
    assert!((400..500).contains(&answer.status) && code.is_string(), "{what}: {} {code}", answer.status);
}

/// Taken or refused, but not failed.
#[track_caller]
fn assert_handled(answer: &Answer, what: &str) {
    let is_good = (200..300).contains(&answer.status);
    assert!(is_good || answer.json()["error"]["code"].is_string(), "{what}: {} without a code", answer.status);
    assert!((200..500).contains(&answer.status), "{what}: {} {}", answer.status, answer.json());
}

async fn send_raw(browser: &Browser, operation: &Operation, body: Vec<u8>) -> Answer {
    let request = browser.request(operation.method.clone(), &operation.some_path());
    browser.send(request.header("content-type", "application/json").body(body)).await
}

/// The routes that take JSON.
fn with_bodies(world: &World) -> Vec<Operation> {
    let mut all = operations(world);
    all.retain(|operation| operation.good_body().is_some());
    assert!(all.len() >= 12);
    all
}

story! {
    async fn texts_have_an_end(world: World) {
        for (index, operation) in with_bodies(&world).iter().enumerate() {
            let ann = world.person(&format!("ann{index}")).await;
            let body = operation.good_body().unwrap();
            for place in operation.texts() {
                let what = format!("{} {place}", operation.name());
                let long = with(body.clone(), &place, json!("x".repeat(1 << 20)));
                ann.send(operation.call_with(&ann, Some(long))).await.refused(413, "message_too_large");
                for letters in ["x".repeat(15_000), "é".repeat(7_500), format!("{}@example.org", "x".repeat(14_000))] {
                    let long = with(body.clone(), &place, json!(letters));
                    assert_refused(&ann.send(operation.call_with(&ann, Some(long))).await, &what);
                }
            }
            let many = format!("{{{}}}", (0..2000).map(|n| format!("\"a{n}\":1")).collect::<Vec<_>>().join(","));
            assert_refused(&send_raw(&ann, operation, many.into()).await, &operation.name());
        }
    }
}

story! {
    async fn bodies_are_of_the_right_kind(world: World) {
        let deep = |open: &str, close: &str, times| format!("{}1{}", open.repeat(times), close.repeat(times));
        for (index, operation) in with_bodies(&world).iter().enumerate() {
            let ann = world.person(&format!("ann{index}")).await;
            let name = operation.name();
            let body = operation.good_body().unwrap();
            for place in operation.values() {
                let kinds = [json!(1), json!(-1.5e300), json!([]), json!({}), json!([[]]), json!({ "$ne": null }), json!("\0")];
                for wrong in kinds {
                    // A number where one belongs.
                    if wrong == json!(1) && body.pointer(&place).is_some_and(Value::is_number) {
                        continue;
                    }
                    let what = format!("{name} {place} {wrong}");
                    let answer = ann.send(operation.call_with(&ann, Some(with(body.clone(), &place, wrong)))).await;
                    assert_refused(&answer, &what);
                }
                // Null may mean that something goes.
                let answer = ann.send(operation.call_with(&ann, Some(with(body.clone(), &place, Value::Null)))).await;
                assert_handled(&answer, &format!("{name} {place} null"));
            }
            for place in operation.texts() {
                let hole = with(body.clone(), &place, json!("HOLE")).to_string();
                let fill = |text: &[u8]| hole.split("\"HOLE\"").map(str::as_bytes).collect::<Vec<_>>().join(text);
                for text in [
                    &b"\"\\ud800\""[..], b"\"\\udc00\\ud800\"", b"\"\xff\xfe\"", b"\"\xc0\xaf\"", b"\"\xed\xa0\x80\"", b"\"\x00\"",
                    b"\"a\nb\"", b"\"\\x41\"", b"NaN", b"'a'", b"\"", b"", deep("[", "]", 5000).as_bytes(),
                    deep("{\"a\":", "}", 1000).as_bytes(),
                ] {
                    // A list without its one item is a list.
                    let is_in_list = place.rsplit('/').next().is_some_and(|last| last.parse::<usize>().is_ok());
                    if !(text.is_empty() && is_in_list) {
                        send_raw(&ann, operation, fill(text)).await.refused(400, "invalid_message");
                    }
                }
            }
            for raw in ["", " ", "null", "1", "\"x\"", "[]", "{", "{}}", "{}{}", "\u{feff}{}", "true", &deep("[", "]", 8000)] {
                let what = format!("{name} {raw:.20}");
                let answer = send_raw(&ann, operation, raw.into()).await;
                assert_refused(&answer, &what);
            }
            let request = ann.request(operation.method.clone(), &operation.path).body(body.to_string());
            assert_eq!(ann.send(request.header("content-type", "text/plain")).await.status, 415, "{name}");
        }
    }
}

/// What would do something if it reached the database's parser, and letters that databases trip over.
const HOSTILE: [&str; 26] = [
    "' OR '1'='1",
    "' OR 1=1 --",
    "ann' --",
    "ann'/*",
    "') OR ('a'='a",
    "'; DROP TABLE accounts; --",
    "'; DELETE FROM sessions; --",
    "x'; UPDATE accounts SET is_admin = TRUE; --",
    "' UNION SELECT password FROM accounts --",
    "' || (SELECT password FROM accounts LIMIT 1) || '",
    "'||pg_sleep(30)||'",
    "1; SELECT pg_sleep(30)",
    "\" OR \"\"=\"",
    "\\' OR 1=1 --",
    "%' OR 'x'='x",
    "%",
    "_nn",
    "$1",
    "$$; DROP TABLE accounts; $$",
    "?1",
    ":a",
    "ann\0",
    "\0",
    "ann\u{1}",
    "\u{ffff}\u{10ffff}",
    "${jndi:ldap://127.0.0.1/a}{{7*7}}<%= 7 %>",
];

story! {
    async fn nothing_reaches_the_databases_parser(world: World) {
        let ann = world.person("ann").await;
        world.person("ben").await;
        let before = everything_of(&ann).await;
        let people = ann.get("/api/v1/people/ben").await.expect(200);
        let stranger = world.browser();
        for operation in operations(&world).iter().filter(|operation| !operation.in_path.is_empty()) {
            let bytes = ["%", "%ff", "%c0%af", "%ed%a0%80", "%00", "a%2fb", "%2e%2e%2fx"].map(|raw| operation.path.replace(&format!("{{{}}}", operation.in_path[0]), raw));
            for path in HOSTILE.iter().map(|text| operation.path_with(text)).chain(bytes) {
                for browser in [&ann, &stranger] {
                    let answer = browser.send(browser.request(operation.method.clone(), &path)).await;
                    assert_refused(&answer, &format!("{} {path}", operation.method));
                }
            }
        }
        for operation in operations(&world) {
            for name in &operation.in_query {
                for text in HOSTILE {
                    let request = ann.request(operation.method.clone(), &format!("{}?{name}={}", operation.path, encode(text)));
                    let (answer, what) = (ann.send(request).await, format!("{} {name}={text}", operation.name()));
                    // Whatever text one may search for.
                    if name == "q" { assert_handled(&answer, &what) } else { assert_refused(&answer, &what) }
                }
            }
        }
        assert_eq!(before[0], ann.get("/api/v1/me").await.expect(200));
        for (index, operation) in with_bodies(&world).iter().enumerate() {
            // Some of this changes a name or a password of this one.
            let victim = world.person(&format!("victim{index}")).await;
            let body = operation.good_body().unwrap();
            for place in operation.texts() {
                for text in HOSTILE {
                    let answer = victim.send(operation.call_with(&victim, Some(with(body.clone(), &place, json!(text))))).await;
                    assert_handled(&answer, &format!("{} {place} {text:?}", operation.name()));
                }
            }
        }
        // Nothing is gone, nobody rose.
        assert_eq!(before, everything_of(&ann).await);
        assert_eq!(people, ann.get("/api/v1/people/ben").await.expect(200));
        let mut names = Vec::new();
        let mut path = "/api/v1/people?limit=100".to_owned();
        loop {
            let page = ann.get(&path).await.expect(200);
            names.extend(page["items"].as_array().unwrap().iter().map(|person| person["username"].as_str().unwrap().to_owned()));
            let Some(next) = page["next"].as_str() else { break };
            path = format!("/api/v1/people?limit=100&after={next}");
        }
        assert!(names.contains(&"ben".to_owned()) && names.len() >= 2 + with_bodies(&world).len() - 1, "{names:?}");
        let ben = world.browser();
        assert_eq!(ben.sign_in("ben", PASSWORD).await.expect(200)["is_admin"], false);
    }
}
