//! Who is here, and who may write to somebody.

use std::time::Duration;

use serde_json::{Value, json};

use crate::comments::id;
use crate::conversations::{direct, friends, write};
use crate::posts::put;
use crate::support::{Browser, Events, World, fresh_id, story};

/// How the viewer sees the other one of a conversation.
async fn presence(browser: &Browser, conversation: &str) -> Value {
    browser.get(&format!("/api/v1/conversations/{conversation}")).await.expect(200)["presence"].clone()
}

/// Lets time pass until the viewer sees the other one like this.
async fn sees(world: &World, viewer: &Browser, conversation: &str, is_it: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..100 {
        let found = presence(viewer, conversation).await;
        if is_it(&found) {
            return found;
        }
        world.wait(Duration::from_secs(1));
    }
    panic!("never seen so: {}", presence(viewer, conversation).await);
}

async fn set(browser: &Browser, change: Value) {
    browser.patch("/api/v1/me/profile", change).await.expect(200);
}

async fn told(tab: &mut Events) -> Value {
    tab.until(|event| event["type"] == "presence").await.pop().unwrap()
}

story! {
    async fn two_who_write_to_each_other_see_who_is_here(world: World) {
        let (ann, ben) = friends(&world).await;
        let here = direct(&ann, "ben").await;
        assert_eq!(presence(&ben, &here).await, Value::Null);
        let (mut ben_tab, _) = Events::open(&ben).await;
        let (ann_tab, _) = Events::open(&ann).await;
        let found = sees(&world, &ben, &here, |presence| presence["is_here"] == true).await;
        let event = told(&mut ben_tab).await;
        assert_eq!(event["presence"]["is_here"], true);
        // Nobody else knows, and a tab more or less is nothing new.
        let eve = world.person("eve").await;
        let asked = direct(&eve, "ann").await;
        write(&eve, &asked, "Hello?").await;
        assert_eq!((presence(&eve, &asked).await, presence(&ann, &asked).await), (Value::Null, Value::Null));
        drop(Events::open(&ann).await);
        drop(ann_tab);
        let gone = sees(&world, &ben, &here, |presence| presence["is_here"] == false).await;
        assert!(gone["last_seen"].as_i64() >= found["last_seen"].as_i64(), "{gone} {found}");
        assert_eq!(told(&mut ben_tab).await["presence"], gone);
        world.wait(Duration::from_secs(3600));
        assert_eq!(presence(&ben, &here).await, gone);
    }
}

story! {
    async fn who_hides_it_neither_shows_nor_sees_who_is_here(world: World) {
        let (ann, ben) = friends(&world).await;
        let here = direct(&ann, "ben").await;
        let (mut ann_tab, _) = Events::open(&ann).await;
        let (mut ben_tab, _) = Events::open(&ben).await;
        sees(&world, &ann, &here, |presence| presence["is_here"] == true).await;
        sees(&world, &ben, &here, |presence| presence["is_here"] == true).await;
        told(&mut ann_tab).await;
        set(&ann, json!({ "shows_presence": false })).await;
        let hidden = ben_tab.until(|event| event["presence"].is_null() && event["type"] == "presence").await.pop();
        assert_eq!(hidden.unwrap()["account"], ann.get("/api/v1/people/ann").await.expect(200)["id"]);
        ann_tab.until(|event| event["type"] == "messages_gap").await;
        assert_eq!((presence(&ann, &here).await, presence(&ben, &here).await), (Value::Null, Value::Null));
        // Time does not bring it back; she does.
        for _ in 0..3 {
            world.wait(Duration::from_secs(30));
            assert_eq!(presence(&ben, &here).await, Value::Null);
        }
        set(&ann, json!({ "shows_presence": true })).await;
        assert_eq!(told(&mut ben_tab).await["presence"]["is_here"], true);
        assert_eq!(presence(&ben, &here).await["is_here"], true);
        sees(&world, &ann, &here, |presence| presence["is_here"] == true).await;
    }
}

story! {
    async fn strangers_are_received_as_one_wishes(world: World) {
        let (ann, eve) = (world.person("ann").await, world.person("eve").await);
        let bob = world.person("bob").await;
        assert_eq!(ann.get("/api/v1/me/profile").await.expect(200)["messages_from"], "requests");
        let asked = direct(&eve, "ann").await;
        write(&eve, &asked, "Hello?").await;
        let letter = |to: &str| json!({ "client_id": fresh_id(), "to": to, "subject": "Hello", "text": "Hello" });
        let unanswered = id(&eve.post("/api/v1/letters", letter("ann")).await.expect(201));

        set(&ann, json!({ "messages_from": "known" })).await;
        assert_eq!(eve.get("/api/v1/people/ann").await.expect(200)["may_write"], false);
        let more = json!({ "client_id": fresh_id(), "text": "Hello??" });
        eve.post(&format!("/api/v1/conversations/{asked}/messages"), more).await.refused(403, "not_allowed");
        put(&bob, "/api/v1/people/ann/conversation").await.refused(403, "not_allowed");
        bob.post("/api/v1/letters", letter("ann")).await.refused(403, "not_allowed");
        let mut again = letter("ann");
        again["reply_to"] = unanswered.into();
        eve.post("/api/v1/letters", again).await.refused(403, "not_allowed");
        let group = json!({ "title": "Ours", "people": ["ann"] });
        bob.post("/api/v1/conversations", group).await.refused(403, "not_allowed");
        let ours = id(&bob.post("/api/v1/conversations", json!({ "title": "Ours", "people": [] })).await.expect(201));
        put(&bob, &format!("/api/v1/conversations/{ours}/members/ann")).await.refused(403, "not_allowed");

        // Whom she follows she knows, and who has her letter may answer it.
        let sent = id(&ann.post("/api/v1/letters", letter("bob")).await.expect(201));
        let mut answer = letter("ann");
        answer["reply_to"] = sent.into();
        bob.post("/api/v1/letters", answer).await.expect(201);
        put(&ann, "/api/v1/people/bob/follow").await.expect(200);
        assert_eq!(bob.get("/api/v1/people/ann").await.expect(200)["may_write"], true);
        let here = direct(&bob, "ann").await;
        write(&bob, &here, "Hello").await;
        let found = ann.get(&format!("/api/v1/conversations/{here}")).await.expect(200);
        assert_eq!(found["state"], "joined");

        set(&ann, json!({ "messages_from": "everybody" })).await;
        let dan = world.person("dan").await;
        let here = direct(&dan, "ann").await;
        write(&dan, &here, "Hello").await;
        assert_eq!(ann.get(&format!("/api/v1/conversations/{here}")).await.expect(200)["state"], "joined");
        ann.patch("/api/v1/me/profile", json!({ "messages_from": "nobody" })).await.refused(400, "invalid_message");
    }
}
