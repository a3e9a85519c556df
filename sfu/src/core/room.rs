//! A room: its members, what they publish, and who gets what.

mod pacing;
mod viewers;

use std::collections::HashMap;
use std::time::{Duration, Instant};

use slotmap::SlotMap;

use super::allocate::Demand;
use super::peer::{Media, Peer, Turn};
use super::publication::Publication;
use super::select::Origin;
use super::speaker;
use crate::config::SfuConfig;
use crate::control::{AudioSlotBinding, Event, SlotBinding, Source, Speaker, Want};
use crate::id::{ParticipantId, PeerKey, RoomId, TrackId, TrackKey};

/// All peers of a worker.
pub type Peers = SlotMap<PeerKey, Peer>;

/// Interval at which everything that changes with time alone is looked at again: which encodings are live, who
/// speaks, who gets the audio-only slots. Lower costs CPU with every line of the room, higher delays fall-backs.
const REVIEW_INTERVAL: Duration = Duration::from_millis(200);

/// A room in which for so long no media has arrived and nobody has wanted anything else is not looked at any more. It
/// is longer than all that waits: speakers that fall silent, old tracks that linger, packets that are forgotten.
const QUIET: Duration = Duration::from_secs(6);

/// Rank that speaking adds to loudness (0 to 127), so that whoever speaks comes before whoever is silent.
const SPEAKING_RANK: u16 = 1000;

/// A member of the room.
#[derive(Debug, Default)]
pub struct Member {
    /// Its peer, while it has one.
    pub peer: Option<PeerKey>,
    wants: Vec<Want>,
    published: Vec<TrackKey>,
}

/// See the module's text.
#[derive(Debug)]
pub struct Room {
    /// Its id outside.
    pub id: RoomId,
    /// Who is in it.
    pub members: HashMap<ParticipantId, Member>,
    publications: SlotMap<TrackKey, Publication>,
    tracks: HashMap<TrackId, TrackKey>,
    speakers: Vec<ParticipantId>,
    review_due: Option<Instant>,
    /// Until when time alone may change something.
    active_until: Option<Instant>,
    /// Whether something has changed that the next tick, soon, shall tell of or ask for.
    pub is_unsettled: bool,
    /// Makes it panic at its next turn, as a bug would.
    #[cfg(test)]
    pub is_broken: bool,
    /// What the viewer at hand wants; kept for its memory.
    demands: Vec<Demand>,
}

impl Room {
    /// An empty room.
    pub fn new(id: RoomId) -> Self {
        Self {
            id,
            members: HashMap::new(),
            publications: SlotMap::with_key(),
            tracks: HashMap::new(),
            speakers: Vec::new(),
            review_due: None,
            active_until: None,
            is_unsettled: false,
            #[cfg(test)]
            is_broken: false,
            demands: Vec::new(),
        }
    }

    /// Nothing, but in tests that need a bug.
    pub fn trip(&self) {
        #[cfg(test)]
        assert!(!self.is_broken, "the bug that a test asked for");
    }

    /// How many tracks are published.
    pub fn publications(&self) -> usize {
        self.publications.len()
    }

    /// How many encodings arrive now.
    pub fn live_encodings(&self, now: Instant) -> usize {
        let live =
            |publication: &Publication| publication.encodings.iter().filter(|encoding| encoding.is_live(now)).count();
        self.publications.values().map(live).sum()
    }

    /// The member, which is made if the room has space for one more.
    pub fn member(&mut self, participant: ParticipantId, config: &SfuConfig) -> Option<&mut Member> {
        if !self.members.contains_key(&participant) && self.members.len() >= config.max_room_peers {
            return None;
        }
        Some(self.members.entry(participant).or_default())
    }

    /// A track begins.
    pub fn publish(
        &mut self,
        participant: ParticipantId,
        track: TrackId,
        source: Source,
        muted: bool,
        config: &SfuConfig,
        now: Instant,
    ) {
        if self.tracks.contains_key(&track) {
            return;
        }
        let Some(member) = self.members.get_mut(&participant) else { return };
        if member.published.len() >= Source::ALL.len() {
            return;
        }
        let publication = Publication::new(track, participant, source, muted, config.packet_history, now);
        let key = self.publications.insert(publication);
        member.published.push(key);
        self.tracks.insert(track, key);
    }

    /// A track ends.
    pub fn unpublish(&mut self, track: TrackId, peers: &mut Peers, now: Instant) {
        let Some(key) = self.tracks.remove(&track) else { return };
        if let Some(publication) = self.publications.remove(key) {
            if let Some(member) = self.members.get_mut(&publication.participant) {
                member.published.retain(|&published| published != key);
            }
            for subscriber in &publication.subscribers {
                self.divide(subscriber.peer, peers, now);
            }
        }
    }

