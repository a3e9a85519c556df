//! Calling the people of a conversation.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::chat_notices::{group, group_of};
use crate::comments::id;
use crate::conversations::{direct, friends, read};
use crate::notifications::{brief, delete, list, people, put};
use crate::support::database::Database;
use crate::support::{Answer, Browser, Events, World, soon, story};

const RING_TIME: Duration = Duration::from_secs(30);

async fn call(browser: &Browser, conversation: &str, media: &str) -> Answer {
    browser.post(&format!("/api/v1/conversations/{conversation}/rings"), json!({ "media": media })).await
}

/// A new ring.
async fn ring(browser: &Browser, conversation: &str) -> Value {
    call(browser, conversation, "video").await.expect(201)
}

async fn answer(browser: &Browser, ring: &Value, accept: bool) -> Answer {
    let path = format!("/api/v1/rings/{}/answer", id(ring));
    browser.send(browser.request(Method::PUT, &path).json(&json!({ "accept": accept }))).await
}

async fn stop(browser: &Browser, ring: &Value) -> Answer {
    browser.delete(&format!("/api/v1/rings/{}", id(ring))).await
}

async fn show(browser: &Browser, ring: &Value) -> Value {
    browser.get(&format!("/api/v1/rings/{}", id(ring))).await.expect(200)
}

/// Ids of the rings that somebody may answer.
async fn ringing(browser: &Browser) -> Vec<String> {
    browser.get("/api/v1/rings").await.expect(200).as_array().unwrap().iter().map(id).collect()
}

/// Whether it is over, and what became of each, by name.
fn states(ring: &Value) -> Value {
    let person = |one: &Value| (one["person"]["username"].as_str().unwrap().to_owned(), one["state"].clone());
    let people: serde_json::Map<_, _> = ring["people"].as_array().unwrap().iter().map(person).collect();
    json!([ring["state"], people])
}

/// The calls that somebody has missed.
async fn missed(browser: &Browser) -> Vec<Value> {
    list(browser).await.into_iter().filter(|one| one["kind"] == "missed_call").collect()
}

/// Waits until a tab is told that a ring is in this state.
async fn told(tab: &mut Events, ring: &Value, state: &str) -> Value {
    let is_it = |event: &Value| event["ring"]["id"] == ring["id"] && event["ring"]["state"] == state;
    tab.until(is_it).await.pop().unwrap()["ring"].clone()
}

/// People none of whom is a stranger to another.
async fn acquainted<const N: usize>(world: &World, names: [&str; N]) -> [Browser; N] {
    let people = people(world, names).await;
    for (browser, name) in people.iter().zip(names) {
        for other in names.iter().filter(|other| **other != name) {
            put(browser, &format!("people/{other}/follow")).await;
        }
    }
    people
}

async fn account(browser: &Browser) -> String {
    id(&browser.get("/api/v1/me").await.expect(200))
}

story! {
    async fn one_answer_stops_all_tabs_and_may_be_given_twice(world: World) {
        let (ann, ben) = friends(&world).await;
        let here = direct(&ann, "ben").await;
        let (mut ann_tab, _) = Events::open(&ann).await;
        let (mut first, _) = Events::open(&ben).await;
        let (mut second, _) = Events::open(&ben).await;
        let rung = ring(&ann, &here).await;
        assert_eq!(states(&rung), json!(["ringing", { "ben": "ringing" }]));
        assert_eq!((&rung["conversation"], &rung["title"], &rung["media"]), (&json!(here), &Value::Null, &json!("video")));
        assert_eq!((&rung["caller"]["username"], &rung["room"]), (&json!("ann"), &json!("room-0")));
        assert_eq!(rung["ends_at"].as_i64().unwrap() - rung["started_at"].as_i64().unwrap(), 30_000);
        // Once more it is the same.
        assert_eq!(call(&ann, &here, "audio").await.expect(200), rung);
        for tab in [&mut ann_tab, &mut first, &mut second] {
            assert_eq!(states(&told(tab, &rung, "ringing").await), states(&rung));
        }
        assert_eq!((ringing(&ann).await, ringing(&ben).await), (vec![id(&rung)], vec![id(&rung)]));
        for _ in 0..2 {
            assert_eq!(states(&answer(&ben, &rung, true).await.expect(200)), json!(["over", { "ben": "accepted" }]));
        }
        for tab in [&mut ann_tab, &mut first, &mut second] {
            assert_eq!(states(&told(tab, &rung, "over").await), json!(["over", { "ben": "accepted" }]));
        }
        answer(&ben, &rung, false).await.refused(409, "gone");
        stop(&ann, &rung).await.expect(204);
        assert!(ringing(&ann).await.is_empty() && ringing(&ben).await.is_empty());
        // Nobody has come into the room: the next call is another one.
        let again = ring(&ben, &here).await;
        assert_ne!(again["id"], rung["id"]);
        for _ in 0..2 {
            assert_eq!(states(&answer(&ann, &again, false).await.expect(200)), json!(["over", { "ann": "declined" }]));
        }
        answer(&ann, &again, true).await.refused(409, "gone");
        assert!(missed(&ann).await.is_empty() && missed(&ben).await.is_empty());
        assert_eq!(world.rooms.count(), 2);
    }
}

