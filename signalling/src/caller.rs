//! Who calls: address, scheme and host of a request, and whether the page behind it may call at all.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::{ConnectInfo, Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use confab_social::caller::Caller;
use ipnet::IpNet;

use crate::AppState;
use crate::config::Config;
use crate::error::ApiError;
use crate::protocol::ErrorCode;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Finds out who sent a request.
fn caller(peer: SocketAddr, headers: &HeaderMap, config: &Config) -> Caller {
    let peer = peer.ip().to_canonical();
    let trusts = |address: IpAddr| config.trusted_proxies.iter().any(|net| net.contains(&address));
    let is_proxied = trusts(peer);
    let forwarded_https = || headers.get(FORWARDED_PROTO).is_some_and(|proto| proto == "https");
    let is_secure = config.is_tls() || (is_proxied && forwarded_https());
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).filter(|host| is_authority(host));
    let scheme = if is_secure { "https" } else { "http" };
    Caller {
        address: if is_proxied { forwarded_for(headers, &config.trusted_proxies).unwrap_or(peer) } else { peer },
        is_secure,
        own_origin: host.map(|host| format!("{scheme}://{host}")),
    }
}

/// Whether the page that sent the request may: there is none, or it is ours, or its origin is in the list.
fn is_welcome(caller: &Caller, headers: &HeaderMap, config: &Config) -> bool {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    match (origins.next().map(|origin| origin.to_str()), origins.next()) {
        (None, _) => true,
        (Some(Ok(origin)), None) if config.allowed_origins.is_empty() => caller.own_origin.as_deref() == Some(origin),
        (Some(Ok(origin)), None) => config.allowed_origins.iter().any(|allowed| allowed == origin),
        _ => false,
    }
}

fn is_authority(host: &str) -> bool {
    !host.contains('@') && host.parse::<Authority>().is_ok()
}

/// The last address in the chain that no trusted proxy has: what stands before it, the client may have made up.
fn forwarded_for(headers: &HeaderMap, trusted: &[IpNet]) -> Option<IpAddr> {
    let lines: Vec<_> = headers.get_all(FORWARDED_FOR).iter().filter_map(|line| line.to_str().ok()).collect();
    let hops = lines.iter().rev().flat_map(|line| line.rsplit(','));
    let mut client = None;
    for hop in hops {
        let address = hop.trim().parse::<IpAddr>().ok()?.to_canonical();
        client = Some(address);
        if !trusted.iter().any(|net| net.contains(&address)) {
            break;
        }
    }
    client
}

/// Tells all that follow who calls: they take a [`Caller`].
pub async fn identify(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    // Without an address (a router called directly) everybody is one caller.
    let unknown = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map_or(unknown, |info| info.0);
    let caller = caller(peer, request.headers(), &state.config);
    request.extensions_mut().insert(caller);
    next.run(request).await
}

/// Refuses what pages of other origins send, before anything else looks at it, and tells the browsers of those in the
/// list that they may read the answer (<https://fetch.spec.whatwg.org/#http-cors-protocol>).
pub async fn check_origin(State(state): State<AppState>, caller: Caller, request: Request, next: Next) -> Response {
    if !is_welcome(&caller, request.headers(), &state.config) {
        return ApiError::new(ErrorCode::OriginNotAllowed, "pages of this origin may not connect here").into_response();
    }
    let origin = request.headers().get(header::ORIGIN).cloned();
    let Some(origin) = origin.filter(|_| !state.config.allowed_origins.is_empty()) else {
        return next.run(request).await;
    };
    let mut response = match *request.method() {
        Method::OPTIONS => preflight(),
        _ => next.run(request).await,
    };
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    response.headers_mut().append(header::VARY, HeaderValue::from_static("origin"));
    response
}

/// What a page of a listed origin may send: what the API takes, without cookies.
fn preflight() -> Response {
    let allowed = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "content-type, x-confab"),
        (header::ACCESS_CONTROL_MAX_AGE, "600"),
    ];
    (StatusCode::NO_CONTENT, allowed).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(args: &[&str]) -> Config {
        Config::load(std::iter::once("confab").chain(args.iter().copied()).map(Into::into)).unwrap()
    }

    fn headers(list: &[(&'static str, &str)]) -> HeaderMap {
        list.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect()
    }

    fn called(peer: &str, list: &[(&'static str, &str)], args: &[&str]) -> Caller {
        caller(SocketAddr::new(peer.parse().unwrap(), 1), &headers(list), &config(args))
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        let list = [("x-forwarded-for", "198.51.100.7, 203.0.113.9, 10.0.0.2"), ("x-forwarded-proto", "https")];
        let trusted = ["--trusted-proxy", "10.0.0.0/8"];
        let direct = called("192.0.2.1", &list, &trusted);
        assert_eq!((direct.address, direct.is_secure), (IpAddr::from([192, 0, 2, 1]), false));
        let proxied = called("::ffff:10.0.0.1", &list, &trusted);
        assert_eq!((proxied.address, proxied.is_secure), (IpAddr::from([203, 0, 113, 9]), true));
        assert_eq!(called("10.0.0.1", &[("x-forwarded-for", "junk")], &trusted).address, IpAddr::from([10, 0, 0, 1]));
        assert_eq!(called("10.0.0.1", &list, &[]).address, IpAddr::from([10, 0, 0, 1]));
    }

    #[test]
    fn twenty_forged_origins_are_refused() {
        let forged = [
            "null",
            "",
            "http://evil.example",
            "http://meet.example.org.evil.example",
            "http://evilmeet.example.org:8080",
            "http://sub.meet.example.org:8080",
            "http://example.org:8080",
            "http://meet.example.org",
            "http://meet.example.org:80",
            "http://meet.example.org:8081",
            "http://meet.example.org:80800",
            "https://meet.example.org:8080",
            "ws://meet.example.org:8080",
            "HTTP://meet.example.org:8080",
            "http://Meet.example.org:8080",
            "http://meet.example.org:8080/",
            "http://meet.example.org:8080/path",
            "http://user@meet.example.org:8080",
            "http://meet.example.org:8080 http://evil.example",
            "http://meet.example.org.:8080",
            "file://",
            "meet.example.org:8080",
            "*",
        ];
        assert!(forged.len() >= 20);
        let by_default = config(&[]);
        let by_list = config(&["--allowed-origin", "http://meet.example.org:8080"]);
        let own = called("192.0.2.1", &[("host", "meet.example.org:8080")], &[]);
        for origin in forged {
            for config in [&by_default, &by_list] {
                assert!(!is_welcome(&own, &headers(&[("origin", origin)]), config), "{origin:?}");
            }
        }
        let mut two = headers(&[("origin", "http://meet.example.org:8080")]);
        assert!(is_welcome(&own, &two, &by_default) && is_welcome(&own, &two, &by_list));
        two.append(header::ORIGIN, "http://evil.example".parse().unwrap());
        assert!(!is_welcome(&own, &two, &by_default) && is_welcome(&own, &HeaderMap::new(), &by_list));
        let hostless = called("192.0.2.1", &[], &[]);
        assert!(!is_welcome(&hostless, &headers(&[("origin", "http://meet.example.org:8080")]), &by_default));
    }
}
