//! A synthetic WebRTC client without sockets, clock or threads. It offers, connects (full ICE, DTLS, SRTP: str0m's),
//! sends made-up but valid VP8 and Opus, and watches what its slots receive as closely as a decoder would.
//!
//! The driver owns time and the network: it hands in datagrams and the time, carries out what [`Client::poll`] asks
//! for, and calls [`Client::handle_timeout`] at [`Client::next_timeout`].
//!
//! ```no_run
//! # use confab_bench::client::{Change, Client, ClientConfig, Output};
//! # fn send(_: std::net::SocketAddr, _: &[u8]) {}
//! # fn ask(_: &str) -> String { String::new() }
//! # fn run(local: std::net::SocketAddr, now: std::time::Instant) -> Result<(), Box<dyn std::error::Error>> {
//! let mut client = Client::new(ClientConfig::new(local, 1, now), now)?;
//! let offer = client.offer(now, Change::default())?;
//! client.accept_answer(now, &ask(&offer.sdp))?;
//! while let Some(output) = client.poll() {
//!     if let Output::Transmit { destination, bytes } = output {
//!         send(destination, &bytes);
//!     }
//! }
//! // then, at the returned instant or when a datagram comes:
//! client.handle_timeout(client.next_timeout());
//! # Ok(())
//! # }
//! ```
//!
//! It models a browser where a server can notice: mid and rid extensions until the first receiver report, RTX,
//! transport-cc feedback, a keyframe within a frame of a request but at most one in 300 ms, keyframe requests when
//! decoding is stuck for 200 ms. It does not pace and does not adapt its bitrate.

mod config;
mod decoder;
mod encoder;
mod negotiation;
pub mod payload;
mod receiver;
mod sequence;
mod stats;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use str0m::media::{KeyframeRequest, KeyframeRequestKind, Rid};
use str0m::net::{Protocol, Receive};
use str0m::rtp::{ExtensionValues, RtpWrite};
use str0m::{Candidate, Event, IceConnectionState, Input, Rtc, RtcError};

pub use config::{ClientConfig, PublishSpec, Source};
pub use negotiation::{Change, NegotiationError, Offer};
pub use payload::Stamp;
pub use stats::{
    AudioStats, ClientStats, EncodingStats, PublishStats, RtpStats, SlotStats, Switch, VideoStats, WireStats,
};

use encoder::{Identity, Packet, Publisher};
use negotiation::{Media, Negotiation, payload_type};
use receiver::Receiver;
use sequence::WireWatch;

/// How often NACK counts are brought up to date.
const STATS_INTERVAL: Duration = Duration::from_secs(1);
/// Interval of sender and receiver reports, as browsers have it for video.
const REPORT_INTERVAL: Duration = Duration::from_secs(1);
/// Times that the engine may ask for one more call at the same instant.
const MAX_ROUNDS: usize = 16;
/// Errors that are kept.
const MAX_ERRORS: usize = 20;

/// What the driver has to do or to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Send a datagram from the client's address.
    Transmit {
        /// Where to.
        destination: SocketAddr,
        /// What.
        bytes: Vec<u8>,
    },
    /// ICE and DTLS are done.
    Connected,
    /// ICE lost the server; it may come back.
    Disconnected,
    /// ICE found the server again.
    Reconnected,
    /// The server closed the connection, or the engine failed (see [`ClientStats::errors`]).
    Closed,
}

/// One synthetic client.
pub struct Client {
    config: ClientConfig,
    rtc: Rtc,
    negotiation: Negotiation,
    publishers: Vec<Publisher>,
    receiver: Receiver,
    wire: WireWatch,
    stats: ClientStats,
    outputs: VecDeque<Output>,
    /// When str0m wants to be called.
    engine_timeout: Instant,
    now: Instant,
    lost: bool,
    closed: bool,
}

impl Client {
    /// A client that has not offered anything yet. Fails if the local address cannot be a candidate.
    pub fn new(config: ClientConfig, now: Instant) -> Result<Self, RtcError> {
        let mut rtc = Rtc::builder()
            .set_rtp_mode(true)
            .clear_codecs()
            .enable_vp8(true)
            .enable_opus(true, false)
            .set_stats_interval(Some(STATS_INTERVAL))
            .set_rtcp_report_interval_audio(REPORT_INTERVAL)
            .set_rtcp_report_interval_video(REPORT_INTERVAL)
            .build(now);
        rtc.add_local_candidate(Candidate::host(config.local, "udp")?);
        Ok(Self {
            config,
            rtc,
            negotiation: Negotiation::default(),
            publishers: Vec::new(),
            receiver: Receiver::default(),
            wire: WireWatch::default(),
            stats: ClientStats::default(),
            outputs: VecDeque::new(),
            engine_timeout: now,
            now,
            lost: false,
            closed: false,
        })
    }