story! {
    async fn whoever_does_not_answer_in_time_has_missed_it_once(world: World) {
        let (ann, ben) = friends(&world).await;
        let here = direct(&ann, "ben").await;
        let (mut tab, _) = Events::open(&ben).await;
        let rung = ring(&ann, &here).await;
        told(&mut tab, &rung, "ringing").await;
        world.wait(RING_TIME - Duration::from_millis(1));
        assert_eq!(show(&ben, &rung).await["state"], "ringing");
        world.wait(Duration::from_millis(1));
        assert_eq!(states(&told(&mut tab, &rung, "over").await), json!(["over", { "ben": "missed" }]));
        let [notification] = missed(&ben).await.try_into().unwrap();
        assert_eq!(brief(&notification), json!(["missed_call", "ann", 0, false]));
        assert_eq!(notification["conversation"], json!(here));
        assert!(missed(&ann).await.is_empty());
        for accept in [true, false] {
            answer(&ben, &rung, accept).await.refused(409, "gone");
        }
        // Whoever opens the conversation has seen it.
        read(&ben, &here, 0).await;
        assert_eq!(missed(&ben).await[0]["is_read"], true);
        // Whoever is given up has missed it as well; once more changes nothing.
        world.wait(Duration::from_secs(1));
        let rung = ring(&ann, &here).await;
        stop(&ben, &rung).await.refused(403, "not_allowed");
        answer(&ann, &rung, true).await.refused(403, "not_allowed");
        for _ in 0..2 {
            stop(&ann, &rung).await.expect(204);
        }
        assert_eq!(states(&show(&ben, &rung).await), json!(["over", { "ben": "missed" }]));
        assert_eq!(missed(&ben).await.iter().map(|one| one["is_read"].clone()).collect::<Vec<_>>(), [false, true]);
    }
}

story! {
    async fn whoever_is_in_another_call_is_busy(world: World) {
        let [ann, ben, carl] = acquainted(&world, ["ann", "ben", "carl"]).await;
        let here = direct(&ann, "ben").await;
        let rung = ring(&ann, &here).await;
        // Ben is being rung, and Ann calls.
        for (name, other) in [("ben", &ben), ("ann", &ann)] {
            let busy = ring(&carl, &direct(&carl, name).await).await;
            assert_eq!(states(&busy), json!(["over", { name: "busy" }]));
            assert_eq!(brief(&missed(other).await[0]), json!(["missed_call", "carl", 0, false]));
            assert_eq!(ringing(other).await, [id(&rung)]);
            answer(other, &busy, true).await.refused(409, "gone");
        }
        answer(&ben, &rung, true).await.expect(200);
        let room = rung["room"].as_str().unwrap();
        world.rooms.put(room, &[&account(&ann).await, &account(&ben).await]);
        let with_ben = direct(&carl, "ben").await;
        assert_eq!(states(&ring(&carl, &with_ben).await), json!(["over", { "ben": "busy" }]));
        world.rooms.put(room, &[]);
        assert_eq!(states(&ring(&carl, &with_ben).await), json!(["ringing", { "ben": "ringing" }]));
    }
}

