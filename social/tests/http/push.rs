//! Waking browsers, by a push service on this machine.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use confab_social::clock::Clock as _;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::support::{Answer, Browser, Events, PASSWORD, World, soon, story};

/// A push service that answers as the story wants.
struct Service {
    origin: String,
    status: Arc<AtomicU16>,
    pushes: mpsc::UnboundedReceiver<(String, HeaderMap, usize)>,
}

impl Service {
    async fn new() -> Self {
        let (sender, pushes) = mpsc::unbounded_channel();
        let status = Arc::new(AtomicU16::new(201));
        let take = async |State((sender, status)): State<(mpsc::UnboundedSender<_>, Arc<AtomicU16>)>,
                          uri: Uri,
                          headers: HeaderMap,
                          body: axum::body::Bytes| {
            let _ = sender.send((uri.to_string(), headers, body.len()));
            StatusCode::from_u16(status.load(Ordering::Relaxed)).unwrap()
        };
        let app = Router::new().fallback(take).with_state((sender, status.clone()));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { origin, status, pushes }
    }

    fn answer(&self, status: u16) {
        self.status.store(status, Ordering::Relaxed);
    }

    async fn next(&mut self) -> (String, HeaderMap, usize) {
        soon(self.pushes.recv()).await.unwrap()
    }

    /// The path of the next push.
    async fn path(&mut self) -> String {
        self.next().await.0
    }
}

async fn call(browser: &Browser, method: Method, endpoint: &str) -> Answer {
    browser.send(browser.request(method, "/api/v1/me/push").json(&json!({ "endpoint": endpoint }))).await
}

async fn subscribed(browser: &Browser) -> Value {
    browser.get("/api/v1/me/push").await.expect(200)["subscribed"].clone()
}

async fn ask(browser: &Browser) {
    browser.put("/api/v1/people/ann/friend", Vec::new()).await.expect(200);
}

fn decode(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

story! {
    async fn a_browser_is_woken_by_a_signed_push_without_content(world: World) {
        let (ann, ben) = (world.person("ann").await, world.person("ben").await);
        let mut service = Service::new().await;
        call(&ann, Method::PUT, &format!("{}/wake/1?x=y", service.origin)).await.expect(204);
        assert_eq!(subscribed(&ann).await, 1);
        ask(&ben).await;
        let (path, headers, length) = service.next().await;
        assert_eq!((path.as_str(), length), ("/wake/1?x=y", 0));
        let header = |name: &str| headers[name].to_str().unwrap();
        assert_eq!((header("ttl"), header("urgency"), header("topic")), ("86400", "normal", "notifications"));
        let (token, key) = header("authorization").strip_prefix("vapid t=").unwrap().split_once(", k=").unwrap();
        assert_eq!(ann.get("/api/v1/me/push").await.expect(200)["public_key"], key);
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, decode(key));
        public.verify(signed.as_bytes(), &decode(signature)).unwrap();
        let (head, claims) = signed.split_once('.').unwrap();
        let [head, claims] = [head, claims].map(|part| serde_json::from_slice::<Value>(&decode(part)).unwrap());
        assert_eq!(head, json!({ "typ": "JWT", "alg": "ES256" }));
        assert_eq!((&claims["aud"], &claims["sub"]), (&json!(service.origin), &json!("https://meet.example.org")));
        let left = claims["exp"].as_i64().unwrap() - world.clock.now().millis() / 1000;
        assert!((1..=24 * 3600).contains(&left), "{left}");
    }
}

story! {
    async fn a_letter_wakes_a_browser(world: World) {
        let (ann, ben) = (world.person("ann").await, world.person("ben").await);
        let mut service = Service::new().await;
        call(&ann, Method::PUT, &format!("{}/letter", service.origin)).await.expect(204);
        crate::letters::send(&ben, "ann", "Trip").await;
        assert_eq!(service.path().await, "/letter");
    }
}

