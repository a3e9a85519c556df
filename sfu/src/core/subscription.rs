//! One viewer's line and the publication that it shows: what the viewer wants, what it shall get, what it gets.

use std::time::{Duration, Instant};

use super::packets::Packet;
use super::rewrite::{Numbers, Rewriter};
use super::rtp::Layer;
use super::select::{Origin, Verdict, View, select};
use crate::id::TrackKey;

/// How long the track before goes on while the new one has no keyframe yet. Longer would show the wrong person.
const OLD_TRACK_LINGERS: Duration = Duration::from_secs(2);

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
}

impl Subscription {
    /// Takes a new target: after the viewer's wish, its bandwidth, or what is published changed. Returns whether what the
    /// viewer gets ended with it.
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

    /// Whether the viewer waits for a keyframe of its target.
    pub fn awaits_entry(&self) -> Option<Origin> {
        let target = self.target?.origin;
        self.current.is_none_or(|current| current.origin != target).then_some(target)
    }

    /// Whether packets of `track` may still concern this line.
    pub fn concerns(&self, track: TrackKey) -> bool {
        self.wanted.is_some_and(|wanted| wanted.track == track)
            || self.current.is_some_and(|current| current.origin.track == track)
    }

    /// The numbers under which a packet goes out in this line, if it does.
    pub fn forward(
        &mut self,
        rewriter: &mut Rewriter,
        origin: Origin,
        packet: &Packet<'_>,
        captured: Instant,
    ) -> Option<Numbers> {
        let numbers = numbers_of(packet);
        let target = self.target.map(|target| target.origin);
        match select(self.current.map(|current| current.origin), target, origin, packet.info.entry) {
            Verdict::Forward => rewriter.forward(origin, numbers, captured),
            Verdict::Switch => {
                self.current = self.target;
                Some(rewriter.switch(origin, numbers, captured))
            }
            Verdict::Hold | Verdict::Drop => None,
        }
    }
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
