//! The bench loads this machine and no other: every address that it is about to use passes here.

use std::collections::HashSet;
use std::net::{IpAddr, SocketAddr};

use anyhow::{Context, Result, ensure};

/// The addresses that this machine owns.
#[derive(Debug, Clone)]
pub struct LocalAddresses(HashSet<IpAddr>);

impl LocalAddresses {
    /// Reads the machine's interfaces.
    pub fn read() -> Result<Self> {
        let interfaces = if_addrs::get_if_addrs().context("cannot list this machine's addresses")?;
        Ok(Self(interfaces.iter().map(if_addrs::Interface::ip).collect()))
    }

    /// Whether an address is this machine's: loopback or one of its interfaces'.
    pub fn contains(&self, ip: IpAddr) -> bool {
        let ip = ip.to_canonical();
        ip.is_loopback() || self.0.contains(&ip)
    }

    /// Resolves a host and refuses it unless all its addresses are this machine's.
    pub async fn resolve(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>> {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let found = tokio::net::lookup_host((bare, port)).await;
        let addresses: Vec<_> = found.with_context(|| format!("cannot resolve {host}"))?.collect();
        for address in &addresses {
            ensure!(
                self.contains(address.ip()),
                "{host} is {}, which is not this machine's: the bench loads only loopback and this machine's own addresses",
                address.ip()
            );
        }
        Ok(addresses)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn other_machines_are_refused() {
        let local = LocalAddresses::read().unwrap();
        assert!(local.resolve("127.0.0.1", 80).await.is_ok());
        assert!(local.resolve("[::1]", 80).await.is_ok());
        for host in ["192.0.2.1", "8.8.8.8", "[2001:db8::1]", "0.0.0.0"] {
            let error = local.resolve(host, 80).await.unwrap_err().to_string();
            assert!(error.contains("not this machine's"), "{error}");
        }
        for interface in if_addrs::get_if_addrs().unwrap() {
            assert!(local.contains(interface.ip()));
        }
    }
}
