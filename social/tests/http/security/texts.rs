//! Texts that would run as a script where somebody forgot that they are texts.

use serde_json::{Value, json};

use crate::support::{Answer, World, story};

/// The texts that browsers are shown, too, one a line. At most 60 characters each, so that they fit into a name.
const HOSTILE: &str = include_str!("../../../../web/app/e2e/support/hostile.txt");

/// One of each kind; what follows them in the file are the same in other clothes, which only a browser could mistake.
fn hostile() -> Vec<&'static str> {
    HOSTILE.lines().take(66).collect()
}

/// It says that it is JSON, so that no browser takes it for a page.
#[track_caller]
fn assert_json(answer: &Answer) -> Value {
    assert_eq!(answer.headers["content-type"], "application/json");
    answer.expect(200)
}

story! {
    async fn hostile_texts_come_back_as_they_are_and_as_json(world: World) {
        let (ann, ben) = (world.person("ann").await, world.person("ben").await);
        for text in hostile() {
            let url = format!("https://example.org/?{}", text.replace(' ', "/"));
            let change = json!({
                "first_name": text, "last_name": text, "bio": text, "about": format!("{text}\n\n{text}"), "address": text,
                "links": [{ "title": text, "url": url }],
            });
            let own = assert_json(&ann.patch("/api/v1/me/profile", change.clone()).await);
            assert_eq!(own, assert_json(&ann.get("/api/v1/me/profile").await));
            let shown = assert_json(&ben.get("/api/v1/people/ann").await);
            for (field, value) in change.as_object().unwrap() {
                assert_eq!((&own[field], &shown[field]), (value, value), "{text}: {field}");
            }
            let me = assert_json(&ann.get("/api/v1/me").await);
            let people = assert_json(&ben.get("/api/v1/people").await);
            let person = people["items"].as_array().unwrap().iter().find(|person| person["username"] == "ann").unwrap();
            assert_eq!((&me["first_name"], &person["last_name"], &person["bio"]), (&json!(text), &json!(text), &json!(text)));
        }
        let export = ann.post("/api/v1/me/export", json!({ "password": crate::support::PASSWORD })).await;
        assert_eq!(assert_json(&export)["profile"]["bio"], hostile()[hostile().len() - 1]);
    }
}

story! {
    async fn no_text_is_a_name_or_an_address_that_runs(world: World) {
        let ann = world.person("ann").await;
        for text in hostile() {
            let link = json!({ "links": [{ "title": "Site", "url": text }] });
            ann.patch("/api/v1/me/profile", link).await.invalid("links");
            let mut wish = crate::support::registration("eve");
            wish["username"] = json!(text);
            ann.post("/api/v1/auth/register", wish).await.invalid("username");
            // What an error quotes is JSON as well.
            let answer = ann.patch("/api/v1/me/profile", json!({ text: text })).await;
            answer.refused(400, "invalid_message");
            assert_eq!(answer.headers["content-type"], "application/json");
        }
    }
}

story! {
    async fn the_history_shows_hostile_devices_as_texts(world: World) {
        let ann = world.person("ann").await;
        for text in hostile() {
            let body = json!({ "identifier": "ann", "password": "guessed password" });
            let request = ann.request(reqwest::Method::POST, "/api/v1/auth/login").header("user-agent", text).json(&body);
            world.browser().send(request).await.refused(401, "wrong_credentials");
        }
        crate::support::soon(async {
            let is_there = |page: &Value| page["items"].as_array().unwrap().len() == hostile().len() + 1;
            while !is_there(&assert_json(&ann.get("/api/v1/me/logins?limit=100").await)) {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
        })
        .await;
    }
}
