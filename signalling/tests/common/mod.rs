//! A whole server on a local port, with a clock that the test winds on and an SFU that the test plays.

// Helpers of tests fail by panicking, like tests; not every test file needs all of them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, dead_code, unreachable_pub)]

pub mod process;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use confab_sfu::SfuHandle;
use confab_sfu::control::{Command, Event, PeerState};
use confab_sfu::handle::Request;
use confab_sfu::id::RoomId;
use confab_signalling::config::Config;
use confab_signalling::{AppState, Parts, router, server};
use confab_social::clock::ManualClock;
use futures_util::{SinkExt as _, StreamExt as _};
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::handshake::client::Request as Handshake;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// Nothing here takes this long; what does, hangs.
const PATIENCE: Duration = Duration::from_secs(20);

/// Waits, but not for ever.
pub async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, what).await.expect("this takes too long")
}

/// A folder's name for one test that does not exist, though the test's last run may have made it.
pub fn folder() -> PathBuf {
    let program = std::env::current_exe().unwrap();
    let test = std::thread::current().name().unwrap().replace("::", "-");
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(program.file_name().unwrap()).join(test);
    let _ = std::fs::remove_dir_all(&folder);
    folder
}

/// The played SFU: it answers every offer, connects every peer, and remembers the commands.
pub struct PlayedSfu {
    rooms: Arc<Mutex<HashMap<RoomId, mpsc::Sender<Event>>>>,
    commands: watch::Receiver<Vec<Command>>,
}

impl PlayedSfu {
    pub fn start() -> (SfuHandle, Self) {
        let (handle, mut inboxes) = SfuHandle::new(1);
        let rooms = Arc::<Mutex<HashMap<_, _>>>::default();
        let (commands, log) = watch::channel(Vec::new());
        tokio::spawn(Self::play(inboxes.remove(0), Arc::clone(&rooms), commands));
        (handle, Self { rooms, commands: log })
    }

    async fn play(
        mut inbox: mpsc::Receiver<Request>,
        rooms: Arc<Mutex<HashMap<RoomId, mpsc::Sender<Event>>>>,
        log: watch::Sender<Vec<Command>>,
    ) {
        while let Some(request) = inbox.recv().await {
            match request {
                Request::OpenRoom { room, events } => {
                    rooms.lock().unwrap().insert(room, events);
                }
                Request::Command(command) => {
                    let room = command.room();
                    match &command {
                        Command::CloseRoom { .. } => {
                            rooms.lock().unwrap().remove(&room);
                        }
                        Command::Offer { participant, request, .. } => {
                            let (participant, request) = (*participant, *request);
                            let answer = Ok("v=0 the answer".to_owned());
                            let events = rooms.lock().unwrap()[&room].clone();
                            events.try_send(Event::Answer { participant, request, answer }).unwrap();
                            events.try_send(Event::Peer { participant, state: PeerState::Connected }).unwrap();
                        }
                        _ => {}
                    }
                    log.send_modify(|log| log.push(command));
                }
            }
        }
    }

    pub fn event(&self, room: &str, event: Event) {
        let room = room.parse::<RoomId>().unwrap();
        self.rooms.lock().unwrap()[&room].try_send(event).unwrap();
    }

    /// Loses a room, as a worker would that failed.
    pub fn lose(&self, room: &str) {
        self.rooms.lock().unwrap().remove(&room.parse().unwrap());
    }

    /// Waits for a command of which `is_it` holds.
    pub async fn command(&self, is_it: impl Fn(&Command) -> bool) -> Command {
        let mut log = self.commands.clone();
        let log = soon(log.wait_for(|log| log.iter().any(&is_it))).await.unwrap();
        log.iter().find(|command| is_it(command)).unwrap().clone()
    }
}

pub struct TestServer {
    pub address: SocketAddr,
    pub clock: Arc<ManualClock>,
    pub state: AppState,
    pub sfu: PlayedSfu,
    pub http: reqwest::Client,
}

/// A room that was made over HTTP.
pub struct MadeRoom {
    pub id: String,
    pub url: String,
    pub host_key: String,
}

impl TestServer {
    pub async fn start(args: &[&str]) -> Self {
        let folder = folder();
        let data = ["confab", "--data-dir", folder.to_str().unwrap()];
        let config = Config::load(data.iter().chain(args).map(Into::into)).unwrap();
        let clock = Arc::new(ManualClock::new());
        let (handle, sfu) = PlayedSfu::start();
        let rng = StdRng::seed_from_u64(1);
        let state = AppState::new(Parts { config, clock: clock.clone(), rng, sfu: handle }).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(server::serve(listener, None, router(state.clone()), state.stopping.subscribe()));
        Self { address, clock, state, sfu, http: reqwest::Client::new() }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let response = soon(self.http.post(self.url(path)).json(body).send()).await.unwrap();
        (response.status().as_u16(), soon(response.json()).await.unwrap())
    }

    pub async fn get(&self, path: &str) -> (u16, Value) {
        let response = soon(self.http.get(self.url(path)).send()).await.unwrap();
        (response.status().as_u16(), soon(response.json()).await.unwrap())
    }

