//! Following, friends, blocks, suggestions.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Answer, Browser, PASSWORD, World, story};

async fn people<const N: usize>(world: &World, names: [&str; N]) -> [Browser; N] {
    let mut people = Vec::new();
    for name in names {
        people.push(world.person(name).await);
        world.wait(Duration::from_secs(1));
    }
    people.try_into().unwrap_or_else(|_| unreachable!())
}

async fn put(browser: &Browser, path: &str) -> Answer {
    browser.put(&format!("/api/v1/people/{path}"), Vec::new()).await
}

async fn delete(browser: &Browser, path: &str) -> Answer {
    browser.delete(&format!("/api/v1/people/{path}")).await
}

async fn profile(browser: &Browser, username: &str) -> Value {
    browser.get(&format!("/api/v1/people/{username}")).await.expect(200)
}

/// Usernames of a list, with what the viewer is to them.
async fn list(browser: &Browser, path: &str) -> Vec<String> {
    let page = browser.get(&format!("/api/v1/{path}")).await.expect(200);
    let name = |person: &Value| person["username"].as_str().unwrap().to_owned();
    page["items"].as_array().unwrap().iter().map(name).collect()
}

fn counts(followers: i64, following: i64, friends: i64) -> Value {
    json!({ "followers": followers, "following": following, "friends": friends, "posts": 0 })
}

fn connection(following: bool, follows_me: bool, friendship: &str) -> Value {
    json!({ "following": following, "follows_me": follows_me, "friendship": friendship })
}

story! {
    async fn one_follows_once_and_both_see_it(world: World) {
        let [ann, ben] = people(&world, ["ann", "ben"]).await;
        for _ in 0..2 {
            assert_eq!(put(&ann, "Ben/follow").await.expect(200), connection(true, false, "none"));
        }
        assert_eq!(profile(&ann, "ben").await["counts"], counts(1, 0, 0));
        assert_eq!(profile(&ben, "ann").await["counts"], counts(0, 1, 0));
        assert_eq!(profile(&ben, "ann").await["connection"], connection(false, true, "none"));
        assert_eq!(profile(&world.browser(), "ben").await["connection"], connection(false, false, "none"));
        assert_eq!(list(&ben, "people/ben/followers").await, ["ann"]);
        assert_eq!(list(&ben, "people/ann/following").await, ["ben"]);
        assert!(list(&ben, "people/ann/followers").await.is_empty());
        for _ in 0..2 {
            assert_eq!(delete(&ann, "ben/follow").await.expect(200), connection(false, false, "none"));
        }
        assert_eq!(profile(&ben, "ann").await["counts"], counts(0, 0, 0));
        assert_eq!(profile(&ann, "ben").await["counts"], counts(0, 0, 0));
        for path in ["follow", "friend", "block"] {
            put(&ann, &format!("ann/{path}")).await.invalid("username");
            put(&ann, &format!("nobody/{path}")).await.refused(404, "not_found");
            put(&world.browser(), &format!("ann/{path}")).await.refused(401, "not_signed_in");
        }
    }
}

story! {
    async fn what_is_for_followers_is_shown_to_followers_and_friends(world: World) {
        let [ann, ben, carl] = people(&world, ["ann", "ben", "carl"]).await;
        let change = json!({ "bio": "for followers", "address": "for nobody",
            "visibility": { "bio": "followers", "address": "nobody" } });
        ann.patch("/api/v1/me/profile", change).await.expect(200);
        assert_eq!(profile(&ben, "ann").await["bio"], json!(null));
        put(&ben, "ann/follow").await.expect(200);
        put(&carl, "ann/friend").await.expect(200);
        assert_eq!(profile(&carl, "ann").await["bio"], json!(null));
        put(&ann, "carl/friend").await.expect(200);
        delete(&carl, "ann/follow").await.expect(200);
        for browser in [&ben, &carl] {
            let seen = profile(browser, "ann").await;
            assert_eq!((&seen["bio"], &seen["address"]), (&json!("for followers"), &json!(null)));
        }
        delete(&ben, "ann/follow").await.expect(200);
        assert_eq!(profile(&ben, "ann").await["bio"], json!(null));
    }
}