story! {
    async fn pushes_come_at_most_every_ten_seconds_and_not_to_open_tabs(world: World) {
        let ann = world.person("ann").await;
        let mut service = Service::new().await;
        call(&ann, Method::PUT, &format!("{}/1", service.origin)).await.expect(204);
        let others = [world.person("ben").await, world.person("carl").await, world.person("dora").await];
        ask(&others[0]).await;
        service.path().await;
        ask(&others[1]).await;
        ask(&others[2]).await;
        world.wait(Duration::from_secs(9));
        // A push of somebody else comes at once, so the second one of the first would be there.
        let eve = world.person("eve").await;
        call(&eve, Method::PUT, &format!("{}/eve", service.origin)).await.expect(204);
        others[0].put("/api/v1/people/eve/follow", Vec::new()).await.expect(200);
        assert_eq!(service.path().await, "/eve");
        world.wait(Duration::from_secs(1));
        assert_eq!(service.path().await, "/1");
        world.wait(Duration::from_secs(11));
        let (tab, _) = Events::open(&ann).await;
        eve.put("/api/v1/people/ann/follow", Vec::new()).await.expect(200);
        others[1].put("/api/v1/people/eve/follow", Vec::new()).await.expect(200);
        assert_eq!(service.path().await, "/eve");
        drop(tab);
    }
}

story! {
    async fn subscriptions_that_are_gone_are_forgotten_and_others_tried_again(world: World) {
        let (ann, ben, carl) = (world.person("ann").await, world.person("ben").await, world.person("carl").await);
        let mut service = Service::new().await;
        call(&ann, Method::PUT, &format!("{}/1", service.origin)).await.expect(204);
        service.answer(503);
        ask(&ben).await;
        service.path().await;
        for wait in [30, 60] {
            // The answer has to arrive before the time of the next try is known.
            let next = async { loop {
                world.wait(Duration::from_secs(wait));
                if let Ok(push) = tokio::time::timeout(Duration::from_millis(50), service.pushes.recv()).await {
                    return push.unwrap();
                }
            } };
            soon(next).await;
        }
        assert_eq!(subscribed(&ann).await, 1);
        for status in [410, 404] {
            service.answer(status);
            call(&ann, Method::PUT, &format!("{}/1", service.origin)).await.expect(204);
            world.wait(Duration::from_secs(600));
            carl.put("/api/v1/people/ann/follow", Vec::new()).await.expect(200);
            service.path().await;
            soon(async { while subscribed(&ann).await != 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            } }).await;
            carl.delete("/api/v1/people/ann/follow").await.expect(200);
        }
    }
}

story! {
    async fn subscriptions_have_their_limits_and_end_with_their_session(world: World) {
        let ann = world.person("ann").await;
        let phone = world.browser();
        phone.sign_in("ann", PASSWORD).await.expect(200);
        call(&phone, Method::PUT, "https://push.example/phone").await.expect(204);
        for number in 0..12 {
            world.wait(Duration::from_secs(1));
            call(&ann, Method::PUT, &format!("https://push.example/{number}")).await.expect(204);
        }
        assert_eq!(subscribed(&ann).await, 10);
        call(&ann, Method::DELETE, "https://push.example/11").await.expect(204);
        call(&ann, Method::DELETE, "https://push.example/11").await.expect(204);
        call(&phone, Method::PUT, "https://push.example/phone").await.expect(204);
        assert_eq!(subscribed(&ann).await, 10);
        let ben = world.person("ben").await;
        call(&ben, Method::DELETE, "https://push.example/phone").await.expect(204);
        assert_eq!(subscribed(&ann).await, 10);
        phone.post("/api/v1/auth/logout", json!({})).await;
        assert_eq!(subscribed(&ann).await, 9);
        // A browser belongs to whoever is signed in there now.
        call(&ben, Method::PUT, "https://push.example/5").await.expect(204);
        assert_eq!((subscribed(&ann).await, subscribed(&ben).await), (json!(8), json!(1)));
        for bad in ["http://push.example/x", "https://10.0.0.1/x", "https://[fd00::1]/x", "https://169.254.169.254/", "x", ""] {
            call(&ann, Method::PUT, bad).await.invalid("endpoint");
        }
    }
}
