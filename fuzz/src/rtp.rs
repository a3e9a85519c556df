//! RTP headers and their extensions: seven bytes of extension ids, then a packet.

use confab_sfu::core::rtp::{ExtensionMap, Extensions, OutgoingHeader, RtpHeader, without_padding, write_header};

use crate::bytes::Bytes;

pub(crate) fn run(data: &[u8]) {
    let mut input = Bytes(data);
    let map = extension_map(&mut input);
    let packet = input.0;
    let Ok(header) = RtpHeader::parse(packet) else { return };
    assert!(header.len <= packet.len());
    if let Ok(payload) = without_padding(&header, &packet[header.len..]) {
        assert_eq!(payload.len() == packet.len() - header.len, !header.padding);
    }
    let extensions = Extensions::parse(&header, packet, &map);

    // What was understood survives being written and read again.
    let outgoing = OutgoingHeader {
        marker: header.marker,
        padding: header.padding,
        pt: header.pt,
        seq: header.seq,
        timestamp: header.timestamp,
        ssrc: header.ssrc,
    };
    let mut written = Vec::new();
    let len = write_header(&mut written, &outgoing, &extensions, &map);
    let again = RtpHeader::parse(&written).expect("what we write can be read");
    assert_eq!((again.len, len), (written.len(), written.len()));
    let back = OutgoingHeader {
        marker: again.marker,
        padding: again.padding,
        pt: again.pt,
        seq: again.seq,
        timestamp: again.timestamp,
        ssrc: again.ssrc,
    };
    assert_eq!(back, outgoing);
    assert_eq!(Extensions::parse(&again, &written, &map), extensions);
}

/// Ids as a session description can agree on them: no two extensions share one.
fn extension_map(input: &mut Bytes<'_>) -> ExtensionMap {
    let mut ids = [0; 7];
    for place in 0..ids.len() {
        let id = input.u8();
        ids[place] = if ids.contains(&id) { 0 } else { id };
    }
    let [mid, rid, repaired_rid, transport_cc, abs_send_time, audio_level, video_orientation] = ids;
    let most = ExtensionMap { mid, rid, repaired_rid, transport_cc, abs_send_time, audio_level, ..Default::default() };
    ExtensionMap { video_orientation, ..most }
}
