//! Who publishes what in the room, and from it what a client wants in its slots.

use crate::client::Source;
use crate::scenario::Group;
use crate::signalling::{Participant, ServerMessage, Track, Want};

/// The other participants, in the order in which they came.
#[derive(Default)]
pub(super) struct Roster {
    you: String,
    others: Vec<Participant>,
    /// Who is in which slot: a person stays where it is, as on a screen.
    seats: Vec<Option<String>>,
}

impl Roster {
    /// Takes a message in. Whether what the client wants may have changed.
    pub(super) fn apply(&mut self, message: &ServerMessage) -> bool {
        match message {
            ServerMessage::Welcome { you, participants } => {
                self.you.clone_from(you);
                self.others = participants.iter().filter(|one| one.id != *you).cloned().collect();
                true
            }
            ServerMessage::ParticipantJoined { participant } => {
                self.others.retain(|one| one.id != participant.id);
                self.others.push(participant.clone());
                !participant.tracks.is_empty()
            }
            ServerMessage::ParticipantLeft { participant } => {
                self.others.retain(|one| one.id != *participant);
                true
            }
            ServerMessage::TrackPublished { participant, track } => self.publish(participant, track),
            ServerMessage::TrackUnpublished { participant, track } => {
                let who = self.others.iter_mut().find(|one| one.id == *participant);
                who.map(|who| who.tracks.retain(|one| one.id != *track)).is_some()
            }
            _ => false,
        }
    }

    fn publish(&mut self, participant: &str, track: &Track) -> bool {
        let Some(who) = self.others.iter_mut().find(|one| one.id == participant) else { return false };
        who.tracks.retain(|one| one.id != track.id);
        who.tracks.push(track.clone());
        true
    }

    /// Whose packets a slot is to carry, as far as the name tells.
    pub(super) fn expected(&self, slot: u16) -> Option<u64> {
        let seat = self.seats.get(usize::from(slot))?.as_ref()?;
        self.others.iter().find(|one| one.id == *seat).and_then(|who| sender(&who.name))
    }

    /// People with a track, one in each slot, first come first served.
    pub(super) fn wants(&mut self, group: &Group) -> Vec<Want> {
        self.seats.resize(group.slots, None);
        let present = |id: &String| self.others.iter().any(|one| one.id == *id && !one.tracks.is_empty());
        self.seats.iter_mut().for_each(|seat| *seat = seat.take().filter(present));
        for who in self.others.iter().filter(|one| !one.tracks.is_empty()) {
            if !self.seats.iter().flatten().any(|id| *id == who.id)
                && let Some(free) = self.seats.iter_mut().find(|seat| seat.is_none())
            {
                *free = Some(who.id.clone());
            }
        }
        let wants = self.seats.iter().enumerate().filter_map(|(slot, seat)| {
            let who = self.others.iter().find(|one| Some(&one.id) == seat.as_ref())?;
            Some(want(slot, who, group))
        });
        wants.collect()
    }
}

/// The bench's names end with the number that is also in the participant's packets.
pub(super) fn name(sender: u64) -> String {
    format!("bench {sender}")
}

fn sender(name: &str) -> Option<u64> {
    name.strip_prefix("bench ")?.parse().ok()
}

fn want(slot: usize, who: &Participant, group: &Group) -> Want {
    let track = |source| who.tracks.iter().find(|track| track.source == source).map(|track| track.id.clone());
    Want {
        slot: slot as u16,
        video: track(Source::Camera),
        audio: track(Source::Microphone),
        width: group.width,
        height: group.height,
        fps: 0,
        pinned: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wants_follow_the_room() {
        let mut roster = Roster::default();
        let group = Group { slots: 2, width: 320, height: 180, ..Group::default() };
        let person = |id: &str| Participant { id: id.to_owned(), name: name(7), tracks: Vec::new() };
        let participants = ["me", "a", "b", "c"].map(person).to_vec();
        assert!(roster.apply(&ServerMessage::Welcome { you: "me".to_owned(), participants }));
        assert!(roster.wants(&group).is_empty());
        let publish = |roster: &mut Roster, who: &str| {
            let track = Track { id: format!("{who}-camera"), source: Source::Camera };
            let changed = roster.apply(&ServerMessage::TrackPublished { participant: who.to_owned(), track });
            assert_eq!(changed, who != "me");
            roster.wants(&group).into_iter().filter_map(|want| want.video).collect::<Vec<_>>()
        };
        assert!(publish(&mut roster, "me").is_empty());
        assert_eq!(publish(&mut roster, "c"), ["c-camera"]);
        assert_eq!(publish(&mut roster, "b"), ["c-camera", "b-camera"]);
        assert_eq!(publish(&mut roster, "a"), ["c-camera", "b-camera"], "no seat is free");
        assert_eq!((roster.expected(0), roster.expected(2)), (Some(7), None));
        roster.apply(&ServerMessage::ParticipantLeft { participant: "c".to_owned() });
        assert_eq!(publish(&mut roster, "me"), ["a-camera", "b-camera"]);
    }
}
