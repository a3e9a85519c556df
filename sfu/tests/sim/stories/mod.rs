//! The stories, one file for each theme.

mod abuse;
mod calls;
mod codecs;
mod congestion;
mod containment;
mod dynacast;
mod hostile;
mod isolation;
mod lifecycle;
mod lipsync;
mod loss;
mod paths;
mod redundancy;
mod simulcast;
mod storms;
mod switching;
mod voices;

use std::time::Duration;

use confab_bench::client::ClientConfig;

use crate::links::LinkSpec;
use crate::world::World;

/// A tile that only the largest encoding is sharp enough for.
pub const LARGE: (u16, u16) = (1280, 720);
/// A tile for the smallest encoding.
pub const SMALL: (u16, u16) = (320, 180);

pub fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// The others of `count` nodes.
pub fn others(count: usize, viewer: usize) -> Vec<usize> {
    (0..count).filter(|other| *other != viewer).collect()
}

/// `count` people in one room, each with a slot for everybody else, all connected and watching.
pub fn call(world: &mut World, count: usize, link: LinkSpec, size: (u16, u16)) {
    let room = world.room();
    for _ in 0..count {
        let config = ClientConfig { slots: count - 1, ..world.config() };
        world.join(room, config, link);
    }
    world.connect();
    for viewer in 0..count {
        world.watch(viewer, &others(count, viewer), size);
    }
}
