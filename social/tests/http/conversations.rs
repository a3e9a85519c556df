//! Conversations of two and of groups, and what is written in them.

use std::time::Duration;

use serde_json::{Value, json};

use crate::attachments::attach;
use crate::comments::id;
use crate::posts::put;
use crate::support::database::Database;
use crate::support::{Browser, Events, World, fresh_id, story};

/// The conversation of somebody with somebody else.
pub async fn direct(browser: &Browser, username: &str) -> String {
    id(&put(browser, &format!("/api/v1/people/{username}/conversation")).await.expect(200))
}

pub async fn write(browser: &Browser, conversation: &str, text: &str) -> Value {
    let wish = json!({ "client_id": fresh_id(), "text": text });
    browser.post(&format!("/api/v1/conversations/{conversation}/messages"), wish).await.expect(201)
}

pub async fn texts(browser: &Browser, conversation: &str) -> Vec<String> {
    let page = browser.get(&format!("/api/v1/conversations/{conversation}/messages")).await.expect(200);
    let items = page["items"].as_array().unwrap();
    items.iter().rev().map(|one| one["text"].as_str().unwrap().to_owned()).collect()
}

async fn list(browser: &Browser, query: &str) -> Vec<Value> {
    browser.get(&format!("/api/v1/conversations{query}")).await.expect(200)["items"].as_array().unwrap().clone()
}

async fn unread(browser: &Browser) -> [i64; 2] {
    let found = browser.get("/api/v1/conversations/unread").await.expect(200);
    [found["unread"].as_i64().unwrap(), found["requests"].as_i64().unwrap()]
}

pub async fn read(browser: &Browser, conversation: &str, seq: i64) {
    let body = json!({ "seq": seq }).to_string();
    let path = format!("/api/v1/conversations/{conversation}/read");
    let request = browser.request(reqwest::Method::PUT, &path).header("content-type", "application/json").body(body);
    browser.send(request).await.expect(204);
}

/// Two who follow each other, so that neither is a stranger.
pub async fn friends(world: &World) -> (Browser, Browser) {
    let (ann, ben) = (world.person("ann").await, world.person("ben").await);
    put(&ann, "/api/v1/people/ben/follow").await.expect(200);
    put(&ben, "/api/v1/people/ann/follow").await.expect(200);
    (ann, ben)
}

/// The next message that a tab is told, without what is told of reading.
async fn told(events: &mut Events) -> Value {
    events.until(|event| event["type"] == "message").await.pop().unwrap()
}

story! {
    async fn two_write_to_each_other_and_each_tab_hears_it_once(world: World) {
        let (ann, ben) = friends(&world).await;
        let here = direct(&ann, "ben").await;
        assert_eq!(direct(&ben, "ann").await, here);
        assert!(list(&ann, "").await.is_empty() && list(&ben, "").await.is_empty());
        let (mut ann_tab, _) = Events::open(&ann).await;
        let (mut ben_tab, _) = Events::open(&ben).await;
        let wish = json!({ "client_id": fresh_id(), "text": " Hello\n" });
        let path = format!("/api/v1/conversations/{here}/messages");
        let first = ann.post(&path, wish.clone()).await.expect(201);
        assert_eq!((&first["text"], &first["seq"], &first["author"]["username"]), (&json!("Hello"), &json!(1), &json!("ann")));
        assert_eq!(ann.post(&path, wish).await.expect(200), first);
        for tab in [&mut ann_tab, &mut ben_tab] {
            let event = told(tab).await;
            assert_eq!((&event["conversation"], &event["change"], &event["message"]["id"]), (&json!(here), &json!(1), &first["id"]));
        }
        let [seen] = list(&ben, "").await.try_into().unwrap();
        assert_eq!((&seen["unread"], &seen["other"]["username"], &seen["last"]["text"]), (&json!(1), &json!("ann"), &json!("Hello")));
        assert_eq!((unread(&ann).await, unread(&ben).await), ([0, 0], [1, 0]));
        // Who has read it, hears so in all tabs; the other one sees that it was seen.
        read(&ben, &here, 99).await;
        ben_tab.until(|event| event["type"] == "conversation_changed").await;
        let seen = ann_tab.until(|event| event["type"] == "seen").await.pop().unwrap();
        assert_eq!((&seen["read_to"], &seen["delivered_to"]), (&json!(1), &json!(1)));
        assert_eq!(list(&ann, "").await[0]["seen_to"], 1);
        assert_eq!(unread(&ben).await, [0, 0]);
        // An answer names what it answers, of the same conversation only.
        let wish = json!({ "client_id": fresh_id(), "text": "Hi", "reply_to": first["id"] });
        let answer = ben.post(&path, wish).await.expect(201);
        assert_eq!(answer["reply_to"], first["id"]);
        let wish = json!({ "client_id": fresh_id(), "text": "Hi", "reply_to": fresh_id() });
        ben.post(&path, wish).await.invalid("reply_to");
        assert_eq!(told(&mut ann_tab).await["message"]["text"], "Hi");
        assert_eq!(texts(&ann, &here).await, ["Hello", "Hi"]);
    }
}

