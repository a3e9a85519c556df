//! One viewer's line and the publication that it shows: what the viewer wants, what it shall get, what it gets.

use std::time::{Duration, Instant};

use super::packets::Packet;
use super::rewrite::{Numbers, Place, Rewriter};
use super::rtp::Layer;
use super::select::{Origin, Verdict, View, select};
use crate::id::TrackKey;

/// How long the track before goes on while the new one has no keyframe yet. Longer would show the wrong person.
const OLD_TRACK_LINGERS: Duration = Duration::from_secs(2);

/// Pictures of a higher temporal layer that are left out while no switching point comes, before a keyframe is asked
/// for: 2 s of every second picture. Streams that have such points have one in each 4 to 8 pictures, and a keyframe
/// costs all viewers.
const PATIENCE: u8 = 30;

/// What a viewer wants in a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// The publication.
    pub track: TrackKey,
    /// Width on the screen in pixels; any value for sound.
    pub width: u16,
    /// Height on the screen in pixels; any value for sound.
    pub height: u16,
    /// Pictures a second that are of use; 0 for no limit.
    pub fps: u8,
    /// Whether it comes first when bandwidth is short.
    pub pinned: bool,
}

impl Wanted {
    /// Wants a sound, which has no size.
    pub fn sound(track: TrackKey) -> Self {
        Self { track, width: 1, height: 1, fps: 0, pinned: false }
    }
}

/// See the module's text.
#[derive(Debug, Clone, Copy, Default)]
pub struct Subscription {
    /// What the viewer asked for.
    pub wanted: Option<Wanted>,
    /// The encoding and layer that its bandwidth was divided for; what it shall get once it arrives.
    pub allotted: Option<(u8, Layer)>,
    /// What the viewer shall get as soon as it can be entered.
    pub target: Option<View>,
    /// What the viewer gets.
    pub current: Option<View>,
    target_since: Option<Instant>,
    /// Pictures left out that the viewer shall get, up to [`PATIENCE`].
    misses: u8,
}

impl Subscription {
    /// Takes a new target: after the viewer's wish, its bandwidth, or what is published changed. Returns whether what
    /// the viewer gets ended with it.
    pub fn retarget(&mut self, target: Option<View>, now: Instant) -> bool {
        let track = |view: Option<View>| view.map(|view| view.origin.track);
        if track(target) != track(self.target) {
            self.target_since = Some(now);
        }
        self.target = target;
        let other_track = track(self.current) != track(target);
        let lingers = self.target_since.is_some_and(|since| now.saturating_duration_since(since) < OLD_TRACK_LINGERS);
        let ends = target.is_none() || (other_track && !lingers);
        ends && self.current.take().is_some()
    }

    /// Ends what the viewer gets if it is of its target's track and does not fulfil `goes_on`. Returns whether it did.
    pub fn end_unless(&mut self, goes_on: impl Fn(Origin) -> bool) -> bool {
        let target = self.target.map(|target| target.origin.track);
        let ends = |current: View| Some(current.origin.track) == target && !goes_on(current.origin);
        self.current.take_if(|current| ends(*current)).is_some()
    }

    /// What the viewer gets and shall get.
    pub fn origins(&self) -> impl Iterator<Item = Origin> {
        self.current.into_iter().chain(self.target).map(|view| view.origin)
    }

    /// Whether the viewer waits for a keyframe of its target: to get anything of it, or higher layers.
    pub fn awaits_entry(&self) -> Option<Origin> {
        let target = self.target?;
        let layers = self.misses >= PATIENCE && self.current.is_some_and(|current| current.layer != target.layer);
        let entered = self.current.is_some_and(|current| current.origin == target.origin);
        (!entered || layers).then_some(target.origin)
    }

    /// Whether packets of `track` may still concern this line.
    pub fn concerns(&self, track: TrackKey) -> bool {
        self.wanted.is_some_and(|wanted| wanted.track == track)
            || self.current.is_some_and(|current| current.origin.track == track)
    }

    /// What of a packet goes out in this line, and where, if anything does.
    pub fn forward<'p>(
        &mut self,
        rewriter: &mut Rewriter,
        origin: Origin,
        packet: &Packet<'p>,
        captured: Instant,
    ) -> Option<(Numbers, Packet<'p>)> {
        let numbers = numbers_of(packet);
        let current = self.current.filter(|current| current.origin == origin);
        if current.is_some() && self.target.is_some() && !rewriter.is_ahead(origin, packet.seq) {
            // It goes where it would have gone in its time.
            return Some(version(rewriter.late(origin, numbers)?, packet));
        }
        match select(self.current, self.target, origin, &packet.info) {
            Verdict::Forward(layer) => {
                let view = self.advance(View { origin, layer });
                let numbers = rewriter.forward(view, numbers, captured)?;
                Some(version(Place { numbers, layer }, packet))
            }
            Verdict::Switch => {
                let view = self.advance(self.target?);
                let numbers = rewriter.switch(view, numbers, captured);
                Some(version(Place { numbers, layer: view.layer }, packet))
            }
            Verdict::Skip(layer) => {
                let view = self.advance(View { origin, layer });
                self.count_miss(view, packet);
                rewriter.skip_layer(view, numbers);
                None
            }
            Verdict::Hold | Verdict::Drop => None,
        }
    }

    /// The viewer gets `view` from now on.
    fn advance(&mut self, view: View) -> View {
        if self.current != Some(view) {
            self.current = Some(view);
            self.misses = 0;
        }
        view
    }

    /// Counts a packet that is left out although the viewer shall get it: its layer waits for a place to begin.
    fn count_miss(&mut self, view: View, packet: &Packet<'_>) {
        let layer = packet.info.layer;
        if !self.target.is_some_and(|target| target.origin == view.origin && target.layer.includes(layer)) {
            return;
        }
        if layer.spatial > view.layer.spatial {
            self.misses = PATIENCE;
        } else if packet.info.begins {
            self.misses = self.misses.saturating_add(1);
        }
    }
}

/// What of a packet goes out at a place in a line: nothing but its number if it came late and is of a layer that was
/// left out there, for the viewer would ask for it again and again. A picture ends with the highest spatial layer that
/// the line has there.
pub fn version<'p>(place: Place, packet: &Packet<'p>) -> (Numbers, Packet<'p>) {
    let info = &packet.info;
    let payload = if place.layer.includes(info.layer) { packet.payload } else { &[] };
    let marker = packet.marker || (info.ends && info.layer.spatial == place.layer.spatial);
    (place.numbers, Packet { payload, marker, ..*packet })
}

/// The numbers that a packet has at its publisher.
pub fn numbers_of(packet: &Packet<'_>) -> Numbers {
    Numbers {
        seq: packet.seq,
        timestamp: packet.timestamp,
        picture_id: packet.info.picture_id(),
        tl0_pic_idx: packet.info.tl0_pic_idx(),
    }
}

#[cfg(test)]
mod tests;
