//! Transport addresses: an address means one thing over UDP and another over TCP.

use std::net::SocketAddr;

/// What carries datagrams.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// UDP.
    Udp,
    /// TCP, each datagram in a frame of its own (RFC 4571, <https://www.rfc-editor.org/rfc/rfc4571>): where a network
    /// lets no UDP through (RFC 6544, <https://www.rfc-editor.org/rfc/rfc6544>).
    Tcp,
}

/// A transport address (RFC 8445 section 4, <https://www.rfc-editor.org/rfc/rfc8445#section-4>).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Endpoint {
    /// The protocol.
    pub protocol: Protocol,
    /// The address and port.
    pub address: SocketAddr,
}

impl Endpoint {
    /// An address over UDP.
    pub fn udp(address: SocketAddr) -> Self {
        Self { protocol: Protocol::Udp, address }
    }

    /// An address over TCP.
    pub fn tcp(address: SocketAddr) -> Self {
        Self { protocol: Protocol::Tcp, address }
    }
}