story! {
    async fn a_message_is_changed_deleted_hidden_and_cleared(world: World) {
        let (ann, ben) = friends(&world).await;
        let here = direct(&ann, "ben").await;
        let [one, two, three] = [write(&ann, &here, "One").await, write(&ann, &here, "Two").await, write(&ben, &here, "Three").await];
        let (mut tab, _) = Events::open(&ben).await;
        let path = |message: &Value| format!("/api/v1/messages/{}", id(message));
        ben.patch(&path(&one), json!({ "text": "Mine" })).await.refused(404, "not_found");
        let changed = ann.patch(&path(&one), json!({ "text": "First" })).await.expect(200);
        assert_eq!((&changed["seq"], &changed["changed"], changed["edited_at"].is_i64()), (&json!(1), &json!(4), true));
        assert_eq!(told(&mut tab).await["message"], { let mut same = changed.clone(); same["author"] = json!(changed["author"]); same });
        ben.delete(&path(&two)).await.refused(404, "not_found");
        ann.delete(&path(&two)).await.expect(204);
        let gone = told(&mut tab).await;
        assert_eq!((&gone["change"], &gone["message"]["text"], &gone["message"]["is_deleted"]), (&json!(5), &json!(""), &json!(true)));
        ann.patch(&path(&two), json!({ "text": "Back" })).await.refused(404, "not_found");
        // What one deletes for oneself stays for the other, and does not come back when it is changed.
        ben.delete(&format!("{}/copy", path(&one))).await.expect(204);
        let cleared = tab.until(|event| event["type"] == "messages_cleared").await.pop().unwrap();
        assert_eq!(cleared["conversation"], json!(here));
        assert_eq!(texts(&ben, &here).await, ["", "Three"]);
        assert_eq!(texts(&ann, &here).await, ["First", "", "Three"]);
        ann.patch(&path(&one), json!({ "text": "Again" })).await.expect(200);
        let event = told(&mut tab).await;
        assert_eq!((&event["change"], &event["message"]), (&json!(6), &Value::Null));
        // Whoever was away asks for what was changed since.
        let changes = ann.get(&format!("/api/v1/conversations/{here}/changes?after=3")).await.expect(200);
        let items: Vec<_> = changes["items"].as_array().unwrap().iter().map(|one| one["changed"].as_i64().unwrap()).collect();
        assert_eq!((items, &changes["seq"], &changes["more"]), (vec![5, 6], &json!(6), &json!(false)));
        let changes = ben.get(&format!("/api/v1/conversations/{here}/changes?after=5")).await.expect(200);
        assert_eq!((changes["items"].as_array().unwrap().len(), &changes["seq"]), (0, &json!(6)));
        ben.delete(&format!("/api/v1/conversations/{here}/messages")).await.expect(204);
        assert!(texts(&ben, &here).await.is_empty());
        ben.get(&format!("/api/v1/conversations/{here}/changes?after=0")).await.expect(200);
        ben.patch(&path(&three), json!({ "text": "x" })).await.refused(404, "not_found");
        assert_eq!(texts(&ann, &here).await, ["Again", "", "Three"]);
        write(&ann, &here, "Four").await;
        assert_eq!(texts(&ben, &here).await, ["Four"]);
    }
}

