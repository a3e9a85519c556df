//! Coming, going, getting lost and coming back.

use super::*;

fn left(person: &Person, reason: LeaveReason) -> ServerMessage {
    ServerMessage::ParticipantLeft { participant: person.id, reason }
}

fn shown(person: &Person, connection: ConnectionState) -> ServerMessage {
    ServerMessage::ParticipantConnection { participant: person.id, connection }
}

/// Ann watches, Ben has the trouble; both have a peer connection.
fn pair() -> (Story, Person, Person) {
    let mut story = Story::new();
    let [ann, ben] = ["Ann", "Ben"].map(|name| story.join(name, Role::Guest));
    story.peer(&ann, PeerState::Connected);
    story.peer(&ben, PeerState::Connected);
    story.forget();
    (story, ann, ben)
}

#[test]
fn leaving_is_immediate_by_message_and_by_closing() {
    for by_message in [true, false] {
        let (mut story, ann, ben) = pair();
        if by_message {
            story.send(&ben, ClientMessage::Leave {});
            assert_eq!(story.closed, [(ben.connection, CloseCode::NORMAL)]);
        } else {
            story.room.disconnected(ben.connection, Disconnect::Left, story.clock.now());
            story.settle();
        }
        assert_eq!(story.news(&ann), [left(&ben, LeaveReason::Left)]);
        let leave = Command::Leave { room: story.room.info.id, participant: ben.id };
        assert_eq!(story.commands, [leave]);
        assert_eq!(story.resume(&ben).unwrap_err(), ErrorCode::InvalidTicket);
    }
}

#[test]
fn a_lost_socket_comes_back_within_thirty_seconds_and_nobody_sees_a_leave() {
    let (mut story, ann, ben) = pair();
    story.lose(&ben);
    assert_eq!(story.news(&ann), [shown(&ben, ConnectionState::Reconnecting)]);
    story.wait(Duration::from_secs(29));
    let back = story.resume(&ben).unwrap();
    assert_eq!(story.news(&ann), [shown(&ben, ConnectionState::Connected)]);
    let welcome = &story.heard(back.connection)[0];
    assert!(matches!(welcome, ServerMessage::Welcome { resumed: true, you, .. } if *you == ben.id), "{welcome:?}");
    assert_ne!(back.token, ben.token, "the token rotates");
    assert_eq!(story.resume(&ben).unwrap_err(), ErrorCode::InvalidTicket, "and is spent");
    story.wait(Duration::from_secs(3600));
    assert_eq!((story.news(&ann), story.commands.len()), (vec![], 0));
}

#[test]
fn who_does_not_come_back_is_lost_after_thirty_seconds() {
    let (mut story, ann, ben) = pair();
    story.lose(&ben);
    story.wait(Duration::from_secs(29));
    assert_eq!(story.news(&ann), [shown(&ben, ConnectionState::Reconnecting)]);
    story.wait(Duration::from_secs(1));
    assert_eq!(story.news(&ann), [left(&ben, LeaveReason::Lost)]);
    assert_eq!(story.resume(&ben).unwrap_err(), ErrorCode::InvalidTicket);
}

#[test]
fn a_killed_client_is_off_the_roster_when_its_media_falls_silent() {
    for state in [PeerState::Silent, PeerState::Closed] {
        let (mut story, ann, ben) = pair();
        story.lose(&ben);
        story.wait(Duration::from_secs(10));
        story.peer(&ben, state);
        assert_eq!(story.news(&ann), [shown(&ben, ConnectionState::Reconnecting), left(&ben, LeaveReason::Lost)]);
        // The other way round: silent first, then the socket goes.
        let (mut story, ann, ben) = pair();
        story.peer(&ben, state);
        story.wait(Duration::from_secs(20));
        assert_eq!(story.news(&ann), [shown(&ben, ConnectionState::Reconnecting)], "the socket is still there");
        story.lose(&ben);
        assert_eq!(story.news(&ann), [left(&ben, LeaveReason::Lost)]);
    }
}

#[test]
fn silence_with_a_socket_is_shown_and_heals() {
    let (mut story, ann, ben) = pair();
    story.peer(&ben, PeerState::Silent);
    story.wait(Duration::from_secs(3600));
    story.peer(&ben, PeerState::Connected);
    let states = [ConnectionState::Reconnecting, ConnectionState::Connected].map(|state| shown(&ben, state));
    assert_eq!(story.news(&ann), states);
}

