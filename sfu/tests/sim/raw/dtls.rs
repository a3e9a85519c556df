//! str0m's DTLS, but for a copy of the SRTP keys.

use std::cell::RefCell;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use confab_sfu::core::srtp::{Srtp, SrtpProfile};
use str0m::config::DtlsVersion;
use str0m::crypto::dtls::{
    DtlsCert, DtlsImplError, DtlsInstance, DtlsOutput, DtlsProvider, ProtocolVersion, SrtpProfile as DtlsSrtpProfile,
};
use str0m::crypto::{CryptoError, CryptoProvider, from_feature_flags};

/// Profile and keying material, once the handshake is done.
pub type KeySlot = Arc<OnceLock<(DtlsSrtpProfile, Vec<u8>)>>;

thread_local! {
    /// The slot of the client that is being built.
    static BUILDING: RefCell<KeySlot> = RefCell::default();
}

/// A provider whose next DTLS instance leaves its keys in the slot.
pub fn provider() -> (Arc<CryptoProvider>, KeySlot) {
    let keys = KeySlot::default();
    BUILDING.set(keys.clone());
    let mut provider = from_feature_flags().clone();
    provider.dtls_provider = &Tapped;
    (Arc::new(provider), keys)
}

/// The client's side of SRTP under these keys.
pub fn srtp(keys: &KeySlot) -> Option<Srtp> {
    let (profile, material) = keys.get()?;
    let profile = match *profile {
        DtlsSrtpProfile::AEAD_AES_256_GCM => SrtpProfile::AeadAes256Gcm,
        DtlsSrtpProfile::AEAD_AES_128_GCM => SrtpProfile::AeadAes128Gcm,
        _ => SrtpProfile::Aes128CmSha1_80,
    };
    Some(Srtp::from_dtls(profile, material, false, 10_000).unwrap())
}

#[derive(Debug)]
struct Tapped;

impl DtlsProvider for Tapped {
    fn generate_certificate(&self) -> Option<DtlsCert> {
        from_feature_flags().dtls_provider.generate_certificate()
    }

    fn new_dtls(
        &self,
        certificate: &DtlsCert,
        now: Instant,
        version: DtlsVersion,
        mtu: Option<usize>,
    ) -> Result<Box<dyn DtlsInstance>, CryptoError> {
        let inner = from_feature_flags().dtls_provider.new_dtls(certificate, now, version, mtu)?;
        Ok(Box::new(Tap { inner, keys: BUILDING.with_borrow(KeySlot::clone) }))
    }
}

struct Tap {
    inner: Box<dyn DtlsInstance>,
    keys: KeySlot,
}

impl fmt::Debug for Tap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tap").finish_non_exhaustive()
    }
}

impl DtlsInstance for Tap {
    fn poll_output<'a>(&mut self, buffer: &'a mut [u8]) -> DtlsOutput<'a> {
        let output = self.inner.poll_output(buffer);
        if let DtlsOutput::KeyingMaterial(material, profile) = &output {
            let _ = self.keys.set((*profile, material.to_vec()));
        }
        output
    }

    fn set_active(&mut self, active: bool) {
        self.inner.set_active(active);
    }

    fn handle_packet(&mut self, packet: &[u8]) -> Result<(), DtlsImplError> {
        self.inner.handle_packet(packet)
    }

    fn handle_timeout(&mut self, now: Instant) -> Result<(), DtlsImplError> {
        self.inner.handle_timeout(now)
    }

    fn send_application_data(&mut self, data: &[u8]) -> Result<usize, DtlsImplError> {
        self.inner.send_application_data(data)
    }

    fn is_active(&self) -> bool {
        self.inner.is_active()
    }

    fn protocol_version(&self) -> Option<ProtocolVersion> {
        self.inner.protocol_version()
    }

    fn is_closing(&self) -> bool {
        self.inner.is_closing()
    }

    fn is_closed(&self) -> bool {
        self.inner.is_closed()
    }

    fn close(&mut self) -> Result<(), DtlsImplError> {
        self.inner.close()
    }
}
