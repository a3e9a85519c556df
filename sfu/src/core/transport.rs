//! ICE, DTLS and SCTP of one peer, by str0m's DirectApi. The only file that names str0m's `Rtc`.
//!
//! str0m never sees media and never holds the SRTP keys: our DTLS provider takes the keying material out of the
//! handshake and hands str0m random bytes instead, so that nothing it might ever send could reuse a nonce of ours.
//! Its datagrams that are neither STUN nor DTLS are dropped and counted besides ([`DropReason::EngineMedia`]).

use std::cell::RefCell;
use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use str0m::crypto::dtls::{
    DtlsCert, DtlsImplError, DtlsInstance, DtlsOutput, DtlsProvider, KeyingMaterial, ProtocolVersion,
    SrtpProfile as DtlsSrtpProfile,
};
use str0m::crypto::{CryptoError, CryptoProvider, from_feature_flags};
use str0m::net::{Protocol, Receive, Transmit};
use str0m::{Candidate, Event, IceCreds, Input, Output, Rtc};

use super::demux::{Class, classify};
use super::endpoint::{self, Endpoint};
use super::srtp::SrtpProfile;
use super::stats::{Counters, DropReason};
use crate::control::OfferError;

/// The SRTP keys of one handshake, set once when DTLS completes.
type KeySlot = Arc<OnceLock<Keys>>;

thread_local! {
    /// The slot of the transport that is being built: str0m calls [`SharedDtls::new_dtls`] inside its `build`, and
    /// gives no other way to tell it which peer it is for.
    static BUILDING: RefCell<Option<KeySlot>> = const { RefCell::new(None) };
}

/// SRTP keying material as DTLS exports it (RFC 5764 section 4.2,
/// <https://www.rfc-editor.org/rfc/rfc5764#section-4.2>).
pub struct Keys {
    /// The negotiated protection.
    pub profile: SrtpProfile,
    /// client key, server key, client salt, server salt.
    pub material: Vec<u8>,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("profile", &self.profile).finish_non_exhaustive()
    }
}

/// What all transports of a process share: the certificate and one validated DTLS configuration.
#[derive(Debug, Clone)]
pub struct Engine {
    provider: Arc<CryptoProvider>,
    certificate: DtlsCert,
}

/// The engine could not be set up: no certificate or no usable cryptography.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the DTLS engine could not be set up: {0}")]
pub struct EngineError(String);

impl Engine {
    /// A fresh certificate, which lives in memory only, and the shared configuration.
    ///
    /// # Errors
    /// When the cryptography of this build is unusable.
    pub fn new() -> Result<Self, EngineError> {
        Self::with_crypto(from_feature_flags().clone())
    }

    /// The same on other cryptography than this build's own, but for DTLS; tests let it fail.
    ///
    /// # Errors
    /// When it is unusable.
    pub fn with_crypto(mut provider: CryptoProvider) -> Result<Self, EngineError> {
        shared_config().map_err(|error| EngineError(error.to_string()))?;
        let certificate = provider
            .dtls_provider
            .generate_certificate()
            .ok_or_else(|| EngineError("no certificate was generated".into()))?;
        provider.dtls_provider = &SharedDtls;
        Ok(Self { provider: Arc::new(provider), certificate })
    }
}

/// dimpl validates its whole configuration when it is built (about 650 µs), so one serves all peers.
fn shared_config() -> Result<Arc<dimpl::Config>, dimpl::Error> {
    static CONFIG: OnceLock<Arc<dimpl::Config>> = OnceLock::new();
    if let Some(config) = CONFIG.get() {
        return Ok(config.clone());
    }
    // The cookie exchange protects servers that answer anybody; ours answers only after an ICE check that proved
    // the address and the credentials.
    let config = Arc::new(dimpl::Config::builder().use_server_cookie(false).build()?);
    Ok(CONFIG.get_or_init(|| config).clone())
}