    /// A track is muted or unmuted.
    pub fn mute(&mut self, track: TrackId, muted: bool, peers: &mut Peers, now: Instant) {
        let Some(&key) = self.tracks.get(&track) else { return };
        if let Some(publication) = self.publications.get_mut(key) {
            publication.muted = muted;
            publication.meter.reset();
            publication.wishes.renew(now);
        }
        self.retarget(key, peers, now);
    }

    /// Takes a packet of a member's media and sends it to everybody who shall get it.
    pub fn receive(&mut self, turn: &mut Turn<'_>, peers: &mut Peers, from: ParticipantId, media: &Media<'_>) -> bool {
        let Some(track) = self.track_of(from, media.source) else { return false };
        let Some(publication) = self.publications.get_mut(track).filter(|publication| !publication.muted) else {
            return false;
        };
        let origin = Origin { track, encoding: media.encoding as u8, ssrc: media.ssrc };
        if media.packet.payload.is_empty() {
            skip(publication, origin, media, peers);
            return true;
        }
        if publication.receive(media.encoding, media.ssrc, &media.packet, turn.now) {
            self.retarget(track, peers, turn.now);
            self.is_unsettled = true;
        }
        self.touch(turn.now);
        self.fan_out(turn, peers, origin, media);
        true
    }

    fn fan_out(&mut self, turn: &mut Turn<'_>, peers: &mut Peers, origin: Origin, media: &Media<'_>) {
        let Some(publication) = self.publications.get_mut(origin.track) else { return };
        let mut is_unsettled = false;
        publication.subscribers.retain(|subscriber| {
            let Some(peer) = peers.get_mut(subscriber.peer) else { return false };
            let connected = peer.is_connected();
            let Some(line) = peer.lines.get_mut(subscriber.line) else { return false };
            let before = line.subscription.current;
            // Before the viewer's transport is up nothing is sent, so nothing may count as entered.
            let sent = connected.then(|| {
                let (rewriter, packet) = (&mut line.rewriter, &media.packet);
                line.subscription.forward(rewriter, origin, packet, media.captured)
            });
            let keep = line.subscription.concerns(origin.track);
            peer.slots_changed |=
                before.map(|view| view.origin.track) != line.subscription.current.map(|view| view.origin.track);
            is_unsettled |= peer.slots_changed;
            if let Some((numbers, packet)) = sent.flatten() {
                peer.send(turn, subscriber.line, numbers, &packet);
            }
            keep
        });
        self.is_unsettled |= is_unsettled;
    }

    /// A viewer cannot decode a line.
    pub fn want_keyframe(&mut self, peer: &Peer, line: usize) {
        let subscription = peer.lines.get(line).map(|line| line.subscription);
        if let Some(view) = subscription.and_then(|subscription| subscription.current)
            && let Some(publication) = self.publications.get_mut(view.origin.track)
            && let Some(encoding) = publication.encoding(view.origin)
        {
            encoding.keyframes.want();
        }
    }

    fn track_of(&self, participant: ParticipantId, source: Source) -> Option<TrackKey> {
        let published = &self.members.get(&participant)?.published;
        published
            .iter()
            .copied()
            .find(|&track| self.publications.get(track).is_some_and(|found| found.source == source))
    }

    /// Something happened after which time alone may change more.
    pub fn touch(&mut self, now: Instant) {
        self.active_until = Some(now + QUIET);
    }

    /// When it wants its next tick; `None` while nothing is due.
    pub fn next_tick(&self, config: &SfuConfig, now: Instant) -> Option<Instant> {
        let soon = self.is_unsettled.then(|| now + config.tick);
        let review = self.active_until.filter(|until| now < *until).map(|_| self.review_due.unwrap_or(now));
        let has_peer = |publication: &&Publication| {
            self.members.get(&publication.participant).is_some_and(|member| member.peer.is_some())
        };
        let encodings = self.publications.values().filter(has_peer).flat_map(|publication| &publication.encodings);
        let keyframes = encodings.filter_map(|encoding| encoding.keyframes.next(config.keyframe_interval));
        let keyframe = keyframes.map(|next| next.unwrap_or(now)).min();
        [soon, review, keyframe].into_iter().flatten().min()
    }

    /// When a packet wants the next tick at the latest. This is cheap enough for every packet.
    pub fn tick_after_packet(&self, config: &SfuConfig, now: Instant) -> Instant {
        let review = self.review_due.unwrap_or(now);
        if self.is_unsettled { review.min(now + config.tick) } else { review }
    }

    /// What is due.
    pub fn tick(&mut self, turn: &mut Turn<'_>, peers: &mut Peers, config: &SfuConfig) {
        self.is_unsettled = false;
        if self.review_due.is_none_or(|due| turn.now >= due) {
            self.review_due = Some(turn.now + REVIEW_INTERVAL);
            self.review(turn, peers);
        }
        self.report_wishes(turn);
        self.request_keyframes(turn, peers, config);
    }

