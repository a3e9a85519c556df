//! The ring of an encoding's newest packets, in plaintext: what retransmission to viewers is served from.

use std::time::{Duration, Instant};

use super::rtp::{AudioLevel, PayloadInfo, SeqNo};
use crate::config::PacketHistory;

/// A publisher's packet: what a viewer's copy is made from.
#[derive(Debug, Clone, Copy)]
pub struct Packet<'a> {
    /// Extended sequence number.
    pub seq: SeqNo,
    /// RTP timestamp.
    pub timestamp: u32,
    /// The marker bit: the last packet of a picture, or the first of a talk spurt.
    pub marker: bool,
    /// Its codec, and what that tells of the payload.
    pub info: PayloadInfo,
    /// Loudness, for sound.
    pub audio_level: Option<AudioLevel>,
    /// How the picture is to be turned (3GPP TS 26.114 section 7.4.5).
    pub video_orientation: Option<u8>,
    /// The payload, without padding.
    pub payload: &'a [u8],
}

/// Records of a ring before the encoding has shown that it needs more.
const FIRST_RECORDS: usize = 16;

/// Slabs are whole pages, and for each page it is known when it was last written. Smaller ones would follow an
/// encoding's need more closely, and take more of these moments.
const PAGE: usize = 4 << 10;

/// Where a packet's payload is, and all that is known of it.
#[derive(Debug, Clone, Copy)]
struct Record {
    seq: SeqNo,
    timestamp: u32,
    offset: u32,
    /// The lap in which it was written.
    lap: u32,
    length: u16,
    marker: bool,
    video_orientation: Option<u8>,
    info: PayloadInfo,
}

impl Record {
    /// Whether its payload has not been written over by a writer that is at `head` of `lap`.
    fn is_whole(&self, lap: u32, head: usize) -> bool {
        self.lap == lap || self.lap.wrapping_add(1) == lap && self.offset as usize >= head
    }
}

/// An encoding's newest packets, found by sequence number.
///
/// Payloads lie one after the other in one slab, which is written round and round; a ring of records, found by their
/// number modulo its length, says where. Both begin small. The slab grows when it would write over what is younger
/// than the limits ask for, so an encoding costs about what it sends in that time, and from then on nothing is
/// allocated.
#[derive(Debug)]
pub struct PacketRing {
    slab: Vec<u8>,
    /// When each page of the slab was last written.
    written: Vec<Option<Instant>>,
    /// Where the next payload goes.
    head: usize,
    lap: u32,
    /// As many as a power of two.
    records: Vec<Option<Record>>,
    limits: PacketHistory,
}

impl PacketRing {
    /// An empty ring; memory is taken as packets come.
    pub fn new(limits: PacketHistory) -> Self {
        Self { slab: Vec::new(), written: Vec::new(), head: 0, lap: 0, records: Vec::new(), limits }
    }

    /// Keeps a copy of a packet that arrived at `now`, in place of the oldest ones. One that is longer than a datagram
    /// can be, or than all the bytes allowed, is not kept.
    pub fn store(&mut self, packet: &Packet<'_>, now: Instant) {
        let Ok(length) = u16::try_from(packet.payload.len()) else { return };
        let Some(offset) = self.make_room(packet.payload.len(), now) else { return };
        self.head = offset + packet.payload.len();
        let Some(bytes) = self.slab.get_mut(offset..self.head) else { return };
        bytes.copy_from_slice(packet.payload);
        let record = Record {
            seq: packet.seq,
            timestamp: packet.timestamp,
            offset: offset as u32,
            lap: self.lap,
            length,
            marker: packet.marker,
            video_orientation: packet.video_orientation,
            info: packet.info,
        };
        self.file(record);
    }

