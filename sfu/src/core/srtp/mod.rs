//! SRTP and SRTCP (RFC 3711, <https://www.rfc-editor.org/rfc/rfc3711>; AES-GCM: RFC 7714,
//! <https://www.rfc-editor.org/rfc/rfc7714>) with keys from DTLS (RFC 5764, <https://www.rfc-editor.org/rfc/rfc5764>).
//!
//! Encrypts and decrypts in place. Nothing here prints a key: none of these types has `Debug`.

mod cipher;
mod inbound;

use cipher::Cipher;
pub use inbound::SrtpInbound;

use super::rtp::{SeqNo, Ssrc};

/// Most bytes that protection adds to an RTP packet.
pub const SRTP_OVERHEAD: usize = 16;

/// Most bytes that protection adds to an RTCP compound.
pub const SRTCP_OVERHEAD: usize = 20;

/// Bytes of an RTCP packet that stay readable: the first header and its SSRC.
const RTCP_HEADER_LEN: usize = 8;

/// In the word with the index: the packet is encrypted.
const ENCRYPTED: u32 = 1 << 31;

/// How packets are protected, as DTLS negotiates it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SrtpProfile {
    /// AES-256 in Galois/counter mode, 16 bytes of tag (RFC 7714).
    AeadAes256Gcm,
    /// AES-128 in Galois/counter mode, 16 bytes of tag (RFC 7714).
    AeadAes128Gcm,
    /// AES-128 in counter mode, 10 bytes of HMAC-SHA1 (RFC 3711). Four times as slow: only for clients without GCM.
    Aes128CmSha1_80,
}

impl SrtpProfile {
    fn key_len(self) -> usize {
        if self == Self::AeadAes256Gcm { 32 } else { 16 }
    }

    fn salt_len(self) -> usize {
        if self == Self::Aes128CmSha1_80 { 14 } else { 12 }
    }
}

/// The keying material has the wrong length for its profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("SRTP keying material of the wrong length")]
pub struct InvalidKeys;

/// Both directions of one peer's protection.
pub struct Srtp {
    /// From the peer.
    pub inbound: SrtpInbound,
    /// To the peer.
    pub outbound: SrtpOutbound,
}

impl Srtp {
    /// Derives the session keys from what DTLS exported: client key, server key, client salt, server salt (RFC 5764
    /// section 4.2, <https://www.rfc-editor.org/rfc/rfc5764#section-4.2>).
    ///
    /// `server` tells whether we were the DTLS server. The peer may send at most `max_streams` RTP streams.
    pub fn from_dtls(
        profile: SrtpProfile,
        material: &[u8],
        server: bool,
        max_streams: usize,
    ) -> Result<Self, InvalidKeys> {
        let (key_len, salt_len) = (profile.key_len(), profile.salt_len());
        if material.len() != 2 * (key_len + salt_len) {
            return Err(InvalidKeys);
        }
        let (keys, salts) = material.split_at(2 * key_len);
        let (client_key, server_key) = keys.split_at(key_len);
        let (client_salt, server_salt) = salts.split_at(salt_len);
        let client = (client_key, client_salt);
        let server_keys = (server_key, server_salt);
        let (theirs, ours) = if server { (client, server_keys) } else { (server_keys, client) };
        let (rtp, rtcp) = Cipher::pair(profile, theirs.0, theirs.1)?;
        let inbound = SrtpInbound::new(rtp, rtcp, max_streams);
        let (rtp, rtcp) = Cipher::pair(profile, ours.0, ours.1)?;
        Ok(Self { inbound, outbound: SrtpOutbound { rtp, rtcp, rtcp_index: 0 } })
    }
}

/// Protects what is sent to one peer. There is no state for each stream: the roll-over counter is part of [`SeqNo`].
///
/// The caller must never protect two different packets under one SSRC and [`SeqNo`]: with AES-GCM that would tell the
/// authentication key.
pub struct SrtpOutbound {
    rtp: Cipher,
    rtcp: Cipher,
    /// Of the latest packet, over all SSRCs; 31 bits.
    rtcp_index: u32,
}

impl SrtpOutbound {
    /// Protects the RTP packet `out[start..]`, of which the first `header_len` bytes are its header: encrypts the
    /// payload in place and appends the tag. `ssrc` and `seq` must be those of the header.
    ///
    /// On failure, which only a `header_len` beyond the packet can cause, `out` is cut to `start`, so that plaintext
    /// can never be sent.
    pub fn protect_rtp(&mut self, ssrc: Ssrc, seq: SeqNo, header_len: usize, start: usize, out: &mut Vec<u8>) {
        if self.rtp.seal_rtp(ssrc, seq, header_len, start, out).is_none() {
            out.truncate(start);
        }
    }

    /// Protects the RTCP compound `out[start..]`: encrypts in place and appends the trailer.
    ///
    /// On failure, which takes a compound below 8 bytes or 2³¹ compounds, `out` is cut to `start`.
    pub fn protect_rtcp(&mut self, start: usize, out: &mut Vec<u8>) {
        // An index must never come twice, so the last one stays the last.
        let index = self.rtcp_index + 1;
        if index >= ENCRYPTED || self.rtcp.seal_rtcp(index, start, out).is_none() {
            out.truncate(start);
            return;
        }
        self.rtcp_index = index;
    }
}

#[cfg(test)]
mod tests;
