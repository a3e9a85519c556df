//! A tab's event socket.

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::{Browser, soon};

/// What a tab is told.
pub struct Events {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Events {
    /// How a tab asks for its socket, perhaps with the number of the last event that it knows.
    pub fn request(browser: &Browser, after: Option<i64>) -> Request {
        let address = browser.address();
        let query = after.map(|after| format!("?after={after}")).unwrap_or_default();
        let mut request = format!("ws://{address}/api/v1/events{query}").into_client_request().unwrap();
        request.headers_mut().insert("cookie", browser.cookie().unwrap().parse().unwrap());
        request.headers_mut().insert("origin", format!("http://{address}").parse().unwrap());
        request
    }

    /// Opens a socket, and hears its hello.
    pub async fn open(browser: &Browser) -> (Self, Value) {
        Self::after(browser, None).await
    }

    /// Opens a socket that asks for what came after a number.
    pub async fn after(browser: &Browser, after: impl Into<Option<i64>>) -> (Self, Value) {
        let (socket, _) = soon(connect_async(Self::request(browser, after.into()))).await.unwrap();
        let mut events = Self { socket };
        let hello = events.next().await;
        assert_eq!(hello["type"], "hello", "{hello}");
        (events, hello)
    }

    /// Says something.
    pub async fn say(&mut self, text: impl Into<String>) {
        soon(self.socket.send(Message::text(text.into()))).await.unwrap();
    }

    /// Has the server tell what happens to these posts. Nothing else may happen until it does: what is told in the
    /// meantime is not kept.
    pub async fn watch(&mut self, posts: &[String]) {
        self.say(json!({ "type": "watch", "posts": posts }).to_string()).await;
        // A ping is answered when the message before it was heard.
        soon(self.socket.send(Message::Ping(b"heard?".as_slice().into()))).await.unwrap();
        loop {
            if let Message::Pong(_) = soon(self.socket.next()).await.unwrap().unwrap() {
                return;
            }
        }
    }

    /// The next message; the close code if there is none.
    pub async fn next(&mut self) -> Value {
        loop {
            match soon(self.socket.next()).await {
                Some(Ok(Message::Text(text))) => return serde_json::from_str(&text).unwrap(),
                Some(Ok(Message::Close(Some(close)))) => return u16::from(close.code).into(),
                Some(Ok(_)) => {}
                end => panic!("the socket ended: {end:?}"),
            }
        }
    }

    /// All messages up to the first of which `is_it` holds, which is the last of them.
    pub async fn until(&mut self, is_it: impl Fn(&Value) -> bool) -> Vec<Value> {
        let mut told = Vec::new();
        loop {
            let event = self.next().await;
            assert!(!event.is_number(), "the socket was closed: {event}");
            told.push(event.clone());
            if is_it(&event) {
                return told;
            }
        }
    }

    /// Messages up to the event with this number.
    pub async fn up_to(&mut self, seq: i64) -> Vec<Value> {
        self.until(|event| event["seq"] == seq).await
    }
}
