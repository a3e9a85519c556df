//! What each member wants, and what its lines get of it: the viewer's bandwidth is divided here.

use std::time::Instant;

use super::{Peers, Room, SPEAKING_RANK};
use crate::control::{Source, Want};
use crate::core::allocate::{Class, Demand, MAX_DEMANDS, Shown, allocate};
use crate::core::bitrate::Bitrate;
use crate::core::publication::{Publication, Subscriber};
use crate::core::rewrite::LineKind;
use crate::core::select::Origin;
use crate::core::speaker;
use crate::core::subscription::Wanted;
use crate::id::{ParticipantId, PeerKey, TrackId, TrackKey};

impl Room {
    /// A member's wishes, in full.
    pub fn want(&mut self, participant: ParticipantId, wants: Vec<Want>, peers: &mut Peers, now: Instant) {
        let Some(member) = self.members.get_mut(&participant) else { return };
        member.wants = wants;
        self.subscribe(participant, peers, now);
    }

    /// Brings a viewer's lines in step with its wishes: after the wishes, the peer or its slots changed.
    pub fn subscribe(&mut self, participant: ParticipantId, peers: &mut Peers, now: Instant) {
        let Some(member) = self.members.get(&participant) else { return };
        let Some((key, peer)) = member.peer.and_then(|key| Some((key, peers.get_mut(key)?))) else { return };
        let mut wanted = vec![None; peer.lines.len()];
        for want in &member.wants {
            let Some(&slot) = peer.plan.slots.get(usize::from(want.slot)) else { continue };
            let find = |track: Option<TrackId>, video: bool| {
                let track = *self.tracks.get(&track?)?;
                let publication = self.publications.get(track)?;
                let fits = publication.source.is_video() == video && publication.participant != participant;
                let Want { width, height, fps, pinned, .. } = *want;
                fits.then_some(Wanted { track, width, height, fps, pinned })
            };
            if let (Some(picture), Some(line)) = (find(want.video, true), wanted.get_mut(slot.video)) {
                *line = Some(picture);
            }
            if let (Some(sound), Some(line)) = (find(want.audio, false), wanted.get_mut(slot.audio)) {
                *line = Some(sound);
            }
        }
        let loud: Vec<usize> = peer.plan.audio_slots.clone();
        for (line, wanted) in wanted.into_iter().enumerate() {
            if !loud.contains(&line) {
                self.set_wanted(Subscriber { peer: key, line }, wanted, peers);
            }
        }
        self.learn_offered(participant, peers);
        self.assign_audio_slots(participant, peers, now);
        self.divide(key, peers, now);
    }

    /// Learns from a member's offer in how many encodings its tracks may come.
    pub fn learn_offered(&mut self, participant: ParticipantId, peers: &Peers) {
        let Some(member) = self.members.get(&participant) else { return };
        let Some(peer) = member.peer.and_then(|key| peers.get(key)) else { return };
        for &track in &member.published {
            let Some(publication) = self.publications.get_mut(track) else { continue };
            let section = peer.plan.publish.iter().find(|section| section.source == publication.source);
            publication.offered = section.map_or(1, |section| section.rids.len().max(1));
        }
    }

    /// Changes what one line wants, and the fan-out lists with it.
    fn set_wanted(&mut self, subscriber: Subscriber, wanted: Option<Wanted>, peers: &mut Peers) {
        let line = peers.get_mut(subscriber.peer).and_then(|peer| peer.lines.get_mut(subscriber.line));
        let Some(line) = line else { return };
        if line.subscription.wanted.map(|wanted| wanted.track) != wanted.map(|wanted| wanted.track) {
            line.subscription.allotted = None;
        }
        line.subscription.wanted = wanted;
        if let Some(publication) = wanted.and_then(|wanted| self.publications.get_mut(wanted.track))
            && !publication.subscribers.contains(&subscriber)
        {
            publication.subscribers.push(subscriber);
        }
    }

    /// Gives a viewer's audio-only slots to the loudest microphones that it hears in no other slot. Returns whether
    /// that changed anything.
    pub(super) fn assign_audio_slots(&mut self, participant: ParticipantId, peers: &mut Peers, now: Instant) -> bool {
        let Some(key) = self.members.get(&participant).and_then(|member| member.peer) else { return false };
        let Some(peer) = peers.get(key).filter(|peer| !peer.plan.audio_slots.is_empty()) else { return false };
        let loud = peer.plan.audio_slots.clone();
        let in_slots = |track: TrackKey| {
            let mut slots = peer.plan.slots.iter().filter_map(|slot| peer.lines.get(slot.audio));
            slots.any(|line| line.subscription.wanted.is_some_and(|wanted| wanted.track == track))
        };
        let candidates: Vec<(TrackKey, u16)> = self
            .publications
            .iter()
            .filter(|(track, publication)| {
                let heard = publication.source == Source::Microphone && !publication.muted;
                heard && publication.participant != participant && !in_slots(*track)
            })
            .map(|(track, publication)| (track, rank(publication, now)))
            .collect();
        let held: Vec<Option<TrackKey>> =
            loud.iter().map(|&line| Some(peer.lines.get(line)?.subscription.wanted?.track)).collect();
        let mut assigned = Vec::with_capacity(held.len());
        speaker::assign(&held, &candidates, &mut assigned);
        let mut changed = false;
        for ((&line, held), assigned) in loud.iter().zip(held).zip(assigned) {
            if held != assigned {
                self.set_wanted(Subscriber { peer: key, line }, assigned.map(Wanted::sound), peers);
                changed = true;
            }
        }
        changed
    }

