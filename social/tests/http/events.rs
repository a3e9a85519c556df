//! What open tabs are told.

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio_tungstenite::connect_async;

use crate::notifications::{delete, people, put};
use crate::support::{Browser, Events, World, soon, story};

fn numbers(heard: &[Value]) -> Vec<i64> {
    heard.iter().filter_map(|message| message["seq"].as_i64()).collect()
}

story! {
    async fn two_tabs_hear_the_same(world: World) {
        let [ann, ben] = people(&world, ["ann", "ben"]).await;
        let (mut one, hello) = Events::open(&ann).await;
        let (mut other, _) = Events::open(&ann).await;
        assert_eq!(hello, json!({ "type": "hello", "seq": 0, "unread": 0 }));
        put(&ben, "people/ann/friend").await;
        let heard = one.up_to(2).await;
        assert_eq!(heard, other.up_to(2).await);
        let shown = ann.get("/api/v1/notifications").await.expect(200)["items"][0].clone();
        assert_eq!(heard[0], json!({ "type": "notification", "seq": 1, "unread": 1, "notification": shown }));
        assert_eq!(heard[1], json!({ "type": "connections_changed", "seq": 2, "unread": 1 }));
        put(&ann, "notifications/read").await;
        let read = json!({ "type": "notifications_changed", "seq": 3, "unread": 0 });
        assert_eq!([one.next().await, other.next().await], [read.clone(), read]);
        // What changes nothing is not told.
        put(&ann, "notifications/read").await;
        delete(&ben, "people/ann/friend").await;
        assert_eq!(numbers(&one.up_to(5).await), [4, 5]);
        assert_eq!(other.up_to(5).await[0], json!({ "type": "notifications_changed", "seq": 4, "unread": 0 }));
    }
}

story! {
    async fn a_tab_that_was_away_hears_what_it_missed(world: World) {
        let [ann, ben, carl] = people(&world, ["ann", "ben", "carl"]).await;
        let (mut tab, _) = Events::open(&ann).await;
        put(&ben, "people/ann/follow").await;
        assert_eq!(numbers(&tab.up_to(2).await), [1, 2]);
        drop(tab);
        put(&carl, "people/ann/friend").await;
        delete(&carl, "people/ann/friend").await;
        let (mut tab, hello) = Events::after(&ann, Some(2)).await;
        assert_eq!((&hello["seq"], &hello["unread"]), (&json!(6), &json!(1)));
        let heard = tab.up_to(6).await;
        assert_eq!(numbers(&heard), [3, 4, 5, 6]);
        assert_eq!(heard[0], json!({ "type": "notification", "seq": 3, "unread": 1, "notification": null }));
        put(&carl, "people/ann/follow").await;
        assert_eq!(numbers(&tab.up_to(8).await), [7, 8]);
        // Who knows all hears nothing twice.
        let (mut tab, _) = Events::after(&ann, Some(8)).await;
        put(&ann, "notifications/read").await;
        assert_eq!(tab.next().await, json!({ "type": "notifications_changed", "seq": 9, "unread": 0 }));
    }
}

story! {
    async fn what_is_not_known_any_more_is_a_gap(world: World) {
        let [ann, ben] = people(&world, ["ann", "ben"]).await;
        put(&ben, "people/ann/follow").await;
        let gap = json!({ "type": "gap", "seq": 2, "unread": 1 });
        for after in [3, i64::MAX, -500, i64::MIN] {
            let (mut tab, _) = Events::after(&ann, Some(after)).await;
            assert_eq!(tab.next().await, gap, "{after}");
        }
        world.wait(std::time::Duration::from_secs(8 * 24 * 3600));
        world.social.sweep().await.unwrap();
        let (mut tab, _) = Events::after(&ann, Some(0)).await;
        assert_eq!(tab.next().await, gap);
        let (mut tab, _) = Events::after(&ann, Some(2)).await;
        delete(&ben, "people/ann/follow").await;
        assert_eq!(numbers(&tab.up_to(4).await), [3, 4]);
    }
}

/// Follows Ann. A server with too much to do at once says so, and is asked again.
async fn follow_ann(fan: &Browser) {
    let follow = async {
        loop {
            let answer = fan.put("/api/v1/people/ann/follow", Vec::new()).await;
            if answer.status != 503 {
                return answer.expect(200);
            }
            answer.refused(503, "busy");
        }
    };
    soon(follow).await;
}

story! {
    async fn fifty_at_once_are_numbered_without_gaps(world: World) {
        let ann = world.person("ann").await;
        let names: Vec<_> = (0..50).map(|number| format!("fan{number}")).collect();
        let mut fans = Vec::new();
        for name in &names {
            fans.push(world.person(name).await);
        }
        let (mut tab, _) = Events::open(&ann).await;
        let (mut other, _) = Events::open(&ann).await;
        join_all(fans.iter().map(follow_ann)).await;
        let heard = tab.up_to(100).await;
        assert_eq!(numbers(&heard), (1..=100).collect::<Vec<_>>());
        assert_eq!(numbers(&other.up_to(100).await), (1..=100).collect::<Vec<_>>());
        let last = heard.iter().rfind(|message| message["type"] == "notification").unwrap();
        let told = &last["notification"];
        assert_eq!((&last["unread"], told["actors"].as_array().unwrap().len()), (&json!(1), 3));
        let shown = ann.get("/api/v1/notifications").await.expect(200)["items"].clone();
        assert_eq!((shown.as_array().unwrap().len(), &shown[0]["others"]), (1, &json!(47)));
    }
}

story! {
    async fn a_tab_that_says_nonsense_is_closed(world: World) {
        let ann = world.person("ann").await;
        let ids: Vec<_> = (0..101).map(|number| format!("01970000-0000-7000-8000-{number:012}")).collect();
        let watch = |posts: &[String]| json!({ "type": "watch", "posts": posts }).to_string();
        for bad in ["".into(), "{}".into(), r#"{"type":"watch","posts":["x"]}"#.into(), "\u{1F600}".repeat(100), watch(&ids)] {
            let (mut tab, _) = Events::open(&ann).await;
            tab.say(bad).await;
            assert_eq!(tab.next().await, 1008);
        }
        // Posts that there are not are not watched, and that is all.
        let (mut tab, _) = Events::open(&ann).await;
        for _ in 0..100 {
            tab.say(watch(&ids[..100])).await;
        }
        put(&world.person("ben").await, "people/ann/follow").await;
        assert_eq!(tab.next().await["seq"], 1);
        let (mut tab, _) = Events::open(&ann).await;
        for _ in 0..150 {
            tab.say(watch(&[])).await;
        }
        assert_eq!(tab.next().await, 1008);
    }
}

story! {
    async fn an_account_has_twenty_tabs(world: World) {
        let ann = world.person("ann").await;
        let mut tabs = Vec::new();
        for _ in 0..20 {
            tabs.push(Events::open(&ann).await);
        }
        assert!(connect_async(Events::request(&ann, None)).await.is_err());
        tabs.pop();
        soon(async { while connect_async(Events::request(&ann, None)).await.is_err() {} }).await;
    }
}
