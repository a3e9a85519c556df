//! The media port of one worker: batches of datagrams in, datagrams out, through quinn-udp.

use std::io::{self, IoSliceMut};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use quinn_udp::{BATCH_SIZE, RecvMeta, Transmit, UdpSocketState};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::io::Interest;
use tokio::net::UdpSocket;

use super::clock::Now;
use crate::core::endpoint::Endpoint;
use crate::core::outbox::Path;
use crate::core::worker::Arrival;

/// Bytes that the kernel may hold in each direction: about 100 ms of 300 Mbit/s.
const KERNEL_BUFFER: usize = 4 << 20;

/// The largest datagram, or train of datagrams merged by GRO, that one buffer takes.
const BUFFER: usize = 64 * 1024;

/// One worker's UDP port, on IPv6 and IPv4 where the machine has both.
#[derive(Debug)]
pub(super) struct MediaSocket {
    socket: std::net::UdpSocket,
    port: u16,
    dual_stack: bool,
}

impl MediaSocket {
    /// Opens `port`, or any if it is 0.
    pub(super) fn bind(port: u16) -> io::Result<Self> {
        let (socket, dual_stack) = match open(Domain::IPV6, Ipv6Addr::UNSPECIFIED.into(), port) {
            Ok(socket) => (socket, true),
            // A machine without IPv6.
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => return Err(error),
            Err(_) => (open(Domain::IPV4, Ipv4Addr::UNSPECIFIED.into(), port)?, false),
        };
        let socket = std::net::UdpSocket::from(socket);
        let port = socket.local_addr()?.port();
        Ok(Self { socket, port, dual_stack })
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// Ties the socket to the runtime that is entered now.
    pub(super) fn into_async(self) -> io::Result<MediaIo> {
        let socket = UdpSocket::from_std(self.socket)?;
        let state = UdpSocketState::new((&socket).into())?;
        let buffers = vec![vec![0; BUFFER]; BATCH_SIZE];
        Ok(MediaIo { socket, state, buffers, port: self.port, dual_stack: self.dual_stack, longest_train: usize::MAX })
    }
}

fn open(domain: Domain, address: IpAddr, port: u16) -> io::Result<Socket> {
    let socket = Socket::new(domain, Type::DGRAM, Some(Protocol::UDP))?;
    if domain == Domain::IPV6 {
        socket.set_only_v6(false)?;
    }
    socket.set_nonblocking(true)?;
    // The system may grant less; that costs losses under load, not function.
    let _ = socket.set_recv_buffer_size(KERNEL_BUFFER);
    let _ = socket.set_send_buffer_size(KERNEL_BUFFER);
    socket.bind(&SocketAddr::new(address, port).into())?;
    Ok(socket)
}

/// The port in use.
#[derive(Debug)]
pub(super) struct MediaIo {
    socket: UdpSocket,
    state: UdpSocketState,
    buffers: Vec<Vec<u8>>,
    port: u16,
    dual_stack: bool,
    /// Datagrams in one call at most; the kernel may take fewer.
    longest_train: usize,
}

impl MediaIo {
    /// Sends no more than so many datagrams in one call: 1 as on a system without segmentation offload.
    #[cfg(test)]
    fn limit_trains(&mut self, datagrams: usize) {
        self.longest_train = datagrams;
    }

    /// Waits until something may have arrived.
    pub(super) async fn readable(&self) -> io::Result<()> {
        self.socket.readable().await
    }

