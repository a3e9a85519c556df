//! What people are notified of in conversations: messages and invitations.

use serde_json::{Value, json};

use crate::comments::id;
use crate::conversations::{direct, friends, read, write};
use crate::notifications::{brief, briefs, delete, list, people, put, unread};
use crate::support::database::Database;
use crate::support::{Browser, Events, World, story};

/// A group with a name, to which these people are invited.
pub async fn group(browser: &Browser, title: &str, people: &[&str]) -> String {
    let wish = json!({ "title": title, "people": people });
    id(&browser.post("/api/v1/conversations", wish).await.expect(201))
}

/// A group in which all of them are.
pub async fn group_of<const N: usize>(owner: &Browser, title: &str, others: [(&Browser, &str); N]) -> String {
    let here = group(owner, title, &others.map(|(_, name)| name)).await;
    for (browser, _) in others {
        put(browser, &format!("conversations/{here}/membership")).await;
    }
    here
}

async fn change(browser: &Browser, path: &str, method: reqwest::Method, body: Value) {
    let request = browser.request(method, &format!("/api/v1/{path}"));
    let request = request.header("content-type", "application/json").body(body.to_string());
    browser.send(request).await.expect(200);
}

/// Waits until a tab has heard of this many unread notifications.
async fn told(tab: &mut Events, unread: i64) {
    tab.until(|event| event["type"] != "hello" && event["unread"] == unread).await;
}

story! {
    async fn the_first_message_that_is_unread_notifies_until_all_is_read(world: World) {
        let (ann, ben) = friends(&world).await;
        delete(&ben, "notifications").await;
        let here = direct(&ann, "ben").await;
        let (mut tab, _) = Events::open(&ben).await;
        let first = write(&ann, &here, "Hello").await;
        told(&mut tab, 1).await;
        let second = write(&ann, &here, "Are you there?").await;
        let [notification] = list(&ben).await.try_into().unwrap();
        assert_eq!(brief(&notification), json!(["message", "ann", 0, false]));
        assert_eq!((&notification["conversation"], &notification["excerpt"]), (&json!(here), &Value::Null));
        // Something is unread still.
        read(&ben, &here, first["seq"].as_i64().unwrap()).await;
        assert_eq!(unread(&ben).await, 1);
        for _ in 0..2 {
            read(&ben, &here, second["seq"].as_i64().unwrap()).await;
            assert_eq!(briefs(&ben).await, [json!(["message", "ann", 0, true])]);
        }
        told(&mut tab, 0).await;
        // Who answers has read; who clears has nothing left to read.
        write(&ann, &here, "Still there?").await;
        told(&mut tab, 1).await;
        write(&ben, &here, "Yes").await;
        told(&mut tab, 0).await;
        write(&ann, &here, "Good").await;
        assert_eq!(unread(&ben).await, 1);
        ben.delete(&format!("/api/v1/conversations/{here}/messages")).await.expect(204);
        assert_eq!(unread(&ben).await, 0);
        // Ann has answered.
        assert!(briefs(&ann).await.contains(&json!(["message", "ben", 0, true])));
    }
}

story! {
    async fn in_a_group_the_first_of_several_notifies(world: World) {
        let [ann, ben, carl] = people(&world, ["ann", "ben", "carl"]).await;
        let here = group_of(&ann, "Hike", [(&ben, "ben"), (&carl, "carl")]).await;
        write(&ann, &here, "Sunday?").await;
        write(&carl, &here, "Yes").await;
        let [notification] = list(&ben).await.try_into().unwrap();
        assert_eq!(brief(&notification), json!(["message", "ann", 0, false]));
        assert_eq!((&notification["conversation"], &notification["excerpt"]), (&json!(here), &json!("Hike")));
        assert_eq!(briefs(&ann).await, [json!(["message", "carl", 0, false])]);
        // Carl has answered.
        assert_eq!(briefs(&carl).await, [json!(["message", "ann", 0, true])]);
        // Who leaves is not notified of it any more.
        delete(&ben, &format!("conversations/{here}/membership")).await;
        assert!(list(&ben).await.is_empty());
    }
}

