//! The media port over TCP, for clients whose network lets no UDP through (RFC 6544,
//! <https://www.rfc-editor.org/rfc/rfc6544>): clients connect, datagrams travel in frames.
//!
//! Each connection is a task of its worker's own thread, so that whatever a client does or fails to do with its
//! connection holds up nobody but itself. The worker's loop takes datagrams from one bounded queue, in which waiting
//! connections take turns, and never waits for a connection when it sends.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use socket2::{Domain, Protocol, SockRef, Socket, Type};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::{self, JoinSet};
use tokio::time::{timeout, timeout_at};

use super::clock::Now;
use crate::core::framing::{self, FrameReader};

/// How long a connection may take to its first genuine ICE check. Browsers send one as soon as they are connected;
/// longer serves those who only want to occupy a place.
const PROOF_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a connection may bring no datagram: as long as a peer may be silent. Browsers send a check every 2.5 s.
const SILENCE_TIMEOUT: Duration = Duration::from_secs(45);

/// How long one write may take: a client that reads nothing for so long is gone.
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);

/// What may wait for one connection, besides what the kernel holds. At 4 Mbit/s this is 2 s of media, more than which
/// nobody wants to see late; what comes on top is dropped, and is repaired like any other loss.
const MAX_WAITING_BYTES: usize = 1 << 20;
const MAX_WAITING_DATAGRAMS: usize = 500;

/// Bytes that the kernel may hold for one connection; its own choice would be megabytes, all of them late.
const KERNEL_BUFFER: usize = 256 * 1024;

/// Events that wait for the worker's loop; connections then wait to read on.
const EVENT_QUEUE: usize = 1024;

/// Connections that wait to be accepted.
const BACKLOG: i32 = 256;

/// Pause after the system could not accept: there are no descriptors, and trying again at once would only burn time.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Limits of one worker's port.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Connections in all.
    pub(super) connections: usize,
    /// Connections of one network: an IPv4 address, or an IPv6 network of 64 bits.
    pub(super) by_network: usize,
    /// Bytes of a datagram.
    pub(super) max_datagram: usize,
}

/// Something that a connection did.
#[derive(Debug)]
pub(super) struct StreamEvent {
    pub(super) remote: SocketAddr,
    pub(super) local: SocketAddr,
    pub(super) at: Instant,
    pub(super) what: What,
}

#[derive(Debug)]
pub(super) enum What {
    /// It is there, and takes datagrams.
    Opened(Writer),
    /// It brought a datagram.
    Datagram(Vec<u8>),
    /// It is gone.
    Closed,
}

/// One worker's TCP port.
#[derive(Debug)]
pub(super) struct MediaListener {
    listener: std::net::TcpListener,
    port: u16,
}

impl MediaListener {
    /// Opens `port`, or any if it is 0.
    pub(super) fn bind(port: u16) -> io::Result<Self> {
        let listener = match open(Domain::IPV6, Ipv6Addr::UNSPECIFIED.into(), port) {
            Ok(socket) => socket,
            // A machine without IPv6.
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => return Err(error),
            Err(_) => open(Domain::IPV4, Ipv4Addr::UNSPECIFIED.into(), port)?,
        };
        let listener = std::net::TcpListener::from(listener);
        let port = listener.local_addr()?.port();
        Ok(Self { listener, port })
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }
}

fn open(domain: Domain, address: IpAddr, port: u16) -> io::Result<Socket> {
    let socket = Socket::new(domain, Type::STREAM, Some(Protocol::TCP))?;
    if domain == Domain::IPV6 {
        socket.set_only_v6(false)?;
    }
    socket.set_nonblocking(true)?;
    // A server that starts again must not wait for its old connections to be forgotten.
    socket.set_reuse_address(true)?;
    // Connections inherit it.
    let _ = socket.set_send_buffer_size(KERNEL_BUFFER);
    socket.bind(&SocketAddr::new(address, port).into())?;
    socket.listen(BACKLOG)?;
    Ok(socket)
}

/// The port in use, and its connections.
#[derive(Debug)]
pub(super) struct StreamIo {
    events: mpsc::Receiver<StreamEvent>,
    /// Keeps the queue open where there is no port.
    _sender: mpsc::Sender<StreamEvent>,
    writers: HashMap<SocketAddr, Writer>,
}