    /// Makes an offer: the first one has everything of the configuration, a later one brings the change. An offer
    /// that follows before its forerunner was answered replaces it.
    pub fn offer(&mut self, now: Instant, change: Change) -> Result<Offer, NegotiationError> {
        let Self { publishers, receiver, stats, .. } = self;
        let mut media = Media { publishers, receiver, stats };
        let offer = self.negotiation.offer(&mut self.rtc, &self.config, change, &mut media);
        self.engine_timeout = now;
        self.handle_timeout(now);
        offer
    }

    /// Takes the answer to the last offer in.
    pub fn accept_answer(&mut self, now: Instant, sdp: &str) -> Result<(), NegotiationError> {
        let result = self.negotiation.answer(&mut self.rtc, sdp, &self.receiver);
        self.engine_timeout = now;
        self.handle_timeout(now);
        result
    }

    /// Takes a datagram in.
    pub fn handle_datagram(&mut self, now: Instant, source: SocketAddr, destination: SocketAddr, bytes: &[u8]) {
        self.now = self.now.max(now);
        self.wire.receive(bytes, &mut self.stats.wire);
        match Receive::new(Protocol::Udp, source, destination, bytes) {
            Ok(receive) => self.input(Input::Receive(now, receive)),
            Err(_) => self.stats.wire.malformed += 1,
        }
        self.handle_timeout(now);
    }

