//! Authenticated nonsense in a running call: media and RTCP under the right keys, commands, and time that passes.

use std::time::Duration;

use confab_sfu::control::Command;
use confab_sfu::core::rtp::Ssrc;

use crate::bytes::Bytes;
use crate::raw::{Header, sdp};
use crate::scene::{Scene, check_counters};

/// Steps of one input; more only make it slow.
const MAX_STEPS: usize = 200;

pub(crate) fn run(data: &[u8]) {
    let mut scene = Scene::new();
    let mut highest = [1000_u64; 4];
    let mut input = Bytes(data);
    for _ in 0..MAX_STEPS {
        if input.is_empty() {
            break;
        }
        step(&mut scene, &mut highest, &mut input);
        scene.exchange();
    }
    scene.wait(Duration::from_millis(20));
    check_counters(&scene.worker);
    // A packet that came twice would not decrypt again either: no number is given to two packets.
    assert_eq!(scene.clients.each_ref().map(|client| client.undecryptable), [0, 0]);
}

fn step(scene: &mut Scene, highest: &mut [u64; 4], input: &mut Bytes<'_>) {
    let kind = input.u8();
    match kind % 8 {
        0..=2 => rtp(scene, highest, input),
        3 => {
            let client = &mut scene.clients[usize::from(kind >> 3 & 1)];
            let bytes = input.piece();
            client.send_rtcp(|out| {
                // The sender's own part of the header must be there for the keys to be of use.
                out.extend_from_slice(&[0x80 | kind >> 3, 200, 0, 1, 0, 0, 0, 1]);
                out[1] = bytes.first().map_or(201, |kind| 192 + kind % 32);
                let rest = bytes.get(1..).unwrap_or_default();
                out.extend_from_slice(rest);
                out.resize(out.len().next_multiple_of(4), 0);
                let words = if kind & 0x80 == 0 { out.len() / 4 - 1 } else { usize::from(input.u8()) };
                out[2..4].copy_from_slice(&(words as u16).to_be_bytes());
            });
        }
        4 => {
            let lines: Vec<_> = scene.clients[1].answer.lines.iter().map(|line| line.1).collect();
            let line = lines.get(usize::from(kind >> 3)).copied().unwrap_or_default();
            let last = scene.clients[1].received.last().map_or(0, |packet| packet.seq as u16);
            let lost: Vec<u16> = (0..input.u8()).map(|_| last.wrapping_sub(input.u8().into())).collect();
            match kind & 0x80 {
                0 => scene.clients[1].send_nack(line, &lost),
                _ => scene.clients[1].send_pli(line),
            }
        }
        5 => scene.wait(Duration::from_millis((input.u16() % 5000).into())),
        6 => scene.inject(usize::from(kind >> 3 & 1), input.piece()),
        _ => match kind >> 3 {
            0..8 => scene.want(input.u16()),
            number => {
                let (room, track) = (scene.ids.room, scene.ids.tracks[usize::from(number & 1)]);
                scene.command(Command::Mute { room, track, muted: number & 2 != 0 });
            }
        },
    }
}

/// A packet of one of the publisher's four streams: the encodings of its camera, and its microphone.
fn rtp(scene: &mut Scene, highest: &mut [u64; 4], input: &mut Bytes<'_>) {
    let (stream, flags, ahead) = (usize::from(input.u8() % 4), input.u8(), input.u16() as i16);
    // Far jumps are rare: most packets follow each other closely.
    let ahead = if flags & 1 == 0 { i64::from(ahead % 8) + 1 } else { i64::from(ahead) };
    let seq = highest[stream].saturating_add_signed(ahead);
    highest[stream] = highest[stream].max(seq);
    let (mid, rid) = [("0", "l"), ("0", "m"), ("0", "h"), ("1", "")][stream];
    let timestamp = input.u32();
    let level = [input.u8()];
    let mut extensions: Vec<(u8, &[u8])> = Vec::new();
    if flags & 2 == 0 {
        extensions.push((sdp::EXT_MID, mid.as_bytes()));
    }
    if flags & 4 == 0 && !rid.is_empty() {
        extensions.push((sdp::EXT_RID, rid.as_bytes()));
    }
    if flags & 8 == 0 {
        extensions.push((1, &level));
    }
    let pt = match (flags & 0x30, stream) {
        (0x10, _) => sdp::RTX,
        (0x20, _) => input.u8() % 128,
        (_, 3) => sdp::OPUS,
        _ => sdp::VP8,
    };
    let header =
        Header { pt, ssrc: Ssrc(100 + stream as u32).0, timestamp, marker: flags & 0x40 != 0, extensions: &extensions };
    let payload = input.piece();
    scene.clients[0].send_rtp_as(seq, &header, payload);
}
