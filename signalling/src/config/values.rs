//! The kinds of values that settings have beyond what std parses: each from text, with an error that says what is
//! expected.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;
use std::time::Duration;

use axum::http::Uri;
use ipnet::IpNet;
use serde::{Deserialize, Deserializer, de};
use tracing_subscriber::EnvFilter;

use crate::protocol::IceServer;

/// A value that is not of the expected kind: says which kind that is.
#[derive(Debug, thiserror::Error)]
#[error("expected {0}")]
pub struct Expected(&'static str);

/// Lets a file give a value as the same text that a flag takes.
macro_rules! from_text {
    ($($name:ident),*) => {$(
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }
    )*};
}

from_text!(Listen, Url, Origin, Cidr, Span, Server, Filter);

/// Where to listen, or not to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listen {
    /// Here. Port 0 lets the system choose.
    At(SocketAddr),
    /// Nowhere.
    Off,
}

impl FromStr for Listen {
    type Err = Expected;

    fn from_str(text: &str) -> Result<Self, Expected> {
        match text {
            "off" => Ok(Self::Off),
            text => text.parse().map(Self::At).map_err(|_| Expected("an address with a port, or \"off\"")),
        }
    }
}

/// The first TCP port for media, or none.
#[derive(Debug, Clone, Copy)]
pub(super) struct TcpPort(pub(super) Option<u16>);

impl FromStr for TcpPort {
    type Err = Expected;

    fn from_str(text: &str) -> Result<Self, Expected> {
        match text {
            "off" => Ok(Self(None)),
            text => text.parse().map(|port| Self(Some(port))).map_err(|_| Expected("a port, or \"off\"")),
        }
    }
}

impl<'de> Deserialize<'de> for TcpPort {
    /// In a file it is a number, like the other port, or a text.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Given {
            Port(u16),
            Text(String),
        }
        match Given::deserialize(deserializer)? {
            Given::Port(port) => Ok(Self(Some(port))),
            Given::Text(text) => text.parse().map_err(de::Error::custom),
        }
    }
}

/// The base of links: scheme, host and port, no slash at the end.
#[derive(Debug, Clone)]
pub(super) struct Url(pub(super) String);

impl FromStr for Url {
    type Err = Expected;

    fn from_str(text: &str) -> Result<Self, Expected> {
        let base = text.strip_suffix('/').unwrap_or(text);
        is_origin(base).then(|| Self(base.to_owned())).ok_or(Expected("http(s)://host, without a path"))
    }
}

/// A web page's origin, exactly as browsers send it.
#[derive(Debug, Clone)]
pub(super) struct Origin(pub(super) String);

impl FromStr for Origin {
    type Err = Expected;

    fn from_str(text: &str) -> Result<Self, Expected> {
        let expected = Expected("an origin in lower case such as https://meet.example.org, without a path");
        (is_origin(text) && text == text.to_ascii_lowercase()).then(|| Self(text.to_owned())).ok_or(expected)
    }
}

fn is_origin(text: &str) -> bool {
    let Some(authority) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) else {
        return false;
    };
    let uri = text.parse::<Uri>();
    !authority.contains('@') && uri.is_ok_and(|uri| uri.authority().is_some_and(|parsed| parsed == authority))
}

/// An address or a network.
#[derive(Debug, Clone)]
pub(super) struct Cidr(pub(super) IpNet);

impl FromStr for Cidr {
    type Err = Expected;

    fn from_str(text: &str) -> Result<Self, Expected> {
        let net = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        net.map(Self).map_err(|_| Expected("an address or a network such as 10.0.0.0/8"))
    }
}

/// A duration of at least 1 s and at most 10 years.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span(pub(super) Duration);

impl FromStr for Span {
    type Err = Expected;

    fn from_str(text: &str) -> Result<Self, Expected> {
        const MAX_SECONDS: u64 = 10 * 365 * 24 * 3600;
        let units = [('s', 1), ('m', 60), ('h', 3600), ('d', 24 * 3600)];
        units
            .iter()
            .find_map(|(unit, seconds)| text.strip_suffix(*unit)?.parse::<u64>().ok()?.checked_mul(*seconds))
            .filter(|seconds| (1..=MAX_SECONDS).contains(seconds))
            .map(|seconds| Self(Duration::from_secs(seconds)))
            .ok_or(Expected("a duration such as 30s, 10m, 24h or 7d"))
    }
}

/// A STUN or TURN server: `stun:host`, `turn:user:credential@host`.
#[derive(Clone)]
pub(super) struct Server(pub(super) IceServer);

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Server({:?})", self.0.urls)
    }
}

impl FromStr for Server {
    type Err = Expected;

    fn from_str(text: &str) -> Result<Self, Expected> {
        let expected = || Expected("stun:host[:port] or turn:user:credential@host[:port]");
        let (scheme, rest) = text.split_once(':').ok_or_else(expected)?;
        let (account, host) = match rest.rsplit_once('@') {
            Some((account, host)) => (Some(account.split_once(':').ok_or_else(expected)?), host),
            None => (None, rest),
        };
        let needs_account = matches!(scheme, "turn" | "turns");
        let is_stun = matches!(scheme, "stun" | "stuns");
        if host.is_empty() || needs_account != account.is_some() || !(needs_account || is_stun) {
            return Err(expected());
        }
        let (username, credential) = account.map(|(user, secret)| (user.to_owned(), secret.to_owned())).unzip();
        Ok(Self(IceServer { urls: vec![format!("{scheme}:{host}")], username, credential }))
    }
}

/// What is logged.
#[derive(Debug, Clone)]
pub(super) struct Filter(pub(super) String);

impl FromStr for Filter {
    type Err = Expected;

    fn from_str(text: &str) -> Result<Self, Expected> {
        match EnvFilter::builder().parse(text) {
            Ok(_) if !text.trim().is_empty() => Ok(Self(text.to_owned())),
            _ => Err(Expected("a level (error, warn, info, debug, trace) or a list such as info,confab_sfu=debug")),
        }
    }
}