    /// The packet with this number, if it is still there.
    pub fn get(&self, seq: SeqNo) -> Option<Packet<'_>> {
        let record = self.records.get(place(seq, self.records.len())).copied().flatten()?;
        if record.seq != seq || !record.is_whole(self.lap, self.head) {
            return None;
        }
        let offset = record.offset as usize;
        Some(Packet {
            seq,
            timestamp: record.timestamp,
            marker: record.marker,
            info: record.info,
            audio_level: None,
            video_orientation: record.video_orientation,
            payload: self.slab.get(offset..offset + usize::from(record.length))?,
        })
    }

    /// Bytes of memory that it takes.
    pub fn memory(&self) -> usize {
        self.slab.capacity() + self.records.capacity() * size_of::<Option<Record>>()
    }

    /// Where `length` bytes go, in a slab that is long enough for them.
    fn make_room(&mut self, length: usize, now: Instant) -> Option<usize> {
        let offset = self.next(length);
        let lost = if length > self.slab.len() { Some(Duration::ZERO) } else { self.age(offset, length, now) };
        if let Some(age) = lost.filter(|age| *age < self.limits.time) {
            self.grow(length, age);
        }
        let offset = self.next(length);
        let end = offset + length;
        if end > self.slab.len() {
            return None;
        }
        if offset < self.head {
            self.lap = self.lap.wrapping_add(1);
        }
        self.written.get_mut(offset / PAGE..end.div_ceil(PAGE))?.fill(Some(now));
        Some(offset)
    }

    /// Behind the last payload, or at the start of the next lap.
    fn next(&self, length: usize) -> usize {
        if self.head + length <= self.slab.len() { self.head } else { 0 }
    }

    /// The age of the youngest page that `length` bytes at `offset` would begin to write over.
    fn age(&self, offset: usize, length: usize, now: Instant) -> Option<Duration> {
        // A page that is written in already was decided on when its first byte was.
        let first = if offset == self.head { offset.div_ceil(PAGE) } else { 0 };
        let pages = self.written.get(first..(offset + length).div_ceil(PAGE))?;
        pages.iter().flatten().max().map(|&written| now.saturating_duration_since(written))
    }

    /// Enlarges the slab by what it lacks, when what is `age` old would have to go for `length` bytes.
    fn grow(&mut self, length: usize, age: Duration) {
        let (before, needed) = (self.slab.len(), self.slab.len() + length);
        // A lap takes `age` at present. But a burst tells little of the rate: so no more than twice as much at a time.
        let share = self.limits.time.as_secs_f64() / age.as_secs_f64().max(1e-6);
        let wanted = (needed as f64 * share).min((2 * before).max(needed) as f64) as usize;
        let wanted = wanted.next_multiple_of(PAGE).min(self.limits.bytes / PAGE * PAGE);
        if wanted <= before {
            return;
        }
        self.straighten();
        // Exactly so much: a vector that grows by itself takes up to twice as much.
        self.slab.reserve_exact(wanted - before);
        self.slab.resize(wanted, 0);
        self.written.resize(wanted / PAGE, None);
    }

    /// Brings the payloads into the order of their age, the oldest first, as if all were of one lap.
    fn straighten(&mut self) {
        let (head, length, lap) = (self.head, self.slab.len(), self.lap);
        for entry in &mut self.records {
            let whole = entry.take().filter(|record| record.is_whole(lap, head));
            *entry = whole.map(|record| {
                let offset = record.offset as usize;
                let offset = if record.lap == lap { offset + length - head } else { offset - head };
                Record { offset: offset as u32, lap, ..record }
            });
        }
        self.slab.rotate_left(head);
        // A page has bytes of two that were pages before; the younger one counts.
        let pages = self.written.len().max(1);
        self.written.rotate_left(head.div_ceil(PAGE) % pages);
        self.head = length;
    }

    /// Enters a record in place of one whose payload is gone; if there is none, there are more of them from now on.
    fn file(&mut self, record: Record) {
        if self.records.is_empty() {
            self.records.resize(FIRST_RECORDS.min(most_records(&self.limits)), None);
        }
        while self.is_taken(record.seq) && self.records.len() < most_records(&self.limits) {
            self.double();
        }
        let place = place(record.seq, self.records.len());
        if let Some(entry) = self.records.get_mut(place) {
            *entry = Some(record);
        }
    }

    /// Whether the place of a number has a record of another number, whose payload is still there.
    fn is_taken(&self, seq: SeqNo) -> bool {
        let record = self.records.get(place(seq, self.records.len())).copied().flatten();
        record.is_some_and(|record| record.seq != seq && record.is_whole(self.lap, self.head))
    }

    fn double(&mut self) {
        let length = 2 * self.records.len();
        let mut records = vec![None; length];
        // Two in one place have the same place in twice as many, or not: none meets another that it did not meet
        // before.
        for record in self.records.iter().flatten().filter(|record| record.is_whole(self.lap, self.head)) {
            if let Some(entry) = records.get_mut(place(record.seq, length)) {
                *entry = Some(*record);
            }
        }
        self.records = records;
    }
}

/// The greatest power of two within the limit.
fn most_records(limits: &PacketHistory) -> usize {
    1 << limits.packets.max(1).ilog2()
}

fn place(seq: SeqNo, length: usize) -> usize {
    (seq.0 as usize) & length.wrapping_sub(1)
}

#[cfg(test)]
mod tests;
