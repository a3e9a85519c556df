//! Protection against published vectors, and against whoever forges, replays and reorders packets.

use proptest::prelude::*;

use super::cipher::{Cipher, derive};
use super::*;
use crate::core::rtp::{ExtensionMap, Extensions, OutgoingHeader, Pt, RtpHeader, write_header};
use crate::core::stats::DropReason;

const PROFILES: [SrtpProfile; 3] =
    [SrtpProfile::AeadAes256Gcm, SrtpProfile::AeadAes128Gcm, SrtpProfile::Aes128CmSha1_80];

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<_> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// The server's end and the client's end of one connection.
fn pair(profile: SrtpProfile) -> (Srtp, Srtp) {
    let len = 2 * (profile.key_len() + profile.salt_len());
    let material: Vec<u8> = (0..len).map(|byte| (byte * 7 + 3) as u8).collect();
    (Srtp::from_dtls(profile, &material, true, 4).unwrap(), Srtp::from_dtls(profile, &material, false, 4).unwrap())
}

fn rtp(sender: &mut Srtp, ssrc: Ssrc, seq: SeqNo, payload: &[u8]) -> Vec<u8> {
    let header = OutgoingHeader { marker: true, padding: false, pt: Pt(96), seq: seq.low(), timestamp: 9, ssrc };
    let map = ExtensionMap { transport_cc: 3, ..Default::default() };
    let extensions = Extensions { transport_cc: Some(77), ..Default::default() };
    let mut out = b"before".to_vec();
    let header_len = write_header(&mut out, &header, &extensions, &map);
    out.extend_from_slice(payload);
    sender.outbound.protect_rtp(ssrc, seq, header_len, 6, &mut out);
    assert_eq!(&out[..6], b"before");
    out.split_off(6)
}

fn open(receiver: &mut Srtp, packet: &[u8]) -> Result<(SeqNo, Vec<u8>), DropReason> {
    let mut packet = packet.to_vec();
    let header = RtpHeader::parse(&packet)?;
    let (seq, payload) = receiver.inbound.unprotect_rtp(&header, &mut packet)?;
    Ok((seq, payload.to_vec()))
}

fn open_rtcp(receiver: &mut Srtp, packet: &[u8]) -> Result<Vec<u8>, DropReason> {
    receiver.inbound.unprotect_rtcp(&mut packet.to_vec()).map(<[u8]>::to_vec)
}

/// RFC 3711 appendix B.3, <https://www.rfc-editor.org/rfc/rfc3711#appendix-B.3>.
#[test]
fn session_keys_are_those_of_rfc_3711() {
    let key = hex("E1F97A0D3E018BE0D64FA32C06DE4139");
    let salt = hex("0EC675AD498AFEEBB6960B3AABE6");
    assert_eq!(derive::<16>(&key, &salt, 0).unwrap().as_slice(), hex("C61E7A93744F39EE10734AFE3FF7A087"));
    assert_eq!(derive::<14>(&key, &salt, 2).unwrap().as_slice(), hex("30CBBC08863D8C85D49DB34A9AE1"));
    let authentication = hex("CEBE321F6FF7716B6FD4AB49AF256A156D38BAA48F0A0ACF3C34E2359E6CDBCE\
E049646C43D9327AD175578EF72270986371C10C9A369AC2F94A8C5FBCDDDC25\
6D6E919A48B610EF17C2041E474035766B68642C59BBFC2F34DB60DBDFB2");
    assert_eq!(derive::<94>(&key, &salt, 1).unwrap().as_slice(), authentication);
    assert_eq!(derive::<16>(&key, &salt, 3).unwrap().as_slice(), hex("4c1aa45a81f73d61c800bbb00fbb1eaa"));
    assert_eq!(derive::<20>(&key, &salt, 4).unwrap().as_slice(), hex("8d54534feb49ae8e7993a6bd0b844fc323a93dfd"));
    assert_eq!(derive::<14>(&key, &salt, 5).unwrap().as_slice(), hex("9581c7ad87b3e530bf3e4454a8b3"));
}

/// RFC 3711 appendix B.2, <https://www.rfc-editor.org/rfc/rfc3711#appendix-B.2>.
#[test]
fn the_keystream_is_that_of_rfc_3711() {
    let salt = hex("F0F1F2F3F4F5F6F7F8F9FAFBFCFD").try_into().unwrap();
    let cipher = Cipher::cm(&hex("2B7E151628AED2A6ABF7158809CF4F3C"), salt, &[0; 20]).unwrap();
    let mut out = vec![0; 48];
    cipher.seal_rtp(Ssrc(0), SeqNo(0), 0, 0, &mut out).unwrap();
    let keystream =
        "E03EAD0935C95E80E166B16DD92B4EB4 D23513162B02D0F72A43A2FE4A5F97AB 41E95B3BB0A2E8DD477901E4FCA894C0";
    assert_eq!(&out[..48], hex(keystream));
}

