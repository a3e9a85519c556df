//! Writing RTCP. Each function appends one or more whole packets, so that calls in a row make a compound.

use super::super::Ssrc;
use super::{ReportBlock, VERSION, format, kind};

/// Most entries that the header's five bits can count.
const MAX_COUNT: usize = 31;

/// Appends a packet: its header, what `body` writes, zeros up to a multiple of four bytes, and the length.
fn packet(out: &mut Vec<u8>, count: u8, kind: u8, body: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.extend_from_slice(&[VERSION << 6 | count & 0x1f, kind, 0, 0]);
    body(out);
    let words = (out.len() - start).div_ceil(4);
    out.resize(start + 4 * words, 0);
    out[start + 2..start + 4].copy_from_slice(&(words as u16 - 1).to_be_bytes());
}

fn feedback(out: &mut Vec<u8>, format: u8, kind: u8, sender: Ssrc, media: Ssrc, body: impl FnOnce(&mut Vec<u8>)) {
    packet(out, format, kind, |out| {
        put32(out, sender.0);
        put32(out, media.0);
        body(out);
    });
}

fn put16(out: &mut Vec<u8>, value: u16) {
    out.extend_from_slice(&value.to_be_bytes());
}

fn put32(out: &mut Vec<u8>, value: u32) {
    out.extend_from_slice(&value.to_be_bytes());
}

fn put_report(out: &mut Vec<u8>, report: &ReportBlock) {
    put32(out, report.ssrc.0);
    let lost = report.cumulative_lost.clamp(-0x80_0000, 0x7f_ffff) as u32 & 0xff_ffff;
    put32(out, u32::from(report.fraction_lost) << 24 | lost);
    put32(out, report.highest_seq);
    put32(out, report.jitter);
    put32(out, report.last_sr);
    put32(out, report.delay_since_sr);
}

/// Appends a sender report and the source description with `cname` that must go with it (RFC 3550 section 6.1,
/// <https://www.rfc-editor.org/rfc/rfc3550#section-6.1>).
///
/// `ntp` is seconds since 1900 in 32.32 fixed point, `rtp` the same moment in the stream's timestamps. At most 31
/// `reports` and 255 bytes of `cname` are written.
#[expect(clippy::too_many_arguments, reason = "they are the fields of the packet")]
pub fn sender_report(
    out: &mut Vec<u8>,
    ssrc: Ssrc,
    ntp: u64,
    rtp: u32,
    packets: u32,
    octets: u32,
    reports: &[ReportBlock],
    cname: &str,
) {
    let count = reports.len().min(MAX_COUNT);
    packet(out, count as u8, kind::SENDER_REPORT, |out| {
        put32(out, ssrc.0);
        out.extend_from_slice(&ntp.to_be_bytes());
        put32(out, rtp);
        put32(out, packets);
        put32(out, octets);
        reports.iter().take(count).for_each(|report| put_report(out, report));
    });
    source_description(out, ssrc, cname);
}

fn source_description(out: &mut Vec<u8>, ssrc: Ssrc, cname: &str) {
    packet(out, 1, kind::SOURCE_DESCRIPTION, |out| {
        let name = &cname.as_bytes()[..cname.len().min(255)];
        put32(out, ssrc.0);
        out.extend_from_slice(&[1, name.len() as u8]);
        out.extend_from_slice(name);
        // At least one zero ends the chunk; `packet` adds the others.
        out.push(0);
    });
}

/// Appends receiver reports: one packet for each 31 `reports`, and an empty one if there are none.
pub fn receiver_report(out: &mut Vec<u8>, ssrc: Ssrc, reports: &[ReportBlock]) {
    let mut rest = reports;
    loop {
        let (now, later) = rest.split_at(rest.len().min(MAX_COUNT));
        packet(out, now.len() as u8, kind::RECEIVER_REPORT, |out| {
            put32(out, ssrc.0);
            now.iter().for_each(|report| put_report(out, report));
        });
        rest = later;
        if rest.is_empty() {
            return;
        }
    }
}

/// Appends a request to send packets of `media` again (RFC 4585 section 6.2.1,
/// <https://www.rfc-editor.org/rfc/rfc4585#section-6.2.1>). `lost` should ascend, wrapping around, so that up to 17
/// numbers share one entry. Nothing is written if it is empty.
pub fn nack(out: &mut Vec<u8>, sender: Ssrc, media: Ssrc, lost: &[u16]) {
    let Some((&first, following)) = lost.split_first() else { return };
    feedback(out, format::NACK, kind::TRANSPORT_FEEDBACK, sender, media, |out| {
        let mut base = first;
        let mut mask = 0;
        for &seq in following {
            match seq.wrapping_sub(base) {
                0 => {}
                ahead @ 1..=16 => mask |= 1 << (ahead - 1),
                _ => {
                    put16(out, base);
                    put16(out, mask);
                    (base, mask) = (seq, 0);
                }
            }
        }
        put16(out, base);
        put16(out, mask);
    });
}

