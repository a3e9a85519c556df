//! Compounds: round trips, cuts, and the lists that a packet may claim.

use proptest::prelude::*;

use super::*;

fn parse(bytes: &[u8]) -> Result<Vec<RtcpPacket>, DropReason> {
    let mut packets = vec![];
    parse_rtcp(bytes, |packet| packets.push(packet))?;
    Ok(packets)
}

fn report(ssrc: u32) -> ReportBlock {
    ReportBlock {
        ssrc: Ssrc(ssrc),
        fraction_lost: 255,
        cumulative_lost: -2,
        highest_seq: 0x0001_ffff,
        jitter: 300,
        last_sr: 0x1234_5678,
        delay_since_sr: 65_536,
    }
}

#[test]
fn a_compound_of_everything_reads_back() {
    let mut out = vec![];
    write::sender_report(&mut out, Ssrc(1), 0x0123_4567_89ab_cdef, 90_000, 10, 12_000, &[report(5)], "confab");
    write::receiver_report(&mut out, Ssrc(2), &[report(6), report(7)]);
    write::nack(&mut out, Ssrc(2), Ssrc(8), &[65_534, 65_535, 0, 14, 15, 100]);
    write::pli(&mut out, Ssrc(2), Ssrc(9));
    write::fir(&mut out, Ssrc(2), Ssrc(10), 3);
    write::remb(&mut out, Ssrc(2), 2_500_000, &[Ssrc(11), Ssrc(12)]);
    write::bye(&mut out, Ssrc(13));
    let expected = vec![
        RtcpPacket::SenderReport {
            ssrc: Ssrc(1),
            ntp: 0x0123_4567_89ab_cdef,
            rtp: 90_000,
            packets: 10,
            octets: 12_000,
            reports: vec![report(5)],
        },
        RtcpPacket::Other(202),
        RtcpPacket::ReceiverReport { ssrc: Ssrc(2), reports: vec![report(6), report(7)] },
        RtcpPacket::Nack { media: Ssrc(8), lost: vec![65_534, 65_535, 0, 14, 15, 100] },
        RtcpPacket::Pli { media: Ssrc(9) },
        RtcpPacket::Fir { media: vec![Ssrc(10)] },
        RtcpPacket::Remb { bitrate: 2_500_000, ssrcs: vec![Ssrc(11), Ssrc(12)] },
        RtcpPacket::Bye { ssrcs: vec![Ssrc(13)] },
    ];
    assert_eq!(parse(&out), Ok(expected));
}

#[test]
fn a_nack_shares_entries_among_seventeen_numbers() {
    let mut out = vec![];
    let lost: Vec<u16> = (10..=26).chain([27]).collect();
    write::nack(&mut out, Ssrc(1), Ssrc(2), &lost);
    assert_eq!(out[12..], [0, 10, 0xff, 0xff, 0, 27, 0, 0]);
    let before = out.len();
    write::nack(&mut out, Ssrc(1), Ssrc(2), &[]);
    assert_eq!(out.len(), before, "asking for nothing is no packet");
}

#[test]
fn the_source_description_is_padded_with_at_least_one_zero() {
    for cname in ["", "a", "ab", "abc", "abcd", "confab"] {
        let mut out = vec![];
        write::sender_report(&mut out, Ssrc(1), 0, 0, 0, 0, &[], cname);
        let description = &out[28..];
        assert_eq!(description[..4], [0x81, 202, 0, description.len() as u8 / 4 - 1]);
        assert_eq!(description[8..10], [1, cname.len() as u8]);
        assert_eq!(&description[10..10 + cname.len()], cname.as_bytes());
        let zeros = &description[10 + cname.len()..];
        assert!((1..=4).contains(&zeros.len()) && zeros.iter().all(|byte| *byte == 0), "{cname}");
        assert_eq!(parse(&out).map(|packets| packets.len()), Ok(2));
    }
}

