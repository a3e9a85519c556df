//! Transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1,
//! <https://datatracker.ietf.org/doc/html/draft-holmer-rmcat-transport-wide-cc-extensions-01#section-3.1>).

use super::super::Ssrc;
use super::super::bytes::Reader;

/// Ticks of 250 µs in the 64 ms that the reference time counts.
const TICKS_PER_REFERENCE: i64 = 256;

/// When each of a run of packets arrived, all of one transport.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransportCcFeedback {
    /// Who reports.
    pub sender: Ssrc,
    /// One of the streams reported on; which one does not matter.
    pub media: Ssrc,
    /// Transport-wide number of the run's first packet.
    pub base_seq: u16,
    /// Packets of the run, received or not.
    pub status_count: u16,
    /// Number of this feedback; wraps at 8 bits.
    pub feedback_count: u8,
    /// The packets that arrived, in the order of their numbers, and when: in ticks of 250 µs of the reporter's clock,
    /// which wraps after 2³² ticks (12 days). Only these are kept, so that a few bytes cannot claim a lot of memory.
    pub received: Vec<(u16, i64)>,
}

impl TransportCcFeedback {
    /// Every packet of the run in the order of its number, with its time of arrival in ticks of 250 µs if it arrived.
    pub fn statuses(&self) -> impl Iterator<Item = (u16, Option<i64>)> + '_ {
        let mut received = self.received.iter().peekable();
        (0..self.status_count).map(move |offset| {
            let seq = self.base_seq.wrapping_add(offset);
            (seq, received.next_if(|(next, _)| *next == seq).map(|(_, ticks)| *ticks))
        })
    }

    pub(super) fn parse(sender: Ssrc, media: Ssrc, mut body: Reader<'_>) -> Option<Self> {
        let base_seq = body.u16()?;
        let status_count = body.u16()?;
        let reference_time = body.u24()?;
        let feedback_count = body.u8()?;
        let mut deltas = body;
        skip_chunks(&mut deltas, status_count)?;
        let mut ticks = i64::from(reference_time) * TICKS_PER_REFERENCE;
        let mut received = Vec::new();
        let mut offset = 0;
        while offset < status_count {
            let chunk = Chunk(body.u16()?);
            let taken = chunk.len().min(status_count - offset);
            // A run of lost packets takes no time, however long it claims to be.
            if chunk.any_received() {
                for place in 0..taken {
                    let delta = match chunk.symbol(place) {
                        0 => continue,
                        1 => i64::from(deltas.u8()?),
                        2 => i64::from(deltas.u16()? as i16),
                        _ => return None,
                    };
                    ticks += delta;
                    received.push((base_seq.wrapping_add(offset + place), ticks));
                }
            }
            offset += taken;
        }
        Some(Self { sender, media, base_seq, status_count, feedback_count, received })
    }
}

/// Moves past the chunks, to where the deltas start.
fn skip_chunks(body: &mut Reader<'_>, status_count: u16) -> Option<()> {
    let mut left = status_count;
    while left > 0 {
        left = left.saturating_sub(Chunk(body.u16()?).len());
    }
    Some(())
}

/// Two bytes that tell the status of some packets in a row.
#[derive(Clone, Copy)]
struct Chunk(u16);

impl Chunk {
    fn is_run(self) -> bool {
        self.0 & 0x8000 == 0
    }

    fn is_two_bit(self) -> bool {
        self.0 & 0x4000 != 0
    }

    /// Packets it tells of: 0 to 8191.
    fn len(self) -> u16 {
        match (self.is_run(), self.is_two_bit()) {
            (true, _) => self.0 & 0x1fff,
            (false, false) => 14,
            (false, true) => 7,
        }
    }

    fn any_received(self) -> bool {
        if self.is_run() { self.0 & 0x6000 != 0 } else { self.0 & 0x3fff != 0 }
    }

    /// Status of the packet at `place`: 0 is lost, 1 and 2 have a delta of one and two bytes, 3 is reserved.
    fn symbol(self, place: u16) -> u16 {
        match (self.is_run(), self.is_two_bit()) {
            (true, _) => self.0 >> 13 & 3,
            (false, false) => self.0 >> 13_u16.saturating_sub(place) & 1,
            (false, true) => self.0 >> 12_u16.saturating_sub(2 * place) & 3,
        }
    }
}
