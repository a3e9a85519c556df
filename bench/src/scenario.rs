//! What a run does: read from TOML, checked against limits before anything starts.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use crate::client::{PublishSpec, Source};

/// Clients of one run. More would measure this process, not the server.
const MAX_CLIENTS: usize = 500;
/// Seconds of one run.
const MAX_SECONDS: u64 = 600;
/// Milliseconds between two joins.
const MAX_RAMP_MS: u64 = 10_000;
/// Slots of one client, as many as the server allows.
const MAX_SLOTS: usize = 49;
/// Kilobits per second of one encoding.
const MAX_KBPS: u32 = 20_000;
/// Frames per second.
const MAX_FPS: u32 = 60;
/// Bytes of a packet's payload: a stamp fits in, and the datagram into the 1200 bytes that browsers keep to.
const PACKET_BYTES: std::ops::RangeInclusive<u16> = 64..=1100;

/// A scenario.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// The file's name without its ending.
    #[serde(default)]
    pub name: String,
    /// Rooms, all alike.
    pub rooms: usize,
    /// Seconds of media after the last join.
    pub seconds: u64,
    /// Milliseconds between two joins.
    #[serde(default = "default_ramp")]
    pub ramp_ms: u64,
    /// People with microphone and camera.
    #[serde(default)]
    pub publishers: Group,
    /// People who only watch.
    #[serde(default)]
    pub viewers: Group,
}

/// Clients of one kind, in each room.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// How many.
    pub count: usize,
    /// Slots of each.
    #[serde(default)]
    pub slots: usize,
    /// Audio-only slots of each.
    #[serde(default)]
    pub audio_slots: usize,
    /// Whether a camera has three encodings.
    #[serde(default)]
    pub simulcast: bool,
    /// Frames per second of a camera.
    #[serde(default)]
    pub fps: u32,
    /// Kilobits per second of a camera's encodings, lowest first.
    #[serde(default)]
    pub kbps: Vec<u32>,
    /// If given, all packets of a camera have just so many bytes of payload.
    #[serde(default)]
    pub packet_bytes: Option<u16>,
    /// Whether they have a camera only, and no microphone.
    #[serde(default)]
    pub silent: bool,
    /// Width of a slot on the screen.
    #[serde(default = "default_width")]
    pub width: u16,
    /// Height of a slot on the screen.
    #[serde(default = "default_height")]
    pub height: u16,
}

fn default_ramp() -> u64 {
    20
}

fn default_width() -> u16 {
    640
}

fn default_height() -> u16 {
    360
}

impl Scenario {
    /// Reads and checks a file.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let mut scenario = Self::parse(&text).with_context(|| format!("in {}", path.display()))?;
        scenario.name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Ok(scenario)
    }

    fn parse(text: &str) -> Result<Self> {
        let scenario: Self = toml::from_str(text)?;
        scenario.check()?;
        Ok(scenario)
    }

    fn check(&self) -> Result<()> {
        let clients = self.clients();
        ensure!((1..=MAX_CLIENTS).contains(&clients), "{clients} clients: it must be 1 to {MAX_CLIENTS}");
        ensure!((1..=MAX_SECONDS).contains(&self.seconds), "seconds: it must be 1 to {MAX_SECONDS}");
        ensure!(self.ramp_ms <= MAX_RAMP_MS, "ramp_ms: it must be at most {MAX_RAMP_MS}");
        let ramp = clients as u64 * self.ramp_ms / 1000;
        ensure!(ramp + self.seconds <= MAX_SECONDS, "ramp and seconds together exceed {MAX_SECONDS} s");
        for group in [&self.publishers, &self.viewers] {
            ensure!(group.slots <= MAX_SLOTS && group.audio_slots <= MAX_SLOTS, "at most {MAX_SLOTS} slots");
            ensure!(group.kbps.iter().all(|kbps| *kbps <= MAX_KBPS), "kbps: at most {MAX_KBPS}");
            ensure!(group.fps <= MAX_FPS, "fps: at most {MAX_FPS}");
            let bytes = group.packet_bytes.is_none_or(|bytes| PACKET_BYTES.contains(&bytes));
            ensure!(bytes, "packet_bytes: it must be {PACKET_BYTES:?}");
        }
        let publishers = &self.publishers;
        ensure!(publishers.count == 0 || publishers.fps > 0, "publishers need fps");
        ensure!(publishers.count == 0 || publishers.kbps.iter().any(|kbps| *kbps > 0), "publishers need kbps");
        Ok(())
    }

    /// All clients of a run.
    pub fn clients(&self) -> usize {
        self.rooms.saturating_mul(self.publishers.count.saturating_add(self.viewers.count))
    }
}

impl Group {
    /// What a publisher of this group sends.
    pub fn publish(&self) -> Vec<PublishSpec> {
        let camera = PublishSpec {
            source: Source::Camera,
            simulcast: self.simulcast,
            fps: self.fps,
            kbps: self.kbps.clone(),
            packet_bytes: self.packet_bytes,
            ..PublishSpec::camera()
        };
        let microphone = (!self.silent).then(PublishSpec::microphone);
        microphone.into_iter().chain([camera]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_scenarios_are_valid() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
        let clients = |name: &str| Scenario::read(&folder.join(format!("{name}.toml"))).unwrap().clients();
        assert_eq!(["meeting", "webinar", "smoke", "fanout", "idle"].map(clients), [6, 51, 3, 29, 200]);
    }

    #[test]
    fn limits_are_kept() {
        let text = |rooms: usize, seconds: u64| {
            format!("rooms = {rooms}\nseconds = {seconds}\n[publishers]\ncount = 5\nfps = 30\nkbps = [100]")
        };
        assert!(Scenario::parse(&text(100, 500)).is_ok());
        assert!(Scenario::parse(&text(101, 10)).is_err());
        assert!(Scenario::parse(&text(1, 601)).is_err());
        assert!(Scenario::parse(&text(0, 10)).is_err());
        assert!(Scenario::parse(&format!("{}\nwhat = 1", text(1, 1))).is_err());
        assert!(Scenario::parse(&format!("{}\npacket_bytes = 1101", text(1, 1))).is_err());
    }
}
