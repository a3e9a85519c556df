//! Headers and extensions: round trips, and what the network may send instead.

use proptest::prelude::*;

use super::*;
use crate::core::stats::DropReason;

const MAP: ExtensionMap = ExtensionMap {
    mid: 9,
    rid: 10,
    repaired_rid: 11,
    transport_cc: 4,
    abs_send_time: 2,
    audio_level: 14,
    video_orientation: 3,
    dependency_descriptor: 12,
};

fn everything() -> Extensions {
    Extensions {
        mid: Mid::parse("0"),
        rid: Rid::parse("h"),
        repaired_rid: Rid::parse("0123456789abcdef"),
        transport_cc: Some(0xfffe),
        abs_send_time: Some(0xab_cdef),
        audio_level: Some(AudioLevel { voice: true, level: 127 }),
        video_orientation: Some(3),
    }
}

fn outgoing() -> OutgoingHeader {
    OutgoingHeader { marker: true, padding: false, pt: Pt(96), seq: 65_535, timestamp: 0xdead_beef, ssrc: Ssrc(7) }
}

#[test]
fn the_roll_over_counter_is_guessed_as_the_closest_one() {
    // Highest so far, low 16 bits, expected: RFC 3711 section 3.3.1.
    let cases = [
        (None, 65_535, 65_535),
        (Some(0), 1, 1),
        (Some(65_535), 0, 65_536),
        (Some(65_536), 65_535, 65_535),
        (Some(65_536 + 10), 65_530, 65_530),
        (Some(3 * 65_536 + 40_000), 1, 4 * 65_536 + 1),
        (Some(3 * 65_536 + 40_000), 20_000, 3 * 65_536 + 20_000),
        (Some(3 * 65_536 + 20_000), 60_000, 2 * 65_536 + 60_000),
        (Some(3 * 65_536 + 20_000), 50_000, 3 * 65_536 + 50_000),
        // Before the first packet there is nothing.
        (Some(10), 65_530, 65_530),
    ];
    for (highest, seq, expected) in cases {
        assert_eq!(SeqNo::extend(highest.map(SeqNo), seq), SeqNo(expected), "{highest:?} {seq}");
    }
    assert_eq!((SeqNo(3 * 65_536 + 5).roc(), SeqNo(3 * 65_536 + 5).low()), (3, 5));
}

#[test]
fn a_header_without_extensions_is_twelve_bytes() {
    let mut out = vec![1, 2, 3];
    assert_eq!(write_header(&mut out, &outgoing(), &everything(), &ExtensionMap::default()), 12);
    assert_eq!(out[3..], [0x80, 0xe0, 0xff, 0xff, 0xde, 0xad, 0xbe, 0xef, 0, 0, 0, 7]);
}

#[test]
fn the_one_byte_form_is_written_byte_for_byte() {
    let extensions = Extensions { mid: Mid::parse("ab"), transport_cc: Some(0x1234), ..Default::default() };
    let mut out = vec![];
    assert_eq!(write_header(&mut out, &outgoing(), &extensions, &MAP), 24);
    assert_eq!(out[0], 0x90);
    assert_eq!(out[12..], [0xbe, 0xde, 0, 2, 0x91, b'a', b'b', 0x41, 0x12, 0x34, 0, 0]);
}

#[test]
fn extensions_read_back_in_both_forms() {
    for map in [MAP, ExtensionMap { mid: 200, ..MAP }, ExtensionMap { rid: 15, ..MAP }] {
        let mut out = vec![];
        let len = write_header(&mut out, &outgoing(), &everything(), &map);
        assert_eq!(len % 4, 0);
        out.extend_from_slice(b"payload");
        let header = RtpHeader::parse(&out).unwrap();
        assert_eq!(header.len, len);
        assert_eq!(&out[header.len..], b"payload");
        assert_eq!(Extensions::parse(&header, &out, &map), everything());
        // Another map sees only what it knows.
        let other = ExtensionMap { audio_level: 14, ..Default::default() };
        let expected = Extensions { audio_level: everything().audio_level, ..Default::default() };
        assert_eq!(Extensions::parse(&header, &out, &other), expected);
    }
}

