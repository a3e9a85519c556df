//! One far end of one RTCPeerConnection: its transport, the streams that it sends, the lines in which we send.

mod addresses;
mod budget;
mod flow;
mod inbound;
mod line;
mod pacer;
mod path_checks;
mod paths;
mod requests;
mod sending;

use std::fmt;
use std::time::Instant;

use rand::{Rng, RngExt};

use self::addresses::NewAddresses;
use self::flow::Flow;
pub use self::inbound::{Feedback, Inbound, Media};
pub use self::line::Line;
pub use self::pacer::Queued;
use self::path_checks::PathChecks;
pub use self::sending::ProbePacket;
use super::endpoint::Endpoint;
use super::negotiation::Plan;
use super::outbox::{Outbox, Path, TrainPlace};
use super::rtp::Ssrc;
use super::rtp::rtcp::write;
use super::sdp::{AnswerSection, AnswerTransport, MediaKind, SdpOffer, write_answer};
use super::srtp::Srtp;
use super::stats::{Counters, DropReason};
use super::transport::{Credentials, Engine, Remote, Transport, TransportClosed};
use crate::config::SfuConfig;
use crate::control::{OfferError, PeerState, Sections};
use crate::id::{ParticipantId, PeerKey, RoomKey};

/// What every step of a turn needs: the time, and where its effects go.
pub struct Turn<'a> {
    /// The turn's time.
    pub now: Instant,
    /// NTP time at `now` (32.32 bits since 1900), for sender reports.
    pub ntp: u64,
    /// How long requests for lost packets may wait ([`SfuConfig::tick`]).
    pub repair: std::time::Duration,
    /// The worker's counters.
    pub counters: &'a mut Counters,
    /// The turn's effects.
    pub outbox: &'a mut Outbox,
    /// Peers that want their tick sooner than the worker knows.
    pub wakes: &'a mut Vec<PeerKey>,
}

/// A new peer's surroundings.
pub struct Setup<'a> {
    /// Certificate and DTLS configuration.
    pub engine: &'a Engine,
    /// The addresses to announce.
    pub candidates: &'a [Endpoint],
    /// Limits.
    pub config: &'a SfuConfig,
}

/// See the module's text.
pub struct Peer {
    /// Its key at the worker.
    pub key: PeerKey,
    /// When the worker will tick it, as far as it knows.
    pub alarm: Instant,
    /// Whose peer it is.
    pub participant: ParticipantId,
    /// The room.
    pub room: RoomKey,
    /// Addresses that ICE checks came from, oldest first.
    pub addresses: Vec<Endpoint>,
    /// What the offers have agreed on.
    pub plan: Plan,
    /// The lines in which we send, as in `plan.lines`.
    pub lines: Vec<Line>,
    /// Whether what the slots carry has changed since signalling was last told.
    pub slots_changed: bool,
    /// The state that signalling was last told, if any.
    pub reported: Option<PeerState>,
    /// When the last datagram arrived that the peer surely sent: an ICE check or media that passed authentication.
    pub last_heard: Instant,
    /// The streams that it sends.
    pub inbound: Inbound,
    new_addresses: NewAddresses,
    created: Instant,
    transport: Transport,
    srtp: Option<Srtp>,
    path: Option<Path>,
    path_checks: PathChecks,
    train: TrainPlace,
    /// When the first sender report of any line is due.
    reports_due: Option<Instant>,
    credentials: Credentials,
    /// The far end's user name fragment and password.
    remote: Credentials,
    fingerprint: String,
    session: u64,
    version: u32,
    report_ssrc: Ssrc,
    flow: Flow,
    /// When the next of what waits may have its turn.
    pace_due: Option<Instant>,
    /// How far back the next packet is that a probe repeats.
    probe_turn: u16,
    /// Makes it panic at its next turn, as a bug would.
    #[cfg(test)]
    pub is_broken: bool,
}

impl fmt::Debug for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Peer").field("participant", &self.participant).finish_non_exhaustive()
    }
}