story! {
    async fn a_stranger_waits_for_a_yes(world: World) {
        let (ann, eve) = (world.person("ann").await, world.person("eve").await);
        let here = direct(&eve, "ann").await;
        assert_eq!(unread(&ann).await, [0, 0]);
        for text in ["1", "2", "3", "4", "5"] {
            write(&eve, &here, text).await;
        }
        let path = format!("/api/v1/conversations/{here}/messages");
        eve.post(&path, json!({ "client_id": fresh_id(), "text": "6" })).await.refused(409, "limit_reached");
        assert_eq!(unread(&ann).await, [0, 1]);
        assert!(list(&ann, "").await.is_empty());
        let [request] = list(&ann, "?requests=true").await.try_into().unwrap();
        assert_eq!((&request["state"], &request["other"]["username"]), (&json!("requested"), &json!("eve")));
        // The stranger does not hear that it was read, nor of the no.
        read(&ann, &here, 5).await;
        assert_eq!(list(&eve, "").await[0]["state"], "joined");
        ann.delete(&format!("/api/v1/conversations/{here}/membership")).await.expect(204);
        assert_eq!((unread(&ann).await, list(&ann, "?requests=true").await.len()), ([0, 0], 0));
        assert_eq!(texts(&eve, &here).await.len(), 5);
        // Who answers says yes.
        write(&ann, &here, "Hello after all").await;
        assert_eq!(list(&ann, "").await[0]["state"], "joined");
        write(&eve, &here, "7").await;
        assert_eq!(texts(&ann, &here).await, ["Hello after all", "7"]);
        ann.delete(&format!("/api/v1/conversations/{here}/membership")).await.invalid("id");
    }
}

story! {
    async fn a_group_is_made_joined_renamed_and_left(world: World) {
        let (ann, ben, carl) = (world.person("ann").await, world.person("ben").await, world.person("carl").await);
        let (mut tab, _) = Events::open(&ben).await;
        let wish = json!({ "title": " Walks ", "people": ["ben", "carl", "ben", "ann"] });
        let here = id(&ann.post("/api/v1/conversations", wish).await.expect(201));
        tab.until(|event| event["type"] == "conversation_changed").await;
        assert_eq!(unread(&ben).await, [0, 1]);
        let path = format!("/api/v1/conversations/{here}");
        let [invitation] = list(&ben, "?requests=true").await.try_into().unwrap();
        assert_eq!((&invitation["title"], &invitation["state"], &invitation["last"]), (&json!("Walks"), &json!("invited"), &Value::Null));
        write(&ann, &here, "Before anybody came").await;
        ben.post(&format!("{path}/messages"), json!({ "client_id": fresh_id(), "text": "x" })).await.refused(404, "not_found");
        assert!(texts(&ben, &here).await.is_empty());
        for one in [&ben, &carl] {
            world.wait(Duration::from_secs(1));
            assert_eq!(put(one, &format!("{path}/membership")).await.expect(200)["state"], "joined");
        }
        assert_eq!(ann.get(&path).await.expect(200)["members"], 3);
        write(&ann, &here, "Welcome").await;
        // Each reads what was written since they came.
        assert_eq!(texts(&ben, &here).await.last().unwrap(), "Welcome");
        assert!(!texts(&ben, &here).await.contains(&"Before anybody came".to_owned()));
        let people = ben.get(&format!("{path}/members")).await.expect(200);
        let roles: Vec<_> = people["items"].as_array().unwrap().iter().map(|one| (one["person"]["username"].clone(), one["role"].clone())).collect();
        assert_eq!(roles, [("ann", "owner"), ("ben", "member"), ("carl", "member")].map(|(name, role)| (json!(name), json!(role))));
        // Members may not; moderators may, but not remove each other.
        ben.patch(&path, json!({ "title": "Runs" })).await.refused(403, "not_allowed");
        ben.delete(&format!("{path}/members/carl")).await.refused(403, "not_allowed");
        ann.patch(&format!("{path}/members/ben"), json!({ "role": "moderator" })).await.expect(204);
        assert_eq!(ben.patch(&path, json!({ "title": "Runs" })).await.expect(200)["title"], "Runs");
        ben.delete(&format!("{path}/members/ann")).await.refused(403, "not_allowed");
        ben.delete(&format!("{path}/members/carl")).await.expect(204);
        carl.get(&path).await.refused(404, "not_found");
        carl.post(&format!("{path}/messages"), json!({ "client_id": fresh_id(), "text": "x" })).await.refused(404, "not_found");
        carl.get(&format!("{path}/changes?after=0")).await.refused(404, "not_found");
        // The owner goes: the moderator is it. The last one takes all along.
        ann.delete(&format!("{path}/membership")).await.expect(204);
        assert_eq!(ben.get(&path).await.expect(200)["role"], "owner");
        ben.delete(&format!("{path}/membership")).await.expect(204);
        ben.get(&path).await.refused(404, "not_found");
    }
}

