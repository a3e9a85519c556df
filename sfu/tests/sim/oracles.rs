//! What must hold in every story, whatever happens in it.

use confab_bench::client::{RtpStats, VideoStats};
use confab_sfu::core::stats::DropReason;

use crate::agent::Agent;
use crate::world::World;

impl World {
    /// Nothing unprotected or nonce-reusing left the worker, nothing panicked, and every line that a client received is
    /// one unbroken line.
    pub fn check_invariants(&self) {
        self.check_invariants_but_jumps();
        for (place, node) in self.nodes.iter().enumerate() {
            if let Agent::Client(client) = &node.agent {
                let lines = client.stats().slots.iter().flat_map(|slot| [&slot.video.rtp, &slot.audio.rtp]);
                let jumps: u64 = lines.map(|rtp| rtp.sequence_jumps).sum();
                assert_eq!(jumps, 0, "client {place}: a line jumped");
            }
        }
    }

    /// The same after an outage so long that it looks like a jump.
    pub fn check_invariants_but_jumps(&self) {
        assert_eq!(self.dropped(DropReason::EngineMedia), 0, "the engine tried to send media");
        assert_eq!(self.counters().peer_panics, 0, "a peer's drive panicked");
        assert_eq!(self.plaintext, 0, "unprotected media was sent");
        for (place, node) in self.nodes.iter().enumerate() {
            let stats = match &node.agent {
                Agent::Client(client) => client.stats(),
                Agent::Raw(raw) => {
                    assert_eq!(raw.undecryptable, 0, "raw client {place} got what it could not decrypt");
                    continue;
                }
            };
            assert!(stats.errors.is_empty(), "client {place}: {:?}", stats.errors);
            assert_eq!(stats.wire.reused_sequence_numbers, 0, "client {place}: a nonce was reused");
            assert_eq!(stats.wire.malformed, 0, "client {place}");
            for (slot, stats) in stats.slots.iter().enumerate() {
                let name = format!("client {place} slot {slot}");
                check_line(&stats.video.rtp, &name);
                check_line(&stats.audio.rtp, &name);
                assert_eq!(stats.video.picture_id_regressions, 0, "{name}");
            }
            for (slot, stats) in stats.audio_slots.iter().enumerate() {
                check_line(&stats.rtp, &format!("client {place} audio slot {slot}"));
            }
        }
    }
}

fn check_line(rtp: &RtpStats, name: &str) {
    assert_eq!((rtp.timestamp_regressions, rtp.malformed), (0, 0), "{name}: timestamps back, malformed: {rtp:?}");
}

/// Share of a slot's frames that were given up.
pub fn dropped_share(video: &VideoStats) -> f64 {
    video.dropped as f64 / (video.frames + video.dropped).max(1) as f64
}

/// Share of a line's packets that never came.
pub fn lost_share(rtp: &RtpStats) -> f64 {
    rtp.missing as f64 / (rtp.packets + rtp.missing).max(1) as f64
}
