//! What comes out of a WebSocket, held to size, rate, depth and grammar.

use axum::extract::ws::{Message, close_code};

use super::Connection;
use crate::limits::{MAX_DEPTH, MAX_INVALID_MESSAGES, MAX_MESSAGE, MAX_OFFER, OFFER_COST};
use crate::protocol::{ClientMessage, ErrorCode};
use crate::room::CloseCode;
use confab_social::body::short;

/// How a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// The client closed it and meant to leave.
    Client,
    /// We close it.
    Server(CloseCode),
    /// We say why, and close it.
    Refused(ErrorCode, &'static str, CloseCode),
    /// It broke.
    Lost,
}

const TOO_MANY: Ending = Ending::Refused(ErrorCode::RateLimited, "too many messages", CloseCode::POLICY);

const TOO_LARGE: Ending =
    Ending::Refused(ErrorCode::MessageTooLarge, "a message has at most 64 KiB, an offer 256 KiB", CloseCode::TOO_LARGE);

/// What a frame meant.
#[derive(Debug)]
pub(super) enum Received {
    /// Something for the room.
    Message(ClientMessage),
    /// A ping or pong.
    Nothing,
    /// No message; says why.
    Invalid(String),
}

impl Connection {
    /// Looks at the next frame, or at the lack of one.
    pub(super) fn receive(&mut self, frame: Option<Result<Message, axum::Error>>) -> Result<Received, Ending> {
        let now = self.state.services.clock.now().at;
        let frame = match frame {
            None => return Err(Ending::Lost),
            Some(Err(error)) => return Err(broken(&error)),
            Some(Ok(frame)) => frame,
        };
        self.heard_at = now;
        if !matches!(frame, Message::Close(_)) && !self.rate.charge(self.quota, now) {
            return Err(TOO_MANY);
        }
        match frame {
            Message::Text(text) => self.understand(text.as_str()),
            Message::Binary(_) => Err(Ending::Server(CloseCode::BINARY)),
            Message::Ping(_) | Message::Pong(_) => Ok(Received::Nothing),
            Message::Close(Some(close)) if matches!(close.code, close_code::NORMAL | close_code::AWAY) => {
                Err(Ending::Client)
            }
            Message::Close(_) => Err(Ending::Lost),
        }
    }

    fn understand(&mut self, text: &str) -> Result<Received, Ending> {
        let message = parse_message(text);
        let is_offer = matches!(message, Ok(ClientMessage::Offer { .. }));
        if text.len() > if is_offer { MAX_OFFER } else { MAX_MESSAGE } {
            return Err(TOO_LARGE);
        }
        let now = self.heard_at;
        if is_offer && !(1..OFFER_COST).all(|_| self.rate.charge(self.quota, now)) {
            return Err(TOO_MANY);
        }
        let metrics = &self.state.services.metrics;
        Ok(match message {
            Ok(message) => {
                metrics.message(kind(&message));
                Received::Message(message)
            }
            Err(why) => {
                metrics.message("invalid");
                Received::Invalid(why)
            }
        })
    }

    /// Counts a message that made no sense, until it is enough.
    pub(super) fn tolerate(&mut self) -> Result<(), Ending> {
        self.invalid += 1;
        if self.invalid >= MAX_INVALID_MESSAGES { Err(Ending::Server(CloseCode::POLICY)) } else { Ok(()) }
    }
}

/// Why reading failed: too large (the library's own limit), broken framing, or no connection any more.
fn broken(error: &axum::Error) -> Ending {
    // axum hides the kind of error; its text is all there is.
    let text = error.to_string();
    if text.starts_with("Space limit exceeded") {
        TOO_LARGE
    } else if text.starts_with("WebSocket protocol error") && !text.contains("without closing handshake") {
        Ending::Server(CloseCode::PROTOCOL)
    } else {
        Ending::Lost
    }
}

/// Reads a client's message.
///
/// # Errors
/// Why it is none, in at most 200 characters.
pub fn parse_message(text: &str) -> Result<ClientMessage, String> {
    if depth(text) > MAX_DEPTH {
        return Err(format!("nested more than {MAX_DEPTH} deep"));
    }
    serde_json::from_str(text).map_err(|error| short(&error))
}

/// How deep lists and objects are nested in a JSON text.
fn depth(text: &str) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0_usize, 0, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => depth += 1,
            b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// A message's type on the wire, for a label.
fn kind(message: &ClientMessage) -> &'static str {
    match message {
        ClientMessage::Hello { .. } => "hello",
        ClientMessage::Offer { .. } => "offer",
        ClientMessage::Publish { .. } => "publish",
        ClientMessage::Unpublish { .. } => "unpublish",
        ClientMessage::Mute { .. } => "mute",
        ClientMessage::Wants { .. } => "wants",
        ClientMessage::Chat { .. } => "chat",
        ClientMessage::FirstFrame { .. } => "first_frame",
        ClientMessage::Ping { .. } => "ping",
        ClientMessage::Leave {} => "leave",
        ClientMessage::MuteParticipant { .. } => "mute_participant",
        ClientMessage::RemoveParticipant { .. } => "remove_participant",
        ClientMessage::LockRoom { .. } => "lock_room",
        ClientMessage::EndRoom {} => "end_room",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_looks_through_strings() {
        assert_eq!(depth("1"), 0);
        assert_eq!(depth(r#"{"a":[{"b":"]]}}[[[[\"[[["}]}"#), 3);
        assert_eq!(depth(&"[".repeat(300)), 300);
        assert_eq!(depth("]]]]["), 1);
    }

    #[test]
    fn messages_are_read_strictly() {
        for good in [
            r#"{"type":"leave"}"#,
            r#"{"type":"hello","version":1}"#,
            r#"{"type":"wants","wants":[{"slot":0,"width":1,"height":1,"fps":0,"pinned":false}]}"#,
        ] {
            assert!(parse_message(good).is_ok(), "{good}");
        }
        let deep = format!(r#"{{"type":"chat","text":{}"#, "[".repeat(300));
        for bad in [
            "",
            "hello",
            "[]",
            "null",
            "{}",
            r#"{"type":"become_host"}"#,
            r#"{"type":"hello","version":"1"}"#,
            r#"{"type":"hello","version":1,"role":"host"}"#,
            r#"{"type":"chat","text":"a","client_id":-1}"#,
            r#"{"type":"publish","source":"webcam","muted":false}"#,
            r#"{"type":"remove_participant","participant":"1"}"#,
            r#"{"type":"leave"} {"type":"leave"}"#,
            r#"{"type":"end_room","now":true}"#,
            &deep,
        ] {
            assert!(parse_message(bad).is_err(), "{bad}");
        }
        let long = format!(r#"{{"type":"{}"}}"#, "x".repeat(60_000));
        assert!(parse_message(&long).unwrap_err().len() <= 200);
    }
}
