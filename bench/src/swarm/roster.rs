//! Who publishes what in the room, and from it what a client wants in its slots.

use crate::client::Source;
use crate::scenario::Group;
use crate::signalling::{Participant, ServerMessage, Track, Want};

/// The other participants, in the order in which they came.
#[derive(Default)]
pub(super) struct Roster {
    you: String,
    others: Vec<Participant>,
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

    /// The first people with a track, one in each slot.
    pub(super) fn wants(&self, group: &Group) -> Vec<Want> {
        let people = self.others.iter().filter(|one| !one.tracks.is_empty());
        let track = |who: &Participant, source| {
            who.tracks.iter().find(|track| track.source == source).map(|track| track.id.clone())
        };
        let wants = people.take(group.slots).enumerate().map(|(slot, who)| Want {
            slot: slot as u16,
            video: track(who, Source::Camera),
            audio: track(who, Source::Microphone),
            width: group.width,
            height: group.height,
            fps: 0,
            pinned: false,
        });
        wants.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wants_follow_the_room() {
        let mut roster = Roster::default();
        let group = Group { slots: 2, width: 320, height: 180, ..Group::default() };
        let person = |id: &str| Participant { id: id.to_owned(), tracks: Vec::new() };
        let participants = ["me", "a", "b", "c"].map(person).to_vec();
        assert!(roster.apply(&ServerMessage::Welcome { you: "me".to_owned(), participants }));
        assert!(roster.wants(&group).is_empty());
        for who in ["me", "c", "b", "a"] {
            let track = Track { id: format!("{who}-camera"), source: Source::Camera };
            let changed = roster.apply(&ServerMessage::TrackPublished { participant: who.to_owned(), track });
            assert_eq!(changed, who != "me");
        }
        let shown = |roster: &Roster| roster.wants(&group).into_iter().map(|want| want.video).collect::<Vec<_>>();
        assert_eq!(shown(&roster), [Some("a-camera".to_owned()), Some("b-camera".to_owned())]);
        roster.apply(&ServerMessage::ParticipantLeft { participant: "a".to_owned() });
        assert_eq!(shown(&roster), [Some("b-camera".to_owned()), Some("c-camera".to_owned())]);
    }
}
