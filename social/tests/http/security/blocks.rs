//! The block matrix: whatever one side of a block asks, by every route there is, and whatever its tabs are told, holds nothing
//! of the other side.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use super::surface::{Operation, encode, operations, picture};
use crate::support::{Answer, Browser, Events, PASSWORD, World, fresh_id, story};

/// Somebody whose texts, names and addresses all carry a mark.
struct Side {
    browser: Browser,
    username: String,
    id: String,
    /// What must not reach the other side.
    traces: Vec<String>,
    /// Ids of what is the person's own.
    things: BTreeSet<String>,
    /// Addresses of their images.
    images: Vec<String>,
}

impl Side {
    async fn new(world: &World, username: &str) -> Self {
        let browser = world.person(username).await;
        let mark = format!("mark-of-{username}");
        let change = json!({ "first_name": mark, "last_name": mark, "bio": mark, "about": mark });
        browser.patch("/api/v1/me/profile", change).await.expect(200);
        let me = browser.get("/api/v1/me").await.expect(200);
        let id = me["id"].as_str().unwrap().to_owned();
        let image = browser.put("/api/v1/me/picture", picture()).await.expect(200);
        let images = vec![text(&image, "url"), text(&image, "small_url")];
        let traces = vec![id.clone(), mark, format!("\"{username}\""), format!("{username}@")];
        Self { browser, username: username.into(), id, traces, things: BTreeSet::new(), images }
    }

    fn mark(&self) -> String {
        format!("mark-of-{}", self.username)
    }

    async fn put(&self, path: &str) -> Answer {
        self.browser.send(self.browser.request(Method::PUT, path)).await
    }

    async fn post(&mut self, audience: &str) -> String {
        let image =
            self.browser.send(self.browser.request(Method::POST, "/api/v1/me/post-images").body(picture())).await;
        let image = image.expect(201);
        self.images.extend([text(&image, "url"), text(&image, "small_url")]);
        let images = json!([{ "id": image["id"], "alt": self.mark() }]);
        let body = json!({ "client_id": fresh_id(), "text": self.mark(), "audience": audience, "images": images });
        let made = self.browser.post("/api/v1/posts", body).await.expect(201);
        self.keep(&made)
    }

    async fn comment(&mut self, post: &str, parent: Option<&str>) -> String {
        let body = json!({ "client_id": fresh_id(), "text": self.mark(), "parent": parent });
        let made = self.browser.post(&format!("/api/v1/posts/{post}/comments"), body).await.expect(201);
        self.keep(&made)
    }

    async fn write(&mut self, conversation: &str) -> String {
        let body = json!({ "client_id": fresh_id(), "text": self.mark() });
        let made = self.browser.post(&format!("/api/v1/conversations/{conversation}/messages"), body).await.expect(201);
        self.keep(&made)
    }

    /// Calls the others in a conversation.
    async fn ring(&mut self, conversation: &str) -> String {
        let path = format!("/api/v1/conversations/{conversation}/rings");
        let made = self.browser.post(&path, json!({ "media": "audio" })).await;
        assert!(made.status < 300, "{}: {}", made.status, made.json());
        self.keep(&made.json())
    }

    async fn letter(&mut self, to: &str, reply_to: Option<&str>) -> String {
        let (subject, text) = (self.mark(), self.mark());
        let body = json!({ "client_id": fresh_id(), "to": to, "subject": subject, "text": text, "reply_to": reply_to });
        let made = self.browser.post("/api/v1/letters", body).await.expect(201);
        self.keep(&made)
    }

    fn keep(&mut self, made: &Value) -> String {
        let id = text(made, "id");
        self.things.insert(id.clone());
        self.traces.push(id.clone());
        id
    }

    /// Signs in again if what was just tried has ended the session.
    async fn stay(&self) {
        if self.browser.get("/api/v1/me").await.status == 200 {
            return;
        }
        for password in [PASSWORD, "another good password"] {
            let restored = json!({ "identifier": self.username, "password": password });
            if self.browser.post("/api/v1/auth/restore", restored).await.status == 200 {
                return;
            }
            if self.browser.sign_in(&self.username, password).await.status == 200 {
                return;
            }
        }
        panic!("{} is locked out", self.username);
    }
}

fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_else(|| panic!("{field} in {value}")).to_owned()
}

#[track_caller]
fn assert_silent(body: &str, other: &Side, what: &str) {
    // One's own history says that one liked or commented on something, by an id that opens nothing any more.
    let is_history = ["/me/activity", "/me/export"].iter().any(|path| what.contains(path));
    let may_know = |trace: &String| is_history && other.things.contains(trace);
    let told = other.traces.iter().find(|trace| body.contains(*trace) && !may_know(trace));
    assert!(told.is_none(), "{what} tells {told:?}: {body}");
}

/// Three people who have all to do with each other: whatever can be between two people is between Ann and Ben, and Carl's
/// posts are where they meet.
struct Scene {
    ann: Side,
    ben: Side,
    carl: Side,
    meeting: String,
    group: String,
}

