//! The kernel's part: the publisher's datagrams come in through a socket, the viewers' go out through it, on loopback.

use std::io::IoSliceMut;
use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use quinn_udp::{BATCH_SIZE, RecvMeta, Transmit, UdpSocketState};

use super::stage::{Packet, Stage, address};
use super::thread_cpu;

/// The server's socket, the publisher's, and one for each viewer.
pub(crate) struct Sockets {
    server: UdpSocket,
    state: UdpSocketState,
    publisher: UdpSocket,
    viewers: Vec<(SocketAddr, UdpSocket)>,
    buffers: Vec<Vec<u8>>,
    longest_train: usize,
}

fn socket() -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port on loopback");
    socket.set_nonblocking(true).expect("a socket that does not block");
    socket
}

impl Sockets {
    /// For so many viewers, with at most so many datagrams a call.
    pub(crate) fn new(viewers: usize, longest_train: usize) -> Self {
        let (server, publisher) = (socket(), socket());
        let state = UdpSocketState::new((&server).into()).expect("a UDP socket");
        publisher.connect(server.local_addr().expect("it is bound")).expect("loopback works");
        let viewers = (1..=viewers).map(|number| (address(number), socket())).collect();
        let buffers = vec![vec![0; 64 << 10]; BATCH_SIZE];
        Self { server, state, publisher, viewers, buffers, longest_train }
    }

    /// Takes packets through the server in bursts. Returns the CPU time of its part alone, and how many datagrams it
    /// sent; the publisher's sending and the viewers' reading are not counted.
    pub(crate) fn forward(&mut self, stage: &mut Stage, packets: &[Packet], burst: usize) -> (Duration, usize) {
        let (mut spent, mut sent) = (Duration::ZERO, 0);
        for packets in packets.chunks(burst) {
            for (_, packet) in packets {
                self.publisher.send(packet).expect("the server's buffer has room");
            }
            let now = packets.last().expect("a burst is not empty").0;
            let begin = thread_cpu();
            let mut received = 0;
            while received < packets.len() {
                received += self.receive(|datagram| stage.receive(now, datagram));
            }
            stage.drain(|remote, bytes, segment| sent += self.send(remote, bytes, segment));
            spent += thread_cpu() - begin;
            self.empty();
        }
        (spent, sent)
    }

    /// One batch; returns how many datagrams it had.
    fn receive(&mut self, mut each: impl FnMut(&mut [u8])) -> usize {
        let mut metas = [RecvMeta::default(); BATCH_SIZE];
        let mut slices: Vec<IoSliceMut<'_>> = self.buffers.iter_mut().map(|buffer| IoSliceMut::new(buffer)).collect();
        let count = self.state.recv((&self.server).into(), &mut slices, &mut metas).expect("what was sent has come");
        let mut received = 0;
        for (buffer, meta) in self.buffers.iter_mut().zip(&metas[..count]) {
            for datagram in buffer[..meta.len].chunks_mut(meta.stride) {
                each(datagram);
                received += 1;
            }
        }
        received
    }

    /// As `io::udp` does it.
    fn send(&self, remote: SocketAddr, bytes: &[u8], segment: usize) -> usize {
        let Some((_, viewer)) = self.viewers.iter().find(|(address, _)| *address == remote) else { return 0 };
        let destination = viewer.local_addr().expect("it is bound");
        for train in bytes.chunks(segment * self.state.max_gso_segments().min(self.longest_train)) {
            let segment_size = (train.len() > segment).then_some(segment);
            let transmit = Transmit { destination, ecn: None, contents: train, segment_size, src_ip: None };
            self.state.try_send((&self.server).into(), &transmit).expect("loopback takes it");
        }
        bytes.len().div_ceil(segment)
    }

    fn empty(&mut self) {
        for (_, viewer) in &self.viewers {
            while viewer.recv(&mut self.buffers[0]).is_ok() {}
        }
    }
}