impl Peer {
    /// A peer for a client's first offer.
    ///
    /// # Errors
    /// When the offer has nothing that we can use.
    pub fn new(
        setup: &Setup<'_>,
        now: Instant,
        rng: &mut impl Rng,
        participant: ParticipantId,
        room: RoomKey,
        offer: &SdpOffer,
    ) -> Result<Self, OfferError> {
        let credentials = Credentials::random(rng);
        let remote = Remote { ufrag: &offer.ufrag, pwd: &offer.pwd, fingerprint: &offer.fingerprint };
        let data = offer.media.iter().any(|media| matches!(media.kind, MediaKind::Application));
        let transport = Transport::new(setup.engine, now, setup.candidates, &credentials, remote, data)?;
        Ok(Self {
            key: PeerKey::default(),
            alarm: now,
            participant,
            room,
            addresses: Vec::new(),
            plan: Plan::default(),
            lines: Vec::new(),
            slots_changed: false,
            reported: None,
            last_heard: now,
            inbound: Inbound::default(),
            new_addresses: NewAddresses::new(now),
            created: now,
            transport,
            srtp: None,
            path: None,
            path_checks: PathChecks::new(rng),
            train: TrainPlace::default(),
            reports_due: None,
            credentials,
            remote: Credentials { ufrag: offer.ufrag.clone(), pwd: offer.pwd.clone() },
            fingerprint: offer.fingerprint.clone(),
            session: rng.random::<u64>() >> 2,
            version: 1,
            report_ssrc: Ssrc(rng.random()),
            flow: Flow::new(now),
            pace_due: None,
            probe_turn: 0,
            #[cfg(test)]
            is_broken: false,
        })
    }

    /// Nothing, but in tests that need a bug.
    fn trip(&self) {
        #[cfg(test)]
        assert!(!self.is_broken, "the bug that a test asked for");
    }

    /// Whether an offer is this peer's own: the same DTLS association. Otherwise the client has started over.
    pub fn is_same_client(&self, offer: &SdpOffer) -> bool {
        self.fingerprint == offer.fingerprint
    }

    /// Our user name fragment, by which ICE checks find this peer.
    pub fn ufrag(&self) -> &str {
        &self.credentials.ufrag
    }

    /// Takes an offer, and answers it. New credentials in it restart ICE.
    ///
    /// # Errors
    /// When it contradicts itself or an earlier one; nothing has changed then.
    pub fn negotiate(
        &mut self,
        config: &SfuConfig,
        now: Instant,
        rng: &mut impl Rng,
        offer: &SdpOffer,
        sections: &Sections,
    ) -> Result<String, OfferError> {
        self.trip();
        let plan = self.plan.extend(offer, sections, config)?;
        // Exactly so many: most peers have tens of lines, and never more than at first.
        self.lines.reserve_exact(plan.lines.len().saturating_sub(self.lines.len()));
        for section in plan.lines.iter().skip(self.lines.len()) {
            let ssrcs = fresh_ssrcs(|ssrc| self.sends_under(ssrc), rng);
            self.lines.push(Line::new(section.clone(), ssrcs, now, rng));
        }
        self.plan = plan;
        if self.lines.iter().any(Line::takes_number) {
            self.flow.agree(now);
        }
        if offer.ufrag != self.remote.ufrag {
            self.credentials = Credentials::random(rng);
            self.transport.restart_ice(&self.credentials, &offer.ufrag, &offer.pwd);
            self.remote = Credentials { ufrag: offer.ufrag.clone(), pwd: offer.pwd.clone() };
            self.path_checks.clear();
        }
        self.version += 1;
        Ok(self.answer(offer))
    }

    fn sends_under(&self, ssrc: Ssrc) -> bool {
        ssrc == self.report_ssrc || self.lines.iter().any(|line| line.ssrc == ssrc || line.rtx_ssrc() == Some(ssrc))
    }