async fn scene(world: &World) -> Scene {
    let mut ann = Side::new(world, "annablock").await;
    let mut ben = Side::new(world, "benblock").await;
    let mut carl = Side::new(world, "carlthird").await;
    for (one, other) in [(&ann, &ben), (&ann, &carl), (&ben, &carl)] {
        one.put(&format!("/api/v1/people/{}/friend", other.username)).await.expect(200);
        other.put(&format!("/api/v1/people/{}/friend", one.username)).await.expect(200);
    }
    let meeting = carl.post("public").await;
    for (side, other) in [(&mut ann, &mut ben)] {
        for audience in ["public", "followers", "friends"] {
            let (of_ann, of_ben) = (side.post(audience).await, other.post(audience).await);
            for (one, post) in [(&mut *side, &of_ben), (&mut *other, &of_ann)] {
                one.put(&format!("/api/v1/posts/{post}/like")).await.expect(200);
                one.comment(post, None).await;
            }
        }
        let first = side.comment(&meeting, None).await;
        let reply = other.comment(&meeting, Some(&first)).await;
        side.put(&format!("/api/v1/comments/{reply}/like")).await.expect(200);
        other.put(&format!("/api/v1/comments/{first}/like")).await.expect(200);
    }
    for side in [&ann, &ben] {
        side.put(&format!("/api/v1/posts/{meeting}/like")).await.expect(200);
    }
    let between = ann.put(&format!("/api/v1/people/{}/conversation", ben.username)).await.expect(200);
    let people = json!({ "title": "All three", "people": [ann.username, ben.username] });
    let group = carl.browser.post("/api/v1/conversations", people).await.expect(201);
    let group = carl.keep(&group);
    for side in [&mut ann, &mut ben] {
        side.put(&format!("/api/v1/conversations/{group}/membership")).await.expect(200);
        side.keep(&between);
        side.write(between["id"].as_str().unwrap()).await;
    }
    for side in [&mut ann, &mut ben, &mut carl] {
        side.write(&group).await;
    }
    let between = text(&between, "id");
    ann.ring(&between).await;
    carl.ring(&group).await;
    ann.ring(&group).await;
    for (side, other) in [(&mut ann, &mut ben)] {
        let first = side.letter(&other.username, None).await;
        other.letter(&side.username, Some(&first)).await;
        for third in [&mut *side, &mut *other] {
            third.letter(&carl.username, None).await;
            carl.letter(&third.username, None).await;
        }
    }
    Scene { ann, ben, carl, meeting, group }
}

/// The values with which a side calls a route: the other's names and ids, and the third one's, who is not blocked.
fn values(operation: &Operation, other: &Side, third: &Side) -> Vec<String> {
    let Some(name) = operation.in_path.first() else { return vec![String::new()] };
    let known = |side: &Side| match name.as_str() {
        "username" => vec![side.username.clone()],
        "id" => side.things.iter().chain([&side.id]).cloned().collect(),
        "key" => side.images.iter().map(|url| url.trim_start_matches("/media/").to_owned()).collect(),
        other => panic!("{}: nobody knows a value for {other}", operation.path),
    };
    // Only who reads meets the third one's things: changing them would change the scene.
    let thirds = if operation.is_safe() { known(third) } else { Vec::new() };
    known(other).into_iter().chain(thirds).collect()
}

/// A body that names the other where it names a person.
fn naming(mut body: Value, other: &Side) -> Value {
    if let Some(to) = body.get_mut("to") {
        *to = json!(other.username);
    }
    body
}

/// Calls every route as `side`; how many calls.
async fn walk(world: &World, side: &Side, other: &Side, third: &Side) -> usize {
    let mut calls = 0;
    let blocked = side.browser.get("/api/v1/me/blocks").await.expect(200).to_string();
    let has_blocked = blocked.contains(&other.id);
    let is_walked = |operation: &&Operation| operation.path != "/api/v1/events" && operation.path != "/api/v1/outbox";
    for operation in operations(world).iter().filter(is_walked) {
        for value in values(operation, other, third) {
            // The list of whom one has blocked, which one's export has too, and the way to end it.
            let is_list =
                operation.path.ends_with("/me/blocks") || (has_blocked && operation.path.ends_with("/me/export"));
            if is_list || operation.name().starts_with("DELETE /api/v1/people/{username}/block") {
                continue;
            }
            let mut paths = vec![operation.path_about(&value, &other.username)];
            if operation.in_query.iter().any(|name| name == "q") {
                let queries = [other.mark(), other.username.clone(), crate::support::email(&other.username)];
                paths = queries.iter().map(|q| format!("{}?q={}", paths[0], encode(q))).collect();
            }
            for path in paths {
                let request = side.browser.request(operation.method.clone(), &path);
                let body = operation.good_body().map(|body| naming(body, other));
                let is_to_other = body.as_ref().is_some_and(|body| body["to"] == other.username);
                let request = match body {
                    Some(body) => request.json(&body),
                    None => request.body(picture()),
                };
                let answer = side.browser.send(request).await;
                let what = format!("{} {path} for {}: {}", operation.method, side.username, answer.status);
                assert_silent(&String::from_utf8_lossy(&answer.bytes), other, &what);
                assert!(answer.status < 500, "{what}");
                // What is named is as if it were not there, whoever it is.
                let is_in_path = !value.is_empty() && values(operation, other, other).contains(&value);
                let is_named = is_in_path || is_to_other;
                let is_refused = answer.status == 404;
                assert!(!is_named || is_refused || operation.in_path == ["key"], "{what}");
                calls += 1;
                side.stay().await;
            }
        }
    }
    calls
}

