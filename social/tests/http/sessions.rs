//! Several devices, each of which can end the others; and what they did.

use std::time::Duration;

use futures_util::StreamExt as _;
use serde_json::{Value, json};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

use crate::support::{Browser, PASSWORD, World, soon, story};

async fn sessions(browser: &Browser) -> Vec<Value> {
    browser.get("/api/v1/me/sessions").await.expect(200)["items"].as_array().unwrap().clone()
}

story! {
    async fn one_device_ends_another(world: World) {
        let laptop = world.person("ann").await;
        let phone = world.browser();
        phone.move_to("203.0.113.9");
        phone.sign_in("ann", PASSWORD).await.expect(200);
        let list = sessions(&laptop).await;
        assert_eq!(list.len(), 2);
        assert_eq!((&list[0]["is_current"], &list[1]["is_current"]), (&json!(true), &json!(false)));
        assert_eq!(list[1]["address"], "203.0.113.9");
        let other = format!("/api/v1/me/sessions/{}", list[1]["id"].as_str().unwrap());
        let ben = world.person("ben").await;
        ben.delete(&other).await.refused(404, "not_found");
        phone.get("/api/v1/me").await.expect(200);
        laptop.delete(&other).await.expect(204);
        phone.get("/api/v1/me").await.refused(401, "not_signed_in");
        laptop.delete(&other).await.refused(404, "not_found");
        laptop.delete("/api/v1/me/sessions/junk").await.refused(404, "not_found");
        laptop.get("/api/v1/me").await.expect(200);
    }
}

story! {
    async fn one_device_ends_all_others(world: World) {
        let laptop = world.person("ann").await;
        let others = [world.browser(), world.browser()];
        for other in &others {
            other.sign_in("ann", PASSWORD).await.expect(200);
        }
        laptop.delete("/api/v1/me/sessions").await.expect(204);
        assert_eq!(sessions(&laptop).await.len(), 1);
        for other in &others {
            other.get("/api/v1/me").await.refused(401, "not_signed_in");
        }
    }
}

story! {
    async fn an_open_tab_hears_that_its_session_is_over(world: World) {
        let laptop = world.person("ann").await;
        let phone = world.browser();
        phone.sign_in("ann", PASSWORD).await.expect(200);
        let mut request = format!("ws://{}/api/v1/events", world.address).into_client_request().unwrap();
        request.headers_mut().insert("cookie", phone.cookie().unwrap().parse().unwrap());
        assert!(connect_async(request.clone()).await.is_err(), "without an origin it may be a foreign page");
        request.headers_mut().insert("origin", format!("http://{}", world.address).parse().unwrap());
        let (mut socket, _) = soon(connect_async(request.clone())).await.unwrap();
        laptop.delete("/api/v1/me/sessions").await.expect(204);
        let began = std::time::Instant::now();
        let mut heard = Vec::new();
        while let Some(Ok(message)) = soon(socket.next()).await {
            match message {
                Message::Text(text) => heard.push(text.to_string()),
                Message::Close(Some(close)) => heard.push(u16::from(close.code).to_string()),
                _ => {}
            }
        }
        assert_eq!(heard, [r#"{"type":"hello","seq":0,"unread":0}"#, r#"{"type":"signed_out"}"#, "4401"]);
        assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
        assert!(connect_async(request).await.is_err());
    }
}

story! {
    async fn sessions_expire(world: World) {
        let ann = world.person("ann").await;
        for _ in 0..3 {
            world.wait(Duration::from_secs(29 * 24 * 3600));
            ann.get("/api/v1/me").await.expect(200);
            // The last use is noted apart.
            let now = confab_social::clock::Clock::now(&*world.clock).millis();
            soon(async {
                while sessions(&ann).await[0]["seen_at"].as_i64() < Some(now) {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            })
            .await;
        }
        // Three months are the most, however often it is used.
        world.wait(Duration::from_secs(4 * 24 * 3600));
        ann.get("/api/v1/me").await.refused(401, "not_signed_in");
        ann.sign_in("ann", PASSWORD).await.expect(200);
        world.wait(Duration::from_secs(31 * 24 * 3600));
        ann.get("/api/v1/me").await.refused(401, "not_signed_in");
        world.social.sweep().await.unwrap();
        ann.sign_in("ann", PASSWORD).await.expect(200);
        assert_eq!(sessions(&ann).await.len(), 1);
    }
}

story! {
    async fn the_history_shows_who_tried(world: World) {
        let ann = world.person("ann").await;
        let thief = world.browser();
        thief.move_to("198.51.100.7");
        for _ in 0..3 {
            thief.sign_in("ann", "guessed password").await.refused(401, "wrong_credentials");
        }
        let page = soon(async {
            loop {
                let page = ann.get("/api/v1/me/logins").await.expect(200);
                if page["items"].as_array().unwrap().len() == 4 {
                    return page;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
        .await;
        let outcomes: Vec<_> = page["items"].as_array().unwrap().iter().map(|entry| entry["outcome"].as_str().unwrap()).collect();
        assert_eq!(outcomes.iter().filter(|outcome| **outcome == "wrong_password").count(), 3);
        assert!(page["items"].as_array().unwrap().iter().any(|entry| entry["address"] == "198.51.100.7"));
        let first = ann.get("/api/v1/me/logins?limit=3").await.expect(200);
        let rest = ann.get(&format!("/api/v1/me/logins?limit=3&after={}", first["next"].as_str().unwrap())).await.expect(200);
        assert_eq!(rest["items"].as_array().unwrap().len(), 1);
        assert_eq!((&rest["next"], &rest["items"][0]), (&Value::Null, &page["items"][3]));
        for bad in ["after=junk", "limit=0", "limit=101"] {
            assert_eq!(ann.get(&format!("/api/v1/me/logins?{bad}")).await.status, 422, "{bad}");
        }
        assert_eq!(ann.get("/api/v1/me/logins?limit=x").await.status, 400);
    }
}
