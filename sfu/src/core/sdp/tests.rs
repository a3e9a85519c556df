//! Offers of real browsers (Chromium 156 and Firefox 153: a microphone, a camera in three encodings, two slots, an
//! audio slot and a data channel), offers that nobody should send, and the text of our answers.

use std::net::SocketAddr;

use proptest::prelude::*;

use super::*;
use crate::config::SfuConfig;
use crate::control::OfferError;
use crate::core::endpoint::Endpoint;
use crate::core::rtp::{ExtensionMap, Mid, Pt, Rid, Ssrc};

const CHROMIUM: &str = include_str!("fixtures/chromium.offer.sdp");
const FIREFOX: &str = include_str!("fixtures/firefox.offer.sdp");

fn parse(text: &str) -> Result<SdpOffer, OfferError> {
    SdpOffer::parse(text, &SfuConfig::default())
}

fn names(media: &OfferedMedia) -> Vec<(u8, &str, Option<u8>)> {
    media.codecs.iter().map(|codec| (codec.pt.0, codec.name.as_str(), codec.rtx.map(|pt| pt.0))).collect()
}

fn rids(names: &[&str]) -> Vec<Rid> {
    names.iter().filter_map(|name| Rid::parse(name)).collect()
}

#[test]
fn chromium_is_understood() {
    // Browsers end their lines with CR LF.
    for text in [CHROMIUM.to_owned(), CHROMIUM.replace('\n', "\r\n")] {
        let offer = parse(&text).unwrap();
        assert_eq!((offer.ufrag.as_str(), offer.pwd.as_str()), ("JH7V", "aJDSi+0LzevFos5OuHdM+QRV"));
        assert!(offer.fingerprint.starts_with("sha-256 EF:72:9D:"));
        let mids: Vec<_> = offer.media.iter().map(|media| media.mid.to_string()).collect();
        assert_eq!(mids, ["0", "1", "2", "3", "4", "5", "6", "7"]);
        let [microphone, camera, picture, sound, .., data] = offer.media.as_slice() else { panic!() };
        assert_eq!((microphone.kind, microphone.direction), (MediaKind::Audio, Direction::SendOnly));
        assert_eq!(microphone.ssrcs, [(Ssrc(2_484_025_391), None)]);
        let opus = &microphone.codecs[0];
        assert_eq!((opus.name.as_str(), opus.clock_rate, opus.channels), ("opus", 48_000, 2));
        assert_eq!(opus.fmtp, "minptime=10;useinbandfec=1");
        assert_eq!(opus.feedback, ["transport-cc"]);
        assert_eq!((camera.kind, camera.direction), (MediaKind::Video, Direction::SendOnly));
        assert_eq!(camera.rids, rids(&["l", "m", "h"]));
        assert_eq!(names(camera), [(96, "vp8", Some(97))]);
        let extensions = ExtensionMap {
            mid: 4,
            rid: 10,
            repaired_rid: 11,
            transport_cc: 3,
            abs_send_time: 2,
            audio_level: 0,
            video_orientation: 13,
            dependency_descriptor: 12,
        };
        assert_eq!(camera.extensions, extensions);
        assert_eq!(camera.codecs[0].feedback, ["goog-remb", "transport-cc", "ccm fir", "nack", "nack pli"]);
        assert_eq!((picture.direction, sound.direction), (Direction::RecvOnly, Direction::RecvOnly));
        assert!(picture.rids.is_empty() && picture.ssrcs.is_empty());
        assert_eq!((data.kind, data.protocol.as_str()), (MediaKind::Application, "UDP/DTLS/SCTP"));
        assert_eq!(data.formats, "webrtc-datachannel");
        assert!(offer.media.iter().all(|media| !media.rejected));
    }
}

