//! Publishers send what somebody looks at, and nothing else.

use std::time::Duration;

use confab_bench::client::{ClientConfig, Source as Sent};
use confab_sfu::control::Source;

use super::{LARGE, SMALL, millis, seconds};
use crate::links::LinkSpec;
use crate::world::{SEEDS, World};

const MEDIUM: (u16, u16) = (640, 360);
const NOTHING: (u16, u16) = (0, 0);

/// Packets of each encoding of node 0's camera so far.
fn sent(world: &World) -> [u64; 3] {
    let camera = world.nodes[0].agent.stats().source(Sent::Camera).unwrap();
    std::array::from_fn(|layer| camera.encodings[layer].packets)
}

/// Which encodings flow in the next half second.
fn flowing(world: &mut World) -> [bool; 3] {
    let before = sent(world);
    world.run(millis(500));
    let after = sent(world);
    std::array::from_fn(|layer| after[layer] > before[layer])
}

/// Node 0 publishes, and so many others look on.
fn lecture(seed: u64, viewers: usize) -> World {
    let mut world = World::new(seed);
    let room = world.room();
    world.join(room, world.config(), LinkSpec::CLEAN);
    for _ in 0..viewers {
        let config = ClientConfig { publish: Vec::new(), ..world.config() };
        world.join(room, config, LinkSpec::CLEAN);
    }
    world.connect();
    world
}

fn until(world: &mut World, viewer: usize, wanted: u8) -> Duration {
    let shows =
        |world: &mut World| world.stats(viewer).slots[0].video.decoded.is_some_and(|decoded| decoded.layer == wanted);
    world.run_until(seconds(3), shows).expect("the encoding comes")
}

#[test]
fn what_nobody_looks_at_is_paused_within_two_seconds_and_back_within_half_a_second() {
    for seed in SEEDS {
        let mut world = lecture(seed, 2);
        world.run(seconds(2));
        assert_eq!(flowing(&mut world), [false; 3], "nobody looks");
        let mut looked_away = false;
        for (sizes, wanted) in [
            ([SMALL, NOTHING], [true, false, false]),
            ([SMALL, LARGE], [true, false, true]),
            ([LARGE, LARGE], [false, false, true]),
            ([MEDIUM, SMALL], [true, true, false]),
            ([NOTHING, NOTHING], [false; 3]),
            ([NOTHING, LARGE], [false, false, true]),
        ] {
            let before = world.now;
            looked_away |= sizes == [NOTHING, NOTHING];
            for (viewer, size) in (1..).zip(sizes) {
                world.watch(viewer, &[0], size);
            }
            for (viewer, size) in (1..).zip(sizes) {
                let layer = [SMALL, MEDIUM, LARGE].iter().position(|known| *known == size);
                let took = layer.map(|layer| until(&mut world, viewer, layer as u8));
                assert!(took.is_none_or(|took| took <= millis(500)), "seed {seed}, {sizes:?}: {took:?}");
            }
            // The largest one is reached by way of the middle one as long as the viewer's bandwidth is not known.
            world.run((before + millis(2500)).saturating_duration_since(world.now));
            assert_eq!(flowing(&mut world), wanted, "seed {seed}, {sizes:?}");
            for viewer in [1, 2] {
                // Whoever looked away missed what came meanwhile.
                if !looked_away {
                    let video = &world.stats(viewer).slots[0].video;
                    assert!(
                        video.longest_gap_micros <= 100_000,
                        "seed {seed}, {sizes:?}: {}",
                        video.longest_gap_micros
                    );
                    assert_eq!(video.rtp.missing, 0, "seed {seed}, {sizes:?}");
                }
            }
        }
        world.check_invariants();
    }
}

#[test]
fn a_muted_camera_is_back_at_once() {
    let mut world = lecture(1, 1);
    world.watch(1, &[0], LARGE);
    until(&mut world, 1, 2);
    world.run(seconds(2));
    world.mute(0, Source::Camera, true);
    world.run(seconds(5));
    let frames = world.stats(1).slots[0].video.frames;
    world.mute(0, Source::Camera, false);
    let back = |world: &mut World| world.stats(1).slots[0].video.frames > frames;
    let took = world.run_until(seconds(2), back).expect("the picture comes back");
    assert!(took <= millis(300), "{took:?}");
    assert_eq!(flowing(&mut world), [false, false, true]);
}

#[test]
fn who_comes_back_begins_anew() {
    let mut world = lecture(2, 1);
    world.watch(1, &[0], SMALL);
    world.run(seconds(3));
    assert_eq!(flowing(&mut world), [true, false, false]);
    world.leave(1);
    world.run(seconds(2));
    assert_eq!(flowing(&mut world), [false; 3], "the last one who looked has left");
}
