//! One key's worth of encryption, for RTP or for RTCP, and how session keys come from master keys.

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::cipher::{AES_128, AES_256, EncryptingKey, EncryptionContext, UnboundCipherKey};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hmac;

use super::{ENCRYPTED, InvalidKeys, RTCP_HEADER_LEN, SrtpProfile};
use crate::core::rtp::{RtpHeader, SeqNo, Ssrc};
use crate::core::stats::DropReason;

/// Tag of AES-GCM in bytes.
const GCM_TAG_LEN: usize = 16;
/// Tag of HMAC-SHA1-80 in bytes.
const SHA1_TAG_LEN: usize = 10;
/// Key of HMAC-SHA1 in bytes.
const SHA1_KEY_LEN: usize = 20;
/// Bytes of the word with the index at an RTCP packet's end.
const INDEX_LEN: usize = 4;

impl From<Unspecified> for InvalidKeys {
    fn from(_: Unspecified) -> Self {
        Self
    }
}

/// What the session keys are for (RFC 3711 section 4.3.2, <https://www.rfc-editor.org/rfc/rfc3711#section-4.3.2>):
/// the number of RTP's encryption key; the authentication key and the salt are the next two.
#[derive(Clone, Copy)]
#[repr(u8)]
enum Purpose {
    Rtp = 0,
    Rtcp = 3,
}

/// Derives a session key of `N` bytes (RFC 3711 section 4.3.1 with AES-CM as in 4.3.3; RFC 6188 section 3 for 256
/// bits, <https://www.rfc-editor.org/rfc/rfc6188#section-3>).
pub(super) fn derive<const N: usize>(key: &[u8], salt: &[u8], label: u8) -> Result<[u8; N], InvalidKeys> {
    let algorithm = if key.len() == 32 { &AES_256 } else { &AES_128 };
    let master = EncryptingKey::ctr(UnboundCipherKey::new(algorithm, key)?)?;
    let mut counter = [0; 16];
    counter.get_mut(..salt.len()).ok_or(InvalidKeys)?.copy_from_slice(salt);
    counter[7] ^= label;
    let mut session = [0; N];
    master.less_safe_encrypt(&mut session, EncryptionContext::Iv128(counter.into()))?;
    Ok(session)
}

/// Encryption and authentication of RTP or of RTCP in one direction.
pub(super) enum Cipher {
    Gcm {
        key: LessSafeKey,
        salt: [u8; 12],
    },
    /// Boxed, as it is 50 times as large and rare.
    Cm(Box<CounterMode>),
}

/// AES-CM with HMAC-SHA1.
pub(super) struct CounterMode {
    key: EncryptingKey,
    salt: [u8; 14],
    authentication: hmac::Key,
}

impl CounterMode {
    /// Encrypts or decrypts, which is the same.
    fn apply(&self, ssrc: Ssrc, index: u64, bytes: &mut [u8]) -> Option<()> {
        self.key.less_safe_encrypt(bytes, cm_counter(&self.salt, ssrc, index)).ok().map(drop)
    }

    /// The tag of a packet in `parts`; the first [`SHA1_TAG_LEN`] bytes of it are sent.
    fn sign(&self, parts: &[&[u8]]) -> hmac::Tag {
        let mut context = hmac::Context::with_key(&self.authentication);
        parts.iter().for_each(|part| context.update(part));
        context.sign()
    }

    fn verify(&self, parts: &[&[u8]], tag: &[u8]) -> Result<(), DropReason> {
        let expected = self.sign(parts);
        let expected = expected.as_ref().get(..SHA1_TAG_LEN).ok_or(DropReason::Authentication)?;
        verify_slices_are_equal(expected, tag).map_err(|_| DropReason::Authentication)
    }
}

impl Cipher {
    /// The ciphers for RTP and for RTCP under one master key.
    pub(super) fn pair(profile: SrtpProfile, key: &[u8], salt: &[u8]) -> Result<(Self, Self), InvalidKeys> {
        Ok((Self::new(profile, key, salt, Purpose::Rtp)?, Self::new(profile, key, salt, Purpose::Rtcp)?))
    }

    fn new(profile: SrtpProfile, key: &[u8], salt: &[u8], purpose: Purpose) -> Result<Self, InvalidKeys> {
        let label = purpose as u8;
        match profile {
            SrtpProfile::AeadAes256Gcm => Self::gcm(&derive::<32>(key, salt, label)?, derive(key, salt, label + 2)?),
            SrtpProfile::AeadAes128Gcm => Self::gcm(&derive::<16>(key, salt, label)?, derive(key, salt, label + 2)?),
            SrtpProfile::Aes128CmSha1_80 => {
                let authentication = derive::<SHA1_KEY_LEN>(key, salt, label + 1)?;
                Self::cm(&derive::<16>(key, salt, label)?, derive(key, salt, label + 2)?, &authentication)
            }
        }
    }

