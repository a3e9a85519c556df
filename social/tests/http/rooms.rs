//! Chat rooms, which are gone after a week.

use std::time::Duration;

use serde_json::{Value, json};

use crate::comments::id;
use crate::conversations::{texts, write};
use crate::posts::put;
use crate::support::{Browser, Events, World, fresh_id, soon, story};

const DAY: Duration = Duration::from_secs(24 * 3600);

async fn room(browser: &Browser, title: &str, is_public: bool, people: &[&str]) -> String {
    let wish = json!({ "title": title, "is_public": is_public, "people": people });
    id(&browser.post("/api/v1/chat-rooms", wish).await.expect(201))
}

async fn rooms(browser: &Browser) -> Vec<Value> {
    browser.get("/api/v1/chat-rooms").await.expect(200)["items"].as_array().unwrap().clone()
}

/// The usernames of a room's members.
async fn names(browser: &Browser, path: &str, query: &str) -> Vec<String> {
    let page = browser.get(&format!("{path}/members{query}")).await.expect(200);
    page["items"].as_array().unwrap().iter().map(|one| one["person"]["username"].as_str().unwrap().to_owned()).collect()
}

/// Waits until a question has this status.
async fn until_status(browser: &Browser, path: &str, status: u16) {
    soon(async { while browser.get(path).await.status != status {} }).await;
}

story! {
    async fn a_public_room_is_found_joined_and_gone_after_a_week(world: World) {
        let (ann, ben) = (world.person("ann").await, world.person("ben").await);
        let here = room(&ann, "Chess tonight", true, &[]).await;
        let path = format!("/api/v1/conversations/{here}");
        write(&ann, &here, "Who plays?").await;
        let [found] = rooms(&ben).await.try_into().unwrap();
        assert_eq!((&found["title"], &found["members"], &found["state"]), (&json!("Chess tonight"), &json!(1), &Value::Null));
        ben.get(&path).await.refused(404, "not_found");
        ben.post(&format!("{path}/messages"), json!({ "client_id": fresh_id(), "text": "x" })).await.refused(404, "not_found");
        for _ in 0..2 {
            assert_eq!(put(&ben, &format!("/api/v1/chat-rooms/{here}/membership")).await.expect(200)["state"], "joined");
        }
        assert_eq!((&rooms(&ben).await[0]["members"], &rooms(&ben).await[0]["state"]), (&json!(2), &json!("joined")));
        // Who comes reads all that was written.
        assert_eq!(texts(&ben, &here).await, ["Chess tonight", "Who plays?"]);
        let (mut tab, _) = Events::open(&ben).await;
        let left = |shown: &Value| shown["expires_at"].as_i64().unwrap();
        let end = left(&ben.get(&path).await.expect(200));
        // A day before the end all are warned, once; the room goes by itself, also from open tabs.
        world.wait(6 * DAY + Duration::from_secs(120));
        let warning = tab.until(|event| event["type"] == "message").await.pop().unwrap();
        assert_eq!((&warning["message"]["kind"], &warning["message"]["author"]), (&json!("expires"), &Value::Null));
        assert_eq!(left(&ben.get(&path).await.expect(200)), end);
        write(&ben, &here, "Last call").await;
        world.wait(Duration::from_secs(120));
        assert_eq!(texts(&ann, &here).await.iter().filter(|text| text.is_empty()).count(), 1);
        world.wait(DAY);
        until_status(&ann, &path, 404).await;
        tab.until(|event| event["type"] == "conversation_changed" && event["id"] == json!(here)).await;
        assert!(rooms(&ann).await.is_empty());
        ben.post(&format!("{path}/messages"), json!({ "client_id": fresh_id(), "text": "x" })).await.refused(404, "not_found");
        put(&ben, &format!("/api/v1/chat-rooms/{here}/membership")).await.refused(404, "not_found");
    }
}

story! {
    async fn a_private_room_lets_in_whom_its_people_want(world: World) {
        let (ann, ben, carl) = (world.person("ann").await, world.person("ben").await, world.person("carl").await);
        let here = room(&ann, "Surprise", false, &["ben"]).await;
        let path = format!("/api/v1/conversations/{here}");
        assert!(rooms(&carl).await.is_empty());
        assert_eq!(put(&ben, &format!("{path}/membership")).await.expect(200)["state"], "joined");
        write(&ann, &here, "Cake").await;
        // Who asks knows nothing yet, and cannot say yes to themselves.
        let asked = put(&carl, &format!("/api/v1/chat-rooms/{here}/membership")).await.expect(200);
        assert_eq!((&asked["state"], &asked["last"], &asked["unread"]), (&json!("asking"), &Value::Null, &json!(0)));
        for door in [format!("{path}/membership"), format!("/api/v1/chat-rooms/{here}/membership")] {
            assert_eq!(put(&carl, &door).await.expect(200)["state"], "asking");
        }
        assert!(texts(&carl, &here).await.is_empty());
        carl.get(&format!("{path}/members")).await.refused(404, "not_found");
        carl.post(&format!("{path}/messages"), json!({ "client_id": fresh_id(), "text": "x" })).await.refused(404, "not_found");
        assert_eq!((names(&ann, &path, "").await, names(&ann, &path, "?asking=true").await), (vec!["ann".into(), "ben".into()], vec!["carl".into()]));
        ben.get(&format!("{path}/members?asking=true")).await.refused(403, "not_allowed");
        let asking = async |one: &Browser| one.get(&path).await.expect(200)["asking"].clone();
        assert_eq!((asking(&ann).await, asking(&ben).await), (json!(1), json!(0)));
        put(&ben, &format!("{path}/members/carl")).await.refused(403, "not_allowed");
        put(&ann, &format!("{path}/members/carl")).await.expect(204);
        assert_eq!(carl.get(&path).await.expect(200)["members"], 3);
        assert_eq!(texts(&carl, &here).await, ["Surprise", "Cake"]);
        assert_eq!(asking(&ann).await, 0);
    }
}