story! {
    async fn friends_ask_and_agree(world: World) {
        let [ann, ben] = people(&world, ["ann", "ben"]).await;
        for _ in 0..2 {
            assert_eq!(put(&ann, "ben/friend").await.expect(200), connection(false, false, "sent"));
        }
        assert_eq!(profile(&ben, "ann").await["connection"], connection(false, false, "received"));
        assert_eq!(list(&ann, "me/friend-requests/sent").await, ["ben"]);
        assert_eq!(list(&ben, "me/friend-requests/received").await, ["ann"]);
        assert!(list(&ben, "me/friend-requests/sent").await.is_empty());
        for _ in 0..2 {
            assert_eq!(put(&ben, "ann/friend").await.expect(200), connection(true, true, "friends"));
        }
        assert_eq!(profile(&ann, "ben").await["counts"], counts(1, 1, 1));
        assert_eq!(profile(&ben, "ann").await["counts"], counts(1, 1, 1));
        assert_eq!(list(&ann, "people/ben/friends").await, ["ann"]);
        assert!(list(&ben, "me/friend-requests/received").await.is_empty());
        for _ in 0..2 {
            assert_eq!(delete(&ann, "ben/friend").await.expect(200), connection(true, true, "none"));
        }
        assert_eq!(profile(&ben, "ann").await["counts"], counts(1, 1, 0));
    }
}

story! {
    async fn requests_are_taken_back_and_declined(world: World) {
        let [ann, ben] = people(&world, ["ann", "ben"]).await;
        for (who, other) in [(&ann, "ben"), (&ben, "ann")] {
            put(&ann, "ben/friend").await.expect(200);
            assert_eq!(delete(who, &format!("{other}/friend")).await.expect(200)["friendship"], "none");
            assert!(list(&ben, "me/friend-requests/received").await.is_empty());
            assert!(list(&ann, "me/friend-requests/sent").await.is_empty());
        }
        assert_eq!(profile(&ann, "ben").await["counts"], counts(0, 0, 0));
    }
}

story! {
    async fn a_block_ends_all_and_hides_each_from_the_other(world: World) {
        let [ann, ben, carl] = people(&world, ["ann", "ben", "carl"]).await;
        put(&ann, "ben/friend").await.expect(200);
        put(&ben, "ann/friend").await.expect(200);
        for name in ["ann", "ben"] {
            put(&carl, &format!("{name}/follow")).await.expect(200);
        }
        for _ in 0..2 {
            let answer = put(&ann, "ben/block").await;
            assert!([204, 404].contains(&answer.status), "{}", answer.status);
        }
        for (browser, other) in [(&ann, "ben"), (&ben, "ann")] {
            browser.get(&format!("/api/v1/people/{other}")).await.refused(404, "not_found");
            for action in ["follow", "friend", "block"] {
                put(browser, &format!("{other}/{action}")).await.refused(404, "not_found");
            }
            for path in ["people", "people/carl/following"] {
                assert!(!list(browser, path).await.contains(&other.to_owned()), "{path}");
            }
            browser.get(&format!("/api/v1/people/{other}/followers")).await.refused(404, "not_found");
        }
        assert_eq!(profile(&carl, "ann").await["counts"], counts(1, 0, 0));
        assert_eq!(profile(&carl, "ben").await["counts"], counts(1, 0, 0));
        assert_eq!(list(&ann, "me/blocks").await, ["ben"]);
        assert!(list(&ben, "me/blocks").await.is_empty());
        // Who was blocked cannot undo it, and learns nothing by trying.
        delete(&ben, "ann/block").await.refused(404, "not_found");
        delete(&ann, "ben/block").await.expect(204);
        delete(&ann, "ben/block").await.refused(404, "not_found");
        assert_eq!(profile(&ann, "ben").await["connection"], connection(false, false, "none"));
    }
}

