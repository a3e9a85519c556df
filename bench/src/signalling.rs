//! Speaks Confab's HTTP and WebSocket protocol as a client. The messages are written down anew, from
//! `docs/protocol.md`, so that a change of the server's that breaks clients breaks the bench too.

use std::collections::VecDeque;

use anyhow::{Context, Result, bail, ensure};
use futures_util::{SinkExt, StreamExt};
use serde::{Deserialize, Serialize};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;

use crate::client::{Offer, Source};
use crate::local::LocalAddresses;

/// The protocol's version.
const VERSION: u32 = 1;
/// The WebSocket subprotocol.
const SUBPROTOCOL: &str = "confab.v1";

/// A room that was made.
#[derive(Debug, Clone, Deserialize)]
pub struct Room {
    /// Its id.
    pub id: String,
}

/// The right to join.
#[derive(Debug, Clone, Deserialize)]
pub struct Joined {
    /// Authenticates the WebSocket, once.
    pub ticket: String,
    /// Where the WebSocket is: absolute, or a path of the server.
    pub url: String,
}

/// From the client to the server.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClientMessage {
    /// The first frame.
    Hello {
        /// The protocol's version.
        version: u32,
    },
    /// An SDP offer.
    Offer {
        /// Echoed in the answer.
        request: u32,
        /// The session description.
        sdp: String,
        /// What its sections are for.
        sections: Sections,
    },
    /// A track begins.
    Publish {
        /// What it carries.
        source: Source,
        /// Whether it starts muted.
        muted: bool,
    },
    /// All that the client wants to see.
    Wants {
        /// One entry a slot.
        wants: Vec<Want>,
    },
    /// The participant leaves.
    Leave,
}

/// What an offer's sections are for.
#[derive(Debug, Clone, Serialize)]
pub struct Sections {
    publish: Vec<PublishSection>,
    slots: Vec<SlotSections>,
    audio_slots: Vec<String>,
}

#[derive(Debug, Clone, Serialize)]
struct PublishSection {
    source: Source,
    mid: String,
}

#[derive(Debug, Clone, Serialize)]
struct SlotSections {
    video: String,
    audio: String,
}

impl ClientMessage {
    /// The message that carries an offer.
    pub fn offer(request: u32, offer: &Offer) -> Self {
        let publish = offer.publish.iter().map(|(source, mid)| PublishSection { source: *source, mid: mid.clone() });
        let slots =
            offer.slots.iter().map(|(video, audio)| SlotSections { video: video.clone(), audio: audio.clone() });
        let sections =
            Sections { publish: publish.collect(), slots: slots.collect(), audio_slots: offer.audio_slots.clone() };
        Self::Offer { request, sdp: offer.sdp.clone(), sections }
    }
}

/// What a client wants in one slot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Want {
    /// The slot's number.
    pub slot: u16,
    /// The track of the picture.
    pub video: Option<String>,
    /// The track of the sound.
    pub audio: Option<String>,
    /// Width on the screen.
    pub width: u16,
    /// Height on the screen.
    pub height: u16,
    /// The most frames per second of use; 0 is no limit.
    pub fps: u8,
    /// Whether it comes first.
    pub pinned: bool,
}

/// From the server to the client: what the bench needs of it.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerMessage {
    /// The answer to `hello`.
    Welcome {
        /// The client's own participant.
        you: String,
        /// Everybody, the client too.
        participants: Vec<Participant>,
    },
    /// The answer to `offer`.
    Answer {
        /// The offer's number.
        request: u32,
        /// The session description.
        sdp: String,
    },
    /// Which encodings of an own picture anybody needs.
    PublicationWishes {
        /// Whose picture.
        source: Source,
        /// One for each encoding, lowest first.
        encodings: Vec<bool>,
    },
    /// Somebody joined.
    ParticipantJoined {
        /// Who.
        participant: Participant,
    },
    /// Somebody left.
    ParticipantLeft {
        /// Who.
        participant: String,
    },
    /// A track began.
    TrackPublished {
        /// Whose.
        participant: String,
        /// The track.
        track: Track,
    },
    /// A track ended.
    TrackUnpublished {
        /// Whose.
        participant: String,
        /// The track's id.
        track: String,
    },
    /// What the slots carry.
    Slots {
        /// The slots that carry something.
        slots: Vec<SlotBinding>,
    },
    /// The connection ends for good.
    Closed {
        /// Why.
        reason: String,
    },
    /// Something was refused.
    Error {
        /// For programs.
        code: String,
        /// For people.
        message: String,
    },
    /// Anything else.
    #[serde(other)]
    Other,
}

