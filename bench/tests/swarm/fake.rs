//! The smallest server that a swarm can join: Confab's protocol, str0m behind it, no rewriting.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use str0m::change::SdpOffer;
use str0m::media::{KeyframeRequestKind, Mid};
use str0m::net::{Protocol, Receive};
use str0m::rtp::{RtpPacket, RtpWrite};
use str0m::{Candidate, Event, Input, Output, Rtc};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::watch;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::tungstenite::http::HeaderValue;

/// From one member's task to another's.
enum Note {
    Text(Value),
    Packet(Mid, Arc<RtpPacket>),
    Keyframe(Mid),
}

#[derive(Default)]
struct Room {
    members: Vec<(String, UnboundedSender<Note>)>,
    /// Track id to its publisher and section.
    tracks: HashMap<String, (usize, Mid)>,
    /// How many of them there are, for the test.
    count: watch::Sender<usize>,
    /// (track, viewer, the viewer's section).
    wants: Vec<(String, usize, Mid)>,
}

type Shared = Arc<Mutex<Room>>;

/// Serves until the test ends; gives its URL.
pub(crate) async fn start() -> String {
    start_announcing(watch::Sender::new(0)).await
}

/// The same, and tells how many tracks are published.
pub(crate) async fn start_announcing(tracks: watch::Sender<usize>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let room = Shared::new(Mutex::new(Room { count: tracks, ..Room::default() }));
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::spawn(serve(stream, Arc::clone(&room)));
        }
    });
    url
}

async fn serve(mut stream: TcpStream, room: Shared) {
    let mut start = [0; 4];
    while stream.peek(&mut start).await.unwrap() < start.len() {}
    if &start == b"POST" { post(&mut stream).await } else { socket(stream, room).await }
}

async fn post(stream: &mut TcpStream) {
    let mut request = Vec::new();
    while !request.ends_with(b"}") {
        assert!(stream.read_buf(&mut request).await.unwrap() > 0);
    }
    let join = request.windows(5).any(|part| part == b"/join");
    let body = match join {
        true => json!({ "ticket": "t", "url": "/ws" }),
        false => json!({ "id": "room", "url": "http://x/r/room", "host_key": "k" }),
    };
    let body = body.to_string();
    let head = format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
    stream.write_all((head + &body).as_bytes()).await.unwrap();
}

#[allow(clippy::result_large_err)]
fn choose(
    request: &Request,
    mut response: Response,
) -> Result<Response, tokio_tungstenite::tungstenite::handshake::server::ErrorResponse> {
    let offered = request.headers().get("Sec-WebSocket-Protocol").unwrap();
    assert_eq!(offered, "confab.v1, ticket.t");
    response.headers_mut().insert("Sec-WebSocket-Protocol", HeaderValue::from_static("confab.v1"));
    Ok(response)
}

async fn socket(stream: TcpStream, room: Shared) {
    let socket = tokio_tungstenite::accept_hdr_async(stream, choose).await.unwrap();
    let (notes, inbox) = unbounded_channel();
    let me = {
        let mut room = room.lock().unwrap();
        let id = format!("p{}", room.members.len());
        room.broadcast(&json!({ "type": "participant_joined", "participant": { "id": id, "tracks": [] } }));
        room.members.push((id, notes));
        room.members.len() - 1
    };
    let udp = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let mut rtc = Rtc::builder().set_rtp_mode(true).set_ice_lite(true).build(Instant::now());
    rtc.add_local_candidate(Candidate::host(udp.local_addr().unwrap(), "udp").unwrap());
    Member { me, room, socket, udp, rtc, sections: Value::Null, open: true }.run(inbox).await;
}

impl Room {
    fn broadcast(&self, message: &Value) {
        self.members.iter().for_each(|(_, notes)| drop(notes.send(Note::Text(message.clone()))));
    }

    fn participants(&self) -> Vec<Value> {
        let tracks = |number| {
            let own = self.tracks.iter().filter(move |(_, (publisher, _))| *publisher == number);
            own.map(|(id, _)| json!({ "id": id, "source": id.split_once('-').unwrap().1, "muted": false })).collect()
        };
        let members = self.members.iter().enumerate();
        members.map(|(number, (id, _))| json!({ "id": id, "tracks": Value::Array(tracks(number)) })).collect()
    }
}

struct Member {
    me: usize,
    room: Shared,
    socket: WebSocketStream<TcpStream>,
    udp: UdpSocket,
    rtc: Rtc,
    sections: Value,
    open: bool,
}

impl Member {
    async fn run(mut self, mut inbox: UnboundedReceiver<Note>) {
        let local = self.udp.local_addr().unwrap();
        let mut buffer = vec![0; 2000];
        while self.open {
            let next = self.drain().await;
            tokio::select! {
                Some(note) = inbox.recv() => self.note(note).await,
                Ok((len, source)) = self.udp.recv_from(&mut buffer) => self.datagram(source, local, &buffer[..len]),
                message = self.socket.next() => match message {
                    Some(Ok(Message::Text(text))) => self.message(&serde_json::from_str(&text).unwrap()).await,
                    _ => return,
                },
                () = tokio::time::sleep(next) => {}
            }
            self.rtc.handle_input(Input::Timeout(Instant::now())).unwrap();
        }
    }

