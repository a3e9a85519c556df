//! What a packet costs at least on this machine: the kernel's part of sending it, and the encryption. A server's cost
//! is compared with it, since the machine's speed differs from day to day more than two versions of a server do.

use std::net::UdpSocket;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, ensure};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use quinn_udp::{Transmit, UdpSocketState};

use crate::measure::thread_cpu;

/// Datagrams between two looks at the clock, and as many as wait for the receiver at most.
const BURST: usize = 60;
/// Bursts; their median counts.
const BURSTS: usize = 200;
/// The most bytes of a datagram: what Ethernet carries.
pub const MAX_BYTES: usize = 1472;

/// Nanoseconds of one thread's CPU for one datagram.
#[derive(Debug, Clone, Copy)]
pub struct Floor {
    /// The datagram's bytes.
    pub bytes: usize,
    /// `sendto`, one call a datagram.
    pub sendto: f64,
    /// UDP GSO with 4, 10 and 30 datagrams a call; `None` where the system has none.
    pub gso: [Option<f64>; 3],
    /// AES-256-GCM.
    pub seal: f64,
}

impl Floor {
    /// Datagrams a call in [`Self::gso`].
    pub const SEGMENTS: [usize; 3] = [4, 10, 30];

    /// Measures all of it, in about a second, over loopback.
    pub fn measure(bytes: usize) -> Result<Self> {
        let gso = Self::SEGMENTS.map(|segments| gso(bytes, segments));
        let [four, ten, thirty] = gso;
        Ok(Self { bytes, sendto: sendto(bytes)?, gso: [four?, ten?, thirty?], seal: seal(bytes)? })
    }
}

impl std::fmt::Display for Floor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "CPU for one datagram of {} bytes over loopback, ns", self.bytes)?;
        writeln!(f, "{:<34} {:.0}", "sendto", self.sendto)?;
        for (segments, cost) in Self::SEGMENTS.iter().zip(self.gso) {
            let cost = cost.map_or_else(|| "-".to_owned(), |cost| format!("{cost:.0}"));
            writeln!(f, "{:<34} {cost}", format!("GSO, {segments} in a call"))?;
        }
        writeln!(f, "{:<34} {:.0}", "AES-256-GCM seal", self.seal)
    }
}

/// A socket that sends to another one, which is emptied between the measured bursts.
struct Pair {
    sender: UdpSocket,
    receiver: UdpSocket,
    buffer: Vec<u8>,
    arrived: usize,
}

impl Pair {
    fn new() -> Result<Self> {
        let (sender, receiver) = (UdpSocket::bind("127.0.0.1:0")?, UdpSocket::bind("127.0.0.1:0")?);
        sender.connect(receiver.local_addr()?)?;
        sender.set_nonblocking(true)?;
        receiver.set_nonblocking(true)?;
        Ok(Self { sender, receiver, buffer: vec![0; 1 << 16], arrived: 0 })
    }

    fn drain(&mut self) {
        while self.receiver.recv(&mut self.buffer).is_ok() {
            self.arrived += 1;
        }
    }

    /// What does not arrive costs less: then the figure would be worth nothing.
    fn check(mut self, sent: usize) -> Result<()> {
        self.drain();
        ensure!(self.arrived * 10 >= sent * 9, "only {} of {sent} datagrams arrived", self.arrived);
        Ok(())
    }
}

/// Nanoseconds for one `sendto` of a datagram of that size.
pub fn sendto(bytes: usize) -> Result<f64> {
    let mut pair = Pair::new()?;
    let (payload, to) = (vec![7; bytes.min(MAX_BYTES)], pair.receiver.local_addr()?);
    // Not connected: a server sends to many from one socket.
    let sender = UdpSocket::bind("127.0.0.1:0")?;
    let mut costs = Vec::with_capacity(BURSTS);
    for _ in 0..BURSTS {
        let begin = thread_cpu()?;
        for _ in 0..BURST {
            sender.send_to(&payload, to)?;
        }
        costs.push(thread_cpu()? - begin);
        pair.drain();
    }
    pair.check(BURST * BURSTS)?;
    median(costs, BURST)
}

fn gso(bytes: usize, segments: usize) -> Result<Option<f64>> {
    let mut pair = Pair::new()?;
    let state = UdpSocketState::new((&pair.sender).into())?;
    if state.max_gso_segments() < segments {
        return Ok(None);
    }
    let payload = vec![7; bytes.min(MAX_BYTES) * segments];
    let to = pair.receiver.local_addr()?;
    let segment_size = Some(bytes.min(MAX_BYTES));
    let transmit = Transmit { destination: to, ecn: None, contents: &payload, segment_size, src_ip: None };
    let mut costs = Vec::with_capacity(BURSTS);
    for _ in 0..BURSTS {
        let begin = thread_cpu()?;
        for _ in 0..BURST / segments {
            state.try_send((&pair.sender).into(), &transmit).context("sending with GSO")?;
        }
        costs.push(thread_cpu()? - begin);
        pair.drain();
    }
    let in_a_burst = BURST / segments * segments;
    pair.check(in_a_burst * BURSTS)?;
    median(costs, in_a_burst).map(Some)
}

fn seal(bytes: usize) -> Result<f64> {
    let failed = |_| anyhow!("AES-256-GCM failed");
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &[7; 32]).map_err(failed)?);
    let mut payload = vec![7; bytes.min(MAX_BYTES)];
    let mut costs = Vec::with_capacity(BURSTS);
    for burst in 0..BURSTS {
        let begin = thread_cpu()?;
        for number in 0..BURST {
            let mut nonce = [0; NONCE_LEN];
            nonce[..8].copy_from_slice(&((burst * BURST + number) as u64).to_be_bytes());
            let nonce = Nonce::assume_unique_for_key(nonce);
            let _tag = key.seal_in_place_separate_tag(nonce, Aad::from([0; 24]), &mut payload).map_err(failed)?;
        }
        costs.push(thread_cpu()? - begin);
    }
    median(costs, BURST)
}

fn median(mut costs: Vec<Duration>, packets: usize) -> Result<f64> {
    costs.sort_unstable();
    let median = costs.get(costs.len() / 2).context("nothing was measured")?;
    Ok(median.as_nanos() as f64 / packets as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_costs_something_and_arrives() {
        let floor = Floor::measure(1100).unwrap();
        assert!(floor.sendto > 0.0 && floor.seal > 0.0, "{floor}");
        assert!(floor.gso.iter().flatten().all(|cost| *cost > 0.0), "{floor}");
        assert!(floor.to_string().contains("GSO, 10 in a call"));
    }
}