story! {
    async fn a_restart_loses_no_ring_and_notifies_once(world: World) {
        let (ann, ben) = friends(&world).await;
        let here = direct(&ann, "ben").await;
        let mut database = Database::open(&world).await;
        let told = "SELECT COUNT(*) FROM events WHERE kind = 'notification'";
        let before = database.number(told).await;
        let rung = ring(&ann, &here).await;
        world.stop_house();
        world.wait(2 * RING_TIME);
        // Nobody has written it down yet; but its time is over.
        assert_eq!(states(&show(&ben, &rung).await), json!(["over", { "ben": "missed" }]));
        answer(&ben, &rung, true).await.refused(409, "gone");
        assert!(ringing(&ben).await.is_empty() && missed(&ben).await.is_empty());
        // Two processes on one database do it once.
        world.keep_house_again().await;
        world.keep_house_again().await;
        soon(async { while missed(&ben).await.is_empty() {} }).await;
        ring(&ann, &here).await;
        world.wait(2 * RING_TIME);
        soon(async { while database.number("SELECT COUNT(*) FROM rings WHERE NOT is_over").await > 0 {} }).await;
        assert_eq!(database.number(told).await, before + 2);
        assert_eq!(missed(&ben).await.len(), 1);
        // Old rings are forgotten.
        assert_eq!(database.number("SELECT COUNT(*) FROM rings").await, 2);
        world.wait(Duration::from_secs(25 * 3600));
        world.social.sweep().await.unwrap();
        assert_eq!(database.number("SELECT COUNT(*) FROM rings").await, 0);
    }
}

story! {
    async fn only_those_who_have_said_yes_are_called(world: World) {
        let [ann, ben] = people(&world, ["ann", "ben"]).await;
        let asked = direct(&ann, "ben").await;
        for one in [&ann, &ben] {
            call(one, &asked, "audio").await.refused(403, "not_allowed");
        }
        put(&ben, &format!("conversations/{asked}/membership")).await;
        // Whose it is not knows nothing of it.
        let rung = ring(&ann, &asked).await;
        let carl = world.person("carl").await;
        carl.get(&format!("/api/v1/rings/{}", id(&rung))).await.refused(404, "not_found");
        answer(&carl, &rung, true).await.refused(404, "not_found");
        stop(&carl, &rung).await.refused(404, "not_found");
        call(&carl, &asked, "audio").await.refused(404, "not_found");
        assert!(ringing(&carl).await.is_empty());
        // A room, a group without anybody else, one that is too large, and one that one has left.
        let wish = json!({ "title": "Chess", "is_public": true, "people": [] });
        let room = id(&ann.post("/api/v1/chat-rooms", wish).await.expect(201));
        put(&ben, &format!("chat-rooms/{room}/membership")).await;
        call(&ann, &room, "audio").await.refused(403, "not_allowed");
        let here = group(&ann, "Hike", &["ben"]).await;
        call(&ann, &here, "audio").await.refused(403, "not_allowed");
        call(&ben, &here, "audio").await.refused(404, "not_found");
        put(&ben, &format!("conversations/{here}/membership")).await;
        let mut database = Database::writable(&world).await;
        database.run("UPDATE conversations SET members = 51 WHERE kind = 'group'").await;
        call(&ann, &here, "audio").await.refused(403, "not_allowed");
        database.run("UPDATE conversations SET members = 2 WHERE kind = 'group'").await;
        delete(&ben, &format!("conversations/{here}/membership")).await;
        call(&ben, &here, "audio").await.refused(404, "not_found");
        assert_eq!(world.rooms.count(), 1);
    }
}

