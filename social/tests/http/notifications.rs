//! Notifications: made, grouped, read, deleted, muted, taken back.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Browser, World, story};

pub async fn people<const N: usize>(world: &World, names: [&str; N]) -> [Browser; N] {
    let mut people = Vec::new();
    for name in names {
        people.push(world.person(name).await);
    }
    people.try_into().unwrap_or_else(|_| unreachable!())
}

pub async fn put(browser: &Browser, path: &str) {
    let answer = browser.put(&format!("/api/v1/{path}"), Vec::new()).await;
    assert!(answer.status < 300, "{path}: {} {}", answer.status, answer.json());
}

pub async fn delete(browser: &Browser, path: &str) {
    let answer = browser.delete(&format!("/api/v1/{path}")).await;
    assert!(answer.status < 300, "{path}: {} {}", answer.status, answer.json());
}

pub async fn list(browser: &Browser) -> Vec<Value> {
    browser.get("/api/v1/notifications").await.expect(200)["items"].as_array().unwrap().clone()
}

pub async fn unread(browser: &Browser) -> Value {
    browser.get("/api/v1/notifications/unread").await.expect(200)["unread"].clone()
}

/// Its kind, who did it, how many more, and whether it was read.
pub fn brief(notification: &Value) -> Value {
    let actors = notification["actors"].as_array().unwrap().iter();
    let actors: Vec<_> = actors.map(|actor| actor["username"].as_str().unwrap()).collect();
    json!([notification["kind"], actors.join(" "), notification["others"], notification["is_read"]])
}

pub async fn briefs(browser: &Browser) -> Vec<Value> {
    list(browser).await.iter().map(brief).collect()
}

story! {
    async fn followers_are_grouped_until_they_are_read(world: World) {
        let [ann, ben, carl, dora, eve, finn] = people(&world, ["ann", "ben", "carl", "dora", "eve", "finn"]).await;
        for person in [&ben, &carl, &dora, &eve] {
            world.wait(Duration::from_secs(1));
            put(person, "people/ann/follow").await;
        }
        assert_eq!(briefs(&ann).await, [json!(["follow", "eve dora carl", 1, false])]);
        let first = list(&ann).await.remove(0);
        let id = first["id"].as_str().unwrap();
        put(&ann, &format!("notifications/{id}/read")).await;
        put(&ann, &format!("notifications/{id}/read")).await;
        assert_eq!(unread(&ann).await, 0);
        world.wait(Duration::from_secs(1));
        put(&finn, "people/ann/follow").await;
        let both = [json!(["follow", "finn", 0, false]), json!(["follow", "eve dora carl", 1, true])];
        assert_eq!(briefs(&ann).await, both);
        assert_eq!(unread(&ann).await, 1);
        // Whoever follows no longer is taken out, also of what was read.
        delete(&dora, "people/ann/follow").await;
        assert_eq!(briefs(&ann).await[1], json!(["follow", "eve carl ben", 0, true]));
        delete(&finn, "people/ann/follow").await;
        assert_eq!((list(&ann).await.len(), unread(&ann).await), (1, json!(0)));
        for person in [&ben, &carl, &eve] {
            delete(person, "people/ann/follow").await;
        }
        assert!(list(&ann).await.is_empty());
        for other in [&ben, &carl, &dora] {
            assert!(list(other).await.is_empty());
        }
    }
}

story! {
    async fn requests_of_friends_come_one_by_one(world: World) {
        let [ann, ben, carl] = people(&world, ["ann", "ben", "carl"]).await;
        for person in [&ben, &carl] {
            world.wait(Duration::from_secs(1));
            put(person, "people/ann/friend").await;
        }
        let both = [json!(["friend_request", "carl", 0, false]), json!(["friend_request", "ben", 0, false])];
        assert_eq!(briefs(&ann).await, both);
        put(&ann, "people/ben/friend").await;
        assert_eq!(briefs(&ben).await, [json!(["friend_accepted", "ann", 0, false])]);
        assert_eq!(briefs(&ann).await, both[..1]);
        delete(&carl, "people/ann/friend").await;
        assert!(list(&ann).await.is_empty());
    }
}