/// A member of the room.
#[derive(Debug, Clone, Deserialize)]
pub struct Participant {
    /// The id.
    pub id: String,
    /// What people see.
    #[serde(default)]
    pub name: String,
    /// What the participant publishes.
    pub tracks: Vec<Track>,
}

/// A published track.
#[derive(Debug, Clone, Deserialize)]
pub struct Track {
    /// The id.
    pub id: String,
    /// What it carries.
    pub source: Source,
}

/// What one slot carries.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct SlotBinding {
    /// The slot's number.
    pub slot: u16,
    /// The picture's track.
    pub video: Option<String>,
    /// The sound's track.
    pub audio: Option<String>,
}

/// A server's HTTP interface.
#[derive(Debug, Clone)]
pub struct Api {
    base: reqwest::Url,
    address: std::net::SocketAddr,
    http: reqwest::Client,
    local: LocalAddresses,
}

impl Api {
    /// A server by its URL (`http://…`). Refuses any that is not on this machine.
    pub async fn new(server: &str) -> Result<Self> {
        let base = reqwest::Url::parse(server).with_context(|| format!("{server} is not a URL"))?;
        ensure!(base.scheme() == "http", "the bench speaks plain http only, not {}", base.scheme());
        let host = base.host_str().context("the URL has no host")?.to_owned();
        let local = LocalAddresses::read()?;
        let addresses = local.resolve(&host, base.port_or_known_default().unwrap_or(80)).await?;
        // `localhost` has two addresses and a server may listen on one of them: media goes where HTTP got through.
        let probe = TcpStream::connect(&addresses[..]).await.with_context(|| format!("nothing listens at {base}"))?;
        let address = probe.peer_addr()?;
        // The checked address is the one that is used: no second look-up, no redirect, no proxy.
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .resolve(&host, address)
            .build()?;
        Ok(Self { base, address, http, local })
    }

    /// Where the server is.
    pub fn address(&self) -> std::net::SocketAddr {
        self.address
    }

    /// The machine's addresses.
    pub fn local(&self) -> &LocalAddresses {
        &self.local
    }

    /// Makes a room.
    pub async fn create_room(&self, name: &str) -> Result<Room> {
        self.post("/api/v1/rooms", name).await
    }

    /// Asks for a ticket.
    pub async fn join(&self, room: &str, name: &str) -> Result<Joined> {
        self.post(&format!("/api/v1/rooms/{room}/join"), name).await
    }

    async fn post<T: serde::de::DeserializeOwned>(&self, path: &str, name: &str) -> Result<T> {
        let body = serde_json::json!({ "name": name });
        let request = self.http.post(self.base.join(path)?).header("Origin", self.origin()).json(&body);
        let response = request.send().await.with_context(|| format!("POST {path}"))?;
        let status = response.status();
        let text = response.text().await?;
        ensure!(status.is_success(), "POST {path}: {status}: {text}");
        serde_json::from_str(&text).with_context(|| format!("POST {path}: {text}"))
    }

    fn origin(&self) -> String {
        self.base.origin().ascii_serialization()
    }