    /// Does all that is due: sends media, requests key frames, runs ICE, DTLS and RTCP.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.now = self.now.max(now);
        let sent = self.send_media();
        let asked = self.request_keyframes();
        let mut due = sent || asked || self.engine_timeout <= self.now;
        for _ in 0..MAX_ROUNDS {
            if !std::mem::take(&mut due) {
                return;
            }
            self.input(Input::Timeout(self.now));
            due = self.engine_timeout <= self.now;
        }
        // The engine insists without getting anywhere: the driver must not spin.
        self.engine_timeout = self.now + Duration::from_millis(1);
    }

    /// What the driver has to do next; call it until it gives nothing.
    pub fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to call [`Self::handle_timeout`] at the latest. Never changes but by a call of a `&mut self` function.
    pub fn next_timeout(&self) -> Instant {
        let frames = self.publishers.iter().filter_map(Publisher::next_frame);
        let timers = frames.chain(self.receiver.next_pli());
        timers.fold(self.engine_timeout, Instant::min)
    }

    /// Starts or stops sending the media of a source.
    pub fn set_active(&mut self, source: Source, active: bool) {
        let (now, connected) = (self.now, self.stats.connected.is_some());
        for publisher in self.publishers.iter_mut().filter(|one| one.source() == source) {
            publisher.set_active(active);
            if connected {
                publisher.start(now);
            }
        }
        // Before the first offer there are no publishers yet.
        for spec in self.config.publish.iter_mut().filter(|spec| spec.source == source) {
            spec.active = active;
        }
    }

    /// Starts or stops one encoding of a source, 0 being the lowest: what a client does when the server pauses an
    /// encoding, or a browser that lacks bandwidth.
    pub fn set_encoding_active(&mut self, source: Source, layer: usize, active: bool) {
        for publisher in self.publishers.iter_mut().filter(|one| one.source() == source) {
            publisher.set_encoding_active(layer, active);
        }
    }

    /// Sets the level of a sound's packets in -dBov (0 loudest, 127 silence) and whether it is a voice (RFC 6464).
    pub fn set_audio_level(&mut self, source: Source, level: u8, voice: bool) {
        for publisher in self.publishers.iter_mut().filter(|one| one.source() == source) {
            publisher.set_level(level, voice);
        }
    }

    /// Tells that the server emptied a slot's picture, so that the silence does not count as a freeze.
    pub fn slot_emptied(&mut self, slot: usize) {
        self.receiver.pause(slot);
    }

    /// What the client counted so far.
    pub fn stats(&self) -> &ClientStats {
        &self.stats
    }

    /// The configuration that the client was made with.
    pub fn config(&self) -> &ClientConfig {
        &self.config
    }

    /// Whether the connection is over.
    pub fn is_closed(&self) -> bool {
        self.closed
    }

    /// Closes the connection: poll afterwards for the last datagrams.
    pub fn close(&mut self, now: Instant) {
        self.now = self.now.max(now);
        if let Err(error) = self.rtc.close() {
            self.fail(&error);
        }
        self.drain();
        self.closed = true;
    }

    fn send_media(&mut self) -> bool {
        let identity = Identity { sender: self.config.sender, epoch: self.config.epoch };
        let mut sent = false;
        for (publisher, stats) in self.publishers.iter_mut().zip(&mut self.stats.publish) {
            if publisher.next_frame().is_none_or(|due| due > self.now) {
                continue;
            }
            let packets = publisher.poll(self.now, identity, &mut stats.encodings);
            sent |= !packets.is_empty();
            write(&mut self.rtc, packets, self.now);
        }
        sent
    }

    fn request_keyframes(&mut self) -> bool {
        if self.receiver.next_pli().is_none_or(|due| due > self.now) {
            return false;
        }
        let mids = self.receiver.take_plis(self.now, &mut self.stats);
        for mid in &mids {
            if let Some(stream) = self.rtc.direct_api().stream_rx_by_mid(*mid, None) {
                stream.request_keyframe(KeyframeRequestKind::Pli);
            }
        }
        !mids.is_empty()
    }

    fn input(&mut self, input: Input<'_>) {
        if let Err(error) = self.rtc.handle_input(input) {
            self.fail(&error);
        }
        // In RTP mode str0m holds one received packet at a time: it must go before the next input.
        self.drain();
    }

    fn drain(&mut self) {
        loop {
            match self.rtc.poll_output() {
                Ok(str0m::Output::Transmit(transmit)) => {
                    let bytes = Vec::from(transmit.contents);
                    self.stats.wire.sent += 1;
                    self.stats.wire.sent_bytes += bytes.len() as u64;
                    self.outputs.push_back(Output::Transmit { destination: transmit.destination, bytes });
                }
                Ok(str0m::Output::Event(event)) => self.event(event),
                Ok(str0m::Output::Timeout(at)) => {
                    self.engine_timeout = at;
                    return;
                }
                Err(error) => {
                    self.fail(&error);
                    return;
                }
            }
        }
    }

    fn event(&mut self, event: Event) {
        match event {
            Event::Connected => self.connected(),
            Event::IceConnectionStateChange(state) => self.ice(state),
            Event::KeyframeRequest(request) => self.keyframe_requested(request),
            Event::RtpPacket(packet) => {
                let Self { rtc, receiver, stats, config, .. } = self;
                let mid_of = || rtc.direct_api().stream_rx(&packet.header.ssrc).map(|stream| stream.mid());
                receiver.receive(&packet, mid_of, config.epoch, stats);
            }
            Event::MediaIngressStats(seen) => {
                if let Some(stats) = self.receiver.rtp_stats(seen.mid, &mut self.stats) {
                    stats.nacks = seen.nacks;
                }
            }
            Event::MediaEgressStats(seen) => {
                if let Some(stats) = self.encoding(seen.mid, seen.rid).map(|(_, _, stats)| stats) {
                    stats.nacks = seen.nacks;
                }
            }
            Event::Closed => self.close_output(),
            _ => {}
        }
    }

    fn connected(&mut self) {
        if self.stats.connected.is_some() {
            return;
        }
        self.stats.connected = Some(self.now);
        self.outputs.push_back(Output::Connected);
        for publisher in &mut self.publishers {
            publisher.start(self.now);
        }
    }

    fn ice(&mut self, state: IceConnectionState) {
        if state.is_disconnected() && self.stats.connected.is_some() {
            self.lost = true;
            self.outputs.push_back(Output::Disconnected);
        } else if state.is_connected() && std::mem::take(&mut self.lost) {
            self.outputs.push_back(Output::Reconnected);
        }
    }

    fn keyframe_requested(&mut self, request: KeyframeRequest) {
        let now = self.now;
        let Some((publisher, layer, stats)) = self.encoding(request.mid, request.rid) else { return };
        match request.kind {
            KeyframeRequestKind::Pli => stats.plis += 1,
            KeyframeRequestKind::Fir => stats.firs += 1,
        }
        publisher.request_keyframe(layer, now);
    }

    fn encoding(
        &mut self,
        mid: str0m::media::Mid,
        rid: Option<Rid>,
    ) -> Option<(&mut Publisher, usize, &mut EncodingStats)> {
        let mut publishers = self.publishers.iter_mut().zip(&mut self.stats.publish);
        let (publisher, stats) = publishers.find(|(publisher, _)| publisher.mid == mid)?;
        let layer = publisher.encodings.iter().position(|encoding| encoding.rid == rid)?;
        Some((publisher, layer, stats.encodings.get_mut(layer)?))
    }

    fn fail(&mut self, error: &RtcError) {
        if self.stats.errors.len() < MAX_ERRORS {
            self.stats.errors.push(error.to_string());
        }
        if !self.rtc.is_alive() {
            self.close_output();
        }
    }

    fn close_output(&mut self) {
        if !std::mem::replace(&mut self.closed, true) {
            self.publishers.iter_mut().for_each(|publisher| publisher.set_active(false));
            self.outputs.push_back(Output::Closed);
        }
    }
}

fn write(rtc: &mut Rtc, packets: Vec<Packet>, now: Instant) {
    let Some(payload_type) = packets.first().and_then(|packet| payload_type(rtc, packet.mid)) else { return };
    for packet in packets {
        let mut api = rtc.direct_api();
        let Some(stream) = api.stream_tx_by_mid(packet.mid, packet.rid) else { continue };
        let extensions = ExtensionValues {
            audio_level: packet.level.map(|(level, _)| level),
            voice_activity: packet.level.map(|(_, voice)| voice),
            ..Default::default()
        };
        let rtp = RtpWrite::new(payload_type, packet.sequence.into(), packet.timestamp, now, packet.payload)
            .marker(packet.marker)
            .nackable(packet.level.is_none())
            .ext_vals(extensions);
        stream.write_rtp(rtp);
    }
}