story! {
    async fn what_is_there_can_be_paged_read_and_deleted(world: World) {
        let [ann, ben, carl, dora] = people(&world, ["ann", "ben", "carl", "dora"]).await;
        for person in [&ben, &carl, &dora] {
            world.wait(Duration::from_secs(1));
            put(person, "people/ann/friend").await;
        }
        let all = list(&ann).await;
        let page = ann.get("/api/v1/notifications?limit=2").await.expect(200);
        assert_eq!(page["items"], json!(all[..2]));
        let next = page["next"].as_str().unwrap();
        let page = ann.get(&format!("/api/v1/notifications?limit=2&after={next}")).await.expect(200);
        assert_eq!((&page["items"], &page["next"]), (&json!(all[2..]), &Value::Null));
        let id = |index: usize| all[index]["id"].as_str().unwrap().to_owned();
        put(&ann, &format!("notifications/{}/read", id(1))).await;
        let page = ann.get("/api/v1/notifications?unread=true").await.expect(200);
        assert_eq!(page["items"], json!([all[0], all[2]]));
        delete(&ann, &format!("notifications/{}", id(0))).await;
        ann.delete(&format!("/api/v1/notifications/{}", id(0))).await.refused(404, "not_found");
        assert_eq!(unread(&ann).await, 1);
        put(&ann, "notifications/read").await;
        assert_eq!((unread(&ann).await, list(&ann).await.len()), (json!(0), 2));
        delete(&ann, "notifications").await;
        delete(&ann, "notifications").await;
        assert!(list(&ann).await.is_empty());
        for (method, path) in [(Method::PUT, "/read"), (Method::DELETE, "")] {
            let other = ben.request(method, &format!("/api/v1/notifications/{}{path}", id(1)));
            ben.send(other).await.refused(404, "not_found");
        }
    }
}

story! {
    async fn muted_kinds_do_not_come(world: World) {
        let [ann, ben] = people(&world, ["ann", "ben"]).await;
        let settings = "/api/v1/me/notification-settings";
        assert_eq!(ann.get(settings).await.expect(200), json!({ "muted": [] }));
        let change = async |muted: Value| {
            let request = ann.request(Method::PUT, settings).json(&json!({ "muted": muted }));
            ann.send(request).await
        };
        let muted = change(json!(["mention", "follow", "follow"])).await.expect(200);
        assert_eq!(muted, json!({ "muted": ["follow", "mention"] }));
        assert_eq!(ann.get(settings).await.expect(200), muted);
        change(json!(["nothing"])).await.refused(400, "invalid_message");
        change(json!(vec!["follow"; 33])).await.invalid("muted");
        put(&ben, "people/ann/follow").await;
        put(&ben, "people/ann/friend").await;
        assert_eq!(briefs(&ann).await, [json!(["friend_request", "ben", 0, false])]);
        assert_eq!(change(json!([])).await.expect(200), json!({ "muted": [] }));
        delete(&ben, "people/ann/follow").await;
        put(&ben, "people/ann/follow").await;
        assert_eq!(list(&ann).await.len(), 2);
    }
}

story! {
    async fn a_block_takes_back_what_was_told(world: World) {
        let [ann, ben, carl] = people(&world, ["ann", "ben", "carl"]).await;
        for person in [&ben, &carl] {
            put(person, "people/ann/follow").await;
            put(person, "people/ann/friend").await;
        }
        put(&ann, "people/ben/friend").await;
        put(&ben, "people/ann/block").await;
        assert!(list(&ben).await.is_empty());
        let left: Vec<_> = list(&ann).await.iter().map(|found| brief(found)[1].clone()).collect();
        assert_eq!(left, ["carl", "carl"]);
        delete(&ben, "people/ann/block").await;
        assert_eq!((list(&ann).await.len(), unread(&ann).await), (2, json!(2)));
    }
}

story! {
    async fn whoever_leaves_is_not_shown_and_not_counted(world: World) {
        let [ann, ben, carl] = people(&world, ["ann", "ben", "carl"]).await;
        put(&ben, "people/ann/follow").await;
        put(&carl, "people/ann/follow").await;
        put(&ben, "people/ann/friend").await;
        assert_eq!(unread(&ann).await, 2);
        let leave = json!({ "password": crate::support::PASSWORD });
        ben.post("/api/v1/me/deletion", leave).await.expect(200);
        assert_eq!(briefs(&ann).await, [json!(["follow", "carl", 0, false])]);
        assert_eq!(unread(&ann).await, 1);
        let claim = json!({ "identifier": "ben", "password": crate::support::PASSWORD });
        ben.post("/api/v1/auth/restore", claim).await.expect(200);
        assert_eq!((unread(&ann).await, list(&ann).await.len()), (json!(2), 2));
    }
}

story! {
    async fn what_is_old_goes(world: World) {
        let [ann, ben, carl] = people(&world, ["ann", "ben", "carl"]).await;
        put(&ben, "people/ann/friend").await;
        world.wait(Duration::from_secs(60 * 24 * 3600));
        carl.sign_in("carl", crate::support::PASSWORD).await.expect(200);
        put(&carl, "people/ann/friend").await;
        ann.sign_in("ann", crate::support::PASSWORD).await.expect(200);
        world.social.sweep().await.unwrap();
        assert_eq!(list(&ann).await.len(), 2);
        world.wait(Duration::from_secs(31 * 24 * 3600));
        ann.sign_in("ann", crate::support::PASSWORD).await.expect(200);
        world.social.sweep().await.unwrap();
        assert_eq!(briefs(&ann).await, [json!(["friend_request", "carl", 0, false])]);
    }
}