    fn review(&mut self, turn: &mut Turn<'_>, peers: &mut Peers) {
        for (track, publication) in &mut self.publications {
            publication.review(turn.now);
            publication.retain_subscribers(track, peers);
        }
        self.rank_speakers(turn);
        let members: Vec<(ParticipantId, Option<PeerKey>)> =
            self.members.iter().map(|(participant, member)| (*participant, member.peer)).collect();
        for (participant, peer) in members {
            self.assign_audio_slots(participant, peers, turn.now);
            if let Some(key) = peer {
                self.divide(key, peers, turn.now);
                if let Some(peer) = peers.get_mut(key) {
                    peer.begin_probing(turn);
                }
            }
        }
    }

    /// Tells signalling which encodings publishers need not send, or must send again.
    pub fn report_wishes(&mut self, turn: &mut Turn<'_>) {
        for publication in self.publications.values_mut() {
            if let Some(encodings) = publication.wishes.take_change(publication.offered) {
                let (participant, track) = (publication.participant, publication.id);
                turn.outbox.event(self.id, Event::Wishes { participant, track, encodings });
            }
        }
    }

    /// Asks publishers for the keyframes that somebody needs.
    pub fn request_keyframes(&mut self, turn: &mut Turn<'_>, peers: &mut Peers, config: &SfuConfig) {
        for publication in self.publications.values_mut() {
            let owner = self.members.get(&publication.participant).and_then(|member| member.peer);
            let Some(peer) = owner.and_then(|owner| peers.get_mut(owner)) else { continue };
            for encoding in &mut publication.encodings {
                if encoding.keyframes.due(turn.now, config.keyframe_interval) {
                    peer.request_keyframe(turn, encoding.ssrc);
                }
            }
        }
    }

    fn rank_speakers(&mut self, turn: &mut Turn<'_>) {
        let speaking: Vec<(ParticipantId, u8)> = self
            .publications
            .values()
            .filter(|publication| publication.source == Source::Microphone && !publication.muted)
            .filter(|publication| publication.meter.is_speaking(turn.now))
            .map(|publication| (publication.participant, publication.meter.loudness(turn.now)))
            .collect();
        let ordered = speaker::order(&self.speakers, &speaking);
        if !ordered.iter().map(|(participant, _)| participant).eq(&self.speakers) {
            self.speakers = ordered.iter().map(|&(participant, _)| participant).collect();
            let speakers = ordered.into_iter().map(|(participant, level)| Speaker { participant, level }).collect();
            turn.outbox.event(self.id, Event::Speakers { speakers });
        }
    }

    /// What a viewer's slots carry now.
    pub fn slots_event(&self, peer: &Peer) -> Event {
        let track = |line: usize| {
            let current = peer.lines.get(line)?.subscription.current?;
            self.publications.get(current.origin.track).map(|publication| publication.id)
        };
        let numbered = peer.plan.slots.iter().zip(0u16..);
        let slots =
            numbered.map(|(lines, slot)| SlotBinding { slot, video: track(lines.video), audio: track(lines.audio) });
        let loud = peer.plan.audio_slots.iter().zip(0u16..);
        Event::Slots {
            participant: peer.participant,
            slots: slots.filter(|binding| binding.video.is_some() || binding.audio.is_some()).collect(),
            audio_slots: loud
                .filter_map(|(&line, slot)| Some(AudioSlotBinding { slot, audio: track(line)? }))
                .collect(),
        }
    }

    /// A member's peer is gone: its streams end, and it gets nothing more.
    pub fn peer_closed(&mut self, participant: ParticipantId, peers: &mut Peers, now: Instant) {
        let Some(member) = self.members.get_mut(&participant) else { return };
        member.peer = None;
        for track in member.published.clone() {
            if let Some(publication) = self.publications.get_mut(track) {
                publication.reset(now);
            }
            self.retarget(track, peers, now);
        }
    }

    /// A member leaves, with its tracks.
    pub fn leave(&mut self, participant: ParticipantId, peers: &mut Peers, now: Instant) -> Option<PeerKey> {
        let published = self.members.get(&participant)?.published.clone();
        for track in published {
            if let Some(id) = self.publications.get(track).map(|publication| publication.id) {
                self.unpublish(id, peers, now);
            }
        }
        self.members.remove(&participant)?.peer
    }
}

/// A packet without payload: viewers' lines must not have a hole where it was.
fn skip(publication: &Publication, origin: Origin, media: &Media<'_>, peers: &mut Peers) {
    for subscriber in &publication.subscribers {
        if let Some(line) = peers.get_mut(subscriber.peer).and_then(|peer| peer.lines.get_mut(subscriber.line))
            && line.subscription.current.is_some_and(|current| current.origin == origin)
        {
            line.rewriter.skip(origin, media.packet.seq);
        }
    }
}