    fn answer(&self, offer: &SdpOffer) -> String {
        let transport = AnswerTransport {
            ufrag: &self.credentials.ufrag,
            pwd: &self.credentials.pwd,
            fingerprint: self.transport.fingerprint(),
            candidates: self.transport.candidates(),
            session_id: self.session,
            version: self.version,
        };
        let names = self.line_names();
        let codecs: Vec<_> = offer.media.iter().map(|media| self.plan.payload_types(media.mid)).collect();
        let sections: Vec<AnswerSection<'_>> = offer
            .media
            .iter()
            .zip(&codecs)
            .map(|(media, codecs)| {
                if matches!(media.kind, MediaKind::Application) {
                    return AnswerSection::Data;
                }
                if codecs.is_empty() {
                    return AnswerSection::Inactive;
                }
                let line = self.lines.iter().position(|line| line.section.mid == media.mid);
                match line.map(|place| (&self.lines[place], &names[place])) {
                    Some((line, (stream, track))) => {
                        AnswerSection::Send { codecs, stream, track, ssrc: line.ssrc, rtx: line.rtx_ssrc() }
                    }
                    None => AnswerSection::Receive { codecs },
                }
            })
            .collect();
        write_answer(offer, &transport, &sections)
    }

    /// Stream and track names of each line: the two lines of a slot share a stream, so that browsers keep lip-sync.
    fn line_names(&self) -> Vec<(String, String)> {
        let mut names = vec![(String::new(), String::new()); self.lines.len()];
        for (number, slot) in self.plan.slots.iter().enumerate() {
            names[slot.video] = (format!("slot{number}"), format!("slot{number}-v"));
            names[slot.audio] = (format!("slot{number}"), format!("slot{number}-a"));
        }
        for (number, &line) in self.plan.audio_slots.iter().enumerate() {
            names[line] = (format!("loud{number}"), format!("loud{number}-a"));
        }
        names
    }

    /// Lets time pass for the transport.
    ///
    /// # Errors
    /// When it is closed.
    pub fn handle_timeout(&mut self, turn: &mut Turn<'_>) -> Result<(), TransportClosed> {
        self.transport.handle_timeout(turn.now)?;
        self.drain(turn, None).map(|_| ())
    }

    /// When the transport wants [`Self::handle_timeout`].
    pub fn deadline(&self) -> Instant {
        self.transport.deadline()
    }

    /// When it wants its next tick: the earliest of all that it waits for. A peer with nothing due is not touched until
    /// its silence would be noticed. What becomes due in between wakes it ([`Self::wake_by`]).
    pub fn next_tick(&self, config: &SfuConfig, now: Instant) -> Instant {
        let silence = match self.reported {
            _ if !self.is_connected() => self.created + config.connect_timeout,
            Some(PeerState::Silent) => self.last_heard + config.expiry_timeout,
            _ => self.last_heard + config.silence_timeout,
        };
        let media = self.inbound.next_tick(now, config.tick).into_iter().chain(self.reports_due);
        // Without a path nothing of that can be done.
        let media = media.chain(self.flow.due()).chain(self.pace_due).filter(|_| self.path.is_some());
        let media = media.chain(self.path_checks.deadline());
        media.fold(silence.min(self.transport.deadline()), Instant::min)
    }

    /// Wants its next tick at `at` or before. This is cheap enough for every packet.
    fn wake_by(&mut self, turn: &mut Turn<'_>, at: Instant) {
        if at < self.alarm {
            self.alarm = at;
            turn.wakes.push(self.key);
        }
    }

    /// Takes the SRTP keys into use when the handshake is done. Returns whether it has just been done.
    ///
    /// # Errors
    /// When the keys are unusable.
    pub fn start_media(&mut self, config: &SfuConfig) -> Result<bool, TransportClosed> {
        if self.srtp.is_some() || !self.transport.is_connected() {
            return Ok(false);
        }
        let Some(keys) = self.transport.take_keys() else { return Ok(false) };
        let srtp = Srtp::from_dtls(keys.profile, &keys.material, true, config.max_streams);
        self.srtp = Some(srtp.map_err(|_| TransportClosed)?);
        Ok(true)
    }

    /// Where its media goes, once that is known.
    pub fn remote(&self) -> Option<Endpoint> {
        self.path.map(|path| path.remote)
    }

    /// Whether media can flow.
    pub fn is_connected(&self) -> bool {
        self.srtp.is_some()
    }

    /// The state at `now`, by what was heard last.
    pub fn state(&self, config: &SfuConfig, now: Instant) -> Option<PeerState> {
        let silence = now.saturating_duration_since(self.last_heard);
        if !self.is_connected() {
            let expired = now.saturating_duration_since(self.created) >= config.connect_timeout;
            return expired.then_some(PeerState::Closed);
        }
        Some(match silence {
            _ if silence >= config.expiry_timeout => PeerState::Closed,
            _ if silence >= config.silence_timeout => PeerState::Silent,
            _ => PeerState::Connected,
        })
    }