story! {
    async fn a_room_has_somebody_who_looks_after_it(world: World) {
        let (ann, ben, carl) = (world.person("ann").await, world.person("ben").await, world.person("carl").await);
        // A private one goes to who has been in it longest, and with the last: nobody could let others in.
        let here = room(&ann, "Surprise", false, &["ben"]).await;
        let (path, door) = (format!("/api/v1/conversations/{here}"), format!("/api/v1/chat-rooms/{here}/membership"));
        put(&ben, &format!("{path}/membership")).await.expect(200);
        put(&carl, &door).await.expect(200);
        ann.delete(&format!("{path}/membership")).await.expect(204);
        assert_eq!(ben.get(&path).await.expect(200)["role"], "owner");
        let (mut tab, _) = Events::open(&carl).await;
        ben.delete(&format!("{path}/membership")).await.expect(204);
        tab.until(|event| event["type"] == "conversation_changed" && event["id"] == json!(here)).await;
        carl.get(&path).await.refused(404, "not_found");
        put(&carl, &door).await.refused(404, "not_found");
        // A public one waits for whoever comes, who then looks after it.
        let here = room(&ann, "Open house", true, &[]).await;
        ann.delete(&format!("/api/v1/conversations/{here}/membership")).await.expect(204);
        let came = put(&ben, &format!("/api/v1/chat-rooms/{here}/membership")).await.expect(200);
        assert_eq!((&came["role"], &came["members"]), (&json!("owner"), &json!(1)));
        assert_eq!(put(&ann, &format!("/api/v1/chat-rooms/{here}/membership")).await.expect(200)["role"], "member");
    }
}

story! {
    async fn who_was_removed_comes_again_only_when_invited(world: World) {
        let (ann, ben) = (world.person("ann").await, world.person("ben").await);
        for is_public in [true, false] {
            let here = room(&ann, "Chess", is_public, &[]).await;
            let (path, door) = (format!("/api/v1/conversations/{here}"), format!("/api/v1/chat-rooms/{here}/membership"));
            // From a private one Ben is not let in.
            put(&ben, &door).await.expect(200);
            let (mut tab, _) = Events::open(&ben).await;
            ann.delete(&format!("{path}/members/ben")).await.expect(204);
            tab.until(|event| event["type"] == "conversation_changed" && event["id"] == json!(here)).await;
            ben.get(&path).await.refused(404, "not_found");
            put(&ben, &door).await.refused(403, "not_allowed");
            // Taking the invitation back leaves it to Ben to come.
            put(&ann, &format!("{path}/members/ben")).await.expect(204);
            ann.delete(&format!("{path}/members/ben")).await.expect(204);
            put(&ben, &door).await.expect(200);
        }
    }
}

story! {
    async fn a_room_is_seen_by_who_has_its_link_and_tells_of_who_comes(world: World) {
        let (ann, ben) = (world.person("ann").await, world.person("ben").await);
        for is_public in [true, false] {
            let here = room(&ann, "Chess", is_public, &[]).await;
            let (link, door) = (format!("/api/v1/chat-rooms/{here}"), format!("/api/v1/chat-rooms/{here}/membership"));
            let seen = ben.get(&link).await.expect(200);
            assert_eq!((&seen["title"], &seen["is_public"], &seen["members"], &seen["state"]), (&json!("Chess"), &json!(is_public), &json!(1), &Value::Null));
            let (mut tab, _) = Events::open(&ann).await;
            let state = put(&ben, &door).await.expect(200)["state"].clone();
            tab.until(|event| event["type"] == "conversation_changed" && event["id"] == json!(here)).await;
            assert_eq!(ben.get(&link).await.expect(200)["state"], state);
            let waiting = ben.get("/api/v1/conversations?requests=true").await.expect(200);
            assert_eq!(waiting["items"].as_array().unwrap().len(), usize::from(!is_public));
        }
        let requests = ben.get("/api/v1/conversations/unread").await.expect(200);
        assert_eq!(requests["requests"], 0);
        // A group is no room.
        let group = id(&ann.post("/api/v1/conversations", json!({ "title": "Cooks", "people": [] })).await.expect(201));
        ben.get(&format!("/api/v1/chat-rooms/{group}")).await.refused(404, "not_found");
    }
}

story! {
    async fn rooms_are_not_without_number(world: World) {
        let ann = world.person("ann").await;
        for number in 0..20 {
            room(&ann, &format!("Room {number}"), number % 2 == 0, &[]).await;
        }
        let wish = json!({ "title": "One more", "is_public": true });
        ann.post("/api/v1/chat-rooms", wish).await.refused(409, "limit_reached");
        for title in ["", " \n", "a\0b", &"x".repeat(101)] {
            ann.post("/api/v1/chat-rooms", json!({ "title": title, "is_public": true })).await.invalid("title");
        }
        let first = ann.get("/api/v1/chat-rooms?limit=6").await.expect(200);
        let rest = ann.get(&format!("/api/v1/chat-rooms?limit=6&after={}", first["next"].as_str().unwrap())).await.expect(200);
        assert_eq!((first["items"].as_array().unwrap().len(), rest["items"].as_array().unwrap().len()), (6, 4));
    }
}