/// The packets with which libsrtp tests itself, under the master key of RFC 3711 appendix B.3.
#[test]
fn counter_mode_packets_are_those_of_libsrtp() {
    let key = hex("E1F97A0D3E018BE0D64FA32C06DE4139");
    let salt = hex("0EC675AD498AFEEBB6960B3AABE6");
    let material = [&key[..], &key, &salt, &salt].concat();
    let mut srtp = Srtp::from_dtls(SrtpProfile::Aes128CmSha1_80, &material, true, 1).unwrap();

    let mut out = hex("800f1234decafbadcafebabe abababababababababababababababab");
    srtp.outbound.protect_rtp(Ssrc(0xcafe_babe), SeqNo(0x1234), 12, 0, &mut out);
    assert_eq!(out, hex("800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402b78d6acc99ea179b8dbb"));
    assert_eq!(open(&mut srtp, &out), Ok((SeqNo(0x1234), vec![0xab; 16])));

    let plain = hex("81c8000bcafebabe abababababababababababababababab");
    let mut out = plain.clone();
    srtp.outbound.protect_rtcp(0, &mut out);
    assert_eq!(out, hex("81c8000bcafebabe7128035be487b9bdbef89041f977a5a880000001993e08cd54d6c1230798"));
    assert_eq!(open_rtcp(&mut srtp, &out), Ok(plain));
}

const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

fn gcm(key_len: usize) -> Cipher {
    Cipher::gcm(&hex(KEY)[..key_len], hex("517569642070726f2071756f").try_into().unwrap()).unwrap()
}

/// RFC 7714 section 16, <https://www.rfc-editor.org/rfc/rfc7714#section-16>.
#[test]
fn rtp_under_gcm_is_that_of_rfc_7714() {
    let header = "8040f17b8041f8d35501a0b2";
    let payload = b"Gallia est omnis divisa in partes tres";
    let cases = [
        (
            16,
            "f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b\
36de3adf8833899d7f27beb16a9152cf765ee4390cce",
        ),
        (
            32,
            "32b1de78a822fe12ef9f78fa332e33aab18012389a58e2f3b50b2a0276ffae0f\
1ba63799b87b7aa3db36dfffd6b0f9bb7878d7a76c13",
        ),
    ];
    for (key_len, expected) in cases {
        let mut out = [&hex(header), payload.as_slice()].concat();
        gcm(key_len).seal_rtp(Ssrc(0x5501_a0b2), SeqNo(0xf17b), 12, 0, &mut out).unwrap();
        assert_eq!(out, [hex(header), hex(expected)].concat());
        let header = RtpHeader::parse(&out).unwrap();
        assert_eq!(gcm(key_len).open_rtp(&header, SeqNo(0xf17b), &mut out).unwrap(), payload);
    }
}

/// RFC 7714 section 17, <https://www.rfc-editor.org/rfc/rfc7714#section-17>.
#[test]
fn rtcp_under_gcm_is_that_of_rfc_7714() {
    let plain = hex("81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61\
deadbeefdeadbeefdeadbeefdeadbeefdeadbeef");
    let cases = [
        (
            16,
            "63e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda\
4ce09b4686303ded0bb9275bc84aa45896cf4d2fc5abf87245d9eade800005d4",
        ),
        (
            32,
            "d50ae4d1f5ce5d304ba297e47d470c282c3ece5dbffe0a50a2eaa5c1110555be\
8415f658c61de0476f1b6fad1d1eb30c4446839f57ff6f6cb26ac3be800005d4",
        ),
    ];
    for (key_len, expected) in cases {
        let mut out = plain.clone();
        gcm(key_len).seal_rtcp(0x5d4, 0, &mut out).unwrap();
        assert_eq!(out, [hex("81c8000d4d617273"), hex(expected)].concat());
        let word = gcm(key_len).rtcp_word(&out).unwrap();
        assert_eq!(word, 0x8000_05d4);
        assert_eq!(gcm(key_len).open_rtcp(word, &mut out).unwrap(), plain);
    }
}

