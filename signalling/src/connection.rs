//! One WebSocket: authenticated before the upgrade, held to its limits, and translated between frames and the room.

mod admission;
mod frames;

use std::time::Instant;

use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;

use self::admission::{Admission, Credential, Entered};
pub use self::frames::parse_message;
use self::frames::{Ending, Received};
use crate::AppState;
use crate::error::ApiError;
use crate::limits::{
    CLOSE_LINGER, DEAD_AFTER, HELLO_TIMEOUT, MAX_FRAME, MESSAGE_BURST, MESSAGES_PER_SECOND, OUTBOX_BYTES, PING_INTERVAL,
};
use crate::outbox::{Frame, Mail, Overflow};
use crate::protocol::{ClientMessage, CloseReason, ErrorCode, SUBPROTOCOL, ServerMessage, VERSION};
use crate::room::{CloseCode, ConnectionId, Disconnect, RoomHandle};
use crate::server::stopped;
use confab_social::caller::Caller;
use confab_social::rate::{Bucket, Quota};

/// Bytes that a socket's read buffer starts with: most messages are far smaller, and there are many sockets.
const READ_BUFFER: usize = 4096;

/// Turns a request into a participant's connection.
///
/// # Errors
/// 401 without a good ticket or token, 429 with too many sockets, 503 when the server stops: all before the upgrade.
pub async fn upgrade(
    State(state): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, ApiError> {
    let credential = Credential::from_headers(&headers).ok_or_else(ApiError::invalid_ticket)?;
    let checked = credential.check(&state)?;
    let mut upgrade = upgrade.map_err(|error| ApiError::new(ErrorCode::InvalidMessage, error.body_text()))?;
    if state.is_stopping() {
        let error = ApiError::new(ErrorCode::Internal, "the server stops; try again");
        return Err(error.with_status(axum::http::StatusCode::SERVICE_UNAVAILABLE));
    }
    let place = Place::take(&state, &caller).ok_or_else(ApiError::rate_limited)?;
    // Spent only now that nothing else can fail.
    let admission = checked.spend(&state).await?;
    upgrade.set_selected_protocol(HeaderValue::from_static(SUBPROTOCOL));
    let upgrade = upgrade
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_write_buffer_size(4 * OUTBOX_BYTES)
        .max_frame_size(MAX_FRAME)
        .max_message_size(MAX_FRAME);
    Ok(upgrade.on_upgrade(move |socket| async move {
        Connection::new(state, socket).run(admission).await;
        drop(place);
    }))
}

/// A place among the sockets of one address, given back when dropped.
struct Place {
    state: AppState,
    caller: Caller,
}

impl Place {
    fn take(state: &AppState, caller: &Caller) -> Option<Self> {
        let taken = state.sockets.take(caller.address);
        taken.then(|| {
            state.services.metrics.websockets.inc();
            Self { state: state.clone(), caller: caller.clone() }
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.state.services.metrics.websockets.dec();
        self.state.sockets.free(self.caller.address);
    }
}

struct Connection {
    state: AppState,
    socket: WebSocket,
    /// When anything last came from the client.
    heard_at: Instant,
    ping_at: Instant,
    rate: Bucket,
    quota: Quota,
    /// Messages that made no sense.
    invalid: u32,
    /// Tells that the client does not take its messages, once there are some.
    overflow: Option<Overflow>,
}

impl Connection {
    fn new(state: AppState, socket: WebSocket) -> Self {
        let now = state.services.clock.now().at;
        Self {
            state,
            socket,
            heard_at: now,
            ping_at: now + PING_INTERVAL,
            rate: Bucket::new(now),
            quota: Quota::per_second(MESSAGES_PER_SECOND, MESSAGE_BURST),
            invalid: 0,
            overflow: None,
        }
    }

    async fn run(mut self, admission: Admission) {
        let ending = match self.greet().await {
            Err(ending) => ending,
            Ok(()) => match admission.enter(&self.state).await {
                Ok(entered) => self.stay(entered).await,
                Err(code) => Ending::Refused(code, "the room cannot be entered", CloseCode::POLICY),
            },
        };
        self.close(ending).await;
    }

    /// Waits for `hello`.
    async fn greet(&mut self) -> Result<(), Ending> {
        let clock = self.state.services.clock.clone();
        let deadline = clock.now().at + HELLO_TIMEOUT;
        let mut stopping = self.state.stopping.subscribe();
        loop {
            let frame = tokio::select! {
                frame = self.socket.recv() => frame,
                () = clock.sleep_until(deadline) => return Err(no_hello("hello did not come in time")),
                () = stopped(&mut stopping) => {
                    let _ = self.send(&ServerMessage::Closed { reason: CloseReason::ServerStopping }).await;
                    return Err(Ending::Server(CloseCode::AWAY));
                }
            };
            match self.receive(frame) {
                Ok(Received::Nothing) => {}
                Ok(Received::Message(ClientMessage::Hello { version: VERSION })) => return Ok(()),
                Ok(Received::Message(ClientMessage::Hello { .. })) => {
                    return Err(no_hello("this server speaks version 1"));
                }
                Ok(Received::Message(_) | Received::Invalid(_)) => {
                    return Err(no_hello("the first message must be hello"));
                }
                Err(ending) => return Err(ending),
            }
        }
    }

    /// Carries messages until either side has enough, then tells the room.
    async fn stay(&mut self, entered: Entered) -> Ending {
        let Entered { room, connection, mut mail } = entered;
        self.overflow = Some(mail.overflow());
        let ending = loop {
            if let Err(ending) = self.step(&mut mail, &room, connection).await {
                break ending;
            }
        };
        let how = if ending == Ending::Client { Disconnect::Left } else { Disconnect::Lost };
        // A room that is over does not care.
        let _ = room.disconnected(connection, how).await;
        ending
    }

    async fn step(&mut self, mail: &mut Mail, room: &RoomHandle, connection: ConnectionId) -> Result<(), Ending> {
        let clock = self.state.services.clock.clone();
        let wake = self.ping_at.min(self.heard_at + DEAD_AFTER);
        tokio::select! {
            frame = mail.next() => match frame {
                Some(Frame::Text(text)) => self.write(Message::Text(text)).await,
                Some(Frame::Close(code)) => Err(Ending::Server(code)),
                // The room is gone without a word, which only a bug can do: the client may come back.
                None => Err(Ending::Server(CloseCode::AWAY)),
            },
            frame = self.socket.recv() => match self.receive(frame)? {
                Received::Nothing => Ok(()),
                Received::Message(message) => {
                    // An over room has said so through the mail, or says so when it is dropped.
                    let _ = room.message(connection, message).await;
                    Ok(())
                }
                Received::Invalid(why) => self.complain(&why).await,
            },
            () = overflowed(self.overflow.as_ref()) => Err(Ending::Server(CloseCode::TOO_SLOW)),
            () = clock.sleep_until(wake) => self.beat().await,
        }
    }

    /// Pings, or gives up a client that has been silent for three pings.
    async fn beat(&mut self) -> Result<(), Ending> {
        let now = self.state.services.clock.now().at;
        if now >= self.heard_at + DEAD_AFTER {
            return Err(Ending::Lost);
        }
        if now >= self.ping_at {
            self.ping_at = now + PING_INTERVAL;
            self.write(Message::Ping(Default::default())).await?;
        }
        Ok(())
    }

    /// Answers a message that made no sense; too many of them end the connection.
    async fn complain(&mut self, why: &str) -> Result<(), Ending> {
        let code = ErrorCode::InvalidMessage;
        self.state.services.metrics.error(&code);
        self.send(&ServerMessage::Error { code, message: why.to_owned(), request: None }).await?;
        self.tolerate()
    }

    async fn send(&mut self, message: &ServerMessage) -> Result<(), Ending> {
        let text = serde_json::to_string(message).map_err(|_| Ending::Lost)?;
        self.write(Message::Text(text.into())).await
    }

    /// Writes a frame, unless the client does not take it: then the queue overflows, or the client counts as dead.
    async fn write(&mut self, frame: Message) -> Result<(), Ending> {
        let clock = self.state.services.clock.clone();
        tokio::select! {
            sent = self.socket.send(frame) => sent.map_err(|_| Ending::Lost),
            () = overflowed(self.overflow.as_ref()) => Err(Ending::Server(CloseCode::TOO_SLOW)),
            () = clock.sleep_until(self.heard_at + DEAD_AFTER) => Err(Ending::Lost),
        }
    }

    /// Says goodbye and reads on for a moment: a socket closed over unread data is reset, and the goodbye lost.
    async fn close(mut self, ending: Ending) {
        let code = match ending {
            Ending::Client | Ending::Lost => return,
            Ending::Server(code) | Ending::Refused(_, _, code) => code,
        };
        let farewell = async {
            if let Ending::Refused(code, why, _) = ending {
                self.state.services.metrics.error(&code);
                let _ = self.send(&ServerMessage::Error { code, message: why.to_owned(), request: None }).await;
            }
            let reason = Default::default();
            if self.socket.send(Message::Close(Some(CloseFrame { code: code.0, reason }))).await.is_ok() {
                while let Some(Ok(_)) = self.socket.recv().await {}
            }
        };
        let _ = tokio::time::timeout(CLOSE_LINGER, farewell).await;
    }
}

fn no_hello(why: &'static str) -> Ending {
    Ending::Refused(ErrorCode::UnsupportedVersion, why, CloseCode::PROTOCOL)
}

async fn overflowed(overflow: Option<&Overflow>) {
    match overflow {
        Some(overflow) => overflow.happened().await,
        None => std::future::pending().await,
    }
}