#[test]
fn firefox_is_understood() {
    let offer = parse(FIREFOX).unwrap();
    assert_eq!((offer.ufrag.as_str(), offer.pwd.as_str()), ("6493743a", "73ed8cedaef3842b4646c88c71b434e5"));
    assert!(offer.fingerprint.starts_with("sha-256 E0:D2:4A:"), "it stands before the sections");
    let camera = &offer.media[1];
    assert_eq!(camera.rids, rids(&["l", "m", "h"]));
    assert_eq!(names(camera), [(120, "vp8", Some(124))]);
    assert_eq!(camera.codecs[0].fmtp, "max-fs=12288;max-fr=60");
    let pairs = [(3_602_535_644, 1_939_754_981), (1_863_663_420, 1_610_932_640), (1_255_914_856, 276_368_620)];
    assert_eq!(camera.ssrcs, pairs.map(|(main, rtx)| (Ssrc(main), Some(Ssrc(rtx)))));
    assert_eq!((camera.extensions.rid, camera.extensions.repaired_rid), (9, 10));
    // Bundled sections have port 0 and are wanted all the same.
    assert!(offer.media.iter().all(|media| !media.rejected));
    assert_eq!(offer.media[7].kind, MediaKind::Application);
}

/// The least offer that we accept, with `section` added to its only section.
fn small(section: &str) -> String {
    format!(
        "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=fingerprint:sha-256 {}\r\n\
         m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=ice-ufrag:abcd\r\na=ice-pwd:{}\r\n\
         a=rtpmap:111 opus/48000/2\r\n{section}",
        ["aB"; 32].join(":"),
        "p".repeat(22),
    )
}

#[test]
fn what_is_not_said_has_its_default() {
    let offer = parse(&small("")).unwrap();
    assert_eq!(offer.fingerprint, format!("sha-256 {}", ["AB"; 32].join(":")));
    assert_eq!(offer.media[0].direction, Direction::SendRecv);
    assert_eq!(offer.media[0].extensions, ExtensionMap::default());
    let offer = parse(&small("a=inactive\r\n\r\n")).unwrap();
    assert_eq!(offer.media[0].direction, Direction::Inactive);
}

#[test]
fn what_we_do_not_know_is_skipped() {
    let lines = [
        "b=AS:30",
        "a=rtcp-fb:111 ack rpsi",
        "a=rtcp-fb:* nack",
        "a=rtcp-fb:111 nack",
        "a=ssrc-group:SIM 1 2",
        "a=extmap:1/inactive urn:ietf:params:rtp-hdrext:sdes:mid",
        "a=extmap:900 urn:ietf:params:rtp-hdrext:sdes:mid",
        "a=extmap:x urn:y",
        "a=extmap:",
        "a=rid:a recv",
        "a=candidate:whatever",
        "a=fingerprint:sha-1 00",
    ];
    let offer = parse(&small(&lines.join("\r\n"))).unwrap();
    let media = &offer.media[0];
    assert_eq!(media.codecs[0].feedback, ["nack"]);
    assert_eq!(media.extensions, ExtensionMap::default());
    assert!(media.rids.is_empty());
}

#[test]
fn codecs_without_a_name_and_strange_retransmissions_are_left_out() {
    let lines = [
        "a=rtpmap:97 rtx/90000",
        "a=fmtp:97 rtx-time=3000; apt=111",
        "a=rtpmap:98 RTX/90000",
        "a=fmtp:98 apt=300",
        "a=rtpmap:99 rtx/90000",
        "a=rtpmap:50 X/1",
    ];
    let text = small(&lines.join("\r\n")).replace("SAVPF 111", "SAVPF 0 111 98 99 97");
    let offer = parse(&text).unwrap();
    assert_eq!(names(&offer.media[0]), [(111, "opus", Some(97))]);
    assert_eq!(offer.media[0].formats, "0 111 98 99 97");
}