#[test]
fn without_a_peer_connection_a_lost_socket_is_given_two_seconds() {
    let mut story = Story::new();
    let [ann, ben] = ["Ann", "Ben"].map(|name| story.join(name, Role::Guest));
    story.forget();
    story.lose(&ben);
    story.wait(Duration::from_millis(1900));
    let ben = story.resume(&ben).unwrap();
    story.lose(&ben);
    story.forget();
    story.wait(Duration::from_secs(2));
    assert_eq!(story.news(&ann), [left(&ben, LeaveReason::Lost)]);
}

#[test]
fn a_second_connection_replaces_the_first() {
    let (mut story, ann, ben) = pair();
    let again = story.resume(&ben).unwrap();
    assert_eq!(story.news(&ben), [ServerMessage::Closed { reason: CloseReason::Replaced }]);
    assert_eq!(story.closed, [(ben.connection, CloseCode::NORMAL)]);
    story.lose(&ben);
    story.send(&ben, ClientMessage::Leave {});
    assert_eq!(story.news(&ann), [], "the old socket's end and its last words do not matter");
    story.send(&again, ClientMessage::Ping { nonce: 1 });
    assert!(story.news(&again).contains(&ServerMessage::Pong { nonce: 1 }));
}

#[test]
fn a_claim_whose_connection_never_comes_does_not_keep_a_participant() {
    let (mut story, ann, ben) = pair();
    story.lose(&ben);
    let secret = ben.token.split_once('.').unwrap().1;
    assert_eq!(story.room.claim(SecretHash::of(secret)), Some(ben.id));
    assert_eq!(story.room.claim(SecretHash::of(secret)), None);
    story.wait(Duration::from_secs(30));
    assert_eq!(story.news(&ann).last(), Some(&left(&ben, LeaveReason::Lost)));
    let late = story.room.resume(ben.id, ConnectionId(99), story.clock.now());
    assert_eq!(late, Err(ErrorCode::InvalidTicket));
}

#[test]
fn a_reload_of_the_last_one_finds_the_chat_but_nobody_does_later() {
    let mut story = Story::new();
    let ann = story.join("Ann", Role::Host);
    story.send(&ann, ClientMessage::Chat { text: "still here".into(), client_id: 1 });
    story.send(&ann, ClientMessage::Leave {});
    story.wait(Duration::from_secs(59));
    let ann = story.join("Ann", Role::Host);
    assert!(
        matches!(&story.heard(ann.connection)[0], ServerMessage::Welcome { chat, .. } if chat[0].text == "still here")
    );
    story.send(&ann, ClientMessage::Leave {});
    story.wait(Duration::from_secs(60));
    assert_eq!(story.over, Some(false), "the live state is over, the link is not");
    assert_eq!(story.commands.last(), Some(&Command::CloseRoom { room: story.room.info.id }));
    assert_eq!(story.try_join("Ann", Role::Host).unwrap_err(), ErrorCode::RoomNotFound);
}

#[test]
fn events_of_who_has_gone_are_ignored() {
    let (mut story, ann, ben) = pair();
    story.send(&ben, ClientMessage::Leave {});
    story.forget();
    story.peer(&ben, PeerState::Connected);
    story.event(Event::Answer { participant: ben.id, request: 1, answer: Ok(String::new()) });
    let speaker = confab_sfu::control::Speaker { participant: ben.id, level: 1 };
    story.event(Event::Speakers { speakers: vec![speaker] });
    assert_eq!(story.news(&ann), [ServerMessage::Speakers { speakers: vec![] }]);
    assert_eq!(story.told, []);
}

#[test]
fn a_stopping_server_tells_everybody() {
    let (mut story, ann, ben) = pair();
    story.room.close(CloseReason::ServerStopping);
    story.settle();
    for person in [&ann, &ben] {
        assert_eq!(story.news(person), [ServerMessage::Closed { reason: CloseReason::ServerStopping }]);
        assert!(story.closed.contains(&(person.connection, CloseCode::AWAY)));
    }
    assert_eq!(story.over, Some(false));
}
