//! One viewer's line and the publication that it shows: what the viewer wants, what it shall get, what it gets.

use std::time::{Duration, Instant};

use super::packets::Packet;
use super::publication::Publication;
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
}

/// See the module's text.
#[derive(Debug, Clone, Copy, Default)]
pub struct Subscription {
    /// What the viewer asked for.
    pub wanted: Option<Wanted>,
    /// What the viewer shall get as soon as it can be entered.
    pub target: Option<View>,
    /// What the viewer gets.
    pub current: Option<View>,
    target_since: Option<Instant>,
}

impl Subscription {
    /// Chooses the target anew: after the viewer's wish, the publication's state or its encodings changed.
    pub fn retarget(&mut self, publication: Option<&Publication>, now: Instant) {
        let target = self.wanted.zip(publication).and_then(|(wanted, publication)| {
            let encoding = publication.choose(wanted.width, wanted.height, now)?;
            let ssrc = publication.encodings.get(encoding)?.ssrc;
            let origin = Origin { track: wanted.track, encoding: encoding as u8, ssrc };
            Some(View { origin, layer: Layer::ALL })
        });
        if target != self.target {
            self.target = target;
            self.target_since = Some(now);
        }
        let other_track = self.current.map(|current| current.origin.track) != target.map(|target| target.origin.track);
        let lingers = self.target_since.is_some_and(|since| now.saturating_duration_since(since) < OLD_TRACK_LINGERS);
        if target.is_none() || (other_track && !lingers) {
            self.current = None;
        }
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