fn with_extension(profile: u16, elements: &[u8]) -> Extensions {
    let mut packet = vec![0x90, 96, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3];
    packet.extend_from_slice(&profile.to_be_bytes());
    packet.extend_from_slice(&(elements.len() as u16 / 4).to_be_bytes());
    packet.extend_from_slice(elements);
    let header = RtpHeader::parse(&packet).unwrap();
    Extensions::parse(&header, &packet, &MAP)
}

#[test]
fn broken_extensions_are_left_out_and_others_kept() {
    let mid = Extensions { mid: Mid::parse("7"), ..Default::default() };
    let none = Extensions::default();
    // Padding before, between and after.
    assert_eq!(with_extension(0xbede, &[0, 0x90, b'7', 0]), mid);
    // An element that reaches beyond the end.
    assert_eq!(with_extension(0xbede, &[0x90, b'7', 0x4f, 1]), mid);
    // Id 15 ends the elements.
    assert_eq!(with_extension(0xbede, &[0xf0, 0, 0x90, b'7']), none);
    // Values of the wrong length or alphabet.
    assert_eq!(with_extension(0xbede, &[0x40, 1, 0x90, b'7']), mid);
    assert_eq!(with_extension(0xbede, &[0x90, b'/', 0, 0]), none);
    // Two-byte form: an empty element, an unknown one and a wrong length.
    assert_eq!(with_extension(0x1000, &[9, 0, 77, 1, 5, 9, 1, b'7']), mid);
    assert_eq!(with_extension(0x100f, &[9, 1, b'7', 4, 200, 1, 2, 3]), mid);
    // Another profile's extension is none of ours.
    assert_eq!(with_extension(0x1234, &[0x90, b'7', 0, 0]), none);
}

#[test]
fn headers_that_contradict_themselves_are_malformed() {
    let good = [0x80, 96, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3];
    assert_eq!(RtpHeader::parse(&good).map(|header| header.len), Ok(12));
    for len in 0..12 {
        assert_eq!(RtpHeader::parse(&good[..len]), Err(DropReason::Malformed));
    }
    for first in [0x00, 0x40, 0xc0, 0x81, 0x90] {
        let mut packet = good;
        packet[0] = first;
        assert_eq!(RtpHeader::parse(&packet), Err(DropReason::Malformed), "{first:x}");
    }
    let mut long = good.to_vec();
    long[0] = 0x92;
    long.extend_from_slice(&[0; 8]);
    long.extend_from_slice(&[0xbe, 0xde, 0, 1, 0, 0, 0]);
    assert_eq!(RtpHeader::parse(&long), Err(DropReason::Malformed));
    long.push(0);
    assert_eq!(RtpHeader::parse(&long).map(|header| header.len), Ok(28));
}

#[test]
fn padding_is_cut_by_its_last_byte() {
    let plain = RtpHeader::parse(&[0x80, 96, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3]).unwrap();
    let padded = RtpHeader { padding: true, ..plain };
    assert_eq!(without_padding(&plain, &[1, 2]), Ok(&[1, 2][..]));
    assert_eq!(without_padding(&padded, &[9, 9, 0, 2]), Ok(&[9, 9][..]));
    assert_eq!(without_padding(&padded, &[0, 2]), Ok(&[][..]));
    for bad in [&[][..], &[1, 0], &[0, 3]] {
        assert_eq!(without_padding(&padded, bad), Err(DropReason::Malformed));
    }
}

#[test]
fn rtcp_is_told_from_rtp_by_its_second_byte() {
    assert!(is_rtcp(&[0x80, 200]) && is_rtcp(&[0x80, 206]));
    assert!(!is_rtcp(&[0x80, 96]) && !is_rtcp(&[0x80, 0x80 | 96]) && !is_rtcp(&[0x80]));
}