#[test]
fn packets_read_back_in_both_directions() {
    for profile in PROFILES {
        let (mut server, mut client) = pair(profile);
        for (n, payload) in [&b""[..], b"x", &[7; 1200]].into_iter().enumerate() {
            let seq = SeqNo(n as u64);
            let packet = rtp(&mut server, Ssrc(1), seq, payload);
            assert!(packet.len() <= 12 + 8 + payload.len() + SRTP_OVERHEAD);
            assert_eq!(open(&mut client, &packet), Ok((seq, payload.to_vec())), "{profile:?}");
            let packet = rtp(&mut client, Ssrc(1), seq, payload);
            assert_eq!(open(&mut server, &packet), Ok((seq, payload.to_vec())), "{profile:?}");
        }
    }
}

#[test]
fn protection_fits_into_the_overhead_that_is_announced() {
    for profile in PROFILES {
        let (mut server, _) = pair(profile);
        let mut out = Vec::with_capacity(1200 + SRTP_OVERHEAD);
        out.resize(1200, 7);
        let before = (out.as_ptr(), out.capacity());
        server.outbound.protect_rtp(Ssrc(1), SeqNo(1), 12, 0, &mut out);
        assert_eq!((out.as_ptr(), out.capacity()), before, "{profile:?}: no allocation");
    }
}

#[test]
fn compounds_read_back_and_count_from_one_for_each_sender() {
    for profile in PROFILES {
        let (mut server, mut client) = pair(profile);
        let mut compound = vec![];
        crate::core::rtp::rtcp::write::pli(&mut compound, Ssrc(1), Ssrc(2));
        for index in 1..3 {
            let mut out = compound.clone();
            server.outbound.protect_rtcp(0, &mut out);
            assert!(out.len() <= compound.len() + SRTCP_OVERHEAD);
            assert_eq!(client.inbound.rtcp.rtcp_word(&out), Some(ENCRYPTED | index));
            assert_eq!(open_rtcp(&mut client, &out), Ok(compound.clone()), "{profile:?}");
            assert_eq!(open_rtcp(&mut client, &out), Err(DropReason::Replay), "{profile:?}");
        }
        // Another sender may use the same indices.
        let mut other = vec![];
        crate::core::rtp::rtcp::write::pli(&mut other, Ssrc(3), Ssrc(2));
        server.outbound.rtcp_index = 0;
        let mut out = other.clone();
        server.outbound.protect_rtcp(0, &mut out);
        assert_eq!(open_rtcp(&mut client, &out), Ok(other), "{profile:?}");
    }
}

#[test]
fn rtcp_that_is_not_encrypted_is_refused() {
    let (_, mut client) = pair(SrtpProfile::AeadAes128Gcm);
    let mut packet = vec![0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2];
    packet.extend_from_slice(&[0; 16]);
    packet.extend_from_slice(&5_u32.to_be_bytes());
    assert_eq!(open_rtcp(&mut client, &packet), Err(DropReason::Authentication));
}

#[test]
fn the_roll_over_counter_follows_the_stream_and_late_packets() {
    for profile in PROFILES {
        let (mut server, mut client) = pair(profile);
        for seq in [65_533, 65_534, 65_537, 65_535, 65_536, 131_071, 131_073, 131_072].map(SeqNo) {
            let packet = rtp(&mut server, Ssrc(1), seq, b"frame");
            // A jump of a whole cycle at once is not in the game: only the low 16 bits travel.
            assert_eq!(open(&mut client, &packet), Ok((seq, b"frame".to_vec())), "{profile:?} {seq:?}");
            if seq == SeqNo(65_536) {
                for seq in (65_538..131_071).step_by(20_000).map(SeqNo) {
                    let packet = rtp(&mut server, Ssrc(1), seq, b"frame");
                    assert_eq!(open(&mut client, &packet).map(|(seq, _)| seq), Ok(seq));
                }
            }
        }
        let late = rtp(&mut server, Ssrc(1), SeqNo(131_073 - 1024), b"frame");
        assert_eq!(open(&mut client, &late), Err(DropReason::Replay));
        let late = rtp(&mut server, Ssrc(1), SeqNo(131_073 - 1023), b"frame");
        assert_eq!(open(&mut client, &late).map(|(seq, _)| seq), Ok(SeqNo(131_073 - 1023)));
        assert_eq!(open(&mut client, &late), Err(DropReason::Replay));
    }
}

