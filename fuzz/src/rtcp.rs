//! RTCP compounds.

use std::collections::BTreeSet;

use confab_sfu::core::rtp::Ssrc;
use confab_sfu::core::rtp::rtcp::{RtcpPacket, TransportCcFeedback, parse_rtcp, write};

/// Most packets that transport-wide feedback is written for.
const MAX_STATUSES: u16 = 0x3fff;

pub(crate) fn run(data: &[u8]) {
    let mut packets = Vec::new();
    let _ = parse_rtcp(data, |packet| packets.push(packet));
    assert!(packets.len() <= data.len() / 4);
    for packet in &packets {
        // A few bytes must not claim a lot of memory.
        assert!(entries(packet) <= 8 * data.len());
        check(packet);
    }
}

fn entries(packet: &RtcpPacket) -> usize {
    match packet {
        RtcpPacket::SenderReport { reports, .. } | RtcpPacket::ReceiverReport { reports, .. } => reports.len(),
        RtcpPacket::Nack { lost, .. } => lost.len(),
        RtcpPacket::Fir { media } => media.len(),
        RtcpPacket::TransportCc(feedback) => feedback.received.len(),
        RtcpPacket::Remb { ssrcs, .. } | RtcpPacket::Bye { ssrcs } => ssrcs.len(),
        RtcpPacket::Pli { .. } | RtcpPacket::Other(_) => 0,
    }
}

/// What was understood survives being written and read again.
fn check(packet: &RtcpPacket) {
    match packet {
        RtcpPacket::SenderReport { ssrc, ntp, rtp, packets, octets, reports } => {
            let again = reread(|out| {
                write::sender_report(out, *ssrc, *ntp, *rtp, *packets, *octets, reports, "name");
            });
            assert_eq!(&again[..1], std::slice::from_ref(packet));
        }
        RtcpPacket::ReceiverReport { ssrc, reports } => same(packet, |out| write::receiver_report(out, *ssrc, reports)),
        RtcpPacket::Nack { media, lost } => {
            let again = reread(|out| write::nack(out, Ssrc(1), *media, lost));
            // Numbers that do not ascend may change places, and those asked for twice are asked for once.
            let numbers = |packets: &[RtcpPacket]| -> BTreeSet<u16> {
                let lost = packets.iter().filter_map(|packet| match packet {
                    RtcpPacket::Nack { lost, .. } => Some(lost),
                    _ => None,
                });
                lost.flatten().copied().collect()
            };
            assert_eq!(numbers(&again), numbers(std::slice::from_ref(packet)));
        }
        RtcpPacket::Pli { media } => same(packet, |out| write::pli(out, Ssrc(1), *media)),
        RtcpPacket::Fir { media } => {
            for &media in media {
                same(&RtcpPacket::Fir { media: vec![media] }, |out| write::fir(out, Ssrc(1), media, 1));
            }
        }
        // A rate beyond 64 bits is read as the highest one, which has too many digits to be written.
        RtcpPacket::Remb { bitrate: u64::MAX, .. } => {}
        RtcpPacket::Remb { bitrate, ssrcs } => same(packet, |out| write::remb(out, Ssrc(1), *bitrate, ssrcs)),
        RtcpPacket::Bye { ssrcs } => {
            for &ssrc in ssrcs {
                same(&RtcpPacket::Bye { ssrcs: vec![ssrc] }, |out| write::bye(out, ssrc));
            }
        }
        RtcpPacket::TransportCc(feedback) => transport_cc(feedback),
        RtcpPacket::Other(_) => {}
    }
}

fn transport_cc(feedback: &TransportCcFeedback) {
    assert_eq!(feedback.statuses().count(), usize::from(feedback.status_count));
    let first = feedback.received.first().map_or(0, |(_, ticks)| *ticks);
    let reference = first.div_euclid(256);
    let Ok(reference_time) = u32::try_from(reference) else { return };
    if reference_time >= 1 << 24 || feedback.status_count > MAX_STATUSES {
        return;
    }
    let mut last = reference * 256;
    let deltas: Vec<Option<i16>> = feedback
        .statuses()
        .map(|(_, at)| {
            at.map(|at| i16::try_from(at - std::mem::replace(&mut last, at)).expect("it was read from 16 bits"))
        })
        .collect();
    let TransportCcFeedback { sender, media, base_seq, feedback_count, .. } = *feedback;
    let again =
        reread(|out| write::transport_cc(out, sender, media, base_seq, reference_time, feedback_count, &deltas));
    assert_eq!(again, [RtcpPacket::TransportCc(feedback.clone())]);
}

fn same(packet: &RtcpPacket, write: impl FnOnce(&mut Vec<u8>)) {
    assert_eq!(reread(write), std::slice::from_ref(packet));
}

fn reread(write: impl FnOnce(&mut Vec<u8>)) -> Vec<RtcpPacket> {
    let mut bytes = Vec::new();
    write(&mut bytes);
    let mut packets = Vec::new();
    if !bytes.is_empty() {
        parse_rtcp(&bytes, |packet| packets.push(packet)).expect("what we write can be read");
    }
    packets
}
