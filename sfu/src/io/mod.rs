//! The thin shell around the core: sockets, threads, the clock and metrics. Every effect lives here.

mod clock;
mod gather;
mod metrics;
mod thread;
mod udp;

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use self::clock::Now;
use self::metrics::SfuCollector;
use self::udp::MediaSocket;
use crate::config::SfuConfig;
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

/// A running SFU: one thread and one UDP port for each worker. The threads end when the last [`SfuHandle`] is gone.
#[derive(Debug)]
pub struct Sfu {
    handle: SfuHandle,
    addresses: Vec<SocketAddr>,
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
            let candidates = candidates(config, socket.port())?;
            addresses.extend_from_slice(&candidates);
            let mut seed = [0; 32];
            aws_lc_rs::rand::fill(&mut seed).map_err(|_| StartError::Randomness)?;
            let now = Now::read();
            let epoch = Epoch { instant: now.instant, wall: now.wall };
            let worker = Worker::new(config.clone(), engine.clone(), candidates, epoch, seed);
            let snapshot = SharedSnapshot::default();
            snapshots.push(snapshot.clone());
            thread::spawn(index, worker, socket, inbox, snapshot)?;
        }
        Ok(Self { handle, addresses, snapshots })
    }

    /// A handle for signalling.
    pub fn handle(&self) -> SfuHandle {
        self.handle.clone()
    }

    /// The addresses that are announced to clients.
    pub fn media_addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// The SFU's metrics, to be registered once.
    pub fn collector(&self) -> Box<dyn prometheus::core::Collector> {
        Box::new(SfuCollector::new(self.snapshots.clone()))
    }
}

fn candidates(config: &SfuConfig, port: u16) -> io::Result<Vec<SocketAddr>> {
    if !config.public_addresses.is_empty() {
        return Ok(config.public_addresses.iter().map(|&address| SocketAddr::new(address, port)).collect());
    }
    let interfaces = if_addrs::get_if_addrs()?;
    let all = announced(interfaces.iter().map(|interface| interface.ip()), port);
    if all.is_empty() { Err(io::Error::other("this machine has no address")) } else { Ok(all) }
}