story! {
    async fn nobody_is_notified_who_wants_to_hear_nothing(world: World) {
        let [ann, ben, carl] = people(&world, ["ann", "ben", "carl"]).await;
        let here = group_of(&ann, "Hike", [(&ben, "ben"), (&carl, "carl")]).await;
        change(&ben, &format!("conversations/{here}"), reqwest::Method::PATCH, json!({ "is_muted": true })).await;
        let muted = json!({ "muted": ["message", "group_invitation"] });
        change(&carl, "me/notification-settings", reqwest::Method::PUT, muted).await;
        write(&ann, &here, "Sunday?").await;
        group(&ann, "Another", &["carl"]).await;
        assert!(list(&ben).await.is_empty() && list(&carl).await.is_empty());
    }
}

story! {
    async fn rooms_and_large_groups_notify_of_no_messages(world: World) {
        let [ann, ben] = people(&world, ["ann", "ben"]).await;
        let wish = json!({ "title": "Chess", "is_public": true, "people": [] });
        let room = id(&ann.post("/api/v1/chat-rooms", wish).await.expect(201));
        put(&ben, &format!("chat-rooms/{room}/membership")).await;
        write(&ann, &room, "Who plays?").await;
        let here = group_of(&ann, "Hike", [(&ben, "ben")]).await;
        let mut database = Database::writable(&world).await;
        database.run("UPDATE conversations SET members = 51 WHERE kind = 'group'").await;
        write(&ann, &here, "Sunday?").await;
        assert!(list(&ben).await.is_empty());
        database.run("UPDATE conversations SET members = 50 WHERE kind = 'group'").await;
        read(&ben, &here, i64::MAX).await;
        write(&ann, &here, "Or Monday?").await;
        assert_eq!(briefs(&ben).await, [json!(["message", "ann", 0, false])]);
    }
}

story! {
    async fn a_stranger_who_was_turned_away_notifies_no_more(world: World) {
        let [ann, ben] = people(&world, ["ann", "ben"]).await;
        let here = direct(&ann, "ben").await;
        write(&ann, &here, "You do not know me").await;
        assert_eq!(briefs(&ben).await, [json!(["message", "ann", 0, false])]);
        let (mut tab, _) = Events::open(&ben).await;
        delete(&ben, &format!("conversations/{here}/membership")).await;
        told(&mut tab, 0).await;
        write(&ann, &here, "But still").await;
        assert!(list(&ben).await.is_empty());
    }
}

story! {
    async fn an_invitation_notifies_until_it_is_answered_or_taken_back(world: World) {
        let [ann, ben, carl] = people(&world, ["ann", "ben", "carl"]).await;
        let here = group(&ann, "Hike", &["ben", "carl"]).await;
        let invited = json!(["group_invitation", "ann", 0, false]);
        let [notification] = list(&ben).await.try_into().unwrap();
        assert_eq!((brief(&notification), &notification["conversation"]), (invited.clone(), &json!(here)));
        assert_eq!(notification["excerpt"], "Hike");
        let (mut tab, _) = Events::open(&ben).await;
        delete(&ann, &format!("conversations/{here}/members/ben")).await;
        told(&mut tab, 0).await;
        assert!(list(&ben).await.is_empty());
        put(&ann, &format!("conversations/{here}/members/ben")).await;
        told(&mut tab, 1).await;
        put(&ben, &format!("conversations/{here}/membership")).await;
        told(&mut tab, 0).await;
        assert!(list(&ben).await.is_empty());
        // The group goes with the last who is in it, and the invitation with it.
        assert_eq!(briefs(&carl).await, [invited]);
        let (mut tab, _) = Events::open(&carl).await;
        for one in [&ann, &ben] {
            delete(one, &format!("conversations/{here}/membership")).await;
        }
        told(&mut tab, 0).await;
        assert!(list(&carl).await.is_empty());
    }
}

story! {
    async fn a_block_takes_what_was_told_of_conversations(world: World) {
        let [ann, ben, carl] = people(&world, ["ann", "ben", "carl"]).await;
        let here = group_of(&ann, "Hike", [(&ben, "ben"), (&carl, "carl")]).await;
        write(&ann, &here, "Sunday?").await;
        put(&ben, "people/ann/block").await;
        assert!(list(&ben).await.is_empty());
        // What one does not see is not unread either.
        write(&ann, &here, "Anybody?").await;
        assert!(list(&ben).await.is_empty());
        write(&carl, &here, "Yes").await;
        assert_eq!(briefs(&ben).await, [json!(["message", "carl", 0, false])]);
    }
}
