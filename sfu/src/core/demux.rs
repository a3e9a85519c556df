//! Which peer is a datagram for? By its source address, else, for an ICE check, by the user name in it, else nobody's:
//! then it is dropped and counted, and nothing is sent back.

use std::collections::HashMap;

use super::endpoint::Endpoint;
use super::stats::DropReason;
use crate::id::PeerKey;

/// Addresses that one peer may have at a time. A browser has one for each interface that its checks leave by, and an
/// old one stays for a while after a move; more would only be an attack on this table.
const MAX_ADDRESSES: usize = 16;

/// What a datagram is, by its first byte (RFC 7983, <https://www.rfc-editor.org/rfc/rfc7983>) and, for RTP and RTCP,
/// the second (RFC 5761, <https://www.rfc-editor.org/rfc/rfc5761>).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// An ICE connectivity check or its answer.
    Stun,
    /// The handshake and data channels.
    Dtls,
    /// Media.
    Rtp,
    /// Reports and requests about media.
    Rtcp,
}

/// The class of a datagram, or `None` if it belongs to no protocol that we speak.
pub fn classify(datagram: &[u8]) -> Option<Class> {
    match *datagram {
        [0..=3, ..] => Some(Class::Stun),
        [20..=63, ..] => Some(Class::Dtls),
        [128..=191, 192..=223, ..] => Some(Class::Rtcp),
        [128..=191, _, ..] => Some(Class::Rtp),
        _ => None,
    }
}

/// The parts of a STUN binding request that the demultiplexer reads (RFC 8489 section 5,
/// <https://www.rfc-editor.org/rfc/rfc8489#section-5>).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StunRequest<'a> {
    /// Our user name fragment: the first half of USERNAME.
    pub ufrag: &'a str,
    /// Whether the sender nominates this path (RFC 8445 section 7.1.2).
    pub use_candidate: bool,
}

const STUN_HEADER: usize = 20;
const BINDING_REQUEST: [u8; 2] = [0, 1];
const MAGIC_COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
const USERNAME: u16 = 0x0006;
const USE_CANDIDATE: u16 = 0x0025;

/// Reads a binding request; `None` for any other STUN message or a broken one. Nothing is authenticated here.
pub fn parse_stun_request(datagram: &[u8]) -> Option<StunRequest<'_>> {
    let header = datagram.get(..STUN_HEADER)?;
    if header[..2] != BINDING_REQUEST || header[4..8] != MAGIC_COOKIE {
        return None;
    }
    let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
    let mut attributes = datagram.get(STUN_HEADER..STUN_HEADER + length)?;
    let mut ufrag = None;
    let mut use_candidate = false;
    while let [a, b, c, d, rest @ ..] = attributes {
        let length = usize::from(u16::from_be_bytes([*c, *d]));
        let value = rest.get(..length)?;
        match u16::from_be_bytes([*a, *b]) {
            USERNAME => ufrag = std::str::from_utf8(value).ok()?.split_once(':').map(|(ours, _)| ours),
            USE_CANDIDATE => use_candidate = true,
            _ => {}
        }
        attributes = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    Some(StunRequest { ufrag: ufrag?, use_candidate })
}

/// Whether a STUN message is a success response to a binding request.
pub fn is_binding_success(datagram: &[u8]) -> bool {
    datagram.starts_with(&[1, 1])
}

/// The two tables of a worker.
#[derive(Debug, Default)]
pub struct Demux {
    by_address: HashMap<Endpoint, PeerKey>,
    by_ufrag: HashMap<String, PeerKey>,
}

impl Demux {
    /// The peer that a datagram of class `class` from `source` is for.
    ///
    /// # Errors
    /// [`DropReason::UnknownSource`] when it is nobody's.
    pub fn route(&self, source: Endpoint, class: Class, datagram: &[u8]) -> Result<PeerKey, DropReason> {
        // A check is routed by its user name first: an address may have belonged to another peer a moment ago.
        let by_name = (class == Class::Stun)
            .then(|| parse_stun_request(datagram))
            .flatten()
            .map(|request| self.by_ufrag.get(request.ufrag).copied());
        match by_name {
            Some(named) => named.ok_or(DropReason::UnknownSource),
            None => self.by_address.get(&source).copied().ok_or(DropReason::UnknownSource),
        }
    }

    /// From now on ICE checks for `ufrag` are `peer`'s.
    pub fn add_ufrag(&mut self, ufrag: &str, peer: PeerKey) {
        self.by_ufrag.insert(ufrag.to_owned(), peer);
    }

    /// Checks for `ufrag` are nobody's any more.
    pub fn remove_ufrag(&mut self, ufrag: &str) {
        self.by_ufrag.remove(ufrag);
    }

    /// From now on datagrams from `source` are `peer`'s, which had `known` addresses before. The caller must have
    /// seen an integrity-checked ICE check from there. The oldest is forgotten for it when there are many, but not the
    /// one that is `used`.
    pub fn add_address(&mut self, source: Endpoint, peer: PeerKey, known: &mut Vec<Endpoint>, used: Option<Endpoint>) {
        self.by_address.insert(source, peer);
        known.retain(|&address| address != source);
        known.push(source);
        if known.len() > MAX_ADDRESSES {
            // Whoever overhears a check can repeat it from many addresses; the one in use must outlast that.
            let oldest = known.iter().position(|&address| Some(address) != used).unwrap_or(0);
            self.remove_address(known.remove(oldest), peer);
        }
    }