story! {
    async fn a_block_ends_what_two_write_and_hides_it_in_groups(world: World) {
        let (ann, ben) = friends(&world).await;
        let carl = world.person("carl").await;
        let here = direct(&ann, "ben").await;
        write(&ann, &here, "Secret").await;
        let group = id(&carl.post("/api/v1/conversations", json!({ "title": "All", "people": ["ann", "ben"] })).await.expect(201));
        for one in [&ann, &ben] {
            put(one, &format!("/api/v1/conversations/{group}/membership")).await.expect(200);
        }
        let (mut tab, _) = Events::open(&ben).await;
        put(&ann, "/api/v1/people/ben/block").await.expect(204);
        let path = format!("/api/v1/conversations/{here}");
        for one in [&ann, &ben] {
            assert_eq!(list(one, "").await.iter().filter(|found| id(found) == here).count(), 0);
            one.get(&path).await.refused(404, "not_found");
            one.get(&format!("{path}/messages")).await.refused(404, "not_found");
            one.post(&format!("{path}/messages"), json!({ "client_id": fresh_id(), "text": "x" })).await.refused(404, "not_found");
        }
        assert_eq!(unread(&ben).await, [0, 0]);
        put(&ben, "/api/v1/people/ann/conversation").await.refused(404, "not_found");
        // In the group both read what the third one writes.
        write(&ann, &group, "From Ann").await;
        write(&carl, &group, "From Carl").await;
        let hidden = told(&mut tab).await;
        assert_eq!(hidden["message"], Value::Null);
        assert_eq!(told(&mut tab).await["message"]["text"], "From Carl");
        assert_eq!(texts(&ben, &group).await.last().unwrap(), "From Carl");
        assert!(!texts(&ben, &group).await.contains(&"From Ann".to_owned()));
        let people = ben.get(&format!("/api/v1/conversations/{group}/members")).await.expect(200);
        assert!(people["items"].as_array().unwrap().iter().all(|one| one["person"]["username"] != "ann"));
    }
}

story! {
    async fn messages_are_found_and_what_is_none_is_refused(world: World) {
        let (ann, ben) = friends(&world).await;
        let here = direct(&ann, "ben").await;
        for text in ["Où est le café?", "東京に行く", "100% sure", "nothing"] {
            write(&ann, &here, text).await;
        }
        for (query, found) in [("CAFE", "Où est le café?"), ("京", "東京に行く"), ("100%25", "100% sure")] {
            let page = ben.get(&format!("/api/v1/conversations/{here}/search?q={query}")).await.expect(200);
            let items: Vec<_> = page["items"].as_array().unwrap().iter().map(|one| one["text"].as_str().unwrap()).collect();
            assert_eq!(items, [found], "{query}");
        }
        ben.get(&format!("/api/v1/conversations/{here}/search?q=%20")).await.invalid("q");
        let path = format!("/api/v1/conversations/{here}/messages");
        for text in ["", " \n", "a\0b", "\u{202e}abc", &"x".repeat(4001)] {
            ann.post(&path, json!({ "client_id": fresh_id(), "text": text })).await.invalid("text");
        }
        let huge = json!({ "client_id": fresh_id(), "text": "x".repeat(1024 * 1024) });
        ann.post(&path, huge).await.refused(413, "message_too_large");
        let forged = json!({ "client_id": fresh_id(), "text": "x", "author": "ben" });
        ann.post(&path, forged).await.refused(400, "invalid_message");
        assert_eq!(texts(&ann, &here).await.len(), 4);
        put(&ann, "/api/v1/people/ann/conversation").await.invalid("username");
        put(&ann, "/api/v1/people/nobody/conversation").await.refused(404, "not_found");
        ann.post("/api/v1/conversations", json!({ "title": "x", "people": ["nobody"] })).await.invalid("people");
        ann.post("/api/v1/conversations", json!({ "title": " ", "people": [] })).await.invalid("title");
        assert_eq!(list(&ann, "").await.len(), 1);
    }
}

story! {
    async fn nobody_has_more_than_a_thousand_conversations(world: World) {
        let (ann, ben) = friends(&world).await;
        Database::writable(&world).await.fill_chats("ann", 1000).await;
        let begin = async || ann.post("/api/v1/conversations", json!({ "title": "One more", "people": [] })).await;
        begin().await.refused(409, "limit_reached");
        put(&ann, "/api/v1/people/ben/conversation").await.refused(409, "limit_reached");
        put(&ben, "/api/v1/people/ann/conversation").await.refused(409, "limit_reached");
        ben.post("/api/v1/conversations", json!({ "title": "And one more", "people": ["ann"] })).await
            .refused(409, "limit_reached");
        assert_eq!((list(&ben, "").await.len(), list(&ann, "?requests=true").await.len()), (0, 0));
        // Who leaves one has room for another.
        let [one, ..] = &list(&ann, "?limit=1").await[..] else { panic!("there are some") };
        let path = format!("/api/v1/conversations/{}/membership", one["id"].as_str().unwrap());
        ann.delete(&path).await.expect(204);
        begin().await.expect(201);
    }
}

