//! Watches the sequence numbers and timestamps of received streams.

use std::collections::{BTreeSet, HashMap};
use std::time::Instant;

use super::payload::Stamp;
use super::stats::{RtpStats, WireStats};

/// A larger step forward is no loss but another line of numbers.
const JUMP: u64 = 1000;
/// Gaps that are remembered; older ones count as missing for ever.
const MAX_GAPS: usize = 4096;
/// Sequence numbers of each SSRC that are remembered to notice reuse.
const REMEMBERED: usize = 512;
/// Bytes at the end of an SRTP packet that tell two packets apart: its authentication tag.
const TAG: usize = 16;

/// What one received packet says of itself.
pub(crate) struct Arrival {
    pub(crate) now: Instant,
    pub(crate) sequence: u64,
    pub(crate) timestamp: u32,
    pub(crate) bytes: usize,
}

/// The gaps of one stream.
#[derive(Default)]
pub(crate) struct SequenceWatch {
    gaps: BTreeSet<u64>,
    forgotten: u64,
    last_timestamp: u32,
}

impl SequenceWatch {
    /// Counts a packet. Gives the step from the timestamp of the packet before, if this one is the newest so far.
    pub(crate) fn receive(&mut self, arrival: &Arrival, stamp: Stamp, stats: &mut RtpStats) -> Option<i32> {
        stats.packets += 1;
        stats.bytes += arrival.bytes as u64;
        stats.arrived = Some(arrival.now);
        let step = self.advance(arrival, stamp, stats);
        stats.missing = self.forgotten + self.gaps.len() as u64;
        step
    }

    fn advance(&mut self, arrival: &Arrival, stamp: Stamp, stats: &mut RtpStats) -> Option<i32> {
        let sequence = arrival.sequence;
        let Some(last) = stats.last else {
            stats.first = Some(sequence);
            return self.newest(arrival, stamp, stats, None);
        };
        if sequence <= last {
            stats.filled += u64::from(self.gaps.remove(&sequence));
            return None;
        }
        if sequence - last >= JUMP {
            stats.sequence_jumps += 1;
        } else {
            self.gaps.extend(last + 1..sequence);
        }
        while self.gaps.len() > MAX_GAPS {
            self.gaps.pop_first();
            self.forgotten += 1;
        }
        let step = arrival.timestamp.wrapping_sub(self.last_timestamp).cast_signed();
        stats.timestamp_regressions += u64::from(step < 0);
        self.newest(arrival, stamp, stats, Some(step))
    }

    fn newest(&mut self, arrival: &Arrival, stamp: Stamp, stats: &mut RtpStats, step: Option<i32>) -> Option<i32> {
        stats.last = Some(arrival.sequence);
        stats.stamp = Some(stamp);
        self.last_timestamp = arrival.timestamp;
        step
    }
}

/// The last sequence numbers and tags of one SSRC.
type Remembered = Vec<Option<(u16, [u8; TAG])>>;

/// Notices SRTP packets that reuse a sequence number, before decryption throws them away.
#[derive(Default)]
pub(crate) struct WireWatch {
    streams: HashMap<u32, Remembered>,
}

impl WireWatch {
    /// Looks at a datagram; anything but SRTP passes.
    pub(crate) fn receive(&mut self, bytes: &[u8], stats: &mut WireStats) {
        stats.received += 1;
        stats.received_bytes += bytes.len() as u64;
        let Some((header, tag)) = split(bytes) else { return };
        stats.received_rtp += 1;
        let sequence = u16::from_be_bytes([header[2], header[3]]);
        let ssrc = u32::from_be_bytes([header[8], header[9], header[10], header[11]]);
        let seen = self.streams.entry(ssrc).or_insert_with(|| vec![None; REMEMBERED]);
        match seen[usize::from(sequence) % REMEMBERED].replace((sequence, tag)) {
            Some((before, same)) if before == sequence && same == tag => stats.copies += 1,
            Some((before, _)) if before == sequence => stats.reused_sequence_numbers += 1,
            _ => {}
        }
    }
}

/// The fixed header and the tag of an SRTP packet (RFC 5761 section 4 tells it from SRTCP,
/// <https://www.rfc-editor.org/rfc/rfc5761>).
fn split(bytes: &[u8]) -> Option<(&[u8; 12], [u8; TAG])> {
    let (header, rest) = bytes.split_first_chunk::<12>()?;
    let is_rtp = header[0] >> 6 == 2 && !(192..224).contains(&header[1]);
    is_rtp.then_some(())?;
    Some((header, *rest.last_chunk::<TAG>()?))
}

#[cfg(test)]
mod tests {
    use super::super::Source;
    use super::*;

    const STAMP: Stamp =
        Stamp { sender: 1, source: Source::Camera, layer: 0, keyframe: false, frame: 0, index: 0, count: 1, sent: 0 };

    fn run(packets: &[(u64, u32)]) -> RtpStats {
        let (mut watch, mut stats) = (SequenceWatch::default(), RtpStats::default());
        let now = Instant::now();
        for (sequence, timestamp) in packets {
            let arrival = Arrival { now, sequence: *sequence, timestamp: *timestamp, bytes: 10 };
            watch.receive(&arrival, STAMP, &mut stats);
        }
        stats
    }

    #[test]
    fn gaps_count_until_they_are_filled() {
        let stats = run(&[(10, 0), (13, 3), (11, 1)]);
        assert_eq!((stats.first, stats.last, stats.missing, stats.filled), (Some(10), Some(13), 1, 1));
        assert_eq!(stats.timestamp_regressions, 0, "a late packet is no regression");
    }

    #[test]
    fn timestamps_that_go_back_are_noticed_across_the_wrap() {
        assert_eq!(run(&[(1, u32::MAX), (2, 5)]).timestamp_regressions, 0);
        assert_eq!(run(&[(1, 5), (2, u32::MAX)]).timestamp_regressions, 1);
    }

    #[test]
    fn a_jump_is_not_a_thousand_losses() {
        let stats = run(&[(1, 0), (5001, 1)]);
        assert_eq!((stats.sequence_jumps, stats.missing), (1, 0));
    }

    #[test]
    fn reuse_of_a_sequence_number_is_told_from_a_copy() {
        let (mut watch, mut stats) = (WireWatch::default(), WireStats::default());
        let packet = |sequence: u8, fill: u8| {
            let mut packet = vec![0x80, 96, 0, sequence, 0, 0, 0, 0, 0, 0, 0, 7];
            packet.extend([fill; 40]);
            packet
        };
        watch.receive(&packet(1, 1), &mut stats);
        watch.receive(&packet(2, 2), &mut stats);
        watch.receive(&packet(1, 1), &mut stats);
        assert_eq!((stats.copies, stats.reused_sequence_numbers), (1, 0));
        watch.receive(&packet(2, 9), &mut stats);
        assert_eq!((stats.copies, stats.reused_sequence_numbers, stats.received_rtp), (1, 1, 4));
    }
}
