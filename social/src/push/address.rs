//! Which addresses of push services are taken, and where they may lead.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use crate::error::ApiError;
use crate::limits::MAX_ENDPOINT;

/// Where a browser is woken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Endpoint(Url);

impl Endpoint {
    /// Reads an address: https, and on a server for development also http on this machine.
    ///
    /// # Errors
    /// When it is anything else.
    pub(super) fn parse(text: &str, development: bool) -> Result<Self, ApiError> {
        let invalid = || ApiError::invalid("endpoint", "an https address of a push service, of at most 2048 bytes");
        if text.len() > MAX_ENDPOINT {
            return Err(invalid());
        }
        let url = Url::parse(text).map_err(|_| invalid())?;
        let is_local = match url.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost",
            None => return Err(invalid()),
        };
        let is_allowed = url.scheme() == "https" || (url.scheme() == "http" && is_local && development);
        let has_user = !url.username().is_empty() || url.password().is_some();
        // An address by number is asked here already whether it may be reached; a name is whenever it is used.
        let address = match url.host() {
            Some(Host::Ipv4(address)) => Some(IpAddr::from(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::from(address)),
            _ => None,
        };
        let is_reachable = address.is_none_or(|address| may_reach(address, development));
        match is_allowed && is_reachable && !has_user && url.as_str().len() <= MAX_ENDPOINT {
            true => Ok(Self(url)),
            false => Err(invalid()),
        }
    }

    pub(super) fn url(&self) -> &Url {
        &self.0
    }

    pub(super) fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// Whether a push may go to this address: nothing inside the network in which this server stands, for the address of a
/// push service comes from a client.
pub(super) fn may_reach(address: IpAddr, development: bool) -> bool {
    match address.to_canonical() {
        address if address.is_loopback() => development,
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// <https://www.iana.org/assignments/iana-ipv4-special-registry>
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_special = address.is_private()
        || address.is_link_local()
        || address.is_documentation()
        || matches!(
            (a, b, c),
            (0 | 127 | 224.., ..) | (100, 64..=127, _) | (192, 0, 0) | (192, 88, 99) | (198, 18 | 19, _)
        );
    !is_special
}

/// <https://www.iana.org/assignments/iana-ipv6-special-registry>: of the global unicast addresses, those that stand for
/// no other kind of address (Teredo, 6to4) and are no documentation.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    let is_special = matches!((a, b), (0x2001, 0..=0x1ff) | (0x2001, 0xdb8) | (0x2002, _) | (0x3fff, 0..=0xfff));
    (0x2000..=0x3fff).contains(&a) && !is_special
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_are_reached() {
        for inside in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "127.0.0.1",
            "127.8.8.8",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "::127.0.0.1",
            "64:ff9b::a00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:10::1",
            "2001:db8::1",
            "2002:a00:1::",
            "3fff::1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!may_reach(inside.parse().unwrap(), false), "{inside}");
            let is_local = inside.parse::<IpAddr>().unwrap().to_canonical().is_loopback();
            assert_eq!(may_reach(inside.parse().unwrap(), true), is_local, "{inside}");
        }
        for public in [
            "1.1.1.1",
            "100.63.0.1",
            "172.32.0.1",
            "198.20.0.1",
            "223.255.255.255",
            "::ffff:8.8.8.8",
            "2606:4700::1",
            "2a00::1",
        ] {
            assert!(may_reach(public.parse().unwrap(), false), "{public}");
        }
    }

    #[test]
    fn addresses_of_push_services_are_https() {
        let long = format!("https://push.example/{}", "x".repeat(2048));
        for (text, production, development) in [
            ("https://push.example/abc", true, true),
            ("https://push.example:8443/abc?x=1", true, true),
            ("https://1.1.1.1/abc", true, true),
            ("https://10.0.0.1/abc", false, false),
            ("https://0x7f000001/abc", false, true),
            ("https://[::ffff:a00:1]/abc", false, false),
            ("http://push.example/abc", false, false),
            ("http://127.0.0.1:99/abc", false, true),
            ("http://localhost/abc", false, true),
            ("https://user@push.example/abc", false, false),
            ("https://user:password@push.example/abc", false, false),
            ("ftp://push.example/abc", false, false),
            ("file:///etc/passwd", false, false),
            ("data:text/plain,x", false, false),
            ("push.example", false, false),
            ("", false, false),
            (&long, false, false),
        ] {
            assert_eq!(Endpoint::parse(text, false).is_ok(), production, "{text}");
            assert_eq!(Endpoint::parse(text, true).is_ok(), development, "{text}");
        }
    }
}
