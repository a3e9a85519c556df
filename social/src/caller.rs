//! Who calls: address, scheme and origin of a request.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

/// A request's sender, as the program that listens has found out: it puts this into the request's extensions.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The client's address; it is never told to anybody else.
    pub address: IpAddr,
    /// Whether the client came by https.
    pub is_secure: bool,
    /// Our own origin as the client sees it, from the Host header.
    pub own_origin: Option<String>,
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        // Without an address (a router called directly) everybody is one caller.
        let unknown = || Self { address: Ipv4Addr::UNSPECIFIED.into(), is_secure: false, own_origin: None };
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_else(unknown))
    }
}