#[test]
fn a_map_knows_eight_extensions_and_gives_no_id_twice() {
    let mut map = ExtensionMap::default();
    for (id, uri) in MAP.entries() {
        assert!(map.set_uri(uri, id));
    }
    assert_eq!(map, MAP);
    assert_eq!(map.entries().count(), 8);
    assert!(!map.set_uri("urn:ietf:params:rtp-hdrext:toffset", 13));
    assert!(!map.set_uri("urn:3gpp:video-orientation", 0));
    assert!(!map.set_uri("urn:3gpp:video-orientation", MAP.mid), "the id is taken");
    assert!(map.set_uri("urn:3gpp:video-orientation", 3), "it may be said again");
    assert_eq!(map, MAP);
}

#[test]
fn the_dependency_descriptor_is_found_in_both_forms() {
    let one_byte: &[u8] = &[0xbe, 0xde, 0, 2, 0x40, 0x01, 0xc2, 7, 8, 9, 0, 0];
    let two_byte: &[u8] = &[0x10, 0x00, 0, 2, 4, 0, 12, 3, 7, 8, 9, 0];
    for extension in [one_byte, two_byte] {
        let packet = [&[0x90, 96, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3][..], extension].concat();
        let header = RtpHeader::parse(&packet).unwrap();
        assert_eq!(dependency_descriptor(&header, &packet, &MAP), [7, 8, 9]);
        assert!(dependency_descriptor(&header, &packet, &ExtensionMap::default()).is_empty());
    }
}

fn any_mid() -> impl Strategy<Value = Option<Mid>> {
    prop::option::of("[a-zA-Z0-9_-]{1,16}".prop_map(|text| Mid::parse(&text).unwrap()))
}

proptest! {
    #[test]
    fn headers_read_back(
        marker: bool, padding: bool, pt in 0..128_u8, seq: u16, timestamp: u32, ssrc: u32,
        mid in any_mid(), transport_cc: Option<u16>, voice: bool, level in prop::option::of(0..128_u8),
        ids in prop::sample::subsequence((1..=255_u8).collect::<Vec<_>>(), 8),
    ) {
        let map = ExtensionMap {
            mid: ids[0], rid: ids[1], repaired_rid: ids[2], transport_cc: ids[3], abs_send_time: ids[4],
            audio_level: ids[5], video_orientation: ids[6], dependency_descriptor: ids[7],
        };
        let extensions = Extensions {
            mid, transport_cc, audio_level: level.map(|level| AudioLevel { voice, level }), ..Default::default()
        };
        let written = OutgoingHeader { marker, padding, pt: Pt(pt), seq, timestamp, ssrc: Ssrc(ssrc) };
        let mut out = vec![];
        let len = write_header(&mut out, &written, &extensions, &map);
        let header = RtpHeader::parse(&out).unwrap();
        let read = OutgoingHeader {
            marker: header.marker, padding: header.padding, pt: header.pt, seq: header.seq,
            timestamp: header.timestamp, ssrc: header.ssrc,
        };
        prop_assert_eq!(read, written);
        prop_assert_eq!((header.len, out.len()), (len, len));
        prop_assert_eq!(Extensions::parse(&header, &out, &map), extensions);
    }

    #[test]
    fn no_bytes_make_a_parser_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..300), form in 0..4) {
        if let (Some(first), true) = (bytes.first_mut(), form > 0) {
            *first = 0x90 | *first & 0x2f;
        }
        if let (Some(profile), true) = (bytes.get_mut(12..14), form > 1) {
            profile.copy_from_slice(if form == 2 { &[0xbe, 0xde] } else { &[0x10, 0x00] });
        }
        if let Ok(header) = RtpHeader::parse(&bytes) {
            prop_assert!(header.len <= bytes.len());
            let _ = Extensions::parse(&header, &bytes, &MAP);
            let _ = dependency_descriptor(&header, &bytes, &MAP);
            let _ = without_padding(&header, &bytes[header.len..]);
        }
        let _ = PayloadInfo::parse(Codec::Vp8, &bytes);
        let _ = rtcp::parse_rtcp(&bytes, |_| ());
    }
}
