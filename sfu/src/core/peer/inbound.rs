//! What a peer sends: which stream belongs to which section and encoding, what is missing, when it was captured, and
//! the reports about it.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::budget::{Budget, ReportBudget};
use super::flow::Flow;
use super::{Line, Turn};
use crate::control::Source;
use crate::core::feedback::{NackTracker, ReceiveReport, Received, TransportCcRecorder};
use crate::core::negotiation::{Format, Plan, PublishSection};
use crate::core::outbox::Outbox;
use crate::core::packets::Packet;
use crate::core::rtp::rtcp::{RtcpPacket, parse_rtcp, write};
use crate::core::rtp::{
    Codec, Dependency, Extensions, PayloadInfo, Pt, Red, RtpHeader, SeqNo, Ssrc, Structure, dependency_descriptor,
    without_padding,
};
use crate::core::srtp::SrtpInbound;
use crate::core::stats::DropReason;

/// Interval of receiver reports.
const REPORT_INTERVAL: Duration = Duration::from_secs(1);

/// Interval of transport-cc feedback; browsers' own estimate needs it, and 50 to 100 ms is what they send themselves.
const TRANSPORT_CC_INTERVAL: Duration = Duration::from_millis(50);

/// Presumed time from a request for a lost packet to its retransmission.
const PRESUMED_RTT: Duration = Duration::from_millis(100);

/// Time for which an encoding keeps its stream at least.
const LEAST_STREAM_TIME: Duration = Duration::from_millis(500);

/// A capture time further in the past than this is a clock's mistake.
const MAX_CAPTURE_AGE: Duration = Duration::from_secs(5);

/// A packet of media, decrypted and put into its place.
#[derive(Debug)]
pub struct Media<'d> {
    /// What the peer publishes in this section.
    pub source: Source,
    /// The encoding, by place.
    pub encoding: usize,
    /// The stream, for requests.
    pub ssrc: Ssrc,
    /// When it was captured, by our clock.
    pub captured: Instant,
    /// The packet. An empty payload is a probe: it counts, but nobody needs it.
    pub packet: Packet<'d>,
}

/// What a viewer asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Feedback {
    /// A packet again.
    Lost {
        /// The line.
        line: usize,
        /// Its number there.
        seq: u16,
    },
    /// A keyframe.
    Keyframe {
        /// The line.
        line: usize,
    },
}

/// What a stream is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Media,
    /// Retransmissions of another stream.
    Repair(Ssrc),
}

/// Something to be put into a datagram, protected and sent.
type SendRtcp<'a> = dyn FnMut(&mut Outbox, &mut dyn FnMut(&mut Vec<u8>)) + 'a;

#[derive(Debug)]
struct Stream {
    role: Role,
    /// When it began.
    since: Instant,
    source: Source,
    encoding: usize,
    clock_rate: u32,
    nack: NackTracker,
    report: ReceiveReport,
    highest: Option<SeqNo>,
    /// The newest sender report: NTP time in microseconds, and RTP timestamp.
    sent: Option<(u64, u32)>,
    /// The templates of its dependency descriptors.
    structure: Option<Structure>,
}

/// Maps a publisher's NTP clock to ours by the least delay seen, so that all its streams are moved alike.
#[derive(Debug, Default)]
struct ClockMap {
    /// Our instant for a publisher's time in microseconds.
    pair: Option<(Instant, u64)>,
}

impl ClockMap {
    fn observe(&mut self, remote: u64, now: Instant) {
        let later = self.to_ours(remote).is_none_or(|ours| now < ours || now - ours > MAX_CAPTURE_AGE);
        if later {
            self.pair = Some((now, remote));
        }
    }

    fn to_ours(&self, remote: u64) -> Option<Instant> {
        let (instant, base) = self.pair?;
        if remote >= base {
            instant.checked_add(Duration::from_micros(remote - base))
        } else {
            instant.checked_sub(Duration::from_micros(base - remote))
        }
    }
}

