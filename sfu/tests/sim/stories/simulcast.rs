//! Each viewer gets the encoding that suits its tile, and never waits for one that does not come.

use std::time::Duration;

use confab_bench::client::ClientConfig;

use super::{LARGE, SMALL, millis, seconds};
use crate::links::LinkSpec;
use crate::world::{SEEDS, World};

/// Node 0 publishes, the others look at it; none of them publishes.
fn lecture(world: &mut World, sizes: &[(u16, u16)], link: LinkSpec) {
    let room = world.room();
    let config = world.config();
    world.join(room, config, link);
    for _ in sizes {
        let config = ClientConfig { publish: Vec::new(), ..world.config() };
        world.join(room, config, link);
    }
    world.connect();
    for (viewer, size) in (1..).zip(sizes) {
        world.watch(viewer, &[0], *size);
    }
    world.run(seconds(3));
}

fn layer(world: &World, viewer: usize) -> u8 {
    world.stats(viewer).slots[0].video.decoded.unwrap().layer
}

/// How long until the viewer shows `wanted`.
fn until_layer(world: &mut World, viewer: usize, wanted: u8) -> Duration {
    let limit = seconds(10);
    world.run_until(limit, |world| layer(world, viewer) == wanted).expect("the layer comes")
}

#[test]
fn a_change_of_size_switches_at_a_keyframe_without_a_gap() {
    for seed in SEEDS {
        let mut world = World::new(seed);
        lecture(&mut world, &[LARGE, SMALL], LinkSpec::CLEAN);
        assert_eq!([1, 2].map(|viewer| layer(&world, viewer)), [2, 0]);
        for (sizes, layers) in [([SMALL, LARGE], [0, 2]), ([LARGE, (640, 360)], [2, 1]), ([SMALL, SMALL], [0, 0])] {
            let before = [1, 2].map(|viewer| world.stats(viewer).slots[0].video.clone());
            world.watch(1, &[0], sizes[0]);
            world.watch(2, &[0], sizes[1]);
            let took = [until_layer(&mut world, 1, layers[0]), until_layer(&mut world, 2, layers[1])];
            assert!(took.iter().sum::<Duration>() < millis(600), "{took:?}");
            world.run(seconds(2));
            assert_eq!([1, 2].map(|viewer| layer(&world, viewer)), layers);
            for (viewer, before) in (1..).zip(before) {
                let video = &world.stats(viewer).slots[0].video;
                let changed = usize::from(before.decoded.unwrap().layer != layer(&world, viewer));
                assert_eq!(video.switches.len(), before.switches.len() + changed, "no detour: {:?}", video.switches);
            }
        }
        for viewer in [1, 2] {
            let video = &world.stats(viewer).slots[0].video;
            assert!(video.longest_gap_micros <= 100_000, "{}", video.longest_gap_micros);
            assert_eq!((video.freezes, video.plis, video.rtp.missing), (0, 0, 0));
        }
        world.check_invariants();
    }
}

#[test]
fn viewers_of_an_encoding_that_stops_get_another_and_return_when_it_is_back() {
    for seed in SEEDS {
        let mut world = World::new(seed);
        lecture(&mut world, &[LARGE, SMALL], LinkSpec::CLEAN);
        for (stopped, fallback) in [(2, 1), (1, 0)] {
            world.nodes[0].set_able(stopped, false);
            let took = until_layer(&mut world, 1, fallback);
            assert!(took <= millis(1500), "{took:?}");
            world.run(seconds(2));
            assert_eq!(layer(&world, 2), 0);
        }
        for layer in [1, 2] {
            world.nodes[0].set_able(layer, true);
        }
        assert!(until_layer(&mut world, 1, 2) <= millis(500));
        // The smallest one stops, and the viewer of the small tile gets the next one.
        world.nodes[0].set_able(0, false);
        assert!(until_layer(&mut world, 2, 1) <= millis(1500));
        world.nodes[0].set_able(0, true);
        assert!(until_layer(&mut world, 2, 0) <= millis(500));
        world.run(seconds(2));
        assert_eq!([1, 2].map(|viewer| layer(&world, viewer)), [2, 0]);
        for viewer in [1, 2] {
            let video = &world.stats(viewer).slots[0].video;
            assert!(video.longest_gap_micros <= 1_500_000, "{}", video.longest_gap_micros);
        }
        world.check_invariants();
    }
}

#[test]
fn sizes_change_under_loss() {
    let link = LinkSpec { delay_ms: 50, jitter_ms: 5, loss: 0.03, ..LinkSpec::CLEAN };
    for seed in SEEDS {
        let mut world = World::new(seed);
        lecture(&mut world, &[LARGE], link);
        for round in 0..10 {
            let (size, wanted) = [(SMALL, 0), (LARGE, 2), ((640, 360), 1)][round % 3];
            world.watch(1, &[0], size);
            let took = until_layer(&mut world, 1, wanted);
            assert!(took <= seconds(2), "seed {seed} round {round}: {took:?}");
            world.run(seconds(1));
        }
        let video = &world.stats(1).slots[0].video;
        assert!(video.longest_gap_micros <= 1_000_000, "{}", video.longest_gap_micros);
        world.check_invariants();
    }
}