story! {
    async fn an_account_that_goes_leaves_no_words(world: World) {
        let (ann, ben) = friends(&world).await;
        let here = direct(&ann, "ben").await;
        write(&ann, &here, "Xylophone").await;
        write(&ben, &here, "Yes").await;
        let group = id(&ann.post("/api/v1/conversations", json!({ "title": "Band", "people": ["ben"] })).await.expect(201));
        put(&ben, &format!("/api/v1/conversations/{group}/membership")).await.expect(200);
        let export = ann.post("/api/v1/me/export", json!({ "password": crate::support::PASSWORD })).await.expect(200);
        assert_eq!(export["messages"][0]["text"], "Xylophone");
        assert_eq!(export["conversations"].as_array().unwrap().len(), 2);
        ann.post("/api/v1/me/deletion", json!({ "password": crate::support::PASSWORD })).await.expect(200);
        world.wait(Duration::from_secs(15 * 24 * 3600));
        world.social.purge().await.unwrap();
        ben.sign_in("ben", crate::support::PASSWORD).await.expect(200);
        assert_eq!(texts(&ben, &here).await, ["", "Yes"]);
        let shown = ben.get(&format!("/api/v1/conversations/{here}")).await.expect(200);
        assert_eq!((&shown["other"], &shown["members"]), (&Value::Null, &json!(1)));
        assert_eq!(ben.get(&format!("/api/v1/conversations/{group}")).await.expect(200)["role"], "owner");
    }
}

story! {
    async fn what_is_attached_is_for_those_who_read_the_message(world: World) {
        let (ann, ben) = friends(&world).await;
        let eve = world.person("eve").await;
        let here = direct(&ann, "ben").await;
        let path = format!("/api/v1/conversations/{here}/messages");
        let message = |text: &str, ids: Vec<Value>| json!({ "client_id": fresh_id(), "text": text, "attachments": ids });
        let (first, second) = (attach(&ann, "notes.bin", b"\x01\x02\x03").await, attach(&ann, "more.bin", b"\x04").await);
        ben.get(first["url"].as_str().unwrap()).await.refused(404, "not_found");
        // Somebody else's, unknown, twice the same, too many, or nothing at all: no message.
        let foreign = attach(&eve, "foreign.bin", b"\x05").await;
        let eleven = (0..11).map(|_| json!(fresh_id())).collect();
        for ids in [vec![foreign["id"].clone()], vec![json!(fresh_id())], vec![first["id"].clone(), first["id"].clone()], eleven] {
            ann.post(&path, message("See", ids)).await.invalid("attachments");
        }
        ann.post(&path, message("", Vec::new())).await.invalid("text");
        assert!(texts(&ann, &here).await.is_empty());
        let (mut tab, _) = Events::open(&ben).await;
        let sent = ann.post(&path, message("", vec![first["id"].clone(), second["id"].clone()])).await.expect(201);
        assert_eq!(sent["attachments"], json!([first, second]));
        assert_eq!(told(&mut tab).await["message"]["attachments"], sent["attachments"]);
        assert_eq!(list(&ben, "").await[0]["last"]["attachments"], sent["attachments"]);
        // In a second message it is not there any more; the first one's are read by both, and by nobody else.
        ann.post(&path, message("Again", vec![first["id"].clone()])).await.invalid("attachments");
        for (browser, status) in [(&ann, 200), (&ben, 200), (&eve, 404), (&world.browser(), 401)] {
            assert_eq!(browser.get(first["url"].as_str().unwrap()).await.status, status);
        }
        ann.delete(&format!("/api/v1/messages/{}", id(&sent))).await.expect(204);
        assert_eq!(told(&mut tab).await["message"]["attachments"], json!([]));
        for browser in [&ann, &ben] {
            browser.get(first["url"].as_str().unwrap()).await.refused(404, "not_found");
        }
        assert!(world.stored().iter().all(|(_, bytes)| bytes.as_slice() != b"\x01\x02\x03"));
    }
}
