//! Reaching for what belongs to somebody else.

use serde_json::{Value, json};

use super::surface::{Operation, everything_of, operations, picture};
use crate::support::{Answer, Browser, PASSWORD, World, email, fresh_id, story};

const UNKNOWN_ID: &str = "01970000-0000-7000-8000-000000000000";

story! {
    async fn nobody_gets_what_needs_an_account(world: World) {
        let expired = world.browser();
        expired.set_cookie(Some(format!("confab_session={}", "A".repeat(43))));
        for operation in operations(&world) {
            for browser in [&world.browser(), &expired] {
                let answer = browser.send(operation.call(browser)).await;
                let code = answer.json()["error"]["code"].clone();
                let is_refused = (answer.status, &code) == (401, &json!("not_signed_in"));
                assert_eq!(is_refused, !operation.is_open(), "{}: {} {code}", operation.name(), answer.status);
            }
        }
    }
}

/// Ids of somebody else's for a route, which must look as if there were no such thing.
async fn foreign(world: &World, operation: &Operation, ben: &Browser) -> Vec<String> {
    let everything = everything_of(ben).await;
    match operation.name().as_str() {
        "DELETE /api/v1/me/sessions/{id}" => ids(&everything),
        // Profiles are there to be seen; these are not there yet, or no longer.
        // They are there, but are to be seen by nobody, whatever one asks of them.
        name if name.contains(" /api/v1/people/{username}") => hidden_people(world).await,
        name if name.contains(" /api/v1/notifications/{id}") => {
            let fan = world.person(&format!("fan{}", operation.method.as_str().to_lowercase())).await;
            fan.put("/api/v1/people/ben/friend", Vec::new()).await.expect(200);
            ids(&everything_of(ben).await)
        }
        // Who was told an image's address may look, while it is shown.
        "GET /media/{key}" => {
            let key =
                |image: &Value, field: &str| image[field].as_str().unwrap().trim_start_matches("/media/").to_owned();
            let shown = ben.put("/api/v1/me/picture", picture()).await.expect(200);
            ben.delete("/api/v1/me/picture").await.expect(204);
            let deleter = world.person("deleter").await;
            let hidden = deleter.put("/api/v1/me/cover", picture()).await.expect(200);
            assert_eq!(world.browser().get(hidden["url"].as_str().unwrap()).await.status, 200);
            deleter.post("/api/v1/me/deletion", json!({ "password": PASSWORD })).await.expect(200);
            vec![key(&shown, "url"), key(&shown, "small_url"), key(&hidden, "url"), key(&hidden, "small_url")]
        }
        // What is written for friends, and these two are none.
        name if name.contains(" /api/v1/posts/{id}") => vec![hidden_post(ben).await],
        name if name.contains(" /api/v1/comments/{id}") => vec![hidden_comment(ben).await],
        // What Ben writes with Carl, and a group of theirs.
        name if name.contains(" /api/v1/conversations/{id}") => conversations(world, ben).await,
        // Neither is a room.
        name if name.contains(" /api/v1/chat-rooms/{id}") => conversations(world, ben).await,
        name if name.contains(" /api/v1/messages/{id}") => vec![message(world, ben).await],
        // Somebody calls Ben.
        name if name.contains(" /api/v1/rings/{id}") => {
            let caller = format!("caller{}{}", operation.method.as_str().to_lowercase(), name.len());
            vec![ring(world, ben, &caller).await]
        }
        // A letter between two others.
        name if name.contains(" /api/v1/letters/{id}") => {
            let pen = world.person(&format!("pen{}{}", operation.method.as_str().to_lowercase(), name.len())).await;
            vec![crate::letters::id(&crate::letters::send(&pen, "ben", "For Ben").await)]
        }
        "DELETE /api/v1/me/post-images/{id}" => {
            let upload = ben.request(reqwest::Method::POST, "/api/v1/me/post-images").body(picture());
            vec![ben.send(upload).await.expect(201)["id"].as_str().unwrap().to_owned()]
        }
        name if name.contains("/attachments/{id}") => {
            let whole = crate::attachments::attach(ben, "photo.png", &picture()).await;
            let half = crate::attachments::begin(ben, "half.png", 10).await;
            vec![whole["id"].as_str().unwrap().to_owned(), half.rsplit('/').next().unwrap().to_owned()]
        }
        other => panic!("{other} has a parameter: say here whose things it must not reach"),
    }
}

/// A post of somebody for their friends.
async fn hidden_post(ben: &Browser) -> String {
    let post = json!({ "client_id": fresh_id(), "text": "For friends", "audience": "friends" });
    ben.post("/api/v1/posts", post).await.expect(201)["id"].as_str().unwrap().to_owned()
}

/// A comment on such a post.
async fn hidden_comment(ben: &Browser) -> String {
    let comment = json!({ "client_id": fresh_id(), "text": "For friends" });
    let path = format!("/api/v1/posts/{}/comments", hidden_post(ben).await);
    ben.post(&path, comment).await.expect(201)["id"].as_str().unwrap().to_owned()
}

/// Conversations of somebody with Carl: of two, and a group.
async fn conversations(world: &World, ben: &Browser) -> Vec<String> {
    if world.browser().sign_in("carl", PASSWORD).await.status == 401 {
        world.person("carl").await;
    }
    let direct = ben.put("/api/v1/people/carl/conversation", Vec::new()).await.expect(200);
    let group = ben.post("/api/v1/conversations", json!({ "title": "Ours", "people": ["carl"] })).await.expect(201);
    [direct, group].map(|made| made["id"].as_str().unwrap().to_owned()).into()
}