/// See the module's text.
#[derive(Debug, Default)]
pub struct Inbound {
    streams: HashMap<Ssrc, Stream>,
    transport_cc: TransportCcRecorder,
    clock: ClockMap,
    budget: Budget,
    report_budget: ReportBudget,
    feedback_due: Option<Instant>,
    report_due: Option<Instant>,
    /// Whether anything arrived since the last report.
    is_unreported: bool,
    /// Whether any stream lacks packets that may be asked for.
    is_lacking: bool,
    lost: Vec<u16>,
    /// The dependency descriptor of the packet at hand; empty if it has none.
    descriptor: Vec<u8>,
}

impl Inbound {
    /// Decrypts an RTP packet and finds out what it is. If it is genuine, the peer was `heard` now.
    ///
    /// # Errors
    /// Why it is of no use.
    pub fn receive_rtp<'d>(
        &mut self,
        turn: &mut Turn<'_>,
        arrived: Instant,
        srtp: &mut SrtpInbound,
        plan: &Plan,
        heard: &mut Instant,
        datagram: &'d mut [u8],
    ) -> Result<Media<'d>, DropReason> {
        let header = RtpHeader::parse(datagram)?;
        let extensions = Extensions::parse(&header, datagram, &plan.extensions);
        self.descriptor.clear();
        self.descriptor.extend_from_slice(dependency_descriptor(&header, datagram, &plan.extensions));
        let (seq, payload) = srtp.unprotect_rtp(&header, datagram)?;
        *heard = turn.now;
        turn.counters.packets_received += 1;
        self.is_unreported = true;
        // Only now: what others send in its name does not count.
        if !self.budget.take(header.len + payload.len(), turn.now) {
            return Err(DropReason::OverRate);
        }
        if let Some(number) = extensions.transport_cc {
            self.transport_cc.record(number, arrived);
        }
        let format = self.bind(turn.now, plan, &header, &extensions)?;
        let stream = self.streams.get_mut(&header.ssrc).ok_or(DropReason::UnknownStream)?;
        stream.report.received(seq, header.timestamp, stream.clock_rate, arrived);
        let payload = without_padding(&header, payload)?;
        let (ssrc, seq, payload) = match stream.role {
            Role::Media => (header.ssrc, seq, payload),
            Role::Repair(media) => {
                let (original, payload) = payload.split_first_chunk::<2>().ok_or(DropReason::Padding)?;
                let highest = self.streams.get(&media).and_then(|stream| stream.highest);
                (media, SeqNo::extend(highest, u16::from_be_bytes(*original)), payload)
            }
        };
        let repair = ssrc != header.ssrc;
        self.accept(turn.now, format, ssrc, seq, repair, &header, &extensions, payload)
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one packet, which exist only here")]
    fn accept<'d>(
        &mut self,
        now: Instant,
        format: Format,
        ssrc: Ssrc,
        seq: SeqNo,
        repair: bool,
        header: &RtpHeader,
        extensions: &Extensions,
        payload: &'d [u8],
    ) -> Result<Media<'d>, DropReason> {
        let stream = self.streams.get_mut(&ssrc).ok_or(DropReason::UnknownStream)?;
        match stream.nack.received(seq, now) {
            Received::Duplicate => return Err(DropReason::Duplicate),
            // Browsers probe for bandwidth with retransmissions of what arrived long ago.
            Received::New if repair => return Err(DropReason::Duplicate),
            Received::New | Received::Recovered => {}
        }
        let newest = stream.highest.is_none_or(|highest| seq > highest);
        stream.highest = stream.highest.max(Some(seq));
        let mut info = PayloadInfo::parse(format.codec, payload)?;
        if format.red == Some(header.pt) {
            info.red = Some(Red::parse(payload, format.pt).ok_or(DropReason::Malformed)?);
        }
        if format.codec == Codec::Av1
            && let Some((dependency, brought)) = Dependency::parse(&self.descriptor, stream.structure.as_ref())
        {
            info = info.with_dependency(&dependency);
            // A late packet knows its own templates, but those that came since are in force.
            stream.structure = brought.filter(|_| newest).or(stream.structure.take());
        }
        self.is_lacking |= stream.source.is_video() && stream.nack.is_waiting();
        let sent = stream.sent;
        let (source, encoding, clock_rate) = (stream.source, stream.encoding, stream.clock_rate);
        let packet = Packet {
            seq,
            timestamp: header.timestamp,
            marker: header.marker,
            info,
            audio_level: extensions.audio_level.filter(|_| !source.is_video()),
            video_orientation: extensions.video_orientation.filter(|_| source.is_video()),
            payload,
        };
        let captured = self.captured(sent, header.timestamp, clock_rate, now);
        Ok(Media { source, encoding, ssrc, captured, packet })
    }

    /// Finds the section and encoding of a stream that is not known yet: by the mid and rid in the packet, else by
    /// what the offer announced. Returns the section's format.
    fn bind(
        &mut self,
        now: Instant,
        plan: &Plan,
        header: &RtpHeader,
        extensions: &Extensions,
    ) -> Result<Format, DropReason> {
        if let Some(stream) = self.streams.get(&header.ssrc) {
            let section = plan.publish.iter().find(|section| section.source == stream.source);
            let agreed = |format: &Format| match stream.role {
                Role::Media => format.pt == header.pt || format.red == Some(header.pt),
                Role::Repair(_) => format.rtx == Some(header.pt),
            };
            return section.map(|section| section.format).filter(agreed).ok_or(DropReason::UnknownCodec);
        }
        let announced = |section: &&PublishSection| {
            section.ssrcs.iter().any(|&(media, rtx)| media == header.ssrc || rtx == Some(header.ssrc))
        };
        let section = match extensions.mid {
            Some(mid) => plan.publish.iter().find(|section| section.mid == mid),
            None => plan.publish.iter().find(announced),
        };
        let section = section.ok_or(DropReason::UnknownStream)?;
        let role = self.role(section, header, extensions)?;
        let rid = extensions.rid.or(extensions.repaired_rid);
        let encoding = match (role, rid) {
            (Role::Repair(media), _) => self.streams.get(&media).map(|stream| stream.encoding),
            (Role::Media, None) => section.rids.is_empty().then_some(0),
            (Role::Media, Some(rid)) => section.rids.iter().position(|&known| known == rid),
        };
        let encoding = encoding.ok_or(DropReason::UnknownStream)?;
        if role == Role::Media
            && let Some(before) = self.media_stream(section, Some(encoding))
        {
            // An encoding has one stream at a time: the numbers of two must not get mixed up. Each change costs work
            // for every viewer, and a browser changes only when it starts over.
            let is_new = |stream: &Stream| now.saturating_duration_since(stream.since) < LEAST_STREAM_TIME;
            if self.streams.get(&before).is_some_and(is_new) {
                return Err(DropReason::UnknownStream);
            }
            self.streams.retain(|ssrc, stream| *ssrc != before && stream.role != Role::Repair(before));
        }
        let stream = Stream {
            role,
            source: section.source,
            encoding,
            since: now,
            clock_rate: if section.source.is_video() { 90_000 } else { 48_000 },
            nack: NackTracker::default(),
            report: ReceiveReport::default(),
            highest: None,
            sent: None,
            structure: None,
        };
        self.streams.insert(header.ssrc, stream);
        Ok(section.format)
    }

    /// Retransmissions may arrive before the first packet of their stream (bandwidth probes do); then there is
    /// nothing yet that they could repair.
    fn role(&self, section: &PublishSection, header: &RtpHeader, extensions: &Extensions) -> Result<Role, DropReason> {
        match header.pt {
            pt if pt == section.format.pt || Some(pt) == section.format.red => Ok(Role::Media),
            pt if Some(pt) == section.format.rtx => {
                let announced = section.ssrcs.iter().find(|&&(_, rtx)| rtx == Some(header.ssrc));
                let media = match (announced, extensions.repaired_rid.or(extensions.rid)) {
                    (Some(&(media, _)), _) => Some(media),
                    (None, rid) => {
                        self.media_stream(section, rid.and_then(|rid| section.rids.iter().position(|&r| r == rid)))
                    }
                };
                media.map(Role::Repair).ok_or(DropReason::Duplicate)
            }
            Pt(_) => Err(DropReason::UnknownCodec),
        }
    }

    fn media_stream(&self, section: &PublishSection, encoding: Option<usize>) -> Option<Ssrc> {
        let wanted = encoding.unwrap_or(0);
        let matches = |stream: &Stream| {
            stream.role == Role::Media && stream.source == section.source && stream.encoding == wanted
        };
        self.streams.iter().find(|(_, stream)| matches(stream)).map(|(&ssrc, _)| ssrc)
    }

    /// When a packet was captured, by our clock: from the stream's newest sender report, or else its arrival.
    fn captured(&self, sent: Option<(u64, u32)>, timestamp: u32, clock_rate: u32, now: Instant) -> Instant {
        let remote = sent.and_then(|(micros, rtp)| {
            let ticks = i64::from(timestamp.wrapping_sub(rtp) as i32);
            micros.checked_add_signed(ticks * 1_000_000 / i64::from(clock_rate))
        });
        let ours = remote.and_then(|remote| self.clock.to_ours(remote));
        match ours {
            Some(captured) if captured <= now && now - captured <= MAX_CAPTURE_AGE => captured,
            _ => now,
        }
    }

    /// Decrypts an RTCP packet, keeps what it tells of the peer's streams, tells the `flow` what became of ours, and
    /// passes on what it asks of them. If it is genuine, the peer was `heard` now.
    ///
    /// # Errors
    /// Why it is of no use.
    #[expect(clippy::too_many_arguments, reason = "the parts of a peer that RTCP concerns")]
    pub(super) fn receive_rtcp(
        &mut self,
        turn: &mut Turn<'_>,
        srtp: &mut SrtpInbound,
        lines: &[Line],
        flow: &mut Flow,
        heard: &mut Instant,
        datagram: &mut [u8],
        feedback: &mut Vec<Feedback>,
    ) -> Result<(), DropReason> {
        let plain = srtp.unprotect_rtcp(datagram)?;
        *heard = turn.now;
        // Only what is genuine counts, or a stranger could use the peer's share up.
        if !self.report_budget.take(turn.now) {
            return Err(DropReason::OverRate);
        }
        let line_of = |media: Ssrc| lines.iter().position(|line| line.ssrc == media);
        parse_rtcp(plain, |packet| match packet {
            RtcpPacket::SenderReport { ssrc, ntp, rtp, reports, .. } => {
                self.sender_report(ssrc, ntp, rtp, turn.now);
                flow.reports(turn.now, turn.ntp, reports.iter().filter(|report| line_of(report.ssrc).is_some()));
            }
            RtcpPacket::ReceiverReport { reports, .. } => {
                flow.reports(turn.now, turn.ntp, reports.iter().filter(|report| line_of(report.ssrc).is_some()));
            }
            RtcpPacket::TransportCc(feedback) => flow.feedback(turn.now, &feedback),
            RtcpPacket::Remb { bitrate, .. } => flow.remb(turn.now, bitrate),
            RtcpPacket::Nack { media, lost } => {
                turn.counters.packets_nacked += lost.len() as u64;
                if let Some(line) = line_of(media) {
                    feedback.extend(lost.into_iter().map(|seq| Feedback::Lost { line, seq }));
                }
            }
            RtcpPacket::Pli { media } => feedback.extend(line_of(media).map(|line| Feedback::Keyframe { line })),
            RtcpPacket::Fir { media } => {
                feedback.extend(media.into_iter().filter_map(line_of).map(|line| Feedback::Keyframe { line }));
            }
            _ => {}
        })
    }

    fn sender_report(&mut self, ssrc: Ssrc, ntp: u64, rtp: u32, now: Instant) {
        let Some(stream) = self.streams.get_mut(&ssrc) else { return };
        let micros = ((u128::from(ntp) * 1_000_000) >> 32) as u64;
        stream.report.sender_report(ntp, now);
        stream.sent = Some((micros, rtp));
        self.clock.observe(micros, now);
    }

    /// When it wants [`Self::tick`]: nothing is due for a peer that sends nothing. Cheap enough for every packet.
    pub fn next_tick(&self, now: Instant, repair: Duration) -> Option<Instant> {
        let feedback = self.transport_cc.is_waiting().then(|| self.feedback_due.unwrap_or(now));
        let report = self.is_unreported.then(|| self.report_due.unwrap_or(now));
        let repair = self.is_lacking.then(|| now + repair);
        [feedback, report, repair].into_iter().flatten().min()
    }

    /// Sends what is due: requests for lost packets, transport-cc feedback, receiver reports.
    pub fn tick(&mut self, turn: &mut Turn<'_>, sender: Ssrc, send: &mut SendRtcp<'_>) {
        self.is_lacking = false;
        for (&ssrc, stream) in &mut self.streams {
            if stream.role != Role::Media || !stream.source.is_video() {
                continue;
            }
            self.lost.clear();
            stream.nack.due(turn.now, PRESUMED_RTT, &mut self.lost);
            self.is_lacking |= stream.nack.is_waiting();
            if !self.lost.is_empty() {
                turn.counters.packets_requested += self.lost.len() as u64;
                send(turn.outbox, &mut |out| write::nack(out, sender, ssrc, &self.lost));
            }
        }
        if self.transport_cc.is_waiting() && is_due(&mut self.feedback_due, turn.now, TRANSPORT_CC_INTERVAL) {
            let media = self.streams.keys().next().copied().unwrap_or(sender);
            let recorder = &mut self.transport_cc;
            // One packet holds a bounded number of arrivals.
            let mut more = true;
            while more {
                send(turn.outbox, &mut |out| more = recorder.take_feedback(sender, media, out));
            }
        }
        if self.is_unreported && is_due(&mut self.report_due, turn.now, REPORT_INTERVAL) {
            self.is_unreported = false;
            self.receiver_report(turn, sender, send);
        }
    }

    fn receiver_report(&mut self, turn: &mut Turn<'_>, sender: Ssrc, send: &mut SendRtcp<'_>) {
        let mut blocks = Vec::with_capacity(self.streams.len());
        for (&ssrc, stream) in &mut self.streams {
            blocks.push(stream.report.block(ssrc, turn.now));
        }
        // A report has room for 31 blocks (RFC 3550 section 6.4.1).
        for chunk in blocks.chunks(31) {
            send(turn.outbox, &mut |out| write::receiver_report(out, sender, chunk));
        }
    }
}

fn is_due(due: &mut Option<Instant>, now: Instant, interval: Duration) -> bool {
    let is_due = due.is_none_or(|due| now >= due);
    if is_due {
        *due = Some(now + interval);
    }
    is_due
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::stats::Counters;

    #[test]
    fn what_belongs_to_no_stream_is_told_of_once_and_wakes_nobody_after() {
        let now = Instant::now();
        let (mut counters, mut outbox, mut wakes) = (Counters::default(), Outbox::default(), Vec::new());
        let repair = Duration::from_millis(20);
        let mut inbound = Inbound::default();
        inbound.transport_cc.record(7, now);
        assert_eq!(inbound.next_tick(now, repair), Some(now));
        let mut told = 0;
        let (counters, outbox, wakes) = (&mut counters, &mut outbox, &mut wakes);
        let mut turn = Turn { now, ntp: 0, repair, counters, outbox, wakes };
        inbound.tick(&mut turn, Ssrc(1), &mut |_, write| {
            let mut out = Vec::new();
            write(&mut out);
            told += usize::from(!out.is_empty());
        });
        assert_eq!((told, inbound.next_tick(now, repair)), (1, None));
    }
}