    /// Takes one batch; `each` gets every datagram. `fallback` is our address where the system does not tell it.
    /// Returns whether there was anything.
    pub(super) fn receive(
        &mut self,
        now: Now,
        fallback: Option<SocketAddr>,
        mut each: impl FnMut(Arrival, &mut [u8]),
    ) -> io::Result<bool> {
        let mut metas = [RecvMeta::default(); BATCH_SIZE];
        let (socket, state) = (&self.socket, &self.state);
        let mut slices: Vec<IoSliceMut<'_>> = self.buffers.iter_mut().map(|buffer| IoSliceMut::new(buffer)).collect();
        let received = socket.try_io(Interest::READABLE, || state.recv(socket.into(), &mut slices, &mut metas));
        let count = match received {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
            Err(error) => return Err(error),
        };
        for (buffer, meta) in self.buffers.iter_mut().zip(&metas[..count]) {
            let local = meta.dst_ip.map(|ip| SocketAddr::new(ip.to_canonical(), self.port));
            let Some(local) = local.or(fallback) else { continue };
            let source = Endpoint::udp(SocketAddr::new(meta.addr.ip().to_canonical(), meta.addr.port()));
            let arrival = Arrival { time: now.at(meta.timestamp), source, local };
            let Some(bytes) = buffer.get_mut(..meta.len) else { continue };
            if bytes.is_empty() {
                // There is nothing to cut into pieces, but it came, and shall be counted.
                each(arrival, bytes);
                continue;
            }
            for datagram in bytes.chunks_mut(meta.stride.max(1)) {
                each(arrival, datagram);
            }
        }
        Ok(count > 0)
    }

    /// Sends a train of datagrams of `segment` bytes each, the last one perhaps shorter; returns how many the kernel
    /// would not take. Where it has no segmentation offload they go one by one.
    pub(super) fn send(&self, path: Path, bytes: &[u8], segment: usize) -> usize {
        let remote = path.remote.address;
        let ip = match remote.ip() {
            IpAddr::V4(ip) if self.dual_stack => ip.to_ipv6_mapped().into(),
            ip => ip,
        };
        let destination = SocketAddr::new(ip, remote.port());
        let (socket, state) = (&self.socket, &self.state);
        let mut refused = 0;
        let mut rest = bytes;
        while !rest.is_empty() {
            // The kernel's answer to the first train may be that it has no offload; so this is asked each time.
            let segments = state.max_gso_segments().min(self.longest_train);
            let (train, more) = rest.split_at(rest.len().min(segment.max(1).saturating_mul(segments)));
            let segment_size = (train.len() > segment).then_some(segment);
            let transmit = Transmit { destination, ecn: None, contents: train, segment_size, src_ip: path.local };
            let sent = socket.try_io(Interest::WRITABLE, || state.try_send(socket.into(), &transmit));
            refused += if sent.is_ok() { 0 } else { train.len().div_ceil(segment.max(1)) };
            rest = more;
        }
        refused
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A train of five datagrams, the last one shorter, sent in calls of at most so many; what arrives.
    async fn arrives(longest_train: usize) -> Vec<Vec<u8>> {
        let mut io = MediaSocket::bind(0).unwrap().into_async().unwrap();
        if longest_train > 0 {
            io.limit_trains(longest_train);
        }
        let receiver = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let train: Vec<u8> = (0..450).map(|place| (place / 100) as u8).collect();
        let path =
            Path { remote: Endpoint::udp(receiver.local_addr().unwrap()), local: Some(Ipv4Addr::LOCALHOST.into()) };
        io.socket.writable().await.unwrap();
        assert_eq!(io.send(path, &train, 100), 0);
        let mut datagrams = Vec::new();
        while datagrams.len() < 5 {
            let mut buffer = [0; 2000];
            let received = tokio::time::timeout(std::time::Duration::from_secs(10), receiver.recv(&mut buffer)).await;
            datagrams.push(buffer[..received.unwrap().unwrap()].to_vec());
        }
        datagrams
    }

    #[tokio::test]
    async fn a_train_arrives_as_its_datagrams_with_and_without_offload() {
        let expected: Vec<Vec<u8>> = (0..5u8).map(|number| vec![number; if number == 4 { 50 } else { 100 }]).collect();
        for longest_train in [0, 1, 2] {
            assert_eq!(arrives(longest_train).await, expected, "{longest_train}");
        }
    }
}