story! {
    async fn neither_side_finds_anything_of_the_other(world: World) {
        let Scene { mut ann, mut ben, mut carl, meeting, group } = scene(&world).await;
        let seen = ben.browser.get(&format!("/api/v1/posts/{meeting}/comments")).await;
        assert!(String::from_utf8_lossy(&seen.bytes).contains(&ann.mark()), "the scene has nothing to hide");
        ann.put(&format!("/api/v1/people/{}/block", ben.username)).await.expect(204);
        // After the block both go on.
        for side in [&mut ann, &mut ben] {
            side.post("public").await;
            side.comment(&meeting, None).await;
            side.write(&group).await;
            side.ring(&group).await;
        }
        carl.comment(&meeting, None).await;
        carl.write(&group).await;
        let calls = walk(&world, &ben, &ann, &carl).await + walk(&world, &ann, &ben, &carl).await;
        assert!(calls >= 300, "{calls}");
        // What a third one sees is whole.
        let seen = carl.browser.get(&format!("/api/v1/posts/{meeting}/comments")).await;
        let seen = String::from_utf8_lossy(&seen.bytes).into_owned();
        assert!(seen.contains(&ann.mark()) && seen.contains(&ben.mark()), "{seen}");
    }
}

/// Waits until a watcher is told of one of these posts.
async fn told_of(events: &mut Events, posts: &BTreeSet<String>) {
    let is_it = |event: &Value| event["type"] == "post_changed" && posts.contains(event["id"].as_str().unwrap());
    events.until(is_it).await;
}

story! {
    async fn a_block_cuts_the_events_of_open_tabs(world: World) {
        let Scene { mut ann, mut ben, carl, meeting, group } = scene(&world).await;
        let posts = async |side: &Side| {
            let page = side.browser.get(&format!("/api/v1/people/{}/posts", side.username)).await.expect(200);
            page["items"].as_array().unwrap().iter().map(|post| text(post, "id")).collect::<BTreeSet<_>>()
        };
        let (of_ann, of_ben) = (posts(&ann).await, posts(&ben).await);
        let all: Vec<_> = of_ann.iter().chain(&of_ben).chain([&meeting]).cloned().collect();
        let (mut ann_hears, _) = Events::open(&ann.browser).await;
        let (mut ben_hears, _) = Events::open(&ben.browser).await;
        for events in [&mut ann_hears, &mut ben_hears] {
            events.watch(&all).await;
        }
        // Until then each is told of the other.
        for post in &all {
            carl.put(&format!("/api/v1/posts/{post}/like")).await.expect(200);
        }
        told_of(&mut ann_hears, &of_ben).await;
        told_of(&mut ben_hears, &of_ann).await;
        ann.put(&format!("/api/v1/people/{}/block", ben.username)).await.expect(204);
        for events in [&mut ann_hears, &mut ben_hears] {
            events.until(|event| event["type"] == "connections_changed").await;
        }
        // From now on nothing, whatever they do; and then Carl does something that both are told.
        for side in [&mut ann, &mut ben] {
            let mine = side.post("public").await;
            side.comment(&meeting, None).await;
            let message = side.write(&group).await;
            side.ring(&group).await;
            side.browser.patch(&format!("/api/v1/messages/{message}"), json!({ "text": side.mark() + "!" })).await.expect(200);
            side.letter(&carl.username, None).await;
            side.browser.patch(&format!("/api/v1/posts/{mine}"), json!({ "text": side.mark() })).await.expect(200);
            for post in &all {
                side.put(&format!("/api/v1/posts/{post}/like")).await;
                side.browser.delete(&format!("/api/v1/posts/{post}/like")).await;
            }
        }
        for (side, events, other) in [(&ann, &mut ann_hears, &ben), (&ben, &mut ben_hears, &ann)] {
            let named = json!({ "client_id": fresh_id(), "text": format!("@{}", side.username), "parent": null });
            carl.browser.post(&format!("/api/v1/posts/{meeting}/comments"), named).await.expect(201);
            let is_it = |event: &Value| event["notification"]["kind"] == "mention";
            for event in events.until(is_it).await {
                assert_silent(&event.to_string(), other, &format!("an event for {}", side.username));
            }
        }
    }
}
