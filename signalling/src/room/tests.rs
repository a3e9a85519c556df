//! Stories of a meeting, under a clock that the story winds on.

mod moderation;
mod presence;
mod proptests;

use confab_sfu::control::{OfferError, Source};
use confab_sfu::id::RoomId;
use rand::SeedableRng;

use super::*;
use crate::protocol::{ClientMessage, ConnectionState, Participant, Sections, Track, VideoCodec, Want};
use confab_social::clock::{Clock as _, ManualClock};

/// A room, and what it wants done, sorted by whom it concerns.
struct Story {
    clock: ManualClock,
    room: Room,
    connections: u64,
    told: Vec<(ConnectionId, ServerMessage)>,
    closed: Vec<(ConnectionId, CloseCode)>,
    commands: Vec<Command>,
    over: Option<bool>,
    frames: Vec<Duration>,
}

/// Somebody in the story.
#[derive(Debug, Clone)]
struct Person {
    id: ParticipantId,
    connection: ConnectionId,
    token: String,
}

impl Story {
    fn new() -> Self {
        let clock = ManualClock::new();
        let mut rng = StdRng::seed_from_u64(7);
        let settings =
            RoomSettings { max_participants: 5, empty_grace: Duration::from_secs(60), ice_servers: Vec::new() };
        let id = RoomId::random(&mut rng);
        let info = RoomInfo { id, name: Some("Standup".into()), locked: false, codec: VideoCodec::Av1 };
        let room = Room::new(info, settings, rng, clock.now());
        let (told, closed, commands, frames) = Default::default();
        Self { clock, room, connections: 0, told, closed, commands, over: None, frames }
    }

    fn settle(&mut self) {
        while let Some(output) = self.room.poll_output() {
            assert_eq!(self.over, None, "nothing follows the end: {output:?}");
            match output {
                Output::Send { to, message } => self.told.extend(to.into_iter().map(|to| (to, message.clone()))),
                Output::Close { connection, code } => self.closed.push((connection, code)),
                Output::Sfu(command) => self.commands.push(command),
                Output::FirstFrame(time) => self.frames.push(time),
                Output::Over { ended } => self.over = Some(ended),
            }
        }
    }

    /// Winds the clock on as the room's task would: from deadline to deadline.
    fn wait(&mut self, time: Duration) {
        let end = self.clock.now().at + time;
        while let Some(deadline) = self.room.deadline().filter(|deadline| *deadline <= end) {
            self.clock.advance(deadline.saturating_duration_since(self.clock.now().at));
            self.room.tick(self.clock.now());
            self.settle();
        }
        self.clock.advance(end.saturating_duration_since(self.clock.now().at));
    }

    fn connect(&mut self) -> ConnectionId {
        self.connections += 1;
        ConnectionId(self.connections)
    }

    fn try_join(&mut self, name: &str, role: Role) -> Result<Person, ErrorCode> {
        let connection = self.connect();
        let joined = self.room.join(Joiner { name: name.into(), role, person: None }, connection, self.clock.now());
        self.settle();
        joined.map(|id| Person { id, connection, token: self.token(connection) })
    }

    fn join(&mut self, name: &str, role: Role) -> Person {
        self.try_join(name, role).unwrap()
    }

    /// Comes back over a new connection with the last token.
    fn resume(&mut self, person: &Person) -> Result<Person, ErrorCode> {
        let secret = person.token.split_once('.').unwrap().1;
        let id = self.room.claim(SecretHash::of(secret)).ok_or(ErrorCode::InvalidTicket)?;
        assert_eq!(id, person.id);
        let connection = self.connect();
        let resumed = self.room.resume(id, connection, self.clock.now());
        self.settle();
        resumed.map(|()| Person { id, connection, token: self.token(connection) })
    }

    fn token(&self, connection: ConnectionId) -> String {
        match self.heard(connection).into_iter().rev().find(|message| matches!(message, ServerMessage::Welcome { .. }))
        {
            Some(ServerMessage::Welcome { resume_token, .. }) => resume_token,
            other => panic!("no welcome: {other:?}"),
        }
    }

    fn send(&mut self, from: &Person, message: ClientMessage) {
        self.room.receive(from.connection, message, self.clock.now());
        self.settle();
    }

    fn lose(&mut self, person: &Person) {
        self.room.disconnected(person.connection, Disconnect::Lost, self.clock.now());
        self.settle();
    }

    fn event(&mut self, event: Event) {
        self.room.event(event, self.clock.now());
        self.settle();
    }

