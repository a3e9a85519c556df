//! Reception reports about one stream (RFC 3550 section 6.4.1, <https://www.rfc-editor.org/rfc/rfc3550#section-6.4.1>
//! and appendices A.3 and A.8, <https://www.rfc-editor.org/rfc/rfc3550#appendix-A.3>).

use std::time::Instant;

use crate::core::rtp::rtcp::ReportBlock;
use crate::core::rtp::{SeqNo, Ssrc};

/// What is known of how one stream arrives.
#[derive(Debug, Default)]
pub struct ReceiveReport {
    /// Lowest and highest number received.
    range: Option<(SeqNo, SeqNo)>,
    received: u64,
    /// Packets expected and received at the report before.
    reported: (u64, u64),
    /// The first arrival, from which arrivals are measured.
    epoch: Option<Instant>,
    /// Clock rate and relative transit time of the latest packet, in units of that rate.
    transit: Option<(u32, u32)>,
    /// 16 times the jitter, as in appendix A.8.
    jitter: u64,
    /// The latest sender report's time, as far as reports carry it, and its arrival.
    sender_report: Option<(u32, Instant)>,
}

impl ReceiveReport {
    /// Records a packet of the stream; not one that was sent again, as its timing means nothing. `clock_rate` is in
    /// units of `timestamp` per second.
    pub fn received(&mut self, seq: SeqNo, timestamp: u32, clock_rate: u32, now: Instant) {
        let (lowest, highest) = self.range.unwrap_or((seq, seq));
        self.range = Some((lowest.min(seq), highest.max(seq)));
        self.received += 1;
        let epoch = *self.epoch.get_or_insert(now);
        let arrival = now.saturating_duration_since(epoch).as_nanos() * u128::from(clock_rate) / 1_000_000_000;
        let transit = (arrival as u32).wrapping_sub(timestamp);
        let before = self.transit.replace((clock_rate, transit));
        // Across a change of codec the times cannot be compared.
        if let Some((_, before)) = before.filter(|(rate, _)| *rate == clock_rate) {
            let difference = u64::from((transit.wrapping_sub(before) as i32).unsigned_abs());
            self.jitter = self.jitter + difference - ((self.jitter + 8) >> 4);
        }
    }

    /// Records a sender report of the stream, made at `ntp` (seconds since 1900 in 32.32 fixed point).
    pub fn sender_report(&mut self, ntp: u64, now: Instant) {
        self.sender_report = Some(((ntp >> 16) as u32, now));
    }

    /// The report since the one before. All zero as long as nothing has arrived.
    pub fn block(&mut self, ssrc: Ssrc, now: Instant) -> ReportBlock {
        let expected = self.range.map_or(0, |(lowest, highest)| highest.0 - lowest.0 + 1);
        let lost = expected as i64 - self.received as i64;
        let (expected_before, received_before) = std::mem::replace(&mut self.reported, (expected, self.received));
        let expected_now = expected - expected_before;
        let lost_now = expected_now.saturating_sub(self.received - received_before);
        let (last_sr, delay_since_sr) = self.sender_report.map_or((0, 0), |(sent, arrived)| {
            let delay = now.saturating_duration_since(arrived).as_micros() * 65_536 / 1_000_000;
            (sent, u32::try_from(delay).unwrap_or(u32::MAX))
        });
        ReportBlock {
            ssrc,
            // A whole interval without a packet would be 256, which has no room.
            fraction_lost: (lost_now << 8).checked_div(expected_now).unwrap_or(0).min(255) as u8,
            cumulative_lost: lost.clamp(-0x80_0000, 0x7f_ffff) as i32,
            highest_seq: self.range.map_or(0, |(_, highest)| highest.0 as u32),
            jitter: u32::try_from(self.jitter >> 4).unwrap_or(u32::MAX),
            last_sr,
            delay_since_sr,
        }
    }
}
