//! Comments, replies, and what is left of those that were removed.

use std::time::Duration;

use serde_json::{Value, json};

use crate::posts::{post, put};
use crate::support::{Browser, World, fresh_id, story};

pub async fn comment(browser: &Browser, post: &str, text: &str, parent: Option<&str>) -> Value {
    let wish = json!({ "client_id": fresh_id(), "text": text, "parent": parent });
    browser.post(&format!("/api/v1/posts/{post}/comments"), wish).await.expect(201)
}

pub fn id(value: &Value) -> String {
    value["id"].as_str().unwrap().to_owned()
}

story! {
    async fn a_comment_is_written_changed_answered_and_removed(world: World) {
        let (ann, ben) = (world.person("ann").await, world.person("ben").await);
        let post = post(&ann, "Hello", "public").await;
        let list = format!("/api/v1/posts/{post}/comments");
        let wish = json!({ "client_id": fresh_id(), "text": " First ", "parent": null });
        let first = ben.post(&list, wish.clone()).await.expect(201);
        assert_eq!((&first["text"], &first["author"]["username"], &first["is_mine"]), (&json!("First"), &json!("ben"), &json!(true)));
        assert_eq!(ben.post(&list, wish).await.expect(200), first);
        world.wait(Duration::from_secs(1));
        let second = comment(&ann, &post, "Second", None).await;
        let reply = comment(&ann, &post, "Reply", Some(&id(&first))).await;
        world.wait(Duration::from_secs(1));
        // A reply to a reply is one to the same comment.
        let again = comment(&ben, &post, "Again", Some(&id(&reply))).await;
        assert_eq!((&reply["parent"], &again["parent"]), (&first["id"], &first["id"]));
        let stranger = world.browser();
        let shown = stranger.get(&list).await.expect(200);
        let ids: Vec<_> = shown["items"].as_array().unwrap().iter().map(id).collect();
        assert_eq!(ids, [id(&first), id(&second)]);
        assert_eq!((&shown["items"][0]["replies"], &shown["items"][0]["is_mine"]), (&json!(2), &json!(false)));
        let page = stranger.get(&format!("{list}?limit=1")).await.expect(200);
        let rest = stranger.get(&format!("{list}?limit=1&after={}", page["next"].as_str().unwrap())).await.expect(200);
        assert_eq!((id(&rest["items"][0]), &rest["next"]), (id(&second), &Value::Null));
        let replies = stranger.get(&format!("/api/v1/comments/{}/replies", id(&first))).await.expect(200);
        let ids: Vec<_> = replies["items"].as_array().unwrap().iter().map(id).collect();
        assert_eq!(ids, [id(&reply), id(&again)]);
        assert_eq!(stranger.get(&format!("/api/v1/posts/{post}")).await.expect(200)["counts"]["comments"], 4);

        let path = format!("/api/v1/comments/{}", id(&first));
        ann.patch(&path, json!({ "text": "Not mine" })).await.refused(404, "not_found");
        let changed = ben.patch(&path, json!({ "text": "Changed" })).await.expect(200);
        assert_eq!((&changed["text"], changed["edited_at"].is_i64()), (&json!("Changed"), true));
        assert_eq!(put(&ann, &format!("{path}/like")).await.expect(200), json!({ "liked": true, "likes": 1 }));
        assert_eq!(put(&ann, &format!("{path}/like")).await.expect(200), json!({ "liked": true, "likes": 1 }));
        assert_eq!(ben.get(&format!("{path}/likes")).await.expect(200)["items"][0]["username"], "ann");
        assert_eq!(ann.delete(&format!("{path}/like")).await.expect(200), json!({ "liked": false, "likes": 0 }));
        put(&ann, &format!("{path}/like")).await.expect(200);

        // With replies it stays, as nobody's; without them it goes.
        ben.delete(&format!("/api/v1/comments/{}", id(&second))).await.refused(404, "not_found");
        ben.delete(&path).await.expect(204);
        let left = ann.get(&path).await.expect(200);
        assert_eq!((&left["author"], &left["text"], &left["likes"], &left["replies"]), (&Value::Null, &json!(""), &json!(0), &json!(2)));
        ben.delete(&path).await.refused(404, "not_found");
        ben.patch(&path, json!({ "text": "Back" })).await.refused(404, "not_found");
        put(&ann, &format!("{path}/like")).await.refused(404, "not_found");
        // The post's author removes what others wrote below it.
        ann.delete(&format!("/api/v1/comments/{}", id(&again))).await.expect(204);
        assert_eq!(ann.get(&path).await.expect(200)["replies"], 1);
        ann.delete(&format!("/api/v1/comments/{}", id(&reply))).await.expect(204);
        ann.get(&path).await.refused(404, "not_found");
        assert_eq!(ann.get(&format!("/api/v1/posts/{post}")).await.expect(200)["counts"]["comments"], 1);
    }
}