    /// Chooses anew what the subscribers of a track get.
    pub(super) fn retarget(&mut self, track: TrackKey, peers: &mut Peers, now: Instant) {
        let Some(publication) = self.publications.get_mut(track) else { return };
        publication.retain_subscribers(track, peers);
        for subscriber in publication.subscribers.clone() {
            self.divide(subscriber.peer, peers, now);
        }
    }

    /// Divides a viewer's bandwidth between all that it wants, and gives each of its lines its target.
    pub fn divide(&mut self, key: PeerKey, peers: &mut Peers, now: Instant) {
        let Some(peer) = peers.get_mut(key) else { return };
        let mut demands = std::mem::take(&mut self.demands);
        demands.clear();
        let mut sound = Bitrate::ZERO;
        for (place, line) in peer.lines.iter_mut().enumerate() {
            let wanted = line.subscription.wanted;
            let found = wanted.and_then(|wanted| Some((wanted, self.publications.get(wanted.track)?)));
            // A codec that the viewer did not offer is as good as no media at all: it would only ask for keyframes.
            let takes = |publication: &Publication| publication.codec.is_none_or(|codec| line.section.takes(codec));
            let found = found.filter(|(_, publication)| takes(publication));
            match (found, line.section.kind) {
                (Some((wanted, publication)), LineKind::Video) if demands.len() < MAX_DEMANDS => {
                    demands.push(demand(place, wanted, publication, line.subscription.allotted, now));
                }
                (Some((wanted, publication)), LineKind::Audio) => {
                    let view = publication.sound(wanted.track);
                    sound += view.map_or(Bitrate::ZERO, |_| publication.sound_cost());
                    peer.slots_changed |= line.subscription.retarget(view, now);
                }
                _ => peer.slots_changed |= line.subscription.retarget(None, now),
            }
        }
        let estimate = peer.estimate().unwrap_or(Bitrate::MAX);
        allocate(estimate.saturating_sub(sound), &mut demands);
        let allocated: Bitrate = demands.iter().map(Demand::cost).sum();
        let desired: Bitrate = demands.iter().map(|demand| demand.ladder.top_cost()).sum();
        peer.set_demand(sound + allocated, sound + desired);
        for demand in &demands {
            self.give(key, demand, peers, now);
        }
        self.demands = demands;
    }

    /// Gives a line what was allotted to it, and asks for what that takes: the encoding, and a keyframe.
    fn give(&mut self, key: PeerKey, demand: &Demand, peers: &mut Peers, now: Instant) {
        let Some(peer) = peers.get_mut(key) else { return };
        let is_connected = peer.is_connected();
        let Some(line) = peer.lines.get_mut(demand.line) else { return };
        let Some(track) = line.subscription.wanted.map(|wanted| wanted.track) else { return };
        let Some(publication) = self.publications.get_mut(track) else { return };
        let view = publication.view(track, &demand.ladder, demand.height, now);
        line.subscription.allotted = demand.rung().map(|rung| (rung.encoding, rung.layer));
        peer.slots_changed |= line.subscription.retarget(view, now);
        // A picture that stopped without a word is not shown any more, whatever may come in its place.
        peer.slots_changed |= line.subscription.end_unless(|origin| publication.arrives(origin, now));
        if !is_connected {
            return;
        }
        if let Some(rung) = demand.rung() {
            publication.wishes.need(rung.encoding.into(), now);
        }
        for Origin { encoding, .. } in line.subscription.origins().filter(|origin| origin.track == track) {
            publication.wishes.need(encoding.into(), now);
        }
        if let Some(encoding) = line.subscription.awaits_entry().and_then(|origin| publication.encoding(origin)) {
            encoding.keyframes.want();
        }
    }
}

/// What a line wants of a picture, and what it had so far.
fn demand(
    line: usize,
    wanted: Wanted,
    publication: &Publication,
    allotted: Option<(u8, crate::core::rtp::Layer)>,
    now: Instant,
) -> Demand {
    let Wanted { width, height, fps, pinned, .. } = wanted;
    let ladder = publication.ladder(Shown { width, height, fps }, now);
    let class = match (pinned, publication.source) {
        (true, _) => Class::Pinned,
        (false, Source::Screen) => Class::Screen,
        (false, _) => Class::Camera,
    };
    let height_before = allotted.map_or(0, |(encoding, layer)| ladder.height_of(encoding, layer));
    Demand { line, class, area: u32::from(width) * u32::from(height), ladder, height: height_before }
}

/// The rank among those who want to be heard. All silence is alike: nobody's place changes for a noisier room.
fn rank(publication: &Publication, now: Instant) -> u16 {
    let speaking = publication.meter.is_speaking(now);
    if speaking { SPEAKING_RANK + u16::from(publication.meter.loudness(now)) } else { 0 }
}
