//! A tab's event socket.

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::{Browser, World, soon};

/// An open socket.
pub struct Tab(WebSocketStream<MaybeTlsStream<TcpStream>>);

/// How a tab asks for its socket.
pub fn request(world: &World, browser: &Browser, after: Option<i64>) -> Request {
    let after = after.map(|after| format!("?after={after}")).unwrap_or_default();
    let mut request = format!("ws://{}/api/v1/events{after}", world.address).into_client_request().unwrap();
    request.headers_mut().insert("cookie", browser.cookie().unwrap().parse().unwrap());
    request.headers_mut().insert("origin", format!("http://{}", world.address).parse().unwrap());
    request
}

impl Tab {
    /// Opens one, and hears its hello.
    pub async fn open(world: &World, browser: &Browser) -> (Self, Value) {
        Self::after(world, browser, None).await
    }

    /// Opens one that knows an event already.
    pub async fn after(world: &World, browser: &Browser, after: Option<i64>) -> (Self, Value) {
        let (socket, _) = soon(connect_async(request(world, browser, after))).await.unwrap();
        let mut tab = Self(socket);
        let hello = tab.next().await;
        assert_eq!(hello["type"], "hello");
        (tab, hello)
    }

    /// The next message; the close code if there is none.
    pub async fn next(&mut self) -> Value {
        loop {
            match soon(self.0.next()).await {
                Some(Ok(Message::Text(text))) => return serde_json::from_str(&text).unwrap(),
                Some(Ok(Message::Close(Some(close)))) => return u16::from(close.code).into(),
                Some(Ok(_)) => {}
                end => panic!("the socket ended: {end:?}"),
            }
        }
    }

    /// The next message of this type, and those before it.
    pub async fn until(&mut self, kind: &str) -> (Value, Vec<Value>) {
        let mut before = Vec::new();
        loop {
            let message = self.next().await;
            if message["type"] == kind {
                return (message, before);
            }
            before.push(message);
        }
    }

    /// Messages up to the event with this number.
    pub async fn up_to(&mut self, seq: i64) -> Vec<Value> {
        let mut heard = Vec::new();
        while heard.last().is_none_or(|last: &Value| last["seq"] != seq) {
            heard.push(self.next().await);
        }
        heard
    }

    /// Says something.
    pub async fn say(&mut self, text: impl Into<String>) {
        soon(self.0.send(Message::text(text.into()))).await.unwrap();
    }
}