#[test]
fn offers_that_nobody_should_send_are_refused_with_their_reason() {
    let without = |line: &str| small("").replace(line, "a=nothing");
    let second = "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:";
    let cases = [
        (String::new(), OfferError::Unsupported),
        ("hello".to_owned(), OfferError::Malformed),
        ("v=1\r\n".to_owned(), OfferError::Malformed),
        ("v=0\r\n".to_owned(), OfferError::Unsupported),
        (small("nonsense\r\n"), OfferError::Malformed),
        (small("xy=1\r\n"), OfferError::Malformed),
        (small("a=fmtp:111 x=\u{7}\r\n"), OfferError::Malformed),
        (small("a=fmtp:111 one\rline\r\n"), OfferError::Malformed),
        (without("a=mid:0"), OfferError::Malformed),
        (small("a=mid:a b\r\n"), OfferError::Malformed),
        (small(&format!("{second}0\r\n")), OfferError::Sections),
        (without("a=ice-ufrag:abcd"), OfferError::Unsupported),
        (small("").replace("a=ice-pwd:", "a=x:"), OfferError::Unsupported),
        (small("").replace("a=fingerprint:", "a=x:"), OfferError::Unsupported),
        (small("").replace("sha-256", "sha-512"), OfferError::Unsupported),
        (small("a=fingerprint:sha-256 AA:BB\r\n"), OfferError::Malformed),
        (small("a=fingerprint:sha-256\r\n"), OfferError::Malformed),
        (small("a=ice-ufrag:abc\r\n"), OfferError::Malformed),
        (small("a=ice-pwd:short\r\n"), OfferError::Malformed),
        (small(&format!("a=ice-ufrag:{}\r\n", "a".repeat(257))), OfferError::Malformed),
        (small("a=setup:passive\r\n"), OfferError::Unsupported),
        (small("a=setup:holdconn\r\n"), OfferError::Unsupported),
        (small("").replace("SAVPF 111", "SAVPF 111 128"), OfferError::Malformed),
        (small("").replace("SAVPF 111", "SAVPF 111 111"), OfferError::Malformed),
        (small("").replace("SAVPF 111", "SAVPF opus"), OfferError::Malformed),
        (small("").replace("SAVPF 111", "SAVPF"), OfferError::Malformed),
        (small("").replace("m=audio 9", "m=audio 99999"), OfferError::Malformed),
        (small("").replace("m=audio", "m=text"), OfferError::Unsupported),
        (small("a=rtpmap:200 x/8000\r\n"), OfferError::Malformed),
        (small("a=rtpmap:111 opus\r\n"), OfferError::Malformed),
        (small("a=rtpmap:111 opus/0\r\n"), OfferError::Malformed),
        (small("a=rtpmap:111 opus/48000/999\r\n"), OfferError::Malformed),
        (small("a=fmtp:128 x\r\n"), OfferError::Malformed),
        (small("a=rtcp-fb:128 nack\r\n"), OfferError::Malformed),
        (small("a=rid:a;b send\r\n"), OfferError::Malformed),
        (small("a=ssrc:4294967296 cname:x\r\n"), OfferError::Malformed),
        (small("a=ssrc-group:FID 1\r\n"), OfferError::Malformed),
    ];
    for (text, error) in cases {
        assert_eq!(parse(&text), Err(error), "{text}");
    }
    assert!(parse(&small(&format!("a=setup:active\r\n{second}1\r\n"))).is_ok());
}

#[test]
fn limits_hold() {
    let limits = SfuConfig::default();
    let section = |mid: usize| format!("m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:{mid}\r\n");
    let sections = |count: usize| (1..count).map(section).collect::<String>();
    assert_eq!(parse(&small(&sections(limits.max_sections))).unwrap().media.len(), limits.max_sections);
    assert_eq!(parse(&small(&sections(limits.max_sections + 1))), Err(OfferError::TooLarge));

    // The small offer's section has four attributes of its own.
    assert!(parse(&small(&"a=x\r\n".repeat(296))).is_ok());
    assert_eq!(parse(&small(&"a=x\r\n".repeat(297))), Err(OfferError::TooLarge));
    assert_eq!(parse(&format!("v=0\r\n{}", "a=x\r\n".repeat(301))), Err(OfferError::TooLarge));

    assert_eq!(parse(&small(&"b=\r\n".repeat(20_000))), Err(OfferError::TooLarge));
    let filled = small(&format!("b={}", "x".repeat(limits.max_offer_bytes - small("b=").len())));
    assert_eq!(filled.len(), limits.max_offer_bytes);
    assert!(parse(&filled).is_ok());
    assert_eq!(parse(&(filled + "x")), Err(OfferError::TooLarge));
}

