//! What hosts may do and guests may not.

use super::*;

/// A host, a guest, and the guest's camera.
fn meeting() -> (Story, Person, Person, TrackId) {
    let mut story = Story::new();
    let [host, guest] = [("Ann", Role::Host), ("Ben", Role::Guest)].map(|(name, role)| story.join(name, role));
    let camera = story.publish(&guest, Source::Camera);
    story.forget();
    (story, host, guest, camera)
}

#[test]
fn a_host_mutes_and_only_the_owner_unmutes() {
    let (mut story, host, guest, track) = meeting();
    let mute = ClientMessage::MuteParticipant { participant: guest.id, source: Source::Camera };
    story.send(&host, mute.clone());
    story.send(&host, mute);
    let muted = ServerMessage::TrackMuted { participant: guest.id, track, muted: true, by_host: true };
    assert_eq!([story.news(&host), story.news(&guest)], [[muted.clone()], [muted]]);
    assert_eq!(story.commands, [Command::Mute { room: story.room.info.id, track, muted: true }]);
    story.send(&guest, ClientMessage::Mute { source: Source::Camera, muted: false });
    let unmuted = ServerMessage::TrackMuted { participant: guest.id, track, muted: false, by_host: false };
    assert_eq!(story.news(&host), [unmuted]);
}

#[test]
fn a_removed_guest_is_told_and_cannot_resume() {
    let (mut story, host, guest, _) = meeting();
    story.send(&host, ClientMessage::RemoveParticipant { participant: guest.id });
    assert_eq!(story.news(&guest), [ServerMessage::Closed { reason: CloseReason::Removed }]);
    assert_eq!(story.closed, [(guest.connection, CloseCode::NORMAL)]);
    let left = ServerMessage::ParticipantLeft { participant: guest.id, reason: LeaveReason::Removed };
    assert_eq!(story.news(&host), [left]);
    assert_eq!(story.commands, [Command::Leave { room: story.room.info.id, participant: guest.id }]);
    assert_eq!(story.resume(&guest).unwrap_err(), ErrorCode::InvalidTicket);
    story.send(&guest, ClientMessage::Chat { text: "still here?".into(), client_id: 1 });
    assert_eq!(story.told, [], "0 events after");

    story.send(&host, ClientMessage::RemoveParticipant { participant: guest.id });
    assert_eq!(code(&story.news(&host)), Some(ErrorCode::NotFound));
    story.send(&host, ClientMessage::RemoveParticipant { participant: host.id });
    assert_eq!(code(&story.news(&host)), Some(ErrorCode::InvalidValue));
}

#[test]
fn a_locked_room_lets_hosts_in_and_members_back() {
    let (mut story, host, guest, _) = meeting();
    for locked in [true, true] {
        story.send(&host, ClientMessage::LockRoom { locked });
    }
    assert_eq!(story.news(&guest), [ServerMessage::RoomLocked { locked: true }]);
    assert_eq!(story.try_join("Carl", Role::Guest).unwrap_err(), ErrorCode::RoomLocked);
    story.join("Dora", Role::Host);
    story.lose(&guest);
    story.resume(&guest).unwrap();
    story.send(&host, ClientMessage::LockRoom { locked: false });
    story.join("Carl", Role::Guest);
}

#[test]
fn the_end_is_for_everybody() {
    let (mut story, host, guest, _) = meeting();
    story.send(&host, ClientMessage::EndRoom {});
    for person in [&host, &guest] {
        assert_eq!(story.news(person), [ServerMessage::Closed { reason: CloseReason::RoomEnded }]);
        assert!(story.closed.contains(&(person.connection, CloseCode::NORMAL)));
    }
    assert_eq!(story.commands, [Command::CloseRoom { room: story.room.info.id }]);
    assert_eq!(story.over, Some(true));
}

/// Every message, each with a target that exists.
fn every_message(target: ParticipantId) -> Vec<ClientMessage> {
    let source = Source::Camera;
    vec![
        ClientMessage::Hello { version: 1 },
        ClientMessage::Offer { request: 1, sdp: "v=0".into(), sections: Sections::default() },
        ClientMessage::Publish { source: Source::Screen, muted: false },
        ClientMessage::Unpublish { source },
        ClientMessage::Mute { source, muted: true },
        ClientMessage::Wants { wants: vec![] },
        ClientMessage::Chat { text: "hi".into(), client_id: 1 },
        ClientMessage::FirstFrame { milliseconds: 1 },
        ClientMessage::Ping { nonce: 1 },
        ClientMessage::Leave {},
        ClientMessage::MuteParticipant { participant: target, source },
        ClientMessage::RemoveParticipant { participant: target },
        ClientMessage::LockRoom { locked: true },
        ClientMessage::EndRoom {},
    ]
}

/// Who can hold a connection: members of both roles, and those whose membership is over.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Sender {
    Host,
    Guest,
    Removed,
    Left,
    Replaced,
    Stranger,
}

#[test]
fn the_matrix_of_senders_and_messages() {
    use Sender::*;
    let mut cells = 0;
    for sender in [Host, Guest, Removed, Left, Replaced, Stranger] {
        for place in 0..every_message(ParticipantId::random(&mut StdRng::seed_from_u64(0))).len() {
            let (mut story, host, target, _) = meeting();
            let role = if sender == Host { Role::Host } else { Role::Guest };
            let mut person = story.join("Sender", role);
            story.publish(&person, Source::Camera);
            match sender {
                Removed => story.send(&host, ClientMessage::RemoveParticipant { participant: person.id }),
                Left => story.send(&person, ClientMessage::Leave {}),
                Replaced => drop(story.resume(&person).unwrap()),
                Stranger => person.connection = ConnectionId(999),
                Host | Guest => {}
            }
            story.forget();
            let message = every_message(target.id).swap_remove(place);
            let needs_host = !permissions::allows(Role::Guest, &message);
            story.send(&person, message.clone());
            let news = story.news(&person);
            let has_effect = !story.told.is_empty() || !story.commands.is_empty() || story.over.is_some();
            let case = format!("{sender:?} {message:?}: {news:?}");
            match sender {
                Host => assert_ne!(code(&news), Some(ErrorCode::NotAllowed), "{case}"),
                Guest if needs_host => {
                    assert_eq!(code(&news), Some(ErrorCode::NotAllowed), "{case}");
                    assert!(!has_effect, "{case}");
                }
                Guest => assert_ne!(code(&news), Some(ErrorCode::NotAllowed), "{case}"),
                Removed | Left | Replaced | Stranger => assert!(news.is_empty() && !has_effect, "{case}"),
            }
            cells += 1;
        }
    }
    assert_eq!(cells, 6 * 14);
}