    /// An address is gone. Returns whose it was.
    pub fn forget_address(&mut self, source: Endpoint) -> Option<PeerKey> {
        self.by_address.remove(&source)
    }

    /// Forgets an address, unless it has become another peer's.
    pub fn remove_address(&mut self, source: Endpoint, peer: PeerKey) {
        if self.by_address.get(&source) == Some(&peer) {
            self.by_address.remove(&source);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use slotmap::SlotMap;

    use super::*;

    fn request(username: &str, nominate: bool) -> Vec<u8> {
        let mut attributes = vec![0, 6, 0, username.len() as u8];
        attributes.extend_from_slice(username.as_bytes());
        attributes.resize(attributes.len().next_multiple_of(4), 0);
        if nominate {
            attributes.extend_from_slice(&[0, 0x25, 0, 0]);
        }
        let mut message = vec![0, 1, 0, attributes.len() as u8];
        message.extend_from_slice(&MAGIC_COOKIE);
        message.extend_from_slice(&[7; 12]);
        message.extend_from_slice(&attributes);
        message
    }

    #[test]
    fn the_first_bytes_tell_the_class() {
        for (bytes, class) in [
            (&[][..], None),
            (&[0][..], Some(Class::Stun)),
            (&[22, 254][..], Some(Class::Dtls)),
            (&[64, 0][..], None),
            (&[128][..], None),
            (&[128, 96][..], Some(Class::Rtp)),
            (&[144, 224][..], Some(Class::Rtp)),
            (&[129, 206][..], Some(Class::Rtcp)),
            (&[192, 0][..], None),
        ] {
            assert_eq!(classify(bytes), class, "{bytes:?}");
        }
    }

    #[test]
    fn a_check_is_routed_by_its_user_name_and_the_rest_by_address() {
        let mut keys = SlotMap::<PeerKey, ()>::with_key();
        let (ann, bob) = (keys.insert(()), keys.insert(()));
        let address = Endpoint::udp("192.0.2.1:5000".parse().unwrap());
        let mut demux = Demux::default();
        let mut known = Vec::new();
        demux.add_ufrag("ann", ann);
        demux.add_ufrag("bob", bob);
        demux.add_address(address, ann, &mut known, None);

        let check = request("bob:xyz", true);
        assert_eq!(parse_stun_request(&check), Some(StunRequest { ufrag: "bob", use_candidate: true }));
        assert_eq!(demux.route(address, Class::Stun, &check), Ok(bob));
        assert_eq!(demux.route(address, Class::Rtp, &[128, 96]), Ok(ann));
        assert_eq!(demux.route(address, Class::Stun, &request("eve:xyz", false)), Err(DropReason::UnknownSource));
        for elsewhere in [Endpoint::udp("192.0.2.2:5000".parse().unwrap()), Endpoint::tcp(address.address)] {
            assert_eq!(demux.route(elsewhere, Class::Rtp, &[128, 96]), Err(DropReason::UnknownSource));
        }
    }

    #[test]
    fn a_peer_keeps_a_bounded_number_of_addresses() {
        let mut keys = SlotMap::<PeerKey, ()>::with_key();
        let peer = keys.insert(());
        let mut demux = Demux::default();
        let mut known = Vec::new();
        for port in 1..=100 {
            demux.add_address(Endpoint::udp(([192, 0, 2, 1], port).into()), peer, &mut known, None);
            assert_eq!(known.len(), demux.by_address.len());
        }
        assert_eq!(known.len(), MAX_ADDRESSES);
        let newest = Endpoint::udp(([192, 0, 2, 1], 100).into());
        assert_eq!(demux.route(newest, Class::Dtls, &[22]), Ok(peer));
    }

    #[test]
    fn an_address_in_use_is_not_forgotten_for_others() {
        let mut keys = SlotMap::<PeerKey, ()>::with_key();
        let peer = keys.insert(());
        let mut demux = Demux::default();
        let mut known = Vec::new();
        let used = Endpoint::udp(([192, 0, 2, 1], 1).into());
        demux.add_address(used, peer, &mut known, None);
        for port in 2..=100 {
            demux.add_address(Endpoint::udp(([192, 0, 2, 1], port).into()), peer, &mut known, Some(used));
            assert_eq!(demux.route(used, Class::Dtls, &[22]), Ok(peer));
        }
        assert_eq!((known.len(), demux.by_address.len()), (MAX_ADDRESSES, MAX_ADDRESSES));
    }

    proptest! {
        #[test]
        fn no_datagram_makes_it_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..200), shape in any::<bool>()) {
            if shape && bytes.len() > 8 {
                bytes[..2].copy_from_slice(&BINDING_REQUEST);
                bytes[4..8].copy_from_slice(&MAGIC_COOKIE);
            }
            let _ = classify(&bytes);
            let _ = parse_stun_request(&bytes);
        }
    }
}
