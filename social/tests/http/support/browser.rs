//! What a browser does for the web app: it keeps the cookie and sends the headers.

use std::net::SocketAddr;
use std::sync::Mutex;

use reqwest::{Method, header};
use serde_json::{Value, json};

use super::{registration, soon};

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: header::HeaderMap,
    pub bytes: Vec<u8>,
}

impl Answer {
    /// The body as JSON; null if it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or(Value::Null)
    }

    /// The body, if the status is as expected.
    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.bytes));
        self.json()
    }

    /// Asserts a refusal.
    #[track_caller]
    pub fn refused(&self, status: u16, code: &str) {
        let body = self.json();
        assert_eq!((self.status, body["error"]["code"].as_str()), (status, Some(code)), "{body}");
    }

    /// Asserts that a value was refused.
    #[track_caller]
    pub fn invalid(&self, field: &str) {
        self.refused(422, "invalid_value");
        assert_eq!(self.json()["error"]["field"], field);
    }
}

/// Somebody's browser.
pub struct Browser {
    address: SocketAddr,
    http: reqwest::Client,
    cookie: Mutex<Option<String>>,
    /// The address from which it comes, if it is not the real one.
    from: Mutex<Option<String>>,
}

impl Browser {
    pub fn new(address: SocketAddr) -> Self {
        Self { address, http: reqwest::Client::new(), cookie: Mutex::default(), from: Mutex::default() }
    }

    /// Where the server is.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The session's cookie.
    pub fn cookie(&self) -> Option<String> {
        self.cookie.lock().unwrap().clone()
    }

    pub fn set_cookie(&self, cookie: Option<String>) {
        *self.cookie.lock().unwrap() = cookie;
    }

    /// From now on it comes from another address.
    pub fn move_to(&self, address: &str) {
        *self.from.lock().unwrap() = Some(address.to_owned());
    }

    /// A request as the app sends it, which the story may still change.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let is_safe = method == Method::GET;
        let mut request = self.http.request(method, format!("http://{}{path}", self.address));
        if !is_safe {
            request = request.header("x-confab", "1").header("origin", format!("http://{}", self.address));
        }
        if let Some(cookie) = self.cookie() {
            request = request.header("cookie", cookie);
        }
        if let Some(from) = self.from.lock().unwrap().clone() {
            request = request.header("x-test-address", from);
        }
        request
    }

    /// Sends a request and keeps the cookie that comes with the answer.
    pub async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let response = soon(request.send()).await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        if let Some(line) = headers.get(header::SET_COOKIE) {
            let pair = line.to_str().unwrap().split(';').next().unwrap().to_owned();
            self.set_cookie((!pair.ends_with('=')).then_some(pair));
        }
        let bytes = soon(response.bytes()).await.unwrap().to_vec();
        Answer { status, headers, bytes }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::POST, path).json(&body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::PATCH, path).json(&body)).await
    }

    pub async fn put(&self, path: &str, body: Vec<u8>) -> Answer {
        self.send(self.request(Method::PUT, path).body(body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path)).await
    }

    pub async fn register(&self, username: &str) {
        self.post("/api/v1/auth/register", registration(username)).await.expect(202);
    }

    pub async fn sign_in(&self, identifier: &str, password: &str) -> Answer {
        self.post("/api/v1/auth/login", json!({ "identifier": identifier, "password": password })).await
    }
}
