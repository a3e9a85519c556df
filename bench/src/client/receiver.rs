//! Receives the slots: hands each packet to its slot's counters and decoder.

use std::collections::HashMap;
use std::time::Instant;

use str0m::media::Mid;
use str0m::rtp::{RtpPacket, Ssrc};

use super::decoder::Decoder;
use super::payload;
use super::sequence::{Arrival, SequenceWatch};
use super::stats::{AudioStats, ClientStats, RtpStats, SlotStats};

/// 20 ms at 48 kHz.
const AUDIO_STEP: i32 = 960;

/// What a received section is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// The picture of a slot.
    Video(usize),
    /// The sound of a slot.
    Audio(usize),
    /// An audio-only slot.
    AudioSlot(usize),
}

/// All receiving sections of a client.
#[derive(Default)]
pub(crate) struct Receiver {
    /// Mids of the slots' pictures and sounds, by number.
    pub(crate) slots: Vec<(Mid, Mid)>,
    /// Mids of the audio-only slots, by number.
    pub(crate) audio_slots: Vec<Mid>,
    places: HashMap<Mid, Place>,
    mids: HashMap<Ssrc, Mid>,
    video: Vec<(SequenceWatch, Decoder)>,
    audio: Vec<SequenceWatch>,
    audio_slot: Vec<SequenceWatch>,
}

impl Receiver {
    pub(crate) fn add_slot(&mut self, video: Mid, audio: Mid, stats: &mut ClientStats) {
        self.places.insert(video, Place::Video(self.slots.len()));
        self.places.insert(audio, Place::Audio(self.slots.len()));
        self.slots.push((video, audio));
        self.video.push(Default::default());
        self.audio.push(SequenceWatch::default());
        stats.slots.push(SlotStats::default());
    }

    pub(crate) fn add_audio_slot(&mut self, mid: Mid, stats: &mut ClientStats) {
        self.places.insert(mid, Place::AudioSlot(self.audio_slots.len()));
        self.audio_slots.push(mid);
        self.audio_slot.push(SequenceWatch::default());
        stats.audio_slots.push(AudioStats::default());
    }

    pub(crate) fn mids(&self) -> Vec<Mid> {
        let pairs = self.slots.iter().flat_map(|(video, audio)| [*video, *audio]);
        pairs.chain(self.audio_slots.iter().copied()).collect()
    }

    /// Takes a packet in; `mid_of` finds the section of an SSRC that is new.
    pub(crate) fn receive(
        &mut self,
        packet: &RtpPacket,
        mid_of: impl FnOnce() -> Option<Mid>,
        epoch: Instant,
        stats: &mut ClientStats,
    ) {
        let known = self.mids.get(&packet.header.ssrc).copied();
        let Some(mid) = known.or_else(mid_of) else { return };
        self.mids.insert(packet.header.ssrc, mid);
        let Some(place) = self.places.get(&mid).copied() else { return };
        let arrival = Arrival {
            now: packet.timestamp,
            sequence: *packet.seq_no,
            timestamp: packet.header.timestamp,
            bytes: packet.payload.len(),
        };
        match place {
            Place::Video(slot) => self.picture(slot, packet, &arrival, epoch, stats),
            Place::Audio(slot) => {
                sound(&mut self.audio[slot], packet, &arrival, epoch, &mut stats.slots[slot].audio);
            }
            Place::AudioSlot(slot) => {
                sound(&mut self.audio_slot[slot], packet, &arrival, epoch, &mut stats.audio_slots[slot]);
            }
        }
    }

    fn picture(&mut self, slot: usize, packet: &RtpPacket, at: &Arrival, epoch: Instant, stats: &mut ClientStats) {
        let (watch, decoder) = &mut self.video[slot];
        let stats = &mut stats.slots[slot].video;
        let Some((descriptor, stamp)) = payload::read_video(&packet.payload) else {
            stats.rtp.malformed += 1;
            return;
        };
        let last = stamp.index + 1 == stamp.count;
        stats.rtp.malformed += u64::from(last != packet.header.marker);
        watch.receive(at, stamp, &mut stats.rtp);
        decoder.receive(at, &descriptor, stamp, epoch, stats);
    }

    pub(crate) fn pause(&mut self, slot: usize) {
        if let Some((_, decoder)) = self.video.get_mut(slot) {
            decoder.pause();
        }
    }

    /// When the first keyframe request is due.
    pub(crate) fn next_pli(&self) -> Option<Instant> {
        self.video.iter().filter_map(|(_, decoder)| decoder.next_pli()).min()
    }

    /// The sections to request a key frame for, now.
    pub(crate) fn take_plis(&mut self, now: Instant, stats: &mut ClientStats) -> Vec<Mid> {
        let decoders = self.video.iter_mut().zip(&mut stats.slots).zip(&self.slots);
        let due = decoders
            .filter_map(|(((_, decoder), stats), mids)| decoder.take_pli(now, &mut stats.video).then_some(mids.0));
        due.collect()
    }

    /// The counters of a section's RTP stream.
    pub(crate) fn rtp_stats<'a>(&self, mid: Mid, stats: &'a mut ClientStats) -> Option<&'a mut RtpStats> {
        match *self.places.get(&mid)? {
            Place::Video(slot) => stats.slots.get_mut(slot).map(|slot| &mut slot.video.rtp),
            Place::Audio(slot) => stats.slots.get_mut(slot).map(|slot| &mut slot.audio.rtp),
            Place::AudioSlot(slot) => stats.audio_slots.get_mut(slot).map(|slot| &mut slot.rtp),
        }
    }
}

fn sound(watch: &mut SequenceWatch, packet: &RtpPacket, at: &Arrival, epoch: Instant, stats: &mut AudioStats) {
    let Some(stamp) = payload::read_audio(&packet.payload) else {
        stats.rtp.malformed += 1;
        return;
    };
    let last = stats.rtp.stamp;
    let step = watch.receive(at, stamp, &mut stats.rtp);
    if step.is_some() {
        stats.skipped += last.map_or(0, |last| stamp.skipped_after(&last));
    }
    stats.misaligned += u64::from(step.is_some_and(|step| step <= 0 || step % AUDIO_STEP != 0));
    let sent = epoch + std::time::Duration::from_micros(stamp.sent);
    stats.delay.record(at.now.saturating_duration_since(sent));
}
