//! Sending media to a viewer: at once or paced, again when it is asked for, and as probes.

use std::time::{Duration, Instant};

use super::pacer::Queued;
use super::{Line, Peer, Turn};
use crate::core::bitrate::Bitrate;
use crate::core::packets::Packet;
use crate::core::rewrite::{LineKind, Numbers};

/// Interval at which waiting packets leave. Lower is smoother and runs the peer more often, higher makes bursts: at
/// 10 Mbit/s this is 5 packets.
const PACE_INTERVAL: Duration = Duration::from_millis(5);

/// Time from the offer until padding may be sent to who has got no picture yet.
const SETTLED: Duration = Duration::from_secs(5);

/// How far back the packets are that probes repeat, and so how many there are to take turns.
const PROBE_HISTORY: u16 = 32;

/// What to probe with: a packet of a line's past, or padding in the line.
#[derive(Debug, Clone, Copy)]
pub struct ProbePacket {
    /// The line.
    pub line: usize,
    /// The packet's number there; none if the line has carried nothing yet.
    pub seq: Option<u16>,
}

impl Peer {
    /// What can be sent to the peer; `None` if it does not say.
    pub fn estimate(&self) -> Option<Bitrate> {
        self.flow.estimate()
    }

    /// What it is sent, and what it would be sent if its bandwidth had no limit.
    pub fn set_demand(&mut self, allocated: Bitrate, desired: Bitrate) {
        self.flow.chosen(allocated, desired);
    }

    /// Whether the estimate has moved so far that the lines should be chosen anew.
    pub fn estimate_has_moved(&self) -> bool {
        self.flow.has_moved()
    }

    /// Sends a packet in a line under the numbers that it has there: sound at once, pictures when it is their turn.
    pub fn send(&mut self, turn: &mut Turn<'_>, line: usize, numbers: Numbers, packet: &Packet<'_>) {
        let picture = self.lines.get(line).is_some_and(|line| line.section.kind == LineKind::Video);
        if picture && self.flow.pacer.must_wait(turn.now) {
            self.flow.pacer.queue(turn.now, Queued { line, seq: numbers.seq.low() });
            turn.counters.packets_paced += 1;
            self.pace_soon(turn);
        } else {
            self.send_now(turn, line, numbers, packet);
        }
    }

    /// Sends a packet whose turn it is.
    pub fn send_now(&mut self, turn: &mut Turn<'_>, line: usize, numbers: Numbers, packet: &Packet<'_>) {
        let (Some(srtp), Some(path), Some(line)) = (&mut self.srtp, self.path, self.lines.get_mut(line)) else {
            return;
        };
        // Its codec was checked when the line chose its target; one that has changed since then stops here.
        let Some(format) = line.section.format(packet.info.codec).copied() else { return };
        let number = line.takes_number().then(|| self.flow.next_number());
        let mut bytes = 0;
        turn.outbox.datagram(path, &mut self.train, |out, start| {
            let header = line.write_media(out, &format, numbers, packet, number);
            srtp.outbound.protect_rtp(line.ssrc, numbers.seq, header, start, out);
            bytes = out.len().saturating_sub(start);
        });
        let report_due = line.report_due();
        turn.counters.packets_forwarded += 1;
        self.left(turn, bytes, number.is_some());
        if self.reports_due.is_none_or(|due| report_due < due) {
            self.reports_due = Some(report_due);
            self.wake_by(turn, report_due);
        }
    }

    /// A packet has left.
    fn left(&mut self, turn: &mut Turn<'_>, bytes: usize, numbered: bool) {
        if let Some(due) = self.flow.sent(turn.now, bytes, numbered) {
            self.wake_by(turn, due);
        }
    }

    /// Something waits for its turn.
    fn pace_soon(&mut self, turn: &mut Turn<'_>) {
        if self.pace_due.is_none() {
            let due = turn.now + PACE_INTERVAL;
            self.pace_due = Some(due);
            self.wake_by(turn, due);
        }
    }

    /// Whether a retransmission may be sent now. One whose turn has not come yet is kept for later; one beyond the
    /// viewer's share is dropped, and the viewer may ask again.
    pub fn may_repair(&mut self, turn: &mut Turn<'_>, line: usize, seq: u16) -> bool {
        let pacer = &mut self.flow.pacer;
        if !pacer.may_repair(turn.now) {
            return false;
        }
        let waits = pacer.repair_must_wait(turn.now);
        if waits {
            pacer.queue_repair(Queued { line, seq });
            self.pace_soon(turn);
        }
        !waits
    }

    /// Sends a packet of the past again, in the line's retransmission stream (RFC 4588).
    pub fn retransmit(&mut self, turn: &mut Turn<'_>, line: usize, numbers: Numbers, packet: &Packet<'_>) {
        let Some(found) = self.lines.get_mut(line).filter(|line| line.may_retransmit()) else { return };
        found.charge_retransmission();
        if let Some(bytes) = self.repeat(turn, line, numbers, packet) {
            self.flow.pacer.charge_repair(turn.now, bytes);
            turn.counters.packets_retransmitted += 1;
        }
    }