#[derive(Debug)]
struct SharedDtls;

impl DtlsProvider for SharedDtls {
    fn generate_certificate(&self) -> Option<DtlsCert> {
        from_feature_flags().dtls_provider.generate_certificate()
    }

    // DTLS 1.3 would settle on AES_CM with Chromium; 1.2 picks AES-GCM. So the version asked for is not looked at.
    fn new_dtls(
        &self,
        certificate: &DtlsCert,
        now: Instant,
        _version: str0m::config::DtlsVersion,
        _mtu: Option<usize>,
    ) -> Result<Box<dyn DtlsInstance>, CryptoError> {
        let config = shared_config().map_err(|error| CryptoError::Other(error.to_string()))?;
        let certificate = dimpl::DtlsCertificate {
            certificate: certificate.certificate.clone(),
            private_key: certificate.private_key.clone(),
        };
        let keys = BUILDING.with_borrow(|slot| slot.clone()).unwrap_or_default();
        Ok(Box::new(KeyTakingDtls { dtls: dimpl::Dtls::new_12(config, certificate, now), keys }))
    }
}

/// DTLS that keeps the SRTP keys for us.
struct KeyTakingDtls {
    dtls: dimpl::Dtls,
    keys: KeySlot,
}

impl fmt::Debug for KeyTakingDtls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyTakingDtls").finish_non_exhaustive()
    }
}

fn profile_of(profile: DtlsSrtpProfile) -> SrtpProfile {
    match profile {
        DtlsSrtpProfile::AEAD_AES_256_GCM => SrtpProfile::AeadAes256Gcm,
        DtlsSrtpProfile::AEAD_AES_128_GCM => SrtpProfile::AeadAes128Gcm,
        _ => SrtpProfile::Aes128CmSha1_80,
    }
}

/// Random bytes in place of the keys. Zeros if there is no randomness: str0m gets no packet to protect either way.
fn decoy(length: usize) -> KeyingMaterial {
    let mut bytes = vec![0; length];
    let _ = aws_lc_rs::rand::fill(&mut bytes);
    KeyingMaterial::new(&bytes)
}

impl DtlsInstance for KeyTakingDtls {
    fn poll_output<'a>(&mut self, buffer: &'a mut [u8]) -> DtlsOutput<'a> {
        match self.dtls.poll_output(buffer) {
            DtlsOutput::KeyingMaterial(material, profile) => {
                let keys = Keys { profile: profile_of(profile), material: material.to_vec() };
                // A second export cannot happen without renegotiation, which dimpl does not do; the first one stays.
                let _ = self.keys.set(keys);
                DtlsOutput::KeyingMaterial(decoy(material.len()), profile)
            }
            output => output,
        }
    }

    fn set_active(&mut self, active: bool) {
        self.dtls.set_active(active);
    }

    fn handle_packet(&mut self, packet: &[u8]) -> Result<(), DtlsImplError> {
        self.dtls.handle_packet(packet)
    }

    fn handle_timeout(&mut self, now: Instant) -> Result<(), DtlsImplError> {
        self.dtls.handle_timeout(now)
    }

    fn send_application_data(&mut self, data: &[u8]) -> Result<usize, DtlsImplError> {
        self.dtls.send_application_data(data)
    }

    fn is_active(&self) -> bool {
        self.dtls.is_active()
    }

    fn protocol_version(&self) -> Option<ProtocolVersion> {
        self.dtls.protocol_version()
    }

    fn is_closing(&self) -> bool {
        self.dtls.is_closing()
    }

    fn is_closed(&self) -> bool {
        self.dtls.is_closed()
    }

    fn close(&mut self) -> Result<(), DtlsImplError> {
        self.dtls.close()
    }
}

/// The far end's part of an offer that ICE and DTLS need.
#[derive(Debug, Clone, Copy)]
pub struct Remote<'a> {
    /// ICE user name fragment.
    pub ufrag: &'a str,
    /// ICE password.
    pub pwd: &'a str,
    /// `sha-256 AB:CD:..` of the certificate that DTLS must present.
    pub fingerprint: &'a str,
}

