//! Searching for people and posts.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Browser, World, email, story};

/// A path with a query.
fn asking(path: &str, query: &str) -> String {
    let query: String = url::form_urlencoded::byte_serialize(query.as_bytes()).collect();
    format!("{path}?q={query}")
}

/// What a search finds, by a field of its items.
async fn found(browser: &Browser, kind: &str, query: &str, field: &str) -> Vec<String> {
    let page = browser.get(&asking(&format!("/api/v1/search/{kind}"), query)).await.expect(200);
    page["items"].as_array().unwrap().iter().map(|item| item[field].as_str().unwrap().to_owned()).collect()
}

async fn people(browser: &Browser, query: &str) -> Vec<String> {
    found(browser, "people", query, "username").await
}

/// Somebody with a name.
async fn named(world: &World, username: &str, first: &str, last: &str) -> Browser {
    let browser = world.person(username).await;
    rename(&browser, first, last).await;
    world.wait(Duration::from_secs(1));
    browser
}

async fn rename(browser: &Browser, first: &str, last: &str) {
    let change = json!({ "first_name": first, "last_name": last });
    browser.patch("/api/v1/me/profile", change).await.expect(200);
}

async fn put(browser: &Browser, path: &str) {
    assert!(browser.put(&format!("/api/v1/people/{path}"), Vec::new()).await.status < 300, "{path}");
}

story! {
    async fn people_are_found_by_the_beginnings_of_their_names(world: World) {
        let zoe = named(&world, "zoe.m", "Zoë", "Müller-Łęcki").await;
        named(&world, "lee", "小龍", "李").await;
        named(&world, "dostojewski", "Фёдор", "Достоевский").await;
        for (query, expected) in [
            ("zoe", "zoe.m"), ("ZOË mül", "zoe.m"), ("lecki zoe", "zoe.m"), ("ｚｏｅ", "zoe.m"), ("z", "zoe.m"), ("@zoe.m", "zoe.m"),
            ("龍", "lee"), ("小龍", "lee"), ("李小龍", "lee"), ("小龍李", "lee"), ("李", "lee"),
            ("Федор", "dostojewski"), ("достоевск", "dostojewski"), ("dosto", "dostojewski"),
        ] {
            assert_eq!(people(&zoe, query).await, [expected], "{query}");
        }
        for query in ["oe", "zoe x", "%", "_", "\\", "' OR 1=1 --", "*", "\0", "zoe lee", "example"] {
            assert_eq!(people(&zoe, query).await, [""; 0], "{query}");
        }
        rename(&zoe, "Chloé", "Weber").await;
        assert_eq!(people(&zoe, "chloe").await, ["zoe.m"]);
        assert_eq!(people(&zoe, "lecki").await, [""; 0]);
        assert_eq!(people(&zoe, "zoe").await, ["zoe.m"], "the username stays");
    }
}

story! {
    async fn names_come_before_usernames_and_the_near_before_the_far(world: World) {
        let me = named(&world, "mimi", "Mimi", "Myself").await;
        let friend = named(&world, "friend", "Some", "Friend").await;
        for (username, first) in [("ada1", "Ada"), ("ada2", "Ada"), ("ada3", "Ada"), ("ada4", "Other"), ("ada5", "Other")] {
            named(&world, username, first, "Lovelace").await;
        }
        put(&me, "friend/follow").await;
        put(&me, "ada2/follow").await;
        put(&me, "ada5/follow").await;
        put(&friend, "ada3/follow").await;
        assert_eq!(people(&me, "ada").await, ["ada2", "ada3", "ada1", "ada5", "ada4"]);
        assert_eq!(people(&me, "ada4").await, ["ada4"]);
        // Page by page, each once.
        let (mut seen, mut after) = (Vec::new(), String::new());
        loop {
            let page = me.get(&format!("/api/v1/search/people?q=ada&limit=2{after}")).await.expect(200);
            seen.extend(page["items"].as_array().unwrap().iter().map(|item| item["username"].clone()));
            let Some(next) = page["next"].as_str() else { break };
            after = format!("&after={next}");
        }
        assert_eq!(json!(seen), json!(["ada2", "ada3", "ada1", "ada5", "ada4"]));
    }
}