/// Appends a request for a keyframe (RFC 4585 section 6.3.1, <https://www.rfc-editor.org/rfc/rfc4585#section-6.3.1>).
pub fn pli(out: &mut Vec<u8>, sender: Ssrc, media: Ssrc) {
    feedback(out, format::PLI, kind::PAYLOAD_FEEDBACK, sender, media, |_| {});
}

/// Appends a request for a keyframe in the older form (RFC 5104 section 4.3.1,
/// <https://www.rfc-editor.org/rfc/rfc5104#section-4.3.1>). `number` must differ from that of the request before.
pub fn fir(out: &mut Vec<u8>, sender: Ssrc, media: Ssrc, number: u8) {
    // The header's media SSRC is not used; the entry names the stream.
    feedback(out, format::FIR, kind::PAYLOAD_FEEDBACK, sender, Ssrc(0), |out| {
        put32(out, media.0);
        out.extend_from_slice(&[number, 0, 0, 0]);
    });
}

/// Appends a bandwidth estimate in bits per second (draft-alvestrand-rmcat-remb-03 section 2.2,
/// <https://datatracker.ietf.org/doc/html/draft-alvestrand-rmcat-remb-03#section-2.2>), rounded down to 18 bits. At
/// most 255 `ssrcs` are written.
pub fn remb(out: &mut Vec<u8>, sender: Ssrc, bitrate: u64, ssrcs: &[Ssrc]) {
    feedback(out, format::APPLICATION, kind::PAYLOAD_FEEDBACK, sender, Ssrc(0), |out| {
        let exponent = (64 - bitrate.leading_zeros()).saturating_sub(18);
        let count = ssrcs.len().min(255);
        out.extend_from_slice(b"REMB");
        put32(out, (count as u32) << 24 | exponent << 18 | (bitrate >> exponent) as u32);
        ssrcs.iter().take(count).for_each(|ssrc| put32(out, ssrc.0));
    });
}

/// Appends the end of a stream (RFC 3550 section 6.6, <https://www.rfc-editor.org/rfc/rfc3550#section-6.6>).
pub fn bye(out: &mut Vec<u8>, ssrc: Ssrc) {
    packet(out, 1, kind::BYE, |out| put32(out, ssrc.0));
}

/// Appends transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1,
/// <https://datatracker.ietf.org/doc/html/draft-holmer-rmcat-transport-wide-cc-extensions-01#section-3.1>).
///
/// `reference_time` is in units of 64 ms (24 bits). Each entry of `deltas` is one packet, from `base_seq` on: the time
/// in ticks of 250 µs since the arrival before, or since the reference time for the first, or `None` if it is lost.
pub fn transport_cc(
    out: &mut Vec<u8>,
    sender: Ssrc,
    media: Ssrc,
    base_seq: u16,
    reference_time: u32,
    feedback_count: u8,
    deltas: &[Option<i16>],
) {
    // The header counts 16 bits of packets, and chunks and deltas must fit the length.
    let deltas = &deltas[..deltas.len().min(0x3fff)];
    feedback(out, format::TRANSPORT_CC, kind::TRANSPORT_FEEDBACK, sender, media, |out| {
        put16(out, base_seq);
        put16(out, deltas.len() as u16);
        put32(out, reference_time << 8 | u32::from(feedback_count));
        put_chunks(out, deltas);
        for delta in deltas.iter().flatten() {
            match u8::try_from(*delta) {
                Ok(small) => out.push(small),
                Err(_) => out.extend_from_slice(&delta.to_be_bytes()),
            }
        }
    });
}

/// Status of a packet, as in the draft's section 3.1.1.
fn symbol(delta: Option<i16>) -> u16 {
    match delta {
        None => 0,
        Some(0..=255) => 1,
        Some(_) => 2,
    }
}

/// Appends status chunks, each as the kind that tells of most packets.
fn put_chunks(out: &mut Vec<u8>, mut deltas: &[Option<i16>]) {
    while let Some(&first) = deltas.first() {
        let first = symbol(first);
        let run = deltas.iter().take(0x1fff).take_while(|delta| symbol(**delta) == first).count();
        // A vector tells of 14 or 7 packets; places beyond the last packet are ignored.
        let simple = deltas.iter().take(14).all(|delta| symbol(*delta) < 2);
        let taken = if run >= 14 || run == deltas.len() {
            put16(out, first << 13 | run as u16);
            run
        } else if simple {
            put16(out, 0x8000 | vector(deltas, 14, 1));
            14
        } else {
            put16(out, 0xc000 | vector(deltas, 7, 2));
            7
        };
        deltas = deltas.get(taken..).unwrap_or_default();
    }
}

/// The statuses of `len` packets, the first one in the highest of 14 bits; those that do not exist are 0.
fn vector(deltas: &[Option<i16>], len: usize, bits: u32) -> u16 {
    (0..len).fold(0, |vector, place| vector << bits | deltas.get(place).map_or(0, |delta| symbol(*delta)))
}
