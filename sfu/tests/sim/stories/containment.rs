//! A bug that one peer's input wakes costs that peer, and nobody else.

use confab_sfu::SfuConfig;
use confab_sfu::control::{Event, PeerState};
use confab_sfu::core::transport::Engine;
use str0m::crypto::{Sha1HmacProvider, from_feature_flags};

use super::paths::{forged_check, overheard_check};
use super::{LARGE, call, millis, seconds};
use crate::links::LinkSpec;
use crate::world::World;

/// The byte that a check's transaction consists of, if it shall make the engine panic.
const POISON: u8 = 0x5f;

/// The integrity check of ICE, with a bug.
#[derive(Debug)]
struct Buggy;

impl Sha1HmacProvider for Buggy {
    fn sha1_hmac(&self, key: &[u8], payloads: &[&[u8]]) -> [u8; 20] {
        let poisoned = |payload: &&[u8]| payload.windows(12).any(|window| window == [POISON; 12]);
        assert!(!payloads.iter().any(poisoned), "the bug that this story is about");
        from_feature_flags().sha1_hmac_provider.sha1_hmac(key, payloads)
    }
}

#[test]
fn a_panic_closes_one_peer_and_disturbs_no_other() {
    let mut crypto = from_feature_flags().clone();
    crypto.sha1_hmac_provider = &Buggy;
    let mut world = World::with_engine(60, SfuConfig::default(), Engine::with_crypto(crypto).unwrap());
    call(&mut world, 3, LinkSpec::CLEAN, LARGE);
    world.run(seconds(3));
    let (_, names) = overheard_check(&mut world, 2);
    let source = world.nodes[2].public;
    world.inject(source, &forged_check(&names, POISON));
    assert_eq!(world.counters().peer_panics, 1);
    let victim = world.nodes[2].participant;
    let last = &world.told.last().unwrap().event;
    assert!(world.told.iter().any(|told| {
        matches!(&told.event, Event::Peer { participant, state: PeerState::Closed } if *participant == victim)
    }));
    assert_eq!(world.snapshot().peers, 2, "{last:?}");
    world.run(seconds(3));
    for viewer in 0..2 {
        let slot = &world.stats(viewer).slots[0];
        assert_eq!((slot.video.freezes, slot.video.rtp.missing, slot.audio.misaligned), (0, 0, 0));
        assert!(slot.video.longest_gap_micros <= 100_000);
        assert!(slot.video.frames >= 170, "{}", slot.video.frames);
        assert_eq!(world.nodes[viewer].slots.len(), 1, "the victim's slot is empty");
    }
    // It may come back, as another program would.
    let local = world.next_address();
    let config = confab_bench::client::ClientConfig { slots: 2, ..world.config() };
    let client = confab_bench::client::Client::new(config, world.now).unwrap();
    world.replace(2, crate::agent::Agent::Client(Box::new(client)), local);
    world.offer(2, confab_bench::client::Change::default()).unwrap();
    world.run(seconds(2) + millis(500));
    assert_eq!(world.nodes[2].state, Some(PeerState::Connected));
    assert!(world.stats(2).slots[0].video.frames > 30);
}