    fn peer(&mut self, person: &Person, state: PeerState) {
        self.event(Event::Peer { participant: person.id, state });
    }

    /// All that a connection was told.
    fn heard(&self, connection: ConnectionId) -> Vec<ServerMessage> {
        self.told.iter().filter(|(to, _)| *to == connection).map(|(_, message)| message.clone()).collect()
    }

    /// What was told to a person since the last time this was asked of anybody.
    fn news(&mut self, person: &Person) -> Vec<ServerMessage> {
        let news = self.heard(person.connection);
        self.told.retain(|(to, _)| *to != person.connection);
        news
    }

    fn forget(&mut self) {
        self.told.clear();
        self.closed.clear();
        self.commands.clear();
    }

    fn publish(&mut self, person: &Person, source: Source) -> TrackId {
        self.send(person, ClientMessage::Publish { source, muted: false });
        match self.commands.last() {
            Some(Command::Publish { track, .. }) => *track,
            other => panic!("not published: {other:?}"),
        }
    }
}

fn code(messages: &[ServerMessage]) -> Option<ErrorCode> {
    match messages {
        [ServerMessage::Error { code, .. }] => Some(*code),
        _ => None,
    }
}

#[test]
fn who_joins_learns_everything_and_the_others_learn_of_it() {
    let mut story = Story::new();
    let ann = story.join("Ann", Role::Host);
    let track = story.publish(&ann, Source::Camera);
    story.send(&ann, ClientMessage::Chat { text: "hello".into(), client_id: 4 });
    story.forget();
    let ben = story.join("Ben", Role::Guest);

    let [ServerMessage::Welcome { version, resumed, you, role, room, participants, chat, .. }] = &story.news(&ben)[..]
    else {
        panic!("no welcome")
    };
    assert_eq!((*version, *resumed, *you, *role), (VERSION, false, ben.id, Role::Guest));
    assert_eq!((room.name.as_deref(), room.locked), (Some("Standup"), false));
    assert_eq!(participants.iter().map(|other| other.id).collect::<Vec<_>>(), [ann.id, ben.id]);
    assert_eq!(participants[0].tracks, [Track { id: track, source: Source::Camera, muted: false }]);
    assert_eq!((chat[0].text.as_str(), chat[0].from, chat[0].at), ("hello", ann.id, ManualClock::START_MILLIS));
    let expected = Participant {
        id: ben.id,
        name: "Ben".into(),
        picture: None,
        role: Role::Guest,
        connection: ConnectionState::Connected,
        tracks: vec![],
    };
    assert_eq!(story.news(&ann), [ServerMessage::ParticipantJoined { participant: expected }]);
    assert_ne!(ann.token, ben.token);
}

#[test]
fn a_full_room_takes_nobody_until_somebody_leaves() {
    let mut story = Story::new();
    let people: Vec<_> = (0..5).map(|number| story.join(&format!("P{number}"), Role::Guest)).collect();
    assert!(story.room.summary().full);
    assert_eq!(story.try_join("late", Role::Host).unwrap_err(), ErrorCode::RoomFull);
    story.send(&people[2], ClientMessage::Leave {});
    story.join("late", Role::Guest);
}

#[test]
fn tracks_come_go_and_are_muted_for_everybody() {
    let mut story = Story::new();
    let [ann, ben] = ["Ann", "Ben"].map(|name| story.join(name, Role::Guest));
    let (room, participant) = (story.room.info.id, ann.id);
    story.forget();

    let track = story.publish(&ann, Source::Microphone);
    let description = Track { id: track, source: Source::Microphone, muted: false };
    let published = ServerMessage::TrackPublished { participant, track: description };
    assert_eq!([story.news(&ann), story.news(&ben)], [[published.clone()], [published]]);

    story.send(&ann, ClientMessage::Publish { source: Source::Microphone, muted: true });
    assert_eq!(code(&story.news(&ann)), Some(ErrorCode::InvalidState));

    for _ in 0..2 {
        story.send(&ann, ClientMessage::Mute { source: Source::Microphone, muted: true });
    }
    let muted = ServerMessage::TrackMuted { participant, track, muted: true, by_host: false };
    assert_eq!([story.news(&ann), story.news(&ben)], [[muted.clone()], [muted]], "once, however often it is said");

    story.send(&ann, ClientMessage::Unpublish { source: Source::Microphone });
    let gone = ServerMessage::TrackUnpublished { participant, track };
    assert_eq!([story.news(&ann), story.news(&ben)], [[gone.clone()], [gone]]);
    for message in [
        ClientMessage::Unpublish { source: Source::Microphone },
        ClientMessage::Mute { source: Source::Screen, muted: false },
    ] {
        story.send(&ann, message);
        assert_eq!(code(&story.news(&ann)), Some(ErrorCode::InvalidState));
    }
    let source = Source::Microphone;
    assert_eq!(
        story.commands,
        [
            Command::Publish { room, participant, track, source, muted: false },
            Command::Mute { room, track, muted: true },
            Command::Unpublish { room, track },
        ]
    );
}