    /// AES-GCM from session keys.
    pub(super) fn gcm(key: &[u8], salt: [u8; 12]) -> Result<Self, InvalidKeys> {
        let algorithm = if key.len() == 32 { &AES_256_GCM } else { &AES_128_GCM };
        Ok(Self::Gcm { key: LessSafeKey::new(UnboundKey::new(algorithm, key)?), salt })
    }

    /// AES-CM and HMAC-SHA1 from session keys.
    pub(super) fn cm(key: &[u8], salt: [u8; 14], authentication: &[u8]) -> Result<Self, InvalidKeys> {
        Ok(Self::Cm(Box::new(CounterMode {
            key: EncryptingKey::ctr(UnboundCipherKey::new(&AES_128, key)?)?,
            salt,
            authentication: hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, authentication),
        })))
    }

    fn tag_len(&self) -> usize {
        match self {
            Self::Gcm { .. } => GCM_TAG_LEN,
            Self::Cm(_) => SHA1_TAG_LEN,
        }
    }

    pub(super) fn seal_rtp(
        &self,
        ssrc: Ssrc,
        seq: SeqNo,
        header_len: usize,
        start: usize,
        out: &mut Vec<u8>,
    ) -> Option<()> {
        let packet = out.get_mut(start..)?;
        match self {
            Self::Gcm { key, salt } => {
                let (header, payload) = packet.split_at_mut_checked(header_len)?;
                let nonce = gcm_nonce(salt, ssrc, seq.0);
                let tag = key.seal_in_place_separate_tag(nonce, Aad::from(header), payload).ok()?;
                out.extend_from_slice(tag.as_ref());
            }
            Self::Cm(cm) => {
                let payload = packet.get_mut(header_len..)?;
                cm.apply(ssrc, seq.0, payload)?;
                let tag = cm.sign(&[packet, &seq.roc().to_be_bytes()]);
                out.extend_from_slice(tag.as_ref().get(..SHA1_TAG_LEN)?);
            }
        }
        Some(())
    }

    /// Checks `packet` and decrypts its payload. On failure the packet's contents are lost.
    pub(super) fn open_rtp<'p>(
        &self,
        header: &RtpHeader,
        seq: SeqNo,
        packet: &'p mut [u8],
    ) -> Result<&'p mut [u8], DropReason> {
        let body_len = packet.len().checked_sub(self.tag_len()).ok_or(DropReason::Malformed)?;
        let (body, tag) = packet.split_at_mut_checked(body_len).ok_or(DropReason::Malformed)?;
        match self {
            Self::Gcm { key, salt } => {
                let (head, payload) = body.split_at_mut_checked(header.len).ok_or(DropReason::Malformed)?;
                let nonce = gcm_nonce(salt, header.ssrc, seq.0);
                key.open_in_place_separate_tag(nonce, Aad::from(head), tag, payload)
                    .map_err(|_| DropReason::Authentication)
            }
            Self::Cm(cm) => {
                cm.verify(&[body, &seq.roc().to_be_bytes()], tag)?;
                let payload = body.get_mut(header.len..).ok_or(DropReason::Malformed)?;
                cm.apply(header.ssrc, seq.0, payload).ok_or(DropReason::Authentication)?;
                Ok(payload)
            }
        }
    }

    pub(super) fn seal_rtcp(&self, index: u32, start: usize, out: &mut Vec<u8>) -> Option<()> {
        let word = (index | ENCRYPTED).to_be_bytes();
        let packet = out.get_mut(start..)?;
        let ssrc = rtcp_ssrc(packet)?;
        let (head, body) = packet.split_at_mut_checked(RTCP_HEADER_LEN)?;
        match self {
            Self::Gcm { key, salt } => {
                let nonce = gcm_nonce(salt, ssrc, index.into());
                let aad = Aad::from(rtcp_aad(head, word)?);
                let tag = key.seal_in_place_separate_tag(nonce, aad, body).ok()?;
                out.extend_from_slice(tag.as_ref());
                out.extend_from_slice(&word);
            }
            Self::Cm(cm) => {
                cm.apply(ssrc, index.into(), body)?;
                let tag = cm.sign(&[packet, &word]);
                out.extend_from_slice(&word);
                out.extend_from_slice(tag.as_ref().get(..SHA1_TAG_LEN)?);
            }
        }
        Some(())
    }

    /// The word with the index of an RTCP packet. It is not authenticated yet.
    pub(super) fn rtcp_word(&self, packet: &[u8]) -> Option<u32> {
        let end = match self {
            Self::Gcm { .. } => packet.len(),
            Self::Cm(_) => packet.len().checked_sub(SHA1_TAG_LEN)?,
        };
        packet.get(..end)?.last_chunk().map(|word| u32::from_be_bytes(*word))
    }

    /// Checks an RTCP packet and decrypts it. `word` must be its [`rtcp_word`](Self::rtcp_word).
    pub(super) fn open_rtcp<'p>(&self, word: u32, packet: &'p mut [u8]) -> Result<&'p [u8], DropReason> {
        let ssrc = rtcp_ssrc(packet).ok_or(DropReason::Malformed)?;
        let index = u64::from(word & !ENCRYPTED);
        let end = packet.len().checked_sub(self.tag_len() + INDEX_LEN).ok_or(DropReason::Malformed)?;
        let (plain, trailer) = packet.split_at_mut_checked(end).ok_or(DropReason::Malformed)?;
        let (head, body) = plain.split_at_mut_checked(RTCP_HEADER_LEN).ok_or(DropReason::Malformed)?;
        let word = word.to_be_bytes();
        match self {
            Self::Gcm { key, salt } => {
                let tag = trailer.get(..GCM_TAG_LEN).ok_or(DropReason::Malformed)?;
                let aad = Aad::from(rtcp_aad(head, word).ok_or(DropReason::Malformed)?);
                key.open_in_place_separate_tag(gcm_nonce(salt, ssrc, index), aad, tag, body)
                    .map_err(|_| DropReason::Authentication)?;
            }
            Self::Cm(cm) => {
                let tag = trailer.get(INDEX_LEN..).ok_or(DropReason::Malformed)?;
                cm.verify(&[head, body, &word], tag)?;
                cm.apply(ssrc, index, body).ok_or(DropReason::Authentication)?;
            }
        }
        Ok(plain)
    }
}