    /// Takes an RTP datagram that the machine received at `arrived`, decrypting it in place.
    ///
    /// # Errors
    /// Why it was dropped.
    pub fn receive_rtp<'d>(
        &mut self,
        turn: &mut Turn<'_>,
        arrived: Instant,
        datagram: &'d mut [u8],
    ) -> Result<Media<'d>, DropReason> {
        let srtp = self.srtp.as_mut().ok_or(DropReason::NoKeys)?;
        let heard = &mut self.last_heard;
        let media = self.inbound.receive_rtp(turn, arrived, &mut srtp.inbound, &self.plan, heard, datagram);
        if let Some(due) = self.inbound.next_tick(turn.now, turn.repair) {
            self.wake_by(turn, due);
        }
        media
    }

    /// Takes an RTCP datagram, decrypting it in place; what viewers ask for goes to `feedback`.
    ///
    /// # Errors
    /// Why it was dropped.
    pub fn receive_rtcp(
        &mut self,
        turn: &mut Turn<'_>,
        datagram: &mut [u8],
        feedback: &mut Vec<Feedback>,
    ) -> Result<(), DropReason> {
        let srtp = self.srtp.as_mut().ok_or(DropReason::NoKeys)?;
        let (inbound, lines, flow) = (&mut self.inbound, &self.lines, &mut self.flow);
        let received =
            inbound.receive_rtcp(turn, &mut srtp.inbound, lines, flow, &mut self.last_heard, datagram, feedback);
        self.begin_probing(turn);
        received
    }

    /// Asks the publisher for a keyframe of one of its streams.
    pub fn request_keyframe(&mut self, turn: &mut Turn<'_>, media: Ssrc) {
        let sender = self.report_ssrc;
        self.send_rtcp(turn, |out| write::pli(out, sender, media));
        turn.counters.keyframes_requested += 1;
    }

    /// What is due: requests for lost packets, transport-cc feedback, reports.
    pub fn tick(&mut self, turn: &mut Turn<'_>) {
        self.trip();
        self.check_paths(turn);
        self.flow.tick(turn.now);
        self.begin_probing(turn);
        let Some(srtp) = &mut self.srtp else { return };
        let (Some(path), train) = (self.path, &mut self.train) else { return };
        let mut send = |outbox: &mut Outbox, write: &mut dyn FnMut(&mut Vec<u8>)| {
            outbox.datagram(path, train, |out, start| {
                write(out);
                if out.len() > start {
                    srtp.outbound.protect_rtcp(start, out);
                }
            });
        };
        self.inbound.tick(turn, self.report_ssrc, &mut send);
        if self.reports_due.is_none_or(|due| turn.now < due) {
            return;
        }
        self.reports_due = None;
        for line in &mut self.lines {
            if let Some(report) = line.sender_report(turn.now, turn.ntp) {
                send(turn.outbox, &mut |out| report.write(out));
            }
            // One that has just ended its pause tells so with its next packet.
            if line.subscription.current.is_some() && line.report_due() > turn.now {
                self.reports_due = self.reports_due.into_iter().chain([line.report_due()]).min();
            }
        }
    }

    fn send_rtcp(&mut self, turn: &mut Turn<'_>, write: impl FnOnce(&mut Vec<u8>)) {
        let (Some(srtp), Some(path)) = (&mut self.srtp, self.path) else { return };
        turn.outbox.datagram(path, &mut self.train, |out, start| {
            write(out);
            srtp.outbound.protect_rtcp(start, out);
        });
    }
}

/// Two SSRCs that are not `taken`. Two streams of a peer under one SSRC would use up the same nonces.
fn fresh_ssrcs(taken: impl Fn(Ssrc) -> bool, rng: &mut impl Rng) -> [Ssrc; 2] {
    loop {
        let [one, other] = [Ssrc(rng.random()), Ssrc(rng.random())];
        if one != other && !taken(one) && !taken(other) {
            return [one, other];
        }
    }
}

#[cfg(test)]
mod tests;