story! {
    async fn what_is_no_comment_is_refused(world: World) {
        let ann = world.person("ann").await;
        let (one, other) = (post(&ann, "One", "public").await, post(&ann, "Other", "public").await);
        let list = format!("/api/v1/posts/{one}/comments");
        for text in ["", " \n", "a\0b", "\u{202e}abc", &"x".repeat(2001)] {
            ann.post(&list, json!({ "client_id": fresh_id(), "text": text })).await.invalid("text");
        }
        let elsewhere = comment(&ann, &other, "There", None).await;
        for parent in [id(&elsewhere), fresh_id().to_string()] {
            ann.post(&list, json!({ "client_id": fresh_id(), "text": "x", "parent": parent })).await.invalid("parent");
        }
        ann.patch(&format!("/api/v1/comments/{}", id(&elsewhere)), json!({ "text": "" })).await.invalid("text");
        assert_eq!(ann.get(&format!("/api/v1/posts/{one}")).await.expect(200)["counts"]["comments"], 0);
    }
}

story! {
    async fn a_block_hides_comments_and_threads_and_no_others(world: World) {
        let (ann, ben, carl) = (world.person("ann").await, world.person("ben").await, world.person("carl").await);
        let post = post(&carl, "Meet here", "public").await;
        let first = comment(&ann, &post, "Ann", None).await;
        let reply = comment(&carl, &post, "Carl to Ann", Some(&id(&first))).await;
        let open = comment(&carl, &post, "Carl", None).await;
        comment(&ann, &post, "Ann to Carl", Some(&id(&open))).await;
        comment(&ben, &post, "Ben to Carl", Some(&id(&open))).await;
        put(&ann, "/api/v1/people/ben/block").await.expect(204);
        let shown = ben.get(&format!("/api/v1/posts/{post}/comments")).await.expect(200);
        assert_eq!(shown["items"].as_array().unwrap().iter().map(id).collect::<Vec<_>>(), [id(&open)]);
        for hidden in [id(&first), id(&reply)] {
            ben.get(&format!("/api/v1/comments/{hidden}")).await.refused(404, "not_found");
            ben.get(&format!("/api/v1/comments/{hidden}/replies")).await.refused(404, "not_found");
            put(&ben, &format!("/api/v1/comments/{hidden}/like")).await.refused(404, "not_found");
        }
        for (reader, texts) in [(&ben, vec!["Ben to Carl"]), (&ann, vec!["Ann to Carl"]), (&carl, vec!["Ann to Carl", "Ben to Carl"])] {
            let replies = reader.get(&format!("/api/v1/comments/{}/replies", id(&open))).await.expect(200);
            let mut seen: Vec<_> = replies["items"].as_array().unwrap().iter().map(|one| one["text"].as_str().unwrap()).collect();
            seen.sort_unstable();
            assert_eq!(seen, texts);
        }
    }
}

story! {
    async fn everybody_hears_of_a_comment_once(world: World) {
        let (ann, ben, carl) = (world.person("ann").await, world.person("ben").await, world.person("carl").await);
        let post = post(&ann, "Hello @carl and @ann", "public").await;
        let first = comment(&ben, &post, "@ann @ben look", None).await;
        comment(&carl, &post, "@ann @ben @carl", Some(&id(&first))).await;
        let kinds = async |browser: &Browser| {
            let list = browser.get("/api/v1/notifications").await.expect(200);
            let mut kinds: Vec<_> = list["items"].as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap().to_owned()).collect();
            kinds.sort_unstable();
            kinds
        };
        assert_eq!(kinds(&ann).await, ["comment"]);
        assert_eq!(ann.get("/api/v1/notifications").await.json()["items"][0]["actors"].as_array().unwrap().len(), 2);
        assert_eq!(kinds(&ben).await, ["reply"]);
        assert_eq!(kinds(&carl).await, ["mention"]);
        // An edit tells whom it names newly, and a removal takes everything back.
        ben.patch(&format!("/api/v1/comments/{}", id(&first)), json!({ "text": "@ann @carl" })).await.expect(200);
        ben.patch(&format!("/api/v1/comments/{}", id(&first)), json!({ "text": "@ann @carl !" })).await.expect(200);
        assert_eq!(kinds(&carl).await, ["mention", "mention"]);
        ben.delete(&format!("/api/v1/comments/{}", id(&first))).await.expect(204);
        assert_eq!(kinds(&carl).await, ["mention"]);
        ann.delete(&format!("/api/v1/posts/{post}")).await.expect(204);
        assert!(kinds(&ann).await.is_empty() && kinds(&ben).await.is_empty() && kinds(&carl).await.is_empty());
        // Who may not read it is not told.
        crate::posts::post(&ann, "@ben", "friends").await;
        assert!(kinds(&ben).await.is_empty());
    }
}