/// ICE credentials of our side: a user name fragment and a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// User name fragment; the demultiplexer finds the peer by it.
    pub ufrag: String,
    /// Password.
    pub pwd: String,
}

impl Credentials {
    /// Fresh ones: 96 random bits and 144 random bits (RFC 8445 section 5.3 asks for 24 and 128,
    /// <https://www.rfc-editor.org/rfc/rfc8445#section-5.3>).
    pub fn random(rng: &mut impl rand::Rng) -> Self {
        let mut token = |length: usize| -> String {
            use rand::distr::{Alphanumeric, SampleString};
            Alphanumeric.sample_string(rng, length)
        };
        Self { ufrag: token(16), pwd: token(24) }
    }
}

fn protocol(endpoint: Endpoint) -> Protocol {
    match endpoint.protocol {
        endpoint::Protocol::Udp => Protocol::Udp,
        endpoint::Protocol::Tcp => Protocol::Tcp,
    }
}

fn destination(transmit: &Transmit) -> Endpoint {
    match transmit.proto {
        Protocol::Udp => Endpoint::udp(transmit.destination),
        // Its other kinds are for clients of relays.
        Protocol::Tcp | Protocol::SslTcp | Protocol::Tls => Endpoint::tcp(transmit.destination),
    }
}

/// What the engine wants sent, and where to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum To {
    /// Back to this address: an answer to an ICE check.
    Address(Endpoint),
    /// To the peer's validated address, whatever the engine believes it to be.
    Peer,
}

/// The engine failed: the handshake cannot succeed, or the far end closed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the transport is closed")]
pub struct TransportClosed;

/// ICE, DTLS and SCTP of one peer.
pub struct Transport {
    rtc: Rtc,
    keys: KeySlot,
    keys_taken: bool,
    fingerprint: String,
    candidates: Vec<Endpoint>,
    connected: bool,
    deadline: Instant,
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport").field("connected", &self.connected).finish_non_exhaustive()
    }
}

impl Transport {
    /// An ICE-lite, DTLS-passive transport. `candidates` are the addresses that we announce; `data` says whether the
    /// offer has a section for data channels.
    ///
    /// # Errors
    /// [`OfferError::Unsupported`] when a fingerprint or an address is not usable.
    pub fn new(
        engine: &Engine,
        now: Instant,
        candidates: &[Endpoint],
        local: &Credentials,
        remote: Remote<'_>,
        data: bool,
    ) -> Result<Self, OfferError> {
        let keys = KeySlot::default();
        BUILDING.set(Some(keys.clone()));
        let mut rtc = Rtc::builder()
            .set_ice_lite(true)
            .set_rtp_mode(true)
            .clear_codecs()
            .set_crypto_provider(engine.provider.clone())
            .set_dtls_cert(engine.certificate.clone())
            .build(now);
        BUILDING.set(None);
        for endpoint in candidates {
            let candidate = Candidate::host(endpoint.address, protocol(*endpoint));
            let candidate = candidate.map_err(|_| OfferError::Unsupported)?;
            rtc.add_local_candidate(candidate);
        }
        let mut direct = rtc.direct_api();
        direct.set_local_ice_credentials(IceCreds { ufrag: local.ufrag.clone(), pass: local.pwd.clone() });
        direct.set_ice_controlling(false);
        direct.set_remote_ice_credentials(IceCreds { ufrag: remote.ufrag.into(), pass: remote.pwd.into() });
        direct.set_remote_fingerprint(remote.fingerprint.parse().map_err(|_| OfferError::Unsupported)?);
        direct.start_dtls(false).map_err(|_| OfferError::Unsupported)?;
        if data {
            direct.start_sctp(false);
        }
        let fingerprint = direct.local_dtls_fingerprint().to_string();
        let candidates = candidates.to_vec();
        Ok(Self { rtc, keys, keys_taken: false, fingerprint, candidates, connected: false, deadline: now })
    }

