//! What open tabs are told of posts and feeds.

use serde_json::{Value, json};

use crate::comments::{comment, id};
use crate::notifications::{delete, people, put};
use crate::posts::post;
use crate::support::{Events, World, story};

fn changed(post: &str, likes: i64, comments: i64) -> Value {
    json!({ "type": "post_changed", "id": post, "counts": { "likes": likes, "comments": comments } })
}

fn gone(post: &str) -> Value {
    json!({ "type": "post_gone", "id": post })
}

story! {
    async fn whoever_watches_a_post_sees_its_numbers_change(world: World) {
        let [ann, ben, carl] = people(&world, ["ann", "ben", "carl"]).await;
        let post = post(&ann, "Post", "public").await;
        let (mut tab, _) = Events::open(&carl).await;
        tab.watch(std::slice::from_ref(&post)).await;
        let like = format!("posts/{post}/like");
        put(&ben, &like).await;
        assert_eq!(tab.next().await, changed(&post, 1, 0));
        // One's own like is told to one's other tabs.
        put(&carl, &like).await;
        assert_eq!(tab.next().await, changed(&post, 2, 0));
        delete(&ben, &like).await;
        assert_eq!(tab.next().await, changed(&post, 1, 0));
        // What changes nothing is not told.
        delete(&ben, &like).await;
        let first = id(&comment(&ben, &post, "Comment", None).await);
        assert_eq!(tab.next().await, changed(&post, 1, 1));
        comment(&ann, &post, "Reply", Some(&first)).await;
        assert_eq!(tab.next().await, changed(&post, 1, 2));
        put(&ann, &format!("comments/{first}/like")).await;
        assert_eq!(tab.next().await, changed(&post, 1, 2));
        ann.patch(&format!("/api/v1/posts/{post}"), json!({ "text": "Changed" })).await.expect(200);
        assert_eq!(tab.next().await, changed(&post, 1, 2));
        // Whoever looks at something else hears no more of it.
        tab.watch(&[]).await;
        put(&ben, &like).await;
        put(&ben, "people/carl/follow").await;
        assert_eq!(tab.next().await["type"], "notification");
    }
}

story! {
    async fn a_post_that_goes_is_gone_for_all_who_watch_it(world: World) {
        let [ann, friend, stranger] = people(&world, ["ann", "friend", "stranger"]).await;
        put(&friend, "people/ann/friend").await;
        put(&ann, "people/friend/friend").await;
        let (narrowed, removed) = (post(&ann, "One", "public").await, post(&ann, "Other", "public").await);
        let both = [narrowed.clone(), removed.clone()];
        let (mut near, _) = Events::open(&friend).await;
        let (mut far, _) = Events::open(&stranger).await;
        near.watch(&both).await;
        far.watch(&both).await;
        let told_of = |post: String| move |event: &Value| event["id"] == post;
        let narrow = json!({ "audience": "friends" });
        ann.patch(&format!("/api/v1/posts/{narrowed}"), narrow).await.expect(200);
        assert_eq!(far.next().await, gone(&narrowed));
        assert_eq!(near.until(told_of(narrowed.clone())).await.pop(), Some(changed(&narrowed, 0, 0)));
        // It is told to those alone who may still read it.
        put(&friend, &format!("posts/{narrowed}/like")).await;
        assert_eq!(near.until(told_of(narrowed.clone())).await.pop(), Some(changed(&narrowed, 1, 0)));
        delete(&ann, &format!("posts/{removed}")).await;
        assert_eq!(near.until(told_of(removed.clone())).await.pop(), Some(gone(&removed)));
        assert_eq!(far.next().await, gone(&removed));
        // Nor can it be watched by whoever may not read it.
        far.watch(&both).await;
        delete(&friend, &format!("posts/{narrowed}/like")).await;
        assert_eq!(near.until(told_of(narrowed.clone())).await.pop(), Some(changed(&narrowed, 0, 0)));
        put(&ann, "people/stranger/follow").await;
        assert_eq!(far.next().await["type"], "notification");
    }
}

story! {
    async fn followers_and_the_authors_other_tab_hear_of_a_post(world: World) {
        let [ann, ben, stranger] = people(&world, ["ann", "ben", "stranger"]).await;
        put(&ben, "people/ann/follow").await;
        let (mut own, _) = Events::open(&ann).await;
        let (mut follower, _) = Events::open(&ben).await;
        let (mut other, _) = Events::open(&stranger).await;
        post(&ann, "Post", "public").await;
        let hint = json!({ "type": "feed_changed" });
        assert_eq!([own.next().await, follower.next().await], [hint.clone(), hint]);
        put(&ben, "people/stranger/follow").await;
        assert_eq!(other.next().await["type"], "notification");
        // Who follows no longer is told no more.
        delete(&ben, "people/ann/follow").await;
        follower.until(|event| event["type"] == "connections_changed").await;
        post(&ann, "Another", "public").await;
        assert_eq!(own.until(|event| event["type"] == "feed_changed").await.len(), 3);
        put(&stranger, "people/ben/follow").await;
        let heard = follower.until(|event| event["type"] == "notification").await;
        assert!(heard.iter().all(|event| event["type"] != "feed_changed"), "{heard:?}");
    }
}

story! {
    async fn six_hundred_missed_events_are_one_gap(world: World) {
        let [ann, ben] = people(&world, ["ann", "ben"]).await;
        let (mut awake, _) = Events::open(&ann).await;
        // It is never read again, which is no concern of the other one.
        let (asleep, _) = Events::open(&ann).await;
        for _ in 0..150 {
            put(&ben, "people/ann/follow").await;
            delete(&ben, "people/ann/follow").await;
        }
        let numbers: Vec<_> = awake.up_to(600).await.iter().map(|event| event["seq"].as_i64().unwrap()).collect();
        assert_eq!(numbers, (1..=600).collect::<Vec<_>>());
        let (mut late, hello) = Events::after(&ann, 0).await;
        assert_eq!(hello, json!({ "type": "hello", "seq": 600, "unread": 0 }));
        assert_eq!(late.next().await, json!({ "type": "gap", "seq": 600, "unread": 0 }));
        // From there on it hears everything.
        put(&ben, "people/ann/follow").await;
        assert_eq!([late.next().await["seq"].clone(), late.next().await["seq"].clone()], [601, 602]);
        // Whoever missed fewer is told each of them.
        let (mut later, _) = Events::after(&ann, 102).await;
        assert_eq!(later.up_to(602).await.len(), 500);
        drop(asleep);
    }
}
