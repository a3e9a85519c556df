//! Unprotecting what a peer sends, with its roll-over counters and replay windows.

use super::ENCRYPTED;
use super::cipher::{Cipher, rtcp_ssrc};
use crate::core::rtp::{RtpHeader, Seen, SeqNo, SeqWindow, Ssrc};
use crate::core::stats::DropReason;

/// Senders of RTCP that one peer may be. It is more than RTP streams, as Firefox reports for each section that it
/// receives under an SSRC of its own.
const MAX_RTCP_SENDERS: usize = 512;

/// Unprotects what one peer sends.
pub struct SrtpInbound {
    rtp: Cipher,
    pub(super) rtcp: Cipher,
    streams: Windows,
    rtcp_senders: Windows,
}

impl SrtpInbound {
    pub(super) fn new(rtp: Cipher, rtcp: Cipher, max_streams: usize) -> Self {
        Self { rtp, rtcp, streams: Windows::new(max_streams), rtcp_senders: Windows::new(MAX_RTCP_SENDERS) }
    }

    /// Checks and decrypts an RTP packet in place. `header` must be what [`RtpHeader::parse`] made of `packet`.
    /// Returns the extended sequence number and the payload, with padding if there is any.
    ///
    /// Whatever fails leaves no trace in the state, so that forged packets cannot harm a stream.
    pub fn unprotect_rtp<'p>(
        &mut self,
        header: &RtpHeader,
        packet: &'p mut [u8],
    ) -> Result<(SeqNo, &'p mut [u8]), DropReason> {
        let place = self.streams.find(header.ssrc)?;
        let seq = SeqNo::extend(self.streams.highest(place), header.seq);
        self.streams.check(place, seq)?;
        let payload = self.rtp.open_rtp(header, seq, packet)?;
        self.streams.record(place, header.ssrc, seq);
        Ok((seq, payload))
    }

    /// Checks and decrypts an RTCP compound in place and returns it without its trailer.
    ///
    /// The index counts for each sending SSRC: libsrtp, and so every browser, keeps one per stream.
    pub fn unprotect_rtcp<'p>(&mut self, packet: &'p mut [u8]) -> Result<&'p [u8], DropReason> {
        let ssrc = rtcp_ssrc(packet).ok_or(DropReason::Malformed)?;
        let word = self.rtcp.rtcp_word(packet).ok_or(DropReason::Malformed)?;
        if word & ENCRYPTED == 0 {
            // WebRTC has no unencrypted SRTCP.
            return Err(DropReason::Authentication);
        }
        let index = SeqNo(u64::from(word & !ENCRYPTED));
        let place = self.rtcp_senders.find(ssrc)?;
        self.rtcp_senders.check(place, index)?;
        let compound = self.rtcp.open_rtcp(word, packet)?;
        self.rtcp_senders.record(place, ssrc, index);
        Ok(compound)
    }
}

/// Replay windows by SSRC.
///
/// There are few, so that a scan over the SSRCs alone is faster than hashing.
struct Windows {
    ssrcs: Vec<Ssrc>,
    windows: Vec<SeqWindow>,
    limit: usize,
}

impl Windows {
    fn new(limit: usize) -> Self {
        Self { ssrcs: Vec::new(), windows: Vec::new(), limit }
    }

    /// The place of `ssrc`; `None` if it is new and there is room for it.
    fn find(&self, ssrc: Ssrc) -> Result<Option<usize>, DropReason> {
        match self.ssrcs.iter().position(|known| *known == ssrc) {
            None if self.ssrcs.len() >= self.limit => Err(DropReason::TooManyStreams),
            place => Ok(place),
        }
    }

    fn window(&self, place: Option<usize>) -> Option<&SeqWindow> {
        self.windows.get(place?)
    }

    fn highest(&self, place: Option<usize>) -> Option<SeqNo> {
        self.window(place)?.highest()
    }

    fn check(&self, place: Option<usize>, seq: SeqNo) -> Result<(), DropReason> {
        match self.window(place).map(|window| window.check(seq)) {
            Some(Seen::Already | Seen::TooOld) => Err(DropReason::Replay),
            Some(Seen::Ahead | Seen::Missing) | None => Ok(()),
        }
    }

    fn record(&mut self, place: Option<usize>, ssrc: Ssrc, seq: SeqNo) {
        match place.and_then(|place| self.windows.get_mut(place)) {
            Some(window) => {
                window.record(seq);
            }
            None => {
                let mut window = SeqWindow::default();
                window.record(seq);
                self.ssrcs.push(ssrc);
                self.windows.push(window);
            }
        }
    }
}
