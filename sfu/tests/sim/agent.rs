//! Who may sit at the far end of a link: the synthetic client, or a raw one that does what no browser would.

use std::net::SocketAddr;
use std::time::Instant;

use confab_bench::client::{Client, ClientStats, Output};

use crate::raw::Raw;

pub enum Agent {
    Client(Box<Client>),
    Raw(Box<Raw>),
}

impl Agent {
    pub fn client(&mut self) -> &mut Client {
        match self {
            Self::Client(client) => client,
            Self::Raw(_) => panic!("a raw client"),
        }
    }

    pub fn raw(&mut self) -> &mut Raw {
        match self {
            Self::Client(_) => panic!("a synthetic client"),
            Self::Raw(raw) => raw,
        }
    }

    pub fn stats(&self) -> &ClientStats {
        match self {
            Self::Client(client) => client.stats(),
            Self::Raw(_) => panic!("a raw client"),
        }
    }

    pub fn is_connected(&self) -> bool {
        match self {
            Self::Client(client) => client.stats().connected.is_some(),
            Self::Raw(raw) => raw.is_connected(),
        }
    }

    pub fn slot_emptied(&mut self, slot: usize) {
        if let Self::Client(client) = self {
            client.slot_emptied(slot);
        }
    }

    pub fn next_timeout(&self) -> Instant {
        match self {
            Self::Client(client) => client.next_timeout(),
            Self::Raw(raw) => raw.next_timeout(),
        }
    }

    pub fn handle_timeout(&mut self, now: Instant) {
        match self {
            Self::Client(client) => client.handle_timeout(now),
            Self::Raw(raw) => raw.handle_timeout(now),
        }
    }

    pub fn handle_datagram(&mut self, now: Instant, source: SocketAddr, bytes: &[u8]) {
        match self {
            Self::Client(client) => {
                let local = client.config().local;
                client.handle_datagram(now, source, local, bytes);
            }
            Self::Raw(raw) => raw.handle_datagram(now, source, bytes),
        }
    }

    /// The next datagram to send.
    pub fn poll(&mut self) -> Option<(SocketAddr, Vec<u8>)> {
        match self {
            Self::Client(client) => loop {
                if let Output::Transmit { destination, bytes } = client.poll()? {
                    return Some((destination, bytes));
                }
            },
            Self::Raw(raw) => raw.poll(),
        }
    }
}