impl StreamIo {
    /// Accepts connections in the runtime that is entered now. Without a port there are never any.
    pub(super) fn start(port: Option<MediaListener>, limits: Limits) -> io::Result<Self> {
        let (sender, events) = mpsc::channel(EVENT_QUEUE);
        if let Some(port) = port {
            let listener = TcpListener::from_std(port.listener)?;
            task::spawn(accept(listener, limits, sender.clone()));
        }
        Ok(Self { events, _sender: sender, writers: HashMap::new() })
    }

    /// Waits for the next datagram or end of a connection.
    pub(super) async fn next(&mut self) -> Option<StreamEvent> {
        let event = self.events.recv().await?;
        Some(self.note(event))
    }

    /// The next one, if there is one already.
    pub(super) fn try_next(&mut self) -> Option<StreamEvent> {
        let event = self.events.try_recv().ok()?;
        Some(self.note(event))
    }

    fn note(&mut self, event: StreamEvent) -> StreamEvent {
        match &event.what {
            What::Opened(writer) => {
                self.writers.insert(event.remote, writer.clone());
            }
            What::Datagram(_) => {}
            What::Closed => {
                self.writers.remove(&event.remote);
            }
        }
        event
    }

    /// Queues datagrams of `segment` bytes each, the last one perhaps shorter; returns how many were dropped.
    pub(super) fn send(&self, remote: SocketAddr, bytes: &[u8], segment: usize) -> usize {
        let count = bytes.len().div_ceil(segment.max(1));
        match self.writers.get(&remote) {
            Some(writer) if writer.send(bytes, segment, count) => 0,
            _ => count,
        }
    }
}

/// Frames that wait together.
#[derive(Debug)]
struct Frames {
    bytes: Vec<u8>,
    datagrams: usize,
}

/// What waits for a connection.
#[derive(Debug, Default)]
struct Waiting {
    bytes: AtomicUsize,
    datagrams: AtomicUsize,
    /// Whether anything was ever sent. Nothing is, before a genuine check has come.
    proved: AtomicBool,
}

/// The worker's end of a connection.
#[derive(Debug, Clone)]
pub(super) struct Writer {
    frames: mpsc::UnboundedSender<Frames>,
    waiting: Arc<Waiting>,
}

impl Writer {
    /// Queues datagrams, if there is room for all of them.
    fn send(&self, bytes: &[u8], segment: usize, datagrams: usize) -> bool {
        let length = bytes.len() + 2 * datagrams;
        // One thread does all of this, so that nothing changes in between.
        let waiting = &self.waiting;
        let fits = waiting.bytes.load(Ordering::Relaxed) + length <= MAX_WAITING_BYTES
            && waiting.datagrams.load(Ordering::Relaxed) + datagrams <= MAX_WAITING_DATAGRAMS;
        if !fits {
            return false;
        }
        let mut frames = Frames { bytes: Vec::with_capacity(length), datagrams };
        bytes.chunks(segment.max(1)).for_each(|datagram| framing::append(&mut frames.bytes, datagram));
        waiting.bytes.fetch_add(length, Ordering::Relaxed);
        waiting.datagrams.fetch_add(datagrams, Ordering::Relaxed);
        waiting.proved.store(true, Ordering::Relaxed);
        self.frames.send(frames).is_ok()
    }
}

/// Accepts connections within the limits, for as long as the worker lives.
async fn accept(listener: TcpListener, limits: Limits, events: mpsc::Sender<StreamEvent>) {
    let mut connections = JoinSet::new();
    let mut remotes: HashMap<task::Id, SocketAddr> = HashMap::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, remote)) = accepted else {
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                };
                let remote = canonical(remote);
                let of_network = remotes.values().filter(|known| network(known.ip()) == network(remote.ip())).count();
                // One far end may connect to several of our addresses, but its answers could not be told apart.
                let is_there = remotes.values().any(|known| *known == remote);
                if connections.len() >= limits.connections || of_network >= limits.by_network || is_there {
                    continue;
                }
                let Ok(local) = stream.local_addr() else { continue };
                let task = connections.spawn(serve(stream, remote, canonical(local), limits, events.clone()));
                remotes.insert(task.id(), remote);
            }
            Some(ended) = connections.join_next_with_id() => {
                let id = ended.map_or_else(|error| error.id(), |(id, ())| id);
                remotes.remove(&id);
            }
        }
    }
}

