//! One push: one request over one connection to an address that was looked at before.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};
use url::Host;

use super::address::{self, Endpoint};
use crate::limits::{MAX_PUSH_ANSWER, PUSH_LIFETIME, PUSH_TIMEOUT};
use crate::state::Social;

/// What became of a push.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The push service has taken it.
    Taken,
    /// There is no such subscription any more.
    Gone,
    /// It was refused for good.
    Refused,
    /// It may work later.
    Failed,
}

/// Why no answer came.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("{0}")]
    Io(#[from] std::io::Error),
    #[error("{0}")]
    Http(#[from] hyper::Error),
    #[error("{0}")]
    Request(#[from] axum::http::Error),
    #[error("{0}")]
    Tls(#[from] tokio_rustls::rustls::Error),
    #[error("the address leads into this server's network")]
    Forbidden,
    #[error("it cannot be signed")]
    Unsigned,
}

/// Wakes one browser. Redirects are not followed, and no more is read of an answer than its head.
pub(super) async fn push(social: &Social, endpoint: &Endpoint) -> Outcome {
    let answer = match timeout(PUSH_TIMEOUT, ask(social, endpoint)).await {
        Ok(Ok(status)) => status,
        Ok(Err(Failure::Forbidden)) => return Outcome::Gone,
        Ok(Err(error)) => {
            tracing::debug!("a push service does not answer: {error}");
            return Outcome::Failed;
        }
        Err(_) => return Outcome::Failed,
    };
    match answer {
        status if status.is_success() => Outcome::Taken,
        StatusCode::NOT_FOUND | StatusCode::GONE => Outcome::Gone,
        StatusCode::TOO_MANY_REQUESTS => Outcome::Failed,
        status if status.is_server_error() => Outcome::Failed,
        _ => Outcome::Refused,
    }
}

async fn ask(social: &Social, endpoint: &Endpoint) -> Result<StatusCode, Failure> {
    let url = endpoint.url();
    let origin = url.origin().ascii_serialization();
    let authorization = social.vapid.authorize(&origin, social.clock.now()).ok_or(Failure::Unsigned)?;
    let authority = url.authority().to_owned();
    let path = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    let request = Request::builder()
        .method(Method::POST)
        .uri(path)
        .header(header::HOST, authority)
        .header(header::AUTHORIZATION, authorization)
        .header(header::CONTENT_LENGTH, "0")
        .header("ttl", PUSH_LIFETIME.as_secs())
        .header("urgency", "normal")
        // Of several that wait for a browser that is off, the last one replaces the others.
        .header("topic", "notifications")
        .body(Body::empty())?;
    let stream = TcpStream::connect(&*resolve(social, endpoint).await?).await?;
    if url.scheme() == "http" {
        return send(stream, request).await;
    }
    let name = ServerName::try_from(url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned());
    let name = name.map_err(|_| Failure::Forbidden)?;
    send(tls()?.connect(name, stream).await?, request).await
}

/// The addresses behind a name that may be reached. The connection goes to one of these, so that the name cannot lead
/// elsewhere when it is asked for again.
async fn resolve(social: &Social, endpoint: &Endpoint) -> Result<Vec<SocketAddr>, Failure> {
    let url = endpoint.url();
    let port = url.port_or_known_default().unwrap_or(443);
    let found: Vec<SocketAddr> = match url.host().ok_or(Failure::Forbidden)? {
        Host::Ipv4(address) => vec![(address, port).into()],
        Host::Ipv6(address) => vec![(address, port).into()],
        Host::Domain(name) => lookup_host((name, port)).await?.collect(),
    };
    let found: Vec<_> =
        found.into_iter().filter(|found| address::may_reach(found.ip(), social.config.development)).collect();
    if found.is_empty() { Err(Failure::Forbidden) } else { Ok(found) }
}

fn tls() -> Result<TlsConnector, Failure> {
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let config = ClientConfig::builder_with_provider(Arc::new(crypto::aws_lc_rs::default_provider()));
    let config = config.with_safe_default_protocol_versions()?.with_root_certificates(roots).with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

async fn send(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    request: Request<Body>,
) -> Result<StatusCode, Failure> {
    let (mut sender, connection) =
        http1::Builder::new().max_buf_size(MAX_PUSH_ANSWER).handshake(TokioIo::new(stream)).await?;
    tokio::pin!(connection);
    tokio::select! {
        answer = sender.send_request(request) => Ok(answer?.status()),
        ended = &mut connection => {
            ended?;
            Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into())
        }
    }
}
