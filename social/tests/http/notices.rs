//! Notifications of what happens to posts and comments.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::comments::{comment, id};
use crate::notifications::{brief, briefs, delete, list, people, put, unread};
use crate::posts::post;
use crate::support::{Browser, World, story};

/// The kinds of somebody's notifications, those that happened last first.
async fn kinds(browser: &Browser) -> Vec<String> {
    list(browser).await.iter().map(|found| found["kind"].as_str().unwrap().to_owned()).collect()
}

/// Which post and comment it is about, and what it quotes.
fn about(notification: &Value) -> Value {
    json!([notification["post"], notification["comment"], notification["excerpt"]])
}

/// Changes what somebody wrote.
async fn edit(browser: &Browser, path: &str, text: &str) {
    browser.patch(&format!("/api/v1/{path}"), json!({ "text": text })).await.expect(200);
}

story! {
    async fn likes_are_told_together_until_they_are_read(world: World) {
        let [ann, ben, carl, dora, eve, finn] = people(&world, ["ann", "ben", "carl", "dora", "eve", "finn"]).await;
        let post = post(&ann, "Good\nmorning", "public").await;
        let like = format!("posts/{post}/like");
        put(&ann, &like).await;
        assert!(list(&ann).await.is_empty(), "one is not told what one does oneself");
        for person in [&ben, &carl, &dora, &eve, &finn] {
            world.wait(Duration::from_secs(1));
            put(person, &like).await;
        }
        let told = list(&ann).await;
        assert_eq!((told.len(), brief(&told[0])), (1, json!(["post_liked", "finn eve dora", 2, false])));
        assert_eq!(about(&told[0]), json!([post, null, "Good morning"]));
        assert_eq!(unread(&ann).await, 1);
        delete(&eve, &like).await;
        assert_eq!(briefs(&ann).await, [json!(["post_liked", "finn dora carl", 1, false])]);
        put(&ann, &format!("notifications/{}/read", id(&told[0]))).await;
        world.wait(Duration::from_secs(1));
        put(&eve, &like).await;
        let both = [json!(["post_liked", "eve", 0, false]), json!(["post_liked", "finn dora carl", 1, true])];
        assert_eq!(briefs(&ann).await, both);
        for person in [&ben, &carl, &dora, &eve, &finn] {
            delete(person, &like).await;
        }
        assert_eq!((list(&ann).await.len(), unread(&ann).await), (0, json!(0)));
    }
}

story! {
    async fn a_like_of_a_comment_is_told_to_who_wrote_it(world: World) {
        let [ann, ben, carl] = people(&world, ["ann", "ben", "carl"]).await;
        let post = post(&ann, "Post", "public").await;
        let written = id(&comment(&ben, &post, "Well said", None).await);
        put(&carl, &format!("comments/{written}/like")).await;
        let told = list(&ben).await;
        assert_eq!((told.len(), brief(&told[0])), (1, json!(["comment_liked", "carl", 0, false])));
        assert_eq!(about(&told[0]), json!([post, written, "Well said"]));
        assert_eq!(kinds(&ann).await, ["comment"]);
        delete(&carl, &format!("comments/{written}/like")).await;
        assert!(list(&ben).await.is_empty());
    }
}

story! {
    async fn a_reply_is_told_before_a_comment_and_that_before_a_mention(world: World) {
        let [ann, ben, carl] = people(&world, ["ann", "ben", "carl"]).await;
        let post = post(&ann, "Post", "public").await;
        let of_ann = id(&comment(&ann, &post, "Mine", None).await);
        let of_ben = id(&comment(&ben, &post, "@ann @carl hello", None).await);
        let told = list(&ann).await;
        assert_eq!((brief(&told[0]), about(&told[0])), (json!(["comment", "ben", 0, false]), json!([post, of_ben, "@ann @carl hello"])));
        assert_eq!((kinds(&ann).await, kinds(&carl).await), (vec!["comment".to_owned()], vec!["mention".to_owned()]));
        // The post and the comment are both Ann's, and she is named besides.
        world.wait(Duration::from_secs(1));
        let reply = id(&comment(&carl, &post, "@ann yes", Some(&of_ann)).await);
        let told = list(&ann).await;
        assert_eq!((brief(&told[0]), about(&told[0])), (json!(["reply", "carl", 0, false]), json!([post, reply, "@ann yes"])));
        assert_eq!(kinds(&ann).await, ["reply", "comment"]);
        // What is removed is taken back from everybody, by itself.
        delete(&carl, &format!("comments/{reply}")).await;
        assert_eq!(kinds(&ann).await, ["comment"]);
        delete(&ben, &format!("comments/{of_ben}")).await;
        assert!(list(&ann).await.is_empty() && list(&carl).await.is_empty());
    }
}

story! {
    async fn who_is_named_is_told_once_and_only_of_what_they_may_read(world: World) {
        let [ann, ben, carl] = people(&world, ["ann", "ben", "carl"]).await;
        let open = post(&ann, "Hello @ben", "public").await;
        let told = list(&ben).await;
        assert_eq!((told.len(), brief(&told[0])), (1, json!(["mention", "ann", 0, false])));
        assert_eq!(about(&told[0]), json!([open, null, "Hello @ben"]));
        edit(&ann, &format!("posts/{open}"), "Hello @ben and @carl").await;
        assert_eq!((kinds(&ben).await.len(), kinds(&carl).await.len()), (1, 1));
        let written = id(&comment(&ben, &open, "Hello", None).await);
        edit(&ben, &format!("comments/{written}"), "Hello @carl").await;
        let told = list(&carl).await;
        assert_eq!(told.len(), 2);
        assert!(told.iter().any(|one| about(one) == json!([open, written, "Hello @carl"])), "{told:?}");
        for audience in ["followers", "friends"] {
            let narrow = post(&ann, "Only us, @carl", audience).await;
            comment(&ann, &narrow, "And @carl", None).await;
            edit(&ann, &format!("posts/{narrow}"), "Only us, @carl and @ben").await;
        }
        assert_eq!((list(&ben).await.len(), list(&carl).await.len()), (1, 2));
        // What they may read no more is not shown, and not counted.
        let narrow = json!({ "audience": "friends" });
        ann.patch(&format!("/api/v1/posts/{open}"), narrow).await.expect(200);
        assert_eq!((list(&ben).await.len(), list(&carl).await.len()), (0, 0));
        assert_eq!((unread(&ben).await, unread(&carl).await), (json!(0), json!(0)));
    }
}

story! {
    async fn who_does_not_want_to_hear_of_likes_hears_of_comments(world: World) {
        let [ann, ben] = people(&world, ["ann", "ben"]).await;
        let settings = ann.request(Method::PUT, "/api/v1/me/notification-settings");
        ann.send(settings.json(&json!({ "muted": ["post_liked"] }))).await.expect(200);
        let post = post(&ann, "Post", "public").await;
        put(&ben, &format!("posts/{post}/like")).await;
        let written = id(&comment(&ben, &post, "Comment", None).await);
        assert_eq!((kinds(&ann).await, unread(&ann).await), (vec!["comment".to_owned()], json!(1)));
        delete(&ben, &format!("posts/{post}/like")).await;
        delete(&ann, &format!("comments/{written}")).await;
        assert!(list(&ann).await.is_empty());
    }
}