story! {
    async fn a_group_answers_each_for_themselves_and_late_ones_join(world: World) {
        let [ann, ben, carl, dora] = people(&world, ["ann", "ben", "carl", "dora"]).await;
        let here = group_of(&ann, "Hike", [(&ben, "ben"), (&carl, "carl"), (&dora, "dora")]).await;
        let rung = call(&ann, &here, "audio").await.expect(201);
        assert_eq!((&rung["title"], &rung["media"]), (&json!("Hike"), &json!("audio")));
        answer(&ben, &rung, true).await.expect(200);
        let after = answer(&carl, &rung, false).await.expect(200);
        let mixed = json!({ "ben": "accepted", "carl": "declined", "dora": "ringing" });
        assert_eq!(states(&after), json!(["ringing", mixed]));
        // Whoever calls where one is called comes along.
        let joined = call(&dora, &here, "video").await.expect(200);
        assert_eq!((&joined["id"], &joined["media"]), (&rung["id"], &json!("audio")));
        let all = json!({ "ben": "accepted", "carl": "declined", "dora": "accepted" });
        assert_eq!(states(&joined), json!(["over", all]));
        // So does whoever calls while they are still in it; afterwards it is a new call.
        let room = rung["room"].as_str().unwrap();
        world.rooms.put(room, &[&account(&ann).await, &account(&ben).await]);
        let late = call(&carl, &here, "video").await.expect(200);
        assert_eq!((&late["id"], &late["people"][1]["state"]), (&rung["id"], &json!("accepted")));
        world.rooms.put(room, &[]);
        let again = ring(&carl, &here).await;
        answer(&ann, &again, true).await.expect(200);
        world.wait(RING_TIME);
        let gone = json!({ "ann": "accepted", "ben": "missed", "dora": "missed" });
        assert_eq!(states(&show(&carl, &again).await), json!(["over", gone]));
        soon(async { while missed(&dora).await.is_empty() {} }).await;
        assert_eq!((missed(&ann).await.len(), missed(&ben).await.len()), (0, 1));
        assert_eq!(missed(&ben).await[0]["excerpt"], "Hike");
    }
}

story! {
    async fn a_block_hides_a_ring_from_either_side(world: World) {
        let [ann, ben, carl] = people(&world, ["ann", "ben", "carl"]).await;
        let here = group_of(&ann, "Hike", [(&ben, "ben"), (&carl, "carl")]).await;
        let rung = ring(&ann, &here).await;
        put(&ben, "people/ann/block").await;
        ben.get(&format!("/api/v1/rings/{}", id(&rung))).await.refused(404, "not_found");
        answer(&ben, &rung, true).await.refused(404, "not_found");
        assert!(ringing(&ben).await.is_empty());
        assert_eq!(states(&show(&ann, &rung).await), json!(["ringing", { "carl": "ringing" }]));
        stop(&ann, &rung).await.expect(204);
        assert_eq!((missed(&ben).await.len(), missed(&carl).await.len()), (0, 1));
        // The next call is none of each other's.
        assert_eq!(states(&ring(&ann, &here).await), json!(["ringing", { "carl": "ringing" }]));
        assert_eq!(states(&ring(&ben, &here).await), json!(["over", { "carl": "busy" }]));
    }
}

story! {
    async fn missed_calls_can_be_unwanted_and_go_with_the_account(world: World) {
        let (ann, ben) = friends(&world).await;
        let here = direct(&ann, "ben").await;
        let wish = json!({ "muted": ["missed_call"] });
        ben.send(ben.request(Method::PUT, "/api/v1/me/notification-settings").json(&wish)).await.expect(200);
        let rung = ring(&ann, &here).await;
        stop(&ann, &rung).await.expect(204);
        assert!(missed(&ben).await.is_empty());
        let kept = ben.post("/api/v1/me/export", json!({ "password": crate::support::PASSWORD })).await.expect(200);
        assert_eq!((&kept["rings"][0]["id"], &kept["rings"][0]["state"]), (&rung["id"], &json!("missed")));
        let mut database = Database::writable(&world).await;
        database.run("DELETE FROM accounts WHERE username = 'ann'").await;
        ben.get(&format!("/api/v1/rings/{}", id(&rung))).await.refused(404, "not_found");
        assert_eq!(database.number("SELECT COUNT(*) FROM ring_people").await, 0);
    }
}