/// One connection, from its start to its end.
async fn serve(
    stream: TcpStream,
    remote: SocketAddr,
    local: SocketAddr,
    limits: Limits,
    events: mpsc::Sender<StreamEvent>,
) {
    // Small packets must not wait for more.
    let _ = stream.set_nodelay(true);
    let _ = SockRef::from(&stream).set_keepalive(true);
    let (mut read, mut write) = stream.into_split();
    let (sender, mut frames) = mpsc::unbounded_channel::<Frames>();
    let waiting = Arc::new(Waiting::default());
    let writer = Writer { frames: sender, waiting: waiting.clone() };
    let tell = |what| events.send(StreamEvent { remote, local, at: Now::read().instant, what });
    if tell(What::Opened(writer)).await.is_err() {
        return;
    }
    let reading = async {
        let mut reader = FrameReader::new(limits.max_datagram);
        let opened = Now::read().instant;
        let mut heard = opened;
        loop {
            let proved = waiting.proved.load(Ordering::Relaxed);
            let deadline = if proved { heard + SILENCE_TIMEOUT } else { opened + PROOF_TIMEOUT };
            match timeout_at(deadline.into(), read.read(reader.space())).await {
                Ok(Ok(bytes @ 1..)) => reader.advance(bytes),
                Ok(_) => return,
                // The proof may have come just now, which gives more time.
                Err(_) if !proved && waiting.proved.load(Ordering::Relaxed) => continue,
                Err(_) => return,
            }
            loop {
                let Ok(datagram) = reader.next_datagram().map(|found| found.map(|datagram| datagram.to_vec())) else {
                    return;
                };
                let Some(datagram) = datagram else { break };
                heard = Now::read().instant;
                if tell(What::Datagram(datagram)).await.is_err() {
                    return;
                }
            }
        }
    };
    let writing = async {
        while let Some(train) = frames.recv().await {
            let written = timeout(WRITE_TIMEOUT, write.write_all(&train.bytes)).await;
            waiting.bytes.fetch_sub(train.bytes.len(), Ordering::Relaxed);
            waiting.datagrams.fetch_sub(train.datagrams, Ordering::Relaxed);
            if !matches!(written, Ok(Ok(()))) {
                return;
            }
        }
    };
    tokio::select! {
        () = reading => {}
        () = writing => {}
    }
    let _ = tell(What::Closed).await;
}

fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

/// What counts as one client: an address, or the network of 64 bits that one IPv6 subscriber has at least.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_for_a_client_that_does_not_read_is_bounded() {
        for (length, most) in [(100, MAX_WAITING_DATAGRAMS), (1500, MAX_WAITING_DATAGRAMS), (4000, 262)] {
            let (frames, mut taken) = mpsc::unbounded_channel();
            let writer = Writer { frames, waiting: Arc::default() };
            let sent = (0..2000).filter(|_| writer.send(&vec![7; length], length, 1)).count();
            assert_eq!(sent, most, "{length}");
            let waiting: usize = std::iter::from_fn(|| taken.try_recv().ok()).map(|train| train.bytes.len()).sum();
            assert_eq!(waiting, writer.waiting.bytes.load(Ordering::Relaxed));
            assert!(waiting <= MAX_WAITING_BYTES);
        }
    }

    #[test]
    fn a_train_becomes_frames() {
        let (frames, mut taken) = mpsc::unbounded_channel();
        let writer = Writer { frames, waiting: Arc::default() };
        assert!(writer.send(&[1, 1, 1, 2, 2], 3, 2));
        assert_eq!(taken.try_recv().unwrap().bytes, [0, 3, 1, 1, 1, 0, 2, 2, 2]);
    }

    #[test]
    fn one_subscriber_of_ipv6_counts_once() {
        let network = |text: &str| network(text.parse().unwrap());
        assert_eq!(network("2001:db8:1:2::3"), network("2001:db8:1:2:ffff::4"));
        assert_ne!(network("2001:db8:1:2::3"), network("2001:db8:1:3::3"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
    }
}