    /// Sends a packet of the past again though nobody asked: a probe.
    /// `None` if it could not be sent.
    pub fn probe(&mut self, turn: &mut Turn<'_>, line: usize, numbers: Numbers, packet: &Packet<'_>) -> Option<()> {
        let bytes = self.repeat(turn, line, numbers, packet)?;
        turn.counters.packets_probed += 1;
        turn.counters.padding_bytes += bytes as u64;
        Some(())
    }

    fn repeat(&mut self, turn: &mut Turn<'_>, line: usize, numbers: Numbers, packet: &Packet<'_>) -> Option<usize> {
        let (srtp, line) = (self.srtp.as_mut()?, self.lines.get_mut(line)?);
        let repair = line.next_retransmission(packet.info.codec)?;
        let number = line.takes_number().then(|| self.flow.next_number());
        let mut bytes = 0;
        turn.outbox.datagram(self.path?, &mut self.train, |out, start| {
            let header = line.write_retransmission(out, repair, numbers, packet, number);
            srtp.outbound.protect_rtp(repair.ssrc, repair.seq, header, start, out);
            bytes = out.len().saturating_sub(start);
        });
        self.left(turn, bytes, number.is_some());
        Some(bytes)
    }

    /// Sends nothing but padding in the line's retransmission stream: a probe when there is nothing to send again.
    /// `None` if it could not be sent.
    pub fn pad(&mut self, turn: &mut Turn<'_>, line: usize) -> Option<()> {
        let (srtp, line) = (self.srtp.as_mut()?, self.lines.get_mut(line)?);
        let (repair, timestamp) = line.next_padding(turn.now)?;
        let number = line.takes_number().then(|| self.flow.next_number())?;
        let mut bytes = 0;
        turn.outbox.datagram(self.path?, &mut self.train, |out, start| {
            let header = line.write_padding(out, repair, timestamp, number);
            srtp.outbound.protect_rtp(repair.ssrc, repair.seq, header, start, out);
            bytes = out.len().saturating_sub(start);
        });
        self.left(turn, bytes, true);
        turn.counters.packets_probed += 1;
        turn.counters.padding_bytes += bytes as u64;
        Some(())
    }

    /// Begins to probe if it is time and there is a line to probe in.
    pub fn begin_probing(&mut self, turn: &mut Turn<'_>) {
        if self.probe_line(turn.now).is_some() && self.flow.begin_probe(turn.now) {
            turn.counters.probes += 1;
            self.pace_soon(turn);
        }
    }

    /// Whether something may have its turn now.
    pub fn pacing_is_due(&self, now: Instant) -> bool {
        self.pace_due.is_some_and(|due| now >= due)
    }

    /// Everything that had its turn has left.
    pub fn paced(&mut self, now: Instant) {
        let waits = !self.flow.pacer.is_empty() || self.flow.is_probing();
        self.pace_due = waits.then(|| now + PACE_INTERVAL);
    }

    /// The next retransmission whose turn it is.
    pub fn next_repair(&mut self, turn: &Turn<'_>) -> Option<Queued> {
        self.flow.pacer.next_repair(turn.now)
    }

    /// The next packet whose turn it is.
    pub fn next_paced(&mut self, turn: &Turn<'_>) -> Option<Queued> {
        self.flow.pacer.next(turn.now)
    }

    /// Drops what waits too long. Returns the line, which needs a keyframe, unless the way to the viewer is black.
    pub fn drop_late(&mut self, turn: &mut Turn<'_>) -> Option<(usize, bool)> {
        let (line, dropped) = self.flow.pacer.overflow(turn.now)?;
        turn.counters.packets_overflowed += dropped;
        Some((line, !self.flow.is_held()))
    }

    /// The next packet to probe with, if one is due.
    pub fn next_probe(&mut self, turn: &Turn<'_>) -> Option<ProbePacket> {
        if !self.flow.wants_probe(turn.now) {
            return None;
        }
        let Some((line, last)) = self.probe_line(turn.now) else {
            self.flow.end_probe();
            return None;
        };
        self.probe_turn = (self.probe_turn + 1) % PROBE_HISTORY;
        Some(ProbePacket { line, seq: last.map(|last| last.wrapping_sub(self.probe_turn)) })
    }

    /// There is nothing to probe with.
    pub fn end_probe(&mut self) {
        self.flow.end_probe();
    }

    /// A line that has a retransmission stream, and its newest number: one that carries a picture now, else any. A
    /// viewer whose pictures are all off for want of bandwidth finds out by padding that there is more.
    fn probe_line(&self, now: Instant) -> Option<(usize, Option<u16>)> {
        self.path?;
        let usable = |line: &&Line| line.takes_number() && line.rtx_ssrc().is_some();
        let carries = |line: &&Line| usable(line) && line.subscription.current.is_some();
        let place = self.lines.iter().position(|line| carries(&line));
        // Where nothing has flowed yet the far end may not have its keys yet either.
        let is_settled = now.saturating_duration_since(self.created) >= SETTLED;
        let idle = |line: &&Line| usable(line) && (is_settled || line.last_number().is_some());
        let place = place.or_else(|| self.lines.iter().position(|line| self.flow.wants_more() && idle(&line)))?;
        Some((place, self.lines.get(place)?.last_number()))
    }
}
