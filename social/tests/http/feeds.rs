//! Feeds: whose posts are in them, and that pages stay where they are while people post.

use std::time::Duration;

use serde_json::Value;

use crate::posts::{post, put};
use crate::support::{Browser, PASSWORD, World, story};

fn texts(page: &Value) -> Vec<String> {
    page["items"].as_array().unwrap().iter().map(|post| post["text"].as_str().unwrap().to_owned()).collect()
}

/// All of a feed in pages of two; `between` happens between two pages.
async fn walk(browser: &Browser, feed: &str, between: impl AsyncFn()) -> Vec<String> {
    let mut seen = Vec::new();
    let mut path = format!("{feed}?limit=2");
    loop {
        let page = browser.get(&path).await.expect(200);
        seen.extend(texts(&page));
        between().await;
        let Some(next) = page["next"].as_str() else { return seen };
        path = format!("{feed}?limit=2&after={next}");
    }
}

story! {
    async fn feeds_are_read_page_by_page_over_years(world: World) {
        let (ann, ben, carl) = (world.person("ann").await, world.person("ben").await, world.person("carl").await);
        put(&ann, "/api/v1/people/ben/follow").await.expect(200);
        let mut expected = Vec::new();
        // A minute, hours, days, months, years lie between them.
        for (index, minutes) in [1_u64, 60, 60 * 24, 60 * 24 * 20, 60 * 24 * 200, 60 * 24 * 1000, 5].into_iter().enumerate() {
            let author = if index % 2 == 0 { &ben } else { &ann };
            post(author, &format!("post {index}"), "public").await;
            world.wait(Duration::from_millis(1));
            post(&carl, &format!("carl {index}"), "public").await;
            expected.insert(0, format!("post {index}"));
            world.wait(Duration::from_secs(60 * minutes));
            // Sessions end in the meantime.
            for (person, name) in [(&ann, "ann"), (&ben, "ben"), (&carl, "carl")] {
                person.sign_in(name, PASSWORD).await.expect(200);
            }
        }
        let late = async || drop(post(&ben, "late", "public").await);
        assert_eq!(walk(&ann, "/api/v1/feed/home", late).await, expected);
        let first = ann.get("/api/v1/feed/home").await.expect(200);
        let newest = |text: &str| {
            let items = first["items"].as_array().unwrap();
            items.iter().find(|post| post["text"] == text).unwrap()["id"].as_str().unwrap().to_owned()
        };
        // One's own are not new to oneself.
        let count = async |feed: &str, since: &str| {
            ann.get(&format!("/api/v1/feed/{feed}/new{since}")).await.expect(200)["count"].as_i64().unwrap()
        };
        assert_eq!(count("home", &format!("?since={}", newest("post 6"))).await, 4);
        assert_eq!(count("home", &format!("?since={}", newest("post 4"))).await, 5);
        assert_eq!(count("home", "").await, 8);
        assert_eq!(count("discover", &format!("?since={}", newest("post 4"))).await, 8);
        let all = walk(&ann, "/api/v1/feed/discover", async || {}).await;
        assert_eq!(all.len(), 7 * 2 + 4);
        assert_eq!(walk(&ann, "/api/v1/people/carl/posts", async || {}).await.len(), 7);
        ann.get("/api/v1/feed/home/new?since=x").await.refused(400, "invalid_message");
        ann.get("/api/v1/people/nobody/posts").await.refused(404, "not_found");
    }
}