#[test]
fn offers_go_to_the_sfu_and_answers_come_back() {
    let mut story = Story::new();
    let ann = story.join("Ann", Role::Guest);
    story.forget();
    let offer = |sections| ClientMessage::Offer { request: 3, sdp: "v=0".into(), sections };
    story.send(&ann, offer(Sections::default()));
    let Some(Command::Offer { participant, request: 3, .. }) = story.commands.pop() else { panic!("no offer") };
    assert_eq!(participant, ann.id);

    story.event(Event::Answer { participant, request: 3, answer: Ok("v=0 answer".into()) });
    assert_eq!(story.news(&ann), [ServerMessage::Answer { request: 3, sdp: "v=0 answer".into() }]);
    story.event(Event::Answer { participant, request: 4, answer: Err(OfferError::TooLarge) });
    let [ServerMessage::Error { code: ErrorCode::OfferRejected, request: Some(4), .. }] = story.news(&ann)[..] else {
        panic!("no error")
    };

    let many = Sections { audio_slots: vec!["1".into(); 65], ..Sections::default() };
    let long = Sections { audio_slots: vec!["1".repeat(33)], ..Sections::default() };
    for sections in [many, long] {
        story.send(&ann, offer(sections));
        let [ServerMessage::Error { code: ErrorCode::InvalidValue, request: Some(3), .. }] = story.news(&ann)[..]
        else {
            panic!("no error")
        };
    }
    assert_eq!(story.commands, []);
}

#[test]
fn four_offers_may_wait_for_their_answer() {
    let mut story = Story::new();
    let [ann, ben] = ["Ann", "Ben"].map(|name| story.join(name, Role::Guest));
    let offer = |request| ClientMessage::Offer { request, sdp: "v=0".into(), sections: Sections::default() };
    story.forget();
    (1..=5).for_each(|request| story.send(&ann, offer(request)));
    let [ServerMessage::Error { code: ErrorCode::InvalidState, request: Some(5), .. }] = story.news(&ann)[..] else {
        panic!("no error")
    };
    assert_eq!(story.commands.len(), 4);
    story.send(&ben, offer(1));
    story.event(Event::Answer { participant: ann.id, request: 1, answer: Err(OfferError::Malformed) });
    story.send(&ann, offer(6));
    assert_eq!(story.commands.len(), 6);
}

#[test]
fn wants_name_only_what_is_there_and_not_ones_own() {
    let mut story = Story::new();
    let [ann, ben] = ["Ann", "Ben"].map(|name| story.join(name, Role::Guest));
    let [camera, microphone] = [Source::Camera, Source::Microphone].map(|source| story.publish(&ann, source));
    let own = story.publish(&ben, Source::Camera);
    story.forget();
    let want = |slot, video, audio| Want { slot, video, audio, width: 640, height: 360, fps: 0, pinned: false };
    let gone = TrackId::random(&mut StdRng::seed_from_u64(99));
    let wants = vec![
        want(0, Some(camera), Some(microphone)),
        want(1, Some(gone), None),
        want(2, Some(own), None),
        want(3, Some(microphone), Some(camera)),
    ];
    story.send(&ben, ClientMessage::Wants { wants });
    let Some(Command::Want { participant, wants, .. }) = story.commands.pop() else { panic!("no want") };
    assert_eq!(participant, ben.id);
    let pairs: Vec<_> = wants.iter().map(|want| (want.video, want.audio)).collect();
    assert_eq!(pairs, [(Some(camera), Some(microphone)), (None, None), (None, None), (None, None)]);
    assert_eq!(story.news(&ben), []);

    let wide = Want { width: 7681, ..want(0, None, None) };
    for wants in [vec![want(0, None, None); 65], vec![wide]] {
        story.send(&ben, ClientMessage::Wants { wants });
        assert_eq!(code(&story.news(&ben)), Some(ErrorCode::InvalidValue));
    }
    assert_eq!(story.commands, []);
}