    /// Opens the WebSocket and says hello; the first message to come is the welcome.
    pub async fn connect(&self, joined: &Joined) -> Result<Connection> {
        let mut url = self.base.join(&joined.url)?;
        if url.scheme() == "http" {
            url.set_scheme("ws").map_err(|()| anyhow::anyhow!("{url} cannot be a WebSocket"))?;
        }
        let host = url.host_str().context("the WebSocket has no host")?;
        let addresses = self.local.resolve(host, url.port_or_known_default().unwrap_or(80)).await?;
        let mut request = url.as_str().into_client_request()?;
        let protocols = format!("{SUBPROTOCOL}, ticket.{}", joined.ticket);
        let headers = request.headers_mut();
        headers.insert("Sec-WebSocket-Protocol", HeaderValue::from_str(&protocols)?);
        headers.insert("Origin", HeaderValue::from_str(&self.origin())?);
        let stream = TcpStream::connect(&addresses[..]).await?;
        stream.set_nodelay(true)?;
        let (socket, _) = tokio_tungstenite::client_async(request, stream).await.context("the WebSocket")?;
        let mut connection = Connection { socket, backlog: VecDeque::new() };
        connection.send(&ClientMessage::Hello { version: VERSION }).await?;
        Ok(connection)
    }
}

/// One WebSocket.
pub struct Connection {
    socket: WebSocketStream<TcpStream>,
    /// Messages that came before an awaited one.
    backlog: VecDeque<ServerMessage>,
}

impl Connection {
    /// Sends a message.
    pub async fn send(&mut self, message: &ClientMessage) -> Result<()> {
        self.socket.send(Message::text(serde_json::to_string(message)?)).await?;
        Ok(())
    }

    /// The next message. Cancelling it loses nothing.
    pub async fn next(&mut self) -> Result<ServerMessage> {
        match self.backlog.pop_front() {
            Some(message) => Ok(message),
            None => self.read().await,
        }
    }

    async fn read(&mut self) -> Result<ServerMessage> {
        loop {
            match self.socket.next().await.context("the server closed the WebSocket")?? {
                Message::Text(text) => {
                    return serde_json::from_str(&text).with_context(|| format!("not understood: {text}"));
                }
                Message::Close(frame) => bail!("the server closed the WebSocket: {frame:?}"),
                _ => {}
            }
        }
    }

    /// Waits for the answer to an offer; what comes before it is given by [`Self::next`] afterwards.
    pub async fn answer(&mut self, request: u32) -> Result<String> {
        loop {
            match self.read().await? {
                ServerMessage::Answer { request: echoed, sdp } if echoed == request => return Ok(sdp),
                ServerMessage::Error { code, message } => bail!("{code}: {message}"),
                other => self.backlog.push_back(other),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_have_the_protocols_form() {
        let offer = Offer {
            sdp: "v=0".to_owned(),
            publish: vec![(Source::ScreenAudio, "a".to_owned())],
            slots: vec![("b".to_owned(), "c".to_owned())],
            audio_slots: vec!["d".to_owned()],
        };
        let sent = serde_json::to_value(ClientMessage::offer(7, &offer)).unwrap();
        let expected = serde_json::json!({
            "type": "offer", "request": 7, "sdp": "v=0",
            "sections": {
                "publish": [{ "source": "screen_audio", "mid": "a" }],
                "slots": [{ "video": "b", "audio": "c" }],
                "audio_slots": ["d"],
            }
        });
        assert_eq!(sent, expected);
        assert_eq!(serde_json::to_value(ClientMessage::Leave).unwrap(), serde_json::json!({ "type": "leave" }));
    }

    #[test]
    fn unknown_messages_and_fields_are_passed_over() {
        let speakers = r#"{"type":"speakers","speakers":[{"participant":"x","level":3}]}"#;
        assert!(matches!(serde_json::from_str(speakers).unwrap(), ServerMessage::Other));
        let published =
            r#"{"type":"track_published","participant":"p","track":{"id":"t","source":"camera","muted":true}}"#;
        let ServerMessage::TrackPublished { track, .. } = serde_json::from_str(published).unwrap() else { panic!() };
        assert_eq!((track.id.as_str(), track.source), ("t", Source::Camera));
    }
}