#[test]
fn forged_packets_leave_no_trace() {
    for profile in PROFILES {
        let (mut server, mut client) = pair(profile);
        let good = rtp(&mut server, Ssrc(1), SeqNo(1), b"frame");
        assert!(open(&mut client, &good).is_ok());
        // With forged numbers and SSRCs neither the window nor the table of streams may move.
        for seq in [100_u16, 40_000, 2] {
            for ssrc in 1..100_u8 {
                let mut forged = rtp(&mut server, Ssrc(1), SeqNo(2), b"frame");
                forged[2..4].copy_from_slice(&seq.to_be_bytes());
                forged[11] = ssrc;
                if (seq, ssrc) != (2, 1) {
                    assert_eq!(open(&mut client, &forged), Err(DropReason::Authentication), "{profile:?}");
                }
            }
        }
        let next = rtp(&mut server, Ssrc(1), SeqNo(2), b"frame");
        assert_eq!(open(&mut client, &next).map(|(seq, _)| seq), Ok(SeqNo(2)), "{profile:?}");
    }
}

#[test]
fn no_flipped_bit_and_no_cut_is_accepted() {
    for profile in PROFILES {
        let (mut server, mut client) = pair(profile);
        let packet = rtp(&mut server, Ssrc(1), SeqNo(1), b"some frame");
        let mut report = vec![];
        crate::core::rtp::rtcp::write::receiver_report(&mut report, Ssrc(1), &[]);
        crate::core::rtp::rtcp::write::pli(&mut report, Ssrc(1), Ssrc(2));
        server.outbound.protect_rtcp(0, &mut report);
        for bit in 0..8 * packet.len() {
            let mut packet = packet.clone();
            packet[bit / 8] ^= 1 << (bit % 8);
            assert!(open(&mut client, &packet).is_err(), "{profile:?} {bit}");
        }
        for bit in 0..8 * report.len() {
            let mut report = report.clone();
            report[bit / 8] ^= 1 << (bit % 8);
            assert!(open_rtcp(&mut client, &report).is_err(), "{profile:?} {bit}");
        }
        for len in 0..packet.len() {
            assert!(open(&mut client, &packet[..len]).is_err(), "{profile:?} {len}");
        }
        for len in 0..report.len() {
            assert!(open_rtcp(&mut client, &report[..len]).is_err(), "{profile:?} {len}");
        }
        assert!(open(&mut client, &packet).is_ok());
        assert!(open_rtcp(&mut client, &report).is_ok());
    }
}

#[test]
fn a_peer_sends_no_more_streams_than_it_may() {
    let (mut server, mut client) = pair(SrtpProfile::AeadAes256Gcm);
    for ssrc in 0..4 {
        assert!(open(&mut client, &rtp(&mut server, Ssrc(ssrc), SeqNo(1), b"x")).is_ok());
    }
    assert_eq!(open(&mut client, &rtp(&mut server, Ssrc(4), SeqNo(1), b"x")), Err(DropReason::TooManyStreams));
    assert!(open(&mut client, &rtp(&mut server, Ssrc(0), SeqNo(2), b"x")).is_ok());
}

#[test]
fn what_cannot_be_protected_is_not_left_in_the_clear() {
    for profile in PROFILES {
        let (mut server, _) = pair(profile);
        let mut out = b"sent before, plaintext".to_vec();
        server.outbound.protect_rtp(Ssrc(1), SeqNo(1), 12, 11, &mut out);
        assert_eq!(out, b"sent before", "{profile:?}");
        server.outbound.protect_rtcp(7, &mut out);
        assert_eq!(out, b"sent be", "{profile:?}");
        server.outbound.rtcp_index = ENCRYPTED - 1;
        let mut out = vec![0; 20];
        server.outbound.protect_rtcp(0, &mut out);
        assert_eq!(out, [], "an index must not come twice");
    }
}

#[test]
fn keying_material_must_have_the_length_of_its_profile() {
    for (profile, len) in PROFILES.into_iter().zip([88, 56, 60]) {
        for wrong in [0, len - 1, len + 1, 200] {
            assert_eq!(Srtp::from_dtls(profile, &vec![0; wrong], true, 1).err(), Some(InvalidKeys));
        }
        assert!(Srtp::from_dtls(profile, &vec![0; len], true, 1).is_ok());
    }
}

proptest! {
    #[test]
    fn random_bytes_are_refused_without_a_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for profile in PROFILES {
            let (mut server, _) = pair(profile);
            prop_assert!(open_rtcp(&mut server, &bytes).is_err());
            prop_assert!(open(&mut server, &bytes).is_err());
            if let Some(first) = bytes.first_mut() {
                *first = 0x80 | *first & 0x3f;
            }
            prop_assert!(open(&mut server, &bytes).is_err());
        }
    }
}
