//! Links from mails: good once, for a while, for one thing.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Browser, PASSWORD, World, email, story, token_in};

const DAY: Duration = Duration::from_secs(24 * 3600);
const HALF_AN_HOUR: Duration = Duration::from_secs(30 * 60);
const SECOND: Duration = Duration::from_secs(1);

async fn verify(browser: &Browser, token: &str) -> Answer {
    browser.post("/api/v1/auth/verify", json!({ "token": token })).await
}

async fn reset(browser: &Browser, token: &str) -> Answer {
    browser.post("/api/v1/auth/reset", json!({ "token": token, "password": "another good password" })).await
}

/// A token of somebody who has just registered.
async fn verify_token(world: &World, username: &str) -> String {
    world.browser().register(username).await;
    world.token(&email(username), "/verify#").await
}

/// A token of somebody who forgot the password.
async fn reset_token(world: &World, username: &str) -> String {
    newer_reset_token(world, username, &[]).await
}

/// A token that is none of the ones before.
async fn newer_reset_token(world: &World, username: &str, old: &[&str]) -> String {
    world.browser().post("/api/v1/auth/forgot", json!({ "email": email(username) })).await.expect(202);
    let is_new = |text: &str| text.contains("/reset#") && !old.iter().any(|old| text.contains(old));
    token_in(&world.mail(&email(username), |mail| is_new(&mail.text)).await.text, "/reset#")
}

/// A refusal that repeats nothing of what was sent.
#[track_caller]
fn assert_invalid(answer: &Answer, token: &str) {
    answer.refused(400, "invalid_token");
    assert!(!String::from_utf8_lossy(&answer.bytes).contains(token));
}

story! {
    async fn a_link_is_good_for_one_thing_once(world: World) {
        let browser = world.browser();
        let token = verify_token(&world, "ann").await;
        // One that verifies does not reset, and is not spent by the try; nor the other way round.
        assert_invalid(&reset(&browser, &token).await, &token);
        verify(&browser, &token).await.expect(200);
        assert_invalid(&verify(&browser, &token).await, &token);
        let other = reset_token(&world, "ann").await;
        assert_invalid(&verify(&browser, &other).await, &other);
        reset(&browser, &other).await.expect(204);
        assert_invalid(&reset(&browser, &other).await, &other);
        // Nor is a session's token one, nor a hash, nor a part.
        let ann = world.browser();
        ann.sign_in("ann", "another good password").await.expect(200);
        let session = ann.cookie().unwrap().replace("confab_session=", "");
        let third = newer_reset_token(&world, "ann", &[&other]).await;
        let hash = confab_social::secrets::SecretHash::of(&third).to_text();
        for wrong in [session, hash, third[..42].to_owned(), format!("{third} "), third.to_lowercase()] {
            assert_invalid(&reset(&browser, &wrong).await, &third);
        }
        reset(&browser, &third).await.expect(204);
    }
}

story! {
    async fn two_at_once_spend_a_link_once(world: World) {
        world.person("ann").await;
        let token = reset_token(&world, "ann").await;
        let browsers: Vec<_> = (0..6).map(|_| world.browser()).collect();
        let all = browsers.iter().map(|browser| reset(browser, &token));
        let statuses: Vec<_> = futures_util::future::join_all(all).await.iter().map(|answer| answer.status).collect();
        assert_eq!(statuses.iter().filter(|status| **status == 204).count(), 1, "{statuses:?}");
        assert_eq!(statuses.iter().filter(|status| **status == 400).count(), 5, "{statuses:?}");
    }
}

story! {
    async fn a_link_that_is_used_or_a_new_password_ends_the_others(world: World) {
        let ann = world.person("ann").await;
        let first = reset_token(&world, "ann").await;
        let second = newer_reset_token(&world, "ann", &[&first]).await;
        reset(&ann, &second).await.expect(204);
        assert_invalid(&reset(&ann, &first).await, &first);
        ann.sign_in("ann", "another good password").await.expect(200);
        let third = newer_reset_token(&world, "ann", &[&first, &second]).await;
        let change = json!({ "current": "another good password", "new": PASSWORD });
        ann.post("/api/v1/me/password", change).await.expect(204);
        assert_invalid(&reset(&ann, &third).await, &third);
    }
}

story! {
    async fn links_expire_to_the_second(world: World) {
        let browser = world.browser();
        for (wait, is_good) in [(DAY - SECOND, true), (DAY, false)] {
            let token = verify_token(&world, &format!("verify{is_good}")).await;
            world.wait(wait);
            assert_eq!(verify(&browser, &token).await.status == 200, is_good, "{wait:?}");
        }
        for (wait, is_good) in [(HALF_AN_HOUR - SECOND, true), (HALF_AN_HOUR, false)] {
            let name = format!("reset{is_good}");
            world.person(&name).await;
            let token = reset_token(&world, &name).await;
            world.wait(wait);
            assert_eq!(reset(&browser, &token).await.status == 204, is_good, "{wait:?}");
        }
        // When they are swept away makes no difference.
        world.social.sweep().await.unwrap();
    }
}

story! {
    async fn opening_a_link_spends_nothing(world: World) {
        world.person("ann").await;
        let browser = world.browser();
        let (verifies, resets) = (verify_token(&world, "ben").await, reset_token(&world, "ann").await);
        // What a mail program or a virus scanner does with a link before its reader opens it.
        for token in [&verifies, &resets] {
            for path in ["/verify", "/reset", "/api/v1/auth/verify", "/api/v1/auth/reset", "/api/v1/auth/login"] {
                for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
                    for rest in [format!("?token={token}"), format!("#{token}"), format!("/{token}")] {
                        let answer = browser.send(browser.request(method.clone(), &format!("{path}{rest}"))).await;
                        assert!(answer.status == 404 || answer.status == 405, "{method} {path}: {}", answer.status);
                        assert!(!String::from_utf8_lossy(&answer.bytes).contains(token.as_str()));
                    }
                }
                let body = json!({ "token": token, "password": PASSWORD });
                let answer = browser.send(browser.request(Method::GET, path).json(&body)).await;
                assert!(answer.status == 404 || answer.status == 405);
            }
        }
        verify(&browser, &verifies).await.expect(200);
        reset(&browser, &resets).await.expect(204);
    }
}

story! {
    async fn links_lead_to_the_configured_address_whatever_the_request_says(world: World) {
        let hostile = [
            ("host", "evil.example"),
            ("x-forwarded-host", "evil.example"),
            ("forwarded", "host=evil.example;proto=http"),
            ("x-original-host", "evil.example"),
            ("origin", "https://evil.example"),
            ("referer", "https://evil.example/"),
        ];
        let browser = world.browser();
        for (index, (name, value)) in hostile.into_iter().enumerate() {
            let username = format!("ann{index}");
            let send = async |path: &str, body: Value| {
                let mut request = browser.request(Method::POST, path).json(&body).build().unwrap();
                request.headers_mut().insert(name, value.parse().unwrap());
                browser.send(reqwest::RequestBuilder::from_parts(reqwest::Client::new(), request)).await.expect(202)
            };
            send("/api/v1/auth/register", crate::support::registration(&username)).await;
            let token = world.token(&email(&username), "https://meet.example.org/verify#").await;
            verify(&browser, &token).await.expect(200);
            send("/api/v1/auth/forgot", json!({ "email": email(&username) })).await;
            world.token(&email(&username), "https://meet.example.org/reset#").await;
        }
        let outbox = browser.get("/api/v1/outbox").await.expect(200).to_string();
        assert!(!outbox.contains("evil.example"), "{outbox}");
    }
}
