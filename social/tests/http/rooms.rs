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
        assert_eq!((&found["title"], &found["members"], &found["is_joined"]), (&json!("Chess tonight"), &json!(1), &json!(false)));
        ben.get(&path).await.refused(404, "not_found");
        ben.post(&format!("{path}/messages"), json!({ "client_id": fresh_id(), "text": "x" })).await.refused(404, "not_found");
        for _ in 0..2 {
            assert_eq!(put(&ben, &format!("/api/v1/chat-rooms/{here}/membership")).await.expect(200)["state"], "joined");
        }
        assert_eq!((&rooms(&ben).await[0]["members"], &rooms(&ben).await[0]["is_joined"]), (&json!(2), &json!(true)));
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
        let members = ann.get(&format!("{path}/members")).await.expect(200);
        assert!(members["items"].as_array().unwrap().iter().any(|one| one["state"] == "asking"));
        put(&ben, &format!("{path}/members/carl")).await.refused(403, "not_allowed");
        put(&ann, &format!("{path}/members/carl")).await.expect(204);
        assert_eq!(carl.get(&path).await.expect(200)["members"], 3);
        assert_eq!(texts(&carl, &here).await, ["Surprise", "Cake"]);
        // Its owner leaves; the room stays until its time, also without anybody.
        for one in [&ann, &ben, &carl] {
            one.delete(&format!("{path}/membership")).await.expect(204);
        }
        assert_eq!(put(&ann, &format!("/api/v1/chat-rooms/{here}/membership")).await.expect(200)["state"], "asking");
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
