//! One direction of a path between a client and the worker.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use str0m_netem::{Bitrate, DataSize, Input, Netem, NetemConfig, Output, Probability, RandomLoss};

/// A datagram on its way.
#[derive(Debug, Clone)]
pub struct Datagram {
    /// Where it seems to come from.
    pub source: SocketAddr,
    /// Where it goes.
    pub destination: SocketAddr,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// A datagram in a link.
#[derive(Debug, Clone)]
struct Travelling {
    datagram: Datagram,
    since: Instant,
}

impl AsRef<[u8]> for Travelling {
    fn as_ref(&self) -> &[u8] {
        &self.datagram.bytes
    }
}

/// How a path behaves, in each direction alike.
#[derive(Debug, Clone, Copy, Default)]
pub struct LinkSpec {
    /// One-way delay in milliseconds.
    pub delay_ms: u64,
    /// The delay varies by so many milliseconds either way.
    pub jitter_ms: u64,
    /// Share of lost datagrams.
    pub loss: f32,
    /// Share of doubled datagrams.
    pub doubled: f32,
    /// Every so many-th datagram overtakes the one before; 0 for none.
    pub reorder: u32,
    /// Kilobits per second; 0 for no limit.
    pub kbps: u64,
    /// How much the queue in front of that takes, in milliseconds; 0 for 200.
    pub queue_ms: u64,
}

impl LinkSpec {
    /// 15 ms, and nothing else.
    pub const CLEAN: Self =
        Self { delay_ms: 15, jitter_ms: 0, loss: 0.0, doubled: 0.0, reorder: 0, kbps: 0, queue_ms: 0 };

    fn config(&self, seed: u64, extra: Duration) -> NetemConfig {
        let mut config = NetemConfig::new()
            .latency(Duration::from_millis(self.delay_ms) + extra)
            .jitter(Duration::from_millis(self.jitter_ms))
            .duplicate(Probability::new(self.doubled))
            .seed(seed);
        if self.loss > 0.0 {
            config = config.loss(RandomLoss::new(Probability::new(self.loss)));
        }
        if self.reorder > 0 {
            config = config.reorder_gap(self.reorder);
        }
        if self.kbps > 0 {
            let queue_ms = if self.queue_ms == 0 { 200 } else { self.queue_ms };
            config = config.link(Bitrate::kbps(self.kbps), DataSize::bytes((self.kbps * queue_ms / 8) as i64));
        }
        config
    }

    fn netem(&self, seed: u64, extra: Duration) -> Netem<Travelling> {
        Netem::new(self.config(seed, extra))
    }
}

/// Which datagrams take another way, and that way.
type Detour = (fn(&[u8]) -> bool, Netem<Travelling>);

/// One direction of a path.
pub struct Link {
    spec: LinkSpec,
    seed: u64,
    netem: Netem<Travelling>,
    /// A detour for some datagrams.
    detour: Option<Detour>,
    /// Whether anything enters at all.
    pub up: bool,
    /// Datagrams that entered, or would have.
    pub sent: u64,
    /// Datagrams that came out.
    pub delivered: u64,
    /// Bytes that entered, or would have.
    pub sent_bytes: u64,
    /// The longest that a datagram took that came out since somebody set this to zero.
    pub slowest: Duration,
}

impl Link {
    pub fn new(spec: LinkSpec, seed: u64) -> Self {
        let netem = spec.netem(seed, Duration::ZERO);
        Self {
            spec,
            seed,
            netem,
            detour: None,
            up: true,
            sent: 0,
            delivered: 0,
            sent_bytes: 0,
            slowest: Duration::ZERO,
        }
    }

    /// From now on the datagrams that `which` picks take so much longer.
    pub fn delay_some(&mut self, which: fn(&[u8]) -> bool, extra: Duration) {
        self.detour = Some((which, self.spec.netem(self.seed ^ 1, extra)));
    }

    /// The path behaves in another way from now on; what is on its way stays there.
    pub fn set_spec(&mut self, spec: LinkSpec) {
        self.spec = spec;
        self.netem.set_config(spec.config(self.seed, Duration::ZERO));
    }

    pub fn send(&mut self, now: Instant, datagram: Datagram) {
        self.sent += 1;
        self.sent_bytes += datagram.bytes.len() as u64;
        if !self.up {
            return;
        }
        let travelling = Travelling { datagram, since: now };
        match &mut self.detour {
            Some((which, netem)) if which(travelling.as_ref()) => netem.handle_input(Input::Packet(now, travelling)),
            _ => self.netem.handle_input(Input::Packet(now, travelling)),
        }
    }

    /// When something comes out next.
    pub fn next(&self) -> Option<Instant> {
        let detour = self.detour.as_ref().map(|(_, netem)| netem).filter(|netem| !netem.is_empty());
        let direct = Some(&self.netem).filter(|netem| !netem.is_empty());
        direct.into_iter().chain(detour).map(Netem::poll_timeout).min()
    }

    /// What has come out by now.
    pub fn receive(&mut self, now: Instant) -> Vec<Datagram> {
        let mut out = Vec::new();
        for netem in [Some(&mut self.netem), self.detour.as_mut().map(|(_, netem)| netem)].into_iter().flatten() {
            netem.handle_input(Input::Timeout(now));
            while let Some(output) = netem.poll_output() {
                if let Output::Packet(Travelling { datagram, since }) = output {
                    self.slowest = self.slowest.max(now.saturating_duration_since(since));
                    out.push(datagram);
                }
            }
        }
        self.delivered += out.len() as u64;
        out
    }

    /// Share of datagrams that did not come out.
    pub fn loss(&self) -> f64 {
        1.0 - self.delivered as f64 / self.sent.max(1) as f64
    }
}
