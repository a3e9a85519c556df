//! What clients send over their WebSockets: lines that begin with who sends them (a letter, `A` to `D`; a host is among
//! them only if the first byte is `h`). What is understood goes to the room.

use std::time::Duration;

use confab_signalling::connection::parse_message;
use confab_signalling::protocol::{CloseReason, LeaveReason, Role, RoomInfo, ServerMessage, VideoCodec};
use confab_signalling::room::{ConnectionId, Joiner, Output, Room, RoomSettings};
use confab_social::clock::{Clock as _, ManualClock};
use rand::SeedableRng;
use rand::rngs::StdRng;

use crate::scene::Ids;

const MEMBERS: u64 = 4;

pub(crate) fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let clock = ManualClock::new();
    let settings = RoomSettings { max_participants: 4, empty_grace: Duration::from_secs(60), ice_servers: Vec::new() };
    let info = RoomInfo { id: Ids::new().room, name: None, locked: false, codec: VideoCodec::Vp8 };
    let mut room = Room::new(info, settings, StdRng::seed_from_u64(1), clock.now());
    let has_host = text.starts_with('h');
    for number in 0..MEMBERS {
        let role = if has_host && number == 0 { Role::Host } else { Role::Guest };
        let joiner = Joiner { name: format!("member {number}"), role, person: None };
        room.join(joiner, ConnectionId(number), clock.now()).expect("there is a place");
    }
    let mut is_over = false;
    for line in text.lines() {
        let mut letters = line.chars();
        let sender = letters.next().map_or(0, |letter| u64::from(letter) % MEMBERS);
        match parse_message(letters.as_str()) {
            Ok(message) => room.receive(ConnectionId(sender), message, clock.now()),
            // It goes into an answer to who sent it.
            Err(why) => assert!(why.chars().count() <= 200 && !why.contains(char::is_control), "{why:?}"),
        }
        clock.advance(Duration::from_millis(100));
        room.tick(clock.now());
        assert!(room.participants() <= MEMBERS as usize);
        while let Some(output) = room.poll_output() {
            assert!(!is_over, "nothing follows the end: {output:?}");
            match output {
                Output::Send { to, message } => check_message(&to, &message, has_host, line.len()),
                Output::Over { .. } => is_over = true,
                Output::Close { .. } | Output::Sfu(_) | Output::FirstFrame(_) => {}
            }
        }
    }
}

fn check_message(to: &[ConnectionId], message: &ServerMessage, has_host: bool, received: usize) {
    assert!(!to.is_empty() && to.iter().all(|connection| connection.0 < MEMBERS));
    let json = serde_json::to_string(message).expect("every message can be written");
    // The welcome has the whole room in it; anything else is about as long as what caused it.
    let is_welcome = matches!(message, ServerMessage::Welcome { .. });
    assert!(is_welcome || json.len() <= 1000 + 6 * received, "{} bytes from {received}", json.len());
    if let ServerMessage::Chat { line, .. } = message {
        let is_odd = |letter: char| letter.is_control() && !matches!(letter, '\n' | '\r' | '\t');
        assert!(!line.text.contains(is_odd), "{:?}", line.text);
    }
    let by_host = matches!(
        message,
        ServerMessage::RoomLocked { .. }
            | ServerMessage::TrackMuted { by_host: true, .. }
            | ServerMessage::ParticipantLeft { reason: LeaveReason::Removed, .. }
            | ServerMessage::Closed { reason: CloseReason::Removed | CloseReason::RoomEnded }
    );
    assert!(has_host || !by_host, "a guest acted as a host: {message:?}");
}
