//! Forward, switch, skip, hold or drop? A viewer's picture changes its origin and its layers only where a decoder can
//! follow.

use super::rtp::{Layer, PayloadInfo, Ssrc, SwitchUp};
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
    /// It continues what the viewer gets, which is this layer from here on.
    Forward(Layer),
    /// It begins what the viewer shall get from now on.
    Switch,
    /// It is above what the viewer gets of its origin, which is this layer from here on.
    Skip(Layer),
    /// The viewer will get this origin, but not before a keyframe.
    Hold,
    /// Not for this viewer.
    Drop,
}

/// Decides for a packet from `origin`, which is newer than all before it, where the viewer gets `current` and shall get
/// `target`.
///
/// The old origin goes on until the new one can be entered, so that the viewer never sees a gap; with no target it
/// stops at once.
pub fn select(current: Option<View>, target: Option<View>, origin: Origin, info: &PayloadInfo) -> Verdict {
    let Some(target) = target else { return Verdict::Drop };
    let Some(current) = current.filter(|current| current.origin == origin) else {
        return match target.origin == origin {
            true if info.entry => Verdict::Switch,
            true => Verdict::Hold,
            false => Verdict::Drop,
        };
    };
    let layer = if target.origin == origin { step(current.layer, target.layer, info) } else { current.layer };
    if layer.includes(info.layer) { Verdict::Forward(layer) } else { Verdict::Skip(layer) }
}

/// The layer from this packet on, on the way from one layer to another: down where a picture begins, up where a decoder
/// needs nothing that the viewer did not get. Spatial layers go up at keyframes only.
pub fn step(from: Layer, to: Layer, info: &PayloadInfo) -> Layer {
    if from == to || info.entry {
        return to;
    }
    let mut layer = from;
    if info.begins {
        layer.spatial = layer.spatial.min(to.spatial);
        layer.temporal = layer.temporal.min(to.temporal);
    }
    let temporal = info.layer.temporal;
    match info.switch_up {
        SwitchUp::ToThis
            if info.begins && temporal.checked_sub(1) == Some(from.temporal) && temporal <= to.temporal =>
        {
            layer.temporal = temporal;
        }
        SwitchUp::Above if from.includes(info.layer) => layer.temporal = layer.temporal.max(to.temporal),
        SwitchUp::To(targets) if from.includes(info.layer) => {
            let reached = targets.temporal(layer.spatial, to.temporal);
            layer.temporal = layer.temporal.max(reached.unwrap_or_default());
        }
        SwitchUp::ToThis | SwitchUp::Above | SwitchUp::To(_) | SwitchUp::Nowhere => {}
    }
    layer
}

#[cfg(test)]
mod tests {
    use slotmap::SlotMap;

    use super::*;
    use crate::core::rtp::Codec;

    fn info(entry: bool, layer: Layer, begins: bool, switch_up: SwitchUp) -> PayloadInfo {
        let mut info = PayloadInfo::parse(Codec::H264, &[0x41]).unwrap();
        (info.entry, info.layer, info.begins, info.switch_up) = (entry, layer, begins, switch_up);
        info
    }

    #[test]
    fn a_switch_waits_for_an_entry_and_the_old_origin_goes_on_until_then() {
        const FORWARD: Verdict = Verdict::Forward(Layer::ALL);
        let mut keys = SlotMap::<TrackKey, ()>::with_key();
        let (a, b) = (keys.insert(()), keys.insert(()));
        let view = |track, encoding, ssrc| {
            Some(View { origin: Origin { track, encoding, ssrc: Ssrc(ssrc) }, layer: Layer::ALL })
        };
        let (small, large, other, again) = (view(a, 0, 1), view(a, 1, 2), view(b, 0, 3), view(a, 0, 4));
        for (current, target, origin, entry, verdict) in [
            (None, None, small, true, Verdict::Drop),
            (None, small, small, false, Verdict::Hold),
            (None, small, small, true, Verdict::Switch),
            (small, small, small, false, FORWARD),
            (small, small, small, true, FORWARD),
            (small, large, small, false, FORWARD),
            (small, large, large, false, Verdict::Hold),
            (small, large, large, true, Verdict::Switch),
            (small, other, small, true, FORWARD),
            (small, other, large, true, Verdict::Drop),
            (small, other, other, true, Verdict::Switch),
            (small, None, small, true, Verdict::Drop),
            (small, again, again, false, Verdict::Hold),
            (small, again, again, true, Verdict::Switch),
        ] {
            let origin = origin.unwrap().origin;
            assert_eq!(
                select(current, target, origin, &info(entry, Layer::default(), entry, SwitchUp::Nowhere)),
                verdict,
                "{current:?} -> {target:?}, {origin:?} {entry}"
            );
        }
    }

