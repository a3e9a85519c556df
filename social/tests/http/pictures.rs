//! Pictures of groups and rooms.

use std::time::Duration;

use serde_json::{Value, json};

use crate::comments::id;
use crate::posts::put;
use crate::support::{Browser, Events, PASSWORD, World, photo, soon, story};

async fn group(ann: &Browser, people: &[&str]) -> String {
    id(&ann.post("/api/v1/conversations", json!({ "title": "Cooks", "people": people })).await.expect(201))
}

/// Where a conversation's picture is, as one sees it.
async fn picture(browser: &Browser, path: &str) -> Value {
    browser.get(path).await.expect(200)["picture"].clone()
}

story! {
    async fn a_group_has_a_picture_which_its_members_see(world: World) {
        let (ann, ben, eve) = (world.person("ann").await, world.person("ben").await, world.person("eve").await);
        let path = format!("/api/v1/conversations/{}", group(&ann, &["ben"]).await);
        put(&ben, &format!("{path}/membership")).await.expect(200);
        assert_eq!(picture(&ann, &path).await, Value::Null);
        let (mut tab, _) = Events::open(&ben).await;
        let shown = ann.put(&format!("{path}/picture"), photo(90, 60)).await.expect(200)["picture"].clone();
        tab.until(|event| event["type"] == "message" && event["message"]["kind"] == "pictured").await;
        assert_eq!(picture(&ben, &path).await, shown);
        let url = shown.as_str().unwrap();
        assert_eq!((ben.get(url).await.status, world.images().len()), (200, 2));
        for stranger in [&eve, &world.browser()] {
            stranger.get(url).await.refused(404, "not_found");
        }
        // Another one takes its place; who leaves sees it no more.
        let other = ann.put(&format!("{path}/picture?x=0&y=0&width=30&height=30"), photo(90, 60)).await.expect(200);
        ben.get(url).await.refused(404, "not_found");
        let url = other["picture"].as_str().unwrap();
        assert_eq!((ben.get(url).await.status, world.images().len()), (200, 2));
        ben.delete(&format!("{path}/membership")).await.expect(204);
        ben.get(url).await.refused(404, "not_found");
        for _ in 0..2 {
            ann.delete(&format!("{path}/picture")).await.expect(204);
        }
        ann.get(url).await.refused(404, "not_found");
        assert_eq!((picture(&ann, &path).await, world.images().len()), (Value::Null, 0));
    }
}

story! {
    async fn only_who_looks_after_a_group_changes_its_picture(world: World) {
        let (ann, ben, eve) = (world.person("ann").await, world.person("ben").await, world.person("eve").await);
        let path = format!("/api/v1/conversations/{}", group(&ann, &["ben"]).await);
        let url = format!("{path}/picture");
        // Invited, a member, and nobody.
        ben.put(&url, photo(64, 64)).await.refused(404, "not_found");
        put(&ben, &format!("{path}/membership")).await.expect(200);
        ben.put(&url, photo(64, 64)).await.refused(403, "not_allowed");
        eve.put(&url, photo(64, 64)).await.refused(404, "not_found");
        ann.put(&url, photo(64, 64)).await.expect(200);
        ben.delete(&url).await.refused(403, "not_allowed");
        eve.delete(&url).await.refused(404, "not_found");
        ann.patch(&format!("{path}/members/ben"), json!({ "role": "moderator" })).await.expect(204);
        ben.put(&url, photo(64, 64)).await.expect(200);
        ben.delete(&url).await.expect(204);
        ann.put(&url, b"no picture".to_vec()).await.refused(415, "unsupported_image");
        ann.put(&format!("{url}?x=1"), photo(64, 64)).await.invalid("crop");
        // Two have the pictures of their profiles.
        put(&ann, "/api/v1/people/ben/follow").await;
        let two = id(&put(&ann, "/api/v1/people/ben/conversation").await.expect(200));
        ann.put(&format!("/api/v1/conversations/{two}/picture"), photo(64, 64)).await.refused(404, "not_found");
        assert_eq!(world.images().len(), 0);
    }
}

story! {
    async fn a_picture_is_exported_and_goes_with_the_account_that_set_it(world: World) {
        let (ann, ben) = (world.person("ann").await, world.person("ben").await);
        let path = format!("/api/v1/conversations/{}", group(&ann, &["ben"]).await);
        put(&ben, &format!("{path}/membership")).await.expect(200);
        let shown = ann.put(&format!("{path}/picture"), photo(64, 64)).await.expect(200)["picture"].clone();
        let export = async |one: &Browser| {
            let file = one.post("/api/v1/me/export", json!({ "password": PASSWORD })).await.expect(200);
            file["images"].as_array().unwrap().iter().any(|image| image["url"] == shown)
        };
        assert!(export(&ann).await && !export(&ben).await);
        ann.post("/api/v1/me/deletion", json!({ "password": PASSWORD })).await.expect(200);
        world.wait(Duration::from_secs(31 * 24 * 3600));
        soon(async { while !world.images().is_empty() {} }).await;
        ben.sign_in("ben", PASSWORD).await.expect(200);
        assert_eq!(picture(&ben, &path).await, Value::Null);
    }
}