story! {
    async fn friends_of_friends_are_suggested_first(world: World) {
        let [ann, ben, carl, _dora, _eve, fay] = people(&world, ["ann", "ben", "carl", "dora", "eve", "fay"]).await;
        for browser in [&ben, &carl] {
            put(browser, "dora/follow").await.expect(200);
        }
        put(&ben, "eve/follow").await.expect(200);
        for name in ["ben", "carl"] {
            put(&ann, &format!("{name}/follow")).await.expect(200);
        }
        let suggested = async || {
            let found = ann.get("/api/v1/me/suggestions").await.expect(200);
            let items = found["items"].as_array().unwrap().clone();
            let show = |item: &Value| (item["person"]["username"].as_str().unwrap().to_owned(), item["mutual"].as_i64().unwrap());
            items.iter().map(show).collect::<Vec<_>>()
        };
        let of = |name: &str, mutual| (name.to_owned(), mutual);
        assert_eq!(suggested().await, [of("dora", 2), of("eve", 1), of("fay", 0)]);
        put(&ann, "dora/follow").await.expect(200);
        put(&ann, "eve/friend").await.expect(200);
        put(&fay, "ann/block").await.expect(204);
        assert_eq!(suggested().await, []);
    }
}

story! {
    async fn lists_go_on_page_by_page(world: World) {
        let [ann, _ben] = people(&world, ["ann", "ben"]).await;
        for number in 0..5 {
            let follower = world.person(&format!("follower{number}")).await;
            put(&follower, "ann/follow").await.expect(200);
            // Two at the same time: the id decides.
            world.wait(Duration::from_millis(number % 2));
        }
        let (mut seen, mut path) = (Vec::new(), "people/ann/followers?limit=2".to_owned());
        loop {
            seen.extend(list(&ann, &path).await);
            let page = ann.get(&format!("/api/v1/{path}")).await.expect(200);
            let Some(next) = page["next"].as_str() else { break };
            path = format!("people/ann/followers?limit=2&after={next}");
        }
        seen.sort();
        assert_eq!(seen, ["follower0", "follower1", "follower2", "follower3", "follower4"]);
    }
}

story! {
    async fn who_goes_leaves_no_numbers_behind(world: World) {
        let [ann, ben, carl] = people(&world, ["ann", "ben", "carl"]).await;
        put(&ann, "ben/friend").await.expect(200);
        put(&ben, "ann/friend").await.expect(200);
        put(&carl, "ben/follow").await.expect(200);
        put(&ben, "carl/follow").await.expect(200);
        ben.post("/api/v1/me/deletion", json!({ "password": PASSWORD })).await.expect(200);
        assert!(list(&ann, "people/carl/followers").await.is_empty());
        world.wait(Duration::from_secs(15 * 24 * 3600));
        world.social.purge().await.unwrap();
        for (browser, name) in [(&ann, "ann"), (&carl, "carl")] {
            browser.sign_in(name, PASSWORD).await.expect(200);
            assert_eq!(profile(browser, name).await["counts"], counts(0, 0, 0));
        }
    }
}

story! {
    async fn who_blocks_and_who_follows_at_once_end_apart(world: World) {
        let [ann, ben] = people(&world, ["ann", "ben"]).await;
        for _ in 0..20 {
            let follow = async { put(&ben, "ann/follow").await.status };
            let block = async { put(&ann, "ben/block").await.status };
            let (followed, blocked) = tokio::join!(follow, block);
            assert!([200, 404].contains(&followed) && blocked == 204, "{followed} {blocked}");
            delete(&ann, "ben/block").await.expect(204);
            assert_eq!(profile(&ann, "ben").await["connection"], connection(false, false, "none"));
            assert_eq!(profile(&ann, "ann").await["counts"], counts(0, 0, 0));
        }
    }
}