    #[test]
    fn what_is_above_the_layer_is_left_out() {
        let mut keys = SlotMap::<TrackKey, ()>::with_key();
        let origin = Origin { track: keys.insert(()), encoding: 0, ssrc: Ssrc(1) };
        let other = Origin { ssrc: Ssrc(2), ..origin };
        let view = |origin, temporal| Some(View { origin, layer: Layer { spatial: 0, temporal } });
        for (current, target, temporal, verdict) in [
            (view(origin, 1), view(origin, 1), 1, Verdict::Forward(Layer { spatial: 0, temporal: 1 })),
            (view(origin, 1), view(origin, 1), 2, Verdict::Skip(Layer { spatial: 0, temporal: 1 })),
            // What the viewer leaves goes on as it is.
            (view(origin, 1), view(other, 0), 1, Verdict::Forward(Layer { spatial: 0, temporal: 1 })),
            (view(origin, 1), view(other, 2), 2, Verdict::Skip(Layer { spatial: 0, temporal: 1 })),
        ] {
            let layer = Layer { spatial: 0, temporal };
            let info = info(false, layer, true, SwitchUp::Above);
            assert_eq!(select(current, target, origin, &info), verdict, "{current:?} -> {target:?} {temporal}");
        }
    }

    #[test]
    fn layers_change_where_a_decoder_can_follow() {
        let layer = |(spatial, temporal)| Layer { spatial, temporal };
        let (nowhere, to_this, above) = (SwitchUp::Nowhere, SwitchUp::ToThis, SwitchUp::Above);
        // From, to, the packet's layer, whether a picture begins, switching point; where it is then.
        for (from, to, of, begins, switch_up, then, what) in [
            ((0, 2), (0, 0), (0, 1), true, nowhere, (0, 0), "down at once where a picture begins"),
            ((0, 2), (0, 0), (0, 1), false, nowhere, (0, 2), "not in the middle of one"),
            ((2, 0), (0, 0), (0, 0), true, nowhere, (0, 0), "down in space"),
            ((2, 2), (0, 1), (2, 0), false, nowhere, (2, 2), "not between the layers of a picture"),
            ((0, 0), (0, 2), (0, 1), true, nowhere, (0, 0), "no switching point"),
            ((0, 0), (0, 2), (0, 1), true, to_this, (0, 1), "one layer up"),
            ((0, 0), (0, 2), (0, 1), false, to_this, (0, 0), "the picture's beginning was lost"),
            ((0, 0), (0, 2), (0, 2), true, to_this, (0, 0), "what comes between would be missing"),
            ((0, 1), (0, 2), (0, 2), true, to_this, (0, 2), "the next layer"),
            ((0, 1), (0, 1), (0, 2), true, to_this, (0, 1), "no further than wanted"),
            ((0, 1), (0, 2), (0, 1), true, to_this, (0, 1), "a layer that is there already"),
            ((0, 0), (0, 2), (0, 0), true, above, (0, 2), "everything above"),
            ((0, 0), (0, 2), (0, 1), true, above, (0, 0), "a picture that the viewer does not get"),
            ((1, 2), (0, 2), (0, 0), true, above, (0, 2), "down in space, and no way in time"),
            ((0, 2), (1, 0), (0, 0), true, above, (0, 0), "down in time, while space waits"),
            ((0, 0), (2, 2), (0, 0), true, above, (0, 2), "space waits for a keyframe"),
            ((0, 0), (255, 255), (0, 0), true, above, (0, 255), "everything"),
        ] {
            let info = info(false, layer(of), begins, switch_up);
            assert_eq!(step(layer(from), layer(to), &info), layer(then), "{what}");
        }
        let keyframe = info(true, Layer::default(), true, SwitchUp::Nowhere);
        assert_eq!(step(layer((0, 0)), layer((2, 1)), &keyframe), layer((2, 1)), "everything at a keyframe");
    }
}
