//! The list of people.

use std::time::Duration;

use serde_json::json;

use crate::support::{World, story};

story! {
    async fn people_are_listed_page_by_page_and_each_once(world: World) {
        let mut people = Vec::new();
        for username in ["ann", "ben", "carl", "dora", "eve"] {
            people.push(world.person(username).await);
            world.wait(Duration::from_secs(1));
        }
        // Who has not verified the address is nobody yet.
        world.browser().register("ghost").await;
        world.browser().get("/api/v1/people").await.refused(401, "not_signed_in");
        let ann = &people[0];
        ann.patch("/api/v1/me/profile", json!({ "bio": "hidden", "visibility": { "bio": "nobody" } })).await.expect(200);
        let mut seen = Vec::new();
        let mut path = "/api/v1/people?limit=2".to_owned();
        loop {
            let page = people[1].get(&path).await.expect(200);
            seen.extend(page["items"].as_array().unwrap().clone());
            // Somebody who comes meanwhile moves nothing.
            world.person(&format!("late{}", seen.len())).await;
            let Some(next) = page["next"].as_str() else { break };
            path = format!("/api/v1/people?limit=2&after={next}");
        }
        let names: Vec<_> = seen.iter().map(|person| person["username"].as_str().unwrap()).collect();
        assert_eq!(names, ["eve", "dora", "carl", "ben", "ann"]);
        assert_eq!(seen[4]["bio"], json!(null));
        assert!(!json!(seen).to_string().contains("example.org"));
    }
}