/// The SSRC in the first header of an RTCP compound.
pub(super) fn rtcp_ssrc(packet: &[u8]) -> Option<Ssrc> {
    let header = packet.first_chunk::<RTCP_HEADER_LEN>()?;
    header.last_chunk().map(|ssrc| Ssrc(u32::from_be_bytes(*ssrc)))
}

/// What AES-GCM authenticates of an RTCP packet besides the ciphertext (RFC 7714 section 9.2,
/// <https://www.rfc-editor.org/rfc/rfc7714#section-9.2>).
fn rtcp_aad(head: &[u8], word: [u8; INDEX_LEN]) -> Option<[u8; RTCP_HEADER_LEN + INDEX_LEN]> {
    let mut aad = [0; RTCP_HEADER_LEN + INDEX_LEN];
    let (first, last) = aad.split_first_chunk_mut::<RTCP_HEADER_LEN>()?;
    *first = *head.first_chunk()?;
    last.copy_from_slice(&word);
    Some(aad)
}

/// The nonce of a packet (RFC 7714 sections 8.1 and 9.1, <https://www.rfc-editor.org/rfc/rfc7714#section-8.1>). An
/// RTCP index has 31 bits, so the upper bits are 0 as they must be.
fn gcm_nonce(salt: &[u8; 12], ssrc: Ssrc, index: u64) -> Nonce {
    let position = u128::from(ssrc.0) << 48 | u128::from(index & 0xffff_ffff_ffff);
    let mut nonce = *salt;
    xor(&mut nonce, &position.to_be_bytes()[4..]);
    Nonce::assume_unique_for_key(nonce)
}

/// The first counter block of a packet (RFC 3711 section 4.1.1,
/// <https://www.rfc-editor.org/rfc/rfc3711#section-4.1.1>).
fn cm_counter(salt: &[u8; 14], ssrc: Ssrc, index: u64) -> EncryptionContext {
    let position = u128::from(ssrc.0) << 64 | u128::from(index & 0xffff_ffff_ffff) << 16;
    let mut counter = position.to_be_bytes();
    xor(&mut counter, salt);
    EncryptionContext::Iv128(counter.into())
}

fn xor(bytes: &mut [u8], with: &[u8]) {
    bytes.iter_mut().zip(with).for_each(|(byte, with)| *byte ^= with);
}