story! {
    async fn an_address_finds_only_whom_wants_it(world: World) {
        let (ann, ben) = (world.person("ann").await, world.person("ben").await);
        assert_eq!(people(&ann, &email("ben")).await, [""; 0]);
        ben.patch("/api/v1/me/profile", json!({ "findable_by_email": true })).await.expect(200);
        assert_eq!(people(&ann, " BEN@example.org ").await, ["ben"]);
        assert_eq!(people(&ann, "be@example.org").await, [""; 0], "no part of one");
        put(&ben, "ann/block").await;
        assert_eq!(people(&ann, &email("ben")).await, [""; 0]);
        assert_eq!(people(&ann, "ben").await, [""; 0]);
        // All of these are called Ann: Ben finds himself.
        assert_eq!(people(&ben, "ann").await, ["ben"]);
    }
}

story! {
    async fn who_is_not_there_is_not_found(world: World) {
        let ann = world.person("ann").await;
        world.browser().register("ghost").await;
        let leaver = world.person("leaver").await;
        assert_eq!(people(&ann, "leaver").await, ["leaver"]);
        leaver.post("/api/v1/me/deletion", json!({ "password": crate::support::PASSWORD })).await.expect(200);
        for query in ["ghost", "leaver"] {
            assert_eq!(people(&ann, query).await, [""; 0], "{query}");
        }
    }
}

/// The texts of the posts that are found.
async fn posts(browser: &Browser, query: &str) -> Vec<String> {
    found(browser, "posts", query, "text").await
}

/// Posts; the post's id.
async fn post(world: &World, browser: &Browser, text: &str, audience: &str) -> String {
    world.wait(Duration::from_secs(7));
    let client_id = uuid::Uuid::now_v7();
    let draft = json!({ "client_id": client_id, "text": text, "audience": audience, "images": [] });
    browser.post("/api/v1/posts", draft).await.expect(201)["id"].as_str().unwrap().to_owned()
}

story! {
    async fn posts_are_found_by_their_words_the_newest_first(world: World) {
        let (ann, ben) = (world.person("ann").await, world.person("ben").await);
        for text in ["Hello Zürich", "東京タワー は 高い", "Хорошая погода, 50% off_er", "hello again"] {
            post(&world, &ann, text, "public").await;
        }
        for (query, expected) in [
            ("hello", vec!["hello again", "Hello Zürich"]),
            ("HEL zuri", vec!["Hello Zürich"]),
            ("东", vec![]),
            ("京", vec!["東京タワー は 高い"]),
            ("東京", vec!["東京タワー は 高い"]),
            ("タワ", vec!["東京タワー は 高い"]),
            ("погод", vec!["Хорошая погода, 50% off_er"]),
            ("50 off", vec!["Хорошая погода, 50% off_er"]),
            ("h", vec![]),
            ("ello", vec![]),
            ("%", vec![]),
            ("he%o", vec![]),
        ] {
            assert_eq!(posts(&ben, query).await, expected, "{query}");
        }
    }
}

story! {
    async fn posts_are_found_by_whom_they_are_for_as_they_are_now(world: World) {
        let (ann, ben) = (world.person("ann").await, world.person("ben").await);
        let id = post(&world, &ann, "apples", "followers").await;
        assert_eq!((posts(&ann, "apple").await, posts(&ben, "apple").await), (vec!["apples".to_owned()], vec![]));
        put(&ben, "ann/follow").await;
        assert_eq!(posts(&ben, "apple").await, ["apples"]);
        ann.patch(&format!("/api/v1/posts/{id}"), json!({ "text": "pears" })).await.expect(200);
        assert_eq!((posts(&ben, "apple").await, posts(&ben, "pear").await), (vec![], vec!["pears".to_owned()]));
        put(&ben, "ann/block").await;
        assert_eq!(posts(&ben, "pear").await, [""; 0]);
        ann.delete(&format!("/api/v1/posts/{id}")).await.expect(204);
        assert_eq!(posts(&ann, "pear").await, [""; 0]);
    }
}

story! {
    async fn what_is_no_query_is_refused(world: World) {
        let ann = world.person("ann").await;
        for path in ["/api/v1/search", "/api/v1/search/people", "/api/v1/search/posts"] {
            for query in [String::new(), "  ".into(), "x".repeat(101), "é".repeat(101)] {
                ann.get(&asking(path, &query)).await.invalid("q");
            }
            ann.get(path).await.refused(400, "invalid_message");
            ann.get(&asking(path, &"é".repeat(100))).await.expect(200);
            world.browser().get(&format!("{path}?q=ann")).await.refused(401, "not_signed_in");
        }
        let all = ann.get("/api/v1/search?q=ann").await.expect(200);
        assert_eq!(all["people"][0]["username"], "ann");
        assert_eq!((&all["posts"], &all["rooms"]), (&json!([]), &Value::Array(Vec::new())));
    }
}
