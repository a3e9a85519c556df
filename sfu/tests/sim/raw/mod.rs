//! A client that does what no browser would: it has the SRTP keys in its own hands and writes every byte itself.

mod dtls;
pub mod payload;
pub mod sdp;

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::time::Instant;

use confab_bench::client::Stamp;
use confab_sfu::control::{Offer, Source};
use confab_sfu::core::feedback::TransportCcRecorder;
use confab_sfu::core::rtp::rtcp::{RtcpPacket, parse_rtcp, write};
use confab_sfu::core::rtp::{ExtensionMap, Extensions, RtpHeader, SeqNo, Ssrc, without_padding};
use confab_sfu::core::srtp::Srtp;
use str0m::net::{Protocol, Receive};
use str0m::{Candidate, IceCreds, Input, Output, Rtc};

use self::dtls::KeySlot;
use self::sdp::{Answer, RawSpec};
use crate::world::WORKER;

/// A packet that arrived.
#[derive(Debug, Clone)]
pub struct Received {
    pub at: Instant,
    pub pt: u8,
    pub ssrc: u32,
    pub seq: u64,
    pub timestamp: u32,
    pub stamp: Option<Stamp>,
    pub payload: Vec<u8>,
}

/// A sender report that arrived.
#[derive(Debug, Clone, Copy)]
pub struct Report {
    pub at: Instant,
    pub ssrc: u32,
    pub ntp: u64,
    pub rtp: u32,
}

/// A header of a packet to be sent.
#[derive(Debug, Clone, Copy)]
pub struct Header<'a> {
    pub pt: u8,
    pub ssrc: u32,
    pub timestamp: u32,
    pub marker: bool,
    /// Header extensions: ids and values.
    pub extensions: &'a [(u8, &'a [u8])],
}

pub struct Raw {
    pub spec: RawSpec,
    pub answer: Answer,
    /// Media that arrived, retransmissions under the numbers that they repair; kept only if `record`.
    pub received: Vec<Received>,
    pub record: bool,
    /// Packets with a transport-wide number that arrived and that nobody was told of.
    arrivals: TransportCcRecorder,
    pub packets: u64,
    pub retransmitted: u64,
    pub reports: Vec<Report>,
    /// Keyframe requests that arrived, by stream.
    pub plis: HashMap<u32, Vec<Instant>>,
    /// Media datagrams that did not decrypt.
    pub undecryptable: u64,
    rtc: Rtc,
    keys: KeySlot,
    srtp: Option<Srtp>,
    out: VecDeque<(SocketAddr, Vec<u8>)>,
    pub local: SocketAddr,
    now: Instant,
    timeout: Instant,
    next_seq: HashMap<u32, u64>,
}

impl Raw {
    pub fn new(local: SocketAddr, now: Instant) -> Self {
        let (provider, keys) = dtls::provider();
        let mut rtc = Rtc::builder().set_rtp_mode(true).clear_codecs().set_crypto_provider(provider).build(now);
        rtc.add_local_candidate(Candidate::host(local, "udp").unwrap());
        let direct = rtc.direct_api();
        let creds = direct.local_ice_credentials();
        let spec = RawSpec {
            ufrag: creds.ufrag,
            pwd: creds.pass,
            fingerprint: direct.local_dtls_fingerprint().to_string(),
            publish: Vec::new(),
            slots: 0,
            audio_slots: 0,
            transport_cc: false,
            remb: false,
            video: sdp::ONLY_VP8,
            audio: sdp::ONLY_OPUS,
        };
        Self {
            spec,
            answer: Answer::default(),
            received: Vec::new(),
            arrivals: TransportCcRecorder::default(),
            record: true,
            packets: 0,
            retransmitted: 0,
            reports: Vec::new(),
            plis: HashMap::new(),
            undecryptable: 0,
            rtc,
            keys,
            srtp: None,
            out: VecDeque::new(),
            local,
            now,
            timeout: now,
            next_seq: HashMap::new(),
        }
    }

    /// A client that only looks on.
    pub fn viewer(local: SocketAddr, now: Instant, slots: usize) -> Self {
        let mut raw = Self::new(local, now);
        raw.spec.slots = slots;
        raw
    }

