//! Requests at a steady rate, however long they take, as people send them.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::seed::token;

/// How long requests took, in milliseconds, counted from when each was due.
#[derive(Debug, Serialize)]
pub struct Figures {
    pub count: usize,
    pub p50: f64,
    pub p95: f64,
    pub p99: f64,
    pub max: f64,
}

impl Figures {
    fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        let millis = |part: f64| {
            let place = (times.len() as f64 * part).ceil() as usize;
            times.get(place.max(1) - 1).map_or(0.0, |time| (time.as_secs_f64() * 100_000.0).round() / 100.0)
        };
        Self { count: times.len(), p50: millis(0.5), p95: millis(0.95), p99: millis(0.99), max: millis(1.0) }
    }
}

/// Somebody's request.
#[derive(Debug, Clone)]
pub struct Request {
    /// The account that asks.
    pub who: usize,
    pub path: String,
}

/// Browsers of all accounts.
#[derive(Debug, Clone)]
pub struct Client {
    address: SocketAddr,
    http: reqwest::Client,
}

impl Client {
    pub fn new(address: SocketAddr) -> Self {
        Self { address, http: reqwest::Client::new() }
    }

    /// Asks for a page, which must be there.
    pub async fn get(&self, Request { who, path }: Request) -> Value {
        let request = self.http.get(format!("http://{}{path}", self.address));
        let cookie = format!("confab_session={}", token(who));
        let answer = request.header("cookie", cookie).send().await.unwrap();
        let status = answer.status();
        let body: Value = answer.json().await.unwrap();
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// Writes a post.
    async fn post(&self, who: usize, client_id: uuid::Uuid) {
        let request = self.http.post(format!("http://{}/api/v1/posts", self.address));
        let request = request.header("cookie", format!("confab_session={}", token(who)));
        let request = request.header("x-confab", "1").header("origin", format!("http://{}", self.address));
        let body = json!({ "client_id": client_id, "text": "Good morning, 東京!", "audience": "public", "images": [] });
        let answer = request.json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 201, "{}", answer.text().await.unwrap());
    }

    /// Sends requests that are due at a rate a second, whether or not those before are answered.
    pub async fn steadily(&self, rate: u32, requests: Vec<Request>) -> Figures {
        let (begin, mut running) = (Instant::now(), JoinSet::new());
        for (place, request) in (0_u32..).zip(requests) {
            let due = begin + Duration::from_secs(1) * place / rate;
            tokio::time::sleep_until(due.into()).await;
            let client = self.clone();
            running.spawn(async move {
                client.get(request).await;
                due.elapsed()
            });
        }
        Figures::of(running.join_all().await)
    }

    /// Has an account post so many times, one after the other.
    pub async fn posts(&self, who: usize, count: usize) -> Figures {
        let mut times = Vec::new();
        for place in 0..count {
            let begin = Instant::now();
            self.post(who, uuid::Uuid::from_u128(place as u128 + 1)).await;
            times.push(begin.elapsed());
        }
        Figures::of(times)
    }
}