#[test]
fn slots_are_told_to_one_and_speakers_to_all() {
    let mut story = Story::new();
    let [ann, ben] = ["Ann", "Ben"].map(|name| story.join(name, Role::Guest));
    let track = story.publish(&ann, Source::Camera);
    story.forget();
    let slots = vec![confab_sfu::control::SlotBinding { slot: 0, video: Some(track), audio: None }];
    story.event(Event::Slots { participant: ben.id, slots, audio_slots: vec![] });
    let binding = SlotBinding { slot: 0, video: Some(track), audio: None };
    let slots = ServerMessage::Slots { slots: vec![binding], audio_slots: vec![] };
    assert_eq!([story.news(&ann), story.news(&ben)], [vec![], vec![slots.clone()]]);

    let speaker = confab_sfu::control::Speaker { participant: ann.id, level: 90 };
    story.event(Event::Speakers { speakers: vec![speaker] });
    let speakers = ServerMessage::Speakers { speakers: vec![Speaker { participant: ann.id, level: 90 }] };
    assert_eq!([story.news(&ann), story.news(&ben)], [[speakers.clone()], [speakers.clone()]]);

    story.lose(&ben);
    let ben = story.resume(&ben).unwrap();
    assert_eq!(story.news(&ben)[1..3], [slots, speakers], "who comes back learns what it missed");
}

#[test]
fn a_publisher_alone_learns_which_encodings_are_needed() {
    let mut story = Story::new();
    let [ann, ben] = ["Ann", "Ben"].map(|name| story.join(name, Role::Guest));
    let track = story.publish(&ann, Source::Camera);
    story.forget();
    let wishes = |encodings: [bool; 3]| Event::Wishes { participant: ann.id, track, encodings: encodings.to_vec() };
    let told = |encodings: [bool; 3]| {
        [ServerMessage::PublicationWishes { source: Source::Camera, encodings: encodings.to_vec() }]
    };
    story.event(wishes([true, false, false]));
    assert_eq!((story.news(&ann), story.news(&ben)), (told([true, false, false]).to_vec(), vec![]));
    story.event(wishes([true, true, false]));

    story.lose(&ann);
    let ann = story.resume(&ann).unwrap();
    assert_eq!(story.news(&ann)[1..2], told([true, true, false]), "who comes back learns the latest");

    story.send(&ann, ClientMessage::Unpublish { source: Source::Camera });
    story.forget();
    story.event(wishes([true, true, true]));
    assert_eq!(story.news(&ann), [], "of a track that is gone");
    story.lose(&ann);
    let ann = story.resume(&ann).unwrap();
    let stale = |message: &ServerMessage| matches!(message, ServerMessage::PublicationWishes { .. });
    assert!(!story.news(&ann).iter().any(stale));
}

#[test]
fn chat_lines_reach_everybody_and_only_the_writer_gets_its_number() {
    let mut story = Story::new();
    let [ann, ben] = ["Ann", "Ben"].map(|name| story.join(name, Role::Guest));
    story.forget();
    story.send(&ann, ClientMessage::Chat { text: "<b>hi</b>".into(), client_id: 9 });
    let [ServerMessage::Chat { line, client_id: Some(9) }] = &story.news(&ann)[..] else { panic!("no line") };
    assert_eq!((line.id, line.name.as_str(), line.text.as_str()), (1, "Ann", "<b>hi</b>"));
    assert_eq!(story.news(&ben), [ServerMessage::Chat { line: line.clone(), client_id: None }]);
    for text in ["", " ", "\u{7}", &"x".repeat(2001)] {
        story.send(&ann, ClientMessage::Chat { text: text.into(), client_id: 1 });
        assert_eq!(code(&story.news(&ann)), Some(ErrorCode::InvalidValue));
        assert_eq!(story.news(&ben), []);
    }
}

#[test]
fn small_messages_are_answered() {
    let mut story = Story::new();
    let ann = story.join("Ann", Role::Guest);
    story.forget();
    story.send(&ann, ClientMessage::Ping { nonce: 5 });
    assert_eq!(story.news(&ann), [ServerMessage::Pong { nonce: 5 }]);
    story.send(&ann, ClientMessage::Hello { version: 1 });
    assert_eq!(code(&story.news(&ann)), Some(ErrorCode::InvalidMessage));
    story.send(&ann, ClientMessage::FirstFrame { milliseconds: 60_001 });
    assert_eq!(code(&story.news(&ann)), Some(ErrorCode::InvalidValue));
    for milliseconds in [800, 900] {
        story.send(&ann, ClientMessage::FirstFrame { milliseconds });
    }
    assert_eq!(story.frames, [Duration::from_millis(800)], "one report each");
}
