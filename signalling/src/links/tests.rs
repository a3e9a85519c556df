use std::path::PathBuf;

use rand::SeedableRng;
use rand::rngs::StdRng;

use super::*;
use confab_social::clock::{Clock as _, ManualClock};

const TTL: Duration = Duration::from_secs(24 * 3600);

struct World {
    folder: PathBuf,
    clock: ManualClock,
    rng: StdRng,
}

impl World {
    fn new(name: &str) -> Self {
        Self { folder: crate::test_folder(name), clock: ManualClock::new(), rng: StdRng::seed_from_u64(1) }
    }

    fn open(&self) -> Links {
        Links::open(&self.folder, TTL, self.clock.now()).unwrap()
    }

    async fn create(&mut self, links: &Links, name: &str) -> RoomId {
        let room = RoomId::random(&mut self.rng);
        let used_millis = self.clock.now().unix_millis;
        links
            .create(
                room,
                Link {
                    name: Some(name.into()),
                    codec: VideoCodec::H264,
                    host_key: SecretHash::of(name),
                    owner: None,
                    guests: true,
                    used_millis,
                },
            )
            .await
            .unwrap();
        room
    }

    fn file(&self) -> PathBuf {
        self.folder.join("rooms.jsonl")
    }
}

#[tokio::test]
async fn rooms_survive_a_crash_even_one_in_the_middle_of_a_write() {
    let mut world = World::new("links-crash");
    let links = world.open();
    let [kept, ended] = [world.create(&links, "kept").await, world.create(&links, "ended").await];
    links.end(ended).await.unwrap();
    drop(links);
    let mut text = std::fs::read(world.file()).unwrap();
    text.extend_from_slice(b"{\"type\":\"create\",\"id\":\"k3v");
    std::fs::write(world.file(), text).unwrap();

    let links = world.open();
    let link = links.resolve(kept, world.clock.now()).unwrap();
    assert_eq!((link.name.as_deref(), link.host_key), (Some("kept"), SecretHash::of("kept")));
    assert_eq!(link.codec, VideoCodec::H264);
    assert_eq!(links.resolve(ended, world.clock.now()), None);
    let text = std::fs::read_to_string(world.file()).unwrap();
    assert_eq!(text.lines().count(), 1, "rewritten without what is outdated: {text}");
    assert!(!text.contains("\"kept\",\"host_key\":\"kept\""));

    let later = world.create(&links, "later").await;
    drop(links);
    assert!(world.open().resolve(later, world.clock.now()).is_some());
}

#[tokio::test]
async fn a_room_expires_a_while_after_its_last_use() {
    let mut world = World::new("links-expiry");
    let links = world.open();
    let room = world.create(&links, "used").await;
    world.clock.advance(TTL / 2);
    links.touch(room, world.clock.now()).await.unwrap();
    world.clock.advance(TTL - Duration::from_secs(1));
    assert!(links.resolve(room, world.clock.now()).is_some());
    drop(links);
    let links = world.open();
    world.clock.advance(Duration::from_secs(1));
    assert_eq!(links.resolve(room, world.clock.now()), None);
    links.sweep(world.clock.now()).await.unwrap();
    assert!(links.rooms.is_empty());
}

#[tokio::test]
async fn frequent_use_is_not_written_down() {
    let mut world = World::new("links-touch");
    let links = world.open();
    let room = world.create(&links, "used").await;
    for _ in 0..100 {
        world.clock.advance(Duration::from_secs(60));
        links.touch(room, world.clock.now()).await.unwrap();
    }
    assert_eq!(std::fs::read_to_string(world.file()).unwrap().lines().count(), 2);
}

#[test]
fn a_room_from_before_there_was_a_choice_of_codecs_has_the_default() {
    let world = World::new("links-codec");
    let (room, key) = ("k3vq-8c2m-x0tz-9hdr", SecretHash::of("key").to_text());
    let at = world.clock.now().unix_millis;
    let line = format!("{{\"type\":\"create\",\"id\":\"{room}\",\"name\":null,\"host_key\":\"{key}\",\"at\":{at}}}\n");
    std::fs::write(world.file(), line).unwrap();
    let link = world.open().resolve(room.parse().unwrap(), world.clock.now()).unwrap();
    assert_eq!(link.codec, VideoCodec::Vp8);
}

#[test]
fn a_damaged_file_is_refused_and_left_alone() {
    let world = World::new("links-damage");
    std::fs::write(world.file(), "{\"type\":\"nonsense\"}\n{}\n").unwrap();
    let error = Links::open(&world.folder, TTL, world.clock.now()).unwrap_err();
    assert!(matches!(error, StoreError::Damaged(_, 1)), "{error}");
    assert!(std::fs::read_to_string(world.file()).unwrap().contains("nonsense"));
}

#[test]
fn two_processes_cannot_share_a_folder() {
    let world = World::new("links-lock");
    let _first = world.open();
    let error = Links::open(&world.folder, TTL, world.clock.now()).unwrap_err();
    assert!(matches!(error, StoreError::InUse(_)), "{error}");
}

/// On one thread the order is always the same: the rewrite begins before the creator hears that the room is written.
#[tokio::test]
async fn a_rewrite_does_not_lose_a_room_that_was_just_made() {
    let mut world = World::new("links-rewrite");
    let links = Arc::new(world.open());
    let store = Arc::clone(&links.store).lock_owned().await;
    let room = RoomId::random(&mut world.rng);
    let now = world.clock.now();
    let link = Link {
        name: None,
        codec: VideoCodec::Vp8,
        host_key: SecretHash::of("key"),
        owner: None,
        guests: true,
        used_millis: now.unix_millis,
    };
    let creation = tokio::spawn({
        let links = Arc::clone(&links);
        async move { links.create(room, link).await }
    });
    tokio::task::yield_now().await;
    let rewriting = tokio::spawn({
        let links = Arc::clone(&links);
        async move {
            let mut store = Arc::clone(&links.store).lock_owned().await;
            let rooms = links.rooms.iter().map(|entry| (*entry.key(), entry.value().clone())).collect();
            on_a_thread(move || store.rewrite(rooms)).await
        }
    });
    tokio::task::yield_now().await;
    drop(store);
    creation.await.unwrap().unwrap();
    rewriting.await.unwrap().unwrap();
    drop(links);
    assert!(world.open().resolve(room, now).is_some());
}

#[tokio::test]
async fn rooms_are_found_by_who_made_them_until_they_end() {
    let mut world = World::new("links-made");
    let links = world.open();
    let owner = AccountId::new(world.clock.now(), &mut world.rng);
    world.create(&links, "nobody's").await;
    let [first, second] = [RoomId::random(&mut world.rng), RoomId::random(&mut world.rng)];
    for (room, age) in [(first, 0), (second, 1)] {
        let link = Link {
            name: Some("mine".into()),
            codec: VideoCodec::Vp8,
            host_key: SecretHash::of("key"),
            owner: Some(owner),
            guests: true,
            used_millis: world.clock.now().unix_millis - age,
        };
        links.create(room, link).await.unwrap();
    }
    let made =
        |links: &Links| links.made_by(owner, world.clock.now()).into_iter().map(|(room, _)| room).collect::<Vec<_>>();
    assert_eq!(made(&links), [first, second]);
    drop(links);
    let links = world.open();
    assert_eq!(made(&links), [first, second]);
    links.end(first).await.unwrap();
    links.sweep(world.clock.now()).await.unwrap();
    assert_eq!(made(&links), [second]);
}