    async fn drain(&mut self) -> Duration {
        loop {
            match self.rtc.poll_output().unwrap() {
                Output::Timeout(at) => {
                    let wait = at.saturating_duration_since(Instant::now());
                    return wait.clamp(Duration::from_millis(1), Duration::from_secs(1));
                }
                Output::Transmit(sent) => drop(self.udp.send_to(&sent.contents, sent.destination).await),
                Output::Event(Event::RtpPacket(packet)) => self.forward(packet),
                Output::Event(Event::KeyframeRequest(request)) => self.ask(request.mid),
                Output::Event(_) => {}
            }
        }
    }

    fn datagram(&mut self, source: SocketAddr, local: SocketAddr, bytes: &[u8]) {
        let receive = Receive::new(Protocol::Udp, source, local, bytes).unwrap();
        self.rtc.handle_input(Input::Receive(Instant::now(), receive)).unwrap();
    }

    fn forward(&mut self, packet: RtpPacket) {
        let mid = self.rtc.direct_api().stream_rx(&packet.header.ssrc).unwrap().mid();
        let (room, packet) = (self.room.lock().unwrap(), Arc::new(packet));
        let track = room.tracks.iter().find(|(_, of)| **of == (self.me, mid)).map(|(id, _)| id);
        for (_, viewer, section) in room.wants.iter().filter(|(id, _, _)| Some(id) == track) {
            let _ = room.members[*viewer].1.send(Note::Packet(*section, Arc::clone(&packet)));
        }
    }

    fn ask(&self, slot: Mid) {
        let room = self.room.lock().unwrap();
        let wanted = room.wants.iter().find(|(_, viewer, section)| (*viewer, *section) == (self.me, slot));
        let Some((publisher, mid)) = wanted.and_then(|(id, _, _)| room.tracks.get(id)) else { return };
        let _ = room.members[*publisher].1.send(Note::Keyframe(*mid));
    }

    async fn note(&mut self, note: Note) {
        match note {
            Note::Text(text) => self.send(&text).await,
            Note::Packet(mid, packet) => {
                let (header, payload) = (&packet.header, packet.payload.to_vec());
                let write =
                    RtpWrite::new(header.payload_type, packet.seq_no, header.timestamp, Instant::now(), payload)
                        .marker(header.marker)
                        .nackable(true);
                self.rtc.direct_api().stream_tx_by_mid(mid, None).unwrap().write_rtp(write);
            }
            Note::Keyframe(mid) => {
                let mut api = self.rtc.direct_api();
                api.stream_rx_by_mid(mid, None).unwrap().request_keyframe(KeyframeRequestKind::Pli);
            }
        }
    }

    async fn send(&mut self, message: &Value) {
        self.open &= self.socket.send(Message::text(message.to_string())).await.is_ok();
    }

    async fn message(&mut self, message: &Value) {
        match message["type"].as_str().unwrap() {
            "hello" => {
                let participants = self.room.lock().unwrap().participants();
                let you = format!("p{}", self.me);
                self.send(&json!({ "type": "welcome", "you": you, "participants": participants })).await;
            }
            "offer" => {
                let offer = SdpOffer::from_sdp_string(message["sdp"].as_str().unwrap()).unwrap();
                let sdp = self.rtc.sdp_api().accept_offer(offer).unwrap().to_sdp_string();
                self.sections = message["sections"].clone();
                self.send(&json!({ "type": "answer", "request": message["request"], "sdp": sdp })).await;
            }
            "publish" => self.publish(&message["source"]),
            "wants" => self.want(&message["wants"]).await,
            "leave" => self.open = false,
            other => panic!("{other}"),
        }
    }

    fn publish(&self, source: &Value) {
        let sections = self.sections["publish"].as_array().unwrap();
        let section = sections.iter().find(|section| section["source"] == *source).unwrap();
        let mut room = self.room.lock().unwrap();
        let (you, source) = (format!("p{}", self.me), source.as_str().unwrap());
        let id = format!("{you}-{source}");
        room.tracks.insert(id.clone(), (self.me, section["mid"].as_str().unwrap().into()));
        room.count.send_replace(room.tracks.len());
        let track = json!({ "id": id, "source": source, "muted": false });
        room.broadcast(&json!({ "type": "track_published", "participant": you, "track": track }));
    }

    async fn want(&mut self, wants: &Value) {
        {
            let mut room = self.room.lock().unwrap();
            room.wants.retain(|(_, viewer, _)| *viewer != self.me);
            for want in wants.as_array().unwrap() {
                let slot = &self.sections["slots"][want["slot"].as_u64().unwrap() as usize];
                for kind in ["video", "audio"].into_iter().filter(|kind| want[kind].is_string()) {
                    let track = want[kind].as_str().unwrap().to_owned();
                    room.wants.push((track, self.me, slot[kind].as_str().unwrap().into()));
                }
            }
        }
        self.send(&json!({ "type": "slots", "slots": wants, "audio_slots": [] })).await;
    }
}
