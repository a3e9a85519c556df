//! The thin shell around the core: sockets, threads, the clock and metrics. Every effect lives here.

mod clock;
mod gather;
mod metrics;
mod tcp;
mod thread;
mod udp;

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use self::clock::Now;
use self::metrics::SfuCollector;
use self::tcp::{Limits, MediaListener};
use self::thread::Ports;
use self::udp::MediaSocket;
use crate::config::SfuConfig;
use crate::core::endpoint::Endpoint;
use crate::core::stats::Snapshot;
use crate::core::transport::{Engine, EngineError};
use crate::core::worker::{Epoch, Worker, announced};
use crate::handle::SfuHandle;

/// What a worker last told of itself; written once a second, read by metrics.
type SharedSnapshot = Arc<Mutex<Snapshot>>;

/// The SFU could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A media port could not be opened.
    #[error("cannot open UDP port {port} for media: {source}")]
    Port {
        /// The port, 0 for any.
        port: u16,
        /// Why.
        source: io::Error,
    },
    /// A media port for TCP could not be opened.
    #[error("cannot open TCP port {port} for media: {source}")]
    TcpPort {
        /// The port, 0 for any.
        port: u16,
        /// Why.
        source: io::Error,
    },
    /// A thread could not be started, or the machine's addresses could not be read.
    #[error("cannot start the media engine: {0}")]
    System(#[from] io::Error),
    /// DTLS is unusable.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The system gave no randomness.
    #[error("the system gives no random numbers")]
    Randomness,
}

/// A running SFU: one thread, one UDP port and one TCP port for each worker. The threads end when the last
/// [`SfuHandle`] is gone.
#[derive(Debug)]
pub struct Sfu {
    handle: SfuHandle,
    addresses: Vec<Endpoint>,
    snapshots: Vec<SharedSnapshot>,
}

impl Sfu {
    /// Opens the ports and starts the workers.
    ///
    /// # Errors
    /// When a port is taken, or the system refuses a thread or randomness.
    pub fn start(config: &SfuConfig) -> Result<Self, StartError> {
        let engine = Engine::new()?;
        let count = config.workers.max(1);
        let (handle, inboxes) = SfuHandle::new(count);
        let mut addresses = Vec::new();
        let mut snapshots = Vec::with_capacity(count);
        for (index, inbox) in (0u16..).zip(inboxes) {
            let port = if config.media_port == 0 { 0 } else { config.media_port.saturating_add(index) };
            let socket = MediaSocket::bind(port).map_err(|source| StartError::Port { port, source })?;
            let listener = config.tcp_port.map(|first| listen(first, index, socket.port())).transpose()?;
            let mut endpoints: Vec<_> = candidates(config, socket.port())?.into_iter().map(Endpoint::udp).collect();
            if let Some(listener) = &listener {
                endpoints.extend(candidates(config, listener.port())?.into_iter().map(Endpoint::tcp));
            }
            addresses.extend_from_slice(&endpoints);
            let mut seed = [0; 32];
            aws_lc_rs::rand::fill(&mut seed).map_err(|_| StartError::Randomness)?;
            let now = Now::read();
            let epoch = Epoch { instant: now.instant, wall: now.wall };
            let worker = Worker::new(config.clone(), engine.clone(), endpoints, epoch, seed);
            let snapshot = SharedSnapshot::default();
            snapshots.push(snapshot.clone());
            let limits = Limits {
                connections: config.max_tcp_connections,
                by_network: config.max_tcp_connections_by_address,
                max_datagram: config.max_datagram_bytes,
            };
            thread::spawn(index, worker, Ports { socket, listener, limits }, inbox, snapshot)?;
        }
        Ok(Self { handle, addresses, snapshots })
    }

    /// A handle for signalling.
    pub fn handle(&self) -> SfuHandle {
        self.handle.clone()
    }

    /// The addresses that are announced to clients.
    pub fn media_addresses(&self) -> &[Endpoint] {
        &self.addresses
    }

    /// The SFU's metrics, to be registered once.
    pub fn collector(&self) -> Box<dyn prometheus::core::Collector> {
        Box::new(SfuCollector::new(self.snapshots.clone()))
    }
}

/// Opens the TCP port of worker `index`, whose UDP port is `udp`.
fn listen(first: u16, index: u16, udp: u16) -> Result<MediaListener, StartError> {
    let port = if first == 0 { udp } else { first.saturating_add(index) };
    let listener = match MediaListener::bind(port) {
        Err(error) if first == 0 && error.kind() == io::ErrorKind::AddrInUse => MediaListener::bind(0),
        other => other,
    };
    listener.map_err(|source| StartError::TcpPort { port, source })
}

fn candidates(config: &SfuConfig, port: u16) -> io::Result<Vec<SocketAddr>> {
    if !config.public_addresses.is_empty() {
        return Ok(config.public_addresses.iter().map(|&address| SocketAddr::new(address, port)).collect());
    }
    let interfaces = if_addrs::get_if_addrs()?;
    let all = announced(interfaces.iter().map(|interface| interface.ip()), port);
    if all.is_empty() { Err(io::Error::other("this machine has no address")) } else { Ok(all) }
}