    /// A client with these sections to publish in.
    pub fn publisher(local: SocketAddr, now: Instant, publish: &[(Source, &'static [&'static str])]) -> Self {
        let mut raw = Self::new(local, now);
        raw.spec.publish = publish.to_vec();
        raw
    }

    pub fn offer(&self) -> Offer {
        self.spec.offer()
    }

    /// Takes the answer to the first offer in, and begins to connect.
    pub fn accept_answer(&mut self, now: Instant, sdp: &str) {
        let first = self.answer.ufrag.is_empty();
        self.answer = Answer::parse(sdp);
        if first {
            let mut direct = self.rtc.direct_api();
            direct.set_ice_controlling(true);
            direct.set_remote_ice_credentials(IceCreds {
                ufrag: self.answer.ufrag.clone(),
                pass: self.answer.pwd.clone(),
            });
            direct.set_remote_fingerprint(self.answer.fingerprint.parse().unwrap());
            direct.start_dtls(true).unwrap();
            self.rtc.add_remote_candidate(Candidate::from_sdp_string(&self.answer.candidate).unwrap());
        }
        self.timeout = now;
    }

    /// The SSRC of the line in the section `mid`.
    pub fn line(&self, mid: &str) -> u32 {
        self.answer.lines.iter().find(|line| line.0 == mid).unwrap().1
    }

    pub fn is_connected(&self) -> bool {
        self.srtp.is_some()
    }

    pub fn next_timeout(&self) -> Instant {
        // What is to be sent is to be sent at once.
        if self.out.is_empty() { self.timeout } else { self.now }
    }

    pub fn handle_timeout(&mut self, now: Instant) {
        self.now = now;
        if self.timeout <= now {
            let _ = self.rtc.handle_input(Input::Timeout(now));
            self.drain(now);
        }
    }

    pub fn handle_datagram(&mut self, now: Instant, source: SocketAddr, bytes: &[u8]) {
        self.now = now;
        if bytes.first().is_some_and(|first| *first >= 128) {
            return self.media(now, bytes);
        }
        let receive = Receive::new(Protocol::Udp, source, self.local, bytes).unwrap();
        let _ = self.rtc.handle_input(Input::Receive(now, receive));
        self.drain(now);
        let _ = self.rtc.handle_input(Input::Timeout(now));
        self.drain(now);
    }

    pub fn poll(&mut self) -> Option<(SocketAddr, Vec<u8>)> {
        self.out.pop_front()
    }

    fn drain(&mut self, now: Instant) {
        loop {
            match self.rtc.poll_output() {
                Ok(Output::Transmit(transmit)) => {
                    // Whatever str0m thinks of media under the same keys is not to be sent.
                    if transmit.contents[0] < 128 {
                        self.out.push_back((transmit.destination, transmit.contents.to_vec()));
                    }
                }
                Ok(Output::Event(_)) => {}
                Ok(Output::Timeout(at)) => {
                    self.timeout = at.max(now + std::time::Duration::from_millis(1));
                    break;
                }
                Err(_) => {
                    self.timeout = now + std::time::Duration::from_secs(3600);
                    break;
                }
            }
        }
        if self.srtp.is_none() {
            self.srtp = dtls::srtp(&self.keys);
        }
    }

    fn media(&mut self, now: Instant, bytes: &[u8]) {
        let Some(srtp) = &mut self.srtp else {
            self.undecryptable += 1;
            return;
        };
        let mut bytes = bytes.to_vec();
        if confab_sfu::core::rtp::is_rtcp(&bytes) {
            match srtp.inbound.unprotect_rtcp(&mut bytes) {
                Ok(plain) => {
                    parse_rtcp(plain, |packet| self.reports.extend(report(now, &packet, &mut self.plis))).unwrap()
                }
                Err(_) => self.undecryptable += 1,
            }
            return;
        }
        let header = RtpHeader::parse(&bytes).unwrap();
        let map = ExtensionMap { transport_cc: sdp::TRANSPORT_CC, ..ExtensionMap::default() };
        let number = Extensions::parse(&header, &bytes, &map).transport_cc;
        let Ok((seq, payload)) = srtp.inbound.unprotect_rtp(&header, &mut bytes) else {
            self.undecryptable += 1;
            return;
        };
        if let Some(number) = number {
            self.arrivals.record(number, now);
        }
        let payload = without_padding(&header, payload).unwrap();
        let (mut ssrc, mut seq, mut payload) = (header.ssrc.0, seq, payload);
        if self.spec.video.iter().any(|codec| header.pt.0 == codec.pt + 1) {
            self.retransmitted += 1;
            let Some((original, rest)) = payload.split_first_chunk::<2>() else { return };
            ssrc = self.answer.lines.iter().find(|line| line.2 == Some(ssrc)).unwrap().1;
            let highest = self.received.iter().rev().find(|packet| packet.ssrc == ssrc).map(|packet| SeqNo(packet.seq));
            (seq, payload) = (SeqNo::extend(highest, u16::from_be_bytes(*original)), rest);
        } else {
            self.packets += 1;
        }
        if self.record {
            let (stamp, timestamp) = (payload::find_stamp(payload), header.timestamp);
            let (pt, seq, payload) = (header.pt.0, seq.0, payload.to_vec());
            self.received.push(Received { at: now, pt, ssrc, seq, timestamp, stamp, payload });
        }
    }

    /// Sends an RTP packet under the stream's next number.
    pub fn send_rtp(&mut self, header: &Header<'_>, payload: &[u8]) {
        let seq = self.next_seq.entry(header.ssrc).or_insert(1000);
        *seq += 1;
        let seq = *seq;
        self.send_rtp_as(seq, header, payload);
    }

    /// How many packets the stream has had.
    pub fn packets_sent(&self, ssrc: u32) -> u32 {
        self.next_seq.get(&ssrc).map_or(0, |seq| (seq - 1000) as u32)
    }

    /// Sends an RTP packet under any number.
    pub fn send_rtp_as(&mut self, seq: u64, header: &Header<'_>, payload: &[u8]) {
        let mut out = vec![0x80, u8::from(header.marker) << 7 | header.pt];
        out.extend_from_slice(&(seq as u16).to_be_bytes());
        out.extend_from_slice(&header.timestamp.to_be_bytes());
        out.extend_from_slice(&header.ssrc.to_be_bytes());
        if !header.extensions.is_empty() {
            out[0] |= 0x10;
            let mut body = Vec::new();
            for (id, value) in header.extensions {
                body.push(id << 4 | (value.len() as u8 - 1));
                body.extend_from_slice(value);
            }
            body.resize(body.len().next_multiple_of(4), 0);
            out.extend_from_slice(&[0xbe, 0xde, 0, (body.len() / 4) as u8]);
            out.extend_from_slice(&body);
        }
        let len = out.len();
        out.extend_from_slice(payload);
        let srtp = self.srtp.as_mut().unwrap();
        srtp.outbound.protect_rtp(Ssrc(header.ssrc), SeqNo(seq), len, 0, &mut out);
        self.out.push_back((WORKER, out));
    }

    /// Sends the next packet of a picture or of sound in the section `mid`.
    pub fn send_media(&mut self, mid: &str, ssrc: u32, timestamp: u32, payload: &[u8], video: bool) {
        let extensions: &[(u8, &[u8])] = &[(sdp::EXT_MID, mid.as_bytes())];
        let pt = if video { sdp::VP8 } else { sdp::OPUS };
        self.send_rtp(&Header { pt, ssrc, timestamp, marker: true, extensions }, payload);
    }

    pub fn send_rtcp(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let mut out = Vec::new();
        write(&mut out);
        self.srtp.as_mut().unwrap().outbound.protect_rtcp(0, &mut out);
        self.out.push_back((WORKER, out));
    }

    /// Tells the truth about what arrived since it did so last, as browsers do every 50 to 100 ms.
    pub fn send_arrivals(&mut self) {
        let mut arrivals = std::mem::take(&mut self.arrivals);
        let mut more = true;
        while more {
            let mut out = Vec::new();
            more = arrivals.take_feedback(Ssrc(1), Ssrc(2), &mut out);
            if more {
                self.send_rtcp(|rtcp| rtcp.extend_from_slice(&out));
            }
        }
        self.arrivals = arrivals;
    }

    pub fn send_pli(&mut self, media: u32) {
        self.send_rtcp(|out| write::pli(out, Ssrc(1), Ssrc(media)));
    }

    pub fn send_nack(&mut self, media: u32, lost: &[u16]) {
        self.send_rtcp(|out| write::nack(out, Ssrc(1), Ssrc(media), lost));
    }
}

fn report(at: Instant, packet: &RtcpPacket, plis: &mut HashMap<u32, Vec<Instant>>) -> Option<Report> {
    match packet {
        RtcpPacket::SenderReport { ssrc, ntp, rtp, .. } => Some(Report { at, ssrc: ssrc.0, ntp: *ntp, rtp: *rtp }),
        RtcpPacket::Pli { media } => {
            plis.entry(media.0).or_default().push(at);
            None
        }
        _ => None,
    }
}
