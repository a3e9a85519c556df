//! TLS by certificate files or by ACME.

use std::sync::Arc;

use anyhow::Context as _;
use confab_signalling::config::{Config, Tls};
use futures_util::StreamExt as _;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls_acme::AcmeConfig;
use rustls_acme::caches::DirCache;
use tokio_rustls::TlsAcceptor;

/// How to identify ourselves, if at all.
pub(crate) async fn acceptor(config: &Config) -> anyhow::Result<Option<TlsAcceptor>> {
    let server = match &config.tls {
        Tls::Off => return Ok(None),
        Tls::Files { certificate, key } => {
            let chain = CertificateDer::pem_file_iter(certificate)
                .and_then(Iterator::collect::<Result<Vec<_>, _>>)
                .with_context(|| format!("cannot read the certificate {}", certificate.display()))?;
            let private = PrivateKeyDer::from_pem_file(key)
                .with_context(|| format!("cannot read the private key {}", key.display()))?;
            let mut server = ServerConfig::builder()
                .with_no_client_auth()
                .with_single_cert(chain, private)
                .context("the certificate and the private key do not go together")?;
            server.alpn_protocols = vec![b"http/1.1".to_vec()];
            server
        }
        Tls::Acme { domains, email, staging } => {
            let folder = config.data_dir.join("acme");
            let mut acme = AcmeConfig::new(domains)
                .contact(email.iter().map(|email| format!("mailto:{email}")))
                .cache(DirCache::new(folder))
                .directory_lets_encrypt(!staging)
                .state();
            let mut server = ServerConfig::builder().with_no_client_auth().with_cert_resolver(acme.resolver());
            // The authority checks the domain by a TLS handshake of its own protocol on the same port.
            server.alpn_protocols = vec![b"http/1.1".to_vec(), b"acme-tls/1".to_vec()];
            tokio::spawn(async move {
                while let Some(event) = acme.next().await {
                    match event {
                        Ok(event) => tracing::info!("certificate: {event:?}"),
                        Err(error) => tracing::error!("certificate: {error}"),
                    }
                }
            });
            server
        }
    };
    Ok(Some(TlsAcceptor::from(Arc::new(server))))
}