    pub async fn make_room(&self) -> MadeRoom {
        self.make_room_with(&json!({ "name": "Standup" })).await
    }

    pub async fn make_room_with(&self, wish: &Value) -> MadeRoom {
        let (status, made) = self.post("/api/v1/rooms", wish).await;
        assert_eq!(status, 201, "{made}");
        let text = |key: &str| made[key].as_str().unwrap().to_owned();
        MadeRoom { id: text("id"), url: text("url"), host_key: text("host_key") }
    }

    pub async fn ticket(&self, room: &MadeRoom, name: &str, is_host: bool) -> String {
        let mut body = json!({ "name": name });
        if is_host {
            body["host_key"] = json!(room.host_key);
        }
        let (status, joined) = self.post(&format!("/api/v1/rooms/{}/join", room.id), &body).await;
        assert_eq!((status, joined["url"].as_str()), (200, Some("/api/v1/ws")), "{joined}");
        joined["ticket"].as_str().unwrap().to_owned()
    }

    /// A WebSocket's handshake with these subprotocols.
    pub fn handshake(&self, protocols: &str) -> Handshake {
        let mut request = format!("ws://{}/api/v1/ws", self.address).into_client_request().unwrap();
        if !protocols.is_empty() {
            request.headers_mut().insert("sec-websocket-protocol", protocols.parse().unwrap());
        }
        request
    }

    pub async fn connect(&self, secret: &str) -> Client {
        let request = self.handshake(&format!("confab.v1, {secret}"));
        let (socket, response) = soon(connect_async(request)).await.unwrap();
        assert_eq!(response.headers()["sec-websocket-protocol"], "confab.v1");
        Client { socket, welcome: Value::Null }
    }

    /// The status and body with which a handshake is refused.
    pub async fn refusal(&self, request: Handshake) -> (u16, Value) {
        match soon(connect_async(request)).await {
            Err(Error::Http(response)) => {
                let body = response.body().as_deref().unwrap_or_default();
                (response.status().as_u16(), serde_json::from_slice(body).unwrap_or_default())
            }
            other => panic!("not refused: {other:?}"),
        }
    }

    pub async fn join(&self, room: &MadeRoom, name: &str, is_host: bool) -> Client {
        let ticket = self.ticket(room, name, is_host).await;
        self.enter(&format!("ticket.{ticket}")).await
    }

    pub async fn enter(&self, secret: &str) -> Client {
        let mut client = self.connect(secret).await;
        client.send(&json!({ "type": "hello", "version": 1 })).await;
        client.welcome = client.until("welcome").await;
        client
    }
}

/// A participant's end of a WebSocket.
pub struct Client {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    pub welcome: Value,
}

impl Client {
    pub fn id(&self) -> &str {
        self.welcome["you"].as_str().unwrap()
    }

    pub fn resume_token(&self) -> String {
        format!("resume.{}", self.welcome["resume_token"].as_str().unwrap())
    }

    pub async fn send(&mut self, message: &Value) {
        self.send_frame(Message::text(message.to_string())).await;
    }

    pub async fn send_frame(&mut self, frame: Message) {
        soon(self.socket.send(frame)).await.unwrap();
    }

    /// Sends without minding that the server may have closed already.
    pub async fn push(&mut self, frame: Message) -> bool {
        soon(self.socket.send(frame)).await.is_ok()
    }

    async fn next(&mut self) -> Option<Result<Message, Error>> {
        soon(self.socket.next()).await
    }

    /// The next message of this type; what comes before it is skipped.
    pub async fn until(&mut self, kind: &str) -> Value {
        loop {
            match self.next().await {
                Some(Ok(Message::Text(text))) => {
                    let message: Value = serde_json::from_str(&text).unwrap();
                    if message["type"] == kind {
                        return message;
                    }
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                other => panic!("no {kind}: {other:?}"),
            }
        }
    }

    /// The code with which the server closes; messages before it are skipped.
    pub async fn close_code(&mut self) -> u16 {
        loop {
            match self.next().await {
                Some(Ok(Message::Close(Some(close)))) => {
                    while let Some(Ok(_)) = self.next().await {}
                    return close.code.into();
                }
                Some(Ok(Message::Close(None)) | Err(_)) | None => panic!("closed without a code"),
                Some(Ok(_)) => {}
            }
        }
    }

    /// Waits for the answer to a ping frame.
    pub async fn control_pong(&mut self) {
        while !matches!(self.next().await, Some(Ok(Message::Pong(_)))) {}
    }

    pub async fn ping(&mut self, nonce: u32) {
        self.send(&json!({ "type": "ping", "nonce": nonce })).await;
        assert_eq!(self.until("pong").await["nonce"], nonce);
    }

    pub async fn close(mut self, code: u16) {
        let frame = CloseFrame { code: code.into(), reason: Default::default() };
        soon(self.socket.close(Some(frame))).await.unwrap();
        while let Some(Ok(_)) = self.next().await {}
    }

    /// The connection breaks without a word.
    pub fn vanish(self) {
        drop(self);
    }
}