#[test]
fn reports_beyond_thirty_one_take_another_packet() {
    let reports: Vec<_> = (0..40).map(report).collect();
    let mut out = vec![];
    write::receiver_report(&mut out, Ssrc(1), &reports);
    let lens: Vec<_> = parse(&out)
        .unwrap()
        .into_iter()
        .map(|packet| match packet {
            RtcpPacket::ReceiverReport { reports, .. } => reports.len(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(lens, [31, 9]);
    out.clear();
    write::receiver_report(&mut out, Ssrc(1), &[]);
    assert_eq!(out, [0x80, 201, 0, 1, 0, 0, 0, 1]);
}

#[test]
fn a_compound_whose_lengths_do_not_add_up_yields_nothing() {
    let mut out = vec![];
    write::sender_report(&mut out, Ssrc(1), 1, 2, 3, 4, &[report(5)], "confab");
    write::pli(&mut out, Ssrc(2), Ssrc(9));
    for len in 0..out.len() {
        let mut count = 0;
        let verdict = parse_rtcp(&out[..len], |_| count += 1);
        // Cuts between packets leave whole, smaller compounds.
        let whole = len == 52 || len == 52 + 20;
        assert_eq!((verdict.is_ok(), count > 0), (whole, whole), "{len}");
    }
}

#[test]
fn a_packet_that_claims_more_than_it_has_is_malformed() {
    let cases: [&[u8]; 6] = [
        // One report announced, none there.
        &[0x81, 201, 0, 1, 0, 0, 0, 1],
        // Two SSRCs announced, one there.
        &[0x82, 203, 0, 1, 0, 0, 0, 1],
        // Padding longer than the packet, or none at all.
        &[0xa0, 201, 0, 1, 0, 0, 0, 9],
        &[0xa0, 201, 0, 0],
        // Version 1.
        &[0x40, 201, 0, 1, 0, 0, 0, 1],
        // An estimate for two streams, one there.
        &[0x8f, 206, 0, 5, 0, 0, 0, 1, 0, 0, 0, 0, b'R', b'E', b'M', b'B', 2, 0, 0, 1, 0, 0, 0, 1],
    ];
    for case in cases {
        assert_eq!(parse(case), Err(DropReason::Malformed), "{case:?}");
    }
}

#[test]
fn padding_and_unknown_packets_are_skipped() {
    let padded = [0xa0, 201, 0, 2, 0, 0, 0, 1, 0, 0, 0, 4];
    assert_eq!(parse(&padded), Ok(vec![RtcpPacket::ReceiverReport { ssrc: Ssrc(1), reports: vec![] }]));
    let unknown = [0x80, 207, 0, 1, 0, 0, 0, 1, 0x81, 204, 0, 0, 0x83, 205, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2];
    assert_eq!(parse(&unknown), Ok(vec![RtcpPacket::Other(207), RtcpPacket::Other(204), RtcpPacket::Other(205)]));
}

#[test]
fn estimates_saturate_and_keep_eighteen_bits() {
    let mut out = vec![];
    for (bitrate, expected) in [(0, 0), (262_143, 262_143), (262_145, 262_144), (u64::MAX, u64::MAX << 46)] {
        out.clear();
        write::remb(&mut out, Ssrc(1), bitrate, &[]);
        assert_eq!(parse(&out), Ok(vec![RtcpPacket::Remb { bitrate: expected, ssrcs: vec![] }]));
    }
    out[17..20].copy_from_slice(&[0xff, 0xff, 0xff]);
    assert_eq!(parse(&out), Ok(vec![RtcpPacket::Remb { bitrate: u64::MAX, ssrcs: vec![] }]));
}

fn feedback(bytes: &[u8]) -> TransportCcFeedback {
    match parse(bytes).unwrap().remove(0) {
        RtcpPacket::TransportCc(feedback) => feedback,
        other => panic!("{other:?}"),
    }
}

/// The layout of the draft's section 3.1, written out by hand.
#[test]
fn transport_feedback_is_laid_out_as_in_the_draft() {
    let packet = [
        0x8f, 205, 0, 7, 0, 0, 0, 1, 0, 0, 0, 2, // header, sender, media
        0xff, 0xff, 0, 10, // base 65535, 10 statuses
        0, 0, 2, 7, // reference 128 ms, feedback 7
        0x20, 0x02, // run of two small deltas
        0xd2, 0x00, // two-bit vector: small, lost, large, lost, lost, lost, lost
        0x00, 0x01, // run of one lost packet
        4, 0, 8, 0xff, 0xfc, 0, // deltas +1 ms, 0, +2 ms, -1 ms
    ];
    let feedback = feedback(&packet);
    assert_eq!((feedback.sender, feedback.media, feedback.feedback_count), (Ssrc(1), Ssrc(2), 7));
    assert_eq!(feedback.received, [(65_535, 516), (0, 516), (1, 524), (3, 520)]);
    let lost: Vec<_> = feedback.statuses().filter(|(_, ticks)| ticks.is_none()).map(|(seq, _)| seq).collect();
    assert_eq!(lost, [2, 4, 5, 6, 7, 8]);
}

#[test]
fn broken_transport_feedback_is_malformed() {
    let base = [0, 0, 0, 1, 0, 0, 0, 2, 0, 1, 0, 8, 0, 0, 2, 7];
    // Chunks that end too early (padding is an empty run), deltas that are missing, the reserved status.
    for rest in [&[][..], &[0x20, 0x07], &[0x20, 0x08, 1, 2], &[0x60, 0x08, 1, 2, 3, 4, 5, 6, 7, 8]] {
        let mut packet = vec![0x8f, 205, 0, 0];
        packet.extend_from_slice(&base);
        packet.extend_from_slice(rest);
        packet.resize(packet.len().div_ceil(4) * 4, 0);
        packet[3] = (packet.len() / 4 - 1) as u8;
        assert_eq!(parse(&packet), Err(DropReason::Malformed), "{rest:x?}");
    }
}

#[test]
fn a_few_bytes_cannot_claim_a_lot_of_memory() {
    let mut packet = vec![0x8f, 205, 0, 9, 0, 0, 0, 1, 0, 0, 0, 2, 0, 1, 0xff, 0xff, 0, 0, 2, 7];
    for _ in 0..10 {
        packet.extend_from_slice(&[0x1f, 0xff]);
    }
    let feedback = feedback(&packet);
    assert_eq!((feedback.status_count, feedback.received.capacity()), (65_535, 0));
    assert_eq!(feedback.statuses().count(), 65_535);
}

fn any_delta() -> impl Strategy<Value = Option<i16>> {
    prop_oneof![4 => Just(Some(4)), 3 => (0..256_i16).prop_map(Some), 1 => any::<i16>().prop_map(Some), 2 => Just(None)]
}

proptest! {
    #[test]
    fn nacks_read_back(lost in prop::collection::btree_set(0..2000_u16, 1..200), start: u16) {
        let lost: Vec<_> = lost.into_iter().map(|seq| seq.wrapping_add(start)).collect();
        let mut out = vec![];
        write::nack(&mut out, Ssrc(1), Ssrc(2), &lost);
        prop_assert_eq!(parse(&out), Ok(vec![RtcpPacket::Nack { media: Ssrc(2), lost }]));
    }

    #[test]
    fn transport_feedback_reads_back(
        groups in prop::collection::vec((any_delta(), 1..40_usize), 1..30), base_seq: u16, reference in 0..1_u32 << 24,
    ) {
        let deltas: Vec<_> = groups.into_iter().flat_map(|(delta, run)| vec![delta; run]).collect();
        let mut out = vec![];
        write::transport_cc(&mut out, Ssrc(1), Ssrc(2), base_seq, reference, 9, &deltas);
        let feedback = feedback(&out);
        let mut ticks = i64::from(reference) * 256;
        let expected: Vec<_> = deltas.iter().enumerate().map(|(place, delta)| {
            ticks += i64::from(delta.unwrap_or(0));
            (base_seq.wrapping_add(place as u16), delta.map(|_| ticks))
        }).collect();
        prop_assert_eq!(feedback.statuses().collect::<Vec<_>>(), expected);
        prop_assert_eq!((feedback.base_seq, feedback.feedback_count), (base_seq, 9));
    }

    #[test]
    fn random_packets_never_panic_and_never_claim_more_than_they_carry(
        kind in 200..208_u8, count in 0..32_u8, mut body in prop::collection::vec(any::<u8>(), 0..400),
    ) {
        body.truncate(body.len() / 4 * 4);
        let mut packet = vec![0x80 | count, kind, 0, (body.len() / 4) as u8];
        packet.extend_from_slice(&body);
        if let Ok(packets) = parse(&packet) {
            let entries = match &packets[0] {
                RtcpPacket::SenderReport { reports, .. } | RtcpPacket::ReceiverReport { reports, .. } => reports.len(),
                RtcpPacket::Nack { lost, .. } => lost.len(),
                RtcpPacket::TransportCc(feedback) => feedback.received.len(),
                RtcpPacket::Fir { media: ssrcs } | RtcpPacket::Remb { ssrcs, .. } | RtcpPacket::Bye { ssrcs } => ssrcs.len(),
                RtcpPacket::Pli { .. } | RtcpPacket::Other(_) => 0,
            };
            prop_assert!(entries <= 8 * packet.len());
        }
    }
}
