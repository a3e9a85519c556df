//! The one STUN message that we send of our own accord, and its answer: a check that a client hears us at an address
//! (RFC 8489, <https://www.rfc-editor.org/rfc/rfc8489>; RFC 8445 section 7,
//! <https://www.rfc-editor.org/rfc/rfc8445#section-7>). Whatever clients ask is answered by the engine.

use aws_lc_rs::{constant_time, hmac};

const HEADER: usize = 20;
const MAGIC_COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
const BINDING_REQUEST: [u8; 2] = [0, 1];
const BINDING_SUCCESS: [u8; 2] = [1, 1];

const USERNAME: u16 = 0x0006;
const MESSAGE_INTEGRITY: u16 = 0x0008;
const PRIORITY: u16 = 0x0024;
const FINGERPRINT: u16 = 0x8028;
const ICE_CONTROLLED: u16 = 0x8029;

/// Bytes of an attribute with the integrity: its head and a SHA-1.
const INTEGRITY: usize = 4 + 20;

/// What a path that we learn from a check would have as a candidate: type 110, the highest preference, component 1.
const PEER_REFLEXIVE: u32 = 110 << 24 | 0xffff << 8 | 255;

/// Tells a request's answer from all others.
pub type TransactionId = [u8; 12];

/// Appends a binding request. `username` is the far end's user name fragment, a colon and ours; `password` the far
/// end's. We are always the controlled side; `tie_breaker` is the same in all requests to one client.
pub fn binding_request(out: &mut Vec<u8>, id: &TransactionId, username: &str, password: &str, tie_breaker: u64) {
    let start = out.len();
    out.extend_from_slice(&BINDING_REQUEST);
    out.extend_from_slice(&[0, 0]);
    out.extend_from_slice(&MAGIC_COOKIE);
    out.extend_from_slice(id);
    attribute(out, USERNAME, username.as_bytes());
    attribute(out, PRIORITY, &PEER_REFLEXIVE.to_be_bytes());
    attribute(out, ICE_CONTROLLED, &tie_breaker.to_be_bytes());
    // Both sums count themselves into the message's length, and nothing that comes after them.
    set_length(out, start, INTEGRITY);
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes());
    let tag = hmac::sign(&key, out.get(start..).unwrap_or_default());
    attribute(out, MESSAGE_INTEGRITY, tag.as_ref());
    set_length(out, start, 8);
    let checksum = crc32(out.get(start..).unwrap_or_default()) ^ 0x5354_554e;
    attribute(out, FINGERPRINT, &checksum.to_be_bytes());
}

fn attribute(out: &mut Vec<u8>, kind: u16, value: &[u8]) {
    out.extend_from_slice(&kind.to_be_bytes());
    out.extend_from_slice(&u16::try_from(value.len()).unwrap_or(u16::MAX).to_be_bytes());
    out.extend_from_slice(value);
    out.resize(out.len() + value.len().next_multiple_of(4) - value.len(), 0);
}

fn set_length(out: &mut [u8], start: usize, more: usize) {
    let length = u16::try_from(out.len() - start - HEADER + more).unwrap_or(u16::MAX);
    if let Some(field) = out.get_mut(start + 2..start + 4) {
        field.copy_from_slice(&length.to_be_bytes());
    }
}

/// The transaction of a success response to a binding request; nothing is authenticated by that.
pub fn answered_transaction(datagram: &[u8]) -> Option<TransactionId> {
    let header = datagram.first_chunk::<HEADER>()?;
    let is_answer = header[..2] == BINDING_SUCCESS && header[4..8] == MAGIC_COOKIE;
    if is_answer { header[8..].try_into().ok() } else { None }
}

/// Whether a message is whole and has the integrity that only somebody with `password` can give it (RFC 8489 section
/// 14.5, <https://www.rfc-editor.org/rfc/rfc8489#section-14.5>).
pub fn has_integrity(datagram: &[u8], password: &str) -> bool {
    let found = find_integrity(datagram).and_then(|at| {
        let length = u16::try_from(at + INTEGRITY - HEADER).ok()?.to_be_bytes();
        Some((datagram.get(..2)?, length, datagram.get(4..at)?, datagram.get(at + 4..at + INTEGRITY)?))
    });
    let Some((kind, length, rest, tag)) = found else { return false };
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes());
    let mut context = hmac::Context::with_key(&key);
    for part in [kind, &length, rest] {
        context.update(part);
    }
    constant_time::verify_slices_are_equal(context.sign().as_ref(), tag).is_ok()
}

/// Where the integrity attribute starts.
fn find_integrity(datagram: &[u8]) -> Option<usize> {
    let mut at = HEADER;
    loop {
        let [a, b, c, d] = *datagram.get(at..)?.first_chunk::<4>()?;
        let length = usize::from(u16::from_be_bytes([c, d]));
        if u16::from_be_bytes([a, b]) == MESSAGE_INTEGRITY {
            return (length == INTEGRITY - 4).then_some(at);
        }
        at += 4 + length.next_multiple_of(4);
    }
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| crc >> 1 ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 })
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The example of RFC 5769 section 2.2, as far as the integrity goes: a response to a binding request.
    const RESPONSE: &str = "0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220\
        002000080001a147e112a643000800142b91f599fd9e90c38c7489f92af9ba53f06be7d780280004c07d4c96";
    const PASSWORD: &str = "VOkJxbRl1RmTxUk/WvJxBt";

    fn response() -> Vec<u8> {
        let digits: Vec<u8> = RESPONSE.bytes().filter(u8::is_ascii_hexdigit).collect();
        let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
        digits.chunks(2).map(byte).collect()
    }

    #[test]
    fn the_example_of_the_standard_is_genuine_and_nothing_like_it_is() {
        let genuine = response();
        assert_eq!(answered_transaction(&genuine).unwrap()[..4], [0xb7, 0xe7, 0xa7, 0x01]);
        assert!(has_integrity(&genuine, PASSWORD));
        assert!(!has_integrity(&genuine, "another password"));
        // The checksum at its end is not covered, nor is the length, which is known better.
        for place in (0..2).chain(4..genuine.len() - 8) {
            let mut altered = genuine.clone();
            altered[place] ^= 1;
            assert!(!has_integrity(&altered, PASSWORD), "{place}");
        }
        for length in 0..genuine.len() - 8 {
            assert!(!has_integrity(&genuine[..length], PASSWORD), "{length}");
        }
    }

    #[test]
    fn a_request_has_what_its_receiver_checks() {
        let mut out = vec![7; 3];
        binding_request(&mut out, &[9; 12], "theirs:ours", PASSWORD, 5);
        let request = &out[3..];
        assert_eq!(request.len(), HEADER + usize::from(u16::from_be_bytes([request[2], request[3]])));
        assert!(has_integrity(request, PASSWORD));
        assert_eq!(crate::core::demux::parse_stun_request(request).unwrap().ufrag, "theirs");
        let (covered, checksum) = request.split_at(request.len() - 8);
        assert_eq!(checksum[4..], (crc32(covered) ^ 0x5354_554e).to_be_bytes());
        // The check value of this checksum.
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    proptest! {
        #[test]
        fn no_datagram_makes_it_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..100), shaped: bool) {
            if shaped && bytes.len() > 22 {
                bytes[20..22].copy_from_slice(&MESSAGE_INTEGRITY.to_be_bytes());
            }
            let _ = answered_transaction(&bytes);
            prop_assert!(!has_integrity(&bytes, PASSWORD));
        }
    }
}
