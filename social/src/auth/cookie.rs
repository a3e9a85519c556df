//! The session's cookie (<https://www.rfc-editor.org/rfc/rfc6265>, prefixes by
//! <https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis#name-cookie-name-prefixes>).

use axum::http::{HeaderMap, HeaderValue, header};

use crate::caller::Caller;
use crate::limits::SESSION_LIFETIME;
use crate::secrets::Secret;

/// Over http a browser takes no `__Host-` cookie; over https no other is good enough.
fn name(caller: &Caller) -> &'static str {
    if caller.is_secure { "__Host-confab_session" } else { "confab_session" }
}

/// The token of the request's cookie. Two such cookies are none: one of them was planted.
pub(crate) fn token<'h>(headers: &'h HeaderMap, caller: &Caller) -> Option<&'h str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let mut tokens = pairs.filter(|(key, _)| *key == name(caller)).map(|(_, token)| token);
    match (tokens.next(), tokens.next()) {
        (Some(token), None) if !token.is_empty() => Some(token),
        _ => None,
    }
}

/// The header that hands out a token.
pub(crate) fn give(token: &Secret, caller: &Caller) -> HeaderValue {
    build(token.expose(), SESSION_LIFETIME.as_secs(), caller)
}

/// The header that takes the cookie back.
pub(crate) fn take(caller: &Caller) -> HeaderValue {
    build("", 0, caller)
}

fn build(token: &str, seconds: u64, caller: &Caller) -> HeaderValue {
    let secure = if caller.is_secure { "; Secure" } else { "" };
    let text = format!("{}={token}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}", name(caller));
    // Names and tokens are letters, digits, `-` and `_`.
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn caller(is_secure: bool) -> Caller {
        Caller { address: Ipv4Addr::LOCALHOST.into(), is_secure, own_origin: None }
    }

    fn headers(lines: &[&str]) -> HeaderMap {
        lines.iter().map(|line| (header::COOKIE, line.parse().unwrap())).collect()
    }

    #[test]
    fn only_the_one_cookie_of_this_scheme_counts() {
        let found = |lines: &[&str], is_secure| token(&headers(lines), &caller(is_secure)).map(str::to_owned);
        assert_eq!(found(&["a=b; confab_session=x; c=d"], false).as_deref(), Some("x"));
        assert_eq!(found(&["__Host-confab_session=x"], true).as_deref(), Some("x"));
        assert_eq!(found(&["confab_session=x"], true), None, "a page over http may have planted it");
        assert_eq!(found(&["confab_session=x", "confab_session=y"], false), None);
        assert_eq!(found(&["confab_session="], false), None);
        assert_eq!(found(&[], false), None);
    }

    #[test]
    fn cookies_are_out_of_reach_of_scripts_and_other_sites() {
        let given = build("t", 5, &caller(true));
        assert_eq!(given, "__Host-confab_session=t; Path=/; Max-Age=5; HttpOnly; SameSite=Lax; Secure");
        assert_eq!(take(&caller(false)), "confab_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
    }
}