/// A message in one of them.
async fn message(world: &World, ben: &Browser) -> String {
    let path = format!("/api/v1/conversations/{}/messages", conversations(world, ben).await[0]);
    let message = json!({ "client_id": fresh_id(), "text": "Between us" });
    ben.post(&path, message).await.expect(201)["id"].as_str().unwrap().to_owned()
}

/// A ring of somebody whom Ben knows.
async fn ring(world: &World, ben: &Browser, caller: &str) -> String {
    let browser = world.person(caller).await;
    ben.put(&format!("/api/v1/people/{caller}/follow"), Vec::new()).await.expect(200);
    let between = browser.put("/api/v1/people/ben/conversation", Vec::new()).await.expect(200);
    let path = format!("/api/v1/conversations/{}/rings", between["id"].as_str().unwrap());
    browser.post(&path, json!({ "media": "audio" })).await.expect(201)["id"].as_str().unwrap().to_owned()
}

/// People who are not there yet, or no longer; and an address instead of a name.
async fn hidden_people(world: &World) -> Vec<String> {
    if world.browser().sign_in("leaver", PASSWORD).await.status == 401 {
        world.browser().register("unverified").await;
        let leaver = world.person("leaver").await;
        leaver.post("/api/v1/me/deletion", json!({ "password": PASSWORD })).await.expect(200);
    }
    vec!["unverified".into(), "leaver".into(), email("ben")]
}

/// The ids in what somebody sees of their own, account, sessions, histories.
fn ids(everything: &[Value]) -> Vec<String> {
    let items = everything.iter().flat_map(|part| part["items"].as_array().cloned().unwrap_or_default());
    let all = items.chain(everything.first().cloned());
    all.map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

/// What of an answer somebody sees.
fn seen(answer: &Answer) -> (u16, String, Vec<(String, String)>) {
    let text = |value: &reqwest::header::HeaderValue| value.to_str().unwrap().to_owned();
    let headers = answer.headers.iter().filter(|(name, _)| *name != "date");
    let headers = headers.map(|(name, value)| (name.to_string(), text(value))).collect();
    (answer.status, String::from_utf8_lossy(&answer.bytes).into_owned(), headers)
}

story! {
    async fn what_is_anothers_is_as_if_it_were_not_there(world: World) {
        let (ann, ben) = (world.person("ann").await, world.person("ben").await);
        let mut tried = 0;
        for operation in operations(&world).iter().filter(|operation| !operation.in_path.is_empty()) {
            let taken = foreign(&world, operation, &ben).await;
            assert!(!taken.is_empty());
            let before = everything_of(&ben).await;
            for browser in [&ann, &world.browser()] {
                let ask = async |path: &str| {
                    // Whoever does not say what to look for, or sends no body, is told that before anything else.
                    let query = if operation.in_query.iter().any(|name| name == "q") { "?q=x" } else { "" };
                    let request = browser.request(operation.method.clone(), &format!("{path}{query}"));
                    browser.send(match operation.good_body() {
                        Some(body) => request.json(&body),
                        None => request,
                    }).await
                };
                let unknown = ask(&operation.some_path()).await;
                let is_open = operation.is_open() || browser.cookie().is_some();
                assert_eq!(unknown.status, if is_open { 404 } else { 401 }, "{}", operation.name());
                for value in taken.iter().map(String::as_str).chain([UNKNOWN_ID, "x", "\0", "%00", "../../etc/passwd"]) {
                    let answer = ask(&operation.path_with(value)).await;
                    assert_eq!(seen(&answer), seen(&unknown), "{} of {value}", operation.name());
                    tried += 1;
                }
            }
            assert_eq!(before, everything_of(&ben).await, "{}", operation.name());
        }
        assert!(tried >= 30, "{tried}");
    }
}

story! {
    async fn whatever_somebody_does_nobody_else_notices(world: World) {
        let ben = world.person("ben").await;
        ben.move_to("203.0.113.77");
        ben.sign_in("ben", PASSWORD).await.expect(200);
        ben.put("/api/v1/me/picture", picture()).await.expect(200);
        let before = everything_of(&ben).await;
        let account = before[0]["id"].as_str().unwrap().to_owned();
        let mut secrets = ids(&before);
        secrets.retain(|id| *id != account);
        secrets.extend([email("ben"), "203.0.113.77".into()]);
        for (index, operation) in operations(&world).iter().enumerate() {
            let ann = world.person(&format!("ann{index}")).await;
            // Whoever names another account is not heard.
            let query = ["id", "account", "account_id", "user", "user_id", "viewer"].map(|name| format!("{name}={account}"));
            for query in ["".to_owned(), query.join("&")] {
                let mut request = operation.call(&ann).build().unwrap();
                request.url_mut().set_query(Some(&query));
                let answer = ann.send(reqwest::RequestBuilder::from_parts(reqwest::Client::new(), request)).await;
                let body = String::from_utf8_lossy(&answer.bytes);
                // The outbox is for developers on this machine, and shows all.
                let told = secrets.iter().find(|secret| body.contains(*secret));
                assert!(told.is_none() || operation.path == "/api/v1/outbox", "{} tells {told:?}", operation.name());
            }
        }
        assert_eq!(before, everything_of(&ben).await);
    }
}
