//! Sound that carries what was sent before along with it (RFC 2198,
//! <https://www.rfc-editor.org/rfc/rfc2198#section-3>), so that a viewer can fill the gap of a lost packet from the
//! next one.

use super::Pt;

/// Redundant blocks in one packet; browsers send one or two. More are more bits for losses that come seldom.
const MAX_REDUNDANT: usize = 8;

/// Bytes of a redundant block's header, of which the first has the payload type. The primary block's header is that one
/// byte alone.
const HEADER_LEN: usize = 4;

/// How a payload is divided into blocks, all of one payload type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Red {
    redundant: u8,
    primary_at: u16,
}

impl Red {
    /// Reads the headers; `None` if they do not fit the payload, or a block is not of payload type `block`.
    pub fn parse(payload: &[u8], block: Pt) -> Option<Self> {
        let (mut redundant, mut blocks_len) = (0, 0);
        loop {
            let header = payload.get(redundant * HEADER_LEN..)?;
            let first = *header.first()?;
            if first & 0x7f != block.0 {
                return None;
            }
            if first & 0x80 == 0 {
                break;
            }
            let &[_, _, high, low] = header.first_chunk::<HEADER_LEN>()?;
            blocks_len += usize::from(u16::from_be_bytes([high & 0x03, low]));
            redundant += 1;
            if redundant > MAX_REDUNDANT {
                return None;
            }
        }
        let primary_at = redundant * HEADER_LEN + 1 + blocks_len;
        // A packet without sound of its own would be none to a viewer who gets only that.
        (primary_at < payload.len()).then_some(Self { redundant: redundant as u8, primary_at: primary_at as u16 })
    }

    /// The newest sound alone.
    pub fn primary<'p>(&self, payload: &'p [u8]) -> &'p [u8] {
        payload.get(usize::from(self.primary_at)..).unwrap_or_default()
    }

    /// Gives all blocks another payload type, in place.
    pub fn rewrite(&self, payload: &mut [u8], block: Pt) {
        for place in 0..=usize::from(self.redundant) {
            if let Some(first) = payload.get_mut(place * HEADER_LEN) {
                *first = *first & 0x80 | block.0 & 0x7f;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Two redundant blocks of 2 and 3 bytes, 40 and 20 ms back, and a primary one of 4.
    const TWO: [u8; 18] = [0xef, 0x1e, 0x00, 0x02, 0xef, 0x0f, 0x00, 0x03, 0x6f, 1, 1, 2, 2, 2, 7, 8, 9, 10];

    #[test]
    fn the_primary_block_is_the_last() {
        let red = Red::parse(&TWO, Pt(111)).unwrap();
        assert_eq!(red.primary(&TWO), [7, 8, 9, 10]);
        let mut other = TWO;
        red.rewrite(&mut other, Pt(96));
        assert_eq!(Red::parse(&other, Pt(96)), Some(red));
        assert_eq!(other[9..], TWO[9..]);
        let alone = Red::parse(&[111, 5], Pt(111)).unwrap();
        assert_eq!(alone.primary(&[111, 5]), [5]);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert_eq!(Red::parse(&TWO, Pt(110)), None, "another codec");
        assert_eq!(Red::parse(&[&TWO[..8], &[96], &TWO[9..]].concat(), Pt(111)), None, "another codec in one block");
        for len in 0..=14 {
            assert_eq!(Red::parse(&TWO[..len], Pt(111)), None, "{len}");
        }
        let many = [[0xef, 0, 0, 0]; MAX_REDUNDANT + 1].concat();
        assert_eq!(Red::parse(&[&many[..], &[111, 5]].concat(), Pt(111)), None, "too many blocks");
        assert!(Red::parse(&[&many[4..], &[111, 5]].concat(), Pt(111)).is_some());
    }

    proptest! {
        #[test]
        fn no_payload_makes_it_panic(payload in prop::collection::vec(any::<u8>(), 0..60), block in 0..128u8) {
            let payload: Vec<u8> = payload.iter().enumerate().map(|(at, &byte)| match at % 4 {
                0 => byte & 0x80 | block,
                _ => byte,
            }).collect();
            if let Some(red) = Red::parse(&payload, Pt(block)) {
                prop_assert!(!red.primary(&payload).is_empty());
                red.rewrite(&mut payload.clone()[..1], Pt(1));
            }
        }
    }
}