#[test]
fn a_section_that_the_client_gave_up_is_rejected() {
    assert!(parse(&small("").replace("m=audio 9", "m=audio 0")).unwrap().media[0].rejected);
    assert!(!parse(&small("a=bundle-only\r\n").replace("m=audio 9", "m=audio 0")).unwrap().media[0].rejected);
}

const CANDIDATES: [&str; 3] = ["192.0.2.1:5000", "[2001:db8::1]:5000", "10.0.0.1:5000"];

fn answer(offer: &SdpOffer, sections: &[AnswerSection<'_>]) -> String {
    let addresses = CANDIDATES.iter().map(|text| text.parse::<SocketAddr>().unwrap());
    let tcp = Endpoint::tcp("192.0.2.1:5001".parse().unwrap());
    let candidates: Vec<_> = addresses.map(Endpoint::udp).chain([tcp]).collect();
    let transport = AnswerTransport {
        ufrag: "serverfrag",
        pwd: "serverpasswordserverpass",
        fingerprint: "sha-256 00:11",
        candidates: &candidates,
        session_id: 42,
        version: 3,
    };
    write_answer(offer, &transport, sections)
}

/// What a server answers to the offers above: it receives, fills the first slot, leaves the second one without
/// media and refuses the audio slot.
fn everything<'a>(audio: &'a [Pt], video: &'a [Pt]) -> [AnswerSection<'a>; 8] {
    [
        AnswerSection::Receive { codecs: audio },
        AnswerSection::Receive { codecs: video },
        AnswerSection::Send { codecs: video, stream: "slot0", track: "slot0-v", ssrc: Ssrc(100), rtx: Some(Ssrc(101)) },
        AnswerSection::Send { codecs: audio, stream: "slot0", track: "slot0-a", ssrc: Ssrc(102), rtx: None },
        AnswerSection::Inactive,
        AnswerSection::Inactive,
        AnswerSection::Reject,
        AnswerSection::Data,
    ]
}

#[test]
fn answers_are_these_texts() {
    let cases = [
        (CHROMIUM, [Pt(111)], [Pt(96)], include_str!("fixtures/chromium.answer.sdp")),
        (FIREFOX, [Pt(109)], [Pt(120)], include_str!("fixtures/firefox.answer.sdp")),
    ];
    for (offer, audio, video, expected) in cases {
        let text = answer(&parse(offer).unwrap(), &everything(&audio, &video));
        assert!(text.lines().count() == text.matches("\r\n").count(), "every line ends with CR LF");
        assert_eq!(text.replace("\r\n", "\n"), expected);
    }
}

#[test]
fn candidates_stand_once_with_falling_priorities() {
    let offer = parse(CHROMIUM).unwrap();
    let mut sections = everything(&[Pt(111)], &[Pt(96)]);
    sections[0] = AnswerSection::Reject;
    let text = answer(&offer, &sections);
    let second = text.find("m=video 9").unwrap();
    let third = text[second + 1..].find("m=video 9").unwrap() + second;
    let candidates: Vec<_> = text.match_indices("a=candidate:").map(|(at, _)| at).collect();
    assert_eq!(candidates.len(), 4);
    assert!(candidates.iter().all(|at| (second..third).contains(at)), "in the first accepted section");
    let priorities: Vec<u32> = text
        .lines()
        .filter(|line| line.starts_with("a=candidate"))
        .map(|line| line.split(' ').nth(3).unwrap().parse().unwrap())
        .collect();
    assert_eq!(priorities, [2_130_706_431, 2_130_706_175, 2_130_705_919, 1_520_434_431]);
    assert!(text.contains("a=group:BUNDLE 1 2 3 4 5 7\r\n"), "without the sections that are refused");
}

