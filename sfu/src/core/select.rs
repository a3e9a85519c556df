//! Forward, hold or drop? A viewer's picture changes its origin only where a decoder can follow.

use super::rtp::{Layer, Ssrc};
use crate::id::TrackKey;

/// Where a packet comes from: one stream that carries one encoding of one publication. If a publisher puts another
/// stream in the place of an encoding, that is another origin: its numbers have nothing to do with those before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    /// The publication.
    pub track: TrackKey,
    /// Its encoding, by place.
    pub encoding: u8,
    /// The stream.
    pub ssrc: Ssrc,
}

/// What a viewer gets, or shall get: an origin, and how much of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct View {
    /// The stream.
    pub origin: Origin,
    /// The highest layer.
    pub layer: Layer,
}

/// What to do with a packet for one viewer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It continues what the viewer gets.
    Forward,
    /// It begins what the viewer shall get from now on.
    Switch,
    /// The viewer will get this origin, but not before a keyframe.
    Hold,
    /// Not for this viewer.
    Drop,
}

/// Decides for a packet from `origin`, where the viewer gets `current` and shall get `target`. `entry` says whether a
/// decoder can begin here: a keyframe's first packet, or any packet of sound.
///
/// The old origin goes on until the new one can be entered, so that the viewer never sees a gap; with no target it
/// stops at once.
pub fn select(current: Option<Origin>, target: Option<Origin>, origin: Origin, entry: bool) -> Verdict {
    if target == Some(origin) {
        return match (current == target, entry) {
            (true, _) => Verdict::Forward,
            (false, true) => Verdict::Switch,
            (false, false) => Verdict::Hold,
        };
    }
    if current == Some(origin) && target.is_some() { Verdict::Forward } else { Verdict::Drop }
}

#[cfg(test)]
mod tests {
    use slotmap::SlotMap;

    use super::*;

    #[test]
    fn a_switch_waits_for_an_entry_and_the_old_origin_goes_on_until_then() {
        let mut keys = SlotMap::<TrackKey, ()>::with_key();
        let (a, b) = (keys.insert(()), keys.insert(()));
        let small = Some(Origin { track: a, encoding: 0, ssrc: Ssrc(1) });
        let large = Some(Origin { track: a, encoding: 1, ssrc: Ssrc(2) });
        let other = Some(Origin { track: b, encoding: 0, ssrc: Ssrc(3) });
        let again = Some(Origin { track: a, encoding: 0, ssrc: Ssrc(4) });
        for (current, target, origin, entry, verdict) in [
            (None, None, small, true, Verdict::Drop),
            (None, small, small, false, Verdict::Hold),
            (None, small, small, true, Verdict::Switch),
            (small, small, small, false, Verdict::Forward),
            (small, small, small, true, Verdict::Forward),
            (small, large, small, false, Verdict::Forward),
            (small, large, large, false, Verdict::Hold),
            (small, large, large, true, Verdict::Switch),
            (small, other, small, true, Verdict::Forward),
            (small, other, large, true, Verdict::Drop),
            (small, other, other, true, Verdict::Switch),
            (small, None, small, true, Verdict::Drop),
            (small, again, again, false, Verdict::Hold),
            (small, again, again, true, Verdict::Switch),
        ] {
            let origin = origin.unwrap();
            assert_eq!(
                select(current, target, origin, entry),
                verdict,
                "{current:?} -> {target:?}, {origin:?} {entry}"
            );
        }
    }
}
