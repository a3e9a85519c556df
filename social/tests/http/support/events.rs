//! A tab's event socket.

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::{Browser, soon};

/// What a tab is told.
pub struct Events {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Events {
    /// Opens a socket; the greeting is read.
    pub async fn open(browser: &Browser) -> Self {
        let mut events = Self::connect(browser, None).await;
        let hello = events.next().await;
        assert_eq!(hello["type"], "hello", "{hello}");
        events
    }

    /// Opens a socket that asks for what came after a number.
    pub async fn connect(browser: &Browser, after: Option<i64>) -> Self {
        let address = browser.address();
        let query = after.map(|after| format!("?after={after}")).unwrap_or_default();
        let mut request = format!("ws://{address}/api/v1/events{query}").into_client_request().unwrap();
        request.headers_mut().insert("cookie", browser.cookie().unwrap().parse().unwrap());
        request.headers_mut().insert("origin", format!("http://{address}").parse().unwrap());
        Self { socket: soon(connect_async(request)).await.unwrap().0 }
    }

    /// Has the server tell what happens to these posts.
    pub async fn watch(&mut self, posts: &[String]) {
        let message = json!({ "type": "watch", "posts": posts }).to_string();
        soon(self.socket.send(Message::text(message))).await.unwrap();
        // A ping is answered when the message before it was heard.
        soon(self.socket.send(Message::Ping(b"heard?".as_slice().into()))).await.unwrap();
        loop {
            if let Message::Pong(_) = soon(self.socket.next()).await.unwrap().unwrap() {
                return;
            }
        }
    }

    /// The next message.
    pub async fn next(&mut self) -> Value {
        loop {
            if let Message::Text(text) = soon(self.socket.next()).await.unwrap().unwrap() {
                return serde_json::from_str(&text).unwrap();
            }
        }
    }

    /// All messages up to the first of which `is_it` holds, which is the last of them.
    pub async fn until(&mut self, is_it: impl Fn(&Value) -> bool) -> Vec<Value> {
        let mut told = Vec::new();
        loop {
            let event = self.next().await;
            told.push(event.clone());
            if is_it(&event) {
                return told;
            }
        }
    }
}