#[test]
fn what_cannot_be_answered_is_refused() {
    let offer = parse(CHROMIUM).unwrap();
    // Codecs that were not offered, data in a media section, media in the data section, and nothing for the others.
    let text =
        answer(&offer, &[AnswerSection::Receive { codecs: &[Pt(1)] }, AnswerSection::Data, AnswerSection::Inactive]);
    assert!(text.contains("a=group:BUNDLE 2\r\n"));
    assert_eq!(text.matches(" 0 UDP/").count(), 7);
    let mut rejected = parse(CHROMIUM).unwrap();
    rejected.media.iter_mut().for_each(|media| media.rejected = true);
    let text = answer(&rejected, &everything(&[Pt(111)], &[Pt(96)]));
    assert!(text.contains("a=group:BUNDLE\r\n") && !text.contains("a=candidate"));
}

#[test]
fn without_a_stream_of_retransmissions_none_are_agreed_on() {
    let offer = parse(CHROMIUM).unwrap();
    let video = [Pt(96)];
    let send = AnswerSection::Send { codecs: &video, stream: "s", track: "t", ssrc: Ssrc(1), rtx: None };
    let text = answer(&offer, &[AnswerSection::Reject, AnswerSection::Reject, send]);
    assert!(text.contains("m=video 9 UDP/TLS/RTP/SAVPF 96\r\n") && !text.contains("rtx") && !text.contains("FID"));
}

#[test]
fn dependency_descriptors_are_agreed_on_where_av1_is_received_and_nowhere_else() {
    let offer = parse(&CHROMIUM.replace("VP8/90000", "AV1/90000")).unwrap();
    let text = answer(&offer, &everything(&[Pt(111)], &[Pt(96)]));
    let sections: Vec<&str> = text.split("m=").filter(|section| section.starts_with("video")).collect();
    let agreed = sections.iter().map(|section| section.contains(ExtensionMap::DEPENDENCY_DESCRIPTOR));
    assert_eq!(agreed.collect::<Vec<_>>(), sections.iter().map(|text| text.contains("recvonly")).collect::<Vec<_>>());
    assert!(text.contains(ExtensionMap::DEPENDENCY_DESCRIPTOR));
}

#[test]
fn our_answer_reads_as_a_description() {
    let offer = parse(CHROMIUM).unwrap();
    let text = answer(&offer, &everything(&[Pt(111)], &[Pt(96)]))
        .replace("sha-256 00:11", &offer.fingerprint)
        .replace("setup:passive", "setup:active");
    let read = parse(&text).unwrap();
    assert_eq!(read.media[2].mid, Mid::parse("2").unwrap());
    assert_eq!(read.media[2].ssrcs, [(Ssrc(100), Some(Ssrc(101)))]);
    assert_eq!(names(&read.media[2]), names(&offer.media[2]));
    let expected = ExtensionMap { dependency_descriptor: 0, ..offer.media[1].extensions };
    assert_eq!(read.media[1].extensions, expected);
    assert_eq!(read.media[1].direction, Direction::RecvOnly);
    assert!(read.media[6].rejected);
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in "(v=0\n)?([am]=)?\\PC*(\n[a-z]=\\PC{0,30}){0,10}") {
        let _ = parse(&text);
    }

    #[test]
    fn shuffled_and_cut_lines_never_panic_and_the_answer_keeps_every_section(
        lines in prop::collection::vec((0..400_usize, 0..120_usize), 0..120), firefox: bool,
    ) {
        let source: Vec<_> = if firefox { FIREFOX } else { CHROMIUM }.lines().collect();
        let mut text = small("");
        for (line, len) in lines {
            text.extend(source[line % source.len()].chars().take(len));
            text.push('\n');
        }
        if let Ok(offer) = parse(&text) {
            let answer = answer(&offer, &everything(&[Pt(111), Pt(109)], &[Pt(96), Pt(120)]));
            prop_assert_eq!(answer.matches("\r\nm=").count(), offer.media.len());
        }
    }
}
