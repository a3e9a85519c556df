//! Whatever guests do, in whatever order, they never do what is a host's.

use proptest::prelude::*;

use super::*;

#[derive(Debug, Clone)]
enum Step {
    Send(usize, ClientMessage),
    Join,
    Lose(usize),
    Resume(usize),
    Peer(usize, PeerState),
    Wait(u64),
}

fn source() -> impl Strategy<Value = Source> {
    prop::sample::select(&Source::ALL[..])
}

/// A message whose target is a place in the cast; filled in when it is sent.
fn message() -> impl Strategy<Value = ClientMessage> {
    let nobody = ParticipantId::random(&mut StdRng::seed_from_u64(0));
    prop_oneof![
        (source(), any::<bool>()).prop_map(|(source, muted)| ClientMessage::Publish { source, muted }),
        source().prop_map(|source| ClientMessage::Unpublish { source }),
        (source(), any::<bool>()).prop_map(|(source, muted)| ClientMessage::Mute { source, muted }),
        "[a-z]{0,5}".prop_map(|text| ClientMessage::Chat { text, client_id: 0 }),
        Just(ClientMessage::Leave {}),
        source().prop_map(move |source| ClientMessage::MuteParticipant { participant: nobody, source }),
        Just(ClientMessage::RemoveParticipant { participant: nobody }),
        any::<bool>().prop_map(|locked| ClientMessage::LockRoom { locked }),
        Just(ClientMessage::EndRoom {}),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let peer = prop::sample::select(vec![PeerState::Connected, PeerState::Silent, PeerState::Closed]);
    prop_oneof![
        6 => (any::<usize>(), message()).prop_map(|(who, message)| Step::Send(who, message)),
        2 => Just(Step::Join),
        1 => any::<usize>().prop_map(Step::Lose),
        1 => any::<usize>().prop_map(Step::Resume),
        1 => (any::<usize>(), peer).prop_map(|(who, state)| Step::Peer(who, state)),
        1 => (0..40_u64).prop_map(Step::Wait),
    ]
}

fn aim(message: ClientMessage, target: ParticipantId) -> ClientMessage {
    match message {
        ClientMessage::MuteParticipant { source, .. } => ClientMessage::MuteParticipant { participant: target, source },
        ClientMessage::RemoveParticipant { .. } => ClientMessage::RemoveParticipant { participant: target },
        other => other,
    }
}

/// Whether only a host can cause this.
fn is_privileged(message: &ServerMessage) -> bool {
    matches!(
        message,
        ServerMessage::RoomLocked { .. }
            | ServerMessage::TrackMuted { by_host: true, .. }
            | ServerMessage::ParticipantLeft { reason: LeaveReason::Removed, .. }
            | ServerMessage::Closed { reason: CloseReason::Removed | CloseReason::RoomEnded }
    )
}

proptest! {
    #[test]
    fn guests_never_act_as_hosts(steps in prop::collection::vec(step(), 1..60)) {
        let mut story = Story::new();
        let mut cast = vec![story.join("first", Role::Guest)];
        for (turn, step) in steps.into_iter().enumerate() {
            match step {
                Step::Send(who, message) => {
                    let target = cast[turn % cast.len()].id;
                    story.send(&cast[who % cast.len()].clone(), aim(message, target));
                }
                Step::Join => cast.extend(story.try_join("another", Role::Guest).ok()),
                Step::Lose(who) => story.lose(&cast[who % cast.len()].clone()),
                Step::Resume(who) => {
                    let place = who % cast.len();
                    if let Ok(back) = story.resume(&cast[place].clone()) {
                        cast[place] = back;
                    }
                }
                Step::Peer(who, state) => story.peer(&cast[who % cast.len()].clone(), state),
                Step::Wait(seconds) => story.wait(Duration::from_secs(seconds)),
            }
            prop_assert!(story.room.participants() <= 5);
            let mut privileged = story.told.iter().filter(|(_, message)| is_privileged(message));
            prop_assert_eq!(privileged.next(), None);
            prop_assert_ne!(story.over, Some(true));
        }
    }
}
