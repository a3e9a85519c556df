//! The server's key, and what it signs.

use std::io;
use std::path::Path;
use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use crate::clock::Moment;
use crate::secrets::{self, SecretError};

/// How long a signature is good; at most a day is allowed (RFC 8292, section 2).
const LIFETIME: Duration = Duration::from_secs(12 * 3600);

/// A key pair by which push services know this server.
#[derive(Debug)]
pub(crate) struct Vapid {
    pair: EcdsaKeyPair,
    public: String,
    /// Whom a push service may ask: this server's address.
    subject: String,
}

impl Vapid {
    /// Reads the key from a file, or makes it when there is none: browsers are subscribed for this one key.
    ///
    /// # Errors
    /// When the file cannot be read or made, is readable by everybody, or is no key.
    pub(crate) fn open(path: &Path, subject: &str) -> Result<Self, SecretError> {
        let broken = || SecretError::Broken(path.to_owned());
        let key = secrets::keep(path, || {
            let made = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).and_then(|pair| pair.to_pkcs8v1());
            made.map(|key| key.as_ref().to_vec()).map_err(io::Error::other)
        })?;
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &key).map_err(|_| broken())?;
        let public = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
        Ok(Self { pair, public, subject: subject.to_owned() })
    }

    /// The public key as browsers take it.
    pub(crate) fn public(&self) -> &str {
        &self.public
    }

    /// The header `Authorization` of a push to this origin.
    pub(super) fn authorize(&self, origin: &str, now: Moment) -> Option<String> {
        let claims = json!({ "aud": origin, "exp": now.millis_after(LIFETIME) / 1000, "sub": self.subject });
        let [head, claims] =
            [json!({ "typ": "JWT", "alg": "ES256" }), claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
        let signed = format!("{head}.{claims}");
        let signature = self.pair.sign(&SystemRandom::new(), signed.as_bytes()).ok()?;
        Some(format!("vapid t={signed}.{}, k={}", URL_SAFE_NO_PAD.encode(signature.as_ref()), self.public))
    }
}