    /// Our certificate's fingerprint, as SDP writes it.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The addresses that we announced.
    pub fn candidates(&self) -> &[Endpoint] {
        &self.candidates
    }

    /// New credentials on both sides; checks with the old ones are refused from now on.
    pub fn restart_ice(&mut self, local: &Credentials, ufrag: &str, pwd: &str) {
        let mut direct = self.rtc.direct_api();
        direct.set_local_ice_credentials(IceCreds { ufrag: local.ufrag.clone(), pass: local.pwd.clone() });
        direct.set_remote_ice_credentials(IceCreds { ufrag: ufrag.into(), pass: pwd.into() });
    }

    /// Whether ICE and DTLS are done.
    pub fn is_connected(&self) -> bool {
        self.connected
    }

    /// The SRTP keys, once, when DTLS has completed.
    pub fn take_keys(&mut self) -> Option<&Keys> {
        if self.keys_taken {
            return None;
        }
        let keys = self.keys.get()?;
        self.keys_taken = true;
        Some(keys)
    }

    /// When [`Self::handle_timeout`] is next due.
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Takes a STUN or DTLS datagram that arrived at `destination`.
    ///
    /// # Errors
    /// [`DropReason::Handshake`] when the engine refuses it.
    pub fn handle_datagram(
        &mut self,
        now: Instant,
        source: Endpoint,
        destination: SocketAddr,
        datagram: &[u8],
    ) -> Result<(), DropReason> {
        let destination = Endpoint { address: destination, ..source };
        let destination = self.candidate_for(destination).ok_or(DropReason::Handshake)?.address;
        let contents = datagram.try_into().map_err(|_| DropReason::Malformed)?;
        let receive = Receive { proto: protocol(source), source: source.address, destination, contents };
        self.rtc.handle_input(Input::Receive(now, receive)).map_err(|_| DropReason::Handshake)
    }

    /// Behind a 1:1 NAT a datagram arrives at an address that we did not announce; ICE must see the announced one.
    fn candidate_for(&self, destination: Endpoint) -> Option<Endpoint> {
        let candidates = || self.candidates.iter().filter(|candidate| candidate.protocol == destination.protocol);
        let same_family = |candidate: &&Endpoint| candidate.address.is_ipv4() == destination.address.is_ipv4();
        let exact = candidates().find(|&&candidate| candidate == destination);
        exact.or_else(|| candidates().find(same_family)).or_else(|| candidates().next()).copied()
    }

    /// Lets time pass.
    ///
    /// # Errors
    /// When the engine has failed for good.
    pub fn handle_timeout(&mut self, now: Instant) -> Result<(), TransportClosed> {
        self.rtc.handle_input(Input::Timeout(now)).map_err(|_| TransportClosed)
    }

    /// Drains the engine: every datagram that it wants sent goes to `send`.
    ///
    /// # Errors
    /// When the engine has failed for good or the far end closed DTLS.
    pub fn poll(&mut self, counters: &mut Counters, mut send: impl FnMut(To, &[u8])) -> Result<(), TransportClosed> {
        loop {
            match self.rtc.poll_output().map_err(|_| TransportClosed)? {
                Output::Timeout(deadline) => {
                    self.deadline = deadline;
                    return Ok(());
                }
                Output::Transmit(transmit) => match classify(&transmit.contents) {
                    Some(Class::Stun) => send(To::Address(destination(&transmit)), &transmit.contents),
                    Some(Class::Dtls) => send(To::Peer, &transmit.contents),
                    _ => counters.drop(DropReason::EngineMedia),
                },
                Output::Event(Event::Connected) => self.connected = true,
                Output::Event(Event::Closed) => return Err(TransportClosed),
                Output::Event(_) => {}
            }
        }
    }
}
